"""When the last of some calls that are still to be made may begin, by all that is known now; it reads the ledger and writes nothing.

Each limit is looked at by itself, and calls are taken to last no time: so it is a good estimate and no promise.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from sqlite3 import Connection

from liendea_assets.clients import store
from liendea_assets.clients.call_budget import CallBudget, periods
from liendea_assets.clients.ledger_time import US
from liendea_assets.clients.pacing import Pacing
from liendea_assets.clients.settings import Windows
from liendea_assets.clients.usage import ledger_now_us
from liendea_assets.clients.windows import LEARNED_FOR_US, length_us, people_of
from liendea_assets.core.clock import Clock
from liendea_assets.core.durations import show_time
from liendea_assets.db.connection import Database


@dataclass(frozen=True, slots=True)
class Need:
    """Calls to one service.

    Attributes:
        calls: action → how many.
        people: whom they are about, counted where a window does.
    """

    service: str
    calls: Mapping[str, int]
    people: int


@dataclass(frozen=True, slots=True)
class Bound:
    """A limit, and the seconds until it lets the last call begin."""

    name: str
    wait_s: float


@dataclass(frozen=True, slots=True)
class _Slots:
    """The slots of a service, of one of its actions, or of people."""

    connection: Connection
    service: str
    action: str | None
    under_way: int
    start_us: int

    def free_us(self, seconds: int, requests: int, number: int) -> int:
        """When a window lets the `number`-th call from now begin: as soon as the one that it takes the place of has left the window."""
        rounds, place = divmod(number - 1, requests)
        ended = requests - self.under_way - place
        taken_us: int | None = self.start_us
        if ended >= 1:
            taken_us = store.nth_newest_us(self.connection, self.service, self.action, ended)
        first_us = self.start_us if taken_us is None else max(self.start_us, taken_us + length_us(seconds))
        return first_us + rounds * length_us(seconds)


def look_ahead(
    db: Database,
    clock: Clock,
    windows: Windows,
    pacing: Mapping[str, Pacing],
    budgets: Sequence[CallBudget],
    needs: Sequence[Need],
    payer: str | None,
) -> list[Bound]:
    """A bound for everything that may make these calls wait."""
    now_us = ledger_now_us(db, clock)
    found = [bound for need in needs for bound in _bounds(db.conn, windows, pacing.get(need.service), need, now_us)]
    calls = sum(sum(need.calls.values()) for need in needs)
    return [*found, *(bound for budget in budgets if budget.payer == payer for bound in _budget_bounds(db.conn, clock, budget, calls))]


def _bounds(connection: Connection, windows: Windows, pacing: Pacing | None, need: Need, now_us: int) -> Iterator[Bound]:
    calls = sum(need.calls.values())
    if not calls:
        return
    state = store.read_state(connection, need.service)
    pauses_us = {
        "a pause that the server asked for": store.blocked_until_us(connection, need.service),
        "its circuit is open": state.circuit.open_until_us if state.circuit.openings else 0,
    }
    if state.allowance is not None and state.allowance < calls:
        pauses_us[f"{state.allowance:,} calls that the server says are left"] = state.allowance_until_us
    for name, until_us in pauses_us.items():
        yield Bound(name, max(0, until_us - now_us) / US)
    # what the server says is left may be used at once
    left_us = state.allowance_until_us if state.allowance == 0 else 0
    start_us = max(now_us, store.blocked_until_us(connection, need.service), pauses_us["its circuit is open"], left_us)
    if pacing is not None:
        yield Bound(
            "calls are spread out", _paced_s(pacing, state.starts, calls) + max(0, max(start_us, state.next_start_us) - now_us) / US
        )
    learned = store.read_learned(connection, need.service, now_us - LEARNED_FOR_US)
    counted: list[tuple[str, str | None, tuple[tuple[int, int], ...], int, str]] = [
        (need.service, None, (*windows.get(need.service, ()), *learned), calls, ""),
        (people_of(need.service), None, windows.get(people_of(need.service), ()), need.people, " people"),
        *(
            (need.service, action, windows.get(f"{need.service}/{action}", ()), number, f" {action}")
            for action, number in need.calls.items()
        ),
    ]
    for service, action, of_windows, number, what in counted:
        under_way = sum(action in (None, one.action) for one in store.read_under_way(connection, service)) if of_windows and number else 0
        slots = _Slots(connection, service, action, under_way, start_us)
        for seconds, requests in of_windows if number else ():
            yield Bound(f"{requests:,}{what} in {show_time(seconds)}", (slots.free_us(seconds, requests, number) - now_us) / US)


def _paced_s(pacing: Pacing, starts: int, calls: int) -> float:
    """From the first to the last of so many starts, with gaps as they are on average."""
    rests = (starts + calls - 1) // pacing.rest_after - starts // pacing.rest_after if pacing.rest_after else 0
    return (calls - 1) * (pacing.minimum_gap_s + pacing.jitter_s / 2) + rests * pacing.rest_s


def _budget_bounds(connection: Connection, clock: Clock, budget: CallBudget, calls: int) -> Iterator[Bound]:
    now = clock.now()
    for period in periods(now, budget.per_day, budget.per_month):
        most = int(period.most)
        waiting = calls - max(0, most - store.count_calls(connection, budget.payer, period.start, period.end))
        wait_s = 0.0
        if waiting > 0:
            later = math.ceil(waiting / most) - 1 if most else math.inf
            wait_s = (period.end - now).total_seconds() + later * (period.end - period.start).total_seconds()
        yield Bound(f"budget of {most:,} a {period.name}", wait_s)
