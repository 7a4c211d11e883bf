from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from liendea_assets.cli.main import liendea
from liendea_assets.core.home import Home
from liendea_assets.outreach import campaign_store
from liendea_assets.outreach.campaigns import load_campaigns
from liendea_assets.resources import open_home_database
from liendea_assets_tests.contacts import add_target, change_contact


def run_command(home: Home, *arguments: str) -> Result:
    return CliRunner().invoke(liendea, ["campaign", *arguments, "--home", str(home.root)])


@pytest.fixture
def filled(home: Home) -> Home:
    """A home with twelve targets, one of them without an address and one who writes German."""
    db = open_home_database(home)
    for contact_id in range(1, 13):
        add_target(db, contact_id, country="DE" if contact_id == 2 else "US", company_name=f"Acme {contact_id}")
    change_contact(db, 3, work_email=None)
    db.conn.close()
    return home


def spoil(home: Home) -> Path:
    template = home.config / "templates" / "follow_up.txt"
    template.write_text(template.read_text() + "\n{{ nickname }}\n")
    return template


def test_check_shows_audience_messages_findings_and_forecast(filled: Home) -> None:
    result = run_command(filled, "check", "intro_email")
    assert result.exit_code == 0, result.output
    told = result.output
    assert "Audience: 12 of the targets; 12 were rendered in 3 steps each." in told
    assert "1 of 12 cannot be written to: no e-mail address is known" in told
    assert told.count("\nContact ") == 10
    assert "  intro (de): Robin, eine Frage zu Acme 2" in told
    assert "  follow-up (de): Re: Robin, eine Frage zu Acme 2" in told
    assert "0 errors, 0 warnings." in told
    assert "  33 messages on " in told
    assert "@acmelabs.example" not in told


def test_check_prints_whole_messages_of_one_contact(filled: Home) -> None:
    result = run_command(filled, "check", "intro_email", "--contact", "1", "--full")
    assert result.exit_code == 0
    assert "    Northwind Analytics, 1 Sample Street, Springfield" in result.output
    assert "    <p>Hi Robin,</p>" in result.output
    nobody = run_command(filled, "check", "intro_email", "--contact", "99")
    assert (nobody.exit_code, "there is no such contact" in nobody.output) == (1, True)


def test_errors_are_told_and_keep_it_from_being_approved(filled: Home) -> None:
    spoil(filled)
    result = run_command(filled, "check", "intro_email")
    assert result.exit_code == 1
    assert "error: variables: {{ nickname }} is no variable; docs/campaigns.md lists them (follow-up)" in result.output
    refused = run_command(filled, "approve", "intro_email")
    assert (refused.exit_code, "Not approved" in refused.output) == (1, True)
    assert "not approved" in run_command(filled, "list").output


def test_approval_is_of_one_version_and_ends_with_a_change(filled: Home) -> None:
    def is_approved() -> bool:
        db = open_home_database(filled)
        (version,) = [campaign.version for campaign in load_campaigns(filled) if campaign.name == "intro_email"]
        answer = campaign_store.is_approved(db, campaign_store.campaign_ids(db)["intro_email"], version)
        db.conn.close()
        return answer

    assert "intro_email was not approved." in run_command(filled, "revoke", "intro_email").output
    assert run_command(filled, "approve", "intro_email", "--by", "kim").exit_code == 0
    assert is_approved()
    assert "approved by kim" in run_command(filled, "list").output
    template = filled.config / "templates" / "last_note.txt"
    template.write_text(template.read_text() + "\nPS: thank you\n")
    assert not is_approved()
    assert "intro_email: email, active, version" in run_command(filled, "list").output
    shown = run_command(filled, "show", "intro_email").output
    assert "approved by kim on " in shown
    assert ", revoked " in shown
    assert run_command(filled, "approve", "intro_email").exit_code == 0
    assert is_approved()
    assert "the approval is revoked" in run_command(filled, "revoke", "intro_email").output
    assert not is_approved()


def test_a_footer_of_outreach_yaml_is_part_of_what_was_approved(filled: Home) -> None:
    before = {campaign.name: campaign.version for campaign in load_campaigns(filled)}
    path = filled.config / "outreach.yaml"
    path.write_text(path.read_text().replace("This is a commercial message", "This is a message"))
    assert not set(before.items()) & {(campaign.name, campaign.version) for campaign in load_campaigns(filled)}


def test_status_dates_and_limits_are_no_part_of_what_was_approved(filled: Home) -> None:
    """Somebody approves a draft, and sets it active afterwards."""
    before = [campaign.version for campaign in load_campaigns(filled)]
    path = filled.config / "campaigns" / "intro_email.yaml"
    path.write_text(path.read_text().replace("status: active", "status: paused").replace("daily_limit: 25", "daily_limit: 5"))
    assert [campaign.version for campaign in load_campaigns(filled)] == before


def test_another_version_than_the_one_that_was_looked_at_is_refused(filled: Home) -> None:
    result = run_command(filled, "approve", "intro_email", "--version", "0123456789abcdef")
    assert (result.exit_code, "not the one in force" in result.output) == (1, True)


def test_unknown_campaign_is_told_with_those_that_there_are(filled: Home) -> None:
    for command in ("check", "show", "approve"):
        result = run_command(filled, command, "spring")
        assert (result.exit_code, "there is no campaign spring; there are: intro_email, linkedin_daily" in result.output) == (1, True)


def test_show_lists_steps_with_their_wordings(filled: Home) -> None:
    told = run_command(filled, "show", "intro_email").output
    assert "step 1 intro: after 0 days; question, direct, de" in told
    assert "step 2 follow-up: after 4 days; as it is, de" in told
    assert "step 3 last-note: after 7 days; as it is, de" in told
