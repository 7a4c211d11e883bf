import re
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from liendea_assets.core.errors import UnreadableFile
from liendea_assets.imports.gtm_workbook import read_workbook
from liendea_assets.imports.settings import ImportSettings
from liendea_assets_tests.builders import GTM_HEADER, gtm_row, make_workbook
from liendea_assets_tests.imports.broken_archives import mark_encrypted


def append(workbook: Workbook, title: str, rows: list[list[object]], state: str = "visible") -> None:
    sheet = workbook.create_sheet(title)
    sheet.sheet_state = state
    for row in rows:
        sheet.append(row)


@pytest.mark.parametrize("above", [0, 1, 7, 19])
def test_the_header_may_stand_anywhere_in_the_first_20_rows(tmp_path: Path, import_settings: ImportSettings, above: int) -> None:
    path = make_workbook(tmp_path / "a.xlsx", [gtm_row(), gtm_row(first="Ann")], above=above)

    part = read_workbook(path, import_settings).parts[0]

    assert part.part == "Data"
    assert list(part.numbers) == [above + 2, above + 3]
    assert list(part.fields()["first_name"]) == ["Robin", "Ann"]
    assert part.blank == 0


def test_a_header_further_down_is_not_found_and_the_search_is_told(tmp_path: Path, import_settings: ImportSettings) -> None:
    path = make_workbook(tmp_path / "a.xlsx", [gtm_row()], above=20)

    with pytest.raises(UnreadableFile, match=r"sheets Data \(no header\): looked in the first 20 rows .* gtm_columns in imports\.yaml"):
        read_workbook(path, import_settings)


def test_readme_and_hidden_sheets_are_passed_over_and_named(tmp_path: Path, import_settings: ImportSettings) -> None:
    workbook = Workbook()
    assert workbook.active is not None
    workbook.active.title = "Read me"
    workbook.active.append(["This workbook has names, titles and accounts."])
    append(workbook, "People", [list(GTM_HEADER), gtm_row()])
    append(workbook, "Old", [list(GTM_HEADER), gtm_row(first="Ghost")], "hidden")
    append(workbook, "Older", [list(GTM_HEADER), gtm_row(first="Ghost")], "veryHidden")
    append(workbook, "More people", [[], list(GTM_HEADER), gtm_row(first="Ann")])
    workbook.save(tmp_path / "a.xlsx")

    source = read_workbook(tmp_path / "a.xlsx", import_settings)

    assert [(part.part, list(part.fields()["first_name"])) for part in source.parts] == [("People", ["Robin"]), ("More people", ["Ann"])]
    assert source.note == "passed over: Read me (no header), Old (hidden), Older (hidden)"


def test_blank_rows_count_up_to_the_last_filled_one(tmp_path: Path, import_settings: ImportSettings) -> None:
    path = make_workbook(tmp_path / "a.xlsx", [[], gtm_row(), [None, "  "], [], gtm_row(first="Ann"), [], [" "]])

    part = read_workbook(path, import_settings).parts[0]

    assert list(part.numbers) == [3, 6]
    assert part.blank == 3


def test_rows_that_the_file_leaves_out_keep_the_numbers_that_a_user_sees(tmp_path: Path, import_settings: ImportSettings) -> None:
    workbook = Workbook()
    assert workbook.active is not None
    rows: list[list[Any]] = [[], [], [None, *GTM_HEADER], *[[]] * 46, [None, *gtm_row()]]
    for row in rows:
        workbook.active.append(row)
    workbook.save(tmp_path / "a.xlsx")

    part = read_workbook(tmp_path / "a.xlsx", import_settings).parts[0]

    assert list(part.numbers) == [50]
    assert part.blank == 46


def test_a_sheet_that_claims_too_small_a_size_is_read_to_its_end(tmp_path: Path, import_settings: ImportSettings) -> None:
    path = make_workbook(tmp_path / "a.xlsx", [gtm_row(), gtm_row()])
    rewrite(path, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b'<dimension ref="A1:L3"', b'<dimension ref="A1:A1"'))

    assert len(read_workbook(path, import_settings).parts[0].fields()) == 2


