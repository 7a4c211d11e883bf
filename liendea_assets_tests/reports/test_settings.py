from pathlib import Path

import pytest

from liendea_assets.core.errors import SettingsError
from liendea_assets.core.home import Home
from liendea_assets.core.settings import config_version, load_settings
from liendea_assets.reports.settings import ReportSettings


def test_shipped_file_says_what_the_defaults_say() -> None:
    assert config_version(load_settings(ReportSettings, Home(Path("/nowhere")), "reports.yaml")) == config_version(ReportSettings())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("best_targets: 0\n", "reports.yaml:1: best_targets: found 0"),
        ("alerts: {email_to: ops@northwind.example}\n", "email_to and email_from together, or neither"),
        ("alerts: {email_from: liendea@northwind.example}\n", "email_to and email_from together, or neither"),
    ],
)
def test_wrong_value_is_told(home: Home, text: str, told: str) -> None:
    (home.config / "reports.yaml").write_text(text)
    with pytest.raises(SettingsError) as caught:
        load_settings(ReportSettings, home, "reports.yaml")
    assert told in str(caught.value)
