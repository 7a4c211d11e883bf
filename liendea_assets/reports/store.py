"""The SQL of the reports stage: the queries behind the metrics, and pipeline_metrics itself."""

from collections.abc import Mapping

import pandas as pd

from liendea_assets.db.connection import Database, read_frame, transaction

SOURCE_ROWS = """
    SELECT 'imported' AS dimension, coalesce(sum(imported), 0) AS value FROM import_files
    UNION ALL SELECT 'merged', coalesce(sum(merged), 0) FROM import_files
    UNION ALL SELECT 'rejected', coalesce(sum(rejected), 0) FROM import_files
    UNION ALL SELECT 'blank', coalesce(sum(blank), 0) FROM import_files
    UNION ALL SELECT 'pending', coalesce(sum(pending), 0) FROM import_files
"""
FUNNEL = """
    SELECT '1 contacts' AS dimension, count(*) AS value FROM contacts WHERE merged_into IS NULL AND is_owner = 0
    UNION ALL SELECT '2 enriched', count(*)
    FROM contacts c
    WHERE c.merged_into IS NULL
        AND c.is_owner = 0
        AND EXISTS (SELECT 1 FROM contact_enrichment a WHERE a.contact_id = c.id AND a.outcome = 'hit' AND a.expires_at IS NOT NULL)
    UNION ALL SELECT '3 with e-mail', count(*) FROM enriched_contacts WHERE work_email IS NOT NULL AND is_owner = 0
    UNION ALL SELECT '4 targets', count(*) FROM icp_targets
    UNION ALL SELECT '5 e-mails queued', count(*) FROM outreach_log WHERE status = 'queued' AND outreach_type = 'email'
    UNION ALL SELECT '6 LinkedIn listed', count(*) FROM outreach_log WHERE status = 'queued' AND outreach_type = 'linkedin_message'
"""
ENRICHMENT = """
    SELECT source || ' ' || outcome AS dimension, count(*) AS value FROM contact_enrichment GROUP BY source, outcome
    UNION ALL
    SELECT 'not asked yet', count(*)
    FROM contacts c
    WHERE c.merged_into IS NULL
        AND c.is_owner = 0
        AND NOT EXISTS (SELECT 1 FROM contact_enrichment a WHERE a.contact_id = c.id AND a.expires_at > :now)
"""
SCORE_DISTRIBUTION = """
    WITH RECURSIVE bands (low) AS (SELECT 0 UNION ALL SELECT low + 10 FROM bands WHERE low < 90)
    SELECT printf('%02d–%d', low, CASE low WHEN 90 THEN 100 ELSE low + 9 END) AS dimension, count(s.contact_id) AS value
    FROM bands
    LEFT JOIN icp_scores s ON min(s.icp_score / 10 * 10, 90) = low
    GROUP BY low
    ORDER BY low
"""
PRIORITIES = "SELECT CAST(priority AS TEXT) AS dimension, count(*) AS value FROM icp_scores GROUP BY priority ORDER BY priority"
TARGETS = "SELECT status AS dimension, count(*) AS value FROM icp_targets GROUP BY status ORDER BY status"
CALLS = """
    WITH windows (seconds) AS (VALUES (60), (3600), (86400))
    SELECT r.service || '/' || w.seconds AS dimension, count(*) AS value
    FROM windows w
    JOIN rate_limit_tracking r ON r.timestamp > strftime('%Y-%m-%d %H:%M:%f', :now, '-' || w.seconds || ' seconds')
    GROUP BY r.service, w.seconds
"""
NOT_QUEUED = """
    SELECT c.name || ': ' || x.reason AS dimension, count(*) AS value
    FROM outreach_exclusions x
    JOIN outreach_campaigns c ON c.id = x.campaign_id
    GROUP BY c.name, x.reason
    ORDER BY value DESC
"""

CLEAR_DAY = "DELETE FROM pipeline_metrics WHERE day = :day"
INSERT_METRIC = "INSERT INTO pipeline_metrics (metric, dimension, day, value) VALUES (:metric, :dimension, :day, :value)"
READ_DAY = "SELECT metric, dimension, value FROM pipeline_metrics WHERE day = :day ORDER BY metric, dimension"
READ_BEST_TARGETS = """
    SELECT t.contact_id, t.icp_score, t.priority, s.parts, e.full_name, e.title, e.company_name
    FROM icp_targets t
    JOIN icp_scores s ON s.contact_id = t.contact_id
    JOIN enriched_contacts e ON e.contact_id = t.contact_id
    ORDER BY t.icp_score DESC, t.contact_id
    LIMIT :limit
"""
READ_REJECTIONS = """
    SELECT f.name, coalesce(r.column_name, '(whole row)') AS column_name, r.reason, count(*) AS cases
    FROM import_rejections r
    JOIN import_files f ON f.id = r.file_id
    GROUP BY f.name, r.column_name, r.reason
    ORDER BY f.name, cases DESC, r.reason
"""


def store_metrics(db: Database, queries: Mapping[str, str], day: str, now: str) -> pd.DataFrame:
    """Computes every metric and replaces the day's rows. Returns `metric`, `dimension`, `value`.

    Args:
        queries: metric → SQL.
    """
    with transaction(db) as connection:
        connection.execute(CLEAR_DAY, {"day": day})
        for metric, sql in queries.items():
            rows = [dict(row) for row in connection.execute(sql, {"now": now} if ":now" in sql else {})]
            connection.executemany(INSERT_METRIC, [{**row, "metric": metric, "day": day} for row in rows])
    return read_day(db, day)


def read_day(db: Database, day: str) -> pd.DataFrame:
    """The day's metrics: `metric`, `dimension`, `value`."""
    return read_frame(db, READ_DAY, {"day": day})


def read_best_targets(db: Database, limit: int) -> pd.DataFrame:
    """The best targets, for people to read."""
    return read_frame(db, READ_BEST_TARGETS, {"limit": limit})


def read_rejections(db: Database) -> pd.DataFrame:
    """Refused rows and fields by file, column and reason."""
    return read_frame(db, READ_REJECTIONS)
