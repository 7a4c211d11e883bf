import email.utils
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from starlette.responses import JSONResponse

from liendea_assets.core.errors import LimitReached, QuotaGone, SettingsError
from liendea_assets.db.connection import Database
from liendea_assets.enrichment.provider import PersonQuery
from liendea_assets_tests.clients.servers import Scripted
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.enrichment.providers.apollo_server import PERSON, PLACEHOLDER, Apollo, create_app
from liendea_assets_tests.enrichment.providers.serving import ROBIN, outcomes, provider_of, read_file, stranger

FILE = read_file("apollo")


def people(server: Apollo, count: int) -> list[PersonQuery]:
    """Queries about people whom the server knows."""
    for number in range(count):
        server.people[f"p{number}"] = {**PERSON, "id": f"id-{number}", "title": f"title {number}"}
    return [PersonQuery(number + 1, linkedin_url=f"https://www.linkedin.com/in/p{number}") for number in range(count)]


def test_a_hit_is_mapped(db: Database, clock: VirtualClock) -> None:
    with provider_of(create_app(Apollo()), FILE, db, clock) as provider:
        (answer,) = provider.look_up([ROBIN])
    assert (answer.outcome, answer.confidence, answer.cost) == ("hit", 0.95, 1.0)
    assert answer.values == {
        "title": "VP Sales",
        "work_email": "robin.weaver@acmelabs.example",
        "email_status": "verified",
        "linkedin_url": "https://www.linkedin.com/in/robin-weaver",
        "country": "US",
        "time_zone": "America/New_York",
        "company_name": "Acme Labs",
        "company_domain": "acmelabs.example",
        "industry": "Technology",
        "employee_count": 620,
        "revenue_range": "75M",
        "growth_rate": 0.19,
    }


def test_a_200_without_a_person_is_a_miss_that_costs_nothing(db: Database, clock: VirtualClock) -> None:
    with provider_of(create_app(Apollo()), FILE, db, clock) as provider:
        (answer,) = provider.look_up([stranger(7)])
    assert (answer.outcome, answer.cost) == ("miss", 0.0)


@pytest.mark.parametrize("content", [{}, [], {"message": "maintenance"}, None, "person", {"person": "Robin"}, {"person": []}])
def test_a_200_that_only_looks_like_a_miss_is_rejected(db: Database, clock: VirtualClock, content: object) -> None:
    """Taken for a miss, an outage would keep everybody from being asked about for a month."""
    with provider_of(Scripted(JSONResponse(content)), FILE, db, clock) as provider:
        (answer,) = provider.look_up([ROBIN])
    assert answer.outcome == ("miss" if content == {"person": []} else "rejected")


@pytest.mark.parametrize("placeholder", [PLACEHOLDER, "EMAIL_NOT_UNLOCKED@domain.com", "someone@domain.com", None, ""])
def test_a_placeholder_address_is_no_address(db: Database, clock: VirtualClock, placeholder: str | None) -> None:
    server = Apollo()
    server.people["robin-weaver"] = {**PERSON, "email": placeholder, "email_status": "unavailable"}
    with provider_of(create_app(server), FILE, db, clock) as provider:
        (answer,) = provider.look_up([ROBIN])
    assert answer.outcome == "hit"
    assert "work_email" not in answer.values
    assert answer.values["title"] == "VP Sales"


def test_a_batch_is_correlated_by_order_and_priced_by_its_answer(db: Database, clock: VirtualClock) -> None:
    server = Apollo()
    first, second, third = people(server, 3)
    with provider_of(create_app(server), FILE, db, clock) as provider:
        given = provider.look_up([first, stranger(9), second, third])
    assert [answer.contact_id for answer in given] == [1, 9, 2, 3]
    assert [answer.outcome for answer in given] == ["hit", "miss", "hit", "hit"]
    assert [answer.values.get("title") for answer in given] == ["title 0", None, "title 1", "title 2"]
    assert [answer.cost for answer in given] == [1.0, 0.0, 1.0, 1.0]


def test_a_batch_by_order_that_comes_back_shorter_is_rejected_whole(db: Database, clock: VirtualClock) -> None:
    """One person's data would be written to another."""
    server = Apollo()
    asked = people(server, 3)
    server.drops = 1
    with provider_of(create_app(server), FILE, db, clock) as provider:
        given = provider.look_up(asked)
    assert {answer.outcome for answer in given} == {"rejected"}
    assert given[0].reason == "apollo: a batch of 3 came back with 2 answers, and they are told apart by order alone"


