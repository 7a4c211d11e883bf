"""Which layout of imports.yaml a header belongs to, and which of its columns are which field."""

from collections.abc import Mapping as AnyMapping
from collections.abc import Sequence
from dataclasses import dataclass

from liendea_assets.core.text import fold
from liendea_assets.imports.decision_layout import MERGE_DECISIONS, find_decision_header
from liendea_assets.imports.headers import NAME_FIELDS, field_of_alias, find_header, match_columns
from liendea_assets.imports.mapping import Mapping
from liendea_assets.imports.model import DEFAULT_MAPPING
from liendea_assets.imports.settings import ImportSettings


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a table's header stands, and what it says.

    Attributes:
        position: of the header among the rows looked at.
        columns: position of a column → field.
        mapping: name of the mapping that it was recognised by; `MERGE_DECISIONS` for a list of decisions, whose fields are its own.
    """

    position: int
    columns: dict[int, str]
    mapping: str


def find_layout(rows: Sequence[Sequence[object]], settings: ImportSettings, file_name: str, sheet_name: str) -> Layout | None:
    """The first mapping that one of the rows fits, else the general column names; None where no row is a header of people.

    A list of decisions is told first: it names people too, and no table of people has its columns.
    """
    decisions = find_decision_header(rows)
    if decisions is not None:
        return Layout(*decisions, MERGE_DECISIONS)
    for name, mapping in settings.mappings.items():
        if not mapping.fits_place(file_name, sheet_name):
            continue
        found = _find_recognised(rows, mapping, columns_of(mapping, settings))
        if found is not None:
            return Layout(*found, name)
    general = find_header(rows, field_of_alias(settings.gtm_columns))
    return None if general is None else Layout(*general, DEFAULT_MAPPING)


def columns_of(mapping: Mapping, settings: ImportSettings) -> dict[str, str]:
    """Folded column name → field under a mapping; its own names go before the general ones."""
    general = field_of_alias(settings.gtm_columns) if mapping.inherit else {}
    own = {fold(alias): field for field, aliases in mapping.columns.items() for alias in aliases}
    return general | own


def _find_recognised(rows: Sequence[Sequence[object]], mapping: Mapping, fields: AnyMapping[str, str]) -> tuple[int, dict[int, str]] | None:
    if not mapping.recognised_by:
        return find_header(rows, fields)
    wanted = {fold(name) for name in mapping.recognised_by}
    for position, row in enumerate(rows):
        if wanted <= {fold(str(cell)) for cell in row if cell is not None}:
            columns = match_columns(row, fields)
            # a header without a name column makes no person, whatever else it was recognised by
            if NAME_FIELDS & set(columns.values()):
                return position, columns
    return None
