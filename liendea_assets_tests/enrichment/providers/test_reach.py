import email.utils
import json
import re
import socket
import sqlite3
import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from liendea_assets.clients.attempts import MOST_ATTEMPTS
from liendea_assets.clients.http import LARGEST_BODY
from liendea_assets.core.clock import from_text
from liendea_assets.core.errors import LimitReached, ServiceUnavailable, SettingsError
from liendea_assets.db.connection import Database
from liendea_assets.enrichment.provider import PersonQuery, ProviderAnswer
from liendea_assets.enrichment.providers.http_provider import HttpProvider
from liendea_assets_tests.clients.servers import Scripted, bare_server, free_port, reach_at, reach_of
from liendea_assets_tests.conftest import VirtualClock

ROBIN = {"email": "robin.weaver@acmelabs.example"}


def ask(reach: HttpProvider, contact_id: int = 1) -> ProviderAnswer:
    """The answer about Robin alone."""
    (answer,) = reach.look_up([PersonQuery(contact_id, **ROBIN)])
    return answer


def ask_all(reach: HttpProvider, *contact_ids: int) -> dict[int, ProviderAnswer]:
    """The answers to one batch."""
    queries = [PersonQuery(contact_id, reach_id=f"rch_{contact_id}") for contact_id in contact_ids or (1, 2)]
    return {answer.contact_id: answer for answer in reach.look_up(queries)}


def match(**changed: object) -> dict[str, Any]:
    """An answer about one person; `person` and `company` change single fields."""
    person = {"reach_id": "rch_1", "title": "VP Sales", **_mapping(changed.pop("person", {}))}
    company = {"name": "Acme Labs Inc.", "employee_count": 620, **_mapping(changed.pop("company", {}))}
    return {"confidence": 0.9, "person": person, "company": company, **changed}


def _mapping(value: object) -> Mapping[str, object]:
    assert isinstance(value, dict)
    return value


def problem(status: int, **headers: str) -> Response:
    return JSONResponse({"code": "x", "message": "x"}, status, {name.replace("_", "-"): value for name, value in headers.items()})


def outcomes(db: Database) -> list[tuple[str, str, int | None]]:
    """What the ledger holds, oldest first."""
    rows = db.table("rate_limit_tracking").rows_where(order_by="id")
    return [(row["action_type"], row["outcome"], row["success"]) for row in rows]


def test_a_hit_is_a_match(db: Database, clock: VirtualClock) -> None:
    app = Scripted(JSONResponse(match()))
    with reach_of(app, db, clock) as reach:
        found = ask(reach)
    values = {"reach_id": "rch_1", "title": "VP Sales", "company_name": "Acme Labs Inc.", "employee_count": 620}
    assert (found.outcome, found.confidence, found.values, found.cost) == ("hit", 0.9, values, 1.0)
    assert [(asked.method, asked.path, asked.query) for asked in app.asked] == [("GET", "/v1/people/match", ROBIN)]
    assert outcomes(db) == [("match", "status 200", 1)]


def test_a_match_without_a_company_is_a_match(db: Database, clock: VirtualClock) -> None:
    with reach_of(Scripted(JSONResponse({"confidence": 1, "person": {"reach_id": "rch_1"}, "company": None})), db, clock) as reach:
        found = ask(reach)
    assert (found.outcome, found.confidence, found.values) == ("hit", 1.0, {"reach_id": "rch_1"})


def test_a_404_is_a_miss(db: Database, clock: VirtualClock) -> None:
    with reach_of(Scripted(problem(404)), db, clock) as reach:
        found = ask(reach)
    assert (found.outcome, found.cost) == ("miss", 0.0)
    assert outcomes(db) == [("match", "status 404", 1)]


@pytest.mark.parametrize("status", [400, 410, 418, 451])
def test_another_status_is_rejected_at_once(db: Database, clock: VirtualClock, status: int) -> None:
    with reach_of(Scripted(problem(status)), db, clock) as reach:
        answers = ask_all(reach)
    assert {(answer.outcome, answer.reason) for answer in answers.values()} == {("rejected", f"reach: unexpected status {status}")}
    assert {len(answer.answer_hash or "") for answer in answers.values()} == {64}
    assert [outcome for _, outcome, _ in outcomes(db)] == [f"status {status}"]


