import json

import pytest

from liendea_assets.scoring.score import score_contacts
from liendea_assets.scoring.settings import PLAN_PARTS, EmployeeRange, GrowthLine, ScoringSettings, Weights
from liendea_assets_tests.builders import scoring_contacts

SHIPPED = ScoringSettings()


def look(part: str, settings: ScoringSettings = SHIPPED, **values: object) -> tuple[int, str]:
    """Points and reason that a part of the plan gives a contact with these values."""
    parts = json.loads(score_contacts(scoring_contacts(values), settings)["parts"].iloc[0])
    found = next(one for one in parts if one["name"] == part)
    return int(found["points"]), str(found["rule"])


def points(part: str, settings: ScoringSettings = SHIPPED, **values: object) -> int:
    return look(part, settings, **values)[0]


@pytest.mark.parametrize(
    ("employees", "expected"),
    [
        (0, 0), (9, 0), (10, 15), (49, 15), (50, 25), (51, 25), (4_999, 25), (5_000, 25), (5_001, 15), (10_000, 15), (10_001, 0),
        (2_000_000, 0),
    ],
)  # fmt: skip
def test_both_ends_of_an_employee_range_belong_to_it(employees: int, expected: int) -> None:
    assert points("company_size", employee_count=employees) == expected


def test_employee_ranges_come_from_the_settings() -> None:
    settings = ScoringSettings(target_employee_range=EmployeeRange(min=1, max=1), acceptable_employee_range=EmployeeRange(min=3, max=4))
    assert [points("company_size", settings, employee_count=count) for count in (1, 2, 3, 4, 5)] == [25, 0, 15, 15, 0]


@pytest.mark.parametrize(
    ("industry", "expected"),
    [
        ("Software", 25), ("software", 25), ("  SaaS ", 25), ("TECHNOLOGY", 25), ("Financial Services", 15), ("financial-services", 15),
        ("Media", 15), ("Mining", 0), ("Software Testing", 0), ("Soft", 0), ("", 0),
    ],
)  # fmt: skip
def test_industries_are_compared_whole_and_without_case_and_punctuation(industry: str, expected: int) -> None:
    assert points("industry", industry=industry) == expected


def test_an_acceptable_range_within_the_target_range_says_nothing() -> None:
    settings = ScoringSettings(target_employee_range=EmployeeRange(min=1, max=900), acceptable_employee_range=EmployeeRange(min=1, max=9))
    assert [points("company_size", settings, employee_count=count) for count in (0, 9, 900, 901)] == [0, 25, 25, 0]


def test_an_industry_in_both_lists_is_a_target() -> None:
    settings = ScoringSettings(target_industries=("Media",), secondary_industries=("Media",))
    assert points("industry", settings, industry="Media") == 25


@pytest.mark.parametrize(("title", "expected"), [("VP Sales", 25), ("Sales Manager", 15), ("VPN Engineer", 0)])
def test_title_gives_points_by_seniority(title: str, expected: int) -> None:
    assert points("title", title=title) == expected


def test_title_tells_the_words_that_decided() -> None:
    assert look("title", title="Chief of Staff") == (15, 'an influencer by "Chief of Staff"')
    assert look("title", title="Chef") == (0, 'neither a decision maker nor an influencer by "Chef"')


@pytest.mark.parametrize(
    ("growth", "expected"),
    [(-0.5, 0), (0.0, 0), (0.10, 0), (0.100001, 8), (0.15, 8), (0.20, 8), (0.200001, 15), (0.21, 15), (3.0, 15)],
)
def test_a_growth_line_must_be_exceeded(growth: float, expected: int) -> None:
    assert points("growth", growth_rate=growth) == expected


def test_highest_growth_line_counts_in_whatever_order_they_stand() -> None:
    lines = (GrowthLine(above=0.1, points=8), GrowthLine(above=0.5, points=15), GrowthLine(above=0.2, points=10))
    settings = ScoringSettings(weights=Weights(growth=lines))
    assert [points("growth", settings, growth_rate=rate) for rate in (0.05, 0.15, 0.3, 0.6)] == [0, 8, 10, 15]


def test_without_lines_growth_does_not_count() -> None:
    assert look("growth", ScoringSettings(weights=Weights(growth=())), growth_rate=9.0) == (0, "growth does not count")


@pytest.mark.parametrize(("strength", "expected"), [(0.0, 0), (0.4, 0), (0.5, 1), (4.4, 4), (4.5, 5), (5.5, 6), (9.49, 9), (10.0, 10)])
def test_a_tie_gives_its_share_with_halves_rounded_up(strength: float, expected: int) -> None:
    assert points("connection_strength", connection_strength=strength) == expected


def test_strongest_tie_gives_all_points_of_its_weight() -> None:
    assert points("connection_strength", ScoringSettings(weights=Weights(connection_strength=3)), connection_strength=10.0) == 3


@pytest.mark.parametrize("part", PLAN_PARTS)
def test_unknown_gives_no_points_and_is_called_unknown(part: str) -> None:
    assert look(part) == (0, "unknown")


def test_nobody_at_all_is_scored_without_error() -> None:
    assert len(score_contacts(scoring_contacts(), SHIPPED)) == 0


def test_scores_keep_the_index_of_the_contacts() -> None:
    contacts = scoring_contacts({"title": "CEO"}, {"employee_count": 70}, {"growth_rate": 0.3})
    contacts.index = contacts.index + 5
    assert score_contacts(contacts, SHIPPED).index.tolist() == [5, 6, 7]
