"""Budgets hold in front of a real server, whatever it answers."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.types import Receive, Scope, Send

from liendea_assets.core.errors import BudgetUsedUp, LimitReached, ServiceUnavailable, Stopped
from liendea_assets.db.connection import Database
from liendea_assets.enrichment.provider import PersonQuery
from liendea_assets.enrichment.providers.operations import Credits
from liendea_assets.enrichment.run import enrich
from liendea_assets.enrichment.settings import BudgetSettings, EnrichmentSettings
from liendea_assets.sandbox.serving import serving
from liendea_assets_tests.clients.servers import Scripted, bare_server
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.enrichment.providers.apollo_server import Apollo, create_app
from liendea_assets_tests.enrichment.providers.serving import ROBIN, provider_at, read_file, stranger, written_file
from liendea_assets_tests.enrichment.providers.test_apollo import people
from liendea_assets_tests.enrichment.providers.test_settings import GOOD
from liendea_assets_tests.enrichment.rows import add_contact

FILE = read_file("apollo")
# paid by the request
PRICED = replace(FILE, settings=FILE.settings.model_copy(update={"credits": Credits(per="request", amount=1)}))


def allowing(**budget: float) -> EnrichmentSettings:
    return EnrichmentSettings(budgets={"apollo": BudgetSettings.model_validate(budget)})


def spent(db: Database) -> list[tuple[int, float, float | None]]:
    return [(row["people"], row["most"], row["spent"]) for row in db.table("provider_spending").rows]


def test_people_are_asked_about_as_long_as_the_credits_last(db: Database, clock: VirtualClock) -> None:
    server = Apollo()
    known = people(server, 30)
    with serving(create_app(server)) as url, provider_at(url, FILE, db, clock, settings=allowing(credits_per_day=13)) as provider:
        answers = provider.look_up(known)
        with pytest.raises(BudgetUsedUp):
            provider.look_up(known[13:])
    assert [answer.contact_id for answer in answers if answer.outcome == "hit"] == [query.contact_id for query in known[:13]]
    assert spent(db) == [(10, 10.0, 10.0), (3, 3.0, 3.0)]


def test_misses_give_their_credits_back(db: Database, clock: VirtualClock) -> None:
    with serving(create_app(Apollo())) as url, provider_at(url, FILE, db, clock, settings=allowing(credits_per_day=5)) as provider:
        answers = provider.look_up([stranger(number) for number in range(1, 13)])
    assert {answer.outcome for answer in answers} == {"miss"}
    assert [(people, spent) for people, _, spent in spent(db)] == [(5, 0.0), (5, 0.0), (2, 0.0)]


def test_a_run_ends_with_its_budget_and_goes_on_the_next_day(db: Database, clock: VirtualClock) -> None:
    server = Apollo()
    for query in people(server, 20):
        add_contact(db, linkedin_id=query.linkedin_url.rpartition("/")[2])
    settings = allowing(credits_per_day=12)
    with serving(create_app(server)) as url, provider_at(url, FILE, db, clock, settings=settings) as provider:
        first = enrich(db, provider, settings, clock, lambda done, total, left_s: None)
        again = enrich(db, provider, settings, clock, lambda done, total, left_s: None)
        clock.sleep(86_400)
        second = enrich(db, provider, settings, clock, lambda done, total, left_s: None)
    assert (first.hits, first.cost, first.left) == (12, 12.0, 8)
    assert first.stopped is not None
    assert "budget of 12 credits a day" in first.stopped
    assert (again.asked, second.hits, second.stopped) == (0, 8, None)


def test_calls_have_a_budget_too_and_retries_count(db: Database, clock: VirtualClock) -> None:
    app = Scripted(PlainTextResponse("busy", 503, {"retry-after": "1"}), JSONResponse({"person": None}))
    with serving(app) as url, provider_at(url, FILE, db, clock, settings=allowing(calls_per_day=2)) as provider:
        assert provider.look_up([ROBIN])[0].outcome == "miss"
        assert provider.free_in_s() > 3_600
    assert db.table("rate_limit_tracking").count == 2


@pytest.mark.parametrize("answer", [b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{", b""])
def test_what_broke_off_counts_as_paid_for_each_time(db: Database, clock: VirtualClock, answer: bytes) -> None:
    with bare_server(lambda connection, stopped: connection.sendall(answer)) as url, provider_at(url, FILE, db, clock) as provider:
        with pytest.raises(ServiceUnavailable):
            provider.look_up([ROBIN])
        assert spent(db) == [(1, 1.0, None), (0, 1.0, None), (0, 1.0, None)]


def broken_off(times: int) -> Scripted:
    return Scripted(*[PlainTextResponse("", 504)] * times, JSONResponse({"person": {"title": "VP", "id": "a1"}}))


def test_each_attempt_that_may_be_charged_for_counts(db: Database, clock: VirtualClock) -> None:
    """Answers 504 twice and then finds somebody: three requests arrived, and each may have been charged for."""
    app = broken_off(2)
    with serving(app) as url, provider_at(url, PRICED, db, clock) as provider:
        assert provider.look_up([ROBIN])[0].outcome == "hit"
        assert provider.allowance.purse.left() is None
    assert (len(app.asked), spent(db)) == (3, [(1, 1.0, None), (0, 1.0, None), (0, 1.0, 1.0)])


def test_a_retry_that_the_budget_does_not_cover_is_not_made(db: Database, clock: VirtualClock) -> None:
    app = broken_off(2)
    settings = allowing(credits_per_day=1)
    with serving(app) as url, provider_at(url, PRICED, db, clock, settings=settings) as provider, pytest.raises(BudgetUsedUp):
        provider.look_up([ROBIN])
    assert (len(app.asked), spent(db)) == (1, [(1, 1.0, None)])
    assert [row["outcome"] for row in db.table("rate_limit_tracking").rows] == ["status 504"]


def test_what_broke_off_stays_paid_for_where_no_retry_finds_a_slot(tmp_path: Path, db: Database, clock: VirtualClock) -> None:
    one = written_file(tmp_path, "fifth", GOOD.replace("requests: 10}", "requests: 1}"))
    app = broken_off(1)
    with serving(app) as url, provider_at(url, one, db, clock, max_wait_s=10) as provider, pytest.raises(LimitReached):
        provider.look_up([ROBIN])
    assert (len(app.asked), spent(db)) == (1, [(1, 1.0, None), (0, 1.0, 0.0)])


def test_a_refusal_after_what_broke_off_gives_nothing_back(db: Database, clock: VirtualClock) -> None:
    app = Scripted(PlainTextResponse("", 504), *[PlainTextResponse("busy", 503, {"retry-after": "1"})] * 3)
    with serving(app) as url, provider_at(url, PRICED, db, clock) as provider, pytest.raises(ServiceUnavailable):
        provider.look_up([ROBIN])
    assert spent(db) == [(1, 1.0, None), (0, 1.0, 0.0)]


def test_a_provider_that_knows_a_request_again_charges_once(tmp_path: Path, db: Database, clock: VirtualClock) -> None:
    known = written_file(tmp_path, "fifth", GOOD + "idempotency_header: Idempotency-Key\n")
    with serving(broken_off(2)) as url, provider_at(url, known, db, clock) as provider:
        assert provider.look_up([ROBIN])[0].outcome == "hit"
    assert spent(db) == [(1, 1.0, 1.0)]


def test_a_call_waits_for_credits_that_another_one_under_way_gives_back(db: Database, clock: VirtualClock) -> None:
    """Ten are set aside for the first batch, of whom nobody is found; the second is not told that the budget is used up."""
    begun, may_answer = threading.Event(), threading.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        people = len((await request.json())["details"])
        begun.set()
        while not may_answer.is_set():
            await asyncio.sleep(0.01)
        await JSONResponse({"matches": [None] * people})(scope, receive, send)

    def ask(first: int) -> list[str]:
        return [answer.outcome for answer in provider.look_up([stranger(number) for number in range(first, first + 10)])]

    settings = allowing(credits_per_day=10)
    with serving(app) as url, provider_at(url, FILE, db, clock, settings=settings) as provider, ThreadPoolExecutor(2) as pool:
        first = pool.submit(ask, 1)
        assert begun.wait(10)
        second = pool.submit(ask, 11)
        with pytest.raises(TimeoutError):
            second.result(0.2)
        may_answer.set()
        assert first.result(10) == second.result(10) == ["miss"] * 10


def test_who_waits_for_credits_ends_with_the_run(db: Database, clock: VirtualClock) -> None:
    with provider_at("http://127.0.0.1:9", FILE, db, clock, settings=allowing(credits_per_day=1)) as provider:
        provider.allowance.purse.reserve("match", 1, per_person=1, per_call=0)
        provider.stop_calls()
        with pytest.raises(Stopped):
            provider.look_up([ROBIN])


def test_the_budget_of_one_provider_is_none_of_another_that_shares_its_key(tmp_path: Path, db: Database, clock: VirtualClock) -> None:
    files = [written_file(tmp_path, name, GOOD) for name in ("fifth", "sixth")]
    settings = EnrichmentSettings(budgets={"fifth": BudgetSettings(calls_per_day=1)})
    app = Scripted(*[JSONResponse({"person": {"title": "VP"}})] * 4)
    with (
        serving(app) as url,
        provider_at(url, files[0], db, clock, settings=settings) as fifth,
        provider_at(url, files[1], db, clock, settings=settings) as sixth,
    ):
        assert [provider.look_up([ROBIN])[0].outcome for provider in (fifth, sixth, sixth)] == ["hit"] * 3
        with pytest.raises(LimitReached, match="budget"):
            fifth.look_up([ROBIN])
        assert (sixth.free_in_s(), fifth.free_in_s() > 3_600) == (0, True)


def test_what_was_refused_costs_nothing(db: Database, clock: VirtualClock) -> None:
    app = Scripted(*[PlainTextResponse("busy", 503, {"retry-after": "1"})] * 5)
    with serving(app) as url, provider_at(url, FILE, db, clock) as provider, pytest.raises(ServiceUnavailable):
        provider.look_up([ROBIN])
    assert spent(db) == [(1, 1.0, 0.0)]


def test_an_answer_that_cannot_be_read_counts_as_paid_for(db: Database, clock: VirtualClock) -> None:
    with serving(Scripted(JSONResponse({"person": {"name": "Robin"}}))) as url, provider_at(url, FILE, db, clock) as provider:
        assert provider.look_up([ROBIN])[0].outcome == "rejected"
    assert spent(db) == [(1, 1.0, 1.0)]


def test_a_check_of_one_person_is_paid_for_as_well(db: Database, clock: VirtualClock) -> None:
    nothing = allowing(credits_per_month=0)
    with serving(create_app(Apollo())) as url, provider_at(url, FILE, db, clock, settings=nothing) as provider, pytest.raises(BudgetUsedUp):
        provider.look_up([PersonQuery(0, email="robin@acme.example")])
    assert db.table("rate_limit_tracking").count == 0