@pytest.mark.parametrize("status", [301, 302, 307, 404, 405, 501])
def test_a_server_that_is_not_reach_is_a_wrong_setting(db: Database, clock: VirtualClock, status: int) -> None:
    """Taken for an answer, a wrong base URL would record everybody as rejected."""
    with (
        reach_of(Scripted(PlainTextResponse("nothing here", status)), db, clock) as reach,
        pytest.raises(SettingsError, match="REACH_BASE_URL"),
    ):
        ask_all(reach)


def test_another_web_server_s_404_is_no_miss(db: Database, clock: VirtualClock) -> None:
    with reach_of(Scripted(PlainTextResponse("Not Found", 404)), db, clock) as reach, pytest.raises(SettingsError, match="REACH_BASE_URL"):
        ask(reach)


def test_a_bad_request_for_one_person_is_rejected(db: Database, clock: VirtualClock) -> None:
    with reach_of(Scripted(problem(400)), db, clock) as reach:
        assert ask(reach).reason == "reach: unexpected status 400"


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_token_is_a_wrong_setting_told_without_the_token(db: Database, clock: VirtualClock, status: int) -> None:
    app = Scripted(PlainTextResponse("the token s3cret-t0ken is not known", status))
    with reach_of(app, db, clock, token="s3cret-t0ken") as reach, pytest.raises(SettingsError, match="REACH_API_TOKEN") as caught:
        ask(reach)
    assert app.asked[0].headers["authorization"] == "Bearer s3cret-t0ken"
    assert "s3cret" not in str(caught.value)
    assert outcomes(db) == [("match", f"status {status}", 0)]


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_in_seconds_is_waited_for(db: Database, clock: VirtualClock, status: int) -> None:
    began = clock.now()
    with reach_of(Scripted(problem(status, Retry_After="120"), JSONResponse(match())), db, clock) as reach:
        assert ask(reach).outcome == "hit"
    assert (clock.now() - began).total_seconds() == pytest.approx(120, abs=0.1)
    assert outcomes(db) == [("match", f"status {status}", 0), ("match", "status 200", 1)]
    (block,) = db.table("service_blocks").rows
    assert (block["service"], from_text(block["blocked_until"]), block["reason"]) == (
        "reach",
        began + timedelta(seconds=120),
        f"status {status}",
    )


def test_retry_after_as_a_date_is_waited_for_by_the_servers_own_clock(db: Database, clock: VirtualClock) -> None:
    """The server's Date header tells its time, which here is another one than ours."""
    began = clock.now()
    date = email.utils.format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    with reach_of(Scripted(problem(429, Retry_After=date), JSONResponse(match())), db, clock) as reach:
        assert ask(reach).outcome == "hit"
    assert (clock.now() - began).total_seconds() == pytest.approx(90, abs=5)


def test_a_429_without_retry_after_is_a_minute(db: Database, clock: VirtualClock) -> None:
    began = clock.now()
    with reach_of(Scripted(problem(429), JSONResponse(match())), db, clock) as reach:
        assert ask(reach).outcome == "hit"
    assert (clock.now() - began).total_seconds() == pytest.approx(60, abs=0.1)


def test_a_retry_after_in_the_past_is_now(db: Database, clock: VirtualClock) -> None:
    began = clock.now()
    app = Scripted(problem(429, Retry_After="Mon, 05 Oct 2020 08:00:00 GMT"), JSONResponse(match()))
    with reach_of(app, db, clock) as reach:
        assert ask(reach).outcome == "hit"
    assert (clock.now() - began).total_seconds() < 1


def test_a_retry_after_beyond_the_run_is_kept_for_later_runs(db: Database, clock: VirtualClock) -> None:
    app = Scripted(problem(429, Retry_After="3600"), JSONResponse(match()))
    with reach_of(app, db, clock, max_wait_s=600) as reach:
        for _ in range(2):
            with pytest.raises(LimitReached) as caught:
                ask(reach)
            assert caught.value.wait_s == pytest.approx(3_600)
        assert len(app.asked) == 1
        clock.sleep(3_600)
        assert ask(reach).outcome == "hit"


@pytest.mark.parametrize("header", ["9" * 400, "Fri, 31 Dec 9999 23:59:59 GMT", "1000000"])
def test_a_retry_after_blocks_for_a_day_at_most(db: Database, clock: VirtualClock, header: str) -> None:
    with reach_of(Scripted(problem(429, Retry_After=header)), db, clock) as reach, pytest.raises(LimitReached) as caught:
        ask(reach)
    assert caught.value.wait_s == 86_400


