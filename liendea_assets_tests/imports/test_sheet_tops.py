from pathlib import Path

import pytest
from openpyxl import Workbook

from liendea_assets.core.errors import UnreadableFile
from liendea_assets.imports.limits import WorkbookLimits
from liendea_assets.imports.sheet_tops import read_tops
from liendea_assets_tests.builders import csv_text, gtm_row, make_workbook
from liendea_assets_tests.imports.hostile import HOSTILE

LIMITS = WorkbookLimits()


def test_the_first_rows_of_every_visible_sheet_are_read(tmp_path: Path) -> None:
    workbook = Workbook()
    assert workbook.active is not None
    for row in ([None, "Vorname", "Nachname"], [], [None, "Robin", True], [None, "Ann", 1.0]):
        workbook.active.append(row)
    workbook.create_sheet("Hidden").append(["Ghost"])
    workbook["Hidden"].sheet_state = "hidden"
    workbook.create_sheet("Empty")
    workbook.save(tmp_path / "a.xlsx")

    first, empty = read_tops(tmp_path / "a.xlsx", "gtm_workbook", 3, LIMITS)

    assert [[cell for cell in row if cell] for row in first[0]] == [["Vorname", "Nachname"], [], ["Robin", "TRUE"]]
    assert empty == [[]]


def test_a_text_is_read_under_each_delimiter(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(csv_text([["Vorname", ""], ["Robin", "Weaver"]], delimiter=";"))

    (ways,) = read_tops(path, "text", 20, LIMITS)

    assert [["Vorname", None], ["Robin", "Weaver"]] in ways


@pytest.mark.parametrize(
    ("hostile", "reason"),
    [("xxe", "declares a document type"), ("billion laughs", "declares a document type"), ("protected by a password", "password")],
)
def test_a_workbook_that_was_built_to_do_harm_is_refused_before_anything_parses_it(tmp_path: Path, hostile: str, reason: str) -> None:
    HOSTILE[hostile](tmp_path)

    with pytest.raises(UnreadableFile, match=reason):
        read_tops(next(tmp_path.iterdir()), "gtm_workbook", 20, LIMITS)


def test_the_limits_of_workbooks_count(tmp_path: Path) -> None:
    path = make_workbook(tmp_path / "a.xlsx", [gtm_row()])

    with pytest.raises(UnreadableFile, match=r"takes longer than 0\.01 s"):
        read_tops(path, "gtm_workbook", 20, WorkbookLimits(seconds=0.01))
