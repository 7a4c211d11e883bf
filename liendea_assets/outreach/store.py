"""The SQL of suppressions."""

from collections.abc import Iterable

from liendea_assets.db.connection import Database, transaction
from liendea_assets.outreach.suppression import Suppression

ADD_SUPPRESSION = """
    INSERT INTO suppressions (kind, key_hash, reason, created_at)
    VALUES (?, ?, ?, ?)
    ON CONFLICT (kind, key_hash) DO NOTHING
"""
READ_SUPPRESSIONS = "SELECT kind, key_hash FROM suppressions ORDER BY id"
COUNT_SUPPRESSIONS = "SELECT kind, count(*) AS entries FROM suppressions GROUP BY kind ORDER BY kind"


def add_suppressions(db: Database, entries: Iterable[Suppression], now: str) -> None:
    """Adds entries; one that stands already keeps its reason and date."""
    with transaction(db) as connection:
        connection.executemany(ADD_SUPPRESSION, [(entry.kind, entry.key_hash, entry.reason, now) for entry in entries])


def read_suppressions(db: Database) -> list[tuple[str, str]]:
    """(kind, key_hash) of every entry."""
    return [(row["kind"], row["key_hash"]) for row in db.conn.execute(READ_SUPPRESSIONS)]


def count_suppressions(db: Database) -> dict[str, int]:
    """Kind → entries."""
    return {row["kind"]: row["entries"] for row in db.conn.execute(COUNT_SUPPRESSIONS)}
