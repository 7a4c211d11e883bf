"""The SQL of names of people on lists that other stages make."""

import json
from collections.abc import Iterable

from liendea_assets.db.connection import Database

READ_NAMES = """
    SELECT c.id, coalesce(e.full_name, c.full_name) AS full_name
    FROM json_each(:ids) wanted
    CROSS JOIN contacts c ON c.id = wanted.value
    LEFT JOIN enriched_contacts e ON e.contact_id = c.id
"""


def find_names(db: Database, ids: Iterable[int]) -> dict[int, str]:
    """Contact id → name."""
    return {row["id"]: row["full_name"] for row in db.conn.execute(READ_NAMES, {"ids": json.dumps(sorted(set(ids)))})}
