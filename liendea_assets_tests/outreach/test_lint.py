from datetime import UTC, datetime

import pytest

from liendea_assets.outreach.campaigns import Campaign
from liendea_assets.outreach.lint import Finding, lint_email, lint_note, merged
from liendea_assets.outreach.messages import Composer
from liendea_assets.outreach.settings import OutreachSettings, PublicSettings
from liendea_assets_tests.outreach.campaigns import KEY, SETTINGS, make_campaign

NOW = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)
ROW = {"contact_id": 7, "full_name": "Robin Weaver", "first_name": "Robin", "company": "Acme Labs", "work_email": "robin@acmelabs.example"}
GOOD = "Hi {{ first_name }}, I would like to hear how you and your team at {{ company }} decide which accounts come first this year."


def findings(campaign: Campaign, settings: OutreachSettings = SETTINGS, *, is_first: bool = True) -> list[Finding]:
    composer, step = Composer(campaign, settings, KEY), campaign.steps[0].name
    return list(lint_email(composer.render(ROW, step), composer.compose(ROW, step, NOW), settings, is_first=is_first))


def texts(campaign: Campaign, settings: OutreachSettings = SETTINGS) -> str:
    return "; ".join(f"{finding.level} {finding.rule}: {finding.text}" for finding in findings(campaign, settings))


@pytest.mark.parametrize("html", [None, f"<p>{GOOD}</p>"])
@pytest.mark.parametrize("public", [PublicSettings(), PublicSettings(base_url="https://mail.northwind.example", click_tracking=True)])
def test_good_message_has_no_findings(html: str | None, public: PublicSettings) -> None:
    body = GOOD + " More of it stands on https://northwind.example/how."
    assert findings(make_campaign(body=body, html=html), SETTINGS.model_copy(update={"public": public})) == []


@pytest.mark.parametrize(
    ("subject", "told"),
    [
        ("Re: our talk", "error law: the first subject looks like an answer"),
        ("AW: Ihr Angebot", "error law: the first subject looks like an answer"),
        ("Save 30 $ today", "warning spam: exclamation marks or money"),
        ("{{ first_name }}!", "warning spam: exclamation marks or money"),
        ("LAST CHANCE TODAY", "warning spam: a subject in capitals"),
        ("A free trial for {{ company }}", "warning spam: filters know the words 'free trial'"),
        ("x" * 61, "warning length: a subject of 61 characters"),
    ],
)
def test_subject_that_deceives_shouts_or_is_cut_off(subject: str, told: str) -> None:
    assert told in texts(make_campaign(subject=subject, body=GOOD))


def test_follow_up_is_an_answer_indeed() -> None:
    assert findings(make_campaign(subject="Re: our talk", body=GOOD), is_first=False) == []


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("Hi.", "warning length: 1 words"),
        (GOOD * 15, "warning length: "),
        (GOOD + " Act now! Risk-free!", "warning spam: filters know the words 'act now'; warning spam: filters know the words 'risk-free'"),
        (GOOD + " Wow! Wow! Wow!", "warning spam: 3 exclamation marks"),
        (GOOD + " BEST OFFER EVER SEEN FROM VERY GOOD PEOPLE", "warning spam: many words in capitals"),
        (GOOD + " See http://northwind.example", "warning links: a link to northwind.example without https"),
        (GOOD + " See https://bit.ly/x1", "warning links: a link by bit.ly"),
        (GOOD + " See https://192.0.2.1/x", "warning links: a link to a number"),
        (GOOD + " https://a.example https://b.example https://c.example", "warning links: 3 links"),
    ],
)
def test_text_that_filters_and_people_take_amiss(body: str, told: str) -> None:
    assert told in texts(make_campaign(body=body))


@pytest.mark.parametrize(
    ("link", "told"),
    [
        (
            '<a href="https://evil.example/x">www.northwind.example</a>',
            "error links: a link that shows www.northwind.example leads to evil.example",
        ),
        ('<a href="">here</a>', "error links: a link that leads nowhere"),
        ('<a href="/how">here</a>', "error links: a link that leads nowhere"),
        ('<a href="javascript:alert(1)">here</a>', "error links: a link that leads nowhere"),
    ],
)
def test_link_that_is_not_what_it_seems(link: str, told: str) -> None:
    assert told in texts(make_campaign(body=GOOD, html=f"<p>{GOOD} {link}</p>"))


def test_link_that_is_counted_is_judged_by_where_it_leads() -> None:
    settings = SETTINGS.model_copy(update={"public": PublicSettings(base_url="https://mail.northwind.example", click_tracking=True)})
    html = f'<p>{GOOD} <a href="https://bit.ly/x">northwind.example</a></p>'
    told = texts(make_campaign(body=GOOD, html=html), settings)
    assert "a link by bit.ly" in told
    assert "a link that shows northwind.example leads to bit.ly" in told


@pytest.mark.parametrize("html", [f"<p>{GOOD}</p><!-- never closed", f"<p>{GOOD}</p><script>", f"<p>{GOOD}</p><style>"])
def test_footer_that_nobody_sees_is_an_error(html: str) -> None:
    told = texts(make_campaign(body=GOOD, html=html))
    assert "error law: the postal address is not to be seen in the HTML part" in told
    assert "error law: the HTML part does not say how to end it" in told
    assert "in the text part" not in told


def test_footer_without_an_opt_out_or_a_company_is_an_error() -> None:
    told = texts(make_campaign(body=GOOD), SETTINGS.model_copy(update={"footer": "Have a good day."}))
    assert "error law: the text part does not say how to end it" in told
    elsewhere = SETTINGS.sender.model_copy(update={"postal_address": "1 Sample Street, Springfield, IL 62701, USA"})
    told = texts(make_campaign(body=GOOD), SETTINGS.model_copy(update={"footer": "End it: {{ unsubscribe }}", "sender": elsewhere}))
    assert told == "error law: the text part does not say which company writes"


@pytest.mark.parametrize(
    ("kind", "subject", "body", "told"),
    [
        ("linkedin_message", "", "x" * 201, "201 characters; the note to an invitation holds 200"),
        ("linkedin_message", "", "x" * 200, ""),
        ("inmail", "", "x", "an InMail without a subject"),
        ("inmail", "Hi", "x" * 1901, "longer than LinkedIn takes"),
        ("inmail", "Hi", "x" * 1900, ""),
    ],
)
def test_notes_are_as_long_as_linkedin_takes(kind: str, subject: str, body: str, told: str) -> None:
    rendered = Composer(make_campaign(kind, subject=subject, body=body), SETTINGS, KEY).render(ROW, "step-1")
    found = [finding.text for finding in lint_note(rendered, kind, 200)]
    assert any(told in text for text in found) if told else not found


def test_each_finding_is_told_once_with_its_steps() -> None:
    error, warning = Finding("error", "law", "x"), Finding("warning", "spam", "y")
    assert merged([("a", warning), ("b", error), ("b", warning), ("a", warning)]) == [(error, ("b",)), (warning, ("a", "b"))]
