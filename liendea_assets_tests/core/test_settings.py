from pathlib import Path

import pytest
from pydantic import Field

from liendea_assets.cli.check_config import FILES
from liendea_assets.clients.settings import RateLimits
from liendea_assets.core.errors import SettingsError
from liendea_assets.core.home import Home, default_config
from liendea_assets.core.settings import Settings, config_version, load_file, load_settings
from liendea_assets.enrichment.providers.settings import ProviderSettings
from liendea_assets.enrichment.settings import EnrichmentSettings
from liendea_assets.operations.settings import DatabaseSettings
from liendea_assets.outreach.settings import CampaignSettings
from liendea_assets.reports.settings import ReportSettings
from liendea_assets.scoring.settings import ScoringSettings


class Oven(Settings):
    """A config like ours, small enough to be wrong in every way."""

    degrees: int = Field(default=180, ge=50, le=250)
    name: str = "left"


class Kitchen(Settings):
    oven: Oven = Oven()
    shelves: tuple[Oven, ...] = ()
    by_room: dict[str, Oven] = Field(default_factory=dict)
    is_open: bool = False


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "kitchen.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def problem(tmp_path: Path, text: str) -> str:
    """What the user is told about a file, without the folder."""
    path = write(tmp_path, text)
    with pytest.raises(SettingsError) as caught:
        load_file(Kitchen, path)
    return str(caught.value).replace(str(path), "kitchen.yaml")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("# first\nis_opn: true\n", "kitchen.yaml:2: is_opn: unknown key (did you mean is_open?); allowed here: oven, shelves, by_room, is_open"),
        ("oven:\n  name: x\n  degree: 3\n", "kitchen.yaml:3: oven.degree: unknown key (did you mean degrees?); allowed here: degrees, name"),
        ("shelves:\n- name: x\n- zzz: 3\n", "kitchen.yaml:3: shelves.1.zzz: unknown key; allowed here: degrees, name"),
        ("by_room:\n  cellar:\n    nam: 3\n", "kitchen.yaml:3: by_room.cellar.nam: unknown key (did you mean name?); allowed here: degrees, name"),
        ("oven:\n  degrees: hot\n", "kitchen.yaml:2: oven.degrees: found 'hot'; allowed: a valid integer"),
        ("oven:\n  degrees: '180'\n", "kitchen.yaml:2: oven.degrees: found '180'; allowed: a valid integer"),
        ("oven:\n  degrees: 300\n", "kitchen.yaml:2: oven.degrees: found 300; allowed: less than or equal to 250"),
        ("is_open: 1\n", "kitchen.yaml:1: is_open: found 1; allowed: a valid boolean"),
        ("oven:\n  name:\n", "kitchen.yaml:2: oven.name: found None; allowed: a valid string"),
        ("\noven: 3\n", "kitchen.yaml:2: oven: found 3; allowed: an object"),
        ("- oven\n", "kitchen.yaml:1: (whole file): found ['oven']; allowed: an object"),
        ("oven: {}\n# again\noven: {}\n", "kitchen.yaml:3: key 'oven' stands twice (first on line 1)"),
        ("oven: &a\n  name: x\nshelves: [*a]\n", "kitchen.yaml:3: aliases (*a) are not allowed"),
        ("oven: {\n", "kitchen.yaml:2: not valid YAML: expected the node content, but found '<stream end>'"),
        ("oven:\n\tname: x\n", "kitchen.yaml:2: not valid YAML: found character '\\t' that cannot start any token"),
        ("oven: !!python/object:os.system {}\n", "kitchen.yaml:1: not valid YAML: could not determine a constructor"),
        ("oven: {name: x}\nis_open: 2026-02-30\n", "kitchen.yaml:2: '2026-02-30' is no timestamp"),
        ("oven: {degrees: !!int hot}\n", "kitchen.yaml:1: 'hot' is no int"),
        ("by_room:\n  NO: {}\n", "kitchen.yaml:2: key NO is not text but bool; put it in quotes"),
        ("by_room:\n  2026-01-01: {}\n", "kitchen.yaml:2: key 2026-01-01 is not text but timestamp; put it in quotes"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_file_line_key_what_was_found_and_what_is_allowed(tmp_path: Path, text: str, told: str) -> None:
    assert problem(tmp_path, text).startswith(told)


def test_all_mistakes_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    lines = problem(tmp_path, "is_open: 3\noven:\n  degrees: 1\n  name: 4\n").splitlines()

    assert {line.split(": found")[0] for line in lines} == {
        "kitchen.yaml:1: is_open",
        "kitchen.yaml:3: oven.degrees",
        "kitchen.yaml:4: oven.name",
    }


def test_text_that_is_not_utf_8_is_told_as_that(tmp_path: Path) -> None:
    path = tmp_path / "kitchen.yaml"
    path.write_bytes("oven: {name: José}".encode("cp1252"))

    with pytest.raises(SettingsError, match=r"kitchen\.yaml: not UTF-8 text \(byte 16\); save it as UTF-8"):
        load_file(Kitchen, path)


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    path = tmp_path / "kitchen.yaml"
    path.write_bytes(b"\xef\xbb\xbfis_open: true\n")

    assert load_file(Kitchen, path).is_open


def test_an_empty_file_means_the_defaults(tmp_path: Path) -> None:
    assert load_file(Kitchen, write(tmp_path, "# nothing\n")) == Kitchen()


def test_a_home_without_the_file_gets_the_shipped_one(home: Home) -> None:
    (home.config / "reports.yaml").write_text("best_targets: 3\n", encoding="utf-8")
    assert load_settings(ReportSettings, home, "reports.yaml").best_targets == 3

    (home.config / "reports.yaml").unlink()
    assert load_settings(ReportSettings, home, "reports.yaml").best_targets == 20


@pytest.mark.parametrize("path", sorted(default_config().rglob("*.yaml")), ids=lambda path: path.name)
def test_every_shipped_file_loads(path: Path) -> None:
    model: type[Settings]
    if path.parent.name == "campaigns":
        model = CampaignSettings
    elif path.parent.name == "providers":
        model = ProviderSettings
    else:
        model = FILES[path.name]

    load_file(model, path)


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("rate_limits.yaml", RateLimits),
        ("icp_scoring.yaml", ScoringSettings),
        ("database.yaml", DatabaseSettings),
        ("enrichment.yaml", EnrichmentSettings),
        ("reports.yaml", ReportSettings),
    ],
)
def test_a_shipped_file_says_what_its_model_says_without_it(name: str, model: type[Settings]) -> None:
    assert load_file(model, default_config() / name) == model()


def version(tmp_path: Path, text: str) -> str:
    return config_version(load_file(Kitchen, write(tmp_path, text)))


@pytest.mark.parametrize(
    "text",
    [
        "is_open: true\noven: {degrees: 100, name: x}\n",
        "oven:\n  name: x # the other order\n  degrees: 100\n\nis_open: yes\n",
        "oven: {degrees: 100, name: x}\nis_open: true\nshelves: []\n",
    ],
)
def test_the_config_version_ignores_comments_key_order_and_spelled_out_defaults(tmp_path: Path, text: str) -> None:
    assert version(tmp_path, text) == version(tmp_path, "is_open: true\noven: {degrees: 100, name: x}\n")


@pytest.mark.parametrize("text", ["is_open: true\n", "oven: {degrees: 181}\n", "shelves: [{}]\n", "by_room: {a: {}}\n"])
def test_the_config_version_changes_with_a_value(tmp_path: Path, text: str) -> None:
    assert version(tmp_path, text) != version(tmp_path, "{}")


def test_the_order_of_a_list_counts_in_the_config_version(tmp_path: Path) -> None:
    assert version(tmp_path, "shelves: [{name: a}, {name: b}]") != version(tmp_path, "shelves: [{name: b}, {name: a}]")
