"""Reading GTM segmentation workbooks (XLSX): any sheet that holds a table of people, wherever its header stands."""

from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO

from openpyxl import load_workbook
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from liendea_assets.core.errors import UnreadableFile
from liendea_assets.imports.headers import to_part
from liendea_assets.imports.inbox import check_workbook
from liendea_assets.imports.layouts import find_layout
from liendea_assets.imports.model import SourceFile, SourcePart
from liendea_assets.imports.settings import ImportSettings


def read_workbook(path: Path, settings: ImportSettings) -> SourceFile:
    """All tables of people in a workbook. Hidden sheets and sheets without a header are passed over, and named in the note.

    Raises:
        UnreadableFile: no workbook, or none of its sheets has a header that imports.yaml knows.
    """
    check_workbook(path)
    # opened here, because openpyxl leaves a file open whose parts it cannot read
    with path.open("rb") as file:
        parts, passed_over = _read_sheets(file, settings, path.name)
    if not parts:
        raise UnreadableFile(
            f"no table of people in the sheets {', '.join(passed_over) or '(none)'}: "
            f"looked in the first {settings.header_search_rows} rows for a name column and two more that gtm_columns in "
            "imports.yaml names; `liendea preview FILE` proposes a mapping"
        )
    return SourceFile(parts, note=f"passed over: {', '.join(passed_over)}" if passed_over else None)


def _read_sheets(file: BinaryIO, settings: ImportSettings, file_name: str) -> tuple[list[SourcePart], list[str]]:
    """The tables of people, and the sheets that were passed over."""
    try:
        workbook = load_workbook(file, read_only=True, data_only=True)
    except Exception as error:
        # openpyxl answers broken parts with whatever its parser met: KeyError, ValueError, ParseError, BadZipFile …
        raise UnreadableFile(f"the workbook is damaged ({type(error).__name__} while opening it)") from error
    parts, passed_over = [], []
    try:
        for sheet in workbook.worksheets:
            if sheet.sheet_state != "visible":
                passed_over.append(f"{sheet.title} (hidden)")
                continue
            part = _read_sheet(sheet, settings, file_name)
            if part is None:
                passed_over.append(f"{sheet.title} (no header)")
            else:
                parts.append(part)
    except Exception as error:
        raise UnreadableFile(f"the workbook is damaged ({type(error).__name__} while reading its cells)") from error
    finally:
        workbook.close()
    return parts, passed_over


def _read_sheet(sheet: ReadOnlyWorksheet, settings: ImportSettings, file_name: str) -> SourcePart | None:
    # the size that a sheet claims is often wrong; reading to the last filled row is not
    sheet.reset_dimensions()
    rows = _numbered_rows(sheet)
    top = list(islice(rows, settings.header_search_rows))
    layout = find_layout([cells for _, cells in top], settings, file_name, sheet.title)
    if layout is None:
        return None
    below = chain(top[layout.position + 1 :], rows)
    number, header = top[layout.position]
    return to_part(sheet.title, header, below, layout.columns, layout.mapping, number)


def _numbered_rows(sheet: ReadOnlyWorksheet) -> Iterator[tuple[int, tuple[object, ...]]]:
    # openpyxl lends the method to this class from another one, which its type stubs do not know
    yield from enumerate(sheet.iter_rows(values_only=True), start=1)  # type: ignore[misc]
