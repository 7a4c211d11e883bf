"""The SQL of icp_targets."""

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
# A status that outreach has advanced is kept.
UPSERT_TARGET = """
    INSERT INTO icp_targets (contact_id, icp_score, targeting_reason, status, priority, created_at)
    VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (contact_id) DO UPDATE SET
        icp_score = excluded.icp_score, targeting_reason = excluded.targeting_reason, priority = excluded.priority,
        status = CASE WHEN status IN ('engaged', 'responded') THEN status ELSE excluded.status END
"""
STAGE_TARGETS = "CREATE TEMP TABLE kept_targets (contact_id INTEGER PRIMARY KEY)"
KEEP_TARGET = "INSERT INTO kept_targets (contact_id) VALUES (?)"
DROP_TARGETS = "DELETE FROM icp_targets WHERE contact_id NOT IN (SELECT contact_id FROM kept_targets)"
DROP_KEPT = "DROP TABLE kept_targets"
READ_TARGETS = """
    SELECT id, contact_id, icp_score, targeting_reason, status, priority, assigned_campaign, created_at
    FROM icp_targets
    ORDER BY icp_score DESC, contact_id
"""


def read_people(db: Database, minimum: int) -> pd.DataFrame:
    """`contact_id`, `is_owner`, `has_answer` (whether a provider found the contact) of contacts at or above a score."""
    return read_frame(db, READ_PEOPLE, {"minimum": minimum})


def store_targets(db: Database, targets: pd.DataFrame, now: str) -> None:
    """Makes icp_targets hold exactly these contacts; who stays keeps id, date and an advanced status."""
    columns = ("contact_id", "icp_score", "targeting_reason", "status", "priority", "created_at")
    with transaction(db) as connection:
        connection.execute(STAGE_TARGETS)
        connection.executemany(KEEP_TARGET, to_rows(targets, ("contact_id",)))
        connection.execute(DROP_TARGETS)
        connection.executemany(UPSERT_TARGET, to_rows(targets.assign(created_at=now), columns))
        connection.execute(DROP_KEPT)


def read_targets(db: Database) -> pd.DataFrame:
    """The table icp_targets, the best first."""
    return read_frame(db, READ_TARGETS)
