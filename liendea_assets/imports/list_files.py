"""Lists for people, as XLSX or CSV: whole or not at all, readable by their owner alone, no cell a formula whatever it begins with."""

import csv
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from liendea_assets.core.text import plain_cell
from liendea_assets.imports.sheets import Sheet, write_sheets

SUFFIXES = (".xlsx", ".csv")


def write_list(path: Path, listed: Sheet) -> None:
    """Writes a list with a header line; `path` ends with one of `SUFFIXES`."""
    if path.suffix.lower() == ".csv":
        write_csv(path, listed.columns, listed.rows)
    else:
        write_sheets(path, [listed])


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """The same as a CSV in UTF-8, with the mark by which spreadsheet programs know it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    with draft.open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.writer(file)
        out.writerow(columns)
        out.writerows([plain_cell(value) for value in row] for row in rows)
    os.replace(draft, path)
