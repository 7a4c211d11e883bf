"""What is stale after which change, why, and what reruns: as Dagster itself evaluates it, on the sample after a whole run."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.definitions.data_version import CachingStaleStatusResolver, StaleStatus
from dagster._core.loader import LoadingContextForTest

from liendea_assets import automation
from liendea_assets.cli.instance import open_instance
from liendea_assets.cli.services import sandbox_if_wanted
from liendea_assets.core.environment import read_env_file
from liendea_assets.core.home import Home
from liendea_assets.db.connection import transaction
from liendea_assets.definitions import defs
from liendea_assets.resources import open_home_database
from liendea_assets.scoring.config_watch import look_at_config
from liendea_assets.scoring.load import load_scoring_settings
from liendea_assets.scoring.store import read_last_run
from liendea_assets.scoring.versions import scoring_version
from liendea_assets_tests.conftest import made_home
from liendea_assets_tests.test_definitions import BELOW_THE_SCORES

BY_THE_CONFIG = {"icp_scores", "icp_targets", "icp_accounts"}


@contextmanager
def opened(home: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    monkeypatch.setenv("DAGSTER_HOME", "")
    read_env_file(home.root)
    with open_instance(home) as instance, sandbox_if_wanted(home):
        yield instance


@pytest.fixture(scope="module")
def passed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home of the sample after one run of everything, to copy."""
    with pytest.MonkeyPatch.context() as patch:
        home = made_home(tmp_path_factory.mktemp("lineage") / "home", patch, with_sample=True)
        with opened(home, patch) as instance:
            automation.record_config_version(instance)
            run(instance, "pipeline")
    return home.root


