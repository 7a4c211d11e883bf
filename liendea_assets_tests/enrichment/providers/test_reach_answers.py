import json
from hashlib import sha256
from typing import Any

import pytest
from starlette.responses import JSONResponse

from liendea_assets.db.connection import Database
from liendea_assets.enrichment.provider import FIELDS, PersonQuery, ProviderAnswer
from liendea_assets.sandbox.reach_server import create_app, sample_people
from liendea_assets_tests.clients.servers import Scripted, reach_of
from liendea_assets_tests.conftest import VirtualClock

KNOWN = sample_people()[:3]


def query(contact_id: int, reach_id: str = "rch_1") -> PersonQuery:
    return PersonQuery(contact_id, reach_id=reach_id)


def test_the_sandbox_answers_each_query_in_the_order_asked(db: Database, clock: VirtualClock) -> None:
    queries = [query(70 + number, match["person"]["reach_id"]) for number, match in enumerate(KNOWN)]
    with reach_of(create_app(KNOWN, [(60, 10)]), db, clock) as reach:
        given = reach.look_up([*queries, query(80, "rch_nobody")])
    assert [answer.contact_id for answer in given] == [70, 71, 72, 80]
    assert [answer.outcome for answer in given] == ["hit", "hit", "hit", "miss"]
    assert [answer.values.get("reach_id") for answer in given] == [*(match["person"]["reach_id"] for match in KNOWN), None]
    assert [answer.confidence for answer in given] == [*(match["confidence"] for match in KNOWN), None]


def test_a_batch_of_one_is_a_single_look_up(db: Database, clock: VirtualClock) -> None:
    told = JSONResponse({"confidence": 0.7, "person": {"reach_id": "rch_1"}})
    app = Scripted(told)
    with reach_of(app, db, clock) as reach:
        given = reach.look_up([query(70)])
    assert given == [ProviderAnswer(70, "hit", 0.7, {"reach_id": "rch_1"}, cost=1.0, answer_hash=sha256(told.body).hexdigest())]
    assert [(asked.method, asked.path, asked.query) for asked in app.asked] == [("GET", "/v1/people/match", {"reach_id": "rch_1"})]


def test_a_single_miss_and_a_single_rejection_are_answers(db: Database, clock: VirtualClock) -> None:
    app = Scripted(JSONResponse({"code": "not_found", "message": "no match"}, 404), JSONResponse({"confidence": 2}), JSONResponse({}, 400))
    with reach_of(app, db, clock) as reach:
        given = [reach.look_up([query(70)])[0] for _ in range(3)]
    assert [answer.outcome for answer in given] == ["miss", "rejected", "rejected"]
    assert [bool(answer.reason) for answer in given] == [False, True, True]
    assert len({answer.answer_hash for answer in given} - {None}) == 3, "misses too can be found in a log"


def test_only_the_malformed_answer_of_a_batch_is_rejected(db: Database, clock: VirtualClock) -> None:
    matches = [
        {"ref": "71", "confidence": "high", "person": {"reach_id": "x"}},
        {"ref": "70", "confidence": 1, "person": {"reach_id": "y"}},
    ]
    with reach_of(Scripted(JSONResponse({"matches": matches})), db, clock) as reach:
        given = reach.look_up([query(70), query(71), query(72)])
    assert [answer.outcome for answer in given] == ["hit", "rejected", "miss"]
    assert given[1].reason == "reach: the answer breaks the contract in confidence"


def test_a_batch_without_a_usable_answer_is_a_rejection_of_each(db: Database, clock: VirtualClock) -> None:
    with reach_of(Scripted(JSONResponse({}, 400)), db, clock) as reach:
        assert [answer.outcome for answer in reach.look_up([query(70), query(71)])] == ["rejected", "rejected"]


def test_nothing_but_what_is_known_is_sent(db: Database, clock: VirtualClock) -> None:
    app = Scripted(JSONResponse({"matches": []}))
    queries = [PersonQuery(70, first_name="Robin", last_name="Weaver", domain="acme.example"), PersonQuery(71, email="a@acme.example")]
    with reach_of(app, db, clock) as reach:
        reach.look_up(queries)
    assert json.loads(app.asked[0].body) == {
        "people": [
            {"ref": "70", "first_name": "Robin", "last_name": "Weaver", "domain": "acme.example"},
            {"ref": "71", "email": "a@acme.example"},
        ]
    }


def look_up(match: dict[str, Any], db: Database, clock: VirtualClock) -> ProviderAnswer:
    with reach_of(Scripted(JSONResponse(match)), db, clock) as reach:
        return reach.look_up([query(70)])[0]


def test_an_answer_becomes_the_fields_of_the_table(db: Database, clock: VirtualClock) -> None:
    person = {name: name for name in ("title", "work_phone", "mobile_phone", "linkedin_url", "country", "time_zone")}
    person["work_email"] = "robin@acme.example"
    company = {
        "name": "Acme",
        "domain": "acme.example",
        "industry": "Software",
        "revenue_range": "$1M",
        "employee_count": 3,
        "growth_rate": 0,
    }
    answer = look_up({"confidence": 1, "person": {"reach_id": "rch_1", "full_name": "X Y", **person}, "company": company}, db, clock)
    assert set(answer.values) == set(FIELDS)
    assert (answer.values["company_name"], answer.values["company_domain"], answer.values["growth_rate"]) == ("Acme", "acme.example", 0)


@pytest.mark.parametrize("blank", [None, "", "  "])
def test_a_blank_value_is_not_known(db: Database, clock: VirtualClock, blank: str | None) -> None:
    """An empty text once stood in the way of a value that another source knew."""
    person = {"reach_id": "rch_1", "work_email": blank, "title": " VP Sales "}
    answer = look_up({"confidence": 1, "person": person, "company": {"name": "Acme", "domain": blank}}, db, clock)
    assert answer.values == {"reach_id": "rch_1", "title": "VP Sales", "company_name": "Acme"}


def test_an_address_and_a_domain_are_written_as_those_of_files(db: Database, clock: VirtualClock) -> None:
    """A domain in capitals once made the same employer another one."""
    person = {"reach_id": "rch_1", "work_email": "Robin.Weaver@ACME.example"}
    answer = look_up({"confidence": 1, "person": person, "company": {"name": "Acme", "domain": "https://www.ACME.example/"}}, db, clock)
    assert (answer.values["work_email"], answer.values["company_domain"]) == ("robin.weaver@acme.example", "acme.example")


def test_an_address_that_is_none_is_not_known(db: Database, clock: VirtualClock) -> None:
    person = {"reach_id": "rch_1", "work_email": "not available"}
    answer = look_up({"confidence": 1, "person": person, "company": {"name": "Acme", "domain": "n/a"}}, db, clock)
    assert answer.values == {"reach_id": "rch_1", "company_name": "Acme"}
