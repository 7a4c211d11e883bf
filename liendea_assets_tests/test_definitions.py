"""The asset graph as Dagster sees it, its automation, and what its metadata must not hold."""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import pytest

from liendea_assets import automation
from liendea_assets.cli.instance import open_instance
from liendea_assets.cli.services import sandbox_if_wanted
from liendea_assets.core.clock import SystemClock
from liendea_assets.core.environment import read_env_file
from liendea_assets.core.home import Home
from liendea_assets.db.migrations import open_migrated
from liendea_assets.definitions import STAGES, defs
from liendea_assets.resources import open_linkedin_account
from liendea_assets.sandbox.linkedin_server import LinkedIn, Member, create_app
from liendea_assets.sandbox.serving import serving
from liendea_assets_tests.builders import gtm_row, make_workbook
from liendea_assets_tests.conftest import VirtualClock, made_home
from liendea_assets_tests.linkedin_members import full_domains
from liendea_assets_tests.reports.test_metric_truth import assert_true

BELOW_THE_SCORES = {
    "icp_scores",
    "icp_targets",
    "icp_accounts",
    "icp_target_analysis",
    "email_queue",
    "linkedin_queue",
    "pipeline_metrics",
    "daily_report",
    "target_report",
    "scoring_backtest",
    "database_backup",
}


