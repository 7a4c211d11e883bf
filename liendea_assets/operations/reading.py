"""A look at the home's database, or at one of its backups, that changes nothing."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from liendea_assets.core.errors import SettingsError
from liendea_assets.core.home import Home
from liendea_assets.core.settings import load_settings
from liendea_assets.db.connection import Database
from liendea_assets.db.migrations import open_for_reading, open_migrated
from liendea_assets.operations.backup import backup_days, backup_path
from liendea_assets.operations.settings import DatabaseSettings


@contextmanager
def read_home_database(home: Home) -> Iterator[tuple[Database | None, str | None]]:
    """The home's database, only to be read, or None with the reason why there is nothing to read. A home without a database gets none."""
    settings = load_settings(DatabaseSettings, home, "database.yaml")
    try:
        db = open_for_reading(home.below(settings.database.path))
    except SettingsError as problem:
        yield None, str(problem)
        return
    try:
        yield db, None
    finally:
        db.conn.close()


@contextmanager
def read_backup(home: Home, day: date) -> Iterator[Database]:
    """The backup of a day. It stays as it is: one of an older version is copied, and the copy brought to this version and deleted.

    Raises:
        SettingsError: there is no backup of that day, or it cannot be read.
    """
    folder = home.data / "backups"
    path = backup_path(folder, day)
    if not path.is_file():
        days = backup_days(folder)
        known = f"{len(days)} backups from {days[0]} to {days[-1]}" if days else "no backups"
        near = ", ".join(str(one) for one in sorted(sorted(days, key=lambda one: abs(one - day))[:2]))
        raise SettingsError(f"there is no backup of {day}; data/backups holds {known}{f', the nearest of {near}' if near else ''}")
    with tempfile.TemporaryDirectory(dir=home.data) as private:
        db = _open_backup(path, Path(private))
        try:
            yield db
        finally:
            db.conn.close()


def _open_backup(path: Path, private: Path) -> Database:
    try:
        return open_for_reading(path)
    except SettingsError:
        # what is not an older version fails once more, with its own reason
        copy = Path(shutil.copy(path, private / path.name))
        copy.chmod(0o600)
        return open_migrated(copy)
