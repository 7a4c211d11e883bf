import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from liendea_assets.clients.settings import RateLimits
from liendea_assets.db.connection import Database
from liendea_assets.imports import file_account_store
from liendea_assets.reports import store
from liendea_assets.reports.daily import DailyFacts, render_daily_report
from liendea_assets.reports.metric_store import compute_metrics, read_day
from liendea_assets_tests.browser import load, measure
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.contacts import CREATED_AT, add_contact, add_score, add_target
from liendea_assets_tests.reports.tables import fill_tables

NASTY = """<script>document.title="owned"</script><img src=x onerror="document.title='owned'">" onmouseover='x"""
LONG = "Supercalifragilisticexpialidocious" * 6


class Elements(HTMLParser):
    """Tags and attributes as a browser sees them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


def render(db: Database, clock: VirtualClock, minimum_score: int = 50) -> str:
    now = clock.now()
    compute_metrics(db, now)
    return render_daily_report(
        DailyFacts(
            metrics=read_day(db, now.date().isoformat()),
            targets=store.read_best_targets(db, 20),
            files=file_account_store.list_files(db),
            rejections=store.read_rejections(db),
            windows=RateLimits().in_force(is_sandbox=False),
            minimum_score=minimum_score,
            now=now,
        )
    )


def add_refusals(db: Database, text: str) -> None:
    """A file that could not be read and one with a refused row, with this text wherever a user's text may stand."""
    files = db.table("import_files")
    files.insert(
        {
            "id": 90,
            "name": f"{text}.xlsx",
            "kind": "unknown",
            "sha256": "x",
            "size_bytes": 1,
            "error": text,
            "read_at": CREATED_AT,
            "dated_at": CREATED_AT,
        }
    )
    read = {"name": "b.xlsx", "kind": "gtm_workbook", "sha256": "y", "size_bytes": 1, "rows": 1, "rejected": 1, "note": text}
    files.insert({"id": 91, **read, "read_at": CREATED_AT, "dated_at": CREATED_AT})
    rejection = {"file_id": 91, "part": "Data", "row_number": 2, "column_name": text, "reason": text}
    db.table("import_rejections").insert(rejection)


@pytest.fixture
def nasty_page(db: Database, clock: VirtualClock) -> str:
    """A full page whose texts are all attacks."""
    fill_tables(db, clock)
    add_target(db, 70, score=100, full_name=NASTY, title=NASTY, company_name=NASTY)
    add_score(db, 70, score=100, text=NASTY)
    add_refusals(db, NASTY)
    return render(db, clock)


def test_page_shows_the_figures_of_the_day(db: Database, clock: VirtualClock) -> None:
    fill_tables(db, clock)
    page = render(db, clock)
    assert "2026-10-05. Made 09:00 UTC." in page
    assert '<div class="card"><b>10</b>contacts</div>' in page
    assert "<td>reach</td><td>minute</td><td class=\"n\">2</td><td class=\"n\">10</td><td class=\"n\">8</td>" in page  # fmt: skip
    assert "<td>reach</td><td>day</td><td class=\"n\">6</td><td class=\"n\">5,000</td>" in page  # fmt: skip
    assert "2 e-mails are queued. Nothing is sent" in page
    assert "spring: no e-mail address is known" in page


def test_page_shows_the_best_targets_with_the_parts_of_their_score(db: Database, clock: VirtualClock) -> None:
    add_target(db, 1, score=60, full_name="Second Best")
    add_target(db, 2, score=90, full_name="First Best")
    page = render(db, clock)
    assert 0 < page.index("First Best") < page.index("Second Best")
    assert 'title="a decision maker">Title VP Sales <b>+90</b>' in page


def test_page_says_what_to_do_about_files(db: Database, clock: VirtualClock) -> None:
    add_refusals(db, "Acme")
    page = render(db, clock)
    assert "1 files in the inbox could not be imported" in page
    assert "1 rows were rejected" in page
    assert "Not imported: Acme" in page


def test_empty_database_gives_a_page_that_says_how_to_begin(db: Database, clock: VirtualClock, tmp_path: Path) -> None:
    page = render(db, clock)
    assert "Drop a GTM workbook or a LinkedIn export into data/inbox." in page
    path = tmp_path / "report.html"
    path.write_text(page, encoding="utf-8")
    assert "<h1>Daily report</h1>" in load(path, tmp_path / "profile")


def test_contacts_without_an_answer_are_told(db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1)
    add_contact(db, 2, has_answer=True)
    page = render(db, clock)
    assert "1 contacts have no answer of a provider" in page
    assert "1 of 2 contacts were asked about" in page


def test_page_needs_nothing_around_it(nasty_page: str) -> None:
    elements = Elements(nasty_page)
    assert not elements.tags & {"script", "link", "iframe", "object", "embed", "base", "img", "form", "video", "audio"}
    loading = {"src", "href", "xlink:href", "srcset", "action", "data", "poster", "background"}
    assert [pair for pair in elements.attributes if pair[0] in loading] == []
    assert [name for name, _ in elements.attributes if name.startswith("on")] == []
    styles = [value for name, value in elements.attributes if name == "style"] + re.findall(r"<style>(.*?)</style>", nasty_page, re.DOTALL)
    assert not [style for style in styles if "url(" in style or "@import" in style]


def test_no_text_of_a_row_is_markup(nasty_page: str, tmp_path: Path) -> None:
    assert "<script" not in nasty_page
    path = tmp_path / "report.html"
    path.write_text(nasty_page, encoding="utf-8")
    document = load(path, tmp_path / "profile")
    assert "<title>LIENDEA daily report, 2026-10-05</title>" in document
    assert "owned" not in re.sub(r"(?s)<body>.*", "", document)
    # and yet it can be read
    assert "&lt;script&gt;document.title=" in document


@pytest.mark.parametrize("width", [360, 1920])
def test_page_is_not_wider_than_its_view(db: Database, clock: VirtualClock, tmp_path: Path, width: int) -> None:
    """Names, files and reasons may be long words; tables scroll within themselves."""
    fill_tables(db, clock)
    add_target(db, 70, score=100, full_name=LONG, title=LONG, company_name=LONG)
    add_score(db, 70, text=LONG)
    add_refusals(db, LONG)
    view, content = measure(render(db, clock), width, tmp_path)
    assert width - 20 <= view <= width
    assert content <= view


def test_measuring_sees_a_page_that_is_too_wide(tmp_path: Path) -> None:
    view, content = measure('<!doctype html><div style="width: 700px">wide</div>', 360, tmp_path)
    assert (view, content > 700) == (360, True)
