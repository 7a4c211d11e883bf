import json
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from liendea_assets.clients.rate_limit import RateLimiter
from liendea_assets.clients.windows import MARGIN_S
from liendea_assets.core.clock import to_text
from liendea_assets.core.errors import LimitReached, SettingsError
from liendea_assets.db.connection import Database, open_database, transaction
from liendea_assets.db.migrations import MIGRATION_NAMES, is_current, migrations, open_for_reading, open_migrated
from liendea_assets.scoring import suppressed_store
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.processes import run_at_once


def schema(db: Database) -> list[tuple[str, ...]]:
    return [tuple(row) for row in db.conn.execute("SELECT type, name, sql FROM sqlite_schema ORDER BY name")]


def test_opening_twice_migrates_once(tmp_path: Path) -> None:
    first = open_migrated(tmp_path / "new.db")
    made = schema(first), [(row.name, row.applied_at) for row in migrations.applied(first)]
    first.conn.close()

    second = open_migrated(tmp_path / "new.db")
    assert (schema(second), [(row.name, row.applied_at) for row in migrations.applied(second)]) == made
    assert is_current(second)
    second.conn.close()
    assert not list(tmp_path.glob("*.before-migration"))


def test_every_migration_of_this_version_has_a_name_that_opening_knows() -> None:
    """A migration missing in MIGRATION_NAMES would make every database look newer than the code."""
    with closing(sqlite3.connect(":memory:")) as connection:
        assert [migration.name for migration in migrations.pending(Database(connection))] == list(MIGRATION_NAMES)


def _open(position: int, path: Path) -> None:
    db = open_migrated(path)
    assert is_current(db)
    db.conn.close()


def test_processes_that_start_together_migrate_once(tmp_path: Path) -> None:
    run_at_once(4, _open, tmp_path / "new.db")

    db = open_migrated(tmp_path / "new.db")
    assert [migration.name for migration in migrations.applied(db)] == list(MIGRATION_NAMES)
    db.conn.close()


def test_a_database_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "newer.db"
    db = open_migrated(path)
    with transaction(db) as connection:
        connection.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('liendea', 'm999_from_the_future', '2030-01-01')"
        )
    before = schema(db)
    db.conn.close()

    with pytest.raises(SettingsError, match=r"newer\.db: written by a newer version of LIENDEA \(has m999_from_the_future\)"):
        open_migrated(path)

    after = open_database(path)
    assert schema(after) == before
    after.conn.close()


def former(path: Path, *statements: str) -> list[tuple[str, ...]]:
    """A database from before the first migration."""
    db = open_database(path)
    for statement in statements:
        db.conn.execute(statement)
    made = schema(db)
    db.conn.close()
    return made


