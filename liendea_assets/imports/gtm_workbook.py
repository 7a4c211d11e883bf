"""Reading workbooks (XLSX) of GTM segmentation, or of LinkedIn's connections: any sheet with a table of people, wherever its header is."""

from dataclasses import replace
from pathlib import Path

from liendea_assets.core.errors import UnreadableFile
from liendea_assets.imports.date_orders import note_date_order
from liendea_assets.imports.guarded_reading import SheetGrid, read_sheets
from liendea_assets.imports.inbox import check_workbook
from liendea_assets.imports.linkedin_layout import LINKEDIN_CONNECTIONS
from liendea_assets.imports.model import Origin, SourceFile, SourcePart
from liendea_assets.imports.origins import read_origins, refuse_extra_cells
from liendea_assets.imports.settings import ImportSettings
from liendea_assets.imports.tables import find_table
from liendea_assets.imports.workbook_parts import ORIGIN_SHEET

_AGAIN = " (again "


def read_workbook(path: Path, settings: ImportSettings, name: str | None = None) -> SourceFile:
    """All tables of people in a workbook. Hidden sheets and sheets without a header are passed over, and named in the note.

    Args:
        name: the file's name in the inbox, where it is read from elsewhere.

    Raises:
        UnreadableFile: no workbook, beyond the limits, or none of its sheets has a header that imports.yaml knows.
    """
    check_workbook(path)
    parts: list[SourcePart] = []
    passed_over = []
    sheets = read_sheets(path, settings.workbook_limits, settings.header_search_rows)
    origins = {title: origin for sheet in sheets if sheet.name == ORIGIN_SHEET for title, origin in read_origins(sheet.cells).items()}
    for sheet in sheets:
        if sheet.name == ORIGIN_SHEET:
            continue
        if not sheet.is_visible:
            passed_over.append(f"{sheet.name} (hidden)")
            continue
        part = _find_table(sheet, settings, path.name if name is None else name, origins.get(sheet.name))
        if part is None:
            passed_over.append(f"{sheet.name} (no header)")
        else:
            # a damaged workbook may have two sheets of one name, and a row is known by sheet and number
            same = sum(sheet.name == other.part.partition(_AGAIN)[0] for other in parts)
            parts.append(replace(part, part=f"{sheet.name}{_AGAIN}{same})") if same else part)
    if not parts:
        raise UnreadableFile(
            f"no table of people in the sheets {', '.join(passed_over) or '(none)'}: "
            f"looked in the first {settings.header_search_rows} rows for a name column and two more that gtm_columns in "
            "imports.yaml names; `liendea preview FILE` proposes a mapping"
        )
    notes = [f"passed over: {', '.join(passed_over)}"] if passed_over else []
    notes += [note for part in parts if part.mapping == LINKEDIN_CONNECTIONS and (note := note_date_order(part, settings))]
    return SourceFile(parts, note="; ".join(notes) or None)


def _find_table(sheet: SheetGrid, settings: ImportSettings, file_name: str, origin: Origin | None) -> SourcePart | None:
    """The table in a sheet. Of refused rows that come back it is what a mapping for the file and sheet they come from makes of it."""
    if origin is not None:
        part = find_table(origin.part.partition(_AGAIN)[0], sheet.cells, settings, origin.file_name)
        # whatever stands there now: a mapping that is gone, or does not fit what was made of the sheet, does not count
        if part is not None:
            return refuse_extra_cells(replace(part, part=sheet.name, origin=origin))
    part = find_table(sheet.name, sheet.cells, settings, file_name)
    return None if part is None else refuse_extra_cells(part)
