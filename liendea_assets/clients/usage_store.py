"""The SQL that tells how much of the limits is used; it reads the ledger and writes nothing."""

import sqlite3
from dataclasses import dataclass

from liendea_assets.db.connection import Database

# Ended attempts are numbered in the order of their ends, so the first one of a window is found by halving.
LAST_NUMBER = "SELECT coalesce(max(number), 0) FROM rate_limit_tracking WHERE service = :service"
LAST_NUMBER_OF_ACTION = """
    SELECT coalesce(max(action_number), 0) FROM rate_limit_tracking WHERE service = :service AND action_type = :action
"""
END_AT = """
    SELECT ends_us FROM rate_limit_tracking WHERE service = :service AND number >= :number ORDER BY number LIMIT 1
"""
END_AT_OF_ACTION = """
    SELECT ends_us FROM rate_limit_tracking
    WHERE service = :service AND action_type = :action AND action_number >= :number
    ORDER BY action_number
    LIMIT 1
"""
# An end that comes less than a window's length after the one that is as many places before it as the window has requests.
COUNT_OVER = """
    WITH gaps AS (
        SELECT ends_us - lag(ends_us, :requests) OVER (ORDER BY number) AS gap_us
        FROM rate_limit_tracking
        WHERE service = :service AND number >= :number
    )
    SELECT count(*) FROM gaps WHERE gap_us < :length_us
"""
COUNT_OVER_OF_ACTION = """
    WITH gaps AS (
        SELECT ends_us - lag(ends_us, :requests) OVER (ORDER BY action_number) AS gap_us
        FROM rate_limit_tracking
        WHERE service = :service AND action_type = :action AND action_number >= :number
    )
    SELECT count(*) FROM gaps WHERE gap_us < :length_us
"""


@dataclass(frozen=True, slots=True)
class Ledger:
    """The ended attempts of a service, or of one of its actions."""

    connection: sqlite3.Connection
    service: str
    action: str | None

    def first_after(self, moment_us: int) -> int:
        """The number of the first attempt that ended after a moment; one more than the last where there is none."""
        low, high = 1, int(self._one(LAST_NUMBER, LAST_NUMBER_OF_ACTION)) + 1
        while low < high:
            middle = (low + high) // 2
            if self._one(END_AT, END_AT_OF_ACTION, number=middle) > moment_us:
                high = middle
            else:
                low = middle + 1
        return low

    def count_after(self, moment_us: int) -> int:
        """Attempts that ended after a moment; their numbers have no gaps."""
        return self._one(LAST_NUMBER, LAST_NUMBER_OF_ACTION) + 1 - self.first_after(moment_us)

    def count_over(self, requests: int, length_us: int, since_us: int) -> int:
        """Attempts since a moment that were one too many for a window."""
        number = self.first_after(since_us)
        return self._one(COUNT_OVER, COUNT_OVER_OF_ACTION, requests=requests, length_us=length_us, number=number)

    def _one(self, of_all: str, of_action: str, **parameters: int) -> int:
        sql = of_all if self.action is None else of_action
        row = self.connection.execute(sql, {"service": self.service, "action": self.action, **parameters}).fetchone()
        return int(row[0])


def ledger_of(db: Database, service: str, action: str | None) -> Ledger:
    """The ended attempts of a service, or of one of its actions."""
    return Ledger(db.conn, service, action)
