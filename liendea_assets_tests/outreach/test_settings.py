import json
from datetime import date
from pathlib import Path

import pytest
from pydantic import ValidationError

from liendea_assets.core.errors import SettingsError
from liendea_assets.core.home import Home
from liendea_assets.core.settings import load_settings
from liendea_assets.outreach.campaigns import load_campaigns
from liendea_assets.outreach.settings import OutreachSettings
from liendea_assets_tests.outreach.campaigns import SETTINGS, make_campaign

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


def outreach(**changed: object) -> OutreachSettings:
    """As a file says them: lists and mappings of plain values."""
    said = {**SETTINGS.model_dump(mode="json", include={"sender", "unsubscribe_mailbox", "footer"}), **changed}
    return OutreachSettings.model_validate_json(json.dumps(said))


def test_what_a_file_leaves_out_is_the_strict_choice() -> None:
    settings = outreach()
    assert [mailbox.email for mailbox in settings.all_mailboxes] == ["sam.rivera@northwind.example"]
    assert (settings.all_mailboxes[0].daily_limit, settings.all_mailboxes[0].ramp_from, settings.all_mailboxes[0].ramp_step) == (30, 5, 3)
    assert {settings.gate.policy(country) for country in (None, "US", "DE")} == {"consent"}
    assert (settings.gate.bounce_warn, settings.gate.bounce_stop, settings.gate.complaint_stop) == (0.02, 0.03, 0.003)
    assert (settings.public.base_url, settings.public.click_tracking, settings.public.open_pixel) == (None, False, False)
    assert settings.caps.company_people_per_week == 2


def test_shipped_file_spells_out_the_defaults(home: Home) -> None:
    shipped = load_settings(OutreachSettings, home, "outreach.yaml")
    for section in ("mailboxes", "window", "caps", "inbox", "public", "linkedin"):
        assert getattr(shipped, section) == getattr(outreach(), section)
    allowed: dict[str, object] = {"country_policy": {}, "notice_text": None}
    assert shipped.gate.model_copy(update=allowed) == outreach().gate
    assert [shipped.gate.policy(country) for country in ("US", "GB", "DE", "JP", None)] == [
        "allow",
        "notice",
        "consent",
        "consent",
        "consent",
    ]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"mailboxes": [{"name": "a", "email": "a@x.example"}] * 2}, "a name of its own for each mailbox"),
        ({"mailboxes": [{"name": "a", "email": "a@x.example", "time_zone": "Berlin"}]}, "a time zone of the IANA database"),
        ({"mailboxes": [{"name": "a", "email": "a@x.example", "smtp_env": "smtp-1"}]}, "smtp_env"),
        ({"window": {"start": "17:00", "end": "09:00"}}, "an end after the start"),
        ({"window": {"start": "9:00"}}, "window.start"),
        ({"gate": {"country_policy": {"GB": "notice"}}}, "a notice_text"),
        ({"gate": {"unknown_country": "notice"}}, "a notice_text"),
        ({"gate": {"country_policy": {"Germany": "block"}}}, "country_policy"),
        ({"gate": {"bounce_warn": 0.5, "bounce_stop": 0.1}}, "bounce_stop at or above bounce_warn"),
        ({"inbox": {"sources": [{"name": "a", "kind": "maildir"}]}}, "a path for maildir and mbox"),
        ({"inbox": {"sources": [{"name": "a", "kind": "imap", "path": "x"}]}}, "a path for maildir and mbox"),
        ({"inbox": {"sources": [{"name": "a", "kind": "imap"}] * 2}}, "a name of its own for each source"),
        ({"public": {"base_url": "http://mail.northwind.example"}}, "https://"),
        ({"public": {"base_url": "https://mail.northwind.example/?x=1"}}, "base_url"),
        ({"public": {"click_tracking": True}}, "a base_url for click_tracking"),
        ({"languages": {"by_country": {"DE": "German"}}}, "by_country"),
    ],
)
def test_a_wrong_section_is_told(changed: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError) as caught:
        outreach(**changed)
    assert told in str(caught.value)


@pytest.mark.parametrize(
    "base_url", ["https://mail.northwind.example", "https://mail.northwind.example/", "http://127.0.0.1:8000", "http://localhost:1"]
)
def test_public_pages_are_named_without_a_second_slash(base_url: str) -> None:
    assert outreach(public={"base_url": base_url}).public.link("u/x") == f"{base_url.rstrip('/')}/u/x"