@contextmanager
def opened(home: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    """The instance of a home beside the sandbox."""
    monkeypatch.setenv("DAGSTER_HOME", "")
    read_env_file(home.root)
    with open_instance(home) as instance, sandbox_if_wanted(home):
        yield instance


@pytest.fixture
def instance(sample_home: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    with opened(sample_home, monkeypatch) as instance:
        yield instance


def names(selection: dg.AssetSelection) -> set[str]:
    return {key.to_user_string() for key in selection.resolve(defs.resolve_asset_graph())}


def run_pipeline(instance: dg.DagsterInstance, job: str = "pipeline") -> dg.ExecuteInProcessResult:
    return defs.resolve_job_def(job).execute_in_process(instance=instance, raise_on_error=False)


CANARY = "Zyxcanary"


@pytest.fixture(scope="module")
def passed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, dg.ExecuteInProcessResult]:
    """The home of the sample after one run, to look into, not to change. A row with a canary in every personal field is in it."""
    row = gtm_row(
        first=CANARY,
        last=f"{CANARY}son",
        email=f"{CANARY}@acmelabs.example",
        linkedin=f"https://linkedin.com/in/{CANARY}",
        title=f"VP {CANARY}",
    )
    with pytest.MonkeyPatch.context() as patch:
        home = made_home(tmp_path_factory.mktemp("passed") / "home", patch, with_sample=True)
        make_workbook(home.inbox / "canary.xlsx", [row])
        with opened(home, patch) as instance:
            automation.record_config_version(instance)
            return home, run_pipeline(instance)


def test_definitions_load() -> None:
    dg.Definitions.validate_loadable(defs)


def test_every_asset_says_what_it_holds_and_whose_it_is() -> None:
    for spec in defs.resolve_all_asset_specs():
        assert spec.description, spec.key
        assert spec.owners, spec.key
        assert spec.kinds, spec.key
        assert spec.group_name in STAGES, spec.key


def test_data_flows_one_way() -> None:
    """No stage depends on a later one."""
    order = list(STAGES)
    specs = {spec.key: spec for spec in defs.resolve_all_asset_specs()}
    for spec in specs.values():
        for dep in spec.deps:
            assert order.index(str(specs[dep.asset_key].group_name)) <= order.index(str(spec.group_name))


def test_a_config_change_touches_the_scores_and_what_is_below_and_nothing_that_exports_mail() -> None:
    assert names(automation.SCORES_AND_BELOW) == BELOW_THE_SCORES


def test_no_automation_runs_what_exports_mail() -> None:
    scheduled = {
        asset.to_user_string() for job in ("refresh", "rescoring") for asset in defs.resolve_job_def(job).asset_layer.executable_asset_keys
    }
    assert "email_deliveries" not in scheduled


def test_the_whole_graph_passes_with_all_its_checks(passed: tuple[Home, dg.ExecuteInProcessResult]) -> None:
    _, result = passed
    assert result.success
    checks = result.get_asset_check_evaluations()
    assert all(check.passed for check in checks)
    blocking = {check.check_name for check in checks if check.blocking}
    assert blocking >= {"contacts_are_unique", "every_row_is_accounted_for", "scores_are_the_sum_of_their_parts", "nobody_is_suppressed"}


def test_metrics_of_the_sample_equal_an_independent_computation(
    passed: tuple[Home, dg.ExecuteInProcessResult], tmp_path: Path, clock: VirtualClock
) -> None:
    home, _ = passed
    with sqlite3.connect(home.data / "liendea.db") as source, sqlite3.connect(tmp_path / "copy.db") as copy:
        source.backup(copy)
    source.close()
    copy.close()
    db = open_migrated(tmp_path / "copy.db")
    assert_true(db, clock)
    db.conn.close()


def test_every_table_asset_reports_rows_schema_and_a_masked_preview(passed: tuple[Home, dg.ExecuteInProcessResult]) -> None:
    _, result = passed
    shown = {
        event.asset_key.to_user_string(): event.materialization.metadata
        for event in result.get_asset_materialization_events()
        if event.asset_key
    }
    assert "enriched_contacts" in shown
    for name, metadata in shown.items():
        if name not in {"email_deliveries", "daily_report", "target_report", "database_backup"}:
            assert metadata["dagster/row_count"].value is not None, name
            assert "dagster/column_schema" in metadata, name
            assert "preview" in metadata, name


def test_no_person_reaches_the_instance_folder(passed: tuple[Home, dg.ExecuteInProcessResult]) -> None:
    """The canary is in the database; then every file that Dagster wrote is searched for it."""
    home, _ = passed
    canary = CANARY.lower().encode()
    assert any(canary in path.read_bytes().lower() for path in home.data.glob("*.db*"))
    written = [path for path in home.dagster.rglob("*") if path.is_file()]
    assert written
    for path in written:
        assert canary not in path.read_bytes().lower(), path


def test_an_unreadable_file_fails_its_check_and_nothing_else(sample_home: Home, instance: dg.DagsterInstance) -> None:
    (sample_home.inbox / "notes.xlsx").write_text("this is no workbook")
    result = run_pipeline(instance)
    assert result.success
    failed = [check for check in result.get_asset_check_evaluations() if not check.passed]
    assert [(check.asset_key.to_user_string(), check.check_name) for check in failed] == [("gtm_rows", "every_file_was_read")]


def test_a_suppression_file_that_is_not_understood_stops_the_queues(sample_home: Home, instance: dg.DagsterInstance) -> None:
    (sample_home.data / "suppressions.csv").write_text("somebody at example\n")
    result = run_pipeline(instance)
    assert not result.success
    made = {event.asset_key.to_user_string() for event in result.get_asset_materialization_events() if event.asset_key}
    assert "icp_targets" in made
    assert not made & {"email_queue", "linkedin_queue", "email_deliveries"}


class TestTheConfigSensor:
    """Evaluated as Dagster's daemon does: with the cursor of the tick before."""

    @pytest.fixture
    def scored_home(self, passed: tuple[Home, dg.ExecuteInProcessResult], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
        """A copy of the home after its run, to change."""
        shutil.copytree(passed[0].root, tmp_path / "scored")
        return made_home(tmp_path / "scored", monkeypatch, with_sample=False)

    @pytest.fixture
    def scored(self, scored_home: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
        with opened(scored_home, monkeypatch) as instance:
            assert instance.get_runs_count() == 1
            yield instance

    def tick(self, instance: dg.DagsterInstance, cursor: str | None) -> tuple[list[dg.RunRequest], str | None]:
        context = dg.build_sensor_context(instance=instance, cursor=cursor, repository_def=defs.get_repository_def())
        result = automation.scoring_config_changed(context)
        if isinstance(result, dg.SkipReason):
            return [], context.cursor
        assert isinstance(result, dg.SensorResult)
        for event in result.asset_events:
            assert isinstance(event, dg.AssetMaterialization)
            instance.report_runless_asset_event(event)
        return list(result.run_requests or []), result.cursor

    def edit(self, home: Home, old: str, new: str) -> None:
        path = home.config / "icp_scoring.yaml"
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    def test_an_edited_weight_asks_for_exactly_one_run_of_the_scores_and_below(self, scored_home: Home, scored: dg.DagsterInstance) -> None:
        requests, cursor = self.tick(scored, None)
        assert not requests
        self.edit(scored_home, "influencer: 15", "influencer: 14")
        requests, cursor = self.tick(scored, cursor)
        assert [{key.to_user_string() for key in request.asset_selection or []} for request in requests] == [BELOW_THE_SCORES]
        assert not requests[0].run_key
        requests, _ = self.tick(scored, cursor)
        assert not requests

    def test_going_back_to_a_former_config_reruns_too(self, scored_home: Home, scored: dg.DagsterInstance) -> None:
        _, cursor = self.tick(scored, None)
        for old, new in (("influencer: 15", "influencer: 14"), ("influencer: 14", "influencer: 15")):
            self.edit(scored_home, old, new)
            requests, cursor = self.tick(scored, cursor)
            assert len(requests) == 1

    def test_a_comment_and_the_order_of_keys_rerun_nothing(self, scored_home: Home, scored: dg.DagsterInstance) -> None:
        _, cursor = self.tick(scored, None)
        self.edit(scored_home, "minimum_score: 50\n", "")
        path = scored_home.config / "icp_scoring.yaml"
        path.write_text("minimum_score: 50  # moved up\n" + path.read_text())
        requests, _ = self.tick(scored, cursor)
        assert not requests

    def test_a_config_that_is_not_right_fails_the_tick_with_its_line(self, scored_home: Home, scored: dg.DagsterInstance) -> None:
        self.edit(scored_home, "minimum_score: 50", "minimum_score: fifty")
        with pytest.raises(Exception, match=r"icp_scoring\.yaml:\d+: minimum_score: found 'fifty'"):
            self.tick(scored, None)


def test_the_inbox_sensor_waits_until_a_file_is_whole(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_instance(home) as instance:
        make_workbook(home.inbox / "a.xlsx", [gtm_row()])

        def tick(cursor: str | None) -> tuple[bool, str | None]:
            context = dg.build_sensor_context(instance=instance, cursor=cursor, repository_def=defs.get_repository_def())
            result = automation.inbox_changed(context)
            assert isinstance(result, dg.SensorResult)
            requests = result.run_requests or []
            assert not any("email_deliveries" in {key.to_user_string() for key in request.asset_selection or []} for request in requests)
            return bool(requests), result.cursor

        asked, cursor = tick(None)
        assert not asked
        asked, cursor = tick(cursor)
        assert asked
        asked, cursor = tick(cursor)
        assert not asked


def test_a_failed_run_is_told_in_the_alerts_file(home: Home) -> None:
    @dg.job
    def broken() -> None:
        @dg.op
        def breaks() -> None:
            raise RuntimeError("somebody@example.com")

        breaks()

    with open_instance(home) as instance:
        result = broken.execute_in_process(instance=instance, raise_on_error=False)
        context = dg.build_run_status_sensor_context(
            sensor_name="run_failed",
            dagster_instance=instance,
            dagster_run=result.dagster_run,
            dagster_event=result.get_run_failure_event(),
        ).for_run_failure()
        automation.run_failed(context)
    alert = json.loads((home.logs / "alerts.jsonl").read_text())
    assert alert["failed_steps"] == ["breaks"]
    assert "somebody" not in json.dumps(alert)


def test_complaints_are_looked_for_by_a_sensor_of_their_own(instance: dg.DagsterInstance) -> None:
    told = automation.complaint_came(dg.build_sensor_context(instance))
    assert isinstance(told, dg.SkipReason)
    assert told.skip_message == "No new complaint."


def test_workspace_names_the_module_that_make_dev_serves() -> None:
    text = (Path(__file__).resolve().parents[1] / "workspace.yaml").read_text()
    assert "module_name: liendea_assets.definitions" in text


def fetch_linkedin(instance: dg.DagsterInstance, account: str) -> dg.ExecuteInProcessResult:
    config = {"ops": {"fetch_linkedin_archive": {"config": {"account": account}}}}
    return defs.resolve_job_def("linkedin_fetch").execute_in_process(run_config=config, instance=instance, raise_on_error=False)


def test_a_linkedin_fetch_from_the_ui_says_how_to_authorise(instance: dg.DagsterInstance) -> None:
    result = fetch_linkedin(instance, "alex")
    assert not result.success
    failure = result.failure_data_for_node("fetch_linkedin_archive")
    assert failure
    assert "liendea linkedin authorise --account alex" in failure.error_display_string


def test_a_linkedin_fetch_from_the_ui_brings_the_archive(
    instance: dg.DagsterInstance, sample_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = LinkedIn(Member(full_domains()), [])
    token = server.give_token()
    (sample_home.config / "rate_limits.yaml").write_text(
        "linkedin: {requests_per_minute: 100, requests_per_hour: 100, requests_per_day: 100}\n"
    )
    with serving(create_app(server)) as url:
        monkeypatch.setenv("LINKEDIN_API_URL", url)
        with open_linkedin_account(sample_home, SystemClock(), "alex") as account:
            account.keep_token(token)
        result = fetch_linkedin(instance, "alex")
    assert result.success
    assert (sample_home.inbox / "linkedin_api_alex.zip").is_file()
    recorded = "".join(path.read_text(errors="replace") for path in sample_home.dagster.rglob("*") if path.is_file())
    assert token not in recorded
    assert "zoe-0" not in recorded


def test_nothing_fetches_from_linkedin_by_itself() -> None:
    repository = defs.get_repository_def()
    jobs = {schedule.job_name for schedule in repository.schedule_defs}
    jobs |= {target.job_name for sensor in repository.sensor_defs for target in sensor.targets}
    assert "refresh" in jobs
    assert "linkedin_fetch" not in jobs
