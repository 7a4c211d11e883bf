"""What a reader hands on: raw rows by field name, and the fields that exist."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

# Fields that a GTM row may fill; imports.yaml maps columns to them.
GTM_FIELDS = (
    "first_name",
    "last_name",
    "full_name",
    "title",
    "company_name",
    "company_domain",
    "industry",
    "employee_count",
    "revenue_range",
    "growth_rate",
    "gtm_segment",
    "work_email",
    "work_phone",
    "mobile_phone",
    "linkedin_id",
    "reach_id",
    "country",
    "account_owner",
    "notes",
)
# A column may also be one of these, which go into the names.
NAME_PARTS = ("middle_name", "name_suffix")
LINKEDIN_FIELDS = ("first_name", "last_name", "full_name", "title", "company_name", "work_email", "linkedin_id", "connected_on")

# The mapping that imports.yaml need not name: its general column names.
DEFAULT_MAPPING = "default"

# What an e-mail address is: one of a desk, of a mailbox made to be thrown away, at a provider that is no employer, or none of these.
EMAIL_KINDS = ("role", "disposable", "free", "personal")
# What survivorship decides for a company and for a contact.
COMPANY_FIELDS = ("industry", "employee_count", "revenue_range", "growth_rate", "gtm_segment")
CONTACT_FIELDS = ("reach_id", "full_name", "first_name", "last_name", "title", "company_id", "industry", "country")


# What an export tells about the owner and one other person; see `SourceFile.activity`.
ACTIVITY_COLUMNS = (
    "linkedin_id",
    "row_number",
    "sent",
    "received",
    "first_sent_on",
    "last_sent_on",
    "last_received_on",
    "invited_by",
    "invited_on",
    "endorsements_given",
    "endorsements_received",
    "recommendations_given",
    "recommendations_received",
)
POSITION_COLUMNS = ("company_name", "started_year", "finished_year")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a table's rows stood first: for rows that were refused and come back corrected, another file than the one they are read from.

    Attributes:
        file_name: the file's name in the inbox.
        part: the sheet's or member's name there.
        in_percent: whether plain growth numbers of the whole table were in percent.
    """

    file_name: str
    part: str
    in_percent: bool


@dataclass(frozen=True, slots=True)
class SourcePart:
    """One table of a file: a sheet or a CSV member, as it stands there.

    Attributes:
        part: the sheet's or member's name.
        header: the columns' names as the file has them; a column may lack one.
        columns: position of a column → the field that it is; columns that are no field are not in it.
        cells: the data rows' cells as text (`str`, missing where empty), a column per position of the header; blank rows left out.
        numbers: each row's number (the sheet's own; data rows from 1 in a CSV), same index as `cells`.
        blank: blank rows between the header and the last filled row.
        mapping: name of the layout in imports.yaml that the header was recognised by.
        header_number: the number of the header's own row; None where rows are counted from the one below it.
        faults: position of a row → what keeps it from being read at all, such as too many cells; its cells are kept as they are.
        width: how many cells the header itself has; None for as many as `header`, which then is no longer than it.
        origin: where its rows come from; None where that is the file itself, or does not matter.
    """

    part: str
    header: tuple[str, ...]
    columns: Mapping[int, str]
    cells: pd.DataFrame
    numbers: pd.Series
    blank: int
    mapping: str = DEFAULT_MAPPING
    header_number: int | None = None
    faults: Mapping[int, str] = field(default_factory=dict)
    width: int | None = None
    origin: Origin | None = None

    def only(self, is_kept: npt.NDArray[np.bool_]) -> "SourcePart":
        """The same table with some of its rows."""
        places = {int(old): new for new, old in enumerate(is_kept.nonzero()[0])}
        faults = {places[place]: reason for place, reason in self.faults.items() if place in places}
        cells, numbers = self.cells[is_kept].reset_index(drop=True), self.numbers[is_kept].reset_index(drop=True)
        return replace(self, cells=cells, numbers=numbers, faults=faults)

    def between(self, start: int, stop: int) -> "SourcePart":
        """The same table with the rows from one position to before another."""
        if start == 0 and stop >= len(self.cells):
            return self
        faults = {place - start: reason for place, reason in self.faults.items() if start <= place < stop}
        cells, numbers = self.cells.iloc[start:stop].reset_index(drop=True), self.numbers.iloc[start:stop].reset_index(drop=True)
        return replace(self, cells=cells, numbers=numbers, faults=faults)

    def fields(self) -> pd.DataFrame:
        """A column per field, in the header's order; where several columns are one field, the first filled cell counts."""
        picked: dict[str, pd.Series] = {}
        for position, field_name in self.columns.items():
            cells = self.cells[position]
            picked[field_name] = picked[field_name].where(picked[field_name].notna(), cells) if field_name in picked else cells
        return pd.DataFrame(picked, index=self.cells.index)

    def contents(self) -> pd.DataFrame:
        """A column per field with all that its columns say, in the header's order: changes with each cell that may count."""
        held: dict[str, pd.Series] = {}
        for position, field_name in self.columns.items():
            cells = self.cells[position]
            held[field_name] = held[field_name].fillna("") + "\x1e" + cells.fillna("") if field_name in held else cells
        return pd.DataFrame(held, index=self.cells.index)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """What one file holds.

    Attributes:
        owner: full name of the colleague whose LinkedIn export it is; None where the file does not say.
        activity: one row per person with `ACTIVITY_COLUMNS`: the profile's slug, or the row of Connections.csv (or both); messages sent
            to and received from them, a group message divided by the people in it, missing where the messages are not known; dates;
            `invited_by` (owner, contact or missing); counts of endorsements and recommendations that the owner gave and received.
            None where the export tells none of this.
        has_messages: whether the export's messages are known, so that no message is none and not unknown.
        positions: the owner's own jobs, `POSITION_COLUMNS`; a missing `finished_year` is a job held still, or not known. None without.
        note: what was passed over on purpose, for the user.
    """

    parts: list[SourcePart]
    owner: str | None = None
    owner_linkedin_id: str | None = None
    activity: pd.DataFrame | None = None
    has_messages: bool = False
    positions: pd.DataFrame | None = None
    note: str | None = field(default=None)


@dataclass(frozen=True, slots=True)
class Landed:
    """Rows ready for a landing table.

    Attributes:
        rows: `part`, `row_number`, `verdict` (accepted or rejected), the normalised fields (text `str`, `employee_count` Int64,
            `growth_rate` Float64) and `email_kind` (`EMAIL_KINDS`; missing where there is no e-mail address). Same order and number
            of rows as the source's `cells`.
        rejections: `part`, `row_number`, `row_index` (position of the row in the source's `cells`), `field` and `column_name`
            (missing where the whole row is refused; the column's name is the source's own), `value_class`, `reason`.
    """

    rows: pd.DataFrame
    rejections: pd.DataFrame
