import math
from dataclasses import replace

import pytest

from liendea_assets.clients.call_budget import CallBudget
from liendea_assets.clients.rate_limit import RateLimiter
from liendea_assets.db.connection import Database
from liendea_assets.enrichment.forecast import Forecast, Limit, as_table, forecast, forecast_all, read_limits, show_time
from liendea_assets.enrichment.provider import PersonQuery
from liendea_assets.enrichment.settings import BudgetSettings, EnrichmentSettings
from liendea_assets.enrichment.waterfall import Due
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.enrichment.providers.serving import provider_at, read_file
from liendea_assets_tests.enrichment.rows import add_answer, add_company, add_contact

NOWHERE = "http://127.0.0.1:9"


def people(count: int, **known: str) -> list[PersonQuery]:
    return [PersonQuery(number, **known) for number in range(1, count + 1)]


def of(
    db: Database, clock: VirtualClock, name: str, queries: list[PersonQuery], *limits: Limit, share: float | None = None, **budget: float
) -> Forecast:
    settings = EnrichmentSettings(budgets={name: BudgetSettings.model_validate(budget)})
    with provider_at(NOWHERE, read_file(name), db, clock, settings=settings) as provider:
        askable = [query for query in queries if provider.can_ask(query)]
        return forecast(provider, Due(askable, len(queries) - len(askable), 0), limits, share)


def test_contacts_become_calls_and_credits(db: Database, clock: VirtualClock) -> None:
    found = of(db, clock, "apollo", [*people(55, email="robin@acme.example"), PersonQuery(99, first_name="Robin")])
    assert (found.contacts, found.unanswerable, found.calls, found.credits_most, found.seconds) == (55, 1, 6, 55, 0)


def test_each_way_to_ask_may_be_needed(db: Database, clock: VirtualClock) -> None:
    """Hunter is asked with a name for an address, and to verify one that is known."""
    known = {"email": "robin@acme.example", "first_name": "Robin", "last_name": "Weaver", "domain": "acme.example"}
    assert of(db, clock, "hunter", people(3, **known)).calls == 6


def test_the_tightest_limit_tells_how_long(db: Database, clock: VirtualClock) -> None:
    minute, day = Limit("10 in 60 s", 10, 10, 60), Limit("400 in 1 h", 400, 5, 3_600)
    found = of(db, clock, "hunter", people(25, email="robin@acme.example"), minute, day)
    # of 25 calls 10 are made at once, 10 a minute later, 5 after two; by the hour's window 5 now and 20 in an hour
    assert (found.seconds, found.tightest) == (3_600, "400 in 1 h")
    assert of(db, clock, "hunter", people(25, email="robin@acme.example"), minute).seconds == 120


def test_a_budget_of_nothing_takes_for_ever(db: Database, clock: VirtualClock) -> None:
    found = of(db, clock, "hunter", people(1, email="robin@acme.example"), Limit("budget of 0 a day", 0, 0, 86_400))
    assert math.isinf(found.seconds)
    assert as_table([found]).iloc[0].tolist() == ["hunter", "1", "0", "1", "never", "budget of 0 a day", "1", "no bound"]


def test_the_share_that_was_found_tells_what_is_likely(db: Database, clock: VirtualClock) -> None:
    found = of(db, clock, "apollo", people(40, email="robin@acme.example"), share=0.25, credits_per_day=30)
    assert (found.credits_most, found.credits_likely, found.credits_left) == (40, 10, 30)
    assert str(found) == (
        "apollo: 40 contacts are due: at most 4 calls, at least 0 s, at most 40 credits, 10 by the share found so far; "
        "30 credits of the budget are left"
    )


def test_nobody_is_due(db: Database, clock: VirtualClock) -> None:
    assert str(of(db, clock, "apollo", [])) == "apollo: nobody is due"
    assert str(of(db, clock, "apollo", people(2))) == "apollo: nobody is due; of 2 too little is known to ask"


def test_what_is_used_of_windows_and_budgets_counts(db: Database, clock: VirtualClock) -> None:
    limiter = RateLimiter(db, clock, {"reach": ((60, 10),)})
    for _ in range(4):
        with limiter.attempt("reach", "match", longest_s=1, max_wait_s=0):
            pass
    found = read_limits(db, clock, ["reach"], {"reach": ((60, 10),)}, CallBudget(("reach",), per_day=6))
    assert found == [Limit("10 in 1 min", 10, 6, 60), Limit("budget of 6 a day", 6, 2, 86_400)]


def test_only_who_is_due_counts(db: Database, clock: VirtualClock) -> None:
    company = add_company(db)
    known, _ = [add_contact(db, company_id=company) for _ in range(2)]
    settings = EnrichmentSettings()
    with provider_at(NOWHERE, read_file("apollo"), db, clock) as provider:
        before = forecast_all(db, [provider], settings, clock, {}, {})
        add_answer(db, known, "apollo", expires_at="2027-01-01")
        (after,) = forecast_all(db, [provider], settings, clock, {}, {})
    assert ([one.contacts for one in before], after.contacts) == ([2], 1)
    assert after == replace(before[0], contacts=1, credits_most=1, credits_likely=1)


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0, "0 s"), (59, "59 s"), (60, "1 min"), (3_600, "60 min"), (9_000, "2.5 h"), (200_000, "2.3 days")]
)
def test_times_are_shown_in_units_of_their_size(seconds: float, shown: str) -> None:
    assert show_time(seconds) == shown
