"""Finding the table of people in a sheet, or LinkedIn's: its header anywhere in the first rows, the rows below it, blank ones counted."""

import pandas as pd

from liendea_assets.imports.layouts import Layout, find_layout
from liendea_assets.imports.linkedin_layout import LINKEDIN_CONNECTIONS, find_linkedin_layout
from liendea_assets.imports.model import DEFAULT_MAPPING, SourcePart
from liendea_assets.imports.settings import ImportSettings


def find_table(name: str, grid: pd.DataFrame, settings: ImportSettings, file_name: str = "", first_number: int = 1) -> SourcePart | None:
    """The table of people in a sheet; None where none of its first rows is a header.

    Args:
        name: the sheet's.
        grid: all cells as text (`str`, missing where empty) from the sheet's first row on, header included; columns 0 … n-1.
        file_name: the file's, which may tell a mapping.
        first_number: the number of the grid's first row.
    """
    top = [_cells(grid, position) for position in range(min(len(grid), settings.header_search_rows))]
    layout = find_layout(top, settings, file_name, name)
    if layout is None or layout.mapping == DEFAULT_MAPPING:
        # a mapping of the user's own goes first; the general names would take LinkedIn's URL for a company's
        connections = find_linkedin_layout(top, settings.linkedin_columns)
        layout = layout if connections is None else Layout(*connections, LINKEDIN_CONNECTIONS)
    if layout is None:
        return None
    names = tuple(cell or "" for cell in top[layout.position])
    start = layout.position + 1
    below = grid.iloc[start:].reset_index(drop=True)
    numbers = pd.Series(range(first_number + start, first_number + len(grid)), dtype="int64")
    cells, kept_numbers, blank = drop_blank_rows(below, numbers)
    header_number = first_number + layout.position
    return SourcePart(name, names, layout.columns, cells, kept_numbers, blank, layout.mapping, header_number)


def drop_blank_rows(cells: pd.DataFrame, numbers: pd.Series) -> tuple[pd.DataFrame, pd.Series, int]:
    """The rows that hold something, their numbers, and how many blank ones stand between them; those after the last do not count."""
    is_blank = pd.Series(True, index=cells.index)
    for column in cells.columns:
        if not is_blank.any():
            return cells, numbers, 0
        # only what is still blank is looked at: most rows are filled in their first columns
        still = cells.loc[is_blank, column]
        is_blank[still.index] = still.isna() | (still.str.strip() == "")
    filled = (~is_blank).to_numpy().nonzero()[0]
    end = int(filled[-1]) + 1 if len(filled) else 0
    is_kept = ~is_blank.iloc[:end]
    kept = cells.iloc[:end][is_kept].reset_index(drop=True)
    return kept, numbers.iloc[:end][is_kept].reset_index(drop=True), end - len(kept)


def _cells(grid: pd.DataFrame, position: int) -> list[str | None]:
    return [cell if isinstance(cell, str) else None for cell in grid.iloc[position]]
