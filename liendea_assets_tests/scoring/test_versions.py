import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import liendea_assets
from liendea_assets.scoring.versions import RULE_MODULES, changed_keys, rules_version

PACKAGE = Path(liendea_assets.__file__).parent


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The package as another release has it."""
    folder = tmp_path / "liendea_assets"
    shutil.copytree(PACKAGE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.mark.parametrize(
    ("file", "is_a_rule"),
    [
        ("scoring/rules.py", True),
        ("scoring/titles.py", True),
        ("scoring/targets.py", True),
        ("core/text.py", True),
        ("scoring/data/titles.yaml", True),
        ("scoring/data/industries.yaml", True),
        ("scoring/preview_report.py", False),
        ("outreach/assets.py", False),
        ("__init__.py", False),
    ],
)
def test_version_of_the_rules_follows_what_decides_and_nothing_else(copy: Path, file: str, is_a_rule: bool) -> None:
    path = copy / file
    path.write_text(path.read_text(encoding="utf-8") + "\n# another\n", encoding="utf-8")
    assert (rules_version(copy) != rules_version()) == is_a_rule


def test_version_is_the_same_wherever_the_package_lies(copy: Path) -> None:
    assert rules_version(copy) == rules_version()


def test_every_module_that_scores_belongs_to_the_rules() -> None:
    """Whoever splits a module of the rules must name the new one, or a release would not rescore."""
    program = (
        "import sys; import liendea_assets.scoring.score, liendea_assets.scoring.account_scores, liendea_assets.scoring.targets;"
        "print(*[name for name in sys.modules if name.startswith('liendea_assets.scoring.')])"
    )
    loaded = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout.split()
    assert {f"scoring/{name.rpartition('.')[2]}.py" for name in loaded} == {name for name in RULE_MODULES if name.startswith("scoring/")}


def test_a_role_of_titles_that_came_or_differs_is_one_key() -> None:
    def words(**roles: object) -> dict[str, object]:
        return {"titles": {"roles": roles, "functions": {}, "without": []}}

    bid = {"level": "influencer", "words": {"en": ["bid manager"], "de": []}}
    assert changed_keys(words(), words(bid=bid)) == ["titles.roles.bid"]
    assert changed_keys(words(bid=bid), words()) == ["titles.roles.bid"]
    assert changed_keys(words(bid=bid), words(bid=bid | {"level": "decision_maker"})) == ["titles.roles.bid.level"]


def test_segments_that_share_a_name_are_all_compared() -> None:
    def segments(least: int) -> dict[str, object]:
        both = [{"field": "employee_count", "min": least}], [{"field": "industry", "any_of": ["Software"]}]
        return {"segments": [{"name": "Enterprise", "when": when} for when in both]}

    assert changed_keys(segments(1), segments(2)) == ["segments.Enterprise"]
