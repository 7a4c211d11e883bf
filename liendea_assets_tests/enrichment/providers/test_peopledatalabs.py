from dataclasses import replace

import pytest

from liendea_assets.core.errors import LimitReached, QuotaGone, SettingsError
from liendea_assets.db.connection import Database
from liendea_assets.enrichment.provider import PersonQuery
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.enrichment.providers.peopledatalabs_server import PERSON, PeopleDataLabs, create_app
from liendea_assets_tests.enrichment.providers.serving import KEY, ROBIN, outcomes, provider_of, read_file, stranger

FILE = read_file("peopledatalabs")


def people(server: PeopleDataLabs, count: int) -> list[PersonQuery]:
    """Queries about people whom the server knows."""
    for number in range(count):
        server.people[f"linkedin.com/in/p{number}"] = {**PERSON, "id": f"id-{number}", "job_title": f"title {number}"}
    return [PersonQuery(number + 1, linkedin_url=f"https://www.linkedin.com/in/p{number}") for number in range(count)]


def test_a_hit_is_mapped_and_costs_what_the_header_says(db: Database, clock: VirtualClock) -> None:
    server = PeopleDataLabs(clock)
    with provider_of(create_app(server), FILE, db, clock) as provider:
        (answer,) = provider.look_up([ROBIN])
    assert (answer.outcome, answer.confidence, answer.cost, answer.good_for_days) == ("hit", 0.9, 1.0, 90)
    assert answer.values == {
        "title": "vp sales",
        "work_email": "robin.weaver@acmelabs.example",
        "mobile_phone": "+14155550100",
        "linkedin_url": "https://www.linkedin.com/in/robin-weaver",
        "country": "US",
        "company_name": "acme labs",
        "company_domain": "acmelabs.example",
        "industry": "Software",
        "employee_count": 620,
        "revenue_range": "$50M-$100M",
        "growth_rate": 0.25,
    }
    assert server.asked == [
        {
            "profile": "https://www.linkedin.com/in/robin-weaver",
            "email": "robin.weaver@acmelabs.example",
            "first_name": "Robin",
            "last_name": "Weaver",
            "company": "acmelabs.example",
            "min_likelihood": "6",
        }
    ]


def test_a_404_is_a_miss_that_costs_nothing(db: Database, clock: VirtualClock) -> None:
    with provider_of(create_app(PeopleDataLabs(clock)), FILE, db, clock) as provider:
        (answer,) = provider.look_up([stranger(7)])
    assert (answer.outcome, answer.cost, answer.good_for_days) == ("miss", 0.0, 30)


def test_a_match_that_would_not_be_used_is_not_paid_for(db: Database, clock: VirtualClock) -> None:
    server = PeopleDataLabs(clock)
    server.likelihood = 5
    with provider_of(create_app(server), FILE, db, clock) as provider:
        (answer,) = provider.look_up([ROBIN])
    assert (answer.outcome, answer.cost, server.credits) == ("miss", 0.0, 1_000)


def test_a_field_that_the_plan_does_not_include_is_not_known(db: Database, clock: VirtualClock) -> None:
    """PDL then says true instead of the value."""
    record = {**PERSON, "work_email": True, "mobile_phone": True, "job_company_inferred_revenue": None}
    with provider_of(create_app(PeopleDataLabs(clock, robin_weaver=record)), FILE, db, clock) as provider:
        (answer,) = provider.look_up([ROBIN])
    assert answer.outcome == "hit"
    assert not {"work_email", "mobile_phone", "revenue_range"} & set(answer.values)


def test_a_batch_is_correlated_by_metadata(db: Database, clock: VirtualClock) -> None:
    server = PeopleDataLabs(clock)
    asked = [*people(server, 3), stranger(9)]
    with provider_of(create_app(server), FILE, db, clock) as provider:
        given = provider.look_up(asked)
    assert [answer.outcome for answer in given] == ["hit", "hit", "hit", "miss"]
    assert [answer.values.get("title") for answer in given] == ["title 0", "title 1", "title 2", None]
    assert [answer.cost for answer in given] == [1.0, 1.0, 1.0, 0.0]
    assert server.asked[0]["requests"][0]["metadata"] == {"ref": "1"}
    assert outcomes(db) == [("peopledatalabs", "enrich_batch", "status 200")]


