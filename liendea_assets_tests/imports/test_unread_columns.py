import dagster as dg
import pytest

from liendea_assets.core.home import Home
from liendea_assets.db.connection import Database
from liendea_assets.imports import assets
from liendea_assets.imports.headers import to_part
from liendea_assets.imports.model import SourceFile
from liendea_assets.imports.rejects import REASON_HEADER
from liendea_assets.imports.unread_columns import MOST_NAMES, describe_file, unread_columns
from liendea_assets_tests.builders import GTM_HEADER, gtm_row, make_workbook
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.imports.stage import import_inbox


def source(*headers: list[str], note: str | None = None) -> SourceFile:
    """A file of tables with these headers; only a column `Name` is a field."""
    parts = [
        to_part(f"Sheet {number}", header, [], {position: "full_name" for position, name in enumerate(header) if name == "Name"})
        for number, header in enumerate(headers, start=1)
    ]
    return SourceFile(parts, note=note)


@pytest.mark.parametrize(
    ("read", "told"),
    [
        (source(["Name"]), None),
        (source(["Name", "", " "], note="passed over: Notes (hidden)"), "passed over: Notes (hidden)"),
        (source(["Name", "Shoe Size", "Hat\nSize"]), "columns that are not read in Sheet 1: Shoe Size, Hat Size"),
        (
            source(["A", "Name"], ["Name"], ["B"], note="x"),
            "x; columns that are not read in Sheet 1: A; columns that are not read in Sheet 3: B",
        ),
        (source([REASON_HEADER, "Name"]), None),
    ],
)
def test_columns_that_are_no_field_are_told_by_table(read: SourceFile, told: str | None) -> None:
    assert describe_file(read) == told


def test_a_sentence_stays_bearable_whatever_the_header() -> None:
    told = describe_file(source([f"column {number} {'x' * 500}" for number in range(16_384)]))

    assert told is not None
    assert told.endswith(f"and {16_384 - MOST_NAMES} more")
    assert len(told) < 3_000
    assert len(unread_columns(source(["A", "B"]).parts[0])) == 2


def test_they_stand_in_the_files_page_and_in_what_dagster_shows(home: Home, db: Database, clock: VirtualClock) -> None:
    make_workbook(home.inbox / "a.xlsx", [[*gtm_row(), "<b>42</b>"]], header=(*GTM_HEADER, "<i>Shoe</i> Size"))
    shown = assets.gtm_rows(dg.build_asset_context(), home=home, database=db, clock=clock)
    assert isinstance(shown, dg.MaterializeResult)
    import_inbox(home, db, clock)

    (page,) = (home.reports / "imports").glob("*.html")
    text = page.read_text(encoding="utf-8")
    assert "columns that are not read in Data: &lt;i&gt;Shoe&lt;/i&gt; Size" in text
    assert "42" not in text.partition("How it was read")[2].partition("<h2>")[0]
    files = (shown.metadata or {})["files"]
    assert isinstance(files, dg.MarkdownMetadataValue)
    assert "columns that are not read in Data: <i>Shoe</i> Size" in str(files.value)
