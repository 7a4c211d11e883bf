"""What an export tells about a tie besides messages: invitations, endorsements, recommendations, the owner's own jobs.

Each reader takes a table as `linkedin_csv.read_columns` gives it and returns people as slug or name (or both) with counts and dates.
"""

import re

import pandas as pd

from liendea_assets.imports.linkedin_people import name_key, of_distinct, slug
from liendea_assets.imports.name_keys import NameKeys
from liendea_assets.imports.values import parse_date

INVITATION_COLUMNS = ("from", "to", "sent at", "direction", "inviterprofileurl", "inviteeprofileurl")
INVITATION_REQUIRED = ("direction",)
# The other one is the endorser of what the owner received, and the endorsee of what the owner gave.
ENDORSEMENT_COLUMNS = {
    "received": ("endorser first name", "endorser last name", "endorser public url", "endorsement status"),
    "given": ("endorsee first name", "endorsee last name", "endorsee public url", "endorsement status"),
}
RECOMMENDATION_COLUMNS = ("first name", "last name", "company", "status")
POSITION_COLUMNS_READ = ("company name", "started on", "finished on")

_US_DATE = re.compile(r"^\s*(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})\b")
_YEAR = re.compile(r"\b(?:19|20)\d{2}\b")
# "Jan 2024" becomes "Jan-24" in a spreadsheet.
_SHORT_YEAR = re.compile(r"^\s*[^\W\d]{3,}[-. ]+(\d{2})\s*$")
_NOT_GIVEN = frozenset({"PENDING", "DECLINED", "REJECTED", "DELETED", "WITHDRAWN", "DRAFT", "REQUESTED"})


def read_invitations(table: pd.DataFrame) -> pd.DataFrame:
    """Who invited whom, the last invitation per person: `linkedin_id`, `name`, `invited_by` (owner or contact), `invited_on`."""
    direction = of_distinct(table, "direction", lambda text: text.strip().upper())
    is_sent = direction == "OUTGOING"
    people = pd.DataFrame(
        {
            "linkedin_id": of_distinct(table, "inviteeprofileurl", slug).where(is_sent, of_distinct(table, "inviterprofileurl", slug)),
            "name": of_distinct(table, "to", name_key).where(is_sent, of_distinct(table, "from", name_key)),
            "invited_by": direction.map({"OUTGOING": "owner", "INCOMING": "contact"}),
            "invited_on": of_distinct(table, "sent at", _day),
        }
    ).dropna(subset=["invited_by"])
    people = people[people["linkedin_id"].notna() | people["name"].notna()]
    ordered = people.sort_values(["invited_on", "invited_by"], na_position="first", kind="stable")
    return ordered.drop_duplicates(["linkedin_id", "name"], keep="last").reset_index(drop=True)


def read_endorsements(table: pd.DataFrame, way: str) -> pd.DataFrame:
    """Accepted endorsements per person: `linkedin_id`, `name`, `endorsements_<way>`; way is given or received."""
    first, last, url, status = ENDORSEMENT_COLUMNS[way]
    people = pd.DataFrame({"linkedin_id": of_distinct(table, url, slug), "name": _full_names(table, first, last)})
    people = people[of_distinct(table, status, lambda text: text.strip().upper()) == "ACCEPTED"]
    return _count(people, f"endorsements_{way}")


def read_recommendations(table: pd.DataFrame, way: str, keys: NameKeys) -> pd.DataFrame:
    """Recommendations per person: `name`, `company` (keys), `recommendations_<way>`; what was only asked for does not count."""
    status = of_distinct(table, "status", lambda text: text.strip().upper())
    people = pd.DataFrame(
        {
            "linkedin_id": pd.Series(None, index=table.index, dtype=object),
            "name": _full_names(table, "first name", "last name"),
            "company": of_distinct(table, "company", lambda text: keys.company(text) or None),
        }
    )
    return _count(people[~status.isin(_NOT_GIVEN)].dropna(subset=["company"]), f"recommendations_{way}")


def read_positions(table: pd.DataFrame) -> pd.DataFrame:
    """The owner's jobs: `company_name`, `started_year`, `finished_year` (whole numbers or missing)."""
    jobs = pd.DataFrame(
        {
            "company_name": of_distinct(table, "company name", lambda text: text.strip() or None),
            "started_year": of_distinct(table, "started on", _year),
            "finished_year": of_distinct(table, "finished on", _year),
        }
    ).dropna(subset=["company_name"])
    return jobs.astype({"started_year": "Int64", "finished_year": "Int64"}).drop_duplicates().reset_index(drop=True)


def _full_names(table: pd.DataFrame, first: str, last: str) -> pd.Series:
    parts = of_distinct(table, first, name_key).fillna("") + " " + of_distinct(table, last, name_key).fillna("")
    return parts.astype(object).map(lambda name: name.strip() or None)


def _count(people: pd.DataFrame, name: str) -> pd.DataFrame:
    by = [column for column in ("linkedin_id", "name", "company") if column in people]
    known = people[people["linkedin_id"].notna() | people["name"].notna()]
    return known.groupby(by, dropna=False).size().rename(name).reset_index().astype(dict.fromkeys(by, object))


def _day(text: str) -> str | None:
    """`1/29/26, 2:37 PM` (no zone; month first, whatever the member's language) and ISO 8601, as a date; else None."""
    try:
        found = _US_DATE.match(text)
        if found:
            month, day, year = (int(part) for part in found.groups())
            return parse_date(f"{year + 2000 if year < 100 else year}-{month}-{day}", ("%Y-%m-%d",))
        return parse_date(text.strip()[:10], ("%Y-%m-%d",))
    except ValueError:
        return None


def _year(text: str) -> int | None:
    """The year of `Jan 2024` or `2024`."""
    found = _YEAR.search(text)
    if found:
        return int(found.group())
    short = _SHORT_YEAR.match(text)
    if not short:
        return None
    # as spreadsheets read two digits
    return int(short.group(1)) + (2000 if int(short.group(1)) < 50 else 1900)
