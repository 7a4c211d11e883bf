"""The first rows of a file's tables as they stand there, for a look at a layout that nothing recognises."""

from pathlib import Path

from liendea_assets.imports.csv_head import CsvHead, read_head, to_utf8
from liendea_assets.imports.guarded_reading import SheetGrid, read_sheets
from liendea_assets.imports.inbox import check_workbook
from liendea_assets.imports.limits import WorkbookLimits

Rows = list[list[str | None]]


def read_tops(path: Path, kind: str, rows: int, limits: WorkbookLimits) -> list[list[Rows]]:
    """The first rows of each table, in each way that they can be read (a CSV under each delimiter).

    Raises:
        UnreadableFile: neither a workbook nor text, or a workbook beyond the limits.
    """
    if kind == "gtm_workbook":
        check_workbook(path)
        return [[_top(sheet, rows)] for sheet in read_sheets(path, limits, rows) if sheet.is_visible]
    with path.open("rb") as file:
        content = to_utf8(file.read(CsvHead.LONGEST), is_cut=True).content
    return [[[[cell or None for cell in record] for record in head.records] for head in read_head(content, rows)]]


def _top(sheet: SheetGrid, rows: int) -> Rows:
    cells = sheet.cells.head(rows).astype(object)
    top: Rows = cells.where(cells.notna(), None).to_numpy().tolist()
    return top
