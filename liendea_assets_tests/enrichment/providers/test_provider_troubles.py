"""What goes wrong with one provider in whole runs, and what becomes of everybody else."""

import json
import threading
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from liendea_assets.core.clock import to_text
from liendea_assets.db.connection import BUSY_TIMEOUT_MS, Database, open_database, transaction
from liendea_assets.enrichment import spending_store
from liendea_assets.enrichment.provider import Provider
from liendea_assets.enrichment.providers.http_provider import HttpProvider
from liendea_assets.enrichment.providers.job_store import JobStore
from liendea_assets.enrichment.providers.load import ProviderFile
from liendea_assets.enrichment.report import EnrichmentReport
from liendea_assets.enrichment.run import enrich_all
from liendea_assets.enrichment.settings import EnrichmentSettings
from liendea_assets.sandbox.serving import serving
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.enrichment.providers.plain_server import BATCH, FIND, HIT, MISS, VERIFY, PlainServer, plain_file
from liendea_assets_tests.enrichment.providers.serving import outcomes, provider_at
from liendea_assets_tests.enrichment.rows import add_contact, answers

SETTINGS = EnrichmentSettings(contacts_per_run=1_000)


@contextmanager
def asked(app: PlainServer, file: ProviderFile, db: Database, clock: VirtualClock) -> Iterator[HttpProvider]:
    """The provider of a file, in front of this server."""
    with serving(app) as url, provider_at(url, file, db, clock, settings=SETTINGS) as provider:
        yield provider


def run(db: Database, clock: VirtualClock, *providers: Provider) -> dict[str, EnrichmentReport]:
    return enrich_all(db, providers, SETTINGS, clock, lambda *_: None)


def test_a_quota_that_is_used_up_hands_nobody_to_the_next(db: Database, clock: VirtualClock, tmp_path: Path) -> None:
    """Also of a provider whose file says nothing of quotas: 402 is the same word everywhere."""
    for _ in range(3):
        add_contact(db)
    first, second = PlainServer(lambda *_: JSONResponse({}, 402)), PlainServer(lambda *_: HIT)
    with (
        asked(first, plain_file(tmp_path, "first"), db, clock) as cheap,
        asked(second, plain_file(tmp_path, "second", more="wanted: [title]"), db, clock) as dear,
    ):
        report = run(db, clock, cheap, dear)["first"]
    assert (len(first.asked), second.asked, report.is_failure) == (1, [], False)
    assert report.stopped == "first: the quota is used up (status 402); asked again later"


