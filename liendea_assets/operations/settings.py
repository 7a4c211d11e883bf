"""`database.yaml`."""

from typing import Literal

from pydantic import Field, PositiveInt

from liendea_assets.core.settings import Settings


class DatabaseFile(Settings):
    """Where the database lies, below the home."""

    path: str = Field(default="./data/liendea.db", min_length=1)


class DatabaseSettings(Settings):
    """The file's keys and defaults."""

    database: DatabaseFile = DatabaseFile()
    backup_enabled: bool = True
    backup_frequency: Literal["daily"] = "daily"
    backup_retention_days: PositiveInt = 30
