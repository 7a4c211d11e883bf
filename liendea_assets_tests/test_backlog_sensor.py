"""The sensor of the backlog, evaluated as Dagster's daemon does: with the cursor of the tick before, on a real home."""

from collections.abc import Iterator

import dagster as dg
import pytest

from liendea_assets import automation
from liendea_assets.cli.instance import open_instance
from liendea_assets.core.clock import SystemClock
from liendea_assets.core.home import Home
from liendea_assets.db.connection import Database
from liendea_assets.definitions import defs
from liendea_assets.resources import open_home_database, open_limiter
from liendea_assets.sandbox.reach_server import TOKEN, create_app, sample_people
from liendea_assets.sandbox.serving import serving
from liendea_assets_tests.enrichment.rows import add_company, add_contact

SHARE = 3


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


def test_without_what_a_provider_needs_it_says_so(db: Database, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REACH_API_TOKEN", "")
    said = Daemon(instance).tick()
    assert said is not None
    assert "REACH_API_TOKEN" in said
