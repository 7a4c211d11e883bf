from liendea_assets.core.home import Home
from liendea_assets.core.settings import load_settings
from liendea_assets.db.connection import Database
from liendea_assets.outreach import campaign_store
from liendea_assets.outreach.campaign_check import CampaignCheck, by_week, check_campaign
from liendea_assets.outreach.campaign_preview import preview
from liendea_assets.outreach.campaigns import Campaign, load_campaigns
from liendea_assets.outreach.settings import Audience, OutreachSettings
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.contacts import add_target
from liendea_assets_tests.outreach.campaigns import KEY, SETTINGS, make_campaign, make_step

FOLLOW_UP = make_step("again", 3, body="Once more, {{ first_name }}")


def check(db: Database, campaign: Campaign) -> CampaignCheck:
    return check_campaign(db, campaign, SETTINGS, KEY, VirtualClock().now())


def test_shipped_campaigns_have_no_findings(home: Home, db: Database) -> None:
    """For people with a tie and without one, of each country that the policies tell apart."""
    settings = load_settings(OutreachSettings, home, "outreach.yaml")
    for contact_id, country in enumerate(("US", "DE", "GB", "FR", "JP", None, "US", "AT"), start=1):
        add_target(db, contact_id, country=country, strength=5.0 if contact_id % 2 else None)
    for campaign in load_campaigns(home):
        found = check_campaign(db, campaign, settings, KEY, VirtualClock().now())
        assert (found.audience, found.tried, found.problems, found.findings) == (8, 8, {}, [])
        wordings = {(one.step, one.rendered.variant, one.rendered.language) for person in found.samples for one in person if one.rendered}
        assert len(wordings) >= len(campaign.steps)


def test_audience_is_counted_and_the_best_ten_are_shown(db: Database) -> None:
    for contact_id in range(1, 31):
        add_target(db, contact_id, score=50 + contact_id, country="US" if contact_id % 2 else "DE")
    campaign = make_campaign()
    narrow = campaign.model_copy(update={"settings": campaign.settings.model_copy(update={"audience": Audience(countries=("DE",))})})
    found = check(db, narrow)
    assert (found.audience, found.tried, len(found.samples)) == (15, 15, 10)
    assert [person[0].contact_id for person in found.samples] == list(range(30, 10, -2))


def test_who_cannot_be_written_to_is_counted_by_reason(db: Database) -> None:
    add_target(db, 1)
    add_target(db, 2, company_name=None)
    add_target(db, 3, work_email=None)
    add_target(db, 4, work_email="robin@acme@labs.example")
    found = check(db, make_campaign(follow_ups=(FOLLOW_UP,)))
    assert found.problems == {
        "missing variable: 'company' is undefined": 1,
        "no e-mail address is known": 1,
        "the address is not one that mail servers accept": 1,
    }
    (second,) = [person[1] for person in found.samples if person[0].contact_id == 2]
    assert second.problem == "the step step-1 before it cannot be made"
    assert found.errors == 0


def test_variable_that_there_is_not_is_an_error_though_nobody_is_there(db: Database) -> None:
    found = check(db, make_campaign(body="{{ nickname }} {{ first_name }} {{ unsubscribe_url|fallback('') }}"))
    told = [(finding.level, finding.rule, finding.text.partition(" is ")[0], steps) for finding, steps in found.findings]
    assert told == [("error", "variables", "{{ nickname }}", ("step-1",)), ("error", "variables", "{{ unsubscribe_url }}", ("step-1",))]
    assert found.errors == 2


def test_forecast_knows_what_went_out(db: Database) -> None:
    campaign = make_campaign(follow_ups=(FOLLOW_UP,), daily_limit=100)
    campaign_store.sync_campaigns(db, [campaign], "2026-10-05 09:00:00.000000")
    for contact_id in range(1, 5):
        add_target(db, contact_id, company_name=f"Acme {contact_id}")
    row = {"campaign_id": 1, "step": 1, "outreach_type": "email", "planned_on": "2026-10-02", "message": "x", "message_sha256": "x"}
    row |= {"campaign_version": "v1", "created_at": "2026-10-02 09:00:00.000000"}
    db.table("outreach_log").insert({**row, "contact_id": 1, "status": "sent", "sent_at": "2026-10-02 09:00:00.000000"})
    db.table("outreach_log").insert({**row, "contact_id": 2, "status": "responded", "sent_at": "2026-10-02 09:00:00.000000"})
    days = check(db, campaign).days
    assert (sum(day.first for day in days), sum(day.follow_ups for day in days)) == (2, 3)
    assert (str(days[0].day), days[0].first, days[0].follow_ups) == ("2026-10-05", 2, 1)
    assert [(str(week.day), week.first, week.follow_ups) for week in by_week(days)] == [("2026-10-05", 2, 3)]


def test_preview_shows_each_step_in_its_thread(db: Database) -> None:
    add_target(db, 1)
    first, second = preview(db, make_campaign(follow_ups=(FOLLOW_UP,)), 1, SETTINGS, KEY, VirtualClock().now())
    assert first.rendered is not None
    assert second.rendered is not None
    assert (first.rendered.subject, second.rendered.subject) == ("Robin, a question", "Re: Robin, a question")
    assert first.rendered.text.startswith("Hi Robin of Acme Labs")
    assert second.message is not None
    assert f"In-Reply-To: {first.message.message_id}" in second.message.text if first.message else False
    assert first.is_in_audience
    assert db.table("outreach_log").count == 0


def test_preview_tells_why_not(db: Database) -> None:
    def why(contact_id: int) -> tuple[str | None, bool]:
        (one,) = preview(db, make_campaign(priorities=(1,)), contact_id, SETTINGS, KEY, VirtualClock().now())
        return one.problem, one.is_in_audience

    add_target(db, 1, priority=2)
    add_target(db, 2, company_name=None)
    add_target(db, 3)
    add_target(db, 4)
    db.conn.execute("INSERT INTO suppressed_contacts VALUES (3, 'the address is suppressed')")
    db.conn.execute("DELETE FROM icp_targets WHERE contact_id = 4")
    db.conn.execute("UPDATE contacts SET merged_into = 1 WHERE id = 4")
    assert [why(contact_id) for contact_id in (1, 2, 3, 4, 5)] == [
        (None, False),
        ("missing variable: 'company' is undefined", True),
        ("the address is suppressed", False),
        ("merged into contact 1", False),
        ("there is no such contact", False),
    ]
