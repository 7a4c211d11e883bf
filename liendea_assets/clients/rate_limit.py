"""The ledger of calls, and the limits that are kept by it for all processes of a home.

Each attempt is a row of rate_limit_tracking, committed before a socket is opened. Its time is the latest at which the attempt can
still reach the server; when the attempt ends, its time is moved to that moment. So a server that counts arrivals on its own clock
sees no window over its limit, however long an answer takes, and a process that dies leaves a row that is right by itself.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from liendea_assets.clients import store
from liendea_assets.clients.settings import Windows
from liendea_assets.core.clock import Clock
from liendea_assets.core.errors import LimitReached
from liendea_assets.db.connection import Database, transaction

# Added to every window, so that two clocks that round differently cannot disagree about its end.
MARGIN_S = 0.01
# The longest sleep before looking again: another process may have ended its attempt early.
LOOK_AGAIN_S = 1.0

OnWait = Callable[[float], None]


@dataclass(slots=True)
class Attempt:
    """One call that may be made now. Set `outcome` (and `is_success`) before the block ends."""

    outcome: str = "not finished"
    is_success: bool = False


class RateLimiter:
    """Grants attempts so that no window of a service is ever over its limit.

    Args:
        db: opened durable, since a call follows each commit.
        windows: (seconds, requests) of each service.
    """

    def __init__(self, db: Database, clock: Clock, windows: Windows) -> None:
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
            store.end_attempt(self._db, row_id, self._clock.now(), attempt.outcome, is_success=attempt.is_success)

    def block(self, service: str, seconds: float, reason: str) -> None:
        """No attempt of any process before this many seconds from now; a longer block that stands already stays."""
        store.set_block(self._db, service, self._clock.now() + timedelta(seconds=seconds), reason)

    def _wait_for_slot(self, service: str, action: str, longest_s: float, max_wait_s: float, on_wait: OnWait | None) -> int:
        give_up_at = self._clock.now() + timedelta(seconds=max_wait_s)
        while True:
            now = self._clock.now()
            granted = self._take_slot(service, action, now, longest_s)
            if isinstance(granted, int):
                return granted
            wait_s = (granted - now).total_seconds()
            if granted > give_up_at:
                raise LimitReached(f"{service}: every slot is taken, the next one is free in {wait_s:.0f} s", wait_s)
            if on_wait is not None:
                on_wait(wait_s)
            self._clock.sleep(min(wait_s, LOOK_AGAIN_S))

    def _take_slot(self, service: str, action: str, now: datetime, longest_s: float) -> int | datetime:
        """The id of a new attempt, or the moment at which a slot is free at the earliest."""
        with transaction(self._db) as connection:
            ends = [
                taken + timedelta(seconds=seconds + MARGIN_S)
                for seconds, limit in self._windows[service]
                if (taken := store.nth_newest(connection, service, limit)) is not None
            ]
            block = store.blocked_until(connection, service)
            free_at = max([*ends, *([block] if block else [])], default=now)
            if free_at > now:
                return free_at
            return store.add_attempt(connection, service, action, now + timedelta(seconds=longest_s))
