from pathlib import Path

import pytest

from liendea_assets.core.errors import SettingsError
from liendea_assets.core.home import Home
from liendea_assets.core.settings import config_version, load_settings
from liendea_assets.operations.settings import DatabaseSettings


def test_shipped_file_says_what_the_defaults_say() -> None:
    assert config_version(load_settings(DatabaseSettings, Home(Path("/nowhere")), "database.yaml")) == config_version(DatabaseSettings())


@pytest.mark.parametrize(
    "text", ["backup_retention_days: 0\n", "backup_frequency: hourly\n", "database: {path: ''}\n", "backup_enabled: 1\n"]
)
def test_wrong_value_is_told_with_its_line(home: Home, text: str) -> None:
    (home.config / "database.yaml").write_text(text)
    with pytest.raises(SettingsError, match=r"database\.yaml:1: "):
        load_settings(DatabaseSettings, home, "database.yaml")
