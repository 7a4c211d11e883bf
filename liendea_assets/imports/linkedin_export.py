"""Reading LinkedIn's data export: its ZIP, or a single Connections.csv, of every era.

Format: linkedin.com, Settings → Get a copy of your data; eras and oddities as seen to 2026. Of the archive's other members only those
named here are read, and of them counts, dates and the owner's own name and employers; the rest is needless personal data.
"""

import zipfile
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO

import pandas as pd

from liendea_assets.core.errors import UnreadableFile
from liendea_assets.core.text import fold
from liendea_assets.imports import linkedin_messages, linkedin_signals
from liendea_assets.imports.date_orders import note_date_order
from liendea_assets.imports.headers import field_of_alias, match_columns, to_part
from liendea_assets.imports.inbox import DAMAGED_ARCHIVE, TEXT_SUFFIXES, check_archive
from liendea_assets.imports.linkedin_activity import join_activity
from liendea_assets.imports.linkedin_csv import HEADER_SEARCH_RECORDS, Columns, Opener, first_records, open_table, read_columns
from liendea_assets.imports.linkedin_people import connections_of
from liendea_assets.imports.model import SourceFile, SourcePart
from liendea_assets.imports.name_keys import NameKeys
from liendea_assets.imports.settings import ImportSettings

# Columns by which a file of an export is known when it is dropped alone.
_KNOWN_ALONE = {
    "messages.csv": frozenset({"conversation id", "from", "sender profile url"}),
    "Invitations.csv": frozenset({"from", "to", "sent at", "direction"}),
    "Profile.csv": frozenset({"first name", "last name", "headline"}),
    "Positions.csv": frozenset({"company name", "title", "started on"}),
    "Endorsement_Received_Info.csv": frozenset({"endorser first name", "endorsement status"}),
    "Endorsement_Given_Info.csv": frozenset({"endorsee first name", "endorsement status"}),
    "Recommendations_Received.csv or Recommendations_Given.csv": frozenset({"first name", "last name", "text", "creation date"}),
}
# Names of the members that are read besides the connections, as `_stem` gives them.
_READ = frozenset({
    "profile", "messages", "invitations", "positions", "endorsementreceivedinfo", "endorsementgiveninfo", "recommendationsreceived",
    "recommendationsgiven",
})  # fmt: skip


def read_export(path: Path, settings: ImportSettings, name: str | None = None) -> SourceFile:
    """The connections of one colleague, and what the export tells of the ties.

    Args:
        name: what the file is called, where its path says something else.

    Raises:
        UnreadableFile: damaged, or without a Connections.csv whose header can be recognised.
    """
    if path.stat().st_size == 0:
        raise UnreadableFile("the file is empty")
    if path.suffix.lower() in TEXT_SUFFIXES:
        return _read_loose_csv(path, settings, name or path.name)
    check_archive(path, _is_known)
    with zipfile.ZipFile(path) as archive:
        # a Mac puts a hidden companion beside each file that it packs
        names = [name for name in archive.namelist() if not PurePosixPath(name).name.startswith(".")]
        members = {name: partial(_open_member, archive, name) for name in names if name.lower().endswith(".csv")}
        found = _Members(members, settings)
        # a Connections.csv of another name is known by its header only now
        check_archive(path, found.may_read)
        return found.read()


def _open_member(archive: zipfile.ZipFile, name: str) -> IO[bytes]:
    try:
        return archive.open(name)
    except DAMAGED_ARCHIVE as error:
        raise UnreadableFile(f"the ZIP archive is damaged ({type(error).__name__} while unpacking)") from error


def _read_loose_csv(path: Path, settings: ImportSettings, name: str) -> SourceFile:
    open_bytes: Opener = lambda: path.open("rb")  # noqa: E731 an opener of bytes, as an archive's members have
    part = _read_connections(name, open_bytes, settings)
    if part is not None:
        return SourceFile([part], note=note_date_order(part, settings))
    headers = [{fold(cell) for cell in record} for records in first_records(open_bytes) for record in records]
    known = next((known_name for known_name, columns in _KNOWN_ALONE.items() if any(columns <= header for header in headers)), None)
    if known is not None:
        raise UnreadableFile(
            f"this is {known} of a LinkedIn export, which alone says neither whose it is nor who is connected; drop in the whole ZIP"
        )
    raise UnreadableFile(_no_header([name]))


