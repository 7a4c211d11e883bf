import json

import numpy as np
import pandas as pd
import pytest

from liendea_assets.db.connection import to_records
from liendea_assets.scoring.backtest import backtest, one_per_contact, points_by_part
from liendea_assets.scoring.rule_settings import Band, Cap, Component, RuleSettings
from liendea_assets.scoring.score import score_contacts
from liendea_assets.scoring.settings import ScoringSettings, TitleWeights, Weights
from liendea_assets.scoring.weight_fit import largest_points, positive_effects, suggest_weights

SHIPPED = ScoringSettings()
# What really moves people in the invented world, as log odds of a full share; the config says company size and industry as much as title.
PLANTED = {"title": 3.0, "company_size": 1.5, "industry": 0.7, "growth": 0.0, "connection_strength": 2.2}


def outcomes(*rows: tuple[int, str, str, int | None]) -> pd.DataFrame:
    told = [(*row, None if row[3] is None else json.dumps({"title": row[3]})) for row in rows]
    frame = pd.DataFrame(told, columns=["contact_id", "kind", "happened_on", "icp_score", "points"])
    return frame.astype({"icp_score": "Int64", "points": object})


def world(size: int, seed: int, settings: ScoringSettings = SHIPPED) -> pd.DataFrame:
    """Contacts with outcomes that follow the planted effects, as cases of the back-test."""
    random = np.random.default_rng(seed)
    contacts = pd.DataFrame(
        {
            "contact_id": range(1, size + 1),
            "employee_count": random.choice([5, 20, 600], size),
            "industry": random.choice(["Software", "Media", "Mining"], size),
            "title": random.choice(["CEO", "Sales Manager", "Cook"], size),
            "growth_rate": random.choice([0.3, 0.15, 0.0], size),
            "connection_strength": random.uniform(0, 10, size).round(1),
        }
    )
    scores = score_contacts(contacts, settings)
    points = [{part["name"]: part["points"] for part in json.loads(parts)} for parts in scores["parts"]]
    most = largest_points(settings)
    odds = np.array([sum(effect * given.get(name, 0) / most[name] for name, effect in PLANTED.items()) for given in points])
    is_positive = random.random(size) < 1 / (1 + np.exp(-(odds - np.median(odds))))
    return pd.DataFrame(
        {
            "contact_id": scores["contact_id"],
            "is_positive": is_positive.astype("int64"),
            "icp_score": scores["icp_score"],
            "points": [json.dumps(given) for given in points],
        }
    )


def test_first_positive_outcome_of_a_contact_counts_else_the_first_negative() -> None:
    found = one_per_contact(
        outcomes(
            (1, "negative_reply", "2026-01-01", 10),
            (1, "meeting", "2026-03-01", 30),
            (1, "positive_reply", "2026-02-01", 20),
            (2, "negative_reply", "2026-02-01", 50),
            (2, "negative_reply", "2026-01-01", 40),
        )
    )
    assert list(found[["contact_id", "is_positive", "icp_score"]].itertuples(index=False, name=None)) == [(1, 1, 20), (2, 0, 40)]


def test_bands_and_parts_have_rates_intervals_and_lift() -> None:
    rows = [(id_, "meeting" if id_ <= 8 else "negative_reply", "2026-01-01", 85) for id_ in range(1, 11)]
    rows += [(id_, "meeting" if id_ <= 12 else "negative_reply", "2026-01-01", 100 if id_ == 11 else 5) for id_ in range(11, 21)]
    found = backtest(one_per_contact(outcomes(*rows))).set_index(["kind", "name", "points"])
    best = to_records(found.loc[[("band", "80–89", 80)]])[0]
    assert [best[name] for name in ("outcomes", "positive", "rate")] == [10, 8, 0.8]
    assert (best["rate_low"], best["rate_high"]) == pytest.approx((0.4902, 0.9433), abs=5e-5)
    assert best["lift"] == pytest.approx(0.8 / 0.5)
    assert found.loc[("band", "00–9", 0), "outcomes"] == 9
    assert found.loc[("band", "90–100", 90), "outcomes"] == 1
    assert found.loc[("part", "title", 85), "rate"] == 0.8
    assert found.loc[("all", "all", 0), "lift"] == 1.0