def test_a_batch_that_comes_back_shorter_leaves_misses(db: Database, clock: VirtualClock) -> None:
    server = PeopleDataLabs(clock)
    asked = people(server, 4)
    server.drops = 2
    with provider_of(create_app(server), FILE, db, clock) as provider:
        given = provider.look_up(asked)
    assert [answer.outcome for answer in given] == ["miss", "miss", "hit", "hit"]
    assert sum(answer.cost or 0 for answer in given) == 4, "what was charged for is in the ledger, found or not"


def test_throttling_is_waited_out_as_the_reset_header_says(db: Database, clock: VirtualClock) -> None:
    server = PeopleDataLabs(clock)
    server.left = 0
    began = clock.now()
    with provider_of(create_app(server), FILE, db, clock) as provider:
        (answer,) = provider.look_up([ROBIN])
    assert answer.outcome == "hit"
    assert (clock.now() - began).total_seconds() == pytest.approx(60, abs=5)
    assert [outcome for *_, outcome in outcomes(db)] == ["status 429", "status 200"]


def test_no_more_than_its_limit_is_ever_sent(db: Database, clock: VirtualClock) -> None:
    server = PeopleDataLabs(clock)
    server.left = 10_000
    with provider_of(create_app(server), FILE, db, clock, max_wait_s=10) as provider:
        for number in range(100):
            provider.look_up([replace(ROBIN, contact_id=number + 1)])
        with pytest.raises(LimitReached):
            provider.look_up([ROBIN])
    assert len(server.asked) == 100


def test_what_others_use_of_the_key_is_learnt_before_it_is_over(db: Database, clock: VirtualClock) -> None:
    server = PeopleDataLabs(clock)
    server.left = 4
    began = clock.now()
    with provider_of(create_app(server), FILE, db, clock) as provider:
        for number in range(6):
            provider.look_up([replace(ROBIN, contact_id=number + 1)])
    assert [outcome for *_, outcome in outcomes(db)] == ["status 200"] * 6
    assert (clock.now() - began).total_seconds() == pytest.approx(60, abs=5)


def test_used_up_credits_stop_the_provider_for_a_day(db: Database, clock: VirtualClock) -> None:
    server = PeopleDataLabs(clock)
    server.credits = 0
    with provider_of(create_app(server), FILE, db, clock) as provider:
        with pytest.raises(QuotaGone, match="status 402"):
            provider.look_up([ROBIN])
        with pytest.raises(LimitReached) as caught:
            provider.look_up([ROBIN])
    assert caught.value.wait_s == pytest.approx(86_400)
    assert len(outcomes(db)) == 1


def test_a_key_that_expires_half_way_is_a_wrong_setting_told_without_the_key(db: Database, clock: VirtualClock) -> None:
    server = PeopleDataLabs(clock)
    server.expires_after = 1
    with provider_of(create_app(server), FILE, db, clock) as provider:
        assert provider.look_up([ROBIN])[0].outcome == "hit"
        with pytest.raises(SettingsError, match="PEOPLEDATALABS_API_KEY") as caught:
            provider.look_up([ROBIN])
    assert KEY not in str(caught.value)
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("changed", "likelihood", "path"),
    [
        ({"job_title": ["vp"]}, 9, "data.job_title"),
        ({"job_company_employee_count": "620"}, 9, "data.job_company_employee_count"),
        ({"job_company_employee_count": -1}, 9, "data.job_company_employee_count"),
        ({"job_company_12mo_employee_growth_rate": True}, 9, "data.job_company_12mo_employee_growth_rate"),
        ({"id": None}, 9, "data.id"),
        ({}, "high", "likelihood"),
        ({}, 11, "likelihood"),
    ],
)
def test_wrong_types_reject_the_answer_whole(
    db: Database, clock: VirtualClock, changed: dict[str, object], likelihood: object, path: str
) -> None:
    server = PeopleDataLabs(clock, robin_weaver={**PERSON, **changed})
    server.likelihood = likelihood
    with provider_of(create_app(server), FILE, db, clock) as provider:
        (answer,) = provider.look_up([ROBIN])
    assert (answer.outcome, answer.values, answer.cost) == ("rejected", {}, 1.0), "it was charged for, readable or not"
    assert answer.reason == f"peopledatalabs: the answer breaks the contract in {path}"
    assert len(answer.answer_hash or "") == 64
