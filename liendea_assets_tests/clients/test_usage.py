"""What is told of the limits agrees with what the limiter does."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from liendea_assets.clients.circuit_breaker import FAILURES_TO_OPEN
from liendea_assets.clients.limit_headers import Quota
from liendea_assets.clients.rate_limit import RateLimiter
from liendea_assets.clients.usage import WindowUsage, describe_waiting, read_usage
from liendea_assets.core.errors import LimitReached
from liendea_assets.db.connection import Database
from liendea_assets_tests.conftest import VirtualClock

WINDOWS = {"reach": ((60, 3), (3_600, 5)), "reach/batch": ((60, 1),), "email": ((60, 2),)}


def spend(limiter: RateLimiter, action: str = "match", times: int = 1) -> None:
    for _ in range(times):
        with limiter.attempt("reach", action, longest_s=10, max_wait_s=0) as attempt:
            attempt.is_up = True


def told(db: Database, clock: VirtualClock) -> dict[tuple[str, str, int], tuple[int, int, float]]:
    return {
        (window.service, window.action, window.seconds): (window.used, window.left, round(window.free_in_s, 2))
        for window in read_usage(db, clock, WINDOWS, {})
    }


def test_an_empty_ledger_has_everything_left(db: Database, clock: VirtualClock) -> None:
    assert told(db, clock) == {
        ("reach", "", 60): (0, 3, 0),
        ("reach", "", 3_600): (0, 5, 0),
        ("reach", "batch", 60): (0, 1, 0),
        ("email", "", 60): (0, 2, 0),
    }


def test_each_window_tells_what_is_used_and_when_it_has_room(db: Database, clock: VirtualClock) -> None:
    limiter = RateLimiter(db, clock, WINDOWS)
    spend(limiter, "batch")
    clock.sleep(20)
    spend(limiter, times=2)
    assert told(db, clock) == {
        ("reach", "", 60): (3, 0, 40.01),
        ("reach", "", 3_600): (3, 2, 0),
        ("reach", "batch", 60): (1, 0, 40.01),
        ("email", "", 60): (0, 2, 0),
    }
    clock.sleep(41)
    assert told(db, clock)["reach", "", 60] == (2, 1, 0)
    assert told(db, clock)["reach", "batch", 60] == (0, 1, 0)


def test_an_attempt_under_way_is_used(db: Database, clock: VirtualClock) -> None:
    limiter = RateLimiter(db, clock, WINDOWS)
    with limiter.attempt("reach", "batch", longest_s=10, max_wait_s=0):
        assert told(db, clock)["reach", "batch", 60] == (1, 0, 60.01)
        assert told(db, clock)["reach", "", 60] == (1, 2, 0)


def test_what_a_server_told_stands_beside_the_configured_windows(db: Database, clock: VirtualClock) -> None:
    limiter = RateLimiter(db, clock, WINDOWS)
    with limiter.attempt("reach", "match", longest_s=10, max_wait_s=0) as attempt:
        attempt.quota = Quota(((10, 2),))
    found = [(window.seconds, window.requests, window.is_learned) for window in limiter.usage("reach") if not window.action]
    assert found == [(10, 2, True), (60, 3, False), (3_600, 5, False)]


def test_a_circuit_that_is_open_is_told(db: Database, clock: VirtualClock) -> None:
    limiter = RateLimiter(db, clock, {"reach": ((60, 100),), "email": ((60, 100),)})
    for _ in range(FAILURES_TO_OPEN):
        with limiter.attempt("reach", "match", longest_s=10, max_wait_s=0) as attempt:
            attempt.is_up = False
    told = [{window.service: window.circuit for window in read_usage(db, clock, {"reach": ((60, 9),), "email": ((60, 9),)}, {})}]
    clock.sleep(31)
    told += [{window.service: window.circuit for window in read_usage(db, clock, {"reach": ((60, 9),)}, {})}]
    assert told == [{"reach": "open", "email": "closed"}, {"reach": "half-open"}]


def test_a_window_that_was_over_is_found(db: Database, clock: VirtualClock) -> None:
    """The limiter allowed ten; by a window of three, seven came too soon."""
    limiter = RateLimiter(db, clock, {"reach": ((60, 10),)})
    spend(limiter, times=10)
    (usage,) = read_usage(db, clock, {"reach": ((60, 3),)}, {})
    assert (usage.violations, usage.left) == (7, 0)
    clock.sleep(1)
    later_us = usage.since_us + round(clock.now().timestamp() * 1_000_000)
    (since,) = read_usage(db, clock, {"reach": ((60, 3),)}, {("reach", "", 60, 3): later_us})
    assert since.violations == 0


def test_the_wait_is_told_with_the_budget(db: Database, clock: VirtualClock) -> None:
    limiter = RateLimiter(db, clock, WINDOWS)
    spend(limiter, times=3)
    assert (
        describe_waiting(limiter.usage("reach"), "reach", 75.0, clock)
        == "reach: waiting 75 s for the next slot, until 09:01:15 UTC; used 3 of 3 a minute, 3 of 5 an hour"
    )


@given(st.lists(st.tuples(st.integers(0, 90), st.sampled_from(["match", "batch"])), max_size=12))
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_told_is_what_the_limiter_does(db: Database, calls: list[tuple[int, str]]) -> None:
    for table in ("rate_limit_tracking", "service_states", "ledger_clock"):
        db.conn.execute(f"DELETE FROM {table}")
    clock = VirtualClock()
    limiter = RateLimiter(db, clock, WINDOWS)
    for idle_s, action in calls:
        clock.sleep(idle_s)
        of_action: list[WindowUsage] = [window for window in limiter.usage("reach") if window.action in ("", action)]
        free_in_s = max(window.free_in_s for window in of_action)
        if free_in_s:
            with pytest.raises(LimitReached) as caught:
                spend(limiter, action)
            assert caught.value.wait_s == pytest.approx(free_in_s)
        else:
            spend(limiter, action)
        assert not any(window.violations for window in limiter.usage("reach"))