def test_case_without_a_score_does_not_count() -> None:
    assert backtest(one_per_contact(outcomes((1, "meeting", "2026-01-01", None)))).empty
    found = backtest(one_per_contact(outcomes((1, "meeting", "2026-01-01", None), (2, "negative_reply", "2026-01-01", 50))))
    assert found.set_index("kind").loc["all", "outcomes"] == 1
    assert found["lift"].isna().all()


def test_planted_weights_are_found_in_their_order() -> None:
    cases = world(4_000, seed=1)
    suggested = suggest_weights(points_by_part(cases), cases["is_positive"], SHIPPED)
    assert sorted(suggested, key=lambda name: -suggested[name]) == sorted(PLANTED, key=lambda name: -PLANTED[name])
    assert sum(suggested.values()) == 100
    shares = {name: effect / sum(PLANTED.values()) * 100 for name, effect in PLANTED.items()}
    assert all(abs(points - shares[name]) < 6 for name, points in suggested.items())
    found = backtest(cases)
    # the rate of each part's best outcome follows what is planted
    parts = found[found["kind"] == "part"].sort_values("points").groupby("name")["lift"].last()
    assert parts["title"] > parts["company_size"] > parts["industry"] > parts["growth"]
    bands = found[(found["kind"] == "band") & (found["outcomes"] >= 50)].sort_values("points")["rate"].to_numpy()
    assert bands[-1] > bands[len(bands) // 2] > bands[0]


def test_scores_by_the_suggested_weights_tell_more_than_the_former_ones() -> None:
    """Of a second world, which the weights have not seen."""
    cases = world(3_000, seed=2)
    suggested = suggest_weights(points_by_part(cases), cases["is_positive"], SHIPPED)
    others = world(3_000, seed=3)
    parts, most = points_by_part(others), largest_points(SHIPPED)
    new = sum((parts[name] / most[name] * points for name, points in suggested.items()), start=pd.Series(0.0, index=parts.index))

    def concordance(scores: pd.Series) -> float:
        ranks = scores.rank()
        positive = others["is_positive"] == 1
        count = int(positive.sum())
        return float((ranks[positive].sum() - count * (count + 1) / 2) / (count * (len(others) - count)))

    assert concordance(new) > concordance(others["icp_score"]) > 0.5


def test_below_the_sample_floor_nothing_is_suggested() -> None:
    cases = world(400, seed=4)
    parts = points_by_part(cases)
    positive, negative = cases.index[cases["is_positive"] == 1], cases.index[cases["is_positive"] == 0]
    enough = positive[:20].union(negative[:20])
    assert suggest_weights(parts.loc[enough], cases.loc[enough, "is_positive"], SHIPPED)
    for few in (enough.drop(positive[0]), enough.drop(negative[0])):
        assert suggest_weights(parts.loc[few], cases.loc[few, "is_positive"], SHIPPED) == {}


def test_part_that_lowers_the_odds_gets_nothing_and_the_others_share() -> None:
    random = np.random.default_rng(5)
    shares = random.integers(0, 2, (500, 2)).astype(float)
    outcome = (random.random(500) < 1 / (1 + np.exp(-(2 * shares[:, 0] - 2 * shares[:, 1])))).astype(float)
    effects = positive_effects(shares, outcome)
    assert effects[0] > 0
    assert effects[1] == 0


def test_outcomes_that_are_parted_perfectly_give_finite_weights() -> None:
    shares = np.repeat([[0.0], [1.0]], 30, axis=0)
    effects = positive_effects(shares, np.repeat([0.0, 1.0], 30))
    assert np.isfinite(effects).all()


def test_components_of_ones_own_are_fitted_too_with_their_caps() -> None:
    rules = (RuleSettings(field="employee_count", bands=(Band(min=500, points=20),)),)
    component = Component(name="size", weight=2, cap=Cap(max=30), rules=rules)
    settings = ScoringSettings(components=(component,), weights=Weights(title=TitleWeights(decision_maker=20, influencer=5)))
    assert largest_points(settings)["size"] == 30
    cases = world(2_000, seed=6, settings=settings)
    parts = points_by_part(cases)
    # beyond 100 points the parts of the plan may not go, which the config refuses
    assert sum(points for name, points in suggest_weights(parts, cases["is_positive"], settings).items() if name != "size") <= 100
    assert {"size", "size.cap"} <= set(parts.columns)
    suggested = suggest_weights(parts, cases["is_positive"], settings)
    assert sum(suggested.values()) <= sum(largest_points(settings).values())
    assert suggested["size"] < 30
