"""How much of each window is used, when it has room again, and whether it ever was over; what a person looks at."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from liendea_assets.clients import store
from liendea_assets.clients.ledger_time import US, read_clocks
from liendea_assets.clients.settings import Windows
from liendea_assets.clients.usage_store import ledger_of
from liendea_assets.clients.windows import LEARNED_FOR_US, is_of_people, length_us, people_of
from liendea_assets.core.clock import Clock
from liendea_assets.db.connection import Database

# Further back nobody looks for a window that was over.
LOOKED_BACK_US = 7 * 86_400 * US

_NAMES = {1: "second", 60: "minute", 3_600: "hour", 86_400: "day"}


@dataclass(frozen=True, slots=True)
class WindowUsage:
    """One window of a service as it stands.

    Attributes:
        action: empty where the window is that of the whole service.
        used: attempts in it, those under way included.
        free_in_s: seconds to the next slot by this window alone; 0 for now.
        violations: attempts that were one too many for it.
        circuit: closed, open or half-open.
        since_us: ledger time since which the window holds as it is.
    """

    service: str
    action: str
    seconds: int
    requests: int
    is_learned: bool
    used: int
    free_in_s: float
    violations: int
    circuit: str
    since_us: int

    @property
    def left(self) -> int:
        """Attempts that the window has room for now."""
        return max(0, self.requests - self.used)

    def __str__(self) -> str:
        """For a log line: `12 of 400 an hour`, `75 of 100 people a day`."""
        name = _NAMES.get(self.seconds, f"{self.seconds:,} s")
        people = " people" if is_of_people(self.service) else ""
        return f"{self.used:,} of {self.requests:,}{people} a {name}".replace("a hour", "an hour")


def read_usage(db: Database, clock: Clock, windows: Windows, since: Mapping[tuple[str, str, int, int], int]) -> list[WindowUsage]:
    """Every window of every service and action, those that servers told included, the shortest first.

    Args:
        windows: those of rate_limits.yaml.
        since: ledger time since which a window (service, action, seconds, requests) holds; 0 for those that are not named.
    """
    found = []
    for name in windows:
        service, _, action = name.partition("/")
        learned = () if action else store.read_learned(db.conn, service, ledger_now_us(db, clock) - LEARNED_FOR_US)
        both = [*((window, False) for window in windows[name]), *((window, True) for window in learned)]
        found += [
            _read_window(db, clock, (service, action, seconds, requests), is_learned=is_learned, since=since)
            for (seconds, requests), is_learned in sorted(both)
        ]
    return found


def describe_waiting(usage: list[WindowUsage], service: str, seconds: float, clock: Clock) -> str:
    """What a run waits for, for the terminal and the event log."""
    until = (clock.now() + timedelta(seconds=seconds)).strftime("%H:%M:%S")
    budget = ", ".join(str(window) for window in usage if window.service in (service, people_of(service)) and not window.action)
    return f"{service}: waiting {seconds:.0f} s for the next slot, until {until} UTC; used {budget}"


def _read_window(
    db: Database,
    clock: Clock,
    window: tuple[str, str, int, int],
    *,
    is_learned: bool,
    since: Mapping[tuple[str, str, int, int], int],
) -> WindowUsage:
    service, action, seconds, requests = window
    now_us, counted_us = ledger_now_us(db, clock), length_us(seconds)
    ledger = ledger_of(db, service, action or None)
    under_way = [attempt for attempt in store.read_under_way(db.conn, service) if action in ("", attempt.action)]
    in_flight = sum(attempt.latest_end_us > now_us - counted_us for attempt in under_way)
    used = in_flight + ledger.count_after(now_us - counted_us)
    free_us = now_us
    if used >= requests:
        newest_us = store.nth_newest_us(db.conn, service, action or None, requests - in_flight) if in_flight < requests else None
        free_us = counted_us + (now_us if newest_us is None else newest_us)
    since_us = since.get(window, 0)
    looked_us = max(since_us, now_us - LOOKED_BACK_US)
    return WindowUsage(
        *window,
        is_learned,
        used,
        max(0, free_us - now_us) / US,
        ledger.count_over(requests, seconds * US, looked_us),
        store.read_state(db.conn, service).circuit.name(now_us),
        since_us,
    )


def ledger_now_us(db: Database, clock: Clock) -> int:
    """The present moment of the ledger's time."""
    last = store.read_clock(db.conn)
    return read_clocks(clock, last, 0 if last else store.newest_time_us(db.conn)).ledger_us
