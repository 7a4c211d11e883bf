"""The cells of one sheet as columns of text, as `cell_texts.cell_text` writes them. Runs in the workbook's own process.

Two readers: calamine (through fastexcel) holds the whole rectangle from the first to the last filled cell, and is fast; where one
stray cell far away makes that rectangle larger than the memory, openpyxl reads row after row.
"""

import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from liendea_assets.imports.cell_texts import cell_text
from liendea_assets.imports.workbook_parts import Oddities, Sheet, find_long_numbers

if TYPE_CHECKING:
    from fastexcel import ExcelReader
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

# Above so many columns those without any cell are left out: 16,384 nearly empty columns cost more than the table beside them.
MOST_EMPTY_COLUMNS = 500

# calamine's names of the errors that a cell can show (ECMA-376 part 1, §18.18.11)
_ERRORS = {
    "Div0": "#DIV/0!",
    "NA": "#N/A",
    "Name": "#NAME?",
    "Null": "#NULL!",
    "Num": "#NUM!",
    "Ref": "#REF!",
    "Value": "#VALUE!",
    "GettingData": "#GETTING_DATA",
}
_ERROR = re.compile(r"Error\((\w+)\)")
# a time without a day is told with the day that spreadsheets count from, in either of their two calendars
_DAYLESS = r"^(?:1899-12-31|1904-01-01) (\d{2}:\d{2}:\d{2}(?:\.\d+)?)$"


def read_rectangle(reader: "ExcelReader", archive: zipfile.ZipFile, sheet: Sheet, oddities: Oddities, search_rows: int) -> pa.Table:
    """All rows of a sheet from its first on, columns `0` … `n-1` of text, null where empty.

    Args:
        search_rows: rows among which the header may stand; columns beyond the last one that they fill are left out.
    """
    batch, problems = reader.load_sheet(sheet.position, header_row=None, skip_rows=0, dtypes="string").to_arrow_with_errors()
    columns = [column.cast(pa.large_string()) for column in batch.columns]
    columns = [_plain_dates(column) for column in columns]
    if oddities.has_booleans:
        columns = [_upper_booleans(column) for column in columns]
    changes = {}
    for problem in problems.errors if problems else ():
        named = _ERROR.search(problem.detail)
        changes[problem.offset_position] = _ERRORS.get(named.group(1), "#VALUE!") if named else "#VALUE!"
    if oddities.has_long_numbers and sheet.path:
        first, numbers = find_long_numbers(archive, sheet.path)
        changes |= {
            (row - 1, column - first): digits
            for row, column, digits in numbers
            if _is_same_number(columns, row - 1, column - first, digits)
        }
    columns = _changed(columns, changes)
    return _as_table(columns, search_rows)


def read_rows(sheet: "ReadOnlyWorksheet", search_rows: int) -> pa.Table:
    """As `read_rectangle`, in memory for the filled rows alone."""
    # the size that a sheet claims is often wrong; reading to the last filled row is not
    sheet.reset_dimensions()
    top: list[Sequence[object]] = []
    rows = _rows_of(sheet)
    for cells in rows:
        top.append(cells)
        if len(top) == search_rows:
            break
    texts = [[cell_text(cell) for cell in cells] for cells in top]
    width = max((position + 1 for cells in texts for position, text in enumerate(cells) if text is not None), default=0)
    blocks = _Blocks(width)
    for row in texts:
        blocks.append(row)
    for cells in rows:
        blocks.append([cell_text(cell) for cell in cells[:width]])
    return _as_table(blocks.columns(), search_rows)


class _Blocks:
    """Columns that grow by rows; gaps between rows cost a length, not cells."""

    # rows that are kept as Python objects at a time
    _LARGEST = 10_000

    def __init__(self, width: int) -> None:
        self._width = width
        self._rows: list[list[str | None]] = []
        self._gap = 0
        self._chunks: list[list[pa.Array]] = [[] for _ in range(width)]

    def append(self, row: list[str | None]) -> None:
        if not any(text is not None for text in row):
            self._flush()
            self._gap += 1
            return
        if self._gap:
            for chunks in self._chunks:
                chunks.append(pa.nulls(self._gap, pa.large_string()))
            self._gap = 0
        self._rows.append(row + [None] * (self._width - len(row)))
        if len(self._rows) == self._LARGEST:
            self._flush()

    def columns(self) -> list[pa.Array]:
        """What was appended up to the last filled row."""
        self._flush()
        return [pa.chunked_array(chunks, pa.large_string()).combine_chunks() for chunks in self._chunks]

    def _flush(self) -> None:
        if self._rows:
            for chunks, texts in zip(self._chunks, zip(*self._rows, strict=True), strict=True):
                chunks.append(pa.array(texts, pa.large_string()))
            self._rows = []


def _rows_of(sheet: "ReadOnlyWorksheet") -> Iterator[Sequence[object]]:
    with warnings.catch_warnings():
        # a date out of range becomes #VALUE!, which is what the spreadsheet shows
        warnings.simplefilter("ignore", UserWarning)
        # openpyxl lends the method to this class from another one, which its type stubs do not know
        yield from sheet.iter_rows(values_only=True)  # type: ignore[misc]


def _plain_dates(column: pa.Array) -> pa.Array:
    """Midnight is no time of a day, and the calendar's first day no day of a time."""
    if pc.any(pc.ends_with(column, " 00:00:00")).as_py():
        column = pc.replace_substring_regex(column, r"^(\d{4}-\d{2}-\d{2}) 00:00:00$", r"\1")
    if pc.any(pc.or_(pc.starts_with(column, "1899-12-31 "), pc.starts_with(column, "1904-01-01 "))).as_py():
        column = pc.replace_substring_regex(column, _DAYLESS, r"\1")
    return column


def _upper_booleans(column: pa.Array) -> pa.Array:
    is_boolean = pc.is_in(column, value_set=pa.array(["true", "false"], pa.large_string()))
    return pc.if_else(is_boolean, pc.utf8_upper(column), column)


def _is_same_number(columns: Sequence[pa.Array], row: int, column: int, digits: str) -> bool:
    """Whether the fast reader has the same number there: a place that was told wrongly changes nothing."""
    if not (0 <= column < len(columns) and 0 <= row < len(columns[column])):
        return False
    text = columns[column][row].as_py()
    try:
        return text is not None and float(text) == float(digits)
    except ValueError:
        return False


def _changed(columns: list[pa.Array], changes: dict[tuple[int, int], str]) -> list[pa.Array]:
    for position in {column for _, column in changes}:
        texts = columns[position].to_pylist()
        for (row, column), text in changes.items():
            if column == position:
                texts[row] = text
        columns[position] = pa.array(texts, pa.large_string())
    return columns


def _as_table(columns: list[pa.Array], search_rows: int) -> pa.Table:
    # further to the right no column has a name
    filled = [position for position, column in enumerate(columns) if column[:search_rows].null_count < min(search_rows, len(column))]
    columns = columns[: max(filled, default=-1) + 1]
    if len(columns) > MOST_EMPTY_COLUMNS:
        columns = [column for column in columns if column.null_count < len(column)]
    return pa.table(dict(zip(map(str, range(len(columns))), columns, strict=True)))
