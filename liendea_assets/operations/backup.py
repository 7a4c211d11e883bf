"""A copy of the database a day: consistent, checked by opening it, and deleted when it is too old."""

import os
import re
import sqlite3
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from liendea_assets.core.errors import PermanentError
from liendea_assets.db.connection import Database
from liendea_assets.operations.store import count_rows

_NAME = re.compile(r"^liendea-(\d{4}-\d{2}-\d{2})\.db$")


@dataclass(frozen=True, slots=True)
class BackupReport:
    """What a backup did.

    Attributes:
        is_new: False where the day's backup stood already.
        rows: rows over all tables of the copy.
    """

    path: Path
    is_new: bool
    rows: int
    deleted: int


def back_up(db: Database, folder: Path, day: date, retention_days: int) -> BackupReport:
    """Makes the day's backup unless it stands already, and deletes those beyond retention.

    Raises:
        PermanentError: the copy is not sound; it is gone again, and no older one was deleted.
    """
    path = backup_path(folder, day)
    is_new = not path.exists()
    if is_new:
        _copy(db, path)
    return BackupReport(path, is_new, _check(path, db if is_new else None), _delete_old(folder, day, retention_days))


def backup_path(folder: Path, day: date) -> Path:
    """Where the backup of a day stands."""
    return folder / f"liendea-{day.isoformat()}.db"


def backup_days(folder: Path) -> list[date]:
    """The days of which there is a backup, in order."""
    names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    return sorted(date.fromisoformat(match.group(1)) for name in names if (match := _NAME.match(name)))


def _copy(db: Database, path: Path) -> None:
    """Under another name until it is whole, so that a kill leaves no half backup behind."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    copy = sqlite3.connect(part)
    try:
        part.chmod(0o600)
        db.conn.backup(copy)
        # one file without -wal and -shm beside it, so that it can be moved about
        copy.execute("PRAGMA journal_mode=DELETE")
    finally:
        copy.close()
    with part.open("rb+") as file:
        os.fsync(file.fileno())
    os.replace(part, path)


def _check(path: Path, original: Database | None) -> int:
    """Rows in the backup, which must open, pass SQLite's check and hold the tables of the original."""
    copy = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    try:
        verdict = copy.execute("PRAGMA quick_check").fetchone()[0]
        counts = count_rows(copy)
    except sqlite3.DatabaseError as error:
        raise PermanentError(f"the backup {path.name} cannot be read ({type(error).__name__}); delete it and run again") from error
    finally:
        copy.close()
    # an empty file is a sound database without tables
    if verdict != "ok" or not counts or (original is not None and counts.keys() != count_rows(original.conn).keys()):
        path.unlink()
        raise PermanentError(f"the backup {path.name} is not sound and was deleted")
    return sum(counts.values())


def _delete_old(folder: Path, day: date, retention_days: int) -> int:
    oldest = day - timedelta(days=retention_days)
    old = [path for path in folder.iterdir() if (match := _NAME.match(path.name)) and date.fromisoformat(match.group(1)) < oldest]
    for path in old:
        path.unlink()
    return len(old)
