"""How a list of decisions is recognised: by its header, wherever it stands among the first rows, and whatever the file is called."""

from collections.abc import Mapping, Sequence

from liendea_assets.imports.headers import field_of_alias, match_columns

# The kind of such a file in import_files, and the layout that its tables are recognised by.
MERGE_DECISIONS = "merge_decisions"

# A hand-made list needs these four columns and nothing else; a field's own name counts too.
DECISION_COLUMNS: Mapping[str, Sequence[str]] = {
    "entity": ("What", "Kind", "Type", "Record type"),
    "left_id": ("Left", "First ID", "ID 1", "ID A"),
    "right_id": ("Right", "Second ID", "ID 2", "ID B"),
    "decision": ("Verdict", "Your decision", "Same or different"),
}
_FIELDS = field_of_alias(DECISION_COLUMNS)


def find_decision_header(rows: Sequence[Sequence[object]]) -> tuple[int, dict[int, str]] | None:
    """Position of the first row that names all of `DECISION_COLUMNS`, and its columns; None where none does."""
    for position, row in enumerate(rows):
        columns = match_columns(row, _FIELDS)
        if set(columns.values()) == set(DECISION_COLUMNS):
            return position, columns
    return None
