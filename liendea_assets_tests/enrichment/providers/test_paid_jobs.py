"""Jobs are paid for: they are asked for although nothing more may be spent."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from liendea_assets.core.clock import to_text
from liendea_assets.db.connection import Database
from liendea_assets.enrichment.newly_due import Seen, count_newly_due, find_backlog
from liendea_assets.enrichment.run import enrich
from liendea_assets.enrichment.settings import BudgetSettings, EnrichmentSettings
from liendea_assets.sandbox.serving import serving
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.enrichment.providers.serving import provider_at, written_file
from liendea_assets_tests.enrichment.rows import add_contact, answers

FILE = """
base_url: FIRST_BASE_URL
auth: {kind: none}
limits: {key: first, windows: [{seconds: 60, requests: WINDOW}]}
answers: {pending: [{status: 202}], hit: [{status: 200}]}
disclose: [linkedin_url]
operations:
  - name: find
    needs: [[linkedin_url]]
    request: {path: /p, query: {u: "{linkedin_url}"}}
    job: {reference: id, poll: {path: "/j/{job}"}, interval_s: 30, deadline_s: 3600}
mapping: {fields: {title: title}}
"""


class Worker:
    """Takes every job, and has done it when it is asked for."""

    def __init__(self, *, is_done: bool = True) -> None:
        self.is_done = is_done
        self.asked: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        self.asked.append(request.url.path)
        if request.url.path == "/p":
            response: Response = JSONResponse({"id": f"x{len(self.asked)}"})
        else:
            response = JSONResponse({"title": "VP Sales"}, 200 if self.is_done else 202)
        await response(scope, receive, send)


def quiet(_done: int, _total: int, _left_s: float | None) -> None:
    pass


def test_an_open_job_is_asked_for_in_the_run_that_has_spent_the_budget(db: Database, clock: VirtualClock, tmp_path: Path) -> None:
    for _ in range(3):
        add_contact(db)
    settings = EnrichmentSettings(budgets={"first": BudgetSettings(credits_per_day=1)})
    worker = Worker()
    file = written_file(tmp_path, "first", FILE.replace("WINDOW", "100"))
    with serving(worker) as url, provider_at(url, file, db, clock, settings=settings) as provider:
        report = enrich(db, provider, settings, clock, quiet)
    assert worker.asked == ["/p", "/j/x1"]
    assert [row["title"] for row in answers(db, "first").values()] == ["VP Sales"]
    assert (report.asked, report.left, report.pending, report.is_failure) == (1, 2, 0, False)
    assert report.stopped is not None
    assert "budget" in report.stopped


def test_a_run_ends_where_no_job_may_be_asked_for_either(db: Database, clock: VirtualClock, tmp_path: Path) -> None:
    for _ in range(3):
        add_contact(db)
    settings, worker = EnrichmentSettings(), Worker()
    file = written_file(tmp_path, "first", FILE.replace("WINDOW", "1").replace("seconds: 60", "seconds: 86400"))
    with serving(worker) as url, provider_at(url, file, db, clock, settings=settings) as provider:
        began = clock.now()
        report = enrich(db, provider, settings, clock, quiet)
        assert (clock.now() - began).total_seconds() < 60
        backlog = find_backlog([provider], {"first": report.left}, clock.now())
    assert worker.asked == ["/p"]
    assert (report.left, report.pending, report.is_failure) == (2, 1, False)
    assert 86_000 < backlog.job_in_s["first"] <= 86_401


def test_a_job_that_is_open_at_the_end_of_a_run_is_backlog(db: Database, clock: VirtualClock, tmp_path: Path) -> None:
    add_contact(db)
    settings = EnrichmentSettings()
    file = written_file(tmp_path, "first", FILE.replace("WINDOW", "1000"))
    with serving(Worker(is_done=False)) as url, provider_at(url, file, db, clock, settings=settings) as provider:
        report = enrich(db, provider, settings, clock, quiet)
        seen = {"first": Seen(1, to_text(clock.now()))}
        left = count_newly_due(db, [provider], settings, to_text(clock.now()), seen)
        backlog = find_backlog([provider], left, clock.now())
    assert (report.left, dict(backlog.left)) == (0, {"first": 0})
    assert 0 <= backlog.job_in_s["first"] <= 30
