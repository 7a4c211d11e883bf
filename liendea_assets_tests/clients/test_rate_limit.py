import heapq
import multiprocessing
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from liendea_assets.clients.rate_limit import START_WITHIN_S, RateLimiter
from liendea_assets.clients.windows import MARGIN_S
from liendea_assets.core.clock import SystemClock, from_text
from liendea_assets.core.errors import LimitReached
from liendea_assets.db.connection import Database
from liendea_assets.db.migrations import open_migrated
from liendea_assets.sandbox.reach_server import create_app
from liendea_assets.sandbox.serving import serving
from liendea_assets_tests.clients.processes import ask, die_during_an_attempt
from liendea_assets_tests.conftest import VirtualClock

LONGEST_S = 10.0
FOR_EVER_S = 1e9

in_processes = multiprocessing.get_context("spawn")


class BusyClock(VirtualClock):
    """Sleeping passes through what was planned for the meantime, as if other processes ran."""

    def __init__(self) -> None:
        super().__init__()
        self._plans: list[tuple[datetime, int, Callable[[], object]]] = []
        self._numbers = count()

    def plan(self, seconds: float, happen: Callable[[], object]) -> None:
        heapq.heappush(self._plans, (self.moment + timedelta(seconds=seconds), next(self._numbers), happen))

    def sleep(self, seconds: float, until: threading.Event | None = None) -> None:
        ends_at = self.moment + timedelta(seconds=seconds)
        while self._plans and self._plans[0][0] <= ends_at:
            self.moment, _, happen = heapq.heappop(self._plans)
            happen()
        self.moment = ends_at


def rows(db: Database) -> list[dict[str, object]]:
    return list(db.table("rate_limit_tracking").rows_where(order_by="id"))


def spend(limiter: RateLimiter, *, times: int = 1, max_wait_s: float = 0) -> None:
    """Attempts that take no time."""
    for _ in range(times):
        with limiter.attempt("reach", "match", longest_s=LONGEST_S, max_wait_s=max_wait_s) as attempt:
            attempt.outcome, attempt.is_success = "status 200", True


calls = st.lists(
    st.tuples(
        st.floats(0, 15),  # seconds before the call
        st.floats(0, LONGEST_S) | st.none(),  # how long it takes; None: its process dies
        st.floats(0, 1),  # when it reaches the server, as a share of that time
    ),
    min_size=1,
    max_size=25,
)
examples = count()


@given(windows=st.lists(st.tuples(st.integers(1, 30), st.integers(1, 6)), min_size=1, max_size=3), calls=calls)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_window_is_ever_over_its_limit(
    db: Database, windows: list[tuple[int, int]], calls: list[tuple[float, float | None, float]]
) -> None:
    """Counted by the server, whose clock knows only when a request arrived."""
    clock, service = BusyClock(), f"service-{next(examples)}"
    limiter = RateLimiter(db, clock, {service: tuple(windows)})
    arrivals: list[datetime] = []
    with ExitStack() as dead:
        for idle_s, takes_s, share in calls:
            clock.sleep(idle_s)
            attempt = ExitStack() if takes_s is not None else dead
            attempt.enter_context(limiter.attempt(service, "match", longest_s=LONGEST_S, max_wait_s=FOR_EVER_S))
            arrivals.append(clock.now() + timedelta(seconds=share * (LONGEST_S if takes_s is None else takes_s)))
            if takes_s is not None:
                clock.plan(takes_s, attempt.close)
        clock.sleep(LONGEST_S)
    arrivals.sort()
    for seconds, limit in windows:
        for first, one_too_many in zip(arrivals, arrivals[limit:], strict=False):
            assert one_too_many - first >= timedelta(seconds=seconds)


def test_the_whole_budget_is_used(db: Database, clock: VirtualClock) -> None:
    limiter = RateLimiter(db, clock, {"reach": ((60, 10), (3_600, 400))})
    began = clock.now()
    spend(limiter, times=500, max_wait_s=FOR_EVER_S)
    # 400 in the first hour, then 100 in ten minutes, of which the last is instant
    fastest_s = 3_600 + 9 * 60
    assert fastest_s <= (clock.now() - began).total_seconds() < fastest_s + 2


def test_windows_slide_and_never_start_anew(db: Database, clock: VirtualClock) -> None:
    limiter = RateLimiter(db, clock, {"reach": ((60, 2),)})
    spend(limiter)
    clock.sleep(50)
    spend(limiter)
    clock.sleep(10.5)
    spend(limiter)
    with pytest.raises(LimitReached) as caught:
        spend(limiter)
    assert caught.value.wait_s == pytest.approx(49.5, abs=2 * MARGIN_S)


