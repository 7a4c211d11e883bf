"""A provider within the limits that all services share: what its answers tell of them, threads, windows over people."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from liendea_assets import resources
from liendea_assets.core.errors import LimitReached, QuotaGone, ServiceUnavailable, SettingsError
from liendea_assets.core.home import Home
from liendea_assets.db.connection import Database
from liendea_assets.enrichment.provider import PersonQuery
from liendea_assets.enrichment.providers.load import add_windows
from liendea_assets.enrichment.run import enrich
from liendea_assets.enrichment.settings import EnrichmentSettings
from liendea_assets.sandbox.serving import serving
from liendea_assets_tests.clients.servers import Scripted
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.enrichment.providers.serving import ROBIN, outcomes, provider_at, provider_of, written_file
from liendea_assets_tests.enrichment.providers.test_settings import GOOD
from liendea_assets_tests.enrichment.rows import add_answer, add_contact

HIT = {"person": {"title": "VP"}}
OAUTH2 = "auth: {kind: oauth2, client_id: FIFTH_CLIENT, secret: FIFTH_TOKEN, token_path: /token}"
BATCH = """\
    batch: {path: /all, size: 10, envelope: people, item: {id: "{ref}", mail: "{email}"}, answers: found, correlate: {by: order}}
mapping:
"""


def test_a_window_that_the_provider_tells_holds_besides_those_of_its_file(tmp_path: Path, db: Database, clock: VirtualClock) -> None:
    answers = [JSONResponse(HIT, headers={"RateLimit-Policy": '"small";q=2;w=50'}) for _ in range(3)]
    with provider_of(Scripted(*answers), written_file(tmp_path, "fifth", GOOD), db, clock) as provider:
        began = clock.now()
        for _ in range(3):
            provider.look_up([ROBIN])
    assert [(row["service"], row["seconds"], row["requests"]) for row in db.table("learned_limits").rows] == [("fifth", 50, 2)]
    assert (clock.now() - began).total_seconds() == pytest.approx(50, abs=0.1)


def test_a_throttled_answer_that_tells_no_wait_is_waited_for_until_its_limits_reset(
    tmp_path: Path, db: Database, clock: VirtualClock
) -> None:
    text = GOOD + "answers: {throttled: [{status: 403}], refused: [{status: 401}]}\n"
    throttled = JSONResponse({}, 403, {"RateLimit": '"small";r=0;t=20'})
    with provider_of(Scripted(throttled, JSONResponse(HIT)), written_file(tmp_path, "fifth", text), db, clock) as provider:
        began = clock.now()
        assert provider.look_up([ROBIN])[0].outcome == "hit"
    assert (clock.now() - began).total_seconds() == pytest.approx(20, abs=0.1)


def test_a_quota_that_is_gone_is_waited_for_as_long_as_the_file_says(tmp_path: Path, db: Database, clock: VirtualClock) -> None:
    text = GOOD + "answers: {throttled: [{status: 503}], quota_gone: [{status: 429}]}\nretry_after: {quota_s: 300}\n"
    app = Scripted(JSONResponse({}, 429), JSONResponse(HIT))
    with provider_of(app, written_file(tmp_path, "fifth", text), db, clock) as provider:
        with pytest.raises(QuotaGone):
            provider.look_up([ROBIN])
        began = clock.now()
        assert provider.look_up([ROBIN])[0].outcome == "hit"
    assert (clock.now() - began).total_seconds() == pytest.approx(300, abs=0.1)


def test_a_provider_that_fails_five_times_in_a_row_is_left_alone(tmp_path: Path, db: Database, clock: VirtualClock) -> None:
    app = Scripted(*[JSONResponse({}, 500)] * 9)
    with provider_of(app, written_file(tmp_path, "fifth", GOOD), db, clock, max_wait_s=5) as provider:
        for _ in range(3):
            with pytest.raises(ServiceUnavailable):
                provider.look_up([ROBIN])
    assert len(app.asked) == 5


class TokenServer:
    """Knows one token at a time."""

    def __init__(self) -> None:
        self.given = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        await request.body()
        await self._answer(request)(scope, receive, send)

    def _answer(self, request: Request) -> Response:
        if request.url.path == "/token":
            self.given += 1
            return JSONResponse({"access_token": f"token-{self.given}", "expires_in": 3_600})
        return JSONResponse(HIT) if request.headers["authorization"] == f"Bearer token-{self.given}" else JSONResponse({}, 401)


def test_threads_share_a_provider_and_its_token(tmp_path: Path, db: Database, clock: VirtualClock) -> None:
    server = TokenServer()
    file = written_file(tmp_path, "fifth", GOOD.replace("auth: {kind: bearer, secret: FIFTH_TOKEN}", OAUTH2).replace("10}", "1000}"))
    with serving(server) as url, provider_at(url, file, db, clock) as provider, ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda number: provider.look_up([PersonQuery(number, email="a@b.example")])[0], range(40)))
        assert server.given == 1
        # somebody else got one, and ours is none any more
        server.given += 1
        found += pool.map(lambda number: provider.look_up([PersonQuery(number, email="a@b.example")])[0], range(40))
    assert {answer.outcome for answer in found} == {"hit"}
    assert server.given == 3
    assert {action for _, action, _ in outcomes(db)} == {"find", "token"}


def test_slots_of_people_are_held_while_those_after_them_are_waited_for(tmp_path: Path, db: Database, clock: VirtualClock) -> None:
    under_way: list[int] = []
    path = db.conn.execute("PRAGMA database_list").fetchone()["file"]

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        people = (await Request(scope, receive).json()).get("people", []) if scope["method"] == "POST" else []
        connection = sqlite3.connect(path)
        under_way.append(connection.execute("SELECT count(*) FROM rate_limit_tracking WHERE number IS NULL").fetchone()[0])
        connection.close()
        await JSONResponse({"found": [HIT] * len(people)} if people else HIT)(scope, receive, send)

    text = GOOD.replace("requests: 10}", "requests: 10}, {seconds: 100, entities: 3}").replace("mapping:\n", BATCH)
    with provider_of(app, written_file(tmp_path, "fifth", text), db, clock) as provider:
        for number in range(2):
            provider.look_up([PersonQuery(number, email="a@b.example")])
        clock.sleep(50)
        provider.look_up([PersonQuery(number, email=f"{number}@b.example") for number in range(3)])
    assert under_way == [2, 2, 4]


def test_the_usage_of_limits_tells_of_providers_too(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUNTER_BASE_URL", "http://127.0.0.1:9")
    (configured,) = resources.configured_providers(home)
    assert configured.name == "hunter"
    windows = add_windows([configured], resources.windows_in_force(home))
    assert {"reach", "linkedin", "email"} < set(windows)
    assert any(key.startswith("hunter") for key in windows)


def test_a_request_that_is_made_again_on_the_same_day_bears_the_same_key(tmp_path: Path, db: Database, clock: VirtualClock) -> None:
    """As a run does that was killed before the answer came; after another answer's time it is a new request."""
    app = Scripted(JSONResponse({}, 503, {"Retry-After": "1"}), *[JSONResponse(HIT) for _ in range(4)])
    file = written_file(tmp_path, "fifth", GOOD + "idempotency_header: Idempotency-Key\n")
    for _ in range(2):
        with provider_of(app, file, db, clock) as provider:
            assert provider.look_up([ROBIN])[0].outcome == "hit"
    with provider_of(app, file, db, clock) as provider:
        provider.look_up([PersonQuery(2, email="a@b.example")])
        clock.sleep(86_400)
        provider.look_up([ROBIN])
    keys = [asked.headers["idempotency-key"] for asked in app.asked]
    assert keys[0] == keys[1] == keys[2]
    assert len(set(keys)) == 3


