"""The SQL of the ledger of calls: rate_limit_tracking and service_blocks."""

import sqlite3
from datetime import datetime, timedelta

from liendea_assets.core.clock import from_text, to_text
from liendea_assets.db.connection import Database, transaction

NTH_NEWEST = """
    SELECT timestamp FROM rate_limit_tracking
    WHERE service = :service
    ORDER BY timestamp DESC
    LIMIT 1 OFFSET :position
"""
ADD_ATTEMPT = """
    INSERT INTO rate_limit_tracking (service, action_type, timestamp, success, outcome)
    VALUES (:service, :action, :latest_end, NULL, 'in flight')
    RETURNING id
"""
END_ATTEMPT = "UPDATE rate_limit_tracking SET timestamp = :now, success = :success, outcome = :outcome WHERE id = :id"
FIND_BLOCK = "SELECT blocked_until FROM service_blocks WHERE service = :service"
SET_BLOCK = """
    INSERT INTO service_blocks (service, blocked_until, reason)
    VALUES (:service, :until, :reason)
    ON CONFLICT (service) DO UPDATE SET blocked_until = excluded.blocked_until, reason = excluded.reason
    WHERE excluded.blocked_until > service_blocks.blocked_until
"""
COUNT_SINCE = "SELECT count(*) FROM rate_limit_tracking WHERE service = :service AND timestamp > :since"


def nth_newest(connection: sqlite3.Connection, service: str, n: int) -> datetime | None:
    """The time of the n-th newest attempt of a service, 1 being the newest; None where there are fewer."""
    row = connection.execute(NTH_NEWEST, {"service": service, "position": n - 1}).fetchone()
    return from_text(row["timestamp"]) if row else None


def blocked_until(connection: sqlite3.Connection, service: str) -> datetime | None:
    """The end of the service's block, past or to come; None where it never had one."""
    row = connection.execute(FIND_BLOCK, {"service": service}).fetchone()
    return from_text(row["blocked_until"]) if row else None


def add_attempt(connection: sqlite3.Connection, service: str, action: str, latest_end: datetime) -> int:
    """Adds an attempt under way, within the caller's transaction. Returns its id."""
    row = connection.execute(ADD_ATTEMPT, {"service": service, "action": action, "latest_end": to_text(latest_end)}).fetchone()
    return int(row["id"])


def end_attempt(db: Database, attempt_id: int, now: datetime, outcome: str, *, is_success: bool) -> None:
    """Moves an attempt to the moment at which it ended."""
    with transaction(db) as connection:
        connection.execute(END_ATTEMPT, {"id": attempt_id, "now": to_text(now), "success": int(is_success), "outcome": outcome})


def set_block(db: Database, service: str, until: datetime, reason: str) -> None:
    """Blocks a service for all processes; a longer block stays."""
    with transaction(db) as connection:
        connection.execute(SET_BLOCK, {"service": service, "until": to_text(until), "reason": reason})


def count_attempts(db: Database) -> int:
    """All attempts ever."""
    return int(db["rate_limit_tracking"].count)


def count_since(db: Database, service: str, now: datetime, seconds: int) -> int:
    """Attempts of a service in the window that ends now, those under way included."""
    since = to_text(now - timedelta(seconds=seconds))
    return int(db.conn.execute(COUNT_SINCE, {"service": service, "since": since}).fetchone()[0])
