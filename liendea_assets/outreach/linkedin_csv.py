"""The day's LinkedIn list as CSV, for people to work through."""

from collections.abc import Sequence
from pathlib import Path

from liendea_assets.imports.list_files import write_csv
from liendea_assets.outreach.linkedin_list import ListedPerson

LINKEDIN_COLUMNS = (
    "id", "kind", "name", "title", "company", "score", "reason", "profile_url", "mutual_connection", "suggested_message", "strength",
    "last_exchange_on", "mutual_connections", "guidance", "since",
)  # fmt: skip


def write_linkedin_list(people: Sequence[ListedPerson], path: Path) -> int:
    """Writes what is open of a list with `LINKEDIN_COLUMNS`, in its order. Returns how many that are."""
    rows = [_row(person) for person in people if person.is_open]
    write_csv(path, LINKEDIN_COLUMNS, rows)
    return len(rows)


def kind_of(person: ListedPerson) -> str:
    """What is to be sent, in words."""
    if person.outreach_type == "inmail":
        return "InMail"
    if not person.is_invitation:
        return "message"
    return "invitation with a note" if person.may_have_note else "invitation"


def _row(person: ListedPerson) -> tuple[object, ...]:
    known = (person.full_name, person.title, person.company, person.icp_score, person.reason, person.profile_url, person.colleague)
    tie = (person.strength, person.last_exchange_on, "; ".join(person.mutual_connections), "\n".join(person.guidance), person.planned_on)
    return tuple("" if value is None else value for value in (person.id, kind_of(person), *known, person.message, *tie))