def test_the_tightest_window_decides(db: Database, clock: VirtualClock) -> None:
    limiter = RateLimiter(db, clock, {"reach": ((60, 1), (3_600, 2))})
    spend(limiter)
    spend(limiter, max_wait_s=61)
    with pytest.raises(LimitReached) as caught:
        spend(limiter, max_wait_s=61)
    assert caught.value.wait_s == pytest.approx(3_600 - 60, abs=2 * MARGIN_S)


def test_a_window_ends_a_margin_later_than_it_must(db: Database, clock: VirtualClock) -> None:
    """Whoever came at the very end of a window was let in without the margin, and a server's clock may go slower."""
    limiter = RateLimiter(db, clock, {"reach": ((60, 1),)})
    spend(limiter)
    clock.sleep(60)
    with pytest.raises(LimitReached) as caught:
        spend(limiter)
    assert caught.value.wait_s == pytest.approx(MARGIN_S)


def test_limits_are_kept_per_service(db: Database, clock: VirtualClock) -> None:
    limiter = RateLimiter(db, clock, {"reach": ((60, 1),), "email": ((60, 1),)})
    spend(limiter)
    with limiter.attempt("email", "hand_in", longest_s=1, max_wait_s=0):
        pass
    assert [row["service"] for row in rows(db)] == ["reach", "email"]


def test_nothing_is_recorded_or_slept_when_the_limit_is_reached(db: Database, clock: VirtualClock) -> None:
    limiter = RateLimiter(db, clock, {"reach": ((60, 1),)})
    spend(limiter)
    with pytest.raises(LimitReached, match=r"reach: every slot is taken, the next one is free in 60 s") as caught:
        spend(limiter, max_wait_s=59.9)
    assert caught.value.wait_s == pytest.approx(60 + MARGIN_S)
    assert len(rows(db)) == 1
    assert clock.slept == []


def test_who_waits_as_long_as_he_is_told_gets_the_slot(db: Database, clock: VirtualClock) -> None:
    limiter = RateLimiter(db, clock, {"reach": ((60, 1),)})
    spend(limiter)
    with pytest.raises(LimitReached) as caught:
        spend(limiter)
    clock.sleep(caught.value.wait_s)
    spend(limiter)
    assert len(rows(db)) == 2


def test_a_caller_is_told_the_seconds_left_now_and_then(db: Database, clock: VirtualClock) -> None:
    limiter = RateLimiter(db, clock, {"reach": ((25, 1),)})
    spend(limiter)
    told: list[float] = []
    with limiter.attempt("reach", "match", longest_s=1, max_wait_s=30, on_wait=told.append):
        pass
    assert told == pytest.approx([25.01, 15.01, 5.01])
    assert sum(clock.slept) == pytest.approx(25 + MARGIN_S)


def test_a_wait_that_nobody_is_told_of_is_one_sleep(db: Database, clock: VirtualClock) -> None:
    """Slots used to be looked for every second, by every process."""
    limiter = RateLimiter(db, clock, {"reach": ((3_600, 1),)})
    spend(limiter)
    spend(limiter, max_wait_s=3_601)
    assert clock.slept == [pytest.approx(3_600 + MARGIN_S)]


def test_an_attempt_is_in_the_ledger_before_it_is_made(db: Database, clock: VirtualClock, tmp_path: Path) -> None:
    another_process = open_migrated(tmp_path / "test.db")
    limiter = RateLimiter(db, clock, {"reach": ((60, 1),)})
    with limiter.attempt("reach", "match", longest_s=30, max_wait_s=0) as attempt:
        (before,) = rows(another_process)
        clock.sleep(7)
        attempt.outcome, attempt.is_success = "status 200", True
    (after,) = rows(another_process)
    another_process.conn.close()
    began = clock.now() - timedelta(seconds=7)
    assert (before["outcome"], before["success"], before["action_type"]) == ("in flight", None, "match")
    assert from_text(str(before["timestamp"])) == began + timedelta(seconds=START_WITHIN_S + 30)
    assert (after["outcome"], after["success"]) == ("status 200", 1)
    assert from_text(str(after["timestamp"])) == clock.now()


def test_an_attempt_under_way_holds_its_slot_until_it_has_ended(db: Database, clock: VirtualClock) -> None:
    """How long that takes nobody knows: told is the earliest moment that is possible."""
    limiter = RateLimiter(db, clock, {"reach": ((60, 1),)})
    with limiter.attempt("reach", "match", longest_s=300, max_wait_s=0):
        clock.sleep(5)
        with pytest.raises(LimitReached) as during:
            spend(limiter)
        clock.sleep(100)
        with pytest.raises(LimitReached) as much_later:
            spend(limiter)
    with pytest.raises(LimitReached) as afterwards:
        spend(limiter)
    assert [caught.value.wait_s for caught in (during, much_later, afterwards)] == pytest.approx([60 + MARGIN_S] * 3)


