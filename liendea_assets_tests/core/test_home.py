from pathlib import Path

import pytest

from liendea_assets.core.errors import SettingsError
from liendea_assets.core.home import Home, default_config, default_env_file, find_home


def test_the_home_that_was_given_wins_over_the_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIENDEA_HOME", str(tmp_path / "named"))

    assert find_home(tmp_path / "given").root == tmp_path / "given"
    assert find_home().root == tmp_path / "named"


def test_without_a_name_the_home_is_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LIENDEA_HOME", raising=False)

    assert (find_home().root / "pyproject.toml").is_file()


def test_a_path_of_a_config_file_starts_at_the_home(tmp_path: Path) -> None:
    assert Home(tmp_path).below("./data/x.db") == tmp_path / "data" / "x.db"
    assert Home(tmp_path).below(f"{tmp_path}/data/x.db") == tmp_path / "data" / "x.db"


@pytest.mark.parametrize("path", ["/elsewhere/x.db", "~/x.db", "../x.db", "data/../../x.db"])
def test_a_path_of_a_config_file_never_leads_out_of_the_home(tmp_path: Path, path: str) -> None:
    with pytest.raises(SettingsError, match="leads out of the home"):
        Home(tmp_path / "home").below(path)


def test_a_private_folder_is_closed_to_others_even_where_it_existed(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o755)

    Home(tmp_path).make_private_folder(folder)

    assert folder.stat().st_mode & 0o777 == 0o700


def test_the_defaults_are_where_they_are_looked_for() -> None:
    assert (default_config() / "imports.yaml").is_file()
    assert default_env_file().is_file()
