"""Reading GTM tables from CSV, TSV and TXT: whatever encoding and delimiter, its header anywhere in the first records.

Arrow reads the plain case; Python's csv module decides where Arrow refuses or where a quotation mark stands in an odd place.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import csv as arrow_csv

from liendea_assets.core.errors import UnreadableFile
from liendea_assets.imports.csv_head import CsvHead, find_linkedin_header, read_head, to_utf8
from liendea_assets.imports.decision_layout import MERGE_DECISIONS
from liendea_assets.imports.headers import MOST_EXTRA_CELLS
from liendea_assets.imports.layouts import Layout, find_layout
from liendea_assets.imports.model import SourceFile, SourcePart
from liendea_assets.imports.settings import ImportSettings
from liendea_assets.imports.tables import drop_blank_rows

# A note's text may be longer than the csv module's default of 128 KiB.
LONGEST_FIELD = 16 * 1024 * 1024
_CHUNK = 20_000
# These stay in the processor's cache.
_SCANNED_BYTES = 128 << 10


@dataclass(frozen=True, slots=True)
class _Found:
    """The head that makes a header, and the header."""

    head: CsvHead
    layout: Layout

    @property
    def header(self) -> list[str]:
        return self.head.records[self.layout.position]


def kind_of_csv(path: Path, settings: ImportSettings, name: str = "") -> str:
    """`linkedin_export` for a Connections.csv, `merge_decisions` for a list of decisions, `gtm_csv` for a table that a mapping or
    gtm_columns recognises, else `unknown`.

    Args:
        name: the file's name in the inbox, where it is read from elsewhere.
    """
    with path.open("rb") as file:
        start = file.read(CsvHead.LONGEST)
    try:
        content = to_utf8(start, is_cut=True).content
    except UnreadableFile:
        return "unknown"
    if find_linkedin_header(content, settings):
        return "linkedin_export"
    found = _find(content, settings, name or path.name)
    if found is None:
        return "unknown"
    return MERGE_DECISIONS if found.layout.mapping == MERGE_DECISIONS else "gtm_csv"


def read_csv(path: Path, settings: ImportSettings, name: str = "") -> SourceFile:
    """The table of people in a text file. Rows with more or fewer cells than the header, or with quotation marks out of
    place, are kept, with that as their fault.

    Args:
        name: the file's name in the inbox, where it is read from elsewhere.

    Raises:
        UnreadableFile: no text; no header that imports.yaml knows; a quotation mark that is opened and never closed.
    """
    content = path.read_bytes()
    # whether all of it is UTF-8 is seen while it is read
    text = to_utf8(content, is_sampled=True)
    found = _find(text.content, settings, name or path.name)
    cells = _read_by_arrow(_body(text.content, found), found) if found is not None else None
    if cells is None:
        text = to_utf8(content)
        found = _find(text.content, settings, name or path.name)
    if found is None:
        raise UnreadableFile(
            f"no table of people: looked in the first {settings.header_search_rows} records for a name column and two more that "
            "gtm_columns or mappings in imports.yaml name, separated by comma, semicolon, tab or |, "
            'and for LinkedIn\'s own header with "First Name" and "Connected On"; '
            "`liendea preview FILE` proposes a mapping"
        )
    faults: dict[int, str] = {}
    if cells is None and text.note is not None:
        cells = _read_by_arrow(_body(text.content, found), found)
    if cells is None:
        cells, faults = _read_by_record(bytes(_body(text.content, found)), found)
    return SourceFile([_to_part(cells, faults, found, name or path.name)], note=text.note)


def _find(content: bytes, settings: ImportSettings, name: str) -> _Found | None:
    """The delimiter under which a header names most fields."""
    best: _Found | None = None
    for head in read_head(content, settings.header_search_rows):
        layout = find_layout(head.records, settings, name, name)
        if layout is not None and (best is None or len(layout.columns) > len(best.layout.columns)):
            best = _Found(head, layout)
    return best


def _body(content: bytes, found: _Found) -> memoryview:
    """The bytes of the records below the header, without the blank lines at the end."""
    start = found.head.ends[found.layout.position]
    end = len(content)
    while end > start and content[end - 1] in b"\r\n":
        end -= 1
    return memoryview(content)[start:end]


def _to_part(cells: pd.DataFrame, faults: dict[int, str], found: _Found, name: str) -> SourcePart:
    header = found.header
    kept, numbers, blank = drop_blank_rows(cells, pd.Series(range(1, len(cells) + 1), dtype="int64"))
    position_of = {number: position for position, number in enumerate(numbers)} if faults else {}
    faults_kept = {position_of[position + 1]: reason for position, reason in faults.items() if position + 1 in position_of}
    names = tuple(header) + ("",) * (len(cells.columns) - len(header))
    return SourcePart(name, names, found.layout.columns, kept, numbers, blank, found.layout.mapping, faults=faults_kept, width=len(header))


def _read_by_arrow(body: memoryview, found: _Found) -> pd.DataFrame | None:
    """The records as text columns; None where a row has another number of cells, quotation marks look odd, or it is no UTF-8."""
    delimiter, width = found.head.delimiter, len(found.header)
    quotes = _count_quotes(body, delimiter)
    if quotes is None or not len(body):
        return None
    names = [str(position) for position in range(width)]
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(pa.py_buffer(body)),
            read_options=arrow_csv.ReadOptions(column_names=names, block_size=8 << 20),
            parse_options=arrow_csv.ParseOptions(delimiter=delimiter, newlines_in_values=quotes > 0, ignore_empty_lines=False),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.large_string()), null_values=[""], strings_can_be_null=True
            ),
        )
    except pa.ArrowInvalid:
        return None
    frame: pd.DataFrame = table.to_pandas(types_mapper={pa.large_string(): pd.StringDtype(na_value=np.nan)}.get)
    return frame.set_axis(range(width), axis="columns")


def _count_quotes(body: memoryview, delimiter: str) -> int | None:
    """How many quotation marks there are; None where one stands neither at the edge of a cell nor beside another."""
    text = np.frombuffer(body, dtype=np.uint8)
    count = 0
    for start in range(0, len(text), _SCANNED_BYTES):
        # with a byte on either side; at the ends of the text a mark stands at an edge anyway
        seen = text[max(start - 1, 0) : start + _SCANNED_BYTES + 1]
        is_mark = seen == ord('"')
        is_edge = is_mark | (seen == ord(delimiter)) | (seen == ord("\r")) | (seen == ord("\n"))
        if (is_mark[1:-1] & ~is_edge[:-2] & ~is_edge[2:]).any():
            return None
        count += int(np.count_nonzero(text[start : start + _SCANNED_BYTES] == ord('"')))
    return None if count % 2 else count


def _read_by_record(body: bytes, found: _Found) -> tuple[pd.DataFrame, dict[int, str]]:
    """The same, one record after the other; the faults of those with a wrong number of cells or misquoted by their position."""
    head, header, line = found.head, found.header, found.head.lines[found.layout.position]
    width = len(header)
    least = max((position + 1 for position, name in enumerate(header) if name.strip()), default=0)
    faults: dict[int, str] = {}
    extras: dict[int, list[str]] = {}
    tables = []
    position = 0
    for chunk in _chunks(_records(body, head.delimiter, line)):
        rows = []
        for record, misquoted in chunk:
            while len(record) > width and not record[-1].strip():
                record.pop()
            if misquoted or (record and not least <= len(record) <= width):
                faults[position] = misquoted or f"has {len(record)} cells where the header has {width}"
                extras[position] = record[width:]
            rows.append([*record[:width], *[""] * (width - len(record))])
            position += 1
        columns = [pa.array([cell or None for cell in column], type=pa.large_string()) for column in zip(*rows, strict=True)]
        tables.append(pa.Table.from_arrays(columns, names=[str(index) for index in range(width)]))
    if not tables:
        return pd.DataFrame(columns=range(width), dtype="str"), faults
    frame = pa.concat_tables(tables).to_pandas(types_mapper={pa.large_string(): pd.StringDtype(na_value=np.nan)}.get)
    frame = frame.set_axis(range(width), axis="columns")
    for index in range(min(max((len(cells) for cells in extras.values()), default=0), MOST_EXTRA_CELLS)):
        is_last = index == MOST_EXTRA_CELLS - 1
        texts = {
            row: head.delimiter.join(cells[index:]) if is_last else cells[index] for row, cells in extras.items() if len(cells) > index
        }
        frame[width + index] = pd.Series(texts, dtype="str").reindex(frame.index)
    return frame, faults


def _records(body: bytes, delimiter: str, lines_above: int) -> Iterator[tuple[list[str], str | None]]:
    """The cells of each record, and what is wrong with the quotation marks of one that has them out of place.

    Such a record ends with its line, and its cells are what stands between the delimiters. Where a cell goes on over lines and nobody
    can tell where it ends, the file is refused: else rows would be lost in it.

    Raises:
        UnreadableFile: a quotation mark that is opened and never closed, or a cell longer than `LONGEST_FIELD`.
    """
    csv.field_size_limit(LONGEST_FIELD)
    last = ""

    def lines() -> Iterator[str]:
        nonlocal last
        for text in io.StringIO(body.decode("utf-8"), newline=""):
            last = text
            yield text

    reader = csv.reader(lines(), delimiter=delimiter, strict=True)
    while True:
        start = reader.line_num
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if reader.line_num - start == 1 and _is_out_of_place(error):
                yield last.rstrip("\r\n").split(delimiter), f"has a quotation mark out of place ({error})"
                continue
            line, end = lines_above + start + 1, lines_above + reader.line_num
            opened = f" in the cells that begin in line {line}" if end > line else ""
            raise UnreadableFile(f"not a CSV file: line {end}: {error}{opened}") from error
        yield record, None


def _is_out_of_place(error: csv.Error) -> bool:
    """Whether the module has met something behind a closing quotation mark; it has no class of its own for that."""
    return "expected after" in str(error)


def _chunks(records: Iterator[tuple[list[str], str | None]]) -> Iterator[list[tuple[list[str], str | None]]]:
    chunk = []
    for record in records:
        chunk.append(record)
        if len(chunk) == _CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
