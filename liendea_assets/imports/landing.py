"""Taking in the inbox: each new file is read once and landed whole, or recorded with its reason."""

import logging
import sqlite3
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

import pandas as pd

from liendea_assets.core.clock import Clock, to_text
from liendea_assets.core.errors import TransientError, UnreadableFile
from liendea_assets.db.connection import Database
from liendea_assets.imports import landing_store
from liendea_assets.imports.archive import Archive, archive_beside
from liendea_assets.imports.decision_file import holds_decisions
from liendea_assets.imports.decision_landing import check_file, land_decisions
from liendea_assets.imports.decision_layout import MERGE_DECISIONS
from liendea_assets.imports.gtm_csv import kind_of_csv, read_csv
from liendea_assets.imports.gtm_workbook import read_workbook
from liendea_assets.imports.inbox import LARGEST_FILE, MIB, TEXT_SUFFIXES, InboxFile, list_files
from liendea_assets.imports.landing_process import LandingProcess, early_process, land_tables
from liendea_assets.imports.landing_slices import LandedSlice, Lander
from liendea_assets.imports.landing_store import FormerRows, LandedFile
from liendea_assets.imports.linkedin_export import read_export
from liendea_assets.imports.linkedin_layout import holds_connections
from liendea_assets.imports.model import SourceFile, SourcePart
from liendea_assets.imports.normalize import CLOSED_PROFILE
from liendea_assets.imports.rejects import rejects_path, write_rejects
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


def take_in(
    db: Database,
    inbox: Path,
    kinds: tuple[str, ...],
    settings: ImportSettings,
    clock: Clock,
    progress: Progress,
    rejects: Path | None = None,
    row_progress: Progress = lambda _done, _total: None,
) -> InboxReport:
    """Reads every new file of these kinds. A file is one transaction; one that cannot be read does not stop the others.

    Args:
        progress: called with (files done, files in all) after each file.
        rejects: folder for the workbooks of refused rows; None where nobody wants them.
        row_progress: called with (rows stored, rows in all) after each slice of a file.
    """
    files = [settle_kind(file, settings) for file in list_files(inbox)]
    known = landing_store.known_files(db)
    former_names = {one.name for one in known.values()}
    met: set[str] = set()
    report = InboxReport()
    archive = archive_beside(inbox)
    wanted = [file for file in files if file.kind in kinds]
    for position, file in enumerate(wanted, start=1):
        if file.sha256 in met or (file.sha256 in known and not known[file.sha256].is_wanted(file, settings)):
            report.known += 1
        else:
            # of a new version of a file few rows are landed
            has_many_rows = file.kind == "gtm_csv" and file.name not in former_names
            _take_file(db, file, archive, settings, clock, report, rejects, row_progress, has_many_rows=has_many_rows)
        met.add(file.sha256)
        progress(position, len(wanted))
    landing_store.mark_present(db, files)
    return report


def settle_kind(file: InboxFile, settings: ImportSettings) -> InboxFile:
    """The same file with the kind that its header tells: gtm_csv, linkedin_export, merge_decisions or unknown for a text."""
    if file.kind != "text":
        return file
    try:
        return replace(file, kind=kind_of_csv(file.path, settings, file.name))
    except OSError:
        return replace(file, kind="unknown")


def read_source(file: InboxFile, settings: ImportSettings) -> SourceFile:
    """A file's content as it stands there.

    Raises:
        UnreadableFile: with the reason.
    """
    check_size(file)
    if file.kind == "gtm_workbook":
        return read_workbook(file.path, settings, file.name)
    if file.kind == "linkedin_export":
        return read_export(file.path, settings, PurePosixPath(file.name).name)
    if file.kind == "gtm_csv" or file.path.suffix.lower() in TEXT_SUFFIXES:
        # of a text without a known header this tells what was looked for
        return read_csv(file.path, settings, file.name)
    raise UnreadableFile("an unknown kind of file; expected are XLSX workbooks, CSV tables, LinkedIn export ZIPs and Connections.csv")


