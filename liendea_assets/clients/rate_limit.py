"""The ledger of calls, and the limits that are kept by it for all processes of a home.

Each attempt is a row of rate_limit_tracking, committed before a socket is opened. Its end is the latest at which the attempt can
still reach the server; when the attempt ends, its end is moved to that moment. So a server that counts arrivals on its own clock
sees no window over its limit, however long an answer takes, and a process that dies leaves a row that is right by itself. Times are
the ledger's own (`ledger_time`): no change of the wall clock moves them.
"""

import logging
import random
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from sqlite3 import Connection

from liendea_assets.clients import store
from liendea_assets.clients.call_budget import CallBudget, periods
from liendea_assets.clients.ledger_time import US, Reading, is_same_run, ledger_us_at, read_clocks
from liendea_assets.clients.limit_headers import Quota
from liendea_assets.clients.outlook import Bound, Need, look_ahead
from liendea_assets.clients.pacing import Pacing
from liendea_assets.clients.settings import Windows
from liendea_assets.clients.slots import WHY, Wait, Wanted, allow
from liendea_assets.clients.store import MOST_RETRY_CREDIT, RETRY_COST, ServiceState, UnderWay
from liendea_assets.clients.usage import WindowUsage, read_usage
from liendea_assets.clients.windows import LEARNED_FOR_US, length_us, people_of
from liendea_assets.core.clock import Clock
from liendea_assets.core.errors import LimitReached, ServiceUnavailable, Stopped
from liendea_assets.db.connection import Database, brief_transaction

log = logging.getLogger(__name__)

# A slot that is taken is used within this time or given back: a process may be put to sleep before it sends.
START_WITHIN_S = 1.0
# Who waits is told how long, this often; nobody looks for a slot in between.
TELL_EVERY_S = 10.0
# Who stands in line behind another thread looks this often whether the run ends.
LINE_LOOK_S = 0.5
OnWait = Callable[[float], None]


class RetriesUsedUp(ServiceUnavailable):
    """So many calls were made again that another retry would be more than the share that is allowed."""


@dataclass(slots=True)
class Attempt:
    """One call that may be made now. Set what it came to before the block ends.

    Attributes:
        is_up: whether the service works, as far as this attempt tells; None where it tells nothing.
        quota: what the server told of its limits.
        is_circuit_open: whether it is after the end of this attempt; told once the block has ended.
    """

    outcome: str = "not finished"
    is_success: bool = False
    is_up: bool | None = None
    quota: Quota | None = None
    is_circuit_open: bool = False


