"""The SQL of icp_targets, and of what happened to targets."""

from collections.abc import Sequence

import pandas as pd

from liendea_assets.db.connection import Database, read_frame, to_rows, transaction

READ_PEOPLE = """
    SELECT
        e.contact_id, e.is_owner,
        EXISTS (
            SELECT 1 FROM contact_enrichment a WHERE a.contact_id = e.contact_id AND a.outcome = 'hit' AND a.cost > 0
        ) AS has_answer
    FROM icp_score_rows r
    JOIN enriched_contacts e ON e.contact_id = r.contact_id
    WHERE r.icp_score >= :minimum
    ORDER BY e.contact_id
"""
# Without the parts, which cost more to write out than all else.
READ_SCORES = """
    SELECT contact_id, icp_score, reasons, coverage, priority, priority_best, priority_worst
    FROM icp_scores
    WHERE icp_score >= :minimum
    ORDER BY contact_id
"""
# What brings a target forward: a message that went out, a tie that came after they had become a target, what a human answered.
READ_EVENTS = """
    SELECT
        coalesce(c.merged_into, c.id) AS contact_id, 'engaged' AS status, l.outreach_type || ' sent' AS status_reason, l.sent_at AS at
    FROM outreach_log l
    JOIN contacts c ON c.id = l.contact_id
    WHERE l.sent_at IS NOT NULL
    UNION ALL
    SELECT coalesce(c.merged_into, c.id), 'responded', l.outreach_type || ' answered', coalesce(l.response_at, l.sent_at, '')
    FROM outreach_log l
    JOIN contacts c ON c.id = l.contact_id
    WHERE l.response_at IS NOT NULL OR l.status = 'responded'
    UNION ALL
    SELECT coalesce(c.merged_into, c.id), 'responded', replace(o.kind, '_', ' ') || ' on ' || o.happened_on, o.happened_on
    FROM contact_outcomes o
    JOIN contacts c ON c.id = o.contact_id
    WHERE o.undone_at IS NULL
    UNION ALL
    SELECT t.contact_id, 'engaged', 'connected on LinkedIn on ' || substr(k.connection_date, 1, 10), k.connection_date
    FROM icp_targets t
    JOIN linkedin_connections k ON k.contact_id = t.contact_id
    WHERE k.is_current = 1 AND k.connection_degree = 1 AND k.connection_date > substr(t.created_at, 1, 10)
    ORDER BY 1, 4
"""
READ_STATUSES = "SELECT contact_id, status, status_reason FROM icp_targets ORDER BY contact_id"
UPSERT_TARGET = """
    INSERT INTO icp_targets (contact_id, icp_score, targeting_reason, status, status_reason, priority, enrichment_priority, created_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (contact_id) DO UPDATE SET
        icp_score = excluded.icp_score, targeting_reason = excluded.targeting_reason, priority = excluded.priority,
        status = excluded.status, status_reason = excluded.status_reason, enrichment_priority = excluded.enrichment_priority
    WHERE icp_score IS NOT excluded.icp_score OR targeting_reason IS NOT excluded.targeting_reason
        OR priority IS NOT excluded.priority OR status IS NOT excluded.status OR status_reason IS NOT excluded.status_reason
        OR enrichment_priority IS NOT excluded.enrichment_priority
"""
TARGET_COLUMNS = (
    "contact_id", "icp_score", "targeting_reason", "status", "status_reason", "priority", "enrichment_priority", "created_at",
)  # fmt: skip
STAGE_TARGETS = "CREATE TEMP TABLE kept_targets (contact_id INTEGER PRIMARY KEY)"
KEEP_TARGET = "INSERT INTO kept_targets (contact_id) VALUES (?)"
DROP_TARGETS = "DELETE FROM icp_targets WHERE contact_id NOT IN (SELECT contact_id FROM kept_targets)"
DROP_KEPT = "DROP TABLE kept_targets"
# who was suppressed meanwhile
DROP_SUPPRESSED = "DELETE FROM icp_targets WHERE contact_id IN (SELECT contact_id FROM suppressed_contacts)"
READ_TARGETS = """
    SELECT
        id, contact_id, icp_score, targeting_reason, status, priority, assigned_campaign, created_at, status_reason, enrichment_priority
    FROM icp_targets
    ORDER BY icp_score DESC, contact_id
"""
READ_REACH = """
    SELECT
        t.contact_id, t.priority, t.status, t.assigned_campaign, e.work_email IS NOT NULL AS has_email,
        e.linkedin_url IS NOT NULL AS has_profile, coalesce(e.gtm_segment, k.gtm_segment) AS gtm_segment, e.industry, e.country, e.title,
        (
            SELECT max(tie.strength)
            FROM linkedin_connections tie
            WHERE tie.contact_id = t.contact_id AND tie.is_current = 1 AND tie.connection_degree = 1
        ) AS connection_strength,
        (
            SELECT c.name
            FROM outreach_log l
            JOIN outreach_campaigns c ON c.id = l.campaign_id
            WHERE l.contact_id = t.contact_id AND l.status NOT IN ('cancelled', 'failed')
            ORDER BY l.id DESC
            LIMIT 1
        ) AS written_by
    FROM icp_targets t
    JOIN enriched_contacts e ON e.contact_id = t.contact_id
    LEFT JOIN companies k ON k.id = e.company_id
    ORDER BY t.contact_id
"""
READ_CAMPAIGNS = "SELECT name, type, status, start_date, end_date, audience FROM outreach_campaigns ORDER BY name"
ASSIGN_CAMPAIGN = "UPDATE icp_targets SET assigned_campaign = ? WHERE contact_id = ?"
SET_STATUS = "UPDATE icp_targets SET status = :status, status_reason = :status_reason WHERE contact_id = :contact_id"


