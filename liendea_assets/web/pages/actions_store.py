"""The SQL of what was done at the desk, in pages."""

from typing import Any

from liendea_assets.db.connection import Database

READ_ACTIONS = """
    SELECT id, action, subject, acted_by, acted_at, outcome
    FROM desk_actions
    ORDER BY id DESC
    LIMIT :limit OFFSET :offset
"""


def read_actions(db: Database, window: dict[str, int]) -> list[dict[str, Any]]:
    """The newest first."""
    return [dict(row) for row in db.conn.execute(READ_ACTIONS, window)]
