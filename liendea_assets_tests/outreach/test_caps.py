from datetime import UTC, datetime, timedelta

import pytest

from liendea_assets.core.clock import to_text
from liendea_assets.db.connection import Database
from liendea_assets.outreach.cap_store import SentDay
from liendea_assets.outreach.caps import find_free, mailbox_limit, read_mailbox_limit
from liendea_assets.outreach.settings import CapSettings, MailboxSettings, OutreachSettings
from liendea_assets_tests.contacts import add_contact, change_contact
from liendea_assets_tests.outreach.campaigns import SETTINGS
from liendea_assets_tests.outreach.messages_sent import add_campaign_row, add_message, merge_contact

# a Monday
NOW = datetime(2026, 10, 5, 12, 0, tzinfo=UTC)
MAILBOX = MailboxSettings(name="main", email="sam.rivera@northwind.example")
NO_LIMITS: tuple[tuple[int, int], ...] = ()


def with_settings(mailbox: dict[str, object] | None = None, **caps: int) -> OutreachSettings:
    """Wide open, but for what is given."""
    wide = {"company_people_per_week": 1_000, "messages_per_contact_per_week": 1_000, "days_between_messages": 0, **caps}
    open_mailbox = MAILBOX.model_copy(update={"daily_limit": 1_000, "ramp_from": 1_000, **(mailbox or {})})
    return SETTINGS.model_copy(update={"caps": CapSettings.model_validate(wide), "mailboxes": (open_mailbox,)})


def free(
    db: Database, settings: OutreachSettings, contact_id: int = 1, now: datetime = NOW, limits: tuple[tuple[int, int], ...] = NO_LIMITS
) -> str | None:
    """What stands against a queued message to the contact, of a campaign that nothing else is sent by."""
    campaign_id = 99
    if not db.execute("SELECT 1 FROM outreach_campaigns WHERE id = 99").fetchone():
        add_campaign_row(db, campaign_id)
    row = db.execute("SELECT * FROM outreach_log WHERE campaign_id = 99 AND contact_id = ?", [contact_id]).fetchone()
    if row is None:
        add_message(db, contact_id, "queued", campaign_id=campaign_id)
        row = db.execute("SELECT * FROM outreach_log WHERE campaign_id = 99 AND contact_id = ?", [contact_id]).fetchone()
    return find_free(db.conn, row, settings, now, limits)


@pytest.fixture
def people(db: Database) -> Database:
    """Contacts 1 to 9 at nine companies, and a campaign."""
    for contact_id in range(1, 10):
        company = {"id": contact_id, "name": "Acme", "created_at": "t", "updated_at": "t"}
        db.table("companies").insert(company)
        add_contact(db, contact_id, company_id=contact_id)
    add_campaign_row(db, 1)
    return db


def test_first_message_of_all_is_free(people: Database) -> None:
    assert free(people, SETTINGS) is None


def test_nothing_goes_out_beyond_the_recipients_working_hours(people: Database) -> None:
    change_contact(people, 1, time_zone="Asia/Tokyo")
    assert free(people, SETTINGS) == "outside of the recipient's working hours"
    assert free(people, SETTINGS, now=NOW.replace(hour=2)) is None


def test_mailbox_that_is_gone_from_the_settings_sends_nothing(people: Database) -> None:
    gone = SETTINGS.model_copy(update={"mailboxes": (MAILBOX.model_copy(update={"name": "other"}),)})
    assert free(people, gone) == "its mailbox does not stand in outreach.yaml"


@pytest.mark.parametrize("status", ["sent", "responded", "claimed", "sending", "uncertain"])
def test_campaign_ends_at_its_daily_limit(people: Database, status: str) -> None:
    people.table("outreach_campaigns").update(1, {"daily_limit": 2})
    add_message(people, 1, "queued")
    row = people.execute("SELECT * FROM outreach_log WHERE contact_id = 1").fetchone()
    settings = with_settings()
    add_message(people, 2, status, NOW - timedelta(minutes=5))
    assert find_free(people.conn, row, settings, NOW, NO_LIMITS) is None
    add_message(people, 3, status, NOW - timedelta(minutes=5))
    assert find_free(people.conn, row, settings, NOW, NO_LIMITS) == "the campaign has sent its 2 of today"
    assert (find_free(people.conn, row, settings, NOW + timedelta(days=1), NO_LIMITS) is None) == (status not in ("claimed", "sending"))


