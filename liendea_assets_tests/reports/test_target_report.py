import re
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from liendea_assets.core.home import Home
from liendea_assets.db.connection import Database
from liendea_assets.reports import assets
from liendea_assets.reports.target_report import TargetFacts, render_target_report, target_chart
from liendea_assets.scoring import assets as scoring
from liendea_assets.scoring.target_analysis_store import read_analysis
from liendea_assets_tests.browser import measure
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.contacts import add_contact, change_contact

NASTY = "<script>document.title='owned'</script>"


def materialize(home: Home, db: Database, clock: VirtualClock) -> dg.MaterializeResult[Any]:
    """Scores, targets, analysis and report, a minute later."""
    clock.sleep(60)
    scoring.icp_scores(home=home, database=db, clock=clock)
    scoring.icp_targets(home=home, database=db, clock=clock)
    analysis = scoring.icp_target_analysis(home=home, database=db, clock=clock)
    report = assets.target_report(home=home, database=db, clock=clock)
    assert isinstance(analysis, dg.MaterializeResult)
    assert isinstance(report, dg.MaterializeResult)
    return report


def page_of(home: Home) -> str:
    (path,) = home.reports.glob("target_report_*.html")
    return path.read_text(encoding="utf-8")


def test_report_tells_who_the_targets_are_and_what_moved_without_naming_anybody(home: Home, db: Database, clock: VirtualClock) -> None:
    for contact_id in (1, 2, 3):
        add_contact(db, contact_id, gtm_segment="Enterprise", industry="Software")
    materialize(home, db, clock)
    assert "there is none to compare it with" in page_of(home)
    change_contact(db, 1, industry="Mining", employee_count=3)
    result = materialize(home, db, clock)
    page = page_of(home)
    assert "<b>2</b>targets" in page
    assert "<b>1</b>lost" in page
    assert "decision maker" in page
    assert "new, lost and moved are against the list of 2026-10-05 09:01 UTC" in page
    assert "Robin" not in page + repr(result)
    assert result.metadata is not None
    assert "| Enterprise | 3 | 2 |" in str(result.metadata["analysis"].value)  # type: ignore[union-attr]  # a Markdown field
    assert result.metadata["charts"].value.count("data:image/svg+xml") == 4  # type: ignore[union-attr]


def test_page_needs_nothing_around_it_and_no_text_of_users_is_markup(home: Home, db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1, gtm_segment=NASTY)
    materialize(home, db, clock)
    page = page_of(home)
    assert NASTY not in page
    assert "&lt;script&gt;" in page
    assert not re.search(r"(src|href)=[\"']?https?:", page)
    assert not re.search(r"<script|<link|@import", page)


@pytest.mark.parametrize("width", [360, 1_200])
def test_page_is_not_wider_than_its_view(home: Home, db: Database, clock: VirtualClock, tmp_path: Path, width: int) -> None:
    add_contact(db, 1, gtm_segment="Supercalifragilisticexpialidocious" * 6)
    materialize(home, db, clock)
    view, content = measure(page_of(home), width, tmp_path)
    assert content <= view


def test_nobody_is_a_page_too(db: Database, clock: VirtualClock) -> None:
    assert "Nobody has been a target yet." in render_target_report(TargetFacts(read_analysis(db), [], 50, clock.now()))


def test_chart_shows_the_values_with_targets_and_no_more_than_can_be_compared(home: Home, db: Database, clock: VirtualClock) -> None:
    for contact_id in range(1, 16):
        add_contact(db, contact_id, gtm_segment=f"Segment {contact_id:02}")
    materialize(home, db, clock)
    assert target_chart(read_analysis(db), "segment").count(">Segment ") == 12
