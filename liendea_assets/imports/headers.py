"""Finding a table's header row, which of its columns are which field, and the rows below it."""

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from liendea_assets.core.text import fold
from liendea_assets.imports.cell_texts import cell_text
from liendea_assets.imports.model import DEFAULT_MAPPING, SourcePart

# Cells beyond the header are kept, so that a broken row can be shown; what is beyond these goes into the last one.
MOST_EXTRA_CELLS = 50
# Fewer known fields than this are a coincidence in a title or a note.
FEWEST_FIELDS = 3
NAME_FIELDS = frozenset({"first_name", "last_name", "full_name"})
# What only a table of people has; a name, a website and a size make a table of companies.
_OF_A_PERSON = frozenset({"first_name", "last_name", "title", "work_email", "work_phone", "mobile_phone", "linkedin_id"})


def field_of_alias(columns: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Folded column name → field; a field's own name counts too."""
    return {fold(alias): field for field, aliases in columns.items() for alias in (field, *aliases)}


def match_columns(cells: Iterable[object], fields: Mapping[str, str]) -> dict[int, str]:
    """Position → field for the cells of a candidate header. Several columns may be one field; see `pick`."""
    named = ((position, fields.get(fold(str(cell)))) for position, cell in enumerate(cells) if cell is not None)
    return {position: field for position, field in named if field is not None}


def is_person_table(matched: Mapping[int, str]) -> bool:
    """Whether these columns can make a person: a name, something else of a person, and a third thing."""
    fields = set(matched.values())
    return len(fields) >= FEWEST_FIELDS and bool(fields & {"full_name", "last_name"}) and bool(fields & _OF_A_PERSON)


def find_header(rows: Sequence[Sequence[object]], fields: Mapping[str, str]) -> tuple[int, dict[int, str]] | None:
    """Position of the row that matches most fields, and its columns; None where no row makes a table of people."""
    best: tuple[int, dict[int, str]] | None = None
    for position, row in enumerate(rows):
        matched = match_columns(row, fields)
        if is_person_table(matched) and (best is None or len(matched) > len(best[1])):
            best = (position, matched)
    return best


def to_part(
    name: str,
    header: Sequence[object],
    rows: Iterable[tuple[int, Sequence[object]]],
    columns: Mapping[int, str],
    mapping: str = DEFAULT_MAPPING,
    header_number: int | None = None,
    fewest_cells: int = 0,
) -> SourcePart:
    """The rows below a header, blank ones counted and left out; those after the last filled row do not count.

    Args:
        header: the header's cells.
        header_number: its row's number.
        rows: number and cells of each row. Empty cells at a row's end mean nothing; any other beyond the header are the row's fault.
        fewest_cells: a row with fewer has that as its fault.
    """
    width = len(header)
    data: list[list[str | None]] = []
    numbers, blank, trailing = [], 0, 0
    faults: dict[int, str] = {}
    extras: dict[int, list[str | None]] = {}
    for number, cells in rows:
        texts = [cell_text(cell) for cell in cells]
        if not any(texts):
            trailing += 1
            continue
        blank, trailing = blank + trailing, 0
        while len(texts) > width and texts[-1] is None:
            texts.pop()
        if not fewest_cells <= len(texts) <= width:
            faults[len(data)] = f"has {len(texts)} cells where the header has {width}"
            extras[len(data)] = texts[width:]
        data.append(texts[:width] + [None] * (width - len(texts)))
        numbers.append(number)
    texts_by_column = _with_extras(pd.DataFrame(data, columns=range(width), dtype="str"), extras)
    names = tuple(cell_text(cell) or "" for cell in header) + ("",) * (len(texts_by_column.columns) - width)
    return SourcePart(
        name, names, columns, texts_by_column, pd.Series(numbers, dtype="int64"), blank, mapping, header_number, faults=faults
    )


def _with_extras(frame: pd.DataFrame, extras: Mapping[int, Sequence[str | None]]) -> pd.DataFrame:
    """The table with columns for the cells beyond its header, by position of the row."""
    width = len(frame.columns)
    for index in range(min(max(map(len, extras.values()), default=0), MOST_EXTRA_CELLS)):
        is_last = index == MOST_EXTRA_CELLS - 1
        texts = {
            row: ",".join(cell or "" for cell in cells[index:]) if is_last else cells[index]
            for row, cells in extras.items()
            if len(cells) > index
        }
        frame[width + index] = pd.Series(texts, dtype="str").reindex(frame.index)
    return frame
