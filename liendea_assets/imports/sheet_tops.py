"""The first rows of a file's tables as they stand there, for a look at a layout that nothing recognises."""

from itertools import islice
from pathlib import Path

from openpyxl import load_workbook

from liendea_assets.core.errors import UnreadableFile
from liendea_assets.imports.csv_head import CsvHead, read_head, to_utf8
from liendea_assets.imports.headers import cell_text
from liendea_assets.imports.inbox import check_workbook

Rows = list[list[str | None]]


def read_tops(path: Path, kind: str, rows: int) -> dict[str, list[Rows]]:
    """Name of a table → its first rows, in each way that they can be read (a CSV under each delimiter).

    Raises:
        UnreadableFile: neither a workbook nor text.
    """
    if kind == "gtm_workbook":
        return {name: [top] for name, top in _read_workbook(path, rows).items()}
    with path.open("rb") as file:
        content = to_utf8(file.read(CsvHead.LONGEST), is_cut=True).content
    return {path.name: [[[cell or None for cell in record] for record in head.records] for head in read_head(content, rows)]}


def _read_workbook(path: Path, rows: int) -> dict[str, Rows]:
    check_workbook(path)
    with path.open("rb") as file:
        try:
            workbook = load_workbook(file, read_only=True, data_only=True)
            sheets = [sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible"]
            return {sheet.title: [[cell_text(cell) for cell in row] for row in islice(sheet.values, rows)] for sheet in sheets}
        except Exception as error:
            # openpyxl answers broken parts with whatever its parser met
            raise UnreadableFile(f"the workbook is damaged ({type(error).__name__} while opening it)") from error
