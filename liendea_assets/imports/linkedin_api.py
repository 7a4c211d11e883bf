"""A member's snapshot from LinkedIn's Member Data Portability API, as an archive in the layout of LinkedIn's own export.

The rows of the API have the column names of the export's CSV files, so the archive lands like one, by the same reader. Only columns
that the import reads are kept; of a message only who, to whom and when.
"""

import csv
import io
import os
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from liendea_assets.clients.linkedin import NotCollatedYet
from liendea_assets.core.clock import Clock, to_text
from liendea_assets.core.errors import LiendeaError, RejectedAnswer
from liendea_assets.core.text import fold
from liendea_assets.imports.linkedin_pages import KeptPage, KeptPages

# What a ZIP's earliest date is; equal content has to make equal bytes, so that it is imported once.
_NO_DATE = (1980, 1, 1, 0, 0, 0)

# domain, pages and rows so far
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Domain:
    """A domain of the API and the export's file that it becomes.

    Attributes:
        columns: what is kept, in the file's order.
        required: a page with rows and without one of these columns breaks the contract.
        about: a row that says nothing in all of these is about something else, such as an endorsement that was given.
        emptied: columns that the file has and that stay empty.
        optional: columns that the file lacks where no row fills them; older exports lack them, and are then read by names.
    """

    name: str
    member: str
    columns: tuple[str, ...]
    required: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    emptied: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()


CONNECTIONS = Domain(
    "CONNECTIONS",
    "Connections.csv",
    ("First Name", "Last Name", "URL", "Email Address", "Company", "Position", "Connected On"),
    required=("First Name", "Connected On"),
)
# In the order of asking: what must be there first, the longest last.
DOMAINS = (
    CONNECTIONS,
    Domain("PROFILE", "Profile.csv", ("First Name", "Last Name")),
    Domain("POSITIONS", "Positions.csv", ("Company Name", "Started On", "Finished On")),
    Domain("INVITATIONS", "Invitations.csv", ("From", "To", "Sent At", "Direction", "inviterProfileUrl", "inviteeProfileUrl")),
    Domain(
        "ENDORSEMENTS",
        "Endorsement_Received_Info.csv",
        ("Endorser First Name", "Endorser Last Name", "Endorser Public Url", "Endorsement Status"),
        about=("Endorser First Name", "Endorser Last Name", "Endorser Public Url"),
    ),
    Domain(
        "RECOMMENDATIONS",
        "Recommendations_Received.csv",
        ("First Name", "Last Name", "Company", "Status"),
        about=("First Name", "Last Name"),
    ),
    Domain(
        "INBOX",
        "messages.csv",
        (
            "CONVERSATION ID",
            "FROM",
            "SENDER PROFILE URL",
            "TO",
            "RECIPIENT PROFILE URLS",
            "DATE",
            "CONTENT",
            "FOLDER",
            "IS MESSAGE DRAFT",
            "IS CONVERSATION DRAFT",
        ),
        about=("SENDER PROFILE URL", "RECIPIENT PROFILE URLS"),
        emptied=("CONTENT",),
        optional=("RECIPIENT PROFILE URLS",),
    ),
)


class Page(Protocol):
    """A page of `clients.linkedin.SnapshotPage`."""

    @property
    def rows(self) -> Sequence[Mapping[str, str]]:
        """Column name → text."""
        ...

    @property
    def next_link(self) -> str | None:
        """None on the last page."""
        ...


class SnapshotReader(Protocol):
    """The call of `clients.linkedin.SnapshotClient`."""

    def read_pages(self, domain: str, after: Sequence[str] = ()) -> Iterable[Page]:
        """The pages of a domain after those whose next links are known."""
        ...


@dataclass(frozen=True, slots=True)
class FetchReport:
    """What a fetch brought.

    Attributes:
        is_new: False where the inbox held the same archive already.
        rows: rows by domain; None where LinkedIn holds nothing of it.
    """

    path: Path
    is_new: bool
    rows: Mapping[str, int | None]


