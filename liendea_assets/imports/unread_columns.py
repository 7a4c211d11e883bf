"""Columns of a file that are no field: told by their names, so that nobody wonders where a column went."""

from collections.abc import Sequence

from liendea_assets.imports.model import SourceFile, SourcePart
from liendea_assets.imports.origins import EXTRA_HEADER
from liendea_assets.imports.rejects import REASON_HEADER

# What a sentence can name; a sheet may have 16,384 columns, and a cell any length.
MOST_NAMES = 30
LONGEST_NAME = 60


def unread_columns(part: SourcePart) -> tuple[str, ...]:
    """The names of a table's columns that no field is read from; neither those without a name nor those that a file of ours adds."""
    names = ((position, name) for position, name in enumerate(part.header) if name.strip() and name not in (REASON_HEADER, EXTRA_HEADER))
    return tuple(name for position, name in names if position not in part.columns)


def describe_file(source: SourceFile) -> str | None:
    """What the user should know of how a file was read: its reader's note, and the columns that are not read."""
    told = [source.note] if source.note else []
    told += [f"columns that are not read in {part.part}: {list_names(names)}" for part in source.parts if (names := unread_columns(part))]
    return "; ".join(told) or None


def list_names(names: Sequence[str]) -> str:
    """Names for a sentence: the first ones, each no longer than is bearable."""
    shown = [_shorten(" ".join(name.split())) for name in names[:MOST_NAMES]]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _shorten(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"
