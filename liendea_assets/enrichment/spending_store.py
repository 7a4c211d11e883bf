"""The SQL of what providers cost: provider_spending, and its totals in provider_spending_days."""

import sqlite3
from datetime import datetime

import pandas as pd

from liendea_assets.core.clock import to_text
from liendea_assets.db.connection import Database, read_frame

SPENT_BETWEEN = """
    SELECT coalesce(sum(credits), 0) FROM provider_spending_days WHERE source = :source AND day >= :start AND day < :end
"""
ADD = """
    INSERT INTO provider_spending (source, operation, people, most, reserved_at)
    VALUES (:source, :operation, :people, :most, :now)
    RETURNING id
"""
ADD_TO_DAY = """
    INSERT INTO provider_spending_days (source, day, calls, people, credits)
    VALUES (:source, :day, 1, :people, :most)
    ON CONFLICT (source, day) DO UPDATE SET calls = calls + 1, people = people + excluded.people, credits = credits + excluded.credits
"""
GIVE_BACK = """
    UPDATE provider_spending_days
    SET credits = credits + :spent - s.most
    FROM provider_spending s
    WHERE s.id = :id AND s.spent IS NULL AND provider_spending_days.source = s.source AND day = substr(s.reserved_at, 1, 10)
"""
SETTLE = "UPDATE provider_spending SET spent = :spent, settled_at = :now WHERE id = :id AND spent IS NULL"
READ_DAYS = """
    SELECT
        d.source, d.day, d.calls, d.people, d.credits,
        (
            SELECT coalesce(sum(s.most), 0) FROM provider_spending s
            WHERE s.source = d.source AND s.spent IS NULL AND substr(s.reserved_at, 1, 10) = d.day
        ) AS unsettled
    FROM provider_spending_days d
    ORDER BY d.day, d.source
"""


def spent_between(connection: sqlite3.Connection, source: str, start: datetime, end: datetime) -> float:
    """Credits of whole days of UTC; calls that are not settled count as the most that they may cost."""
    row = connection.execute(SPENT_BETWEEN, {"source": source, "start": _day(start), "end": _day(end)}).fetchone()
    return float(row[0])


def add(connection: sqlite3.Connection, source: str, operation: str, people: int, most: float, now: datetime) -> int:
    """Adds a call that is about to be made, within the caller's transaction. Returns its id."""
    parameters = {"source": source, "operation": operation, "people": people, "most": most, "now": to_text(now), "day": _day(now)}
    connection.execute(ADD_TO_DAY, parameters)
    return int(connection.execute(ADD, parameters).fetchone()[0])


def settle(connection: sqlite3.Connection, spending_id: int, spent: float, now: datetime) -> None:
    """Says what a call did cost, once."""
    parameters = {"id": spending_id, "spent": spent, "now": to_text(now)}
    connection.execute(GIVE_BACK, parameters)
    connection.execute(SETTLE, parameters)


def read_days(db: Database) -> pd.DataFrame:
    """`source`, `day`, `calls`, `people`, `credits`, and how many of these credits are of calls whose cost nobody knows."""
    return read_frame(db, READ_DAYS)


def _day(moment: datetime) -> str:
    return to_text(moment)[:10]
