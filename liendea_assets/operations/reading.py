"""A look at the home's database that changes nothing, for previews."""

from collections.abc import Iterator
from contextlib import contextmanager

from liendea_assets.core.errors import SettingsError
from liendea_assets.core.home import Home
from liendea_assets.core.settings import load_settings
from liendea_assets.db.connection import Database
from liendea_assets.db.migrations import open_for_reading
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