def test_a_slot_that_is_freed_early_is_taken(db: Database) -> None:
    """Asking again when the slot could be free at the earliest is always in time."""
    clock = BusyClock()
    limiter = RateLimiter(db, clock, {"reach": ((5, 1),)})
    other = ExitStack()
    other.enter_context(limiter.attempt("reach", "match", longest_s=300, max_wait_s=0))
    clock.plan(2, other.close)
    began = clock.now()
    spend(limiter, max_wait_s=400)
    assert (clock.now() - began).total_seconds() == pytest.approx(2 + 5 + MARGIN_S)


def test_an_attempt_that_fails_is_ended_as_well(db: Database, clock: VirtualClock) -> None:
    limiter = RateLimiter(db, clock, {"reach": ((60, 1),)})
    with pytest.raises(OSError, match="cable"), limiter.attempt("reach", "match", longest_s=30, max_wait_s=0):
        raise OSError("cable")
    (row,) = rows(db)
    assert (row["outcome"], row["success"]) == ("not finished", 0)
    assert from_text(str(row["timestamp"])) == clock.now()


def test_an_attempt_whose_process_was_killed_counts_to_its_latest_end(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    db = open_migrated(path)
    windows = ((60, 1),)
    victim = in_processes.Process(target=die_during_an_attempt, args=(path, windows, 30.0))
    before = SystemClock().now()
    victim.start()
    victim.join()
    assert victim.exitcode == 9
    (row,) = rows(db)
    assert (row["outcome"], row["success"]) == ("in flight", None)
    latest_end = from_text(str(row["timestamp"]))
    assert latest_end >= before + timedelta(seconds=START_WITHIN_S + 30)

    clock = VirtualClock()
    clock.moment = latest_end + timedelta(seconds=59)
    limiter = RateLimiter(db, clock, {"reach": windows})
    with pytest.raises(LimitReached):
        spend(limiter)
    clock.sleep(1 + MARGIN_S)
    spend(limiter)
    db.conn.close()


def test_a_block_stops_every_process(db: Database, clock: VirtualClock, tmp_path: Path) -> None:
    other_db = open_migrated(tmp_path / "test.db")
    windows = {"reach": ((60, 10),), "email": ((60, 10),)}
    RateLimiter(other_db, clock, windows).block("reach", 120, "status 429")
    other_db.conn.close()
    limiter = RateLimiter(db, clock, windows)
    with pytest.raises(LimitReached) as caught:
        spend(limiter)
    assert caught.value.wait_s == 120
    with limiter.attempt("email", "hand_in", longest_s=1, max_wait_s=0):
        pass
    clock.sleep(120)
    spend(limiter)


@pytest.mark.parametrize("lengths", [(300, 20), (20, 300)])
def test_the_longest_block_stays(db: Database, clock: VirtualClock, lengths: tuple[float, float]) -> None:
    limiter = RateLimiter(db, clock, {"reach": ((60, 10),)})
    for seconds in lengths:
        limiter.block("reach", seconds, f"{seconds} s")
    with pytest.raises(LimitReached) as caught:
        spend(limiter)
    assert caught.value.wait_s == 300
    assert [row["reason"] for row in db.table("service_blocks").rows] == ["300 s"]


def test_a_new_block_follows_one_that_is_over(db: Database, clock: VirtualClock) -> None:
    limiter = RateLimiter(db, clock, {"reach": ((60, 10),)})
    limiter.block("reach", 300, "long ago")
    clock.sleep(1_000)
    limiter.block("reach", 5, "now")
    with pytest.raises(LimitReached):
        spend(limiter)


def test_three_processes_keep_the_limits_of_a_strict_server(tmp_path: Path) -> None:
    """Every request is a ledger row, and the server, on a clock of its own, sees no window over its limit."""
    path, windows, each = tmp_path / "ledger.db", ((1, 5), (2, 8)), 7
    db = open_migrated(path)
    app = create_app([], windows)
    with serving(app) as url:
        workers = [in_processes.Process(target=ask, args=(url, path, windows, each)) for _ in range(3)]
        began = time.monotonic()
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        took_s = time.monotonic() - began
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    ledger = rows(db)
    db.conn.close()
    assert app.state.book.violations == 0
    assert app.state.book.arrivals == len(ledger) == 3 * each
    assert {row["outcome"] for row in ledger} == {"status 404"}
    # 21 requests at 8 in 2 s; three processes that each wait for the worst case would take minutes
    assert took_s < 25
