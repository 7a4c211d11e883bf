"""What a reader hands on: raw rows by field name, and the fields that exist."""

from collections.abc import Mapping
from dataclasses import dataclass, field

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
LINKEDIN_FIELDS = ("first_name", "last_name", "full_name", "title", "company_name", "work_email", "linkedin_id", "connected_on")

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
class SourcePart:
    """One table of a file: a sheet or a CSV member, as it stands there.

    Attributes:
        part: the sheet's or member's name.
        header: the columns' names as the file has them; a column may lack one.
        columns: position of a column → the field that it is; columns that are no field are not in it.
        cells: the data rows' cells as text (`str`, missing where empty), a column per position of the header; blank rows left out.
        numbers: each row's number (the sheet's own; data rows from 1 in a CSV), same index as `cells`.
        blank: blank rows between the header and the last filled row.
    """

    part: str
    header: tuple[str, ...]
    columns: Mapping[int, str]
    cells: pd.DataFrame
    numbers: pd.Series
    blank: int

    def fields(self) -> pd.DataFrame:
        """A column per field, in the header's order; where several columns are one field, the first filled cell counts."""
        picked: dict[str, pd.Series] = {}
        for position, field_name in self.columns.items():
            cells = self.cells[position]
            picked[field_name] = picked[field_name].where(picked[field_name].notna(), cells) if field_name in picked else cells
        return pd.DataFrame(picked, index=self.cells.index)


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
        rows: `part`, `row_number`, `verdict` (pending or rejected) and the normalised fields.
        rejections: `part`, `row_number`, `column_name` (None: the whole row), `reason`.
        blank: blank rows, which get no row of their own.
    """

    rows: pd.DataFrame
    rejections: pd.DataFrame
    blank: int
