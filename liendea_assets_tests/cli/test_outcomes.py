from click.testing import CliRunner, Result

from liendea_assets.cli.main import liendea
from liendea_assets.core.home import Home
from liendea_assets.resources import open_home_database
from liendea_assets_tests.contacts import add_contact


def run_command(home: Home, *arguments: str) -> Result:
    return CliRunner().invoke(liendea, ["outcome", *arguments, "--home", str(home.root)])


def test_outcome_is_noted_listed_and_undone(home: Home) -> None:
    db = open_home_database(home)
    add_contact(db, 1)
    db.conn.close()
    assert run_command(home, "list").output == "None yet.\n"
    assert run_command(home, "add", "1", "meeting", "--date", "2026-10-05").output.startswith("Outcome 1, without a score")
    assert run_command(home, "add", "1", "meeting", "--date", "2026-10-05").output == "That is noted already.\n"
    assert run_command(home, "list").output.startswith("1: contact 1 meeting on 2026-10-05 (no score, by ")
    assert run_command(home, "undo", "1").output == "Undone.\n"
    assert run_command(home, "undo", "1").output == "That was undone already.\n"
    assert ", undone " in run_command(home, "list").output


def test_nobody_and_an_unknown_kind_are_refused(home: Home) -> None:
    result = run_command(home, "add", "5", "meeting")
    assert result.exit_code == 1
    assert "there is no contact 5" in result.output
    assert run_command(home, "add", "5", "handshake").exit_code == 2
