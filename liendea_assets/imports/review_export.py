"""The review list as a file: to be filled in by a human in a spreadsheet program, and dropped into the inbox."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.worksheet.datavalidation import DataValidation

from liendea_assets.db.connection import Database, to_records
from liendea_assets.imports import decision_store
from liendea_assets.imports.list_files import write_csv
from liendea_assets.imports.rejects import save_workbook, text_cell
from liendea_assets.imports.sheets import USUAL_WIDTH

_SIDE = ("ID", "name", "company", "title", "address")
# `decision_layout.DECISION_COLUMNS` are among them; the others are for whoever decides.
EXPORT_COLUMNS = (
    "Entity", *(f"Left {name}" for name in _SIDE), *(f"Right {name}" for name in _SIDE), "Evidence", "Probability", "Decision",
)  # fmt: skip
# in characters of the standard font
_WIDTHS = {"Evidence": 50, "Decision": 14, "Probability": 11, "Entity": 10, "Left ID": 8, "Right ID": 8}


def export_reviews(db: Database, path: Path) -> int:
    """Writes every pair to decide, the likeliest first, with an empty column for the decision.

    The file appears whole or not at all, readable by its owner alone. No cell is a formula, whatever a name begins with.

    Args:
        path: ends with one of `list_files.SUFFIXES`.

    Returns:
        How many pairs.
    """
    rows = review_rows(db)
    if path.suffix.lower() == ".csv":
        write_csv(path, EXPORT_COLUMNS, rows)
    else:
        _write_workbook(path, rows)
    return len(rows)


def review_rows(db: Database) -> list[list[object]]:
    """Every pair to decide, the likeliest first, with the names of both sides; cells as `EXPORT_COLUMNS`, None for what is not known."""
    reviews = decision_store.list_reviews(db)
    sides: dict[str, dict[int, Mapping[str, Any]]] = {}
    for entity, read in (("contact", decision_store.read_records), ("company", decision_store.read_company_records)):
        own = reviews[reviews["entity"] == entity]
        records = read(db, {*own["left_id"], *own["right_id"]}).reset_index()
        sides[entity] = {record["id"]: record for record in to_records(records)}
    return [
        [
            review["entity"],
            *_describe(review["left_id"], sides[review["entity"]]),
            *_describe(review["right_id"], sides[review["entity"]]),
            ", ".join(json.loads(review["evidence"])),
            review["probability"],
            None,
        ]
        for review in to_records(reviews)
    ]


def _describe(id_: int, records: Mapping[int, Mapping[str, Any]]) -> list[object]:
    record = records[id_]
    if "domain" in record:
        return [id_, record["name"], None, None, record["domain"]]
    return [id_, record["full_name"], record["company_name"], record["title"], record["work_email"]]


def _write_workbook(path: Path, rows: Sequence[Sequence[object]]) -> None:
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet("Decisions")
    sheet.freeze_panes = "A2"
    letter = ""
    for position, name in enumerate(EXPORT_COLUMNS):
        letter = chr(ord("A") + position)
        sheet.column_dimensions[letter].width = _WIDTHS.get(name, USUAL_WIDTH)
    # the last column is the one to fill in
    allowed = DataValidation(
        type="list",
        formula1='"same,different"',
        allow_blank=True,
        showErrorMessage=True,
        errorTitle="Decision",
        error="same, different, or nothing",
    )
    allowed.add(f"{letter}2:{letter}{max(len(rows), 1) + 1}")
    sheet.data_validations.append(allowed)
    for row in [EXPORT_COLUMNS, *rows]:
        sheet.append([text_cell(sheet, value) for value in row])
    save_workbook(workbook, path)