@pytest.fixture
def home(passed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    shutil.copytree(passed, tmp_path / "home")
    return made_home(tmp_path / "home", monkeypatch, with_sample=False)


@pytest.fixture
def instance(home: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    with opened(home, monkeypatch) as instance:
        yield instance


def run(instance: dg.DagsterInstance, job: str, *only: str) -> None:
    keys = [dg.AssetKey(name) for name in only] or None
    result = defs.resolve_job_def(job).execute_in_process(instance=instance, asset_selection=keys, raise_on_error=False)
    assert result.success


def stale(instance: dg.DagsterInstance) -> dict[str, list[str]]:
    """Asset → why it is stale, as the UI tells it; those that are not stale are not told of."""
    graph = defs.resolve_asset_graph()
    resolver = CachingStaleStatusResolver(instance, graph, LoadingContextForTest(instance))
    names = [key for key in graph.get_all_asset_keys() if key.to_user_string() != "icp_scoring_config"]
    return {
        key.to_user_string(): sorted(f"{cause.asset_key.to_user_string()}: {cause.reason}" for cause in resolver.get_stale_root_causes(key))
        for key in names
        if resolver.get_status(key) != StaleStatus.FRESH
    }


def versions(instance: dg.DagsterInstance, *names: str) -> dict[str, str]:
    found = {}
    for name in names:
        event = instance.get_latest_materialization_event(dg.AssetKey(name))
        assert event
        assert event.asset_materialization
        found[name] = str((event.asset_materialization.tags or {})["dagster/data_version"])
    return found


def tick_of_the_config_sensor(instance: dg.DagsterInstance, cursor: str | None) -> tuple[set[str], str | None]:
    """What the sensor asks for; its event is on record then, as the daemon does it."""
    context = dg.build_sensor_context(instance=instance, cursor=cursor, repository_def=defs.get_repository_def())
    result = automation.scoring_config_changed(context)
    if isinstance(result, dg.SkipReason):
        return set(), context.cursor
    assert isinstance(result, dg.SensorResult)
    for event in result.asset_events:
        assert isinstance(event, dg.AssetMaterialization)
        instance.report_runless_asset_event(event)
    requests = result.run_requests or []
    assert len(requests) <= 1
    return {key.to_user_string() for request in requests for key in request.asset_selection or []}, result.cursor


class Conditions:
    """Ticks of the automation's sensor, each with the cursor of the one before."""

    def __init__(self, instance: dg.DagsterInstance) -> None:
        self._instance = instance
        self._cursor = self._evaluate(None).cursor

    def tick(self) -> set[str]:
        result = self._evaluate(self._cursor)
        self._cursor = result.cursor
        return {key.to_user_string() for key in defs.resolve_asset_graph().get_all_asset_keys() if result.get_num_requested(key)}

    def _evaluate(self, cursor: Any) -> Any:
        # all(), for its own default is marked as beta
        return dg.evaluate_automation_conditions(defs, self._instance, dg.AssetSelection.all(), cursor=cursor)


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def change_answer(home: Home) -> None:
    """What a provider would say another time: of one contact, who is a CEO now."""
    db = open_home_database(home)
    with transaction(db) as connection:
        changed = connection.execute(
            """
            UPDATE contact_enrichment SET title = 'Chief Executive Officer'
            WHERE source = 'reach' AND contact_id = (
                SELECT contact_id FROM enriched_contacts
                WHERE json_extract(sources, '$.title[0]') = 'reach' AND title LIKE '%Manager%'
                ORDER BY contact_id
                LIMIT 1
            )
            """
        )
        assert changed.rowcount == 1
    db.conn.close()


def test_after_a_run_nothing_is_stale_and_nothing_reruns(instance: dg.DagsterInstance) -> None:
    assert stale(instance) == {}
    conditions = Conditions(instance)
    assert conditions.tick() == set()
    assert tick_of_the_config_sensor(instance, None)[0] == set()


def test_an_edited_weight_makes_scores_stale_and_reruns_them_and_what_is_below(home: Home, instance: dg.DagsterInstance) -> None:
    conditions = Conditions(instance)
    edit(home.config / "icp_scoring.yaml", "influencer: 15", "influencer: 14")
    requested, cursor = tick_of_the_config_sensor(instance, None)
    assert requested == BELOW_THE_SCORES
    assert set(stale(instance)) >= BY_THE_CONFIG
    assert stale(instance)["icp_scores"] == ["icp_scoring_config: has a new data version"]
    assert not set(stale(instance)) & {"enriched_contacts", "contact_enrichment", "contacts", "companies", "linkedin_connections"}
    # the sensor has asked; the condition does not do so once more
    assert conditions.tick() == set()
    run(instance, "rescoring", *requested)
    assert set(stale(instance)) <= {"email_deliveries"}
    assert conditions.tick() == set()
    assert tick_of_the_config_sensor(instance, cursor)[0] == set()


def test_edited_words_of_titles_do_the_same(home: Home, instance: dg.DagsterInstance) -> None:
    (home.config / "titles.yaml").write_text("roles:\n  bid_manager: {level: influencer, function: sales, words: {en: [tender lead]}}\n")
    requested, _ = tick_of_the_config_sensor(instance, None)
    assert requested == BELOW_THE_SCORES
    assert stale(instance)["icp_scores"] == ["icp_scoring_config: has a new data version"]


def test_a_release_with_other_rules_does_the_same(home: Home, instance: dg.DagsterInstance) -> None:
    """Nobody edited a file; the release before this one had other rules, and its last run is on record."""
    now = look_at_config(home, None, None)
    former = scoring_version(load_scoring_settings(home), "f0f0f0f0f0f0f0f0")
    instance.report_runless_asset_event(automation.config_event(replace(now, version=former, rules_version="f0f0f0f0f0f0f0f0")))
    run(instance, "rescoring", "icp_scores")
    db = open_home_database(home)
    db.conn.execute("UPDATE icp_scoring_runs SET rules_version = 'f0f0f0f0f0f0f0f0'")
    requested, cursor = tick_of_the_config_sensor(instance, former)
    assert requested == BELOW_THE_SCORES
    assert stale(instance)["icp_scores"] == ["icp_scoring_config: has a new data version"]
    run(instance, "rescoring", *requested)
    last = read_last_run(db)
    db.conn.close()
    assert last
    assert last.rules_version == now.rules_version
    assert "icp_scores" not in stale(instance)
    assert tick_of_the_config_sensor(instance, cursor)[0] == set()


def test_a_comment_reruns_nothing(home: Home, instance: dg.DagsterInstance) -> None:
    conditions = Conditions(instance)
    for name in ("icp_scoring.yaml", "titles.yaml"):
        path = home.config / name
        path.write_text("# a word about it\n" + (path.read_text() if path.is_file() else ""))
    assert tick_of_the_config_sensor(instance, None)[0] == set()
    assert stale(instance) == {}
    assert conditions.tick() == set()


def test_a_lower_minimum_changes_targets_and_no_score(home: Home, instance: dg.DagsterInstance) -> None:
    before = versions(instance, "icp_scores", "icp_targets", "icp_accounts")
    edit(home.config / "icp_scoring.yaml", "minimum_score: 50", "minimum_score: 40")
    requested, _ = tick_of_the_config_sensor(instance, None)
    run(instance, "rescoring", *requested)
    after = versions(instance, *before)
    assert {name for name in before if before[name] != after[name]} == {"icp_targets"}


def test_an_import_that_changes_nothing_reruns_nothing_below(home: Home, instance: dg.DagsterInstance) -> None:
    """The same rows in a file of another name, imported alone."""
    conditions = Conditions(instance)
    shutil.copy(home.inbox / "gtm_segmentation_2026q4.xlsx", home.inbox / "gtm_again.xlsx")
    run(instance, "refresh", "gtm_rows", "linkedin_rows", "companies", "contacts", "linkedin_connections")
    assert conditions.tick() == set()
    assert not set(stale(instance)) & {"contact_enrichment", "enriched_contacts", *BY_THE_CONFIG}


def test_enrichment_answers_rerun_scores_and_what_is_below(home: Home, instance: dg.DagsterInstance) -> None:
    conditions = Conditions(instance)
    before = versions(instance, "enriched_contacts", "icp_scores")
    change_answer(home)
    run(instance, "enrichment", "contact_enrichment")
    assert stale(instance)["enriched_contacts"] == ["contact_enrichment: has a new data version"]
    assert conditions.tick() >= {"enriched_contacts", "icp_scores", "icp_targets", "icp_accounts"}
    run(instance, "enrichment", "enriched_contacts", *BELOW_THE_SCORES)
    after = versions(instance, *before)
    assert [before[name] != after[name] for name in before] == [True, True]
    assert conditions.tick() == set()


def test_a_change_that_comes_while_the_scores_are_computed_is_not_lost(home: Home, instance: dg.DagsterInstance) -> None:
    """Dagster's eager() forgets it: the asset's own update resets what it remembers."""
    conditions = Conditions(instance)
    change_answer(home)
    run(instance, "enrichment", "contact_enrichment", "enriched_contacts")
    # a run of the scores that began before ends now
    run(instance, "rescoring", "icp_scores")
    change = conditions.tick()
    assert "icp_scores" in change


def test_the_same_answers_again_rerun_nothing(instance: dg.DagsterInstance) -> None:
    conditions = Conditions(instance)
    run(instance, "enrichment", "contact_enrichment")
    run(instance, "enrichment", "enriched_contacts")
    run(instance, "rescoring", "icp_scores")
    assert conditions.tick() == set()
    assert not set(stale(instance)) & {"enriched_contacts", *BY_THE_CONFIG}


def test_versions_stay_when_everything_runs_again(instance: dg.DagsterInstance) -> None:
    names = ("contacts", "companies", "linkedin_connections", "contact_enrichment", "enriched_contacts", *sorted(BY_THE_CONFIG))
    before = versions(instance, *names)
    run(instance, "refresh")
    assert versions(instance, *names) == before


def test_no_automation_runs_what_exports_mail_or_asks_providers(instance: dg.DagsterInstance) -> None:
    automated = {spec.key.to_user_string() for spec in defs.resolve_all_asset_specs() if spec.automation_condition}
    assert automated == {"enriched_contacts", "suppressions", *BELOW_THE_SCORES} - {"database_backup"}
