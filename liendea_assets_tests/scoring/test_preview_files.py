"""The page and the workbook of a preview."""

import stat
from datetime import UTC, datetime
from pathlib import Path

from openpyxl import load_workbook

from liendea_assets.core.clock import to_text
from liendea_assets.db.connection import Database
from liendea_assets.scoring.preview import ScoringPreview, preview_config
from liendea_assets.scoring.preview_files import write_preview
from liendea_assets.scoring.preview_report import figures
from liendea_assets.scoring.rescore import rescore
from liendea_assets.scoring.settings import IndustryWeights, ScoringSettings, Weights
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.contacts import add_contact

OTHER = ScoringSettings(weights=Weights(industry=IndustryWeights(target=20)), minimum_score=86)
NOW = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)


def previewed(db: Database, clock: VirtualClock) -> ScoringPreview:
    add_contact(db, 1, full_name="=HYPERLINK(1)", title="<b>VP</b> Sales", company_name="@Acme")
    add_contact(db, 2, full_name="Robin\x0bWeaver", growth_rate=None)
    rescore(db, ScoringSettings(), to_text(clock.now()))
    return preview_config(db, OTHER)


def test_both_are_for_their_owner_alone_and_nothing_else_is_left(db: Database, clock: VirtualClock, tmp_path: Path) -> None:
    paths = write_preview(db, previewed(db, clock), tmp_path / "out", "../next week.yaml", 10, NOW)
    assert sorted(path.suffix for path in paths) == [".html", ".xlsx"]
    assert sorted((tmp_path / "out").iterdir()) == sorted(paths)
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths} == {0o600}


def test_workbook_has_everybody_and_computes_nothing(db: Database, clock: VirtualClock, tmp_path: Path) -> None:
    found = previewed(db, clock)
    _, path = write_preview(db, found, tmp_path, "next.yaml", 1, NOW)
    book = load_workbook(path)
    assert book.sheetnames == ["Summary", "Priorities", "Causes", "People", "Messages", "Accounts"]
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    header, *rows = book["People"].iter_rows(values_only=True)
    people = [dict(zip(header, row, strict=True)) for row in rows]
    assert [(one["contact id"], one["full name"], one["old"], one["new"], one["change"]) for one in people] == [
        (1, "=HYPERLINK(1)", 90, 85, -5),
        (2, "RobinWeaver", 75, 70, -5),
    ]
    assert people[0]["what differs"] == "Industry +25 → +20: changed in icp_scoring.yaml: weights.industry.target"
    assert list(book["Summary"].iter_rows(min_row=4, values_only=True)) == list(figures(found).items())


def test_page_escapes_what_the_data_says_and_shows_the_parts_that_differ(db: Database, clock: VirtualClock, tmp_path: Path) -> None:
    path, _ = write_preview(db, previewed(db, clock), tmp_path, "<next>.yaml", 10, NOW)
    page = path.read_text()
    assert "&lt;b&gt;VP&lt;/b&gt; Sales" in page
    assert "<b>VP" not in page
    assert "Scoring preview: &lt;next&gt;.yaml" in page
    assert "90 → 85" in page
    assert "Industry +25 → +20: changed in icp_scoring.yaml: weights.industry.target" in page
    # nothing is fetched from elsewhere
    assert "http" not in page


def test_a_preview_of_nobody_makes_both_files(db: Database, tmp_path: Path) -> None:
    for path in write_preview(db, preview_config(db, OTHER), tmp_path, "next.yaml", 10, NOW):
        assert path.stat().st_size
