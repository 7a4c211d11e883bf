from click.testing import CliRunner, Result

from liendea_assets.cli.main import liendea
from liendea_assets.core.home import Home
from liendea_assets.resources import open_home_database
from liendea_assets_tests.contacts import add_contact


def run_command(home: Home, *arguments: str) -> Result:
    return CliRunner().invoke(liendea, ["consent", *arguments, "--home", str(home.root)])


def test_consent_is_recorded_listed_and_withdrawn(home: Home) -> None:
    db = open_home_database(home)
    add_contact(db, 1)
    db.conn.close()
    assert run_command(home, "list").output == "None yet.\n"
    assert run_command(home, "add", "1", "--evidence", "form 3", "--date", "2026-03-02").output == "Consent 1 of contact 1.\n"
    listed = run_command(home, "list").output
    assert listed.startswith("1: contact 1 since 2026-03-02, by ")
    assert listed.endswith(": form 3\n")
    assert run_command(home, "withdraw", "1").output.startswith("1 consent withdrawn. Nothing more")
    assert ", withdrawn " in run_command(home, "list").output
    assert run_command(home, "withdraw", "1").output.startswith("There was no consent in force.")


def test_consent_without_evidence_and_of_nobody_is_refused(home: Home) -> None:
    assert run_command(home, "add", "1").exit_code == 2
    result = run_command(home, "add", "5", "--evidence", "form")
    assert result.exit_code == 1
    assert "there is no contact 5" in result.output
