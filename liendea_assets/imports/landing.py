"""Taking in the inbox: each new file is read once and landed whole, or recorded with its reason."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from liendea_assets.core.clock import Clock, to_text
from liendea_assets.core.errors import UnreadableFile
from liendea_assets.db.connection import Database
from liendea_assets.imports import landing_store
from liendea_assets.imports.archive import Archive, archive_beside
from liendea_assets.imports.gtm_workbook import read_workbook
from liendea_assets.imports.inbox import LARGEST_FILE, MIB, InboxFile, list_files
from liendea_assets.imports.linkedin_export import read_export
from liendea_assets.imports.model import Landed, SourceFile
from liendea_assets.imports.normalize import land_gtm, land_linkedin
from liendea_assets.imports.settings import ImportSettings

log = logging.getLogger(__name__)

Progress = Callable[[int, int], None]


@dataclass(slots=True)
class InboxReport:
    """What one look into the inbox did.

    Attributes:
        read: files read now.
        known: files read before (by content).
        unreadable: name and reason of each file that could not be imported.
    """

    read: int = 0
    known: int = 0
    unreadable: list[tuple[str, str]] = field(default_factory=list)


def take_in(db: Database, inbox: Path, kinds: tuple[str, ...], settings: ImportSettings, clock: Clock, progress: Progress) -> InboxReport:
    """Reads every new file of these kinds. A file is one transaction; one that cannot be read does not stop the others.

    Args:
        progress: called with (files done, files in all) after each file.
    """
    files = list_files(inbox)
    known = landing_store.known_files(db)
    report = InboxReport()
    archive = archive_beside(inbox)
    wanted = [file for file in files if file.kind in kinds]
    for position, file in enumerate(wanted, start=1):
        if file.sha256 in known and known[file.sha256] is None:
            report.known += 1
        else:
            _take_file(db, file, archive, settings, clock, report)
        known.setdefault(file.sha256, None)
        progress(position, len(wanted))
    landing_store.mark_present(db, files)
    return report


def read_source(file: InboxFile, settings: ImportSettings) -> tuple[SourceFile, list[Landed]]:
    """A file's content, normalised.

    Raises:
        UnreadableFile: with the reason.
    """
    check_size(file)
    if file.kind == "gtm_workbook":
        source = read_workbook(file.path, settings)
        return source, [land_gtm(part, settings) for part in source.parts]
    if file.kind == "linkedin_export":
        source = read_export(file.path, settings, PurePosixPath(file.name).name)
        return source, [land_linkedin(part, settings) for part in source.parts]
    raise UnreadableFile("an unknown kind of file; expected are XLSX workbooks, LinkedIn export ZIPs and Connections.csv")


def check_size(file: InboxFile) -> None:
    """Raises `UnreadableFile` for a file that is larger than any workbook or export."""
    if file.size_bytes > LARGEST_FILE:
        raise UnreadableFile(f"the file has {file.size_bytes // MIB} MiB; allowed are {LARGEST_FILE // MIB}")


def _take_file(db: Database, file: InboxFile, archive: Archive, settings: ImportSettings, clock: Clock, report: InboxReport) -> None:
    source: SourceFile | None = None
    landed: list[Landed] = []
    error: str | None = None
    try:
        check_size(file)
        # read from the copy: the file itself may change between hashing and reading
        source, landed = read_source(replace(file, path=archive.keep(file)), settings)
    except (UnreadableFile, OSError) as problem:
        error = str(problem) if isinstance(problem, UnreadableFile) else f"cannot be opened ({type(problem).__name__})"
        report.unreadable.append((file.name, error))
        archive.set_apart(file, error, to_text(clock.now()))
    if landing_store.land_file(db, file, source, landed, error, to_text(clock.now())) and error is None:
        archive.release(file)
        report.read += 1
