"""Whether a message may go out now by every cap and limit: read by the sender in the transaction that claims the message.

What counts is what was sent, and what may have been: messages that are claimed, being sent or uncertain count as sent.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from sqlite3 import Connection, Row
from zoneinfo import ZoneInfo

from liendea_assets.core.clock import to_text
from liendea_assets.outreach import cap_store as store
from liendea_assets.outreach.schedule import Schedule
from liendea_assets.outreach.settings import GateSettings, MailboxSettings, OutreachSettings

_WEEK = timedelta(days=7)
# A mailbox that rested for longer than it takes to ramp up, twice over and these days more, begins anew.
_REST_DAYS = 14
# What these bring decides mostly; a ramp is at its top, or today's messages are few.
_RECENT_DAYS = 14
# One bad address in a day is bad luck, whatever share it is of five messages.
_BAD_LUCK = 1


def find_free(
    connection: Connection, row: Mapping[str, object] | Row, settings: OutreachSettings, now: datetime, limits: Sequence[tuple[int, int]]
) -> str | None:
    """Why a queued e-mail must not go out now, without personal data; None where nothing stands against it.

    Args:
        connection: within the transaction that claims the row, so that two senders never share the last free place.
        row: `id`, `campaign_id`, `contact_id`, `step`, `mailbox` of outreach_log.
        limits: (seconds, messages) of the sliding windows of `email` in rate_limits.yaml.
    """
    mailbox = next((one for one in settings.all_mailboxes if one.name == row["mailbox"]), None)
    if mailbox is None:
        return "its mailbox does not stand in outreach.yaml"
    own_id, campaign_id, contact_id, step = (_number(row, name) for name in ("id", "campaign_id", "contact_id", "step"))
    person = store.read_person(connection, contact_id)
    if person.is_merged:
        return "the contact is part of another one"
    if not Schedule(settings.window, mailbox.time_zone).is_open(person.time_zone, person.country, now):
        return "outside of the recipient's working hours"
    text = to_text(now)
    messages = store.read_person_messages(connection, contact_id, own_id, text)
    under_way = store.read_under_way(connection, own_id, text)
    return (
        _has_had_it(messages, campaign_id, step)
        or _is_too_frequent(messages, settings, now)
        or _is_campaign_done(connection, campaign_id, under_way, settings, now)
        or _is_mailbox_done(connection, mailbox, under_way, settings.gate, now)
        or _is_limit_reached(connection, under_way, limits, now)
        or _is_company_done(connection, person, under_way, settings, now)
    )


def mailbox_limit(mailbox: MailboxSettings, gate: GateSettings, days: Sequence[store.SentDay]) -> int:
    """Messages that a mailbox may send today.

    From `ramp_from`, `ramp_step` more after each healthy day on which it sent, as many less after a bad one, up to `daily_limit`.
    A day is bad with a complaint, or with several hard bounces that are a share of `bounce_stop` or more. An address that the server
    refused at once bounced, too.

    Args:
        days: the days before today, the oldest first.
    """
    allowed = min(mailbox.ramp_from, mailbox.daily_limit)
    for day in days:
        bounces, tried = day.hard_bounces + day.refused, day.sent + day.refused
        is_bad = day.complaints > 0 or (bounces > _BAD_LUCK and bounces >= gate.bounce_stop * tried)
        if day.sent or is_bad:
            allowed += -mailbox.ramp_step if is_bad else mailbox.ramp_step
            allowed = min(max(allowed, mailbox.ramp_from), mailbox.daily_limit)
    return allowed


def read_mailbox_limit(
    connection: Connection, mailbox: MailboxSettings, gate: GateSettings, now: datetime, *, most_days: int | None = None
) -> int:
    """As `mailbox_limit`, by what was sent.

    Args:
        most_days: look no further back. The limit is the same then, or a lower one, since no day turns more into less.
    """
    to_the_top = max(0, mailbox.daily_limit - mailbox.ramp_from) // mailbox.ramp_step + 1
    days = 2 * to_the_top + _REST_DAYS
    today = now.astimezone(ZoneInfo(mailbox.time_zone)).date()
    starts = _midnights(today, days if most_days is None else min(days, most_days), mailbox.time_zone)
    return mailbox_limit(mailbox, gate, store.read_mailbox_days(connection, mailbox.name, list(pairwise(starts))))


def _has_had_it(messages: Sequence[store.PersonMessage], campaign_id: int, step: int) -> str | None:
    if any(message.campaign_id == campaign_id and message.step == step for message in messages):
        return "the person has had this message under another contact"
    # nobody knows whether it arrived: what follows it might follow nothing
    return "another message to the person is uncertain" if any(message.status == "uncertain" for message in messages) else None


def _is_too_frequent(messages: Sequence[store.PersonMessage], settings: OutreachSettings, now: datetime) -> str | None:
    caps = settings.caps
    week, gap = to_text(now - _WEEK), to_text(now - timedelta(days=caps.days_between_messages))
    if caps.days_between_messages and any(message.written_at > gap for message in messages):
        return f"the person had a message less than {caps.days_between_messages} days ago"
    if sum(message.written_at > week for message in messages) >= caps.messages_per_contact_per_week:
        return f"the person had {caps.messages_per_contact_per_week} messages within a week"
    return None


def _is_campaign_done(
    connection: Connection, campaign_id: int, under_way: Sequence[store.UnderWay], settings: OutreachSettings, now: datetime
) -> str | None:
    zone = settings.window.default_time_zone or settings.all_mailboxes[0].time_zone
    limit, start = store.read_daily_limit(connection, campaign_id), _midnight(now.astimezone(ZoneInfo(zone)).date(), zone)
    going = sum(one.campaign_id == campaign_id and one.written_at >= start for one in under_way)
    if store.count_sent_by_campaign(connection, campaign_id, start) + going >= limit:
        return f"the campaign has sent its {limit} of today"
    return None


def _is_mailbox_done(
    connection: Connection, mailbox: MailboxSettings, under_way: Sequence[store.UnderWay], gate: GateSettings, now: datetime
) -> str | None:
    start = _midnight(now.astimezone(ZoneInfo(mailbox.time_zone)).date(), mailbox.time_zone)
    sent = store.count_sent_by_mailbox(connection, mailbox.name, start)
    sent += sum(one.mailbox == mailbox.name and one.written_at >= start for one in under_way)
    # each claim asks, so that no more of its past is read than decides
    if sent < min(mailbox.ramp_from, mailbox.daily_limit):
        return None
    if sent < read_mailbox_limit(connection, mailbox, gate, now, most_days=_RECENT_DAYS):
        return None
    limit = read_mailbox_limit(connection, mailbox, gate, now)
    return f"the mailbox has sent its {limit} of today" if sent >= limit else None


def _is_limit_reached(
    connection: Connection, under_way: Sequence[store.UnderWay], limits: Sequence[tuple[int, int]], now: datetime
) -> str | None:
    for seconds, most in limits:
        since = to_text(now - timedelta(seconds=seconds))
        going = sum(one.outreach_type == "email" and one.written_at > since for one in under_way)
        if store.count_sent(connection, since) + going >= most:
            return f"{most} e-mails within {seconds} s, which is the limit of rate_limits.yaml"
    return None


def _is_company_done(
    connection: Connection, person: store.Person, under_way: Sequence[store.UnderWay], settings: OutreachSettings, now: datetime
) -> str | None:
    if not person.companies:
        return None
    since, most = to_text(now - _WEEK), settings.caps.company_people_per_week
    people = store.read_colleagues(connection, person, since, most)
    people |= {one.contact_id for one in under_way if one.company_id in person.companies and one.written_at > since}
    return f"{most} other people at the company had a message within a week" if len(people - {person.contact_id}) >= most else None


@lru_cache(maxsize=64)
def _midnights(today: date, days: int, zone: str) -> tuple[str, ...]:
    """When each of the days before today began, and today, the oldest first."""
    return tuple(_midnight(today - timedelta(days=back), zone) for back in range(days, -1, -1))


def _midnight(day: date, zone: str) -> str:
    return to_text(datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC))


def _number(row: Mapping[str, object] | Row, name: str) -> int:
    value = row[name]
    assert isinstance(value, int)
    return value