def test_a_migration_that_fails_gives_the_former_database_back(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    before = former(path, "CREATE TABLE contacts (name TEXT)", "INSERT INTO contacts VALUES ('Robin')")

    with pytest.raises(sqlite3.OperationalError, match="contacts already exists"):
        open_migrated(path)

    db = open_database(path)
    assert schema(db) == before
    assert [tuple(row) for row in db.conn.execute("SELECT name FROM contacts")] == [("Robin",)]
    db.conn.close()


def test_a_migration_that_leaves_rows_pointing_to_nothing_is_taken_back(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    before = former(
        path,
        "PRAGMA foreign_keys=OFF",
        "CREATE TABLE shelves (id INTEGER PRIMARY KEY)",
        "CREATE TABLE books (shelf INTEGER REFERENCES shelves (id))",
        "INSERT INTO books VALUES (7)",
    )

    with pytest.raises(SettingsError, match=r"old\.db: after the migration 1 rows point to nothing, quick_check says 'ok'"):
        open_migrated(path)

    db = open_database(path)
    assert schema(db) == before
    db.conn.close()


def test_content_that_a_database_had_survives_its_migration(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    former(path, "CREATE TABLE notes (text TEXT)", "INSERT INTO notes VALUES ('kept')")

    db = open_migrated(path)
    assert db.conn.execute("SELECT text FROM notes").fetchone()[0] == "kept"
    db.conn.close()
    assert not list(tmp_path.glob("*.before-migration"))


def test_the_copy_kept_during_a_migration_is_as_private_as_the_database(tmp_path: Path) -> None:
    former(tmp_path / "old.db", "CREATE TABLE contacts (name TEXT)")
    with pytest.raises(sqlite3.OperationalError):
        open_migrated(tmp_path / "old.db")

    assert (tmp_path / "old.db.before-migration").stat().st_mode & 0o777 == 0o600


def test_a_file_that_is_no_database_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.write_text("These are my notes, and no database at all. " * 40)

    with pytest.raises(sqlite3.DatabaseError):
        open_migrated(path)
    assert path.read_text().startswith("These are my notes")


def test_a_database_that_is_only_read_is_not_written(tmp_path: Path) -> None:
    open_migrated(tmp_path / "a.db").conn.close()
    db = open_for_reading(tmp_path / "a.db")

    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        db.conn.execute("DELETE FROM contacts")
    assert db.table("contacts").count == 0
    db.conn.close()


@pytest.mark.parametrize(
    ("content", "reason"), [(None, "there is no database yet"), (b"no database" * 100, "cannot be read"), (b"", "older")]
)
def test_what_cannot_be_read_as_a_database_of_this_version_is_told(tmp_path: Path, content: bytes | None, reason: str) -> None:
    path = tmp_path / "a.db"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(SettingsError, match=reason):
        open_for_reading(path)
    assert (path.read_bytes() if path.exists() else None) == content


def test_a_ledger_of_before_m005_counts_as_it_did(tmp_path: Path, clock: VirtualClock) -> None:
    """Attempts are numbered by their ends, and what was used is used."""
    path = tmp_path / "old.db"
    old = open_database(path)
    migrations.apply(old, stop_before="m005_limits")
    for seconds, service, action in ((90, "reach", "match"), (10, "email", "send"), (40, "reach", "batch"), (50, "reach", "match")):
        at = to_text(clock.now() - timedelta(seconds=seconds))
        old.table("rate_limit_tracking").insert({"service": service, "action_type": action, "timestamp": at, "outcome": "status 200"})
    block = {"service": "email", "blocked_until": to_text(clock.now() + timedelta(seconds=77)), "reason": "status 429"}
    old.table("service_blocks").insert(block)
    old.conn.close()

    db = open_migrated(path)
    numbers = [
        (row["number"], row["action_number"]) for row in db.table("rate_limit_tracking").rows_where("service = 'reach'", order_by="id")
    ]
    assert numbers == [(1, 1), (3, 1), (2, 2)]
    limiter = RateLimiter(db, clock, {"reach": ((60, 2),), "email": ((60, 9),)})
    for service, wait_s in (("reach", 10 + MARGIN_S), ("email", 77)):
        with pytest.raises(LimitReached) as caught, limiter.attempt(service, "match", longest_s=1, max_wait_s=0):
            pass
        assert caught.value.wait_s == pytest.approx(wait_s)
    db.conn.close()


def test_scores_of_before_m009_read_as_they_did(tmp_path: Path) -> None:
    """And everybody is due, since nothing tells what they were computed from."""
    path = tmp_path / "liendea.db"
    old = open_database(path)
    migrations.apply(old, stop_before="m009_scores")
    at = "2026-10-01 08:00:00.000000"
    person = {"id": 1, "full_name": "Robin Weaver", "created_at": at, "updated_at": at}
    old.table("contacts").insert(person)
    old.table("enriched_contacts").insert(
        {"contact_id": 1, "full_name": "Robin Weaver", "is_owner": 0, "profile_completeness": 10, "sources": "{}"}
    )
    parts = [
        {"name": "title", "value": "VP", "points": 25, "rule": "a decision maker", "field": "title"},
        {"name": "connection_strength", "value": 6.5, "points": 7, "rule": "strongest tie", "field": "connection_strength"},
    ]
    score = {
        "contact_id": 1,
        "icp_score": 32,
        "parts": json.dumps(parts),
        "reasons": "r",
        "coverage": 0.35,
        "score_min": 32,
        "score_max": 97,
    }
    old.table("icp_scores").insert({**score, "priority": 5, "config_version": "v1", "scored_at": at})
    change = {"contact_id": 1, "new": 32, "cause": "first", "detail": "", "config_version": "v0", "changed_at": at}
    old.table("icp_score_changes").insert(change)
    old.conn.close()
    db = open_migrated(path)
    (row,) = list(db.query("SELECT * FROM icp_scores"))
    assert json.loads(row["parts"]) == parts
    assert [row[name] for name in ("icp_score", "fit_score", "relationship_score", "score_max", "scored_at")] == [32, 25, 7, 97, at]
    assert row["config_version"] == "v1"
    assert [(row["contact_id"], row["cause"]) for row in db.table("icp_score_changes").rows] == [(1, "first")]
    assert [row["contact_id"] for row in db.table("icp_score_due").rows] == [1]
    db.conn.close()


def test_calls_of_before_m010_count_for_the_budgets_of_their_services(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    old = open_database(path)
    migrations.apply(old, stop_before="m010_call_days")
    for number, (service, at) in enumerate(
        [("reach", "2026-10-04 23:59:59.0"), ("reach", "2026-10-05 00:00:01.0"), ("reach", "2026-10-05 08:00:00.0"),
         ("fifth entities", "2026-10-05 08:00:00.0"), ("hunter", "2026-10-05 08:00:00.0")], 1
    ):  # fmt: skip
        row = {"service": service, "action_type": "match", "timestamp": at, "outcome": "hit", "number": number, "action_number": number}
        with old.conn:
            old.table("rate_limit_tracking").insert(row)
    old.conn.close()
    with closing(open_migrated(path).conn) as connection:
        found = connection.execute("SELECT payer, day, calls FROM call_days ORDER BY payer, day").fetchall()
    assert [tuple(row) for row in found] == [("hunter", "2026-10-05", 1), ("reach", "2026-10-04", 1), ("reach", "2026-10-05", 2)]


def test_targets_of_before_m013_stay_and_everybody_is_compared_with_the_suppressions(tmp_path: Path) -> None:
    path = tmp_path / "liendea.db"
    old = open_database(path)
    migrations.apply(old, stop_before="m013_targets")
    at = "2026-10-01 08:00:00.000000"
    old.table("contacts").insert({"id": 1, "full_name": "Robin Weaver", "created_at": at, "updated_at": at})
    target = {"contact_id": 1, "icp_score": 90, "targeting_reason": "r", "status": "engaged", "priority": 1, "created_at": at}
    old.table("icp_targets").insert(target)
    old.table("suppressions").insert({"kind": "domain", "key_hash": "h", "reason": "r", "created_at": at})
    campaign = {"name": "intro", "type": "email", "status": "active", "daily_limit": 1, "created_at": at, "version": "v"}
    old.table("outreach_campaigns").insert(campaign)
    old.conn.close()
    db = open_migrated(path)
    (row,) = list(db.table("icp_targets").rows)
    assert {name: row[name] for name in target} == target
    assert next(iter(db.table("outreach_campaigns").rows))["audience"] == "{}"
    entries, compared = suppressed_store.read_versions(db)
    assert entries != compared
    db.conn.close()
