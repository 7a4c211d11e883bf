"""Whether the scoring config says something else than it did; the sensor in automation.py asks here."""

from dataclasses import dataclass

from liendea_assets.core.home import Home
from liendea_assets.core.settings import config_version
from liendea_assets.scoring.load import load_scoring_settings


@dataclass(frozen=True, slots=True)
class ConfigChange:
    """What a look at the file found.

    Attributes:
        version: hash of what the file says now.
        is_new: it differs from what was seen last.
    """

    version: str
    is_new: bool


def look_at_config(home: Home, seen: str | None, recorded: str | None) -> ConfigChange:
    """Compares the file with what was seen last, or at the first look with the version that Dagster has on record.

    Raises:
        SettingsError: the file is not right; what stands stays in force.
    """
    version = config_version(load_scoring_settings(home))
    return ConfigChange(version, version != (seen if seen is not None else recorded))
