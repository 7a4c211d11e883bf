from pathlib import Path

import pytest

from liendea_assets.core.environment import environment, read_env_file

NAME = "LIENDEA_TEST_VARIABLE"


@pytest.fixture
def unset(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable is not set, and is forgotten afterwards whoever sets it."""
    monkeypatch.setenv(NAME, "")
    monkeypatch.delenv(NAME)


def write_env(home: Path, text: str) -> None:
    (home / ".env").write_text(text, encoding="utf-8")


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, "")

    assert environment(NAME) == ""
    assert environment(NAME, "default") == "default"


@pytest.mark.usefixtures("unset")
def test_the_env_file_of_a_home_adds_to_the_environment(tmp_path: Path) -> None:
    write_env(tmp_path, f"# a comment\nexport {NAME}='from the file'\n")

    read_env_file(tmp_path)

    assert environment(NAME) == "from the file"


def test_what_the_environment_says_wins_over_the_env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, "from outside")
    write_env(tmp_path, f"{NAME}=from the file\n")

    read_env_file(tmp_path)

    assert environment(NAME) == "from outside"


@pytest.mark.usefixtures("unset")
def test_a_line_without_value_and_a_missing_file_set_nothing(tmp_path: Path) -> None:
    read_env_file(tmp_path)
    write_env(tmp_path, f"{NAME}=\n{NAME}\n")
    read_env_file(tmp_path)

    assert environment(NAME, "default") == "default"


@pytest.mark.usefixtures("unset")
def test_a_secret_is_taken_as_it_is_written(tmp_path: Path) -> None:
    """A password may hold what looks like a variable."""
    write_env(tmp_path, f"{NAME}=pa${{HOME}}$word\n")

    read_env_file(tmp_path)

    assert environment(NAME) == "pa${HOME}$word"
