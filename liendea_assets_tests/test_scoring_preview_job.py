"""The Dagster job shows what a scoring config would do, and nobody's data."""

import dagster as dg
import pytest

from liendea_assets.core.clock import to_text
from liendea_assets.core.home import Home
from liendea_assets.definitions import defs
from liendea_assets.resources import open_home_database
from liendea_assets.scoring.load import load_scoring_settings
from liendea_assets.scoring.rescore import rescore
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.contacts import add_contact


def run_job(name: str, key: str = "file") -> dg.ExecuteInProcessResult:
    return defs.resolve_job_def("scoring_preview").execute_in_process(run_config={key: name}, raise_on_error=False)


def metadata_of(name: str, key: str = "file") -> dict[str, str]:
    done = run_job(name, key)
    assert done.success
    (event,) = done.filter_events(lambda event: event.event_type == dg.DagsterEventType.STEP_OUTPUT)
    return {key: str(value.value) for key, value in event.step_output_data.metadata.items()}


@pytest.fixture
def scored_home(home: Home, clock: VirtualClock) -> Home:
    db = open_home_database(home)
    for contact_id in (1, 2):
        add_contact(db, contact_id)
    rescore(db, load_scoring_settings(home), to_text(clock.now()))
    db.conn.close()
    (home.config / "candidates").mkdir()
    (home.config / "candidates" / "next.yaml").write_text("decision_maker_titles: [Chief]\ninfluencer_titles: [VP]\nminimum_score: 20\n")
    return home


def test_counts_tiers_keys_and_ids_are_shown_and_nobodys_data(scored_home: Home) -> None:
    shown = metadata_of("candidates/next.yaml")
    assert (shown["contacts"], shown["scores_that_fall"], shown["enter_the_targets"]) == ("2", "2", "2")
    assert "| 1 | 2 | 0 | 0 | 0 | 0 |" in shown["priorities_now_and_then"]
    assert "| influencer_titles | 2 | 0 | 2 |" in shown["due_to"]
    assert "| 1 | 90 | 80 | 1 | 1 |" in shown["move_the_furthest_ids"]
    for secret in ("Robin", "Weaver", "VP Sales", "acmelabs", "Acme"):
        assert secret not in str(shown)


def test_words_of_titles_are_a_candidate_too(scored_home: Home) -> None:
    (scored_home.config / "candidates" / "words.yaml").write_text("roles: {trapeze: {level: influencer, words: {en: [trapeze]}}}\n")
    shown = metadata_of("candidates/words.yaml", "titles")
    assert shown["headline"].endswith("changed: titles.roles.trapeze")
    assert not run_job("../outside.yaml", "titles").success


def test_accounts_are_shown_by_their_ids(scored_home: Home) -> None:
    db = open_home_database(scored_home)
    db.table("companies").insert({"id": 7, "name": "Acme Labs", "created_at": "t", "updated_at": "t"})
    db.conn.close()
    shown = metadata_of("candidates/next.yaml")
    assert shown["accounts_with_another_score"] == "1"
    assert "| 7 | " in shown["accounts_ids"]
    assert "Acme" not in str(shown)


def test_nothing_is_written(scored_home: Home) -> None:
    before = (scored_home.data / "liendea.db").read_bytes()
    metadata_of("candidates/next.yaml")
    assert (scored_home.data / "liendea.db").read_bytes() == before


def test_only_files_in_config_are_looked_at(scored_home: Home) -> None:
    (scored_home.root / "outside.yaml").write_text("minimum_score: 60\n")
    for name in ("../outside.yaml", "missing.yaml", str(scored_home.root / "outside.yaml")):
        assert not run_job(name).success


def test_without_a_database_it_says_so(home: Home) -> None:
    done = run_job("icp_scoring.yaml")
    failure = done.failure_data_for_node("show_scoring_preview")
    assert failure
    assert "there is no database yet" in failure.error_display_string