@pytest.mark.parametrize("status", [408, 425, 500, 502, 503, 504])
def test_a_passing_failure_is_tried_again(db: Database, clock: VirtualClock, status: int) -> None:
    with reach_of(Scripted(problem(status), JSONResponse(match())), db, clock) as reach:
        assert ask(reach).outcome == "hit"
    assert [outcome for _, outcome, _ in outcomes(db)] == [f"status {status}", "status 200"]


def test_three_failures_are_the_service_being_unavailable(db: Database, clock: VirtualClock) -> None:
    app = Scripted(*[problem(500)] * (MOST_ATTEMPTS + 1))
    with reach_of(app, db, clock) as reach, pytest.raises(ServiceUnavailable, match=r"no answer in 3 attempts .*status 500"):
        ask(reach)
    assert len(app.asked) == MOST_ATTEMPTS
    assert outcomes(db) == [("match", "status 500", 0)] * MOST_ATTEMPTS
    assert clock.slept == [1.0, 2.0]


def test_a_server_that_is_away_is_unavailable_after_three_rows(db: Database, clock: VirtualClock) -> None:
    with reach_at(f"http://127.0.0.1:{free_port()}", db, clock) as reach, pytest.raises(ServiceUnavailable) as caught:
        ask(reach)
    assert outcomes(db) == [("match", "ConnectError", 0)] * MOST_ATTEMPTS
    assert "robin" not in str(caught.value)


def test_a_server_that_hangs_costs_a_deadline_per_attempt(db: Database, clock: VirtualClock) -> None:
    def say_nothing(connection: socket.socket, stopped: threading.Event) -> None:
        stopped.wait(0.4)

    with bare_server(say_nothing) as url, reach_at(url, db, clock, deadline_s=0.2) as reach, pytest.raises(ServiceUnavailable):
        ask(reach)
    assert outcomes(db) == [("match", "no complete answer within 0.2 s", 0)] * MOST_ATTEMPTS


@pytest.mark.parametrize("body", ["<html>Sign in</html>", "[]", "null", '{"confidence": 0.9}', '{"confidence": NaN, "person": {}}'])
def test_a_200_that_breaks_the_contract_is_rejected_and_in_the_ledger(db: Database, clock: VirtualClock, body: str) -> None:
    with reach_of(Scripted(PlainTextResponse(body)), db, clock) as reach:
        found = ask(reach)
    assert (found.outcome, found.values, found.answer_hash) == ("rejected", {}, sha256(body.encode()).hexdigest())
    assert len(outcomes(db)) == 1


def test_an_answer_that_is_too_large_is_rejected_and_in_the_ledger(db: Database, clock: VirtualClock) -> None:
    with reach_of(Scripted(Response(b" " * (LARGEST_BODY + 1))), db, clock) as reach:
        assert ask(reach).outcome == "rejected"
    assert outcomes(db) == [("match", "not finished", 0)]


MALFORMED = [
    match(confidence=1.5),
    match(confidence="0.9"),
    match(person={"reach_id": ""}),
    match(person={"reach_id": 7}),
    match(person={"title": ["VP"]}),
    match(company={"name": None}),
    match(company={"employee_count": -1}),
    match(company={"employee_count": "620"}),
    match(company={"employee_count": 10**30}),
    match(person={"title": "\ud800"}),
]


def test_a_malformed_match_is_rejected(db: Database, clock: VirtualClock) -> None:
    app = Scripted(*(PlainTextResponse(json.dumps(malformed)) for malformed in MALFORMED))
    with reach_of(app, db, clock) as reach:
        for _ in MALFORMED:
            found = ask(reach)
            assert (found.outcome, found.values) == ("rejected", {})
            assert re.search(r"breaks the contract in (confidence|person|company)", found.reason or "")


def test_a_number_beyond_all_numbers_is_rejected(db: Database, clock: VirtualClock) -> None:
    """JSON allows 1e999, which Python reads as infinite."""
    body = json.dumps(match(company={"growth_rate": 12345})).replace("12345", "1e999")
    with reach_of(Scripted(PlainTextResponse(body)), db, clock) as reach:
        assert "growth_rate" in (ask(reach).reason or "")


def test_a_rejection_names_the_field_and_not_the_value(db: Database, clock: VirtualClock) -> None:
    app = Scripted(JSONResponse(match(person={"work_email": ["robin.weaver@acmelabs.example"]})))
    with reach_of(app, db, clock) as reach:
        assert ask(reach).reason == "reach: the answer breaks the contract in person.work_email"


