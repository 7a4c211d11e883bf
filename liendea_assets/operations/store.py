"""The SQL of the operations stage."""

import sqlite3
from collections.abc import Sequence
from datetime import datetime, timedelta

import pandas as pd

from liendea_assets.clients.usage import WindowUsage
from liendea_assets.core.clock import to_text
from liendea_assets.db.connection import Database, read_frame, transaction

LIST_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"

READ_SINCE = "SELECT service, action_type, seconds, requests, since_us FROM rate_limit_usage"
CLEAR_USAGE = "DELETE FROM rate_limit_usage"
INSERT_USAGE = """
    INSERT INTO rate_limit_usage (
        service, action_type, seconds, requests, is_learned, used, left_now, free_at, violations, circuit, since_us, read_at
    )
    VALUES (
        :service, :action, :seconds, :requests, :is_learned, :used, :left, :free_at, :violations, :circuit, :since_us, :read_at
    )
"""
READ_USAGE = """
    SELECT service, action_type, seconds, requests, is_learned, used, left_now, free_at, violations, circuit
    FROM rate_limit_usage
    ORDER BY service, action_type, seconds
"""
CALLS_BY_HOUR = """
    SELECT service, strftime('%Y-%m-%d %H', timestamp) AS hour, count(*) AS calls
    FROM rate_limit_tracking
    WHERE timestamp > :since
    GROUP BY service, hour
    ORDER BY service, hour
"""
READ_COMPLAINTS = "SELECT id, received_at FROM inbox_messages WHERE kind = 'complaint' ORDER BY id"


def read_complaints(db: Database) -> list[tuple[int, str]]:
    """Id and moment of each complaint that came back."""
    return [(row["id"], row["received_at"]) for row in db.conn.execute(READ_COMPLAINTS)]


def count_rows(connection: sqlite3.Connection) -> dict[str, int]:
    """Table → rows."""
    names = [row[0] for row in connection.execute(LIST_TABLES)]
    # table names cannot be parameters; these come from the schema itself
    return {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}


def read_since(db: Database, now_us: int) -> dict[tuple[str, str, int], tuple[int, int]]:
    """(service, action, seconds) of each window that was looked at before → its requests, and since when they hold."""
    return {tuple(row)[:3]: (row["requests"], min(row["since_us"], now_us)) for row in db.conn.execute(READ_SINCE)}


def store_usage(db: Database, usage: Sequence[WindowUsage], now: datetime) -> None:
    """Replaces the table by what is used now."""
    rows = [
        {
            "service": window.service,
            "action": window.action,
            "seconds": window.seconds,
            "requests": window.requests,
            "is_learned": int(window.is_learned),
            "used": window.used,
            "left": window.left,
            "free_at": to_text(now + timedelta(seconds=window.free_in_s)),
            "violations": window.violations,
            "circuit": window.circuit,
            "since_us": window.since_us,
            "read_at": to_text(now),
        }
        for window in usage
    ]
    with transaction(db) as connection:
        connection.execute(CLEAR_USAGE)
        connection.executemany(INSERT_USAGE, rows)


def read_usage_table(db: Database) -> pd.DataFrame:
    """The table without times of writing."""
    return read_frame(db, READ_USAGE)


def calls_by_hour(db: Database, now: datetime, hours: int) -> pd.DataFrame:
    """Attempts by `service` and `hour` (`YYYY-MM-DD HH`, UTC), as `calls`; hours without any are missing."""
    return read_frame(db, CALLS_BY_HOUR, {"since": to_text(now - timedelta(hours=hours))})
