import json

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liendea_assets.scoring.parts import parts_total, show_value
from liendea_assets.scoring.score import priorities, score_contacts
from liendea_assets.scoring.settings import (
    EmployeeRange,
    GrowthLine,
    IndustryWeights,
    ScoringSettings,
    SizeWeights,
    TitleWeights,
    Weights,
)
from liendea_assets_tests.builders import scoring_contacts

SHIPPED = ScoringSettings()
BEST: dict[str, object] = {
    "employee_count": 620,
    "industry": "Software",
    "title": "VP Sales",
    "growth_rate": 0.25,
    "connection_strength": 10.0,
}

people = st.lists(
    st.fixed_dictionaries(
        {
            "employee_count": st.none() | st.integers(0, 20_000) | st.sampled_from([10, 50, 5_000, 10_000]),
            "industry": st.none() | st.sampled_from(["Software", "saas", "Media", "Mining", ""]) | st.text(max_size=12),
            "title": st.none() | st.sampled_from(["VP Sales", "Manager", "Chef", "Former CEO", ""]) | st.text(max_size=12),
            "growth_rate": st.none() | st.floats(-1, 5) | st.sampled_from([0.1, 0.2]),
            "connection_strength": st.none() | st.floats(0, 10),
        }
    ),
    max_size=8,
)


@st.composite
def profiles(draw: st.DrawFn) -> ScoringSettings:
    """Any settings that a file may hold."""
    # five shares of at most 100 points, the first of at least one
    cuts = sorted(draw(st.lists(st.integers(1, 100), min_size=5, max_size=5)))
    size, industry, title, growth, tie = (cut - before for cut, before in zip(cuts, [0, *cuts[:4]], strict=True))
    lower = st.floats(0, 1)
    low, high = sorted(draw(st.lists(st.integers(0, 20_000), min_size=2, max_size=2)))
    lines = draw(
        st.lists(
            st.builds(GrowthLine, above=st.floats(-1, 3), points=st.integers(0, growth)), max_size=3, unique_by=lambda line: line.above
        )
    )
    priority_lines = draw(st.lists(st.integers(0, 100), min_size=4, max_size=4, unique=True))
    return ScoringSettings(
        target_employee_range=EmployeeRange(min=low, max=high),
        weights=Weights(
            company_size=SizeWeights(target=size, acceptable=int(size * draw(lower))),
            industry=IndustryWeights(target=int(industry * draw(lower)), secondary=industry),
            title=TitleWeights(decision_maker=title, influencer=int(title * draw(lower))),
            growth=tuple(lines),
            connection_strength=tie,
        ),
        priority_lines=(*sorted(priority_lines, reverse=True),),  # type: ignore[arg-type]  # four of them
    )


def score(settings: ScoringSettings = SHIPPED, /, **values: object) -> dict[str, object]:
    """The scored row of one contact."""
    return {str(name): value for name, value in score_contacts(scoring_contacts(values), settings).iloc[0].items()}


def test_best_contact_has_100_points_and_priority_1() -> None:
    best = score(**BEST)
    assert (best["icp_score"], best["score_min"], best["score_max"], best["coverage"], best["priority"]) == (100, 100, 100, 1.0, 1)


def test_contact_of_whom_nothing_is_known_may_still_be_the_best() -> None:
    blank = score()
    assert (blank["icp_score"], blank["score_min"], blank["score_max"], blank["coverage"], blank["priority"]) == (0, 0, 100, 0.0, 5)


@pytest.mark.parametrize(
    ("unknown", "most"),
    [("employee_count", 25), ("industry", 25), ("title", 25), ("growth_rate", 15), ("connection_strength", 10)],
)
def test_unknown_leaves_open_what_it_could_give(unknown: str, most: int) -> None:
    """No points, and none taken from the others: the score could still be whole."""
    found = score(**(BEST | {unknown: None}))
    assert (found["icp_score"], found["score_min"], found["score_max"]) == (100 - most, 100 - most, 100)
    assert found["coverage"] == pytest.approx(1 - most / 100)


def test_weights_that_add_up_to_less_make_a_lower_best() -> None:
    settings = ScoringSettings(weights=Weights(industry=IndustryWeights(target=5, secondary=0), growth=()))
    found = score(settings, **(BEST | {"title": None}))
    assert (found["icp_score"], found["score_max"]) == (40, 65)
    assert found["coverage"] == pytest.approx(40 / 65, abs=1e-4)


