"""The SQL of the suppression page: entries are hashes, so that only their kinds, reasons and days can be shown."""

from collections.abc import Iterable
from typing import Any

from liendea_assets.db.connection import Database

COUNT = "SELECT kind, count(*) AS entries FROM suppressions GROUP BY kind ORDER BY kind"
READ_NEWEST = """
    SELECT id, kind, substr(key_hash, 1, 8) AS mark, reason, created_at
    FROM suppressions
    ORDER BY id DESC
    LIMIT :limit OFFSET :offset
"""
FIND = "SELECT id, kind, reason, created_at FROM suppressions WHERE kind = :kind AND key_hash = :key_hash"
COUNT_CONTACTS = "SELECT count(*) AS contacts FROM suppressed_contacts"


def count(db: Database) -> tuple[dict[str, int], int]:
    """Entries by kind; and how many contacts are found among them."""
    kinds = {row["kind"]: row["entries"] for row in db.conn.execute(COUNT)}
    return kinds, int(db.conn.execute(COUNT_CONTACTS).fetchone()["contacts"])


def read_newest(db: Database, window: dict[str, int]) -> list[dict[str, Any]]:
    """`id`, `kind`, `mark` (the first digits of the hash), `reason`, `created_at`, the newest first."""
    return [dict(row) for row in db.conn.execute(READ_NEWEST, window)]


def find(db: Database, wanted: Iterable[tuple[str, str]]) -> list[dict[str, Any]]:
    """The entries of these (kind, hash)."""
    found = (db.conn.execute(FIND, {"kind": kind, "key_hash": key_hash}).fetchone() for kind, key_hash in wanted)
    return [dict(row) for row in found if row is not None]
