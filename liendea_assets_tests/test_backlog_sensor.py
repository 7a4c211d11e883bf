"""The sensor of the backlog, evaluated as Dagster's daemon does: with the cursor of the tick before, on a real home."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta

import dagster as dg
import pytest
from dagster._core.events import EngineEventData

from liendea_assets import automation
from liendea_assets.cli.instance import open_instance
from liendea_assets.core.clock import SystemClock, to_text
from liendea_assets.core.home import Home
from liendea_assets.db.connection import Database, exclusive
from liendea_assets.definitions import defs
from liendea_assets.enrichment.providers.job_store import JobStore
from liendea_assets.enrichment.run import LOCK
from liendea_assets.enrichment.spending import Purse
from liendea_assets.resources import open_home_database, open_limiter
from liendea_assets.runs import BELIEVED_FOR, is_one_under_way
from liendea_assets.sandbox.reach_server import TOKEN, create_app, sample_people
from liendea_assets.sandbox.serving import serving
from liendea_assets_tests.enrichment.rows import add_company, add_contact

SHARE = 3
ENRICHMENT = dg.AssetKey("contact_enrichment")


@pytest.fixture
def db(home: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """Reach is a server of the user's; a run asks about few."""
    path = home.config / "enrichment.yaml"
    path.write_text(path.read_text().replace("contacts_per_run: 50", f"contacts_per_run: {SHARE}"))
    opened = open_home_database(home)
    with serving(create_app(sample_people(), [(60, 1_000)])) as url:
        monkeypatch.setenv("REACH_BASE_URL", url)
        monkeypatch.setenv("REACH_API_TOKEN", TOKEN)
        yield opened
    opened.conn.close()


@pytest.fixture
def instance(home: Home) -> Iterator[dg.DagsterInstance]:
    with open_instance(home) as opened:
        yield opened


class Daemon:
    def __init__(self, instance: dg.DagsterInstance) -> None:
        self.instance = instance
        self.cursor: str | None = None

    def tick(self) -> str | None:
        """Why no run is asked for; None where one is."""
        context = dg.build_sensor_context(instance=self.instance, cursor=self.cursor, repository_def=defs.get_repository_def())
        result = automation.enrichment_backlog(context)
        assert isinstance(result, dg.SensorResult | dg.SkipReason)
        if isinstance(result, dg.SkipReason):
            return result.skip_message
        self.cursor = result.cursor
        if result.run_requests:
            (request,) = result.run_requests
            assert request.asset_selection is not None
            assert dg.AssetKey("contact_enrichment") in request.asset_selection
            assert dg.AssetKey("email_deliveries") not in request.asset_selection
            return None
        assert isinstance(result.skip_reason, dg.SkipReason)
        return result.skip_reason.skip_message

    def run(self) -> None:
        job = defs.get_repository_def().get_job("enrichment")
        assert job.execute_in_process(instance=self.instance, asset_selection=[dg.AssetKey("contact_enrichment")]).success


def test_runs_follow_each_other_until_nobody_is_left(db: Database, instance: dg.DagsterInstance) -> None:
    company = add_company(db)
    for _ in range(2 * SHARE + 1):
        add_contact(db, company_id=company)
    daemon = Daemon(instance)
    assert daemon.tick() == "Nobody was asked about yet; materialise the pipeline once."
    daemon.run()
    assert daemon.tick() is None
    daemon.run()
    assert daemon.tick() is None
    daemon.run()
    assert daemon.tick() == "Nobody is left to ask about."
    assert db.table("contact_enrichment").count_where("source = 'reach'") == 2 * SHARE + 1


def test_it_waits_for_the_limits(home: Home, db: Database, instance: dg.DagsterInstance) -> None:
    company = add_company(db)
    for _ in range(SHARE + 1):
        add_contact(db, company_id=company)
    daemon = Daemon(instance)
    daemon.run()
    ledger = open_home_database(home, durable=True)
    open_limiter(home, ledger, SystemClock(), [], []).block("reach", 500, "asked for a pause")
    ledger.conn.close()
    said = daemon.tick()
    assert said is not None
    assert said.startswith("1 contacts are left; reach has room again in ")


def test_it_leaves_a_run_that_is_under_way_alone(db: Database, instance: dg.DagsterInstance) -> None:
    company = add_company(db)
    for _ in range(SHARE + 1):
        add_contact(db, company_id=company)
    daemon = Daemon(instance)
    daemon.run()
    job = defs.get_repository_def().get_job("refresh")
    under_way = instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED)
    assert daemon.tick() == "A run that asks providers is under way."
    instance.report_run_canceled(under_way)
    assert daemon.tick() is None


