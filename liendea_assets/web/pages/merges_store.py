"""The SQL of merge reviews and decisions in pages."""

from typing import Any

from liendea_assets.db.connection import Database

READ_REVIEWS = """
    SELECT entity, left_id, right_id, probability, evidence
    FROM merge_reviews
    ORDER BY probability DESC, entity, left_id, right_id
    LIMIT :limit OFFSET :offset
"""
COUNT_REVIEWS = "SELECT count(*) AS pairs FROM merge_reviews"
READ_DECISIONS = """
    SELECT d.id, d.entity, d.decision, d.left_id, d.right_id, d.origin, d.decided_by, d.decided_at, d.undone_at, n.id AS replaced_by
    FROM merge_decisions d
    LEFT JOIN merge_decisions n ON n.replaces = d.id
    ORDER BY d.id DESC
    LIMIT :limit OFFSET :offset
"""


def read_reviews(db: Database, window: dict[str, int]) -> list[dict[str, Any]]:
    """`entity`, `left_id`, `right_id`, `probability`, `evidence` (JSON), the likeliest first."""
    return [dict(row) for row in db.conn.execute(READ_REVIEWS, window)]


def count_reviews(db: Database) -> int:
    """Pairs to decide."""
    return int(db.conn.execute(COUNT_REVIEWS).fetchone()["pairs"])


def read_decisions(db: Database, window: dict[str, int]) -> list[dict[str, Any]]:
    """The decisions, the newest first."""
    return [dict(row) for row in db.conn.execute(READ_DECISIONS, window)]
