"""The SQL of caps and limits: what was sent, when and to whom. Each query is a few index look-ups, since each claim asks them all."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from sqlite3 import Connection

READ_PERSON = """
    SELECT c.merged_into, e.country, e.time_zone, e.company_id, k.merged_into AS company_into
    FROM contacts c
    LEFT JOIN enriched_contacts e ON e.contact_id = c.id
    LEFT JOIN companies k ON k.id = e.company_id
    WHERE c.id = :contact_id
"""
# `+` keeps SQLite from going through everything that was ever sent by the index of the states.
READ_PERSON_MESSAGES = """
    SELECT l.campaign_id, l.step, l.status, coalesce(l.sent_at, l.claimed_at, :now) AS written_at
    FROM outreach_log l
    WHERE l.contact_id IN (SELECT :contact_id UNION ALL SELECT id FROM contacts WHERE merged_into = :contact_id)
        AND +l.status IN ('claimed', 'sending', 'uncertain', 'sent', 'responded')
        AND l.id <> :id
"""
READ_DAILY_LIMIT = "SELECT daily_limit FROM outreach_campaigns WHERE id = :campaign_id"
# What may have gone out without a moment at which it did. It counts as if it went out now, unless a dead process left it long ago.
READ_UNDER_WAY = """
    SELECT l.id, l.outreach_type, l.campaign_id, l.mailbox, coalesce(c.merged_into, c.id) AS contact_id, e.company_id,
        CASE l.status WHEN 'uncertain' THEN coalesce(l.claimed_at, :now) ELSE :now END AS written_at
    FROM outreach_log l
    JOIN contacts c ON c.id = l.contact_id
    LEFT JOIN enriched_contacts e ON e.contact_id = coalesce(c.merged_into, c.id)
    WHERE l.status IN ('claimed', 'sending', 'uncertain') AND l.sent_at IS NULL AND l.id <> :id
"""
COUNT_SENT = "SELECT count(*) AS sent FROM outreach_log WHERE outreach_type = 'email' AND sent_at > :since"
COUNT_SENT_BY_CAMPAIGN = "SELECT count(*) AS sent FROM outreach_log WHERE campaign_id = :campaign_id AND sent_at >= :since"
COUNT_SENT_BY_MAILBOX = "SELECT count(*) AS sent FROM outreach_log WHERE mailbox = :mailbox AND sent_at >= :since"
# One row for each of the stretches that are given as [[start, end], …], the start within.
READ_MAILBOX_DAYS = """
    SELECT
        count(l.sent_at) AS sent, count(CASE l.bounce WHEN 'hard' THEN 1 END) AS hard_bounces, count(l.complained_at) AS complaints,
        (
            SELECT count(*) FROM outreach_log r
            WHERE r.mailbox = :mailbox AND r.bounce = 'hard' AND r.sent_at IS NULL
                AND coalesce(r.bounced_at, r.sent_at) >= d.value ->> 0 AND coalesce(r.bounced_at, r.sent_at) < d.value ->> 1
        ) AS refused
    FROM json_each(:days) d
    LEFT JOIN outreach_log l ON l.mailbox = :mailbox AND l.sent_at >= d.value ->> 0 AND l.sent_at < d.value ->> 1
    GROUP BY d.key
    ORDER BY d.key
"""
# Everybody else at the company, with what was sent to contacts who are part of theirs by now.
READ_COLLEAGUES = """
    SELECT e.contact_id
    FROM enriched_contacts e
    WHERE e.company_id IN (:company_id, :company_into) AND e.contact_id <> :contact_id AND (
        EXISTS (SELECT 1 FROM outreach_log l WHERE l.contact_id = e.contact_id AND l.sent_at > :since)
        OR EXISTS (
            SELECT 1 FROM contacts f JOIN outreach_log l ON l.contact_id = f.id WHERE f.merged_into = e.contact_id AND l.sent_at > :since
        )
    )
    LIMIT :most
