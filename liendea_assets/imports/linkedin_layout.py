"""How a Connections table saved as a workbook is recognised: by LinkedIn's header, wherever it stands among the first rows."""

from collections.abc import Mapping, Sequence

from liendea_assets.core.errors import UnreadableFile
from liendea_assets.imports.headers import field_of_alias, match_columns
from liendea_assets.imports.model import SourceFile

# The layout that such a sheet is recognised by.
LINKEDIN_CONNECTIONS = "linkedin_connections"

# More than a Connections.csv is known by: a sheet of anybody's own may well name people and the day that they connected on.
_REQUIRED = frozenset({"first_name", "last_name", "company_name", "title", "connected_on"})
# one of these; an export of before mid-2021 has no profiles
_KNOWN_BY = frozenset({"linkedin_id", "work_email"})


def find_linkedin_layout(rows: Sequence[Sequence[object]], columns: Mapping[str, Sequence[str]]) -> tuple[int, dict[int, str]] | None:
    """Position of the first row that is LinkedIn's header, and its columns; None where none is.

    Args:
        columns: `linkedin_columns` of imports.yaml.
    """
    fields = field_of_alias(columns)
    for position, row in enumerate(rows):
        matched = match_columns(row, fields)
        if set(matched.values()) >= _REQUIRED and _KNOWN_BY & set(matched.values()):
            return position, matched
    return None


def holds_connections(source: SourceFile) -> bool:
    """Whether a workbook is a Connections table that was saved anew.

    Raises:
        UnreadableFile: one of its sheets is, and another holds something else.
    """
    are_connections = [part.mapping == LINKEDIN_CONNECTIONS for part in source.parts]
    if any(are_connections) and not all(are_connections):
        raise UnreadableFile("connections of LinkedIn and another table in one workbook; save them as two files")
    return any(are_connections)