@pytest.mark.parametrize("status", ["failed", "cancelled", "held", "queued"])
def test_message_that_did_not_go_out_counts_nowhere(people: Database, status: str) -> None:
    for contact_id in range(2, 8):
        add_message(people, contact_id, status)
        change_contact(people, contact_id, company_id=1)
    assert free(people, with_settings({"daily_limit": 1}, company_people_per_week=1), limits=((60, 1),)) is None


def test_mailbox_begins_with_few_and_gets_more_each_day(people: Database) -> None:
    settings = with_settings({"daily_limit": 4, "ramp_from": 1, "ramp_step": 2})
    add_message(people, 2, "sent", NOW - timedelta(hours=1))
    assert free(people, settings) == "the mailbox has sent its 1 of today"
    tuesday = NOW + timedelta(days=1)
    assert free(people, settings, now=tuesday) is None
    for contact_id in (3, 4, 5):
        add_message(people, contact_id, "sent", tuesday - timedelta(hours=1))
    assert free(people, settings, now=tuesday) == "the mailbox has sent its 3 of today"
    # the day that follows has the most that it ever may
    for contact_id in (6, 7, 8):
        add_message(people, contact_id, "sent", tuesday + timedelta(hours=23))
    assert free(people, settings, now=tuesday + timedelta(days=1)) is None
    add_message(people, 9, "sent", tuesday + timedelta(hours=23))
    assert free(people, settings, now=tuesday + timedelta(days=1)) == "the mailbox has sent its 4 of today"


def test_days_of_a_mailbox_begin_at_its_own_midnight(people: Database) -> None:
    """Both moments are on the same day in UTC."""
    settings = with_settings({"daily_limit": 1, "time_zone": "America/Los_Angeles"})
    add_message(people, 2, "sent", datetime(2026, 10, 5, 6, 30, tzinfo=UTC))
    assert free(people, settings, now=datetime(2026, 10, 5, 23, 30, tzinfo=UTC)) is None
    add_message(people, 3, "sent", datetime(2026, 10, 5, 7, 30, tzinfo=UTC))
    assert free(people, settings, now=datetime(2026, 10, 5, 23, 30, tzinfo=UTC)) == "the mailbox has sent its 1 of today"


@pytest.mark.parametrize(
    ("days", "allowed"),
    [
        ([], 5),
        ([SentDay(0, 0, 0)] * 9, 5),
        ([SentDay(5, 0, 0)], 8),
        ([SentDay(5, 0, 0), SentDay(0, 0, 0), SentDay(8, 1, 0)], 11),
        ([SentDay(5, 0, 0)] * 20, 30),
        ([SentDay(5, 0, 0)] * 20 + [SentDay(30, 2, 0)], 27),
        ([SentDay(5, 0, 0)] * 20 + [SentDay(100, 2, 0)], 30),
        ([SentDay(5, 0, 0)] * 20 + [SentDay(30, 0, 1)], 27),
        ([SentDay(5, 5, 0)] * 3, 5),
        ([SentDay(5, 0, 0)] * 20 + [SentDay(28, 0, 0, 2)], 27),
        ([SentDay(5, 0, 0)] * 20 + [SentDay(28, 1, 0, 1)], 27),
        ([SentDay(0, 0, 0, 1)] * 3, 5),
    ],
)
def test_mailbox_gets_more_while_it_is_healthy(days: list[SentDay], allowed: int) -> None:
    assert mailbox_limit(MAILBOX, SETTINGS.gate, days) == allowed


def test_address_that_the_server_refused_at_once_is_a_bounce_of_the_mailbox(people: Database) -> None:
    settings, day_before = with_settings(), NOW - timedelta(days=2)
    mailbox = settings.all_mailboxes[0].model_copy(update={"ramp_from": 1, "ramp_step": 1})
    add_message(people, 2, "sent", day_before)
    assert read_mailbox_limit(people.conn, mailbox, settings.gate, NOW) == 2
    for step in (2, 3):
        add_message(people, 3, "failed", step=step, bounce="hard", bounced_at=to_text(NOW - timedelta(days=1)))
    assert read_mailbox_limit(people.conn, mailbox, settings.gate, NOW) == 1


def test_ramp_never_goes_beyond_the_daily_limit() -> None:
    assert mailbox_limit(MAILBOX.model_copy(update={"daily_limit": 3}), SETTINGS.gate, []) == 3


