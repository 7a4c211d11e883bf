from datetime import date
from pathlib import Path

import pytest

from liendea_assets.core.errors import SettingsError
from liendea_assets.core.home import Home
from liendea_assets.core.settings import load_settings
from liendea_assets.outreach.campaigns import load_campaigns
from liendea_assets.outreach.settings import OutreachSettings
from liendea_assets_tests.outreach.campaigns import make_campaign

GOOD = "type: email\ndaily_limit: 5\nsteps:\n- subject: Hi\n  body: templates/hi.txt\n"


@pytest.fixture
def bare(tmp_path: Path) -> Home:
    """A home with one template and no campaign."""
    home = Home(tmp_path / "bare")
    (home.config / "campaigns").mkdir(parents=True)
    (home.config / "templates").mkdir()
    (home.config / "templates" / "hi.txt").write_text("Hi {{ first_name }}", encoding="utf-8")
    return home


def write(home: Home, text: str, name: str = "spring") -> None:
    (home.config / "campaigns" / f"{name}.yaml").write_text(text, encoding="utf-8")


def problem(home: Home, text: str) -> str:
    write(home, text)
    with pytest.raises(SettingsError) as caught:
        load_campaigns(home)
    return str(caught.value)


def test_shipped_campaigns_are_right(home: Home) -> None:
    assert [(campaign.name, campaign.settings.type) for campaign in load_campaigns(home)] == [
        ("intro_email", "email"),
        ("linkedin_daily", "linkedin_message"),
    ]


def test_campaign_is_named_after_its_file_and_holds_its_template(bare: Home) -> None:
    write(bare, GOOD)
    (campaign,) = load_campaigns(bare)
    ((wording,),) = [step.wordings for step in campaign.steps]
    assert (campaign.name, campaign.settings.status, wording.subject, wording.body) == ("spring", "draft", "Hi", "Hi {{ first_name }}")


def test_version_changes_with_the_template_and_not_with_comments(bare: Home) -> None:
    def version() -> str:
        return load_campaigns(bare)[0].version

    write(bare, GOOD)
    first = version()
    write(bare, f"# spring\n{GOOD}")
    assert version() == first
    (bare.config / "templates" / "hi.txt").write_text("Hello {{ first_name }}", encoding="utf-8")
    assert version() != first


def test_home_without_campaigns_has_none(tmp_path: Path) -> None:
    assert load_campaigns(Home(tmp_path)) == []


@pytest.mark.parametrize("body", ["../secret.txt", "templates/../../secret.txt", "/etc/hostname", "templates/none.txt", "templates"])
def test_template_must_be_a_file_below_config(bare: Home, body: str) -> None:
    (bare.root / "secret.txt").write_text("token")
    told = problem(bare, GOOD.replace("templates/hi.txt", body))
    assert f"spring.yaml: steps.0.body: found '{body}'; allowed: a file below " in told


def test_link_out_of_config_is_not_followed(bare: Home) -> None:
    (bare.root / "secret.txt").write_text("token")
    (bare.config / "templates" / "link.txt").symlink_to(bare.root / "secret.txt")
    assert "allowed: a file below" in problem(bare, GOOD.replace("hi.txt", "link.txt"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (GOOD.replace("- subject: Hi\n  ", "- "), "a subject in the first step of an email campaign"),
        (GOOD.replace("daily_limit: 5\n", ""), "daily_limit: found nothing"),
        (GOOD.replace("daily_limit: 5", "daily_limit: -1"), "spring.yaml:2: daily_limit: found -1"),
        (GOOD.replace("email", "fax"), "spring.yaml:1: type: found 'fax'; allowed: 'email', 'linkedin_message' or 'inmail'"),
        (GOOD + "status: on hold\n", "spring.yaml:6: status: found 'on hold'"),
        (GOOD + "start_date: 2026-05-02\nend_date: 2026-05-01\n", "end_date on or after start_date"),
        (GOOD + "start_date: soon\n", "spring.yaml:6: start_date: found 'soon'"),
        (GOOD + "audience: {priorities: [0]}\n", "audience.priorities.0: found 0"),
        (GOOD + "audiense: {}\n", "unknown key (did you mean audience?)"),
        ("type: email\ndaily_limit: 5\nsteps: []\n", "spring.yaml:3: steps: found []"),
    ],
)
def test_a_wrong_campaign_is_told_with_its_line(bare: Home, text: str, told: str) -> None:
    assert told in problem(bare, text)


@pytest.mark.parametrize(
    ("changed", "is_running"),
    [
        ({}, True),
        ({"status": "draft"}, False),
        ({"status": "paused"}, False),
        ({"status": "completed"}, False),
        ({"start_date": date(2026, 10, 5)}, True),
        ({"start_date": date(2026, 10, 6)}, False),
        ({"end_date": date(2026, 10, 5)}, True),
        ({"end_date": date(2026, 10, 4)}, False),
    ],
)
def test_campaign_runs_while_active_from_its_first_to_its_last_day(changed: dict[str, object], is_running: bool) -> None:
    assert make_campaign(**changed).settings.is_running(date(2026, 10, 5)) is is_running  # type: ignore[arg-type]  # keywords by name


@pytest.mark.parametrize(
    "address", ["sam", "sam@", "sam@northwind", "sam rivera@northwind.example", "sám@northwind.example", "<sam@northwind.example>"]
)
@pytest.mark.parametrize("key", ["email: sam.rivera@northwind.example", "unsubscribe_mailbox: stop@northwind.example"])
def test_sender_and_unsubscribe_mailbox_are_addresses(home: Home, key: str, address: str) -> None:
    path = home.config / "outreach.yaml"
    path.write_text(path.read_text().replace(key, f"{key.partition(':')[0]}: '{address}'"))
    with pytest.raises(SettingsError, match=key.partition(":")[0]):
        load_settings(OutreachSettings, home, "outreach.yaml")


@pytest.mark.parametrize("key", ["postal_address", "footer", "name", "company"])
def test_what_the_law_wants_may_not_be_left_out(home: Home, key: str) -> None:
    path = home.config / "outreach.yaml"
    lines = [
        line
        for line in path.read_text().splitlines()
        if not line.strip().startswith(f"{key}:") and not line.startswith("  This is") and not line.startswith("  or write")
    ]
    path.write_text("\n".join(lines))
    with pytest.raises(SettingsError, match=f"{key}: found nothing"):
        load_settings(OutreachSettings, home, "outreach.yaml")