"""


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a message is for, as known now.

    Attributes:
        is_merged: whether the contact is part of another one by now.
        companies: ids that stand for the person's company.
    """

    contact_id: int
    is_merged: bool
    country: str | None
    time_zone: str | None
    companies: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PersonMessage:
    """Another message that the person got, or may have got."""

    campaign_id: int
    step: int
    status: str
    written_at: str


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A message that may be going out, or may have gone out."""

    outreach_type: str
    campaign_id: int
    mailbox: str | None
    contact_id: int
    company_id: int | None
    written_at: str


@dataclass(frozen=True, slots=True)
class SentDay:
    """What a mailbox sent in a day, and what came of it.

    Attributes:
        refused: messages to addresses that do not exist, as the server said at once; they are not among the others.
    """

    sent: int
    hard_bounces: int
    complaints: int
    refused: int = 0


def read_person(connection: Connection, contact_id: int) -> Person:
    """The contact of a message."""
    row = connection.execute(READ_PERSON, {"contact_id": contact_id}).fetchone()
    companies = tuple(id_ for id_ in (row["company_id"], row["company_into"]) if id_ is not None)
    return Person(contact_id, row["merged_into"] is not None, row["country"], row["time_zone"], companies)


def read_person_messages(connection: Connection, contact_id: int, own_id: int, now: str) -> list[PersonMessage]:
    """Messages of every campaign to the person, under whatever contact they were sent; all but one's own."""
    rows = connection.execute(READ_PERSON_MESSAGES, {"contact_id": contact_id, "id": own_id, "now": now})
    return [PersonMessage(row["campaign_id"], row["step"], row["status"], row["written_at"]) for row in rows]


def read_daily_limit(connection: Connection, campaign_id: int) -> int:
    """Messages a day of a campaign."""
    return int(connection.execute(READ_DAILY_LIMIT, {"campaign_id": campaign_id}).fetchone()["daily_limit"])


def read_under_way(connection: Connection, own_id: int, now: str) -> list[UnderWay]:
    """Everything that is claimed, being sent, or uncertain; all but one's own."""
    rows = connection.execute(READ_UNDER_WAY, {"id": own_id, "now": now})
    return [
        UnderWay(row["outreach_type"], row["campaign_id"], row["mailbox"], row["contact_id"], row["company_id"], row["written_at"])
        for row in rows
    ]


def count_sent(connection: Connection, since: str) -> int:
    """E-mails that went out after a moment."""
    return int(connection.execute(COUNT_SENT, {"since": since}).fetchone()["sent"])


def count_sent_by_campaign(connection: Connection, campaign_id: int, since: str) -> int:
    """A campaign's messages from a moment on."""
    return int(connection.execute(COUNT_SENT_BY_CAMPAIGN, {"campaign_id": campaign_id, "since": since}).fetchone()["sent"])


def count_sent_by_mailbox(connection: Connection, mailbox: str, since: str) -> int:
    """A mailbox's messages from a moment on."""
    return int(connection.execute(COUNT_SENT_BY_MAILBOX, {"mailbox": mailbox, "since": since}).fetchone()["sent"])


def read_mailbox_days(connection: Connection, mailbox: str, days: Sequence[tuple[str, str]]) -> list[SentDay]:
    """What a mailbox did in each stretch from a moment up to another."""
    rows = connection.execute(READ_MAILBOX_DAYS, {"mailbox": mailbox, "days": json.dumps(days)})
    return [SentDay(row["sent"], row["hard_bounces"], row["complaints"], row["refused"]) for row in rows]


def read_colleagues(connection: Connection, person: Person, since: str, most: int) -> set[int]:
    """Other people at the company to whom something was sent after a moment; as many as are asked for."""
    company_id, company_into = person.companies[0], person.companies[-1]
    parameters = {"company_id": company_id, "company_into": company_into, "contact_id": person.contact_id, "since": since, "most": most}
    return {row["contact_id"] for row in connection.execute(READ_COLLEAGUES, parameters)}
