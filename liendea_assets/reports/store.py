"""What reports read beside the metrics."""

import pandas as pd

from liendea_assets.db.connection import Database, read_frame

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


def read_best_targets(db: Database, limit: int) -> pd.DataFrame:
    """The best targets, for people to read."""
    return read_frame(db, READ_BEST_TARGETS, {"limit": limit})


def read_rejections(db: Database) -> pd.DataFrame:
    """Refused rows and fields by file, column and reason."""
    return read_frame(db, READ_REJECTIONS)
