import math
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from liendea_assets.clients.pacing import Pacing
from liendea_assets.clients.rate_limit import RateLimiter
from liendea_assets.clients.settings import Windows
from liendea_assets.core.durations import show_time
from liendea_assets.db.connection import Database
from liendea_assets.enrichment.forecast import Forecast, as_table, forecast, forecast_all
from liendea_assets.enrichment.provider import PersonQuery
from liendea_assets.enrichment.providers.http_provider import HttpProvider
from liendea_assets.enrichment.providers.job_store import JobStore
from liendea_assets.enrichment.providers.load import ProviderFile, add_windows, open_allowance, open_provider
from liendea_assets.enrichment.settings import BudgetSettings, EnrichmentSettings
from liendea_assets.enrichment.waterfall import Due
from liendea_assets_tests.clients.servers import another
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.enrichment.providers.serving import KEY, provider_at, read_file, written_file
from liendea_assets_tests.enrichment.providers.test_settings import GOOD
from liendea_assets_tests.enrichment.rows import add_answer, add_company, add_contact

NOWHERE = "http://127.0.0.1:9"
# windows are a little longer than they say
MARGIN_S = 0.05


def people(count: int, **known: str) -> list[PersonQuery]:
    return [PersonQuery(number, **(known or {"email": "robin@acme.example"})) for number in range(1, count + 1)]


def at(found: HttpProvider, queries: list[PersonQuery], *, share: float | None = None, batch_size: int | None = None) -> Forecast:
    askable = [query for query in queries if found.can_ask(query)]
    return forecast(found, Due(askable, len(queries) - len(askable), 0), batch_size, share)


def of(
    db: Database,
    clock: VirtualClock,
    name: str,
    queries: list[PersonQuery],
    *,
    share: float | None = None,
    per_run: int | None = None,
    batch_size: int | None = None,
    **budget: float,
) -> Forecast:
    settings = EnrichmentSettings(budgets={name: BudgetSettings.model_validate(budget)}, contacts_per_run=per_run)
    with provider_at(NOWHERE, read_file(name), db, clock, settings=settings) as provider:
        return at(provider, queries, share=share, batch_size=batch_size)


@contextmanager
def limited(
    tmp_path: Path, db: Database, clock: VirtualClock, windows: str, actions: Windows | None = None, pacing: Pacing | None = None
) -> Iterator[tuple[RateLimiter, HttpProvider]]:
    """A provider with these windows, and the limiter that it shares."""
    file: ProviderFile = written_file(tmp_path, "fifth", GOOD.replace("{seconds: 60, requests: 10}", windows))
    with another(db) as ledger, another(db) as jobs, another(db) as spending:
        allowance = open_allowance(file, EnrichmentSettings(), spending, clock)
        limiter = RateLimiter(ledger, clock, {**add_windows([file], {}), **(actions or {})}, {"fifth": pacing} if pacing else {})
        environment = {"FIFTH_BASE_URL": NOWHERE, "FIFTH_TOKEN": KEY}
        with closing(open_provider(file, environment, JobStore(jobs, file.name), allowance, limiter, clock, 600)) as provider:
            yield limiter, provider


def assert_waits(found: Forecast, seconds: float, tightest: str) -> None:
    assert found.seconds == pytest.approx(seconds, abs=1)
    assert found.tightest == tightest


def spend(limiter: RateLimiter, times: int) -> None:
    for _ in range(times):
        with limiter.attempt("fifth", "find", longest_s=1, max_wait_s=0):
            pass


def test_contacts_become_calls_and_credits(db: Database, clock: VirtualClock) -> None:
    found = of(db, clock, "apollo", [*people(55), PersonQuery(99, first_name="Robin")])
    assert (found.contacts, found.unanswerable, found.calls, found.credits_for_all, found.seconds) == (55, 1, 6, 55, 0)