def test_only_ten_people_are_sent_at_once(db: Database, clock: VirtualClock) -> None:
    server = Apollo()
    with provider_of(create_app(server), FILE, db, clock) as provider:
        assert {answer.outcome for answer in provider.look_up(people(server, 21))} == {"hit"}
    assert [len(asked.get("details", [None])) for asked in server.asked] == [10, 10, 1]


@pytest.mark.parametrize("is_date", [False, True])
def test_retry_after_is_waited_for_in_seconds_or_as_a_date(db: Database, clock: VirtualClock, is_date: bool) -> None:
    server = Apollo()
    server.throttles = 1
    if is_date:
        # by the server's own clock, which its Date header tells
        server.retry_after = email.utils.format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    began = clock.now()
    with provider_of(create_app(server), FILE, db, clock) as provider:
        assert provider.look_up([ROBIN])[0].outcome == "hit"
    assert (clock.now() - began).total_seconds() == pytest.approx(30, abs=5)
    assert [outcome for *_, outcome in outcomes(db)] == ["status 429", "status 200"]


def test_an_hour_of_retry_after_is_kept_for_later_runs_and_costs_no_further_call(db: Database, clock: VirtualClock) -> None:
    server = Apollo()
    server.throttles, server.retry_after = 1, "3600"
    with provider_of(create_app(server), FILE, db, clock) as provider:
        for _ in range(3):
            with pytest.raises(LimitReached):
                provider.look_up([ROBIN])
        assert len(outcomes(db)) == 1
        clock.sleep(3_600)
        assert provider.look_up([ROBIN])[0].outcome == "hit"


def test_used_up_credits_stop_the_provider_for_a_day(db: Database, clock: VirtualClock) -> None:
    server = Apollo()
    server.credits = 1
    with provider_of(create_app(server), FILE, db, clock) as provider:
        assert provider.look_up([ROBIN])[0].outcome == "hit"
        with pytest.raises(QuotaGone, match="status 422"):
            provider.look_up([ROBIN])
        with pytest.raises(LimitReached) as caught:
            provider.look_up([ROBIN])
    assert caught.value.wait_s == pytest.approx(86_400)
    assert [outcome for *_, outcome in outcomes(db)] == ["status 200", "status 402"]


def test_another_422_is_no_quota(db: Database, clock: VirtualClock) -> None:
    with provider_of(Scripted(JSONResponse({"error": "not a valid domain"}, 422)), FILE, db, clock) as provider:
        (answer,) = provider.look_up([ROBIN])
    assert (answer.outcome, answer.reason) == ("rejected", "apollo: unexpected status 422")


def test_the_limits_of_a_smaller_plan_hold_from_the_first_answer_on(db: Database, clock: VirtualClock) -> None:
    """The file has more; the headers of each answer say what this team may do, and nothing of the day."""
    server = Apollo(((60, 3), (3_600, 5)), lambda: clock.uptime().seconds)
    with provider_of(create_app(server), FILE, db, clock, max_wait_s=600) as provider:
        for number in range(5):
            assert provider.look_up([replace(ROBIN, contact_id=number + 1)])[0].outcome == "hit"
        with pytest.raises(LimitReached):
            provider.look_up([ROBIN])
    assert (server.book.arrivals, server.book.violations) == (5, 0)
    learned = [(row["seconds"], row["requests"]) for row in db.table("learned_limits").rows_where(order_by="seconds")]
    assert learned == [(60, 3), (3_600, 5)]


def test_a_key_that_expires_half_way_stops_the_run(db: Database, clock: VirtualClock) -> None:
    server = Apollo()
    server.expires_after = 1
    with provider_of(create_app(server), FILE, db, clock) as provider:
        assert provider.look_up([ROBIN])[0].outcome == "hit"
        with pytest.raises(SettingsError, match="APOLLO_API_KEY"):
            provider.look_up([ROBIN])


@pytest.mark.parametrize(
    "changed", [{"title": 7}, {"id": None}, {"email_status": 1}, {"organization": {"estimated_num_employees": "many"}}, {"country": ["US"]}]
)
def test_wrong_types_reject_only_the_answer_that_has_them(db: Database, clock: VirtualClock, changed: dict[str, object]) -> None:
    server = Apollo()
    asked = people(server, 3)
    server.people["p1"].update(changed)
    with provider_of(create_app(server), FILE, db, clock) as provider:
        given = provider.look_up(asked)
    assert [answer.outcome for answer in given] == ["hit", "rejected", "hit"]
    assert (given[1].values, len(given[1].answer_hash or "")) == ({}, 64)
