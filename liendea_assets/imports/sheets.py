"""Workbooks for people: typed cells under a header that stays in sight, with filters; no cell a formula, whatever it begins with.

They are written by rustpy-xlsxwriter, which takes a tenth of openpyxl's time; what needs cells of its own goes through openpyxl.
"""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path

from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

# What XLSX can hold, with the header; and of one cell.
MOST_ROWS = 1_048_575
MOST_CHARACTERS = 32_767
# in characters of the standard font
USUAL_WIDTH = 24
DAY = "yyyy-mm-dd"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet.

    Attributes:
        title: at most 31 characters.
        columns: headers, each another one.
        rows: a cell for each column: text, number, date or None. Rows past `MOST_ROWS` are left out.
        widths: column → characters. usual_width: of all others.
        formats: column → number format, such as `0 %`. A date needs one, `DAY`.
    """

    title: str
    columns: Sequence[str]
    rows: Iterable[Sequence[object]]
    widths: Mapping[str, int] = field(default_factory=dict)
    usual_width: int = USUAL_WIDTH
    formats: Mapping[str, str] = field(default_factory=dict)


def write_sheets(path: Path, sheets: Sequence[Sheet]) -> None:
    """Writes a workbook whole or not at all, readable by its owner alone.

    Numbers stay numbers. Text is stored as text; what XML cannot hold is left out of it.
    """
    from rustpy_xlsxwriter import Format, write_worksheets

    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    try:
        write_worksheets(
            [(sheet.title, _records(sheet)) for sheet in sheets],
            str(draft),
            freeze_panes={"general": {"row": 1, "col": 0}},
            bold_headers=True,
            autofilter={sheet.title: True for sheet in sheets},
            column_widths={sheet.title: {name: sheet.widths.get(name, sheet.usual_width) for name in sheet.columns} for sheet in sheets},
            column_formats={sheet.title: {name: Format().set_num_format(form) for name, form in sheet.formats.items()} for sheet in sheets},
        )
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def _records(sheet: Sheet) -> object:
    """What the writer takes: rows by header, read as they are written; a frame where there are none, which brings the headers."""
    import pandas as pd

    rows = iter(sheet.rows)
    first = next(rows, None)
    if first is None:
        return pd.DataFrame(columns=list(sheet.columns))
    return _by_header(sheet.columns, first, islice(rows, MOST_ROWS - 1))


def _by_header(columns: Sequence[str], first: Sequence[object], others: Iterable[Sequence[object]]) -> Iterator[dict[str, object]]:
    yield dict(zip(columns, map(_cell, first), strict=True))
    for row in others:
        yield dict(zip(columns, map(_cell, row), strict=True))


def _cell(value: object) -> object:
    if isinstance(value, str):
        # most text has nothing to look for
        return value if len(value) < 8_000 and value.isprintable() else _plain_text(value)
    return value if value is None or isinstance(value, (int, float, date)) else str(value)


def _plain_text(value: str) -> str:
    """Without control characters and halves of characters, and no longer than a cell holds: a cell counts an emoji as two."""
    text = ILLEGAL_CHARACTERS_RE.sub("", value).encode("utf-8", "replace").decode()
    return text.encode("utf-16-le")[: 2 * MOST_CHARACTERS].decode("utf-16-le", "ignore")
