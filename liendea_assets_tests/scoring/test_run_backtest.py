import json

import pytest
import yaml

from liendea_assets.core.home import Home
from liendea_assets.db.connection import Database, to_records
from liendea_assets.scoring.load import load_scoring_settings
from liendea_assets.scoring.run_backtest import run_backtest
from liendea_assets.scoring.weight_fit import largest_points
from liendea_assets_tests.contacts import CREATED_AT, add_contact
from liendea_assets_tests.scoring.test_backtest import world


def fill(db: Database, size: int) -> None:
    """Outcomes of the invented world, with the scores of their time."""
    for case in to_records(world(size, seed=7)):
        add_contact(db, case["contact_id"])
        row = {"contact_id": case["contact_id"], "kind": "meeting" if case["is_positive"] else "negative_reply", "noted_by": "me"}
        row |= {"icp_score": case["icp_score"], "points": case["points"], "happened_on": "2026-10-05", "noted_at": "t"}
        row |= {"scored_as_of": CREATED_AT}
        db.table("contact_outcomes").insert(row)


def test_suggestion_is_a_file_that_is_right_and_that_nothing_applies(home: Home, db: Database) -> None:
    fill(db, 600)
    before = {path: path.read_bytes() for path in home.config.rglob("*.yaml")}
    settings = load_scoring_settings(home)
    found = run_backtest(db, home, settings)
    assert found.candidate is not None
    assert found.candidate.parent == home.config / "candidates"
    assert {path: path.read_bytes() for path in before} == before
    candidate = load_scoring_settings(home, found.candidate)
    assert largest_points(candidate) == dict(zip(found.suggestion["part"], found.suggestion["suggested"], strict=True))
    assert largest_points(candidate)["title"] > largest_points(settings)["title"]
    assert candidate.model_copy(update={"weights": settings.weights}) == settings
    assert candidate.weights.title.influencer == pytest.approx(candidate.weights.title.decision_maker * 15 / 25, abs=0.5)
    head = found.candidate.read_text(encoding="utf-8").splitlines()[1]
    assert head == f"# It rests on {found.positive} positive and {found.negative} negative outcomes."


def test_same_outcomes_make_one_file(home: Home, db: Database) -> None:
    fill(db, 300)
    settings = load_scoring_settings(home)
    first, second = run_backtest(db, home, settings), run_backtest(db, home, settings)
    assert first.candidate == second.candidate
    assert len(list((home.config / "candidates").iterdir())) == 1
    assert len(list(db.table("scoring_backtest").rows)) == len(first.found)


def test_below_the_floor_there_is_no_file_and_the_reason_is_told(home: Home, db: Database) -> None:
    fill(db, 30)
    found = run_backtest(db, home, load_scoring_settings(home))
    assert found.candidate is None
    assert "nothing is suggested below 20 positive and 20 negative outcomes; there are " in found.why
    assert not (home.config / "candidates").exists()
    assert not found.found.empty


def test_weight_of_an_own_component_is_scaled(home: Home, db: Database) -> None:
    own = {"name": "market", "weight": 0.5, "rules": [{"field": "country", "values": [{"any_of": ["DE"], "points": 20}]}]}
    weights = {"company_size": {"target": 20, "acceptable": 10}, "industry": {"target": 20, "secondary": 10}}
    (home.config / "icp_scoring.yaml").write_text(yaml.safe_dump({"weights": weights, "components": [own]}))
    for number in range(80):
        add_contact(db, number + 1)
        is_home, is_positive = number % 2, number % 8 < 7 if number % 2 else number % 8 < 2
        row = {"contact_id": number + 1, "kind": "meeting" if is_positive else "negative_reply", "happened_on": "2026-10-05"}
        points = {"market": 10 * is_home, "title": 25 * (number % 3 == 0), "industry": 0}
        row |= {
            "icp_score": sum(points.values()),
            "points": json.dumps(points),
            "scored_as_of": CREATED_AT,
            "noted_by": "me",
            "noted_at": "t",
        }
        db.table("contact_outcomes").insert(row)
    found = run_backtest(db, home, load_scoring_settings(home))
    assert found.candidate is not None
    candidate = load_scoring_settings(home, found.candidate)
    suggested = dict(zip(found.suggestion["part"], found.suggestion["suggested"], strict=True))
    assert suggested["market"] > 10
    assert candidate.components[0].weight == pytest.approx(0.5 * suggested["market"] / 10, abs=0.001)
    assert candidate.weights.industry.target == 20


def test_no_outcomes_are_no_error(home: Home, db: Database) -> None:
    found = run_backtest(db, home, load_scoring_settings(home))
    assert (found.positive, found.negative, found.unscored, len(found.found)) == (0, 0, 0, 0)
