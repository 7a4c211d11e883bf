"""Where the rows of a workbook of refused rows come from: on a sheet of its own there, so that corrected ones are read as they were."""

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from liendea_assets.imports.model import Origin, SourcePart
from liendea_assets.imports.workbook_parts import ORIGIN_SHEET

# The header above cells that a row had beyond its header. Named, because a reader passes over columns without any name far down.
EXTRA_HEADER = "More cells than the header has"
_COLUMNS = ("Sheet", "File", "Table", "Plain growth numbers are in percent")
_YES, _NO = "yes", "no"


def write_origins(workbook: Workbook, origins: Mapping[str, Origin]) -> None:
    """Adds the sheet, which spreadsheet programs keep and do not list.

    Args:
        origins: title of a sheet in this workbook → where its rows come from.
    """
    if not origins:
        return
    sheet = workbook.create_sheet(ORIGIN_SHEET)
    sheet.sheet_state = "veryHidden"
    rows = [(title, origin.file_name, origin.part, _YES if origin.in_percent else _NO) for title, origin in origins.items()]
    for row in [_COLUMNS, *rows]:
        cells = [WriteOnlyCell(sheet, text) for text in row]
        for cell in cells:
            # a file's name may begin as a formula does
            cell.data_type = "s"
        sheet.append(cells)


def read_origins(cells: pd.DataFrame) -> dict[str, Origin]:
    """Title of a sheet → where its rows come from; without the lines that this module has not written.

    Args:
        cells: the sheet's, as text.
    """
    rows = cells.astype(object).where(cells.notna(), "").to_numpy().tolist()
    if not rows or tuple(rows[0][: len(_COLUMNS)]) != _COLUMNS:
        return {}
    lines = [row[: len(_COLUMNS)] for row in rows[1:] if all(row[: len(_COLUMNS)]) and row[3] in (_YES, _NO)]
    return {title: Origin(file_name, part, in_percent == _YES) for title, file_name, part, in_percent in lines}


def name_extra_cells(part: SourcePart) -> list[str]:
    """The header of a table with a name above each cell that some row has beyond it."""
    width = len(part.header) if part.width is None else part.width
    return [*part.header[:width], *(name or EXTRA_HEADER for name in part.header[width:])]


def refuse_extra_cells(part: SourcePart) -> SourcePart:
    """The same table, whose rows are refused while they hold cells beyond the header of the file that they come from."""
    extra = [position for position, name in enumerate(part.header) if name == EXTRA_HEADER]
    if not extra:
        return part
    is_filled = part.cells[extra].apply(lambda cells: cells.str.strip().fillna("") != "").any(axis=1)
    faults = dict.fromkeys(is_filled.to_numpy().nonzero()[0].tolist(), f"holds cells under {EXTRA_HEADER!r}")
    return replace(part, faults=faults | dict(part.faults))
