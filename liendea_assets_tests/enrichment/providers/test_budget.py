"""Budgets hold in front of a real server, whatever it answers."""

import pytest
from starlette.responses import JSONResponse, PlainTextResponse

from liendea_assets.core.errors import BudgetUsedUp, ServiceUnavailable
from liendea_assets.db.connection import Database
from liendea_assets.enrichment.provider import PersonQuery
from liendea_assets.enrichment.run import enrich
from liendea_assets.enrichment.settings import BudgetSettings, EnrichmentSettings
from liendea_assets.sandbox.serving import serving
from liendea_assets_tests.clients.servers import Scripted, bare_server
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.enrichment.providers.apollo_server import Apollo, create_app
from liendea_assets_tests.enrichment.providers.serving import ROBIN, provider_at, read_file, stranger
from liendea_assets_tests.enrichment.providers.test_apollo import people
from liendea_assets_tests.enrichment.rows import add_contact

FILE = read_file("apollo")


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


@pytest.mark.parametrize(("answer", "kept"), [(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{", None), (b"", None)])
def test_what_broke_off_counts_as_paid_for(db: Database, clock: VirtualClock, answer: bytes, kept: float | None) -> None:
    with bare_server(lambda connection, stopped: connection.sendall(answer)) as url, provider_at(url, FILE, db, clock) as provider:
        with pytest.raises(ServiceUnavailable):
            provider.look_up([ROBIN])
        assert spent(db) == [(1, 1.0, kept)]


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
