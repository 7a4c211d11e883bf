"""The rows of a file that were refused, in a workbook of their own: to be corrected there and dropped into the inbox again."""

import os
import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from liendea_assets.imports.model import Origin, SourcePart
from liendea_assets.imports.origins import name_extra_cells, write_origins
from liendea_assets.imports.sheets import MOST_ROWS

# The header above the reasons; no mapping knows it, so the column is passed over when the workbook comes back.
REASON_HEADER = "Why this row is here"
_NOT_IN_A_NAME = re.compile(r"[^\w.-]+")


def rejects_path(folder: Path, file_name: str, sha256: str) -> Path:
    """Where the workbook of a file stands: named after the file, and told apart from its other versions by content."""
    stem = _NOT_IN_A_NAME.sub("_", Path(file_name).stem)[:80]
    return folder / f"{stem}_{sha256[:8]}_rejects.xlsx"


def write_rejects(path: Path, parts: Sequence[SourcePart], rejections: pd.DataFrame) -> int:
    """Writes every row that was refused, or had a value refused, as it stood in its file, with the reasons.

    The file appears whole or not at all, readable by its owner alone. Cells are text, so that none of them is a formula.

    Args:
        rejections: of all parts, as in `Landed`.

    Returns:
        How many rows; without any, nothing is written.
    """
    if rejections.empty:
        # of a former reading of the same content
        path.unlink(missing_ok=True)
        return 0
    workbook = Workbook(write_only=True)
    written = 0
    origins: dict[str, Origin] = {}
    for part in parts:
        refused = _with_reasons(part, rejections[rejections["part"] == part.part])
        if refused.empty:
            continue
        sheet = workbook.create_sheet(re.sub(r"[\[\]:*?/\\]", "_", part.part)[:31] or "Data")
        sheet.freeze_panes = "A2"
        if part.origin is not None:
            origins[sheet.title] = part.origin
        for row in [
            [REASON_HEADER, *name_extra_cells(part)],
            *refused.astype(object).where(refused.notna(), None).values.tolist()[:MOST_ROWS],
        ]:
            sheet.append([text_cell(sheet, value) for value in row])
        written += len(refused)
    write_origins(workbook, origins)
    save_workbook(workbook, path)
    return written


def save_workbook(workbook: Workbook, path: Path) -> None:
    """Saves a workbook whole or not at all, readable by its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    workbook.save(draft)
    os.replace(draft, path)


def _with_reasons(part: SourcePart, rejections: pd.DataFrame) -> pd.DataFrame:
    """One row per refused source row: its reasons, then its cells."""
    columns = rejections["column_name"].where(rejections["column_name"].notna(), "")
    told = (columns.astype(str) + ": " + rejections["reason"].astype(str)).str.removeprefix(": ")
    reasons = told.groupby(rejections["row_number"].astype("int64")).agg("; ".join)
    is_refused = part.numbers.isin(reasons.index)
    cells = part.cells[is_refused].reset_index(drop=True)
    numbers = part.numbers[is_refused].reset_index(drop=True)
    cells.insert(0, "reason", "row " + numbers.astype(str) + ": " + numbers.map(reasons))
    return cells


def text_cell(sheet: WriteOnlyWorksheet, value: object) -> object:
    """A cell that a spreadsheet shows and never computes, whatever it begins with; numbers stay numbers."""
    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", value)[:32_767])
    cell.data_type = "s"
    return cell
