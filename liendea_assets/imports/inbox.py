"""What lies in the inbox: regular files, told apart by content, and refused when they are built to do harm."""

import errno
import hashlib
import io
import os
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from liendea_assets.core.clock import to_text
from liendea_assets.core.errors import UnreadableFile

MIB = 1024 * 1024
# A workbook or an export is far below these; a ZIP bomb is far above (a 1.6 MB one cost a reader 25 s of CPU).
LARGEST_FILE = 512 * MIB
LARGEST_UNPACKED = 200 * MIB
LARGEST_RATIO = 200
MOST_PARTS = 2_000

# What zipfile raises on damaged archives, depending on which byte is wrong.
DAMAGED_ARCHIVE = (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, ValueError, zlib.error)

TEXT_SUFFIXES = (".csv", ".tsv", ".tab", ".txt")
# a part that only this format has → what to call it
_OTHER_DOCUMENTS = {
    "xl/workbook.bin": "a binary workbook (.xlsb)",
    "word/document.xml": "a text document (.docx)",
    "ppt/presentation.xml": "a presentation (.pptx)",
    "content.xml": "an OpenDocument file (.ods or .odt)",
}

# where spreadsheet programs put pictures and attachments, which no reader of cells opens
_UNREAD_PARTS = ("xl/media/", "xl/embeddings/")

_OLE_MAGIC = b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True, slots=True)
class InboxFile:
    """A file to import.

    Attributes:
        name: path below the inbox.
        kind: gtm_workbook, linkedin_export, text or unknown; which table a text holds is told by its header (`landing.settle_kind`).
        sha256: of the content; a file is read once by it.
        changed_at: when the file was last written, UTC.
    """

    path: Path
    name: str
    kind: str
    sha256: str
    size_bytes: int
    changed_at: str


def list_files(inbox: Path) -> list[InboxFile]:
    """The inbox's regular files in order of name; links, hidden files and folders and Office's lock files (`~$…`) are none."""
    files = (inspect_file(path, inbox) for path, _ in find_regular_files(inbox))
    return [file for file in files if file is not None]


def find_regular_files(inbox: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """What may be imported, in order of name, without opening anything: opening a pipe would wait for ever."""
    for path in sorted(inbox.rglob("*")):
        # a hidden folder is another program's: a bin, a synchroniser's old versions
        if path.name.startswith("~$") or any(part.startswith(".") for part in path.relative_to(inbox).parts):
            continue
        # taken away since the folder was listed
        with suppress(FileNotFoundError):
            info = path.lstat()
            if stat.S_ISREG(info.st_mode):
                yield path, info


def inspect_file(path: Path, inbox: Path) -> InboxFile | None:
    """Kind and hash of a file; None where it was taken away. One that cannot be opened, or is too large, is known by its name."""
    # a name in another encoding than the system's would fit no database and no report
    name = path.relative_to(inbox).as_posix().encode(errors="surrogateescape").decode(errors="replace")
    try:
        with open_regular_file(path) as file:
            size = os.fstat(file.fileno()).st_size
            if size <= LARGEST_FILE:
                changed_at = to_text(datetime.fromtimestamp(os.fstat(file.fileno()).st_mtime, UTC))
                return InboxFile(path, name, kind_of(path), hashlib.file_digest(file, "sha256").hexdigest(), size, changed_at)
    except FileNotFoundError:
        return None
    except (OSError, UnreadableFile):
        size = 0
    unread = hashlib.sha256(f"unread {size} {name}".encode()).hexdigest()
    return InboxFile(path, name, kind_by_name(path), unread, size, to_text(datetime.fromtimestamp(0, UTC)))


def open_regular_file(path: Path) -> io.BufferedReader:
    """Opens a file, and looks again at what was opened: a link or a pipe may have taken its place since it was listed.

    Raises:
        UnreadableFile: a link, a pipe, a socket, a device or a folder.
        OSError: it cannot be opened.
    """
    # without waiting: a pipe that nobody writes to would never open
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(path, flags)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO):
            raise UnreadableFile("a link or a socket; only files themselves are read") from error
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise UnreadableFile("no regular file (a pipe, a device or a folder); only files themselves are read")
    return os.fdopen(descriptor, "rb")


def kind_of(path: Path) -> str:
    """By content where that tells, else by the name's ending; a workbook in a folder of its own kind is still a workbook."""
    with open_regular_file(path) as file:
        start = file.read(4)
    if start == b"PK\x03\x04":
        # a damaged archive goes by its name, and is refused by its reader
        with suppress(*DAMAGED_ARCHIVE), zipfile.ZipFile(path) as archive:
            names = {name.lower() for name in archive.namelist()}
            return "gtm_workbook" if names & {"xl/workbook.xml", *_OTHER_DOCUMENTS} else "linkedin_export"
    return "gtm_workbook" if start == _OLE_MAGIC else kind_by_name(path)


def kind_by_name(path: Path) -> str:
    """The kind that a name's ending tells."""
    suffix = path.suffix.lower()
    if suffix in (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"):
        return "gtm_workbook"
    if suffix in TEXT_SUFFIXES:
        return "text"
    if suffix == ".zip":
        return "linkedin_export"
    return "unknown"


def check_archive(path: Path, is_read: Callable[[str], bool]) -> None:
    """Looks at a ZIP's directory before anything of it is unpacked.

    Args:
        is_read: whether a member of this name will be unpacked; the others, such as pictures, cost nothing but their place in the list.

    Raises:
        UnreadableFile: no ZIP, or one of which more would be unpacked than any workbook or export holds, or an encrypted one.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except DAMAGED_ARCHIVE as error:
        raise UnreadableFile(f"the ZIP archive is damaged or cut off ({type(error).__name__})") from error
    if len(members) > MOST_PARTS:
        raise UnreadableFile(f"the ZIP archive holds {len(members)} files; allowed are {MOST_PARTS}")
    wanted = [member for member in members if is_read(member.filename)]
    unpacked = sum(member.file_size for member in wanted)
    packed = sum(member.compress_size for member in wanted) or 1
    if unpacked > LARGEST_UNPACKED or (unpacked > MIB and unpacked / packed > LARGEST_RATIO):
        raise UnreadableFile(
            f"what is read of the ZIP archive unpacks to {unpacked // MIB} MiB, {unpacked // packed} times its size; "
            f"allowed are {LARGEST_UNPACKED // MIB} MiB and {LARGEST_RATIO} times"
        )
    if any(member.flag_bits & 0x1 for member in members):
        raise UnreadableFile("the ZIP archive is protected by a password; save it without one")


def check_workbook(path: Path) -> None:
    """Raises `UnreadableFile` when a file cannot be an XLSX workbook, with what it seems to be instead."""
    with path.open("rb") as file:
        start = file.read(4)
    if not start:
        raise UnreadableFile("the file is empty")
    if start == _OLE_MAGIC:
        raise UnreadableFile("an old .xls workbook or one protected by a password; save it as .xlsx without a password")
    if start[:2] != b"PK":
        raise UnreadableFile("not an XLSX workbook, whatever its name says (an XLSX is a ZIP archive, this is not)")
    check_archive(path, lambda name: not name.lower().startswith(_UNREAD_PARTS))
    with zipfile.ZipFile(path) as archive:
        names = {name.lower() for name in archive.namelist()}
    for part, what in _OTHER_DOCUMENTS.items():
        if part in names and "xl/workbook.xml" not in names:
            raise UnreadableFile(f"{what}; save it as .xlsx")