def fetch_snapshot(reader: SnapshotReader, account: str, inbox: Path, kept: KeptPages, clock: Clock, progress: Progress) -> FetchReport:
    """Fetches what is missing of the snapshot and puts the archive into the inbox.

    Each page is kept on disk before the next one is asked for, and dropped once the archive stands. Where an optional domain fails
    and the inbox has no archive of the account yet, the domains that are whole are put there, so that the connections need not wait
    for days of messages.

    Raises:
        LiendeaError: as `SnapshotClient.read_pages`; what was fetched is kept.
    """
    kept.drop_outdated(clock.now())
    path = inbox / f"linkedin_api_{account}.zip"
    tables: dict[Domain, list[list[str]] | None] = {}
    for domain in DOMAINS:
        try:
            tables[domain] = _fetch_domain(reader, domain, kept, clock, progress)
        except LiendeaError:
            if CONNECTIONS in tables and not path.exists():
                _put(path, build_archive(tables))
            raise
    is_new = _put(path, build_archive(tables))
    kept.drop()
    return FetchReport(path, is_new, {domain.name: None if rows is None else len(rows) for domain, rows in tables.items()})


def build_archive(tables: Mapping[Domain, list[list[str]] | None]) -> bytes:
    """The archive. Equal rows give equal bytes, in whatever order they came.

    So rows are sorted, no dates stand in it, and nothing is compressed: two zlibs make different bytes of one text.
    """
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
        for domain, rows in tables.items():
            if rows is not None:
                shown = [position for position, name in enumerate(domain.columns) if _is_shown(domain, name, position, rows)]
                lines = [domain.columns, *sorted(rows)]
                text = io.StringIO()
                csv.writer(text, lineterminator="\n").writerows([line[position] for position in shown] for line in lines)
                member = zipfile.ZipInfo(domain.member, _NO_DATE)
                # Unix, whatever the machine: it stands in the bytes
                member.create_system, member.external_attr = 3, 0o600 << 16
                archive.writestr(member, text.getvalue().encode())
    return content.getvalue()


def _is_shown(domain: Domain, column: str, position: int, rows: Sequence[Sequence[str]]) -> bool:
    return column not in domain.optional or any(row[position] for row in rows)


def _fetch_domain(reader: SnapshotReader, domain: Domain, kept: KeptPages, clock: Clock, progress: Progress) -> list[list[str]] | None:
    """All rows of a domain; None where LinkedIn holds nothing of an optional one."""
    pages = kept.read(domain.name, domain.columns)
    is_whole = bool(pages) and pages[-1].next_link is None
    rows = [row for page in pages for row in page.rows]
    progress(domain.name, len(pages), len(rows))
    if not is_whole:
        links = [page.next_link for page in pages if page.next_link is not None]
        try:
            for page in reader.read_pages(domain.name, links):
                pages.append(_cut(page, domain, len(pages) + 1, clock))
                kept.keep(domain.name, len(pages), pages[-1])
                rows += pages[-1].rows
                progress(domain.name, len(pages), len(rows))
        except NotCollatedYet:
            if domain is CONNECTIONS:
                raise
            pages.append(KeptPage(columns=list(domain.columns), rows=[], next_link=None, kept_at=to_text(clock.now()), is_absent=True))
            kept.keep(domain.name, 1, pages[-1])
        if pages and pages[-1].next_link is not None:
            # the page that its link leads to is the end of the pages
            pages[-1] = pages[-1].model_copy(update={"next_link": None})
            kept.keep(domain.name, len(pages), pages[-1])
    if domain is CONNECTIONS and not rows:
        # an import of nobody would count as a success
        kept.drop()
        raise NotCollatedYet("linkedin: the snapshot of CONNECTIONS is empty; LinkedIn may not have put it together yet. Try again later.")
    return None if not pages or pages[-1].is_absent else rows


def _cut(page: Page, domain: Domain, number: int, clock: Clock) -> KeptPage:
    """A page with the columns that are read, known without case and punctuation."""
    named = [{fold(name): value for name, value in row.items()} for row in page.rows]
    found = set().union(*named)
    missing = [name for name in domain.required if fold(name) not in found]
    if named and missing:
        raise RejectedAnswer(f"linkedin: page {number} of {domain.name} has no column {' and no column '.join(missing)}")
    keys = [None if name in domain.emptied else fold(name) for name in domain.columns]
    about = [fold(name) for name in domain.about or domain.columns]
    rows = [["" if key is None else row.get(key, "") for key in keys] for row in named if any(row.get(key, "").strip() for key in about)]
    return KeptPage(columns=list(domain.columns), rows=rows, next_link=page.next_link, kept_at=to_text(clock.now()))


def _put(path: Path, content: bytes) -> bool:
    """Puts the archive into the inbox at once; under the hidden name no import sees it. Returns whether it says something new."""
    if path.is_file() and path.read_bytes() == content:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.part")
    # one that a kill left behind
    draft.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    return True
