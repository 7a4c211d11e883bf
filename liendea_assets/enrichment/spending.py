"""What may be spent on a provider: credits are set aside before a call is made, and the rest is given back after its answer.

A call whose cost nobody knows, because its process was killed or no whole answer came, counts as the most that it may cost.
"""

import logging
import math
import sqlite3
import threading
from dataclasses import dataclass

from liendea_assets.clients.call_budget import CallBudget, Period, periods
from liendea_assets.core.clock import Clock
from liendea_assets.core.errors import BudgetUsedUp, Stopped
from liendea_assets.db.connection import Database, brief_transaction
from liendea_assets.enrichment import spending_store as store

# Who waits for credits that other calls may give back looks this often whether the run ends.
LOOK_S = 0.5
log = logging.getLogger(__name__)

# What sums of credits may be wrong by.
TINY = 1e-9


@dataclass(frozen=True, slots=True)
class Reserved:
    """Credits that are set aside for a call.

    Attributes:
        people: how many may be asked about with it; fewer than were wanted where the budget ends.
        most: credits.
    """

    id: int
    people: int
    most: float


class Purse:
    """The credits of one provider, over all processes of a home. Threads may share one.

    Args:
        db: opened durable, since a call follows each commit; nobody else's.
        per_day, per_month: the most credits by the calendar of UTC; None for no bound.
    """

    def __init__(self, db: Database, source: str, clock: Clock, per_day: float | None = None, per_month: float | None = None) -> None:
        self._db = db
        self._source = source
        self._clock = clock
        self._per_day = per_day
        self._per_month = per_month
        self._lock = threading.Condition()
        # calls of this process that are not over, and may give back some of what was set aside for them
        self._under_way: set[int] = set()

    def reserve(self, operation: str, people: int, *, per_person: float, per_call: float, stop: threading.Event | None = None) -> Reserved:
        """Sets aside the most that a call may cost.

        Args:
            people: whom it is to be about. per_person, per_call: credits that it costs at most.
            stop: where it is given, credits that calls of this process may give back are waited for until it is set.

        Raises:
            BudgetUsedUp: not even a call about one person can be paid for.
            Stopped: `stop` was set while it waited.
        """
        with self._lock:
            while True:
                try:
                    return self._take(operation, people, per_person, per_call)
                except BudgetUsedUp:
                    if stop is None or not self._under_way:
                        raise
                self._lock.wait(LOOK_S)
                if stop.is_set():
                    raise Stopped(f"{self._source}: the run ends")

    def reserve_again(self, operation: str, most: float) -> Reserved:
        """Sets the same aside for another attempt of a call, at once or not at all: who holds credits waits for nobody's.

        Raises:
            BudgetUsedUp: so much is not left.
        """
        with self._lock:
            return self._take(operation, 1, 0.0, most, is_again=True)

    def settle(self, reserved_id: int, spent: float) -> None:
        """Says what the call did cost; what was set aside beyond it is free again."""
        with self._lock:
            # also where it cannot be written: the most counts then, and nobody may wait for it
            self._end(reserved_id)
            try:
                # lost to a power cut, the most counts as well
                with brief_transaction(self._db, durable=False) as connection:
                    store.settle(connection, reserved_id, spent, self._clock.now())
            except sqlite3.Error as problem:
                # what was answered must not be lost with it
                log.warning("%s: what call %d did cost is not noted (%s)", self._source, reserved_id, type(problem).__name__)

    def leave(self, reserved_id: int) -> None:
        """The call is over, and what it did cost is not known, or not yet; nobody waits for it to give something back."""
        with self._lock:
            self._end(reserved_id)

    def left(self) -> float | None:
        """Credits that may be spent now; None where there is no bound."""
        now = self._clock.now()
        with self._lock:
            lefts = [
                period.most - store.spent_between(self._db.conn, self._source, period.start, period.end)
                for period in periods(now, self._per_day, self._per_month)
            ]
        return max(0.0, min(lefts)) if lefts else None

    def free_in_s(self, least: float) -> float:
        """Seconds until so many credits may be spent; 0 for at once."""
        now = self._clock.now()
        with self._lock:
            ends = [
                period.end
                for period in periods(now, self._per_day, self._per_month)
                if period.most - store.spent_between(self._db.conn, self._source, period.start, period.end) < least - TINY
            ]
        return max(((end - now).total_seconds() for end in ends), default=0.0)

    def _take(self, operation: str, people: int, per_person: float, per_call: float, *, is_again: bool = False) -> Reserved:
        now = self._clock.now()
        with brief_transaction(self._db) as connection:
            granted = people
            for period in periods(now, self._per_day, self._per_month):
                spent = store.spent_between(connection, self._source, period.start, period.end)
                granted = min(granted, _affordable(period.most - spent - per_call, people, per_person))
                if granted < 1:
                    raise BudgetUsedUp(self._used_up(period, spent, per_person + per_call))
            most = granted * per_person + per_call
            # the people of a call count once, however often it is made
            reserved_id = store.add(connection, self._source, operation, 0 if is_again else granted, most, now)
        self._under_way.add(reserved_id)
        return Reserved(reserved_id, granted, most)

    def _end(self, reserved_id: int) -> None:
        self._under_way.discard(reserved_id)
        self._lock.notify_all()

    def _used_up(self, period: Period, spent: float, next_call: float) -> str:
        left = max(0.0, period.most - spent)
        return (
            f"{self._source}: of the budget of {period.most:g} credits a {period.name} {left:g} are left, and the next call may cost "
            f"{next_call:g}; it starts anew at {period.end:%Y-%m-%d %H:%M} UTC"
        )


@dataclass(frozen=True, slots=True)
class Allowance:
    """What the user allows to be spent on a provider.

    Attributes:
        contacts_per_run: the most people whom one run asks about; None for no bound.
    """

    purse: Purse
    calls: CallBudget
    contacts_per_run: int | None = None


def _affordable(left: float, people: int, per_person: float) -> int:
    """How many people can be paid for; a rounding error is no reason to leave one out."""
    if left < -TINY:
        return 0
    return people if per_person == 0 else min(people, math.floor((left + TINY) / per_person))
