"""What may be spent on a provider: credits are set aside before a call is made, and the rest is given back after its answer.

A call whose cost nobody knows, because its process was killed or no whole answer came, counts as the most that it may cost.
"""

import math
import threading
from dataclasses import dataclass

from liendea_assets.clients.call_budget import CallBudget, Period, periods
from liendea_assets.core.clock import Clock
from liendea_assets.core.errors import BudgetUsedUp
from liendea_assets.db.connection import Database, brief_transaction
from liendea_assets.enrichment import spending_store as store

# What sums of credits may be wrong by.
TINY = 1e-9


@dataclass(frozen=True, slots=True)
class Reserved:
    """Credits that are set aside for a call.

    Attributes:
        people: how many may be asked about with it; fewer than were wanted where the budget ends.
    """

    id: int
    people: int


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
        self._lock = threading.Lock()

    def reserve(self, operation: str, people: int, *, per_person: float, per_call: float) -> Reserved:
        """Sets aside the most that a call may cost.

        Args:
            people: whom it is to be about. per_person, per_call: credits that it costs at most.

        Raises:
            BudgetUsedUp: not even a call about one person can be paid for.
        """
        now = self._clock.now()
        with self._lock, brief_transaction(self._db) as connection:
            granted = people
            for period in periods(now, self._per_day, self._per_month):
                spent = store.spent_between(connection, self._source, period.start, period.end)
                granted = min(granted, _affordable(period.most - spent - per_call, people, per_person))
                if granted < 1:
                    raise BudgetUsedUp(self._used_up(period, spent, per_person + per_call))
            most = granted * per_person + per_call
            return Reserved(store.add(connection, self._source, operation, granted, most, now), granted)

    def settle(self, reserved_id: int, spent: float) -> None:
        """Says what the call did cost; what was set aside beyond it is free again."""
        # lost to a power cut, the most counts
        with self._lock, brief_transaction(self._db, durable=False) as connection:
            store.settle(connection, reserved_id, spent, self._clock.now())

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