@pytest.mark.parametrize("is_1904", [False, True])
def test_dates_are_right_in_workbooks_that_count_from_1904(tmp_path: Path, import_settings: ImportSettings, is_1904: bool) -> None:
    workbook = Workbook()
    if is_1904:
        workbook.epoch = CALENDAR_MAC_1904
    append(workbook, "People", [["Name", "Title", "Company", "Notes"], ["Robin Weaver", "VP", "Acme", datetime(2026, 2, 8)]])
    workbook.save(tmp_path / "a.xlsx")

    assert read_workbook(tmp_path / "a.xlsx", import_settings).parts[0].fields()["notes"][0] == "2026-02-08"


def test_a_formula_stands_for_its_value(tmp_path: Path, import_settings: ImportSettings) -> None:
    path = make_workbook(tmp_path / "a.xlsx", [gtm_row(employees="=600+20")])
    # what Excel stores beside a formula, and openpyxl leaves out
    rewrite(path, "xl/worksheets/sheet1.xml", lambda xml: re.sub(rb"</f><v ?/>|</f><v></v>", b"</f><v>620</v>", xml))

    assert read_workbook(path, import_settings).parts[0].fields()["employee_count"][0] == "620"


def test_a_table_without_rows_is_no_error(tmp_path: Path, import_settings: ImportSettings) -> None:
    part = read_workbook(make_workbook(tmp_path / "a.xlsx", []), import_settings).parts[0]

    assert part.cells.empty
    assert part.blank == 0


def rewrite(path: Path, member: str, change: Callable[[bytes], bytes]) -> None:
    with zipfile.ZipFile(path) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    changed = change(content[member])
    assert changed != content[member]
    content[member] = changed
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(name, data)


@pytest.mark.parametrize("member", ["xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/worksheets/sheet1.xml", "xl/styles.xml"])
@pytest.mark.parametrize("damage", [lambda xml: xml[: len(xml) // 2], lambda xml: b"", lambda xml: b"\0" * 40])
def test_a_workbook_with_a_broken_part_is_damaged(
    tmp_path: Path, import_settings: ImportSettings, member: str, damage: Callable[[bytes], bytes]
) -> None:
    path = make_workbook(tmp_path / "a.xlsx", [gtm_row()])
    rewrite(path, member, damage)

    with pytest.raises(
        UnreadableFile, match=r"^the workbook is damaged \((\w+ while|its part) |^the workbook's part \S+ is not UTF-8 text "
    ):
        read_workbook(path, import_settings)


@pytest.mark.parametrize("damage", [lambda xml: xml[: len(xml) // 2], lambda xml: b"", lambda xml: b"\0" * 40])
def test_a_broken_list_of_content_types_loses_no_row(
    tmp_path: Path, import_settings: ImportSettings, damage: Callable[[bytes], bytes]
) -> None:
    """Parts are found by their relations; nothing reads that list."""
    path = make_workbook(tmp_path / "a.xlsx", [gtm_row()])
    rewrite(path, "[Content_Types].xml", damage)

    assert len(read_workbook(path, import_settings).parts[0].cells) == 1


def test_broken_files_have_their_reasons(tmp_path: Path, import_settings: ImportSettings) -> None:
    (tmp_path / "empty.xlsx").touch()
    (tmp_path / "text.xlsx").write_text("First Name,Last Name,Title\n")
    zipfile.ZipFile(tmp_path / "no members.xlsx", "w").close()
    mark_encrypted(make_workbook(tmp_path / "locked.xlsx", [gtm_row()]))
    reasons = {}
    for path in sorted(tmp_path.iterdir()):
        with pytest.raises(UnreadableFile) as caught:
            read_workbook(path, import_settings)
        reasons[path.stem] = str(caught.value)

    assert reasons == {
        "empty": "the file is empty",
        "text": "not an XLSX workbook, whatever its name says (an XLSX is a ZIP archive, this is not)",
        "no members": "the workbook is damaged (KeyError while opening it)",
        "locked": "the ZIP archive is protected by a password; save it without one",
    }
