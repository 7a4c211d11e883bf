"""The ledger of calls, and the limits that are kept by it for all processes of a home.

Each attempt is a row of rate_limit_tracking, committed before a socket is opened. Its time is the latest at which the attempt can
still reach the server; when the attempt ends, its time is moved to that moment. So a server that counts arrivals on its own clock
sees no window over its limit, however long an answer takes, and a process that dies leaves a row that is right by itself.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from liendea_assets.core.clock import Clock, from_text, to_text
from liendea_assets.core.errors import LimitReached
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
FIND_BLOCK = "SELECT blocked_until FROM service_blocks WHERE service = :service AND blocked_until > :now"
SET_BLOCK = """
    INSERT INTO service_blocks (service, blocked_until, reason)
    VALUES (:service, :until, :reason)
    ON CONFLICT (service) DO UPDATE SET blocked_until = excluded.blocked_until, reason = excluded.reason
    WHERE excluded.blocked_until > service_blocks.blocked_until
"""
COUNT_SINCE = "SELECT count(*) FROM rate_limit_tracking WHERE service = :service AND timestamp > :since"

# Added to every wait, so that two clocks that round differently cannot disagree about the end of a window.
MARGIN_S = 0.01
# The longest sleep before looking again: another process may have ended its attempt early.
LOOK_AGAIN_S = 1.0

OnWait = Callable[[float], None]


@dataclass(slots=True)
class Attempt:
    """One call that may be made now. Set `outcome` (and `is_success`) before the block ends."""

    outcome: str = "not finished"
    is_success: bool = False


@dataclass(frozen=True, slots=True)
class WindowUse:
    """How full one window is."""

    seconds: int
    limit: int
    used: int


class RateLimiter:
    """Grants attempts so that no window of a service is ever over its limit.

    Args:
        db: opened durable, since a call follows each commit.
        windows: (seconds, requests) of each service.
    """

    def __init__(self, db: Database, clock: Clock, windows: Mapping[str, tuple[tuple[int, int], ...]]) -> None:
        self._db = db
        self._clock = clock
        self._windows = windows

    @contextmanager
    def attempt(
        self, service: str, action: str, *, longest_s: float, max_wait_s: float, on_wait: OnWait | None = None
    ) -> Iterator[Attempt]:
        """Waits for a slot, records the attempt, and records its end with its outcome.

        Args:
            longest_s: seconds after which the attempt is given up for certain.
            max_wait_s: seconds that the caller is willing to wait.
            on_wait: told the seconds left before each sleep.

        Raises:
            LimitReached: the next slot is further away than `max_wait_s`; nothing was recorded.
        """
        row_id = self._wait_for_slot(service, action, longest_s, max_wait_s, on_wait)
        attempt = Attempt()
        try:
            yield attempt
        finally:
            with transaction(self._db) as connection:
                connection.execute(
                    END_ATTEMPT,
                    {"id": row_id, "now": to_text(self._clock.now()), "success": int(attempt.is_success), "outcome": attempt.outcome},
                )

    def block(self, service: str, seconds: float, reason: str) -> None:
        """No attempt of any process before this many seconds from now; a longer block that stands already stays."""
        until = self._clock.now() + timedelta(seconds=seconds)
        with transaction(self._db) as connection:
            connection.execute(SET_BLOCK, {"service": service, "until": to_text(until), "reason": reason})

    def usage(self, service: str) -> list[WindowUse]:
        """How full each window is now; attempts under way count."""
        now = self._clock.now()
        return [
            WindowUse(seconds, limit, self._count_since(service, now - timedelta(seconds=seconds)))
            for seconds, limit in self._windows[service]
        ]

    def _wait_for_slot(self, service: str, action: str, longest_s: float, max_wait_s: float, on_wait: OnWait | None) -> int:
        give_up_at = self._clock.now() + timedelta(seconds=max_wait_s)
        while True:
            now = self._clock.now()
            granted = self._take_slot(service, action, now, longest_s)
            if isinstance(granted, int):
                return granted
            wait_s = (granted - now).total_seconds() + MARGIN_S
            if granted > give_up_at:
                raise LimitReached(f"{service}: every slot is taken, the next one is free in {wait_s:.0f} s", wait_s)
            if on_wait is not None:
                on_wait(wait_s)
            self._clock.sleep(min(wait_s, LOOK_AGAIN_S))

    def _take_slot(self, service: str, action: str, now: datetime, longest_s: float) -> int | datetime:
        """The id of a new attempt, or the moment at which a slot is free at the earliest."""
        with transaction(self._db) as connection:
            free_at = self._free_at(service, now)
            if free_at is not None and free_at > now:
                return free_at
            latest_end = to_text(now + timedelta(seconds=longest_s))
            row = connection.execute(ADD_ATTEMPT, {"service": service, "action": action, "latest_end": latest_end}).fetchone()
            return int(row["id"])

    def _free_at(self, service: str, now: datetime) -> datetime | None:
        moments = []
        for seconds, limit in self._windows[service]:
            row = self._db.conn.execute(NTH_NEWEST, {"service": service, "position": limit - 1}).fetchone()
            if row is not None:
                moments.append(from_text(row["timestamp"]) + timedelta(seconds=seconds))
        block = self._db.conn.execute(FIND_BLOCK, {"service": service, "now": to_text(now)}).fetchone()
        if block is not None:
            moments.append(from_text(block["blocked_until"]))
        return max(moments, default=datetime.min.replace(tzinfo=UTC))

    def _count_since(self, service: str, moment: datetime) -> int:
        return int(self._db.conn.execute(COUNT_SINCE, {"service": service, "since": to_text(moment)}).fetchone()[0])