@pytest.mark.parametrize("seconds", [60, 3_600, 86_400])
def test_windows_of_the_rate_limits_slide(people: Database, seconds: int) -> None:
    settings, limits = with_settings(), ((seconds, 2),)
    first = NOW - timedelta(seconds=seconds)
    add_message(people, 2, "sent", first + timedelta(seconds=1))
    add_message(people, 3, "sending", NOW - timedelta(seconds=1))
    assert free(people, settings, limits=limits) == f"2 e-mails within {seconds} s, which is the limit of rate_limits.yaml"
    people.execute("UPDATE outreach_log SET sent_at = ? WHERE contact_id = 2", [to_text(first)])
    assert free(people, settings, limits=limits) is None


def test_linkedin_messages_do_not_count_against_the_limits_of_email(people: Database) -> None:
    add_campaign_row(people, 2, kind="linkedin_message")
    add_message(people, 2, "sent", NOW, campaign_id=2, kind="linkedin_message")
    assert free(people, with_settings(), limits=((60, 1),)) is None


def test_message_under_way_counts_however_long_it_takes(people: Database) -> None:
    """It may reach the server in this very moment."""
    add_message(people, 2, "sending", NOW - timedelta(minutes=10))
    assert free(people, with_settings(), limits=((60, 1),)) is not None


def test_two_people_of_a_company_and_week(people: Database) -> None:
    for contact_id in (2, 3, 4):
        change_contact(people, contact_id, company_id=1)
    settings = with_settings(company_people_per_week=2)
    add_message(people, 2, "sent", NOW - timedelta(days=6))
    add_message(people, 2, "sent", NOW - timedelta(days=1), step=2)
    assert free(people, settings) is None
    add_message(people, 3, "uncertain", NOW - timedelta(days=1))
    assert free(people, settings) == "2 other people at the company had a message within a week"
    # one of the two themselves may go on, until others were written to
    assert free(people, settings, 2) is None
    assert free(people, settings, now=NOW + timedelta(days=7)) is None


def test_company_that_became_part_of_another_counts_as_that(people: Database) -> None:
    people.table("companies").update(1, {"merged_into": 2, "name": ""})
    add_message(people, 2, "sent", NOW - timedelta(days=1))
    assert free(people, with_settings(company_people_per_week=1)) is not None


def test_colleague_who_was_written_to_as_another_contact_counts(people: Database) -> None:
    change_contact(people, 2, company_id=1)
    add_message(people, 3, "sent", NOW - timedelta(days=1))
    merge_contact(people, 3, 2)
    assert free(people, with_settings(company_people_per_week=1)) is not None


def test_person_gets_few_messages_over_all_campaigns(people: Database) -> None:
    settings = with_settings(messages_per_contact_per_week=2, days_between_messages=2)
    add_message(people, 1, "responded", NOW - timedelta(days=6))
    assert free(people, settings) is None
    add_message(people, 1, "sent", NOW - timedelta(days=1), step=2)
    assert free(people, settings) == "the person had a message less than 2 days ago"
    assert free(people, settings, now=NOW + timedelta(hours=23)) == "the person had a message less than 2 days ago"
    people.execute("UPDATE outreach_log SET sent_at = ? WHERE step = 2", [to_text(NOW - timedelta(days=2))])
    assert free(people, settings) == "the person had 2 messages within a week"
    assert free(people, settings, now=NOW + timedelta(days=1)) is None


@pytest.mark.parametrize("former", [True, False])
def test_what_was_sent_to_either_of_two_contacts_counts_for_the_person(people: Database, former: bool) -> None:
    add_message(people, 2, "sent", NOW - timedelta(days=1))
    merge_contact(people, 2, 1) if former else merge_contact(people, 1, 2)
    expected = "the person had a message less than 2 days ago" if former else "the contact is part of another one"
    assert free(people, with_settings(days_between_messages=2)) == expected


def test_message_that_the_person_had_under_another_contact_is_not_sent_again(people: Database) -> None:
    add_message(people, 1, "queued")
    add_message(people, 2, "sent", NOW - timedelta(days=300))
    merge_contact(people, 2, 1)
    row = people.execute("SELECT * FROM outreach_log WHERE contact_id = 1").fetchone()
    assert find_free(people.conn, row, with_settings(), NOW, NO_LIMITS) == "the person has had this message under another contact"


def test_person_with_an_uncertain_message_waits_until_it_is_settled(people: Database) -> None:
    add_message(people, 1, "uncertain", NOW - timedelta(days=30))
    assert free(people, with_settings()) == "another message to the person is uncertain"
    people.execute("UPDATE outreach_log SET settled_by = 'sam', status = 'failed' WHERE campaign_id = 1")
    assert free(people, with_settings()) is None