def test_the_cap_of_batches_and_the_share_of_a_run_make_more_calls(db: Database, clock: VirtualClock) -> None:
    """Of 200 contacts a run asks about 50, so that no batch of 100 is full."""
    assert of(db, clock, "peopledatalabs", people(200)).calls == 2
    assert of(db, clock, "peopledatalabs", people(200), per_run=50).calls == 4
    assert of(db, clock, "peopledatalabs", people(200), batch_size=5).calls == 40
    assert of(db, clock, "peopledatalabs", people(12), per_run=6, batch_size=5).calls == 4


def test_each_way_to_ask_may_be_needed(db: Database, clock: VirtualClock) -> None:
    """Hunter verifies an address that is known, and looks for another where it does not work: both may have to be paid for."""
    known = {"email": "robin@acme.example", "first_name": "Robin", "last_name": "Weaver", "domain": "acme.example"}
    found = of(db, clock, "hunter", people(3, **known))
    assert (found.calls, found.credits_for_all) == (6, 6)
    found = of(db, clock, "hunter", [replace(query, email_status="verified") for query in people(3, **known)])
    assert (found.calls, found.credits_for_all) == (3, 3)


def test_calls_are_held_against_the_key_that_they_use(db: Database, clock: VirtualClock) -> None:
    """300 verifications fit into the verifier's minute; the finder's windows have nothing to do with them."""
    verifications = of(db, clock, "hunter", people(300))
    assert (verifications.calls, verifications.tightest) == (300, "10 in 1 s")
    names = {"first_name": "Robin", "last_name": "Weaver", "domain": "acme.example"}
    searches = of(db, clock, "hunter", people(301, **names))
    assert (searches.calls, searches.tightest) == (301, "15 in 1 s")


def test_the_tightest_window_tells_how_long(tmp_path: Path, db: Database, clock: VirtualClock) -> None:
    with limited(tmp_path, db, clock, "{seconds: 60, requests: 10}, {seconds: 3600, requests: 400}") as (_, provider):
        found = at(provider, people(25))
        # ten at once, ten after a minute, five after two
        assert_waits(found, 120, "10 in 1 min")


def test_a_slot_is_free_when_the_call_that_holds_it_leaves_the_window(tmp_path: Path, db: Database, clock: VirtualClock) -> None:
    """One call more than there is room for, a minute before the day of the oldest two is over: it takes a minute, not a day."""
    with limited(tmp_path, db, clock, "{seconds: 86400, requests: 201}") as (limiter, provider):
        spend(limiter, 2)
        clock.sleep(86_340)
        found = at(provider, people(200))
        assert_waits(found, 60, "201 in 24.0 h")
        # 199 at once, two after a minute; the same a day later
        assert at(provider, people(402)).seconds == pytest.approx(60 + 86_400, abs=MARGIN_S)
        assert at(provider, people(400)).seconds == pytest.approx(86_400, abs=MARGIN_S)
        spend(limiter, 100)
        assert at(provider, people(101)).seconds == pytest.approx(60, abs=MARGIN_S)
        assert at(provider, people(102)).seconds == pytest.approx(86_400, abs=MARGIN_S)


def test_what_is_forecast_is_what_the_limiter_does(tmp_path: Path, db: Database, clock: VirtualClock) -> None:
    windows = "{seconds: 50, requests: 4}, {seconds: 400, requests: 11}"
    with limited(tmp_path, db, clock, windows) as (limiter, provider):
        for calls in (3, 1):
            spend(limiter, calls)
            clock.sleep(17)
        told = at(provider, people(30)).seconds
        began = clock.now()
        for _ in range(30):
            with limiter.attempt("fifth", "find", longest_s=1, max_wait_s=10_000):
                pass
        assert told == pytest.approx((clock.now() - began).total_seconds(), rel=0.1)


def test_windows_over_people_count_them(tmp_path: Path, db: Database, clock: VirtualClock) -> None:
    with limited(tmp_path, db, clock, "{seconds: 60, requests: 1000}, {seconds: 86400, entities: 10}") as (_, provider):
        found = at(provider, people(200))
        assert_waits(found, 19 * 86_400, "10 people in 24.0 h")


