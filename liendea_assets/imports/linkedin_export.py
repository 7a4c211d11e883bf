"""Reading LinkedIn's data export: its ZIP, or a single Connections.csv, of every era.

Format: linkedin.com, Settings → Get a copy of your data; eras and oddities as seen to 2026. Of the archive's other members only
Profile.csv (whose export it is) and messages.csv (counts and dates, never the text) are read; the rest is needless personal data.
"""

import csv
import io
import zipfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath

from liendea_assets.core.errors import UnreadableFile
from liendea_assets.core.text import fold
from liendea_assets.imports.headers import field_of_alias, match_columns, to_part
from liendea_assets.imports.inbox import DAMAGED_ARCHIVE, check_archive
from liendea_assets.imports.linkedin_messages import count_messages, find_owner_id
from liendea_assets.imports.model import SourceFile, SourcePart
from liendea_assets.imports.settings import ImportSettings
from liendea_assets.imports.text_files import decode

# Records above the header: a one-line or three-line note since 2021. A reader that skipped three lines blindly has
# shipped an empty import as a success, so the header is looked for.
HEADER_SEARCH_RECORDS = 10

Record = list[str]


def read_export(path: Path, settings: ImportSettings, name: str | None = None) -> SourceFile:
    """The connections of one colleague.

    Args:
        name: what the file is called, where its path says something else.

    Raises:
        UnreadableFile: damaged, or without a Connections.csv whose header can be recognised.
    """
    if path.stat().st_size == 0:
        raise UnreadableFile("the file is empty")
    if path.suffix.lower() == ".csv":
        return _read_loose_csv(path, settings, name or path.name)
    check_archive(path)
    with zipfile.ZipFile(path) as archive:
        # a Mac puts a hidden companion beside each file that it packs
        names = [name for name in archive.namelist() if not PurePosixPath(name).name.startswith(".")]
        members = [name for name in names if name.lower().endswith(".csv")]
        try:
            return _read_members(members, lambda name: decode(archive.read(name)), settings)
        except DAMAGED_ARCHIVE as error:
            raise UnreadableFile(f"the ZIP archive is damaged ({type(error).__name__} while unpacking)") from error


def _read_loose_csv(path: Path, settings: ImportSettings, name: str) -> SourceFile:
    text = decode(path.read_bytes())
    part = _read_connections(name, text, settings)
    if part is None:
        raise UnreadableFile(_no_header([name]))
    return SourceFile([part], owner=None)


def _read_members(members: Sequence[str], read: Callable[[str], str], settings: ImportSettings) -> SourceFile:
    part = _find_connections(members, read, settings)
    owner = _owner_name(members, read)
    messages = _find(members, "messages")
    records = _records_or_none(read(messages)) if messages else None
    invitations = _find(members, "invitations")
    owner_id = find_owner_id(records, _records_or_none(read(invitations)) if invitations else None, owner)
    activity = count_messages(records, owner_id) if records is not None and owner_id else None
    return SourceFile([part], owner=owner, owner_linkedin_id=owner_id, activity=activity)


def _find_connections(members: Sequence[str], read: Callable[[str], str], settings: ImportSettings) -> SourcePart:
    """The member that is called so, else any that has the header. Raises `UnreadableFile` where none has."""
    named = [name for name in members if fold(PurePosixPath(name).stem).startswith("connections")]
    for name in named:
        part = _read_connections(PurePosixPath(name).name, read(name), settings)
        if part is not None:
            return part
    for name in (name for name in members if name not in named):
        with suppress(UnreadableFile):
            part = _read_connections(PurePosixPath(name).name, read(name), settings)
            if part is not None:
                return part
    raise UnreadableFile(_no_header(sorted(members)))


def _records_or_none(text: str) -> list[Record] | None:
    """Messages and invitations only add to what is known; a broken one is as good as none."""
    try:
        return _records(text, ",")
    except UnreadableFile:
        return None


def _read_connections(part: str, text: str, settings: ImportSettings) -> SourcePart | None:
    """The table below the first recognisable header; None without one."""
    fields = field_of_alias(settings.linkedin_columns)
    problem: UnreadableFile | None = None
    for delimiter in (",", ";", "\t"):
        try:
            records = _records(text, delimiter)
        except UnreadableFile as error:
            problem = error
            continue
        for position, record in enumerate(records[:HEADER_SEARCH_RECORDS]):
            columns = match_columns(record, fields)
            if {"first_name", "connected_on"} <= set(columns.values()):
                return to_part(part, record, enumerate(records[position + 1 :], start=1), columns)
    if problem is not None:
        raise problem
    return None


def _records(text: str, delimiter: str) -> list[Record]:
    """All records; an open quote at the end is an error, since it would swallow the rows after it.

    Raises:
        UnreadableFile: not CSV.
    """
    # a message's text may be longer than the csv module's default of 128 KiB
    csv.field_size_limit(16 * 1024 * 1024)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise UnreadableFile(f"not a CSV file ({error})") from error


def _find(members: Sequence[str], stem: str) -> str | None:
    """The member of that name, whatever its case, folder and the member id that newer archives append."""
    words = {name: fold(PurePosixPath(name).stem).split() for name in members}
    # "Profile Summary.csv" is no "Profile.csv"
    return next((name for name in members if words[name][:1] == [stem] and all(word.isdigit() for word in words[name][1:])), None)


def _owner_name(members: Sequence[str], read: Callable[[str], str]) -> str | None:
    profile = _find(members, "profile")
    records = (_records_or_none(read(profile)) if profile else None) or []
    if len(records) < 2:
        return None
    row = dict(zip([fold(name) for name in records[0]], records[1], strict=False))
    return " ".join(part for part in (row.get("first name", "").strip(), row.get("last name", "").strip()) if part) or None


def _no_header(looked_in: list[str]) -> str:
    return (
        f"no LinkedIn connections found in {', '.join(looked_in[:5]) or 'an archive without CSV files'}: "
        f'looked in the first {HEADER_SEARCH_RECORDS} lines for a header with "First Name" and "Connected On" '
        "(other languages: linkedin_columns in imports.yaml)"
    )