def files(home: Home, **texts: str) -> None:
    for name, text in texts.items():
        (home.config / "templates" / f"{name}.txt").write_text(text, encoding="utf-8")


RICH = """
type: email
daily_limit: 5
steps:
- name: intro
  subject: Hi
  body: templates/a.txt
  html: templates/h.txt
  variants:
  - {name: plain, body: templates/b.txt, share: 2, languages: {de: {subject: Servus}}}
  - {name: as-it-is}
  languages:
    de: {subject: Hallo, body: templates/d.txt}
    fr: {subject: Salut, html: templates/h.txt}
- body: templates/b.txt
  delay_days: 4
- body: templates/b.txt
"""


def test_wordings_are_laid_over_each_other(bare: Home) -> None:
    files(bare, a="a", b="b", d="d", h="<p>h</p>")
    write(bare, RICH)
    (campaign,) = load_campaigns(bare)
    assert [(step.name, step.delay_days) for step in campaign.steps] == [("intro", 0), ("step-2", 4), ("step-3", 3)]
    found = {(one.variant, one.language): (one.share, one.subject, one.body, one.html) for one in campaign.steps[0].wordings}
    assert found == {
        # a body of one's own stands without the HTML of another
        ("plain", None): (2, "Hi", "b", None),
        ("as-it-is", None): (1, "Hi", "a", "<p>h</p>"),
        ("plain", "de"): (2, "Servus", "d", None),
        ("as-it-is", "de"): (1, "Hallo", "d", None),
        # nobody would learn from variants that read the same
        (None, "fr"): (1, "Salut", None, "<p>h</p>"),
    }


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("name: as-it-is", "name: plain", "two or more variants, each with a name of its own"),
        ("  - {name: as-it-is}\n", "", "two or more variants"),
        ("share: 2", "share: 0", "steps.0.variants.0.share"),
        ("de: {subject: Hallo, ", "de: {", "a subject where the step has one, in each language"),
        ("de: {subject: Hallo, body: templates/d.txt}", "de: {subject: Hallo}", "a body or an html"),
        ("languages: {de: {subject: Servus}}", "languages: {es: {subject: Hola}}", "languages of a variant that the step has, too"),
        ("- body: templates/b.txt\n  delay_days: 4", "- name: intro\n  body: templates/b.txt", "a name of its own for each step"),
        ("- body: templates/b.txt\n  delay_days: 4", "- delay_days: 4", "a body, an html, or both"),
        ("templates/d.txt", "templates/gone.txt", "steps.0.languages.de.body: found 'templates/gone.txt'"),
        ("name: intro", "name: In Tro", "steps.0.name"),
        (
            "daily_limit: 5",
            "daily_limit: 5\nmailboxes: [kim]",
            "mailboxes: found 'kim'; allowed: names of mailboxes in outreach.yaml (main)",
        ),
        ("daily_limit: 5", "daily_limit: 5\naudience: {countries: [Germany]}", "audience.countries.0: found 'Germany'"),
        ("daily_limit: 5", "daily_limit: 5\naudience: {levels: [boss]}", "audience.levels.0: found 'boss'"),
        ("daily_limit: 5", "daily_limit: 5\naudience: {segments: []}", "audience.segments: found []"),
        ("type: email", "type: inmail", "no html outside of email campaigns"),
    ],
)
def test_a_wrong_sequence_is_told(bare: Home, old: str, new: str, told: str) -> None:
    files(bare, a="a", b="b", d="d", h="<p>h</p>")
    assert told in problem(bare, RICH.replace(old, new, 1))


def test_html_template_that_is_none_is_told(bare: Home) -> None:
    files(bare, a="a", b="b", d="d", h="<p>{{ first_name </p>")
    assert "h.txt: the template is not valid in line 1" in problem(bare, RICH)


def test_version_changes_with_steps_audience_and_what_stands_in_messages(bare: Home) -> None:
    def version(text: str) -> str:
        write(bare, text)
        return load_campaigns(bare)[0].version

    files(bare, a="a", b="b", d="d", h="<p>h</p>")
    first = version(RICH)
    changed = [
        RICH.replace("delay_days: 4", "delay_days: 5"),
        RICH.replace("share: 2", "share: 3"),
        RICH.replace("daily_limit: 5", "daily_limit: 5\naudience: {priorities: [1]}"),
        RICH.replace("subject: Hallo", "subject: Moin"),
    ]
    assert len({first, *map(version, changed)}) == 5
    assert version(RICH.replace("daily_limit: 5", "daily_limit: 6\nstatus: active\nend_date: 2030-01-01")) == first