def test_a_batch_is_no_larger_than_a_window_of_people(tmp_path: Path, db: Database, clock: VirtualClock) -> None:
    """Ten at once would wait for ever where three are allowed."""
    text = GOOD.replace("requests: 10}", "requests: 10}, {seconds: 100, entities: 3}").replace("mapping:\n", BATCH) + "concurrency: 1\n"
    for _ in range(10):
        add_answer(db, add_contact(db), "gtm", work_email="a@b.example")
    sizes: list[int] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        people = (await Request(scope, receive).json()).get("people", []) if scope["method"] == "POST" else []
        sizes.append(max(1, len(people)))
        await JSONResponse({"found": [HIT] * len(people)} if people else HIT)(scope, receive, send)

    began = clock.now()
    with provider_of(app, written_file(tmp_path, "fifth", text), db, clock) as provider:
        assert provider.batch_size == 3
        report = enrich(db, provider, EnrichmentSettings(), clock, lambda *told: None)
    assert (report.hits, report.stopped, sorted(sizes)) == (10, None, [1, 3, 3, 3])
    assert (clock.now() - began).total_seconds() == pytest.approx(300, abs=2)


def test_people_who_have_no_room_leave_nothing_in_the_ledger(tmp_path: Path, db: Database, clock: VirtualClock) -> None:
    text = GOOD.replace("requests: 10}", "requests: 10}, {seconds: 100, entities: 3}").replace("mapping:\n", BATCH)
    with provider_of(
        Scripted(JSONResponse({"found": [HIT, HIT]})), written_file(tmp_path, "fifth", text), db, clock, max_wait_s=5
    ) as provider:
        provider.look_up([PersonQuery(number, email="a@b.example") for number in (1, 2)])
        before = outcomes(db)
        assert len(before) == 3
        with pytest.raises(LimitReached):
            provider.look_up([PersonQuery(number, email="a@b.example") for number in (3, 4)])
    assert outcomes(db) == before


TWO_STEPS = """\
  - name: search
    needs: [[email]]
    request: {path: /search, query: {email: "{email}"}}
mapping:
"""


def test_an_answer_is_told_before_the_next_call_of_the_same_batch_is_made(tmp_path: Path, db: Database, clock: VirtualClock) -> None:
    """Killed during the search for the third, the first two are not paid for again."""
    hit: dict[str, object] = {"person": {"title": "VP"}}
    nobody: dict[str, object] = {"person": {}}
    app = Scripted(JSONResponse({"found": [hit, nobody, nobody]}), JSONResponse(hit), JSONResponse({}, 401))
    text = GOOD.replace("mapping:\n", BATCH).replace("mapping:\n", TWO_STEPS)
    told: list[tuple[int, list[int]]] = []
    with provider_of(app, written_file(tmp_path, "fifth", text), db, clock) as provider, pytest.raises(SettingsError):
        provider.look_up(
            [PersonQuery(number, email=f"{number}@b.example") for number in (1, 2, 3)],
            lambda answers: told.append((len(app.asked), [answer.contact_id for answer in answers])),
        )
    assert told == [(1, [1]), (2, [2])]
