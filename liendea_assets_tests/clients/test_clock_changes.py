"""What is done to clocks: put back, put forward, started anew. No window is ever over, and nobody waits for a clock to catch up."""

from datetime import timedelta

import pytest

from liendea_assets.clients.ledger_time import Reading, read_clocks
from liendea_assets.clients.rate_limit import RateLimiter
from liendea_assets.clients.windows import MARGIN_S
from liendea_assets.core.clock import SystemClock
from liendea_assets.core.errors import LimitReached
from liendea_assets.db.connection import Database
from liendea_assets_tests.conftest import VirtualClock

HOUR_S = 3_600.0


def spend(limiter: RateLimiter) -> None:
    with limiter.attempt("reach", "match", longest_s=10, max_wait_s=0) as attempt:
        attempt.is_success = True


def left_s(limiter: RateLimiter) -> float:
    """Seconds to the next slot."""
    with pytest.raises(LimitReached) as caught:
        spend(limiter)
    return caught.value.wait_s


@pytest.mark.parametrize("change_s", [-HOUR_S, HOUR_S, -400 * 24 * HOUR_S, 400 * 24 * HOUR_S, 0.5, -0.5])
def test_a_wall_clock_that_is_set_changes_no_wait(db: Database, clock: VirtualClock, change_s: float) -> None:
    """An hour back locked the service for an hour; an hour forward emptied its windows."""
    limiter = RateLimiter(db, clock, {"reach": ((60, 1),)})
    spend(limiter)
    clock.sleep(20)
    clock.set_wall(change_s)
    assert left_s(limiter) == pytest.approx(40 + MARGIN_S)
    clock.sleep(40 + MARGIN_S)
    spend(limiter)


@pytest.mark.parametrize("change_s", [-HOUR_S, HOUR_S])
def test_a_clock_that_is_set_during_an_attempt_changes_no_wait(db: Database, clock: VirtualClock, change_s: float) -> None:
    limiter = RateLimiter(db, clock, {"reach": ((60, 1),)})
    with limiter.attempt("reach", "match", longest_s=10, max_wait_s=0):
        clock.set_wall(change_s)
        clock.sleep(5)
    assert left_s(limiter) == pytest.approx(60 + MARGIN_S)


@pytest.mark.parametrize("change_s", [-HOUR_S, HOUR_S])
def test_a_clock_that_is_set_changes_no_block(db: Database, clock: VirtualClock, change_s: float) -> None:
    limiter = RateLimiter(db, clock, {"reach": ((60, 10),)})
    limiter.block("reach", 300, "status 429")
    clock.set_wall(change_s)
    assert left_s(limiter) == 300


def test_a_restart_counts_the_time_that_the_machine_was_off(db: Database, clock: VirtualClock) -> None:
    limiter = RateLimiter(db, clock, {"reach": ((60, 1),)})
    spend(limiter)
    clock.sleep(25)
    clock.reboot()
    assert left_s(limiter) == pytest.approx(35 + MARGIN_S)


def test_a_restart_with_a_clock_that_is_behind_counts_from_the_restart(db: Database, clock: VirtualClock) -> None:
    """An empty clock battery: the wall clock says 1970 until the network sets it."""
    limiter = RateLimiter(db, clock, {"reach": ((60, 1),)})
    spend(limiter)
    clock.sleep(25)
    clock.reboot()
    clock.set_wall(-50 * 365 * 24 * HOUR_S)
    assert left_s(limiter) == pytest.approx(60 + MARGIN_S)
    spend_at = clock.uptime().seconds + 60 + MARGIN_S
    with limiter.attempt("reach", "match", longest_s=1, max_wait_s=61):
        assert clock.uptime().seconds == pytest.approx(spend_at)
    clock.set_wall(50 * 365 * 24 * HOUR_S)
    assert left_s(limiter) == pytest.approx(60 + MARGIN_S)


def test_a_step_before_a_restart_is_not_time_that_passed(db: Database, clock: VirtualClock) -> None:
    limiter = RateLimiter(db, clock, {"reach": ((600, 2),)})
    spend(limiter)
    clock.set_wall(5 * HOUR_S)
    clock.sleep(1)
    spend(limiter)
    clock.reboot()
    clock.sleep(1)
    assert left_s(limiter) == pytest.approx(598 + MARGIN_S)


def test_an_uptime_that_goes_back_is_a_restart(clock: VirtualClock) -> None:
    """Where the system names no boot, and in a container that moved to another machine."""
    last = Reading("", 5_000_000, 1_000_000, 7_000_000)
    wall_us = round(clock.now().timestamp() * 1_000_000)

    class Nameless(VirtualClock):
        def uptime(self):  # type: ignore[no-untyped-def]
            return type(super().uptime())("", 2.0)

    assert read_clocks(Nameless(), last).ledger_us == 7_000_000 + wall_us - 1_000_000


def test_a_ledger_from_before_goes_on_after_its_newest_row(clock: VirtualClock) -> None:
    ahead_us = round((clock.now() + timedelta(days=1)).timestamp() * 1_000_000)
    assert read_clocks(clock, None, ahead_us).ledger_us == ahead_us


def test_the_machine_says_how_long_it_runs() -> None:
    clock = SystemClock()
    first = clock.uptime()
    clock.sleep(0.01)
    second = clock.uptime()
    assert first.boot == second.boot
    assert 0.01 <= second.seconds - first.seconds < 5