class RateLimiter:
    """Grants attempts so that no window of a service is ever over its limit. Threads may share one.

    Args:
        db: opened durable, since a call follows each commit; nobody else's while a thread may use the limiter.
        windows: (seconds, requests) of each service, and of an action of it under `service/action`.
        pacing: of the services whose calls are spread out.
        budgets: of the payers that have one.
    """

    def __init__(
        self,
        db: Database,
        clock: Clock,
        windows: Windows,
        pacing: Mapping[str, Pacing] | None = None,
        chance: random.Random | None = None,
        budgets: Sequence[CallBudget] = (),
    ) -> None:
        self._db = db
        self._clock = clock
        self._windows = windows
        self._pacing = pacing or {}
        self._chance = chance or random.Random()  # noqa: S311 no secret
        self._budgets = budgets
        self._connection = threading.Lock()
        self._turns: dict[tuple[str, str], threading.Lock] = {}
        # the slots of people beside the attempt that they belong to
        self._people: dict[int, list[int]] = {}

    @contextmanager
    def attempt(
        self,
        service: str,
        action: str,
        *,
        longest_s: float,
        max_wait_s: float,
        on_wait: OnWait | None = None,
        is_retry: bool = False,
        stop: threading.Event | None = None,
        payer: str | None = None,
        people: int = 0,
    ) -> Iterator[Attempt]:
        """Waits for a slot, records the attempt, and records its end with its outcome.

        Args:
            longest_s: seconds after which the attempt is given up for certain.
            max_wait_s: seconds that the caller is willing to wait.
            on_wait: told the seconds left, now and then.
            is_retry: whether the call was made before.
            stop: once it is set no attempt begins, and nobody waits for one.
            payer: whose budget of calls it counts for.
            people: so many slots are taken of the windows that count people, all of them together with the attempt's own.

        Raises:
            Stopped: `stop` was set; nothing was recorded.
            LimitReached: the next slot is further away than `max_wait_s`; nothing was recorded.
            ServiceUnavailable: so is the next try of a service that failed; or too many calls were retried.
        """
        attempt_id = self.begin(
            service,
            action,
            longest_s=longest_s,
            max_wait_s=max_wait_s,
            on_wait=on_wait,
            is_retry=is_retry,
            stop=stop,
            payer=payer,
            people=people,
        )
        attempt = Attempt()
        try:
            yield attempt
        finally:
            try:
                self.end(attempt_id, service, action, attempt)
            except sqlite3.Error as problem:
                # what was answered is paid for, and must not be lost with it; the row counts until its latest end
                log.warning("%s: the end of attempt %d is not in the ledger (%s)", service, attempt_id, type(problem).__name__)

    def end(self, attempt_id: int, service: str, action: str, attempt: Attempt) -> None:
        """The second half of `attempt`."""
        # lost to a power cut, the row counts until its latest end
        with self._writing(durable=False) as (connection, moment):
            now_us = moment.ledger_us
            ends_us, now = self._end_us(attempt_id, now_us), self._clock.now()
            store.end_attempt(connection, attempt_id, service, action, ends_us, now, attempt.outcome, is_success=attempt.is_success)
            for one in self._people.pop(attempt_id, ()):
                store.end_attempt(connection, one, people_of(service), action, ends_us, now, "counted", is_success=True)
            state = store.read_state(connection, service)
            ended = replace(state, circuit=state.circuit.end(attempt_id, now_us, is_up=attempt.is_up))
            if attempt.quota is not None:
                store.learn(connection, service, attempt.quota.windows, now_us)
                ended = allow(ended, attempt.quota, len(store.read_under_way(connection, service)), now_us)
            self._keep(connection, service, state, ended)
            store.keep_clock(connection, moment)
        attempt.is_circuit_open = ended.circuit.openings > 0

    def block(self, service: str, seconds: float, reason: str) -> None:
        """No attempt of any process before this many seconds from now; a longer block that stands already stays."""
        with self._writing() as (connection, moment):
            until = self._clock.now() + timedelta(seconds=seconds)
            store.set_block(connection, service, moment.ledger_us + round(seconds * US), until, reason)
            store.keep_clock(connection, moment)

    def begin(
        self,
        service: str,
        action: str,
        *,
        longest_s: float,
        max_wait_s: float,
        on_wait: OnWait | None = None,
        is_retry: bool = False,
        stop: threading.Event | None = None,
        payer: str | None = None,
        people: int = 0,
    ) -> int:
        """The first half of `attempt`: its slot. Returns its id, which `end` wants; without that it counts until its latest end."""
        wanted = Wanted(service, action, longest_s, is_retry, payer, people)
        began_s = self._clock.uptime().seconds
        # one thread looks for the next slot; the others would wake for the same one
        turn = self._turns.setdefault((service, action), threading.Lock())
        while not turn.acquire(timeout=max(0.0, min(LINE_LOOK_S, began_s + max_wait_s - self._clock.uptime().seconds))):
            _look_at(stop, service)
            if self._clock.uptime().seconds - began_s >= max_wait_s:
                raise LimitReached(f"{service}: others have waited for {max_wait_s:.0f} s for the next slot", max_wait_s)
        try:
            while True:
                _look_at(stop, service)
                found, wait_s = self._take_slot(wanted)
                if isinstance(found, int):
                    return found
                waited_s = self._clock.uptime().seconds - began_s
                if waited_s + wait_s > max_wait_s:
                    message = f"{service}: {WHY[found.why]} in {wait_s:.0f} s"
                    raise ServiceUnavailable(message) if found.why == "circuit" else LimitReached(message, wait_s)
                self._sleep(wait_s, on_wait, stop)
        finally:
            turn.release()

    def free_in_s(self, service: str, payer: str | None = None) -> float:
        """Seconds until the next attempt by all that is known now, about one of the people that windows count; 0 for at once.

        Nothing is taken.
        """
        with self._writing(durable=False) as (connection, moment):
            under_way = self._settle(connection, service, moment.ledger_us)
            state = store.read_state(connection, service)
            waits = [
                *self._waits(connection, service, "", state, under_way, moment.ledger_us),
                *self._people_waits(connection, service, 1, moment.ledger_us),
                *self._budget_waits(connection, payer, moment),
            ]
            return max(0, max(wait.until_us for wait in waits) - moment.ledger_us) / US

    def look_ahead(self, needs: Sequence[Need], payer: str | None = None) -> list[Bound]:
        """Until when each limit makes the last of these calls wait."""
        with self._connection:
            return look_ahead(self._db, self._clock, self._windows, self._pacing, self._budgets, needs, payer)

    def usage(self, service: str) -> list[WindowUsage]:
        """How much of each window of a service is used."""
        with self._connection:
            of_service = {
                name: windows for name, windows in self._windows.items() if name.partition("/")[0] in (service, people_of(service))
            }
            return read_usage(self._db, self._clock, of_service, {})

    def _sleep(self, seconds: float, on_wait: OnWait | None, stop: threading.Event | None) -> None:
        while on_wait is not None and seconds > TELL_EVERY_S and not (stop and stop.is_set()):
            on_wait(seconds)
            self._clock.sleep(TELL_EVERY_S, stop)
            seconds -= TELL_EVERY_S
        if on_wait is not None:
            on_wait(seconds)
        self._clock.sleep(seconds, stop)

    def most_people(self, service: str) -> int | None:
        """The most people that one attempt may be about, by the windows that count them; None where none does."""
        return min((people for _, people in self._windows.get(people_of(service), ())), default=None)

    def _take_slot(self, wanted: Wanted) -> tuple[int | Wait, float]:
        """The id of a new attempt, or what to wait for and how many seconds."""
        service, action, is_retry = wanted.service, wanted.action, wanted.is_retry
        with self._writing() as (connection, moment):
            now_us, now = moment.ledger_us, _wall(moment)
            under_way = self._settle(connection, service, now_us)
            state = store.read_state(connection, service)
            if is_retry and state.retry_credit < RETRY_COST:
                raise RetriesUsedUp(f"{service}: a tenth of all calls was made again, which is as much as is allowed")
            waits = [
                *self._waits(connection, service, action, state, under_way, now_us),
                *self._people_waits(connection, service, wanted.people, now_us),
                *self._budget_waits(connection, wanted.payer, moment),
            ]
            wait = max(waits, key=lambda one: one.until_us)
            if wait.until_us > now_us:
                return wait, (wait.until_us - now_us) / US
            latest_end_us = self._latest_end_us(now_us, wanted.longest_s)
            latest_end = self._clock.now() + timedelta(microseconds=latest_end_us - now_us)
            row_id = store.add_attempt(connection, service, action, latest_end_us, latest_end, is_retry=is_retry)
            people = [
                store.add_attempt(connection, people_of(service), action, latest_end_us, latest_end, is_retry=is_retry)
                for _ in range(wanted.people)
            ]
            if wanted.payer is not None:
                store.count_call(connection, wanted.payer, now)
            self._keep(connection, service, state, self._begun(service, state, row_id, now_us, is_retry=is_retry))
            store.keep_clock(connection, moment)
        if self._clock.uptime().seconds - moment.uptime_us / US > START_WITHIN_S:
            # the disk took long: what is sent now might end after the time that the row says
            with self._writing() as (connection, moment):
                for one in (row_id, *people):
                    store.drop_attempt(connection, one)
                if wanted.payer is not None:
                    store.take_call_back(connection, wanted.payer, now)
            return Wait(moment.ledger_us, "window"), 0.0
        if people:
            self._people[row_id] = people
        return row_id, 0.0

    def _waits(
        self, connection: Connection, service: str, action: str, state: ServiceState, under_way: list[UnderWay], now_us: int
    ) -> Iterator[Wait]:
        """Each thing that a new attempt would have to wait for, over or not."""
        yield Wait(store.blocked_until_us(connection, service), "block")
        yield Wait(state.next_start_us, "pacing")
        yield Wait(state.circuit.free_us(now_us, {attempt.id for attempt in under_way}), "circuit")
        if state.allowance == 0:
            yield Wait(state.allowance_until_us, "allowance")
        learned = store.read_learned(connection, service, now_us - LEARNED_FOR_US)
        for seconds, requests in (*self._windows[service], *learned):
            yield self._wait_for_window(connection, service, None, seconds, requests, len(under_way), now_us)
        for seconds, requests in self._windows.get(f"{service}/{action}", ()):
            same = sum(attempt.action == action for attempt in under_way)
            yield self._wait_for_window(connection, service, action, seconds, requests, same, now_us)

    def _wait_for_window(
        self, connection: Connection, service: str, action: str | None, seconds: int, requests: int, under_way: int, now_us: int
    ) -> Wait:
        """When the window has room. Exact where enough attempts have ended; else the earliest moment that is possible."""
        if under_way >= requests:
            # none of them has ended, and the first that does holds its slot for the whole window from then on
            taken_us: int | None = now_us
        else:
            taken_us = store.nth_newest_us(connection, service, action, requests - under_way)
        return Wait(0 if taken_us is None else taken_us + self._length_us(seconds), "window")

    def _people_waits(self, connection: Connection, service: str, people: int, now_us: int) -> Iterator[Wait]:
        """When the windows that count people have room for so many at once."""
        counted = people_of(service)
        windows = self._windows.get(counted, ()) if people else ()
        if windows:
            # all but the last count as if they were under way
            taken = len(self._settle(connection, counted, now_us)) + people - 1
            for seconds, most in windows:
                wait = self._wait_for_window(connection, counted, None, seconds, most, taken, now_us)
                yield replace(wait, why="people")

    def _budget_waits(self, connection: Connection, payer: str | None, moment: Reading) -> Iterator[Wait]:
        """The ends of the periods whose budget is used up."""
        now = _wall(moment)
        for budget in self._budgets:
            for period in periods(now, budget.per_day, budget.per_month) if payer == budget.payer else ():
                if store.count_calls(connection, budget.payer, period.start, period.end) >= period.most:
                    yield Wait(ledger_us_at(period.end, now, moment.ledger_us), "budget")

    def _settle(self, connection: Connection, service: str, now_us: int) -> list[UnderWay]:
        """The attempts under way. Those whose latest end is over have ended then: their processes died."""
        found = store.read_under_way(connection, service)
        over = [attempt for attempt in found if attempt.latest_end_us <= now_us]
        for attempt in over:
            newest_us = store.nth_newest_us(connection, service, None, 1) or 0
            store.number_attempt(connection, attempt.id, service, attempt.action, max(attempt.latest_end_us, newest_us))
        return found[len(over) :]

    def _begun(self, service: str, state: ServiceState, row_id: int, now_us: int, *, is_retry: bool) -> ServiceState:
        """The state of the service once an attempt has begun."""
        credit = state.retry_credit - RETRY_COST if is_retry else min(state.retry_credit + 1, MOST_RETRY_CREDIT)
        begun = replace(state, circuit=state.circuit.begin(row_id, now_us), retry_credit=credit)
        if begun.allowance is not None:
            is_over = begun.allowance_until_us <= now_us
            begun = replace(begun, allowance=None if is_over else begun.allowance - 1)
        pacing = self._pacing.get(service)
        if pacing is not None:
            starts = state.starts + 1
            begun = replace(begun, starts=starts, next_start_us=pacing.next_start_us(now_us, starts, self._chance))
        return begun

    def _keep(self, connection: Connection, service: str, before: ServiceState, after: ServiceState) -> None:
        if after != before:
            store.keep_state(connection, service, after)

    @contextmanager
    def _writing(self, *, durable: bool = True) -> Iterator[tuple[Connection, Reading]]:
        """A transaction, and the moment at which it began."""
        with self._connection, brief_transaction(self._db, durable=durable) as connection:
            last = store.read_clock(connection)
            moment = self._read_clocks(last, 0 if last else store.newest_time_us(connection))
            if not is_same_run(moment, last):
                # from here on the uptime counts, even where nothing else is written: the wall clock may be behind
                store.keep_clock(connection, moment)
            yield connection, moment

    def _read_clocks(self, last: Reading | None, at_least_us: int) -> Reading:
        return read_clocks(self._clock, last, at_least_us)

    def _latest_end_us(self, now_us: int, longest_s: float) -> int:
        return now_us + round((START_WITHIN_S + longest_s) * US)

    def _end_us(self, row_id: int, now_us: int) -> int:  # noqa: ARG002 a test's limiter looks at it
        return now_us

    def _length_us(self, seconds: int) -> int:
        return length_us(seconds)


def _wall(moment: Reading) -> datetime:
    return datetime.fromtimestamp(moment.wall_us / US, UTC)


def _look_at(stop: threading.Event | None, service: str) -> None:
    if stop is not None and stop.is_set():
        raise Stopped(f"{service}: the run ends")
