"""The SQL of the queue of e-mails: who may stand in it, what they had already, and what is put in and taken out."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from sqlite3 import Connection

import pandas as pd

from liendea_assets.db.connection import Database, read_frame, transaction
from liendea_assets.outreach.sequences import Entry

READ_HISTORY = """
    SELECT
        l.id, l.campaign_id, l.contact_id, coalesce(c.merged_into, c.id) AS person_id, l.step, l.status, l.campaign_version AS version,
        l.attempts, l.sent_at, l.send_after, l.schedule_reason, l.mailbox, l.message_id, l.recipient,
        l.response_at IS NOT NULL AS has_answer, l.bounce IS 'hard' AS has_bounced,
        l.unsubscribed_at IS NOT NULL OR l.complained_at IS NOT NULL AS has_opted_out, l.settled_by IS NOT NULL AS is_settled
    FROM outreach_log l
    JOIN contacts c ON c.id = l.contact_id
    WHERE l.outreach_type = 'email'
    ORDER BY l.id
"""
READ_STOPS = """
    WITH companies_stopped AS (
        SELECT coalesce(k.merged_into, k.id) AS company_id, min(s.reason) AS reason
        FROM outreach_stops s
        JOIN companies k ON k.id = s.company_id
        WHERE s.lifted_at IS NULL
        GROUP BY coalesce(k.merged_into, k.id)
    )
    SELECT e.contact_id, s.reason
    FROM companies_stopped s
    JOIN companies o ON o.id = s.company_id OR o.merged_into = s.company_id
    JOIN enriched_contacts e ON e.company_id = o.id
    UNION ALL
    SELECT coalesce(c.merged_into, c.id), s.reason
    FROM outreach_stops s
    JOIN contacts c ON c.id = s.contact_id
    WHERE s.lifted_at IS NULL
"""
READ_MESSAGE = "SELECT message FROM outreach_log WHERE id = :id"
# The sender may have taken the row since it was looked at, or have found out when to try again.
ENQUEUE = """
    INSERT INTO outreach_log (
        campaign_id, contact_id, step, outreach_type, status, planned_on, message_id, message, message_sha256, campaign_version, created_at,
        variant, language, mailbox, recipient, token, send_after, schedule_reason
    )
    VALUES (
        :campaign_id, :contact_id, :step, 'email', 'queued', :planned_on, :message_id, :message, :message_sha256, :version, :now,
        :variant, :language, :mailbox, :recipient, :token, :send_after, :schedule_reason
    )
    ON CONFLICT (campaign_id, contact_id, step) DO UPDATE SET
        status = 'queued', error_message = NULL, gate = NULL,
        send_after = CASE
            WHEN outreach_log.status = 'queued' AND outreach_log.attempts > 0 THEN outreach_log.send_after ELSE excluded.send_after
        END,
        schedule_reason = CASE
            WHEN outreach_log.status = 'queued' AND outreach_log.attempts > 0 THEN outreach_log.schedule_reason
            ELSE excluded.schedule_reason
        END,
        planned_on = excluded.planned_on, message_id = excluded.message_id, message = excluded.message,
        message_sha256 = excluded.message_sha256, campaign_version = excluded.campaign_version, variant = excluded.variant,
        language = excluded.language, mailbox = excluded.mailbox, recipient = excluded.recipient, token = excluded.token
    WHERE outreach_log.status IN ('cancelled', 'queued') AND outreach_log.outreach_type = 'email'
    RETURNING id
"""
CANCEL = "UPDATE outreach_log SET status = 'cancelled', error_message = :reason WHERE id = :id AND status = 'queued'"
DROP_LINKS = "DELETE FROM outreach_links WHERE outreach_log_id = :id"
ADD_LINK = "INSERT INTO outreach_links (token, outreach_log_id, url) VALUES (:token, :id, :url)"
CLEAR_EXCLUSIONS = "DELETE FROM outreach_exclusions WHERE campaign_id = :campaign_id"
ADD_EXCLUSION = "INSERT INTO outreach_exclusions (campaign_id, contact_id, reason) VALUES (:campaign_id, :contact_id, :reason)"
READ_QUEUED = """
    SELECT
        l.id, l.campaign_id, c.name AS campaign, l.contact_id, l.outreach_type, l.step, l.campaign_version, l.mailbox, l.recipient,
        l.message,
        l.message_sha256, e.work_email, e.linkedin_url
    FROM outreach_log l
    JOIN outreach_campaigns c ON c.id = l.campaign_id
    LEFT JOIN enriched_contacts e ON e.contact_id = l.contact_id
    LEFT JOIN icp_targets t ON t.contact_id = l.contact_id
    WHERE l.status = 'queued' AND l.outreach_type = 'email'
    ORDER BY t.priority, t.icp_score DESC, l.contact_id
"""
# In the order in which the sender takes them.
READ_NEXT = """
    WITH queued AS (
        SELECT l.*, EXISTS (
            SELECT 1 FROM outreach_log p
            WHERE p.campaign_id = l.campaign_id AND p.contact_id = l.contact_id AND p.status IN ('sent', 'responded')
        ) AS is_follow_up
        FROM outreach_log l
        WHERE l.status = 'queued' AND l.outreach_type = 'email'
    )
    SELECT
        q.id, q.campaign_id, c.name AS campaign, q.contact_id, q.step, coalesce(s.name, q.step) AS step_name, q.is_follow_up, q.mailbox,
        q.send_after, q.schedule_reason, q.error_message
    FROM queued q
    JOIN outreach_campaigns c ON c.id = q.campaign_id
    LEFT JOIN outreach_steps s ON s.campaign_id = q.campaign_id AND s.step = q.step
    ORDER BY
        q.send_after > :now, CASE WHEN q.send_after > :now THEN q.send_after END, (q.is_follow_up OR q.attempts > 0) DESC,
        q.send_after, q.id
    LIMIT :most