def read_people(db: Database, minimum: int) -> pd.DataFrame:
    """`contact_id`, `is_owner`, `has_answer` (whether a provider found the contact) of contacts at or above a score."""
    return read_frame(db, READ_PEOPLE, {"minimum": minimum})


def read_scores(db: Database, minimum: int) -> pd.DataFrame:
    """`contact_id`, `icp_score`, `reasons`, `coverage`, `priority`, `priority_best`, `priority_worst` of contacts from a score on."""
    return read_frame(db, READ_SCORES, {"minimum": minimum})


def read_events(db: Database) -> pd.DataFrame:
    """`contact_id`, `status`, `status_reason`, `at` of what brings targets forward."""
    return read_frame(db, READ_EVENTS)


def read_statuses(db: Database) -> pd.DataFrame:
    """`contact_id`, `status`, `status_reason` of the targets that stand."""
    return read_frame(db, READ_STATUSES)


def store_targets(db: Database, targets: pd.DataFrame, now: str) -> None:
    """Makes icp_targets hold exactly these contacts (`TARGET_COLUMNS` without the date); who stays keeps id, date and campaign."""
    with transaction(db) as connection:
        connection.execute(STAGE_TARGETS)
        connection.executemany(KEEP_TARGET, to_rows(targets, ("contact_id",)))
        connection.execute(DROP_TARGETS)
        connection.executemany(UPSERT_TARGET, to_rows(targets.assign(created_at=now), TARGET_COLUMNS))
        connection.execute(DROP_SUPPRESSED)
        connection.execute(DROP_KEPT)


def read_reach(db: Database) -> pd.DataFrame:
    """Targets with what says which campaign suits them: the columns of `campaign_fit.suggest_campaigns` and `assigned_campaign`."""
    return read_frame(db, READ_REACH)


def read_campaigns(db: Database) -> pd.DataFrame:
    """Campaigns with their audience, as `campaign_fit.suggest_campaigns` takes them."""
    return read_frame(db, READ_CAMPAIGNS)


def assign_campaigns(db: Database, assigned: Sequence[tuple[str | None, int]]) -> None:
    """Sets the suggested campaigns, as (name, contact id)."""
    with transaction(db) as connection:
        connection.executemany(ASSIGN_CAMPAIGN, assigned)


def set_status(db: Database, contact_id: int, status: str, reason: str | None) -> None:
    """Sets a target's status, back as well as forward; a contact who is no target has none."""
    with transaction(db) as connection:
        connection.execute(SET_STATUS, {"contact_id": contact_id, "status": status, "status_reason": reason})


def read_targets(db: Database) -> pd.DataFrame:
    """The table icp_targets, the best first."""
    return read_frame(db, READ_TARGETS)
