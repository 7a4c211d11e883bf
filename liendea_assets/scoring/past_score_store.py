"""The SQL of a contact's former scores."""

import pandas as pd

from liendea_assets.db.connection import Database, read_frame

# Nobody was scored before the first run, and no contact before it was known.
SCORED_SINCE = """
    SELECT max((SELECT min(scored_at) FROM icp_scoring_runs), (SELECT created_at FROM contacts WHERE id = :contact_id)) AS since
"""
READ_CURRENT = "SELECT icp_score, parts FROM icp_scores WHERE contact_id = :contact_id"
READ_CHANGES_AFTER = """
    SELECT old, new, detail
    FROM icp_score_changes
    WHERE contact_id = :contact_id AND changed_at > :at
    ORDER BY id DESC
"""


def scored_since(db: Database, contact_id: int) -> str | None:
    """The earliest time at which the contact can have had a score; None where nobody was scored yet."""
    since = db.conn.execute(SCORED_SINCE, {"contact_id": contact_id}).fetchone()["since"]
    return None if since is None else str(since)


def read_current(db: Database, contact_id: int) -> tuple[int, str] | None:
    """Score and parts as JSON; None where the contact has none."""
    row = db.conn.execute(READ_CURRENT, {"contact_id": contact_id}).fetchone()
    return (row["icp_score"], row["parts"]) if row else None


def read_changes_after(db: Database, contact_id: int, at: str) -> pd.DataFrame:
    """`old`, `new`, `detail` of the changes after a time, the newest first."""
    return read_frame(db, READ_CHANGES_AFTER, {"contact_id": contact_id, "at": at})
