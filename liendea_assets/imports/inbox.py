"""What lies in the inbox: regular files, told apart by content, and refused when they are built to do harm."""

import hashlib
import zipfile
import zlib
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
    found = []
    for path in sorted(inbox.rglob("*")):
        name = path.relative_to(inbox)
        # a hidden folder is another program's: a bin, a synchroniser's old versions
        if path.is_symlink() or not path.is_file() or path.name.startswith("~$") or any(part.startswith(".") for part in name.parts):
            continue
        info = path.stat()
        changed_at = to_text(datetime.fromtimestamp(info.st_mtime, UTC))
        found.append(InboxFile(path, name.as_posix(), kind_of(path), _sha256(path), info.st_size, changed_at))
    return found


def kind_of(path: Path) -> str:
    """By content where that tells, else by the name's ending; a workbook in a folder of its own kind is still a workbook."""
    with path.open("rb") as file:
        start = file.read(4)
    suffix = path.suffix.lower()
    if start == b"PK\x03\x04":
        # a damaged archive goes by its name, and is refused by its reader
        with suppress(*DAMAGED_ARCHIVE), zipfile.ZipFile(path) as archive:
            is_workbook = any(name.lower() == "xl/workbook.xml" for name in archive.namelist())
            return "gtm_workbook" if is_workbook else "linkedin_export"
    if suffix in (".xlsx", ".xlsm", ".xls") or start == _OLE_MAGIC:
        return "gtm_workbook"
    if suffix in TEXT_SUFFIXES:
        return "text"
    if suffix == ".zip":
        return "linkedin_export"
    return "unknown"


def check_archive(path: Path) -> None:
    """Looks at a ZIP's directory before anything of it is unpacked.

    Raises:
        UnreadableFile: no ZIP, or one that unpacks to more than any workbook or export holds, or an encrypted one.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except DAMAGED_ARCHIVE as error:
        raise UnreadableFile(f"the ZIP archive is damaged or cut off ({type(error).__name__})") from error
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members) or 1
    if len(members) > MOST_PARTS:
        raise UnreadableFile(f"the ZIP archive holds {len(members)} files; allowed are {MOST_PARTS}")
    if unpacked > LARGEST_UNPACKED or (unpacked > MIB and unpacked / packed > LARGEST_RATIO):
        raise UnreadableFile(
            f"the ZIP archive unpacks to {unpacked // MIB} MiB, {unpacked // packed} times its size; "
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
    check_archive(path)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
