"""The SQL of the simulated week: what the ledger says of each day, and what must hold of it in the end."""

import pandas as pd

from liendea_assets.db.connection import Database, read_frame

READ_SENT = """
    SELECT
        l.id, l.message_id, l.contact_id, l.campaign_id, l.step, l.recipient, l.mailbox, l.sent_at, e.company_id,
        row_number() OVER (PARTITION BY l.campaign_id, l.contact_id ORDER BY l.sent_at) AS number
    FROM outreach_log l
    LEFT JOIN enriched_contacts e ON e.contact_id = l.contact_id
    WHERE l.outreach_type = 'email' AND l.sent_at IS NOT NULL
    ORDER BY l.sent_at, l.id
"""
READ_UNSETTLED = """
    SELECT status, count(*) AS messages FROM outreach_log
    WHERE outreach_type = 'email' AND (status = 'claimed' OR status = 'sending' OR status = 'uncertain')
    GROUP BY status
"""
READ_CAME_BACK = "SELECT id, kind, read_at, contact_id, outreach_log_id FROM inbox_messages ORDER BY id"
READ_STOPS = "SELECT contact_id, company_id, reason, stopped_at FROM outreach_stops WHERE lifted_at IS NULL ORDER BY id"
READ_SUPPRESSIONS = "SELECT kind, key_hash, reason, created_at FROM suppressions ORDER BY id"
READ_FAILED = """
    SELECT error_message AS reason, count(*) AS messages FROM outreach_log
    WHERE outreach_type = 'email' AND (status = 'failed' OR status = 'cancelled' OR status = 'held')
    GROUP BY error_message
    ORDER BY messages DESC
"""
READ_BOUNCED = "SELECT recipient, bounce, bounced_at FROM outreach_log WHERE bounce IS NOT NULL ORDER BY id"
READ_LEFT_OUT = """
    SELECT x.reason, count(*) AS people
    FROM outreach_exclusions x
    JOIN outreach_campaigns c ON c.id = x.campaign_id
    WHERE c.type = 'email'
    GROUP BY x.reason
    ORDER BY people DESC, x.reason
"""
READ_SOME_RECIPIENTS = """
    SELECT e.work_email
    FROM icp_targets t
    JOIN enriched_contacts e ON e.contact_id = t.contact_id
    WHERE e.work_email IS NOT NULL AND e.country = 'US'
    ORDER BY t.priority, t.icp_score DESC, t.contact_id
    LIMIT :limit
"""


def read_sent(db: Database) -> pd.DataFrame:
    """Every e-mail that went out: `number` is 1 for the first to a person in a campaign."""
    return read_frame(db, READ_SENT)


def read_unsettled(db: Database) -> dict[str, int]:
    """Status → e-mails of which nobody knows whether they are out."""
    return {row["status"]: row["messages"] for row in db.conn.execute(READ_UNSETTLED)}


def read_came_back(db: Database) -> pd.DataFrame:
    """What was read in the mailboxes."""
    return read_frame(db, READ_CAME_BACK)


def read_stops(db: Database) -> pd.DataFrame:
    """Who was stopped, when and why."""
    return read_frame(db, READ_STOPS)


def read_suppressions(db: Database) -> pd.DataFrame:
    """`kind`, `key_hash`, `reason`, `created_at` of every suppression."""
    return read_frame(db, READ_SUPPRESSIONS)


def read_failed(db: Database) -> pd.DataFrame:
    """`reason`, `messages`: what did not go out."""
    return read_frame(db, READ_FAILED)


def read_bounced(db: Database) -> pd.DataFrame:
    """`recipient`, `bounce` (hard or soft), `bounced_at`."""
    return read_frame(db, READ_BOUNCED)


def read_left_out(db: Database) -> pd.DataFrame:
    """`reason`, `people`: who has no message."""
    return read_frame(db, READ_LEFT_OUT)


def read_some_recipients(db: Database, limit: int) -> list[str]:
    """Addresses of the best targets in a country where nothing stands against writing to them."""
    return [row["work_email"] for row in db.conn.execute(READ_SOME_RECIPIENTS, {"limit": limit})]