def test_windows_of_an_action_hold_too(tmp_path: Path, db: Database, clock: VirtualClock) -> None:
    with limited(tmp_path, db, clock, "{seconds: 60, requests: 1000}", {"fifth/find": ((3_600, 5),)}) as (_, provider):
        found = at(provider, people(11))
        assert_waits(found, 7_200, "5 find in 60 min")


def test_pauses_circuits_and_what_a_server_says_is_left_count(tmp_path: Path, db: Database, clock: VirtualClock) -> None:
    with limited(tmp_path, db, clock, "{seconds: 60, requests: 1000}") as (limiter, provider):
        assert at(provider, people(9)).seconds == 0
        for _ in range(5):
            with limiter.attempt("fifth", "find", longest_s=1, max_wait_s=0) as attempt:
                attempt.is_up = False
        found = at(provider, people(9))
        assert_waits(found, 30, "its circuit is open")
        limiter.block("fifth", 500, "asked for a pause")
        found = at(provider, people(9))
        assert_waits(found, 500, "a pause that the server asked for")


def test_calls_that_are_spread_out_take_longer(tmp_path: Path, db: Database, clock: VirtualClock) -> None:
    pacing = Pacing(minimum_gap_s=1, jitter_s=2, rest_after=10, rest_s=100)
    with limited(tmp_path, db, clock, "{seconds: 60, requests: 1000}", pacing=pacing) as (_, provider):
        found = at(provider, people(21))
        # twenty gaps of two seconds on average, and two rests
        assert_waits(found, 240, "calls are spread out")


def test_a_budget_of_calls_is_waited_for(tmp_path: Path, db: Database, clock: VirtualClock) -> None:
    """The tests' clock begins at nine: of five calls two are made today, two tomorrow, the last one after the second midnight."""
    found = of(db, clock, "apollo", people(50), calls_per_day=2)
    assert (found.calls, found.seconds, found.tightest) == (5, (15 + 24) * 3_600, "budget of 2 a day")


def test_a_budget_of_nothing_takes_for_ever(db: Database, clock: VirtualClock) -> None:
    found = of(db, clock, "hunter", people(1), calls_per_day=0)
    assert math.isinf(found.seconds)
    assert as_table([found]).iloc[0].tolist() == ["hunter", "1", "0", "1", "never", "budget of 0 a day", "1", "no bound"]


def test_the_share_that_was_found_tells_what_is_likely(db: Database, clock: VirtualClock) -> None:
    found = of(db, clock, "apollo", people(40), share=0.25, credits_per_day=30)
    assert (found.credits_for_all, found.credits_likely, found.credits_left) == (40, 10, 30)
    assert str(found) == (
        "apollo: 40 contacts are due: about 4 calls in 0 s, 40 credits if all are found, 10 by the share found so far; "
        "30 credits of the budget are left"
    )


def test_nobody_is_due(db: Database, clock: VirtualClock) -> None:
    assert str(of(db, clock, "apollo", [])) == "apollo: nobody is due"
    assert str(of(db, clock, "apollo", [PersonQuery(1), PersonQuery(2)])) == "apollo: nobody is due; of 2 too little is known to ask"


def test_only_who_is_due_counts(db: Database, clock: VirtualClock) -> None:
    company = add_company(db)
    known, _ = [add_contact(db, company_id=company) for _ in range(2)]
    settings = EnrichmentSettings()
    with provider_at(NOWHERE, read_file("apollo"), db, clock) as provider:
        before = forecast_all(db, [provider], settings, clock, {})
        add_answer(db, known, "apollo", expires_at="2027-01-01")
        (after,) = forecast_all(db, [provider], settings, clock, {})
    assert ([one.contacts for one in before], after.contacts) == ([2], 1)
    assert after == replace(before[0], contacts=1, calls=1, credits_for_all=1, credits_likely=1)


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0, "0 s"), (59, "59 s"), (60, "1 min"), (3_600, "60 min"), (9_000, "2.5 h"), (200_000, "2.3 days")]
)
def test_times_are_shown_in_units_of_their_size(seconds: float, shown: str) -> None:
    assert show_time(seconds) == shown
