import os
import stat
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from liendea_assets.imports.sheets import DAY, MOST_CHARACTERS, Sheet, write_sheets

HOSTILE = ("=1+1", '=HYPERLINK("https://evil.example")', "+1", "-1", "@SUM(A1)", "\t=1", "{=A1}", "＝1+1", "=cmd|'/c calc'!A0")


def written(folder: Path, *sheets: Sheet) -> list[Worksheet]:
    path = folder / "out" / "list.xlsx"
    write_sheets(path, sheets)
    return list(load_workbook(path).worksheets)


def sheet(rows: Sequence[Sequence[object]], columns: Sequence[str] = ("one", "two"), **more: object) -> Sheet:
    return Sheet("List", columns, rows, **more)  # type: ignore[arg-type]


def cells(found: Worksheet) -> list[tuple[object, ...]]:
    return list(found.iter_rows(min_row=2, values_only=True))


def test_header_stays_in_sight_and_filters_span_the_rows(tmp_path: Path) -> None:
    (found,) = written(tmp_path, sheet([("a", 1), ("b", 2)], widths={"two": 9}))
    assert (found.freeze_panes, found.auto_filter.ref) == ("A2", "A1:B3")
    assert [cell.value for cell in found[1]] == ["one", "two"]
    assert found["A1"].font.bold
    assert 24 < found.column_dimensions["A"].width < 26
    assert 9 < found.column_dimensions["B"].width < 11


def test_a_sheet_without_rows_has_its_header(tmp_path: Path) -> None:
    (found,) = written(tmp_path, sheet([]))
    assert [cell.value for cell in found[1]] == ["one", "two"]
    assert found.auto_filter.ref == "A1:B1"


def test_no_cell_is_a_formula_whatever_it_begins_with(tmp_path: Path) -> None:
    (found,) = written(tmp_path, Sheet("List", ("=1+1", "two"), [(text, text) for text in HOSTILE]))
    assert {cell.data_type for row in found.iter_rows() for cell in row} == {"s"}
    assert [row[0] for row in cells(found)] == list(HOSTILE)
    assert found["A1"].value == "=1+1"


def test_cells_keep_their_types_also_where_the_first_of_a_column_is_unknown_or_another(tmp_path: Path) -> None:
    rows = [(None, None, "x", date(2026, 1, 2)), (7, 0.25, 3, None), ("text", 1, None, date(2026, 1, 3)), (True, None, 2.5, None)]
    (found,) = written(tmp_path, sheet(rows, ("a", "b", "c", "d"), formats={"b": "0 %", "d": DAY}))
    days = [None if day is None else datetime(day.year, day.month, day.day) for *_, day in rows]
    assert cells(found) == [(*row[:3], day) for row, day in zip(rows, days, strict=True)]
    assert (found["B3"].number_format, found["D2"].number_format, found["A3"].number_format) == ("0 %", DAY, "General")


def test_what_a_cell_cannot_hold_is_left_out_of_it(tmp_path: Path) -> None:
    rows = [("Robin\x0bWeaver\x00", "half \ud800"), ("x" * 40_000, "👩‍💻" * 20_000)]
    (found,) = written(tmp_path, sheet(rows))
    (name, half), (long, emoji) = cells(found)
    assert (name, half) == ("RobinWeaver", "half ?")
    assert len(str(long)) == MOST_CHARACTERS
    assert str(emoji).startswith("👩‍💻👩‍💻")


def test_a_workbook_is_for_its_owner_alone_and_nothing_else_is_left(tmp_path: Path) -> None:
    def broken() -> Iterator[tuple[object, ...]]:
        yield ("a", 1)
        raise ArithmeticError

    path = tmp_path / "list.xlsx"
    write_sheets(path, [sheet([("a", 1)])])
    former = path.read_bytes()
    with pytest.raises(ArithmeticError):
        write_sheets(path, [Sheet("List", ("one", "two"), broken())])
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_bytes() == former
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


@settings(deadline=None, max_examples=10)
@given(
    st.lists(
        st.tuples(
            st.none() | st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1), st.none() | st.integers(-(2**53), 2**53)
        ),
        max_size=5,
    )
)
def test_what_is_written_is_read_again(tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[object, ...]]) -> None:
    rows = [(*row, "end") for row in rows]
    (found,) = written(tmp_path_factory.mktemp("sheets"), sheet(rows, ("one", "two", "three")))
    assert cells(found) == rows