"""
COUNT_DOUBLES = """
    SELECT count(*) FROM (
        SELECT coalesce(c.merged_into, c.id) AS person_id
        FROM outreach_log l
        JOIN contacts c ON c.id = l.contact_id
        WHERE l.outreach_type = 'email' AND l.status = 'queued'
        GROUP BY person_id
        HAVING count(*) > 1
    ) doubles
"""
COUNT_EXCLUSIONS = """
    SELECT c.name AS campaign, x.reason, count(*) AS contacts
    FROM outreach_exclusions x
    JOIN outreach_campaigns c ON c.id = x.campaign_id
    WHERE c.type = 'email'
    GROUP BY c.name, x.reason
    ORDER BY c.name, contacts DESC, x.reason
"""
COUNT_DAYS = """
    SELECT substr(send_after, 1, 10) AS earliest_day, count(*) AS messages
    FROM outreach_log
    WHERE status = 'queued' AND outreach_type = 'email'
    GROUP BY earliest_day
    ORDER BY earliest_day
"""


@dataclass(frozen=True, slots=True)
class QueuedMessage:
    """A row of outreach_log to make, or to write anew.

    Attributes:
        links: token and address of each counted link.
    """

    contact_id: int
    step: int
    message_id: str | None
    message: str
    message_sha256: str
    variant: str | None
    language: str
    mailbox: str
    recipient: str | None
    token: str
    send_after: str
    schedule_reason: str
    links: tuple[tuple[str, str], ...] = ()


def read_history(db: Database) -> dict[int, list[Entry]]:
    """Person → every e-mail that was ever made for them, under whatever contact."""
    found: dict[int, list[Entry]] = defaultdict(list)
    for row in db.conn.execute(READ_HISTORY):
        found[row["person_id"]].append(
            Entry(
                row["id"], row["campaign_id"], row["contact_id"], row["person_id"], row["step"], row["status"], row["version"],
                row["attempts"], row["sent_at"], row["send_after"], row["schedule_reason"], row["mailbox"], row["message_id"],
                row["recipient"], bool(row["has_answer"]), bool(row["has_bounced"]), bool(row["has_opted_out"]), bool(row["is_settled"]),
            )
        )  # fmt: skip
    return dict(found)


def read_stops(db: Database) -> dict[int, str]:
    """Person → why nothing is sent to them any more: by what they did, or somebody at their company."""
    return {row["contact_id"]: row["reason"] for row in db.conn.execute(READ_STOPS)}


def read_message(db: Database, id_: int) -> str:
    """A message as it was made."""
    return str(db.conn.execute(READ_MESSAGE, {"id": id_}).fetchone()["message"])


def update_queue(
    db: Database,
    campaign_id: int,
    version: str,
    messages: Iterable[QueuedMessage],
    cancelled: Mapping[int, str],
    exclusions: Mapping[int, str],
    now: str,
) -> None:
    """Adds messages, withdraws others and replaces the campaign's exclusions, in one transaction.

    Args:
        cancelled: id of outreach_log → reason. exclusions: contact id → reason.
    """
    with transaction(db) as connection:
        _cancel(connection, cancelled)
        for message in messages:
            _enqueue(connection, campaign_id, version, message, now)
        connection.execute(CLEAR_EXCLUSIONS, {"campaign_id": campaign_id})
        connection.executemany(
            ADD_EXCLUSION,
            [{"campaign_id": campaign_id, "contact_id": contact_id, "reason": reason} for contact_id, reason in exclusions.items()],
        )


def cancel(db: Database, cancelled: Mapping[int, str]) -> None:
    """Withdraws queued messages.

    Args:
        cancelled: id of outreach_log → reason.
    """
    with transaction(db) as connection:
        _cancel(connection, cancelled)


def read_queued(db: Database) -> pd.DataFrame:
    """Queued e-mails, the best targets first, with the person's address and profile as known now."""
    return read_frame(db, READ_QUEUED)


def read_next(db: Database, now: str, most: int) -> pd.DataFrame:
    """The next messages in the order of sending: ids, campaign, `step_name`, `is_follow_up`, mailbox, when and why; no person's data."""
    return read_frame(db, READ_NEXT, {"now": now, "most": most})


def count_doubles(db: Database) -> int:
    """People with more than one queued e-mail, over all campaigns and all their contacts."""
    return int(db.conn.execute(COUNT_DOUBLES).fetchone()[0])


def count_exclusions(db: Database) -> pd.DataFrame:
    """`campaign`, `reason`, `contacts`: who was left out and why."""
    return read_frame(db, COUNT_EXCLUSIONS)


def count_days(db: Database) -> pd.DataFrame:
    """`earliest_day` (UTC) from which on messages may go out, and how many `messages`."""
    return read_frame(db, COUNT_DAYS)


def _cancel(connection: Connection, cancelled: Mapping[int, str]) -> None:
    connection.executemany(CANCEL, [{"id": id_, "reason": reason} for id_, reason in cancelled.items()])


def _enqueue(connection: Connection, campaign_id: int, version: str, message: QueuedMessage, now: str) -> None:
    row = {name: getattr(message, name) for name in QueuedMessage.__slots__ if name != "links"}
    made = connection.execute(
        ENQUEUE, {**row, "campaign_id": campaign_id, "version": version, "planned_on": message.send_after[:10], "now": now}
    ).fetchone()
    if made is not None:
        connection.execute(DROP_LINKS, {"id": made["id"]})
        connection.executemany(ADD_LINK, [{"token": token, "id": made["id"], "url": url} for token, url in message.links])
