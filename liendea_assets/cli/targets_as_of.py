"""`liendea targets --as-of DAY`: an earlier day's target list out of that day's backup."""

import csv
import os
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pandas as pd
from openpyxl import Workbook
from rich.console import Console
from rich.table import Table
from rich.text import Text

from liendea_assets.core.home import Home
from liendea_assets.core.text import plain_cell
from liendea_assets.db.connection import to_rows
from liendea_assets.imports.rejects import save_workbook, text_cell
from liendea_assets.operations.reading import read_backup
from liendea_assets.scoring import preview_store, target_store

COLUMNS = ("contact_id", "full_name", "title", "company_name", "icp_score", "priority", "status", "targeting_reason", "created_at")
_ON_SCREEN = ("contact_id", "full_name", "title", "company_name", "icp_score", "priority", "status")
SHOWN = 50


def targets_as_of(home: Home, day: date) -> pd.DataFrame:
    """`COLUMNS` of the targets as they stood when the day's backup was made, the best first.

    Raises:
        SettingsError: there is no backup of that day, or it cannot be read.
    """
    with read_backup(home, day) as db:
        targets = target_store.read_targets(db)
        names = preview_store.read_names(db, targets["contact_id"].tolist())
    # of an empty table the types are not known
    return targets.astype({"contact_id": "int64"}).merge(names, on="contact_id", how="left")[list(COLUMNS)]


def show_targets(home: Home, day: date, out: Path | None) -> None:
    """Prints the best of them, or writes them all to a file for its owner alone."""
    found, console = targets_as_of(home, day), Console(highlight=False)
    if out is None:
        table = Table(*(name.replace("_", " ") for name in _ON_SCREEN), title=f"Targets of {day}", title_justify="left")
        for row in to_rows(found.head(SHOWN), _ON_SCREEN):
            table.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
        console.print(table)
        more = f"; the first {SHOWN} are shown, --export writes them all" if len(found) > SHOWN else ""
        console.print(Text(f"{len(found)} targets{more}"))
        return
    write_targets(out.expanduser(), [COLUMNS, *to_rows(found, COLUMNS)])
    console.print(Text(f"{len(found)} targets of {day} written: {out}"), soft_wrap=True)


def write_targets(path: Path, rows: Sequence[Sequence[object]]) -> None:
    """An XLSX or CSV file, whole or not at all; no cell is a formula, whatever a name begins with."""
    if path.suffix.lower() == ".xlsx":
        workbook = Workbook(write_only=True)
        sheet = workbook.create_sheet("Targets")
        sheet.freeze_panes = "A2"
        for row in rows:
            sheet.append([text_cell(sheet, value) for value in row])
        save_workbook(workbook, path)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    with draft.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([plain_cell(value) for value in row] for row in rows)
    os.replace(draft, path)
