"""Whether the scoring config, or the rules of a new release, say something else; the sensor in automation.py asks here."""

from dataclasses import dataclass

from liendea_assets.core.home import Home
from liendea_assets.core.settings import config_version
from liendea_assets.scoring.load import load_scoring_settings
from liendea_assets.scoring.versions import rules_version, scoring_version


@dataclass(frozen=True, slots=True)
class ConfigChange:
    """What a look at the file found.

    Attributes:
        version: of what the files say now, and of the rules that this release brings.
        is_new: it differs from what was seen last.
        config_version, rules_version: the same, each by itself.
    """

    version: str
    is_new: bool
    config_version: str
    rules_version: str


def look_at_config(home: Home, seen: str | None, recorded: str | None) -> ConfigChange:
    """Compares files and rules with what was seen last, or at the first look with the version that Dagster has on record.

    Raises:
        SettingsError: the file is not right; what stands stays in force.
    """
    settings, rules = load_scoring_settings(home), rules_version()
    version = scoring_version(settings, rules)
    return ConfigChange(version, version != (seen if seen is not None else recorded), config_version(settings), rules)
