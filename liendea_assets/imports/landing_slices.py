"""From the rows of a table to rows that are ready to be stored, with their keys, slice by slice."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pandas as pd

from liendea_assets.imports.date_orders import settle_date_formats
from liendea_assets.imports.grouping import Ints
from liendea_assets.imports.model import Landed, Origin, SourcePart
from liendea_assets.imports.name_keys import NameKeys
from liendea_assets.imports.normalize import as_percent, land_gtm, land_linkedin, says_percent
from liendea_assets.imports.row_keys import hash_rows, make_keys
from liendea_assets.imports.settings import ImportSettings

ROWS_AT_ONCE = 100_000


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of one table that no earlier version of the file has landed.

    Attributes:
        hashes: `hash_rows` of each; None where they are not known yet.
        in_percent: whether plain growth numbers of the whole table are in percent.
        date_formats: how the dates of the whole table are read; a GTM table has none.
    """

    part: SourcePart
    hashes: Ints | None
    in_percent: bool
    date_formats: tuple[str, ...] = ()

    def slices(self) -> "Iterator[Table]":
        """The same rows, `ROWS_AT_ONCE` at a time; a table without rows is one slice."""
        for start in range(0, max(len(self.part.cells), 1), ROWS_AT_ONCE):
            stop = start + ROWS_AT_ONCE
            yield replace(self, part=self.part.between(start, stop), hashes=None if self.hashes is None else self.hashes[start:stop])


@dataclass(frozen=True, slots=True)
class LandedSlice:
    """Rows with `row_hash`, their rejections, and the keys (`row_keys.STORED_COLUMNS`) of the accepted ones, indexed by position."""

    landed: Landed
    keys: pd.DataFrame


class Lander:
    """What landing a slice needs to know of its file."""

    def __init__(self, kind: str, file_name: str, settings: ImportSettings) -> None:
        self.kind = kind
        self.file_name = file_name
        self.settings = settings
        # slices share their names
        self._names = NameKeys(settings)

    def table(self, part: SourcePart) -> Table:
        """A whole table of the file, with its origin."""
        if self.kind == "linkedin_export":
            return Table(part, None, in_percent=False, date_formats=settle_date_formats(part, self.settings))
        in_percent = says_percent(part)
        # of rows that were refused elsewhere the place where they stood first
        origin = replace(part.origin, in_percent=in_percent) if part.origin else Origin(self.file_name, part.part, in_percent)
        return Table(replace(part, origin=origin), None, in_percent)

    def hash(self, table: Table) -> Ints:
        """A hash per row over what it says; a plain growth number says another thing once its column is in percent."""
        fields = table.part.contents()
        if table.in_percent and "growth_rate" in fields:
            fields["growth_rate"] = as_percent(fields["growth_rate"])
        return hash_rows(fields)

    def land(self, table: Table) -> LandedSlice:
        """Normalises, hashes and keys one slice."""
        if self.kind == "linkedin_export":
            landed = land_linkedin(table.part, self.settings, table.date_formats)
        else:
            landed = land_gtm(table.part, self.settings, self.file_name, in_percent=table.in_percent)
        rows = landed.rows.assign(row_hash=self.hash(table) if table.hashes is None else table.hashes)
        accepted = rows[rows["verdict"] == "accepted"]
        places = self.file_name + "/" + accepted["part"] + "/" + accepted["row_number"].astype("str")
        return LandedSlice(replace(landed, rows=rows), make_keys(accepted.assign(place=places), self.settings, self._names))
