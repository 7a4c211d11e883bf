"""Lists for people, as XLSX or CSV: whole or not at all, readable by their owner alone, no cell a formula whatever it begins with."""

import csv
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from openpyxl import Workbook

from liendea_assets.core.text import plain_cell
from liendea_assets.imports.rejects import save_workbook, text_cell

SUFFIXES = (".xlsx", ".csv")
# in characters of the standard font
USUAL_WIDTH = 24


def write_list(path: Path, title: str, columns: Sequence[str], rows: Iterable[Sequence[object]], widths: Mapping[str, int]) -> None:
    """Writes a list with a header line.

    Args:
        path: ends with one of `SUFFIXES`.
        title: of the sheet.
        widths: column → characters, in a workbook.
    """
    if path.suffix.lower() == ".csv":
        write_csv(path, columns, rows)
        return
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet(title)
    sheet.freeze_panes = "A2"
    for place, name in enumerate(columns):
        sheet.column_dimensions[_letters(place)].width = widths.get(name, USUAL_WIDTH)
    sheet.append([text_cell(sheet, name) for name in columns])
    for row in rows:
        sheet.append([text_cell(sheet, value) for value in row])
    save_workbook(workbook, path)


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """The same as a CSV in UTF-8, with the mark by which spreadsheet programs know it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with draft.open("w", encoding="utf-8-sig", newline="") as file:
        if os.name == "posix":
            draft.chmod(0o600)
        out = csv.writer(file)
        out.writerow(columns)
        out.writerows([plain_cell(value) for value in row] for row in rows)
    os.replace(draft, path)


def _letters(place: int) -> str:
    """A, B … Z, AA and so on."""
    before, last = divmod(place, 26)
    return (_letters(before - 1) if before else "") + chr(ord("A") + last)