def begun(instance: dg.DagsterInstance, process: int | None) -> dg.DagsterRun:
    """A run in progress that is to ask providers, and what it told of its process."""
    job = defs.get_repository_def().get_job("refresh")
    run = instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED, asset_selection=frozenset({ENRICHMENT}))
    if process is not None:
        instance.report_engine_event("Executing steps in process", run, EngineEventData.in_process(process))
    return run


def a_dead_process() -> int:
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    process.kill()
    process.wait()
    return process.pid


def test_after_a_kill_of_the_very_first_run_another_is_asked_for(db: Database, instance: dg.DagsterInstance) -> None:
    """The killed run is told to have failed at once: it would keep its places in the pools for hours."""
    add_contact(db, company_id=add_company(db))
    killed = begun(instance, a_dead_process())
    daemon = Daemon(instance)
    assert daemon.tick() is None
    record = instance.get_run_by_id(killed.run_id)
    assert record is not None
    assert record.status is dg.DagsterRunStatus.FAILURE


def test_a_run_whose_process_lives_is_left_alone(db: Database, instance: dg.DagsterInstance) -> None:
    add_contact(db, company_id=add_company(db))
    begun(instance, os.getpid())
    assert Daemon(instance).tick() == "A run that asks providers is under way."


def test_a_run_that_tells_nothing_of_its_process_is_believed_for_a_while(db: Database, instance: dg.DagsterInstance) -> None:
    begun(instance, None)
    now = SystemClock().now()
    assert is_one_under_way(instance, {"refresh"}, now)
    assert not is_one_under_way(instance, {"refresh"}, now + BELIEVED_FOR)
    assert not is_one_under_way(instance, {"another"}, now)


def test_after_a_kill_of_a_later_run_another_is_asked_for(db: Database, instance: dg.DagsterInstance) -> None:
    """It had given somebody new an address by which they can be asked about, which no look at new contacts shows."""
    contact = add_contact(db, linkedin_id=None, first_name=None, last_name=None)
    daemon = Daemon(instance)
    daemon.run()
    assert daemon.tick() == "Nobody is left to ask about."
    db.table("contacts").update(contact, {"linkedin_id": "robin-weaver"})
    begun(instance, a_dead_process())
    assert daemon.tick() is None
    daemon.run()
    assert daemon.tick() == "Nobody is left to ask about."


def test_who_came_and_whose_answer_expired_is_noticed(db: Database, instance: dg.DagsterInstance) -> None:
    company = add_company(db)
    former = add_contact(db, company_id=company)
    daemon = Daemon(instance)
    daemon.run()
    assert daemon.tick() == "Nobody is left to ask about."
    add_contact(db, company_id=company)
    assert daemon.tick() is None
    daemon.run()
    assert daemon.tick() == "Nobody is left to ask about."
    db.conn.execute("UPDATE contact_enrichment SET expires_at = ? WHERE contact_id = ?", [to_text(SystemClock().now()), former])
    assert daemon.tick() is None


def test_a_process_that_asks_outside_of_dagster_is_left_alone(db: Database, instance: dg.DagsterInstance) -> None:
    add_contact(db, company_id=add_company(db))
    begun(instance, a_dead_process())
    daemon = Daemon(instance)
    with exclusive(db, LOCK.format(provider="reach")):
        assert daemon.tick() == "A process that asks providers is under way."
    assert daemon.tick() is None


def test_an_open_job_is_not_forgotten(home: Home, db: Database, instance: dg.DagsterInstance) -> None:
    contact = add_contact(db, company_id=add_company(db))
    daemon = Daemon(instance)
    daemon.run()
    assert daemon.tick() == "Nobody is left to ask about."
    now = SystemClock().now()
    store = open_home_database(home, durable=True)
    jobs = JobStore(store, "reach")
    job = jobs.add(
        "match",
        [contact],
        now,
        now + timedelta(hours=1),
        Purse(store, "reach", SystemClock()).reserve("match", 1, per_person=1, per_call=0).id,
    )
    jobs.open(job, "x1", now + timedelta(seconds=900))
    said = daemon.tick()
    assert said is not None
    assert said.startswith("A job of reach is under way; it may be asked for in ")
    jobs.postpone(job, now)
    assert daemon.tick() is None
    store.conn.close()


def test_without_what_a_provider_needs_it_says_so(db: Database, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REACH_API_TOKEN", "")
    said = Daemon(instance).tick()
    assert said is not None
    assert "REACH_API_TOKEN" in said
