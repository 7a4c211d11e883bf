"""Bringing a database to the schema of this version: locked, backed up, checked, or put back as it was."""

import logging
import os
import sqlite3
from pathlib import Path

from filelock import FileLock
from sqlite_utils import Migrations

from liendea_assets.core.errors import SettingsError
from liendea_assets.db import (
    schema_backlog,
    schema_budgets,
    schema_call_days,
    schema_decisions,
    schema_desk,
    schema_email_status,
    schema_limits,
    schema_m002,
    schema_metrics,
    schema_misses,
    schema_network,
    schema_outreach,
    schema_providers,
    schema_scores,
    schema_targets,
)
from liendea_assets.db.connection import BUSY_TIMEOUT_MS, Database, lock_path, open_database
from liendea_assets.db.schema import TABLES

log = logging.getLogger(__name__)

migrations = Migrations("liendea")

# Longer than any migration should take; a second process waits for the first one's migration.
LOCK_TIMEOUT_S = 600


@migrations()
def m001_first_schema(db: Database) -> None:
    """The tables of version 0.1."""
    for statement in TABLES:
        db.conn.execute(statement)


@migrations()
def m002_undoable_imports(db: Database) -> None:
    """Versions of files, reasons for companies, anchors of ids, decisions about merges."""
    for statement in schema_m002.STATEMENTS:
        db.conn.execute(statement)


@migrations()
def m003_network(db: Database) -> None:
    """What exports tell of each tie, ties that come and go, differences between exports."""
    for statement in schema_network.STATEMENTS:
        db.conn.execute(statement)


@migrations()
def m004_decision_files(db: Database) -> None:
    """What each file of decisions says."""
    for statement in schema_decisions.STATEMENTS:
        db.conn.execute(statement)


@migrations()
def m005_limits(db: Database) -> None:
    """The ledger of calls on a clock that nobody sets, circuit breakers, limits learnt from servers."""
    for statement in schema_limits.STATEMENTS:
        db.conn.execute(statement)


@migrations()
def m006_providers(db: Database) -> None:
    """Hashes of rejected answers, and jobs that providers work on."""
    for statement in schema_providers.STATEMENTS:
        db.conn.execute(statement)


@migrations()
def m007_email_status(db: Database) -> None:
    """Whether mail to an address arrives, as providers say."""
    for statement in schema_email_status.STATEMENTS:
        db.conn.execute(statement)


@migrations()
def m008_budgets(db: Database) -> None:
    """What calls may cost, and did cost."""
    for statement in schema_budgets.STATEMENTS:
        db.conn.execute(statement)


@migrations()
def m009_scores(db: Database) -> None:
    """Scores as named parts, versions of the scoring config, whose inputs changed, accounts."""
    for statement in schema_scores.STATEMENTS:
        db.conn.execute(statement)


@migrations()
def m010_call_days(db: Database) -> None:
    """Calls by who pays for them, also where several share a service's limits."""
    for statement in schema_call_days.STATEMENTS:
        db.conn.execute(statement)


@migrations()
def m011_backlog(db: Database) -> None:
    """Who became due is found by an index."""
    for statement in schema_backlog.STATEMENTS:
        db.conn.execute(statement)


@migrations()
def m012_misses(db: Database) -> None:
    """Whom one of a provider's operations did not find."""
    for statement in schema_misses.STATEMENTS:
        db.conn.execute(statement)


@migrations()
def m013_targets(db: Database) -> None:
    """Who is suppressed, lists of targets to compare, outcomes entered by hand, the back-test."""
    for statement in schema_targets.STATEMENTS:
        db.conn.execute(statement)


@migrations()
def m014_outreach(db: Database) -> None:
    """Campaigns that are sent: versions, steps, approvals, states, what came back and what it stopped."""
    for statement in schema_outreach.STATEMENTS:
        db.conn.execute(statement)


@migrations()
def m015_desk(db: Database) -> None:
    """Who did what at the desk, and which messages were looked at."""
    for statement in schema_desk.STATEMENTS:
        db.conn.execute(statement)


@migrations()
def m016_metrics(db: Database) -> None:
    """What metrics count of each contact, and which days are to be counted again."""
    for statement in schema_metrics.STATEMENTS:
        db.conn.execute(statement)


