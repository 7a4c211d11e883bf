"""The SQL of the scoring stage: icp_scores, icp_score_changes, icp_targets."""

import pandas as pd

from liendea_assets.db.connection import Database, read_frame, to_rows, transaction

READ_CONTACTS = """
    SELECT
        e.contact_id, e.employee_count, e.industry, e.title, e.growth_rate, e.is_owner,
        t.strength AS connection_strength,
        EXISTS (
            SELECT 1 FROM contact_enrichment a WHERE a.contact_id = e.contact_id AND a.outcome = 'hit' AND a.cost > 0
        ) AS has_answer
    FROM enriched_contacts e
    LEFT JOIN (
        SELECT contact_id, max(strength) AS strength
        FROM linkedin_connections
        WHERE is_current = 1 AND connection_degree = 1
        GROUP BY contact_id
    ) t ON t.contact_id = e.contact_id
    ORDER BY e.contact_id
"""
# What differs from the scores that stand, before these are replaced.
RECORD_CHANGES = """
    INSERT INTO icp_score_changes (contact_id, old, new, cause, detail, config_version, changed_at)
    SELECT
        n.contact_id, o.icp_score, n.icp_score,
        CASE WHEN o.contact_id IS NULL THEN 'first' WHEN o.config_version <> n.config_version THEN 'config' ELSE 'data' END,
        CASE WHEN o.contact_id IS NULL THEN '' ELSE o.parts END,
        n.config_version, n.scored_at
    FROM new_scores n
    LEFT JOIN icp_scores o ON o.contact_id = n.contact_id
    WHERE o.contact_id IS NULL OR o.icp_score <> n.icp_score
    ORDER BY n.contact_id
"""
STAGE_SCORES = "CREATE TEMP TABLE new_scores AS SELECT * FROM icp_scores WHERE 0"
INSERT_STAGED = """
    INSERT INTO new_scores (
        contact_id, icp_score, parts, reasons, coverage, score_min, score_max, priority, priority_best, priority_worst,
        config_version, scored_at
    )
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
DROP_FORMER = "DELETE FROM icp_scores WHERE contact_id NOT IN (SELECT contact_id FROM new_scores)"
REPLACE_SCORES = """
    INSERT INTO icp_scores (
        contact_id, icp_score, parts, reasons, coverage, score_min, score_max, priority, priority_best, priority_worst,
        config_version, scored_at
    )
    SELECT
        contact_id, icp_score, parts, reasons, coverage, score_min, score_max, priority, priority_best, priority_worst,
        config_version, scored_at
    FROM new_scores
    WHERE true
    ON CONFLICT (contact_id) DO UPDATE SET
        icp_score = excluded.icp_score, parts = excluded.parts, reasons = excluded.reasons, coverage = excluded.coverage,
        score_min = excluded.score_min, score_max = excluded.score_max, priority = excluded.priority,
        priority_best = excluded.priority_best, priority_worst = excluded.priority_worst, config_version = excluded.config_version,
        scored_at = excluded.scored_at
    WHERE parts IS DISTINCT FROM excluded.parts
        OR priority IS DISTINCT FROM excluded.priority
        OR score_max IS DISTINCT FROM excluded.score_max
        OR priority_best IS DISTINCT FROM excluded.priority_best
        OR priority_worst IS DISTINCT FROM excluded.priority_worst
        OR coverage IS DISTINCT FROM excluded.coverage
        OR config_version IS DISTINCT FROM excluded.config_version
"""
DROP_STAGED = "DROP TABLE new_scores"
SCORE_COLUMNS = (
    "contact_id", "icp_score", "parts", "reasons", "coverage", "score_min", "score_max", "priority", "priority_best", "priority_worst",
    "config_version", "scored_at",
)  # fmt: skip
READ_SCORES = """
    SELECT
        contact_id, icp_score, parts, reasons, coverage, score_min, score_max, priority, priority_best, priority_worst, config_version,
        scored_at
    FROM icp_scores
    ORDER BY contact_id
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
COUNT_CHANGES = """
    SELECT cause, count(*) AS contacts
    FROM icp_score_changes
    WHERE changed_at = :scored_at
    GROUP BY cause
    ORDER BY cause
"""


def read_contacts(db: Database) -> pd.DataFrame:
    """What the rules look at, per contact."""
    return read_frame(db, READ_CONTACTS)


def store_scores(db: Database, scores: pd.DataFrame, config_version: str, now: str) -> None:
    """Replaces the scores and records what changed and whether the config or the data made it change, in one transaction."""
    rows = to_rows(scores.assign(config_version=config_version, scored_at=now), SCORE_COLUMNS)
    with transaction(db) as connection:
        connection.execute(STAGE_SCORES)
        connection.executemany(INSERT_STAGED, rows)
        connection.execute(RECORD_CHANGES)
        connection.execute(DROP_FORMER)
        connection.execute(REPLACE_SCORES)
        connection.execute(DROP_STAGED)


def read_scores(db: Database) -> pd.DataFrame:
    """The table icp_scores."""
    return read_frame(db, READ_SCORES)


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


def count_changes(db: Database, scored_at: str) -> dict[str, int]:
    """Cause → contacts whose score changed at that time."""
    return {row["cause"]: row["contacts"] for row in db.conn.execute(COUNT_CHANGES, {"scored_at": scored_at})}
