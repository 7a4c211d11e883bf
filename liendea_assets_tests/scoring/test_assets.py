from typing import Any

import dagster as dg

from liendea_assets.core.home import Home
from liendea_assets.db.connection import Database
from liendea_assets.scoring import assets, target_store
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.contacts import add_contact


def materialize(home: Home, db: Database, clock: VirtualClock) -> tuple[dg.MaterializeResult[Any], dg.MaterializeResult[Any]]:
    """Scores, then targets, a minute later."""
    clock.sleep(60)
    scores = assets.icp_scores(home=home, database=db, clock=clock)
    targets = assets.icp_targets(home=home, database=db, clock=clock)
    assert isinstance(scores, dg.MaterializeResult)
    assert isinstance(targets, dg.MaterializeResult)
    return scores, targets


def test_scores_follow_the_file_and_tell_what_changed(home: Home, db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1)
    first, _ = materialize(home, db, clock)
    (home.config / "icp_scoring.yaml").write_text("target_industries: [Mining]\nminimum_score: 70\n")
    second, targets = materialize(home, db, clock)
    assert first.metadata is not None
    assert second.metadata is not None
    assert (first.metadata["changed_by_first"], second.metadata["changed_by_config"]) == (1, 1)
    assert (first.metadata["at_or_above_minimum"], second.metadata["at_or_above_minimum"]) == (1, 0)
    assert target_store.read_targets(db).empty
    assert targets.metadata is not None
    assert targets.metadata["dagster/row_count"] == 0


def test_same_scores_have_the_same_data_version(home: Home, db: Database, clock: VirtualClock) -> None:
    """What lies below is not stale because somebody looked again."""
    add_contact(db, 1)
    first, second = materialize(home, db, clock), materialize(home, db, clock)
    assert [result.data_version for result in first] == [result.data_version for result in second]


def test_checks_pass_and_nobody_is_named_in_the_metadata(home: Home, db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1, strength=4.0)
    for result in materialize(home, db, clock):
        assert all(check.passed for check in result.check_results or [])
        assert "Robin" not in repr(result)
        assert "acmelabs" not in repr(result)


def test_nobody_to_score_is_no_error(home: Home, db: Database, clock: VirtualClock) -> None:
    scores, _ = materialize(home, db, clock)
    assert scores.metadata is not None
    assert scores.metadata["mean_score"] == 0.0
    assert [check.passed for check in scores.check_results or []] == [True] * 4