def land(
    file: InboxFile,
    source: SourceFile,
    former: FormerRows | None,
    settings: ImportSettings,
    rejects: Path | None,
    progress: Progress,
    process: LandingProcess | None = None,
) -> LandedFile:
    """A file's content, to be normalised while it is stored; rows that an earlier version of the file has landed are only counted.

    Args:
        rejects: folder for the workbook of refused rows, which is written once all rows are normalised.
        process: that was started for this file.
    """
    lander = Lander(file.kind, file.name, settings)
    tables, unchanged = [], []
    for part in source.parts:
        table = lander.table(part)
        if former is not None:
            hashes = lander.hash(table)
            # what was refused is told anew of each version, so it is not among the former rows
            known = former.match(part.part, hashes)
            unchanged += known[known != 0].tolist()
            table = replace(table, part=table.part.only(known == 0), hashes=hashes[known == 0])
        tables.append(table)
    coming = sum(len(table.part.cells) for table in tables)
    slices = _tell(land_tables(tables, lander, process), coming, progress)
    if rejects is not None:
        slices = _write_refused(slices, rejects_path(rejects, file.name, file.sha256), [table.part for table in tables])
    return LandedFile(source, slices, coming, former, unchanged, mapping_of(source))


def mapping_of(source: SourceFile) -> str:
    """The layouts in imports.yaml that a file was recognised by."""
    return ", ".join(dict.fromkeys(part.mapping for part in source.parts))


def _tell(slices: Iterator[LandedSlice], total: int, progress: Progress) -> Iterator[LandedSlice]:
    done = 0
    for part in slices:
        yield part
        done += len(part.landed.rows)
        progress(done, total)


def _write_refused(slices: Iterator[LandedSlice], path: Path, parts: Sequence[SourcePart]) -> Iterator[LandedSlice]:
    """Passes the slices on. Then, while the file does not count as read yet, writes what was refused: a kill cannot lose it."""
    refused = []
    for part in slices:
        refused.append(part.landed.rejections[part.landed.rejections["reason"] != CLOSED_PROFILE])
        yield part
    write_rejects(path, parts, pd.concat(refused, ignore_index=True))


def check_size(file: InboxFile) -> None:
    """Raises `UnreadableFile` for a file that is larger than any workbook or export."""
    if file.size_bytes > LARGEST_FILE:
        raise UnreadableFile(f"the file has {file.size_bytes // MIB} MiB; allowed are {LARGEST_FILE // MIB}")


def _take_file(
    db: Database,
    file: InboxFile,
    archive: Archive,
    settings: ImportSettings,
    clock: Clock,
    report: InboxReport,
    rejects: Path | None,
    row_progress: Progress,
    *,
    has_many_rows: bool,
) -> None:
    try:
        check_size(file)
        with early_process(file.size_bytes if has_many_rows else 0) as process:
            # read from the copy: the file itself may change between hashing and reading
            source = read_source(replace(file, path=archive.keep(file)), settings)
            if holds_decisions(source):
                # of a workbook only its sheets tell
                file = replace(file, kind=MERGE_DECISIONS)
                is_new = _take_decisions(db, file, source, settings, clock, rejects)
            else:
                if holds_connections(source):
                    file = replace(file, kind="linkedin_export")
                former = None
                if file.kind != "linkedin_export":
                    former = landing_store.find_former_rows(db, file, mapping_of(source), settings)
                content = land(file, source, former, settings, rejects, row_progress, process)
                is_new = landing_store.land_file(db, file, content, settings, to_text(clock.now()))
        if is_new:
            archive.release(file)
            report.read += 1
    except (sqlite3.Error, TransientError):
        # no fault of the file
        raise
    except Exception as problem:  # noqa: BLE001 one file must not keep the others out, whatever is wrong with it
        error = reason_of(problem)
        report.unreadable.append((file.name, error))
        archive.set_apart(file, error, to_text(clock.now()))
        landing_store.land_file(db, file, LandedFile(error=error), settings, to_text(clock.now()))


def reason_of(problem: Exception) -> str:
    """Why a file was not taken in; of an error that nobody foresaw its kind and place, since its text may hold somebody's data."""
    if isinstance(problem, UnreadableFile):
        return str(problem)
    if isinstance(problem, OSError):
        return f"cannot be opened ({type(problem).__name__})"
    place = traceback.extract_tb(problem.__traceback__)[-1]
    return f"cannot be read because of an error in LIENDEA ({type(problem).__name__}, {Path(place.filename).name}:{place.lineno})"


def _take_decisions(
    db: Database, file: InboxFile, source: SourceFile, settings: ImportSettings, clock: Clock, rejects: Path | None
) -> bool:
    landed = check_file(db, source, settings, file.name)
    # before the file counts as read: a workbook that a kill prevented would never be written
    if rejects is not None:
        refused = pd.concat([table.rejections for table in landed], ignore_index=True)
        write_rejects(rejects_path(rejects, file.name, file.sha256), source.parts, refused)
    return land_decisions(db, file, source, landed, to_text(clock.now()))