def test_parts_show_value_points_rule_and_field() -> None:
    parts = json.loads(str(score(**(BEST | {"growth_rate": None}))["parts"]))
    assert parts[0] == {
        "name": "company_size",
        "label": "Employees",
        "group": "fit",
        "value": 620,
        "points": 25,
        "rule": "within the target range 50–5000",
        "field": "employee_count",
        "source": None,
    }
    assert [parts[3][key] for key in ("name", "value", "points", "rule", "field")] == ["growth", None, 0, "unknown", "growth_rate"]


def test_reasons_read_as_sentences() -> None:
    reasons = score(employee_count=1_200, industry="Mining", title="Sales Manager", growth_rate=0.2)["reasons"]
    assert reasons == (
        "Employees 1,200: within the target range 50–5000 (+25); "
        "Industry Mining: neither a target nor a secondary industry (+0); "
        'Title Sales Manager: an influencer by "Manager" (+15); '
        "Yearly growth 20 %: growth above 10 % (+8); "
        "Connection strength unknown"
    )


@pytest.mark.parametrize(("points", "priority"), [(100, 1), (80, 1), (79, 2), (65, 2), (64, 3), (50, 3), (49, 4), (35, 4), (34, 5), (0, 5)])
def test_a_priority_begins_at_its_line(points: int, priority: int) -> None:
    assert priorities(pd.Series([points]), SHIPPED.priority_lines).tolist() == [priority]


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("growth_rate", 0.25, "25 %"),
        ("growth_rate", 0.1234, "12.3 %"),
        ("growth_rate", None, "unknown"),
        ("employee_count", 12_000, "12,000"),
        ("connection_strength", 7.0, "7"),
        ("title", "VP", "VP"),
    ],
)
def test_values_are_shown_as_people_write_them(name: str, value: object, shown: str) -> None:
    assert show_value(name, value) == shown


@settings(deadline=None, max_examples=25)
@given(people, profiles())
def test_score_is_the_sum_of_its_parts_within_its_interval(rows: list[dict[str, object]], profile: ScoringSettings) -> None:
    scores = score_contacts(scoring_contacts(*rows), profile)
    assert len(scores) == len(rows)
    for found in scores.itertuples():
        assert found.icp_score == parts_total(str(found.parts))
        assert 0 <= int(str(found.score_min)) <= int(str(found.icp_score)) <= int(str(found.score_max)) <= 100
        assert 0 <= float(str(found.coverage)) <= 1
        assert 1 <= int(str(found.priority)) <= 5


@settings(deadline=None, max_examples=10)
@given(people, st.randoms())
def test_order_of_the_rows_changes_no_score(rows: list[dict[str, object]], random: object) -> None:
    contacts = scoring_contacts(*rows)
    order = list(contacts.index)
    random.shuffle(order)  # type: ignore[attr-defined]  # a random.Random
    shuffled = score_contacts(contacts.loc[order], SHIPPED).sort_values("contact_id", ignore_index=True)
    pd.testing.assert_frame_equal(shuffled, score_contacts(contacts, SHIPPED))


@settings(deadline=None, max_examples=10)
@given(people)
def test_a_column_more_changes_no_score(rows: list[dict[str, object]]) -> None:
    contacts = scoring_contacts(*rows)
    pd.testing.assert_frame_equal(score_contacts(contacts.assign(shoe_size=43), SHIPPED), score_contacts(contacts, SHIPPED))


@settings(deadline=None, max_examples=10)
@given(people, st.sampled_from(["employee_count", "industry", "title", "growth_rate", "connection_strength"]), profiles())
def test_forgetting_a_value_never_narrows_what_is_possible(rows: list[dict[str, object]], forgotten: str, profile: ScoringSettings) -> None:
    """An unknown value widens the interval and lowers the coverage; it never takes more than the value gave."""
    known = score_contacts(scoring_contacts(*rows), profile)
    less = score_contacts(scoring_contacts(*({**row, forgotten: None} for row in rows)), profile)
    assert (less["score_max"] >= known["score_max"]).all()
    assert (less["score_min"] <= known["score_min"]).all()
    assert (less["coverage"] <= known["coverage"]).all()
