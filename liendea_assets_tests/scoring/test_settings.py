from pathlib import Path

import pytest

from liendea_assets.core.errors import SettingsError
from liendea_assets.core.home import Home
from liendea_assets.core.settings import config_version, load_settings
from liendea_assets.scoring.settings import ScoringSettings


def read(tmp_path: Path, text: str) -> ScoringSettings:
    path = tmp_path / "config" / "icp_scoring.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return load_settings(ScoringSettings, Home(tmp_path), "icp_scoring.yaml")


def problem(tmp_path: Path, text: str) -> str:
    with pytest.raises(SettingsError) as caught:
        read(tmp_path, text)
    return str(caught.value)


def test_shipped_file_says_what_the_defaults_say() -> None:
    """Who deletes a key gets what the comment beside it promised."""
    shipped = load_settings(ScoringSettings, Home(Path("/nowhere")), "icp_scoring.yaml")
    assert config_version(shipped) == config_version(ScoringSettings())


def test_weights_may_not_add_up_to_more_than_100(tmp_path: Path) -> None:
    told = problem(tmp_path, "minimum_score: 50\nweights:\n  connection_strength: 11\n")
    assert "icp_scoring.yaml:2: weights:" in told
    assert "weights whose largest points add up to 1 to 100 (these add up to 101)" in told


def test_weights_may_not_all_be_nothing(tmp_path: Path) -> None:
    nothing = "{company_size: {target: 0, acceptable: 0}, industry: {target: 0, secondary: 0}, title: {decision_maker: 0, influencer: 0}"
    assert "these add up to 0" in problem(tmp_path, f"weights: {nothing}, growth: [], connection_strength: 0}}\n")


def test_largest_points_of_a_part_count_whichever_grade_has_them(tmp_path: Path) -> None:
    assert "these add up to 105" in problem(tmp_path, "weights:\n  company_size: {target: 5, acceptable: 30}\n")


def test_range_may_not_end_before_it_begins(tmp_path: Path) -> None:
    told = problem(tmp_path, "target_employee_range: {min: 5000, max: 50}\n")
    assert "icp_scoring.yaml:1: target_employee_range:" in told
    assert "max (50) must not be below min (5000)" in told


def test_range_of_one_size_is_a_range(tmp_path: Path) -> None:
    assert read(tmp_path, "target_employee_range: {min: 50, max: 50}\n").target_employee_range.max == 50


@pytest.mark.parametrize("lines", ["[80, 65, 65, 35]", "[35, 50, 65, 80]", "[80, 65, 35, 50]"])
def test_priority_lines_descend(tmp_path: Path, lines: str) -> None:
    assert "four priority_lines, each below the one before" in problem(tmp_path, f"priority_lines: {lines}\n")


def test_there_are_four_priority_lines(tmp_path: Path) -> None:
    assert "icp_scoring.yaml:1: priority_lines" in problem(tmp_path, "priority_lines: [80, 65, 50]\n")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("minimum_score: 101\n", "icp_scoring.yaml:1: minimum_score: found 101; allowed: less than or equal to 100"),
        ("minimum_score: fifty\n", "icp_scoring.yaml:1: minimum_score: found 'fifty'"),
        ("weights:\n  title: {decision_maker: -1}\n", "icp_scoring.yaml:2: weights.title.decision_maker: found -1"),
        ("minimal_score: 5\n", "unknown key (did you mean minimum_score?)"),
        ("target_employee_range: {min: 5}\n", "icp_scoring.yaml:1: target_employee_range.max: found nothing"),
    ],
)
def test_a_wrong_value_is_told_with_its_line(tmp_path: Path, text: str, told: str) -> None:
    assert told in problem(tmp_path, text)


def component(rule: str) -> str:
    return f"components:\n  - name: own\n    rules:\n      - {rule}\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (component("{field: revenue, bands: [{min: .nan, points: 5}]}"), "icp_scoring.yaml:4: components.0.rules.0.bands.0.min: found nan"),
        (component("{field: revenue, bands: [{below: .inf, points: 5}]}"), "bands.0.below: found inf; allowed: a finite number"),
        (component("{field: growth_rate, scale: {end: .inf, points: 5}}"), "icp_scoring.yaml:4: components.0.rules.0.scale.end"),
        (
            "components:\n  - {name: own, weight: .nan, rules: [{field: revenue, bands: [{min: 1, points: 5}]}]}\n",
            "components.0.weight: found nan",
        ),
        ("weights: {growth: [{above: .inf, points: 5}]}\n", "icp_scoring.yaml:1: weights.growth.0.above"),
        (
            component("{field: revenue, bands: [{min: 1, max: 9, points: 5}, {above: 1, max: 9, points: 6}]}"),
            "icp_scoring.yaml:4: components.0.rules.0: ",
        ),
        (component("{field: revenue, bands: [{min: 1, points: 5}, {min: 1, points: 5}]}"), "min: 1 is within one before it"),
        (component("{field: country, values: [{any_of: [DE, FR], points: 5}, {any_of: [fr], points: 6}]}"), "fr stand before"),
        ("weights: {growth: [{above: 0.1, points: 5}, {above: 0.1, points: 6}]}\n", "0.1 stands twice"),
        ("influencer_titles: [Manager, vp]\n", "'VP' stands in both"),
        ("segments: [{name: Big, when: [{field: employee_count, min: 9, max: 3}]}]\n", "max (3) must not be below min (9)"),
    ],
)
def test_what_cannot_be_meant_is_told_with_its_line(tmp_path: Path, text: str, told: str) -> None:
    assert told in problem(tmp_path, text)


@pytest.mark.parametrize(
    "bands",
    [
        # the first that holds a number counts: what is left of a wider band after a narrower one is meant
        "{min: 10, max: 20, points: 9}, {min: 1, max: 100, points: 5}",
        "{above: 1, points: 9}, {min: 1, points: 5}",
        "{below: 9, points: 9}, {max: 9, points: 5}",
        "{max: 9, points: 9}, {min: 9, points: 5}",
    ],
)
def test_bands_may_overlap_where_each_is_reached(tmp_path: Path, bands: str) -> None:
    assert len(read(tmp_path, component(f"{{field: revenue, bands: [{bands}]}}")).components[0].rules[0].bands or ()) == 2
