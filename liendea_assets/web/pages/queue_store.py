"""The SQL of the e-mail queue as people look at it."""

from typing import Any

from liendea_assets.db.connection import Database

READ_QUEUE = """
    SELECT l.id, l.contact_id, coalesce(e.full_name, c.full_name) AS full_name, e.company_name, k.name AS campaign,
        coalesce(s.name, l.step) AS step, l.mailbox, l.send_after, l.planned_on, l.schedule_reason, l.error_message, l.status, l.attempts,
        l.variant, l.language
    FROM outreach_log l
    JOIN outreach_campaigns k ON k.id = l.campaign_id
    JOIN contacts c ON c.id = l.contact_id
    LEFT JOIN enriched_contacts e ON e.contact_id = coalesce(c.merged_into, c.id)
    LEFT JOIN outreach_steps s ON s.campaign_id = l.campaign_id AND s.step = l.step
    WHERE l.status = :status AND l.outreach_type = 'email' AND (:campaign = '' OR k.name = :campaign)
    ORDER BY l.send_after, l.id
    LIMIT :limit OFFSET :offset
"""
COUNT_STATES = """
    SELECT status, count(*) AS messages FROM outreach_log WHERE outreach_type = 'email' GROUP BY status ORDER BY status
"""
COUNT_SKIPPED = """
    SELECT k.name AS campaign, x.reason, count(*) AS contacts
    FROM outreach_exclusions x
    JOIN outreach_campaigns k ON k.id = x.campaign_id
    WHERE k.type = 'email'
    GROUP BY k.name, x.reason
    ORDER BY contacts DESC, k.name, x.reason
    LIMIT 200
"""
READ_SKIPPED = """
    SELECT x.contact_id, coalesce(e.full_name, c.full_name) AS full_name, e.company_name, k.name AS campaign, x.reason
    FROM outreach_exclusions x
    JOIN outreach_campaigns k ON k.id = x.campaign_id
    JOIN contacts c ON c.id = x.contact_id
    LEFT JOIN enriched_contacts e ON e.contact_id = x.contact_id
    WHERE k.type = 'email' AND (:campaign = '' OR k.name = :campaign) AND (:reason = '' OR x.reason = :reason)
    ORDER BY x.campaign_id, x.contact_id
    LIMIT :limit OFFSET :offset
"""


def read_queue(db: Database, status: str, campaign: str, window: dict[str, int]) -> list[dict[str, Any]]:
    """E-mails in a state, in the order of their moments."""
    return [dict(row) for row in db.conn.execute(READ_QUEUE, {"status": status, "campaign": campaign, **window})]


def count_states(db: Database) -> dict[str, int]:
    """State → e-mails."""
    return {row["status"]: row["messages"] for row in db.conn.execute(COUNT_STATES)}


def count_skipped(db: Database) -> list[dict[str, Any]]:
    """`campaign`, `reason`, `contacts`."""
    return [dict(row) for row in db.conn.execute(COUNT_SKIPPED)]


def read_skipped(db: Database, campaign: str, reason: str, window: dict[str, int]) -> list[dict[str, Any]]:
    """Who was left out, and why."""
    return [dict(row) for row in db.conn.execute(READ_SKIPPED, {"campaign": campaign, "reason": reason, **window})]
