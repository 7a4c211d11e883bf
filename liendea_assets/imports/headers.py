"""Finding a table's header row, and which of its columns are which field."""

from collections.abc import Iterable, Mapping, Sequence

from liendea_assets.core.text import fold

# Fewer known columns than this are a coincidence in a title or a note.
FEWEST_COLUMNS = 3


def field_of_alias(columns: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Folded column name → field; a field's own name counts too."""
    return {fold(alias): field for field, aliases in columns.items() for alias in (field, *aliases)}


def match_columns(cells: Iterable[object], fields: Mapping[str, str]) -> dict[int, str]:
    """Position → field for the cells of a candidate header. A field that appears twice is taken from its first column."""
    matched: dict[int, str] = {}
    for position, cell in enumerate(cells):
        field = fields.get(fold(str(cell))) if cell is not None else None
        if field is not None and field not in matched.values():
            matched[position] = field
    return matched


def is_person_table(matched: Mapping[int, str]) -> bool:
    """Whether these columns can make a person: a name and two things more."""
    fields = set(matched.values())
    return len(fields) >= FEWEST_COLUMNS and bool(fields & {"full_name", "last_name"})


def find_header(rows: Sequence[Sequence[object]], fields: Mapping[str, str]) -> tuple[int, dict[int, str]] | None:
    """Position of the row that matches most fields, and its columns; None where no row makes a table of people."""
    best: tuple[int, dict[int, str]] | None = None
    for position, row in enumerate(rows):
        matched = match_columns(row, fields)
        if is_person_table(matched) and (best is None or len(matched) > len(best[1])):
            best = (position, matched)
    return best