def test_fields_that_a_server_adds_are_let_pass(db: Database, clock: VirtualClock) -> None:
    with reach_of(Scripted(JSONResponse(match(person={"pronouns": "they"}, credits_left=5))), db, clock) as reach:
        assert ask(reach).outcome == "hit"


def test_a_batch_is_one_request_and_comes_back_in_any_order(db: Database, clock: VirtualClock) -> None:
    matches = [match(ref=ref, person={"reach_id": f"rch_{ref}"}) for ref in ("3", "1")]
    app = Scripted(JSONResponse({"matches": matches}))
    with reach_of(app, db, clock) as reach:
        found = ask_all(reach, 1, 2, 3)
    assert [answer.outcome for answer in found.values()] == ["hit", "miss", "hit"]
    assert [answer.values.get("reach_id") for answer in found.values()] == ["rch_1", None, "rch_3"]
    assert [answer.cost for answer in found.values()] == [1.0, 0.0, 1.0]
    (asked,) = app.asked
    assert (asked.method, asked.path) == ("POST", "/v1/people/match:batch")
    assert json.loads(asked.body) == {"people": [{"ref": ref, "reach_id": f"rch_{ref}"} for ref in ("1", "2", "3")]}
    assert outcomes(db) == [("match_batch", "status 200", 1)]


def test_a_malformed_match_in_a_batch_rejects_only_its_ref(db: Database, clock: VirtualClock) -> None:
    malformed = dict(enumerate(MALFORMED, 10))
    matches = [match(ref="1"), *({**answer, "ref": str(ref)} for ref, answer in malformed.items()), match(ref="2")]
    with reach_of(Scripted(PlainTextResponse(json.dumps({"matches": matches}))), db, clock) as reach:
        found = ask_all(reach, 1, 2, *malformed)
    assert {ref for ref, answer in found.items() if answer.outcome == "hit"} == {1, 2}
    assert {ref for ref, answer in found.items() if answer.outcome == "rejected"} == set(malformed)


def test_an_answer_that_nobody_asked_for_is_left_out(db: Database, clock: VirtualClock) -> None:
    refs: list[object] = ["99", 1, None, ["1"], {}]
    strangers = [*(match(ref=ref) for ref in refs), match(), "1", None, 7]
    with reach_of(Scripted(JSONResponse({"matches": [*strangers, match(ref="2")]})), db, clock) as reach:
        assert [answer.outcome for answer in ask_all(reach, 1, 2).values()] == ["miss", "hit"]


@pytest.mark.parametrize("content", [[], {}, {"matches": None}, {"matches": {"1": {}}}, "matches"])
def test_a_batch_without_a_list_of_matches_is_rejected(db: Database, clock: VirtualClock, content: object) -> None:
    with reach_of(Scripted(JSONResponse(content)), db, clock) as reach:
        answers = ask_all(reach)
    assert {answer.reason for answer in answers.values()} == {"reach: the answer to a batch has no list of matches"}


def test_more_people_than_a_batch_may_hold_are_asked_about_in_several(db: Database, clock: VirtualClock) -> None:
    app = Scripted(*[JSONResponse({"matches": []})] * 2)
    with reach_of(app, db, clock) as reach:
        assert reach.batch_size == 25
        assert len(ask_all(reach, *range(1, 28))) == 27
    assert [len(json.loads(asked.body)["people"]) for asked in app.asked] == [25, 2]


def test_the_row_is_committed_before_the_request_leaves(db: Database, clock: VirtualClock, tmp_path: Path) -> None:
    """Killed after this moment, the process has counted what the server has counted."""
    seen: list[str] = []

    async def look_into_the_ledger(scope: Scope, receive: Receive, send: Send) -> None:
        await Request(scope, receive).body()
        connection = sqlite3.connect(tmp_path / "test.db")
        seen.extend(outcome for (outcome,) in connection.execute("SELECT outcome FROM rate_limit_tracking"))
        connection.close()
        await problem(404)(scope, receive, send)

    with reach_of(look_into_the_ledger, db, clock) as reach:
        ask(reach)
    assert seen == ["in flight"]


def test_who_would_wait_too_long_does_not_ask(db: Database, clock: VirtualClock) -> None:
    app = Scripted(problem(404), problem(404))
    with reach_of(app, db, clock, max_wait_s=10) as reach:
        ask(reach)
        with reach_at("http://127.0.0.1:9", db, clock, windows=((60, 1),), max_wait_s=10) as tight, pytest.raises(LimitReached):
            ask(tight)
    assert len(app.asked) == len(outcomes(db)) == 1
