from datetime import UTC, datetime

import pytest

from liendea_assets.clients.call_budget import CallBudget, periods
from liendea_assets.clients.rate_limit import RateLimiter
from liendea_assets.core.errors import LimitReached
from liendea_assets.db.connection import Database
from liendea_assets_tests.clients.test_rate_limit import FOR_EVER_S, rows
from liendea_assets_tests.conftest import VirtualClock

WIDE = ((60, 10_000),)


def spend(limiter: RateLimiter, service: str = "reach", *, payer: str = "reach", times: int = 1, max_wait_s: float = 0) -> None:
    """Attempts that take no time."""
    for _ in range(times):
        with limiter.attempt(service, "match", longest_s=1, max_wait_s=max_wait_s, payer=payer):
            pass


def limiter_of(db: Database, clock: VirtualClock, budget: CallBudget) -> RateLimiter:
    return RateLimiter(db, clock, dict.fromkeys(("reach", "email"), WIDE), budgets=[budget])


def test_a_day_has_as_many_calls_as_its_budget(db: Database, clock: VirtualClock) -> None:
    limiter = limiter_of(db, clock, CallBudget("reach", per_day=3))
    spend(limiter, times=3)
    with pytest.raises(LimitReached, match="budget") as caught:
        spend(limiter)
    # the tests' clock begins at nine
    assert caught.value.wait_s == pytest.approx(15 * 3_600)
    clock.sleep(15 * 3_600)
    spend(limiter, times=3)
    with pytest.raises(LimitReached):
        spend(limiter)
    assert len(rows(db)) == 6


def test_a_month_holds_beside_its_days(db: Database, clock: VirtualClock) -> None:
    limiter = limiter_of(db, clock, CallBudget("reach", per_day=3, per_month=5))
    spend(limiter, times=5, max_wait_s=FOR_EVER_S)
    assert clock.now().date().isoformat() == "2026-10-06"
    spend(limiter, max_wait_s=FOR_EVER_S)
    assert clock.now().date().isoformat() == "2026-11-01"


def test_nobody_is_asked_where_the_budget_is_nothing(db: Database, clock: VirtualClock) -> None:
    with pytest.raises(LimitReached):
        spend(limiter_of(db, clock, CallBudget("reach", per_day=0)))
    assert rows(db) == []


def test_calls_under_way_count(db: Database, clock: VirtualClock) -> None:
    limiter = limiter_of(db, clock, CallBudget("reach", per_day=1))
    with limiter.attempt("reach", "match", longest_s=10, max_wait_s=0, payer="reach"), pytest.raises(LimitReached):
        spend(limiter)


def test_calls_count_for_who_makes_them_whatever_service_they_go_to(db: Database, clock: VirtualClock) -> None:
    """Two providers may share a key: the budget of one is none of the other's."""
    limiter = limiter_of(db, clock, CallBudget("apollo", per_day=2))
    spend(limiter, "reach", payer="hunter", times=3)
    spend(limiter, "reach", payer="apollo")
    spend(limiter, "email", payer="apollo")
    for service in ("reach", "email"):
        with pytest.raises(LimitReached, match="budget"):
            spend(limiter, service, payer="apollo")
    spend(limiter, "reach", payer="hunter")
    with limiter.attempt("reach", "match", longest_s=1, max_wait_s=0):
        pass


def test_other_processes_calls_count(db: Database, clock: VirtualClock) -> None:
    budget = CallBudget("reach", per_day=2)
    spend(limiter_of(db, clock, budget), times=2)
    with pytest.raises(LimitReached, match="budget"):
        spend(limiter_of(db, clock, budget))


def test_what_is_free_is_told_without_taking_it(db: Database, clock: VirtualClock) -> None:
    limiter = limiter_of(db, clock, CallBudget("reach", per_day=1))
    assert limiter.free_in_s("reach", "reach") == 0
    assert rows(db) == []
    spend(limiter)
    assert limiter.free_in_s("reach", "reach") == pytest.approx(15 * 3_600)
    limiter.block("email", 90, "asked for a pause")
    assert limiter.free_in_s("email", "hunter") == pytest.approx(90)


def test_periods_are_whole_days_and_months() -> None:
    found = list(periods(datetime(2024, 2, 29, 23, 59, 59, tzinfo=UTC), 1, 2))
    assert [(one.start.isoformat()[:10], one.end.isoformat()[:10]) for one in found] == [
        ("2024-02-29", "2024-03-01"),
        ("2024-02-01", "2024-03-01"),
    ]
    (month,) = periods(datetime(2026, 12, 31, tzinfo=UTC), None, 2)
    assert month.end == datetime(2027, 1, 1, tzinfo=UTC)
