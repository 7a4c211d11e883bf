"""The SQL of whom an operation did not find, and who may be found by a later one: provider_misses."""

import threading
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from json import dumps

from liendea_assets.core.clock import to_text
from liendea_assets.db.connection import Database, brief_transaction

ADD = """
    INSERT INTO provider_misses (source, operation, contact_id, cost, expires_at)
    VALUES (:source, :operation, :contact_id, :cost, :expires_at)
    ON CONFLICT (source, operation, contact_id) DO UPDATE SET cost = excluded.cost, expires_at = excluded.expires_at
"""
DROP_EXPIRED = "DELETE FROM provider_misses WHERE source = :source AND expires_at <= :now"
READ = """
    SELECT contact_id, cost
    FROM provider_misses
    WHERE source = :source
        AND operation = :operation
        AND expires_at > :now
        AND contact_id IN (SELECT value FROM json_each(:contact_ids))
    ORDER BY contact_id
"""


class MissStore:
    """The misses of one source. Threads may share one.

    Args:
        db: opened durable; nobody else's while a thread may use the store.
        days: for how long a miss is good where the provider's file does not say.
    """

    def __init__(self, db: Database, source: str, days: int) -> None:
        self._db = db
        self._source = source
        self._days = days
        self._connection = threading.Lock()

    def add(self, operation: str, costs: Mapping[int, float], now: datetime, days: int | None) -> None:
        """Notes whom an operation did not find, by contact, and what asking did cost."""
        expires_at = to_text(now + timedelta(days=days or self._days))
        with self._connection, brief_transaction(self._db) as connection:
            connection.execute(DROP_EXPIRED, {"source": self._source, "now": to_text(now)})
            same = {"source": self._source, "operation": operation, "expires_at": expires_at}
            connection.executemany(ADD, [{**same, "contact_id": contact_id, "cost": cost} for contact_id, cost in costs.items()])

    def read(self, operation: str, contact_ids: Collection[int], now: datetime) -> dict[int, float]:
        """Who of these need not be asked about again, and what it did cost."""
        values = {"source": self._source, "operation": operation, "now": to_text(now), "contact_ids": dumps(list(contact_ids))}
        with self._connection:
            return {row["contact_id"]: row["cost"] for row in self._db.conn.execute(READ, values)}