class _Members:
    """The CSV members of one archive, found whatever their case, folder, spacing and the member id that newer archives append."""

    def __init__(self, members: Mapping[str, Opener], settings: ImportSettings) -> None:
        self._members = members
        self._settings = settings
        self._unread: list[str] = []
        named = [name for name in members if _stem(name).startswith("connections")]
        # of the others no more than the first bytes are looked at
        others = [name for name in members if name not in named and self._has_header(name)]
        self._candidates = (*named, *others)

    def may_read(self, name: str) -> bool:
        """Whether more of a member than its beginning may be read."""
        return name in self._candidates or _is_known(name)

    def read(self) -> SourceFile:
        keys = NameKeys(self._settings)
        part = self._connections()
        owner = self._owner()
        messages = self._table("messages", linkedin_messages.COLUMNS, linkedin_messages.REQUIRED)
        invitations = self._table("invitations", linkedin_signals.INVITATION_COLUMNS, linkedin_signals.INVITATION_REQUIRED)
        owner_id = linkedin_messages.find_owner_id(messages, invitations, owner)
        counts = None if messages is None or owner_id is None else linkedin_messages.count_messages(messages, owner_id, owner)
        signals = self._signals(invitations, keys)
        activity = None if counts is None and not signals else join_activity(counts, signals, connections_of(part, keys))
        positions = self._table("positions", linkedin_signals.POSITION_COLUMNS_READ, ("company name", "started on"))
        unread = f"{', '.join(self._unread)}: no CSV that can be read, left out" if self._unread else None
        return SourceFile(
            [part],
            owner=owner,
            owner_linkedin_id=owner_id,
            activity=activity,
            has_messages=counts is not None,
            positions=None if positions is None else linkedin_signals.read_positions(positions),
            note="; ".join(note for note in (unread, note_date_order(part, self._settings)) if note) or None,
        )

    def _connections(self) -> SourcePart:
        """The member that is called so, else any that has the header. Raises `UnreadableFile` where none has."""
        for name in self._candidates:
            part = _read_connections(PurePosixPath(name).name, self._members[name], self._settings)
            if part is not None:
                return part
        raise UnreadableFile(_no_header(sorted(self._members)))

    def _has_header(self, name: str) -> bool:
        match = _connections_match(self._settings)
        try:
            return any(match(record) is not None for records in first_records(self._members[name]) for record in records)
        except UnreadableFile:
            return False

    def _owner(self) -> str | None:
        profile = self._table("profile", ("first name", "last name"), ("first name", "last name"))
        if profile is None or profile.empty:
            return None
        names = (str(profile[column].iloc[0]).strip() for column in ("first name", "last name"))
        return " ".join(name for name in names if name) or None

    def _signals(self, invitations: pd.DataFrame | None, keys: NameKeys) -> list[pd.DataFrame]:
        signals = [] if invitations is None else [linkedin_signals.read_invitations(invitations)]
        for way, columns in linkedin_signals.ENDORSEMENT_COLUMNS.items():
            table = self._table(f"endorsement{way}info", columns, (columns[0], columns[-1]))
            if table is not None:
                signals.append(linkedin_signals.read_endorsements(table, way))
        columns = linkedin_signals.RECOMMENDATION_COLUMNS
        for way in ("received", "given"):
            table = self._table(f"recommendations{way}", columns, columns[:3])
            if table is not None:
                signals.append(linkedin_signals.read_recommendations(table, way, keys))
        return signals

    def _table(self, stem: str, wanted: Collection[str], required: Collection[str]) -> pd.DataFrame | None:
        """The first member of that name that has the columns. It only adds to what is known: a broken one is noted, and as good as none."""
        for name in sorted(name for name in self._members if _stem(name) == stem):
            try:
                table = read_columns(self._members[name], wanted, required)
            except UnreadableFile:
                self._unread.append(PurePosixPath(name).name)
                continue
            if table is not None:
                return table
        return None


def _is_known(member: str) -> bool:
    """Whether a member has the name of one that is read."""
    stem = _stem(member)
    return member.lower().endswith(".csv") and (stem.startswith("connections") or stem in _READ)


def _stem(member: str) -> str:
    # "Profile Summary.csv" is no "Profile.csv", and "Profile_123456789.csv" is one
    words = fold(PurePosixPath(member).stem).split()
    while len(words) > 1 and words[-1].isdigit():
        words.pop()
    return "".join(words)


def _connections_match(settings: ImportSettings) -> Callable[[Sequence[str]], Columns | None]:
    fields = field_of_alias(settings.linkedin_columns)

    def match(record: Sequence[str]) -> Columns | None:
        columns = match_columns(record, fields)
        return columns if {"first_name", "connected_on"} <= set(columns.values()) else None

    return match


def _read_connections(name: str, open_bytes: Opener, settings: ImportSettings) -> SourcePart | None:
    """The table below the first recognisable header; None without one."""
    with open_table(open_bytes, _connections_match(settings)) as table:
        if table is None:
            return None
        header, columns, records = table
        # what stands behind the last column that is read may be left out; a row that ends earlier may lack a cell anywhere
        return to_part(name, header, enumerate(records, start=1), columns, fewest_cells=max(columns) + 1)


def _no_header(looked_in: list[str]) -> str:
    return (
        f"no LinkedIn connections found in {', '.join(looked_in[:5]) or 'an archive without CSV files'}: "
        f'looked in the first {HEADER_SEARCH_RECORDS} lines for a header with "First Name" and "Connected On" '
        "(other languages: linkedin_columns in imports.yaml)"
    )