@pytest.mark.parametrize("table", ["rate_limit_tracking", "provider_spending"])
def test_an_answer_is_kept_though_its_end_or_its_cost_cannot_be_noted(
    db: Database, clock: VirtualClock, tmp_path: Path, table: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The attempt counts until its latest end, and the call as the most that it may cost."""
    contact = add_contact(db)
    db.conn.execute(f"CREATE TRIGGER full_disk BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, 'no'); END")
    server = PlainServer(lambda *_: HIT)
    with asked(server, plain_file(tmp_path, "first"), db, clock) as provider:
        report = run(db, clock, provider)["first"]
    assert (len(server.asked), report.hits, report.stopped) == (1, 1, None)
    assert answers(db, "first")[contact]["title"] == "Head of Sales"
    assert (outcomes(db), [row["spent"] for row in db["provider_spending"].rows]) == (
        ([("first", "find", "in flight")], [1.0]) if table == "rate_limit_tracking" else ([("first", "find", "status 200")], [None])
    )
    assert "is not" in caplog.text
    assert "Weaver" not in caplog.text


class Failing(PlainServer):
    """Fails on some people each time, and on one request in `every` besides; knows everybody else, alone or by the batch."""

    def __init__(self, people: Collection[int], every: int = 0) -> None:
        super().__init__(lambda *_: HIT)
        self._profiles = {f"robin-weaver{person}" for person in people}
        self._every = every
        self._requests = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        body = await request.body()
        people = json.loads(body)["people"] if body else [{"id": "", "profile": request.query_params["profile"]}]
        self.asked.append((request.url.path, ",".join(person["profile"] for person in people)))
        self._requests += 1
        fails = any(person["profile"] in self._profiles for person in people) or (self._every and self._requests % self._every == 0)
        found = {"found": [{"id": person["id"], "title": "Head of Sales"} for person in people], "title": "Head of Sales"}
        await JSONResponse(found, 500 if fails else 200)(scope, receive, send)


@pytest.mark.parametrize("operations", [FIND, BATCH], ids=["alone", "by the batch"])
@pytest.mark.parametrize("failed", [[1], [7], [60], [1, 2], [1, 2, 3], [24, 25, 26], [3, 30, 55]])
def test_somebody_on_whom_a_server_fails_stops_nobody_else(
    db: Database, clock: VirtualClock, tmp_path: Path, operations: str, failed: list[int]
) -> None:
    """It is recorded for a day; the next provider is asked about these alone."""
    people = [add_contact(db) for _ in range(60)]
    first, second = Failing(failed), PlainServer(lambda *_: HIT)
    with (
        asked(first, plain_file(tmp_path, "first", operations), db, clock) as cheap,
        asked(second, plain_file(tmp_path, "second", more="wanted: [title]"), db, clock) as dear,
    ):
        report = run(db, clock, cheap, dear)["first"]
    said = answers(db, "first")
    assert (report.hits, report.rejected, report.stopped, list(said)) == (60 - len(failed), len(failed), None, people)
    assert [contact for contact, row in said.items() if row["outcome"] == "rejected"] == failed
    assert all(said[contact]["expires_at"] <= to_text(clock.now() + timedelta(days=1)) for contact in failed)
    assert sorted(profile for _, profile in second.asked) == sorted(f"robin-weaver{person}" for person in failed)
    assert len(first.asked) < 60 + 40 * len(failed)


def test_a_provider_with_a_tenth_of_faults_answers_or_is_recorded_to_fail_for_everybody(
    db: Database, clock: VirtualClock, tmp_path: Path
) -> None:
    """A tenth of all calls may be made again, which is less than that many faults take."""
    people = [add_contact(db) for _ in range(400)]
    server = Failing([], every=8)
    with asked(server, plain_file(tmp_path, "first", more="concurrency: 4"), db, clock) as provider:
        report = run(db, clock, provider)["first"]
    assert (report.stopped, list(answers(db, "first"))) == (None, people)
    assert 0 < report.rejected < 40


@pytest.mark.parametrize("operations", [FIND, BATCH], ids=["alone", "by the batch"])
def test_a_provider_that_fails_on_everybody_is_left_soon(db: Database, clock: VirtualClock, tmp_path: Path, operations: str) -> None:
    people = [add_contact(db) for _ in range(60)]
    first, second = Failing(people), PlainServer(lambda *_: HIT)
    with (
        asked(first, plain_file(tmp_path, "first", operations), db, clock) as cheap,
        asked(second, plain_file(tmp_path, "second", more="wanted: [title]"), db, clock) as dear,
    ):
        began = clock.now()
        reports = run(db, clock, cheap, dear)
    assert (reports["first"].is_failure, reports["first"].needs_somebody) == (True, False)
    assert len(first.asked) <= 10
    assert clock.now() - began < timedelta(minutes=3)
    assert reports["second"].hits == 60
    assert len(answers(db, "first")) <= 2


class TestAnOperationWithLimitsOfItsOwn:
    """Finding knows nobody of the first three; the verifier may be asked once a day, and knows everybody."""

    @pytest.fixture
    def server(self) -> PlainServer:
        unknown = {f"robin-weaver{number}" for number in (1, 2, 3)}
        return PlainServer(lambda path, profile: MISS if path == "/find" and profile in unknown else HIT)

    @staticmethod
    def ask(db: Database, clock: VirtualClock, server: PlainServer, folder: Path, share: int = 1_000) -> EnrichmentReport:
        settings = EnrichmentSettings(contacts_per_run=share)
        file = plain_file(folder, "first", FIND + VERIFY)
        with serving(server) as url, provider_at(url, file, db, clock, settings=settings, max_wait_s=60) as provider:
            return enrich_all(db, [provider], settings, clock, lambda *_: None)["first"]

    def test_that_are_full_keeps_what_was_said_and_lets_the_others_go_on(
        self, db: Database, clock: VirtualClock, tmp_path: Path, server: PlainServer
    ) -> None:
        for _ in range(6):
            add_contact(db)
        report = self.ask(db, clock, server, tmp_path)
        assert Counter(path for path, _ in server.asked) == {"/find": 6, "/verify": 1}
        assert (report.hits, report.left, report.is_failure) == (4, 2, False)
        assert "first-verifier: every slot is taken" in str(report.stopped)
        clock.sleep(600)
        assert self.ask(db, clock, server, tmp_path).left == 2
        assert len(server.asked) == 7, "nobody is asked about again while the verifier has no room"
        for left in (1, 0):
            clock.sleep(86_400)
            assert self.ask(db, clock, server, tmp_path).left == left
        assert Counter(path for path, _ in server.asked) == {"/find": 6, "/verify": 3}
        assert [row["outcome"] for row in answers(db, "first").values()] == ["hit"] * 6
        assert [row["cost"] for row in answers(db, "first").values()] == [1.0] * 6

    def test_takes_no_share_from_others_while_it_is_full(
        self, db: Database, clock: VirtualClock, tmp_path: Path, server: PlainServer
    ) -> None:
        for _ in range(6):
            add_contact(db)
        for _ in range(4):
            self.ask(db, clock, server, tmp_path, share=2)
        assert list(answers(db, "first")) == [1, 4, 5, 6]
        assert len(server.asked) == 7

    def test_is_asked_alone_after_it_has_failed(self, db: Database, clock: VirtualClock, tmp_path: Path) -> None:
        """The earlier one has answered, and was paid for it."""
        add_contact(db)
        server = PlainServer(lambda path, _: MISS if path == "/find" else Response(status_code=500))
        assert self.ask(db, clock, server, tmp_path).hits == 0
        clock.sleep(2 * 86_400)
        self.ask(db, clock, server, tmp_path)
        assert [path for path, _ in server.asked].count("/find") == 1


def test_the_reference_of_a_job_waits_for_whoever_writes_for_longer_than_a_transaction_waits(
    db: Database, clock: VirtualClock, tmp_path: Path
) -> None:
    contact = add_contact(db)
    jobs, writer = JobStore(db, "first"), open_database(tmp_path / "test.db")
    with transaction(db) as connection:
        spending_id = spending_store.add(connection, "first", "find", 1, 1.0, clock.now())
    job_id = jobs.add("find", [contact], clock.now(), clock.now(), spending_id)
    writer.conn.execute("BEGIN IMMEDIATE")
    threading.Timer(BUSY_TIMEOUT_MS / 1000 + 1, writer.conn.rollback).start()
    jobs.open(job_id, "job-1", clock.now())
    writer.conn.close()
    assert [stored.reference for stored in jobs.read()] == ["job-1"]
