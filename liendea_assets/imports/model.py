"""What a reader hands on: raw rows by field name, and the fields that exist."""

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

ACTIVITY_COLUMNS = ("linkedin_id", "sent", "received", "last_received_on")


@dataclass(frozen=True, slots=True)
class SourcePart:
    """One table of a file: a sheet or a CSV member.

    Attributes:
        part: the sheet's or member's name.
        rows: `row_number` (int) and raw values (object) in a column per field found; blank rows left out.
        blank: blank rows between the header and the last filled row.
    """

    part: str
    rows: pd.DataFrame
    blank: int


@dataclass(frozen=True, slots=True)
class SourceFile:
    """What one file holds.

    Attributes:
        owner: full name of the colleague whose LinkedIn export it is; None where the file does not say.
        activity: messages per person, columns `ACTIVITY_COLUMNS`; None where the export has no messages.
        note: what was passed over on purpose, for the user.
    """

    parts: list[SourcePart]
    owner: str | None = None
    owner_linkedin_id: str | None = None
    activity: pd.DataFrame | None = None
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