MIGRATION_NAMES = (
    m001_first_schema.__name__,
    m002_undoable_imports.__name__,
    m003_network.__name__,
    m004_decision_files.__name__,
    m005_limits.__name__,
    m006_providers.__name__,
    m007_email_status.__name__,
    m008_budgets.__name__,
    m009_scores.__name__,
    m010_call_days.__name__,
    m011_backlog.__name__,
    m012_misses.__name__,
    m013_targets.__name__,
    m014_outreach.__name__,
    m015_desk.__name__,
    m016_metrics.__name__,
)


def open_migrated(path: Path, *, durable: bool = False) -> Database:
    """Opens the database with the schema of this version.

    Raises:
        SettingsError: the database was written by a newer version, or a migration left it unsound (then the former file is back).
    """
    db = open_database(path, durable=durable)
    try:
        if is_current(db):
            return db
        _refuse_newer(db, path)
        with FileLock(lock_path(path, "migration"), timeout=LOCK_TIMEOUT_S):
            if not is_current(db):
                _migrate(db, path)
    except BaseException:
        db.conn.close()
        raise
    return db


def open_for_reading(path: Path) -> Database:
    """Opens the database as it stands: nothing of it is written, nothing is migrated. SQLite may leave its empty journal beside it.

    Raises:
        SettingsError: there is none, it has the schema of another version, or it cannot be read.
    """
    if not path.is_file():
        raise SettingsError(f"{path}: there is no database yet")
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=BUSY_TIMEOUT_MS / 1000)
    connection.row_factory = sqlite3.Row
    db = Database(connection)
    try:
        _refuse_newer(db, path)
        if not is_current(db):
            raise SettingsError(f"{path}: written by an older version of LIENDEA; the next run brings it to this one")
    except sqlite3.Error as error:
        connection.close()
        raise SettingsError(f"{path}: cannot be read ({error})") from error
    except SettingsError:
        connection.close()
        raise
    return db


def is_current(db: Database) -> bool:
    """Whether exactly the migrations of this version were applied."""
    return [migration.name for migration in migrations.applied(db)] == list(MIGRATION_NAMES)


def _refuse_newer(db: Database, path: Path) -> None:
    unknown = [migration.name for migration in migrations.applied(db) if migration.name not in MIGRATION_NAMES]
    if unknown:
        raise SettingsError(
            f"{path}: written by a newer version of LIENDEA (has {', '.join(unknown)}); install that version or restore a backup"
        )


def _migrate(db: Database, path: Path) -> None:
    """Applies what is missing. A copy of the file is kept until the result is known to be sound."""
    backup = path.with_name(f"{path.name}.before-migration")
    had_content = bool(db.table_names())
    if had_content:
        _copy(db, backup)
    names = [migration.name for migration in migrations.pending(db)]
    try:
        # a table that is made anew takes its references with it when they are enforced; what is left of them is checked below
        db.conn.execute("PRAGMA foreign_keys=OFF")
        migrations.apply(db)
        db.conn.execute("PRAGMA foreign_keys=ON")
        _check_soundness(db, path)
    except Exception:
        if had_content:
            _copy_back(db, backup)
            log.exception("migration failed, the former database is back: %s", path)
        raise
    backup.unlink(missing_ok=True)
    log.info("migrated %s: %s", path.name, ", ".join(names))


def _check_soundness(db: Database, path: Path) -> None:
    broken = len(db.conn.execute("PRAGMA foreign_key_check").fetchall())
    verdict = db.conn.execute("PRAGMA quick_check").fetchone()[0]
    if broken or verdict != "ok":
        raise SettingsError(f"{path}: after the migration {broken} rows point to nothing, quick_check says {verdict!r}")


def _copy(db: Database, target: Path) -> None:
    copy = sqlite3.connect(target)
    if os.name == "posix":
        target.chmod(0o600)
    with copy:
        db.conn.backup(copy)
    copy.close()


def _copy_back(db: Database, backup: Path) -> None:
    copy = sqlite3.connect(backup)
    copy.backup(db.conn)
    copy.close()
