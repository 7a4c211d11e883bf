"""The SQL of a campaign's audience: targets with all that a message may say, and how far each of them is in the sequence."""

import pandas as pd

from liendea_assets.db.connection import Database, read_frame

# Each contact's ties with those who know them now, the strongest in place 1: the colleague who is named as the mutual connection.
# A notice that was given to either of two contacts who are one person now was given to that person.
READ_READERS = """
    WITH ties AS (
        SELECT
            k.contact_id, o.full_name AS mutual_connection, k.strength,
            row_number() OVER (PARTITION BY k.contact_id ORDER BY k.strength DESC, k.connection_date, k.id) AS place
        FROM linkedin_connections k
        JOIN contacts o ON o.id = k.connected_to_id
        WHERE k.is_current = 1 AND k.connection_degree = 1
    )
    SELECT
        t.contact_id, t.icp_score, t.targeting_reason, t.priority, e.full_name, e.first_name, e.last_name, e.title,
        e.company_id, e.company_name AS company, coalesce(e.gtm_segment, k.gtm_segment) AS gtm_segment, e.industry, e.country, e.time_zone,
        e.work_email, e.linkedin_url, tie.mutual_connection, tie.strength AS connection_strength,
        t.contact_id IN (
            SELECT coalesce(c.merged_into, c.id) FROM contact_notices n JOIN contacts c ON c.id = n.contact_id
        ) AS has_notice
    FROM icp_targets t
    JOIN enriched_contacts e ON e.contact_id = t.contact_id
    LEFT JOIN companies k ON k.id = e.company_id
    LEFT JOIN ties tie ON tie.contact_id = t.contact_id AND tie.place = 1
    WHERE :contact_id IS NULL OR t.contact_id = :contact_id
    ORDER BY t.priority, t.icp_score DESC, t.contact_id
"""
# What may have been sent counts as sent.
READ_PROGRESS = """
    SELECT coalesce(c.merged_into, c.id) AS contact_id, l.step, l.status, l.sent_at
    FROM outreach_log l
    JOIN contacts c ON c.id = l.contact_id
    WHERE l.campaign_id = :campaign_id AND l.status NOT IN ('queued', 'cancelled', 'claimed', 'held')
    ORDER BY l.id
"""
# On how many days each mailbox sent something: how far it is ramped up.
READ_MAILBOX_DAYS = """
    SELECT mailbox, count(DISTINCT substr(sent_at, 1, 10)) AS days
    FROM outreach_log
    WHERE sent_at IS NOT NULL AND mailbox IS NOT NULL
    GROUP BY mailbox
"""
FIND_NO_TARGET = """
    SELECT
        CASE
            WHEN c.merged_into IS NOT NULL THEN 'merged into contact ' || c.merged_into
            WHEN s.contact_id IS NOT NULL THEN s.reason
            ELSE 'no target'
        END AS reason
    FROM contacts c
    LEFT JOIN suppressed_contacts s ON s.contact_id = c.id
    WHERE c.id = :contact_id
"""


def read_readers(db: Database, contact_id: int | None = None) -> pd.DataFrame:
    """Targets, the best first, or one of them: the columns that `Composer.compose` and `in_audience` take, and `company_id`, `time_zone`,
    `linkedin_url`, `icp_score`.
    """
    return read_frame(db, READ_READERS, {"contact_id": contact_id})


def read_progress(db: Database, campaign_id: int) -> pd.DataFrame:
    """`contact_id`, `step` (number), `status`, `sent_at` of what went out, or failed, in the campaign; the oldest first."""
    return read_frame(db, READ_PROGRESS, {"campaign_id": campaign_id})


def read_mailbox_days(db: Database) -> dict[str, int]:
    """Mailbox → days on which it sent."""
    return {row["mailbox"]: row["days"] for row in db.conn.execute(READ_MAILBOX_DAYS)}


def why_no_target(db: Database, contact_id: int) -> str:
    """Why somebody is not among the targets."""
    row = db.conn.execute(FIND_NO_TARGET, {"contact_id": contact_id}).fetchone()
    return str(row["reason"]) if row else "there is no such contact"
