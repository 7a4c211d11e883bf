"""Which parts of an XLSX package are its sheets, and whether the parts that will be parsed may be. Runs in the workbook's own process.

Format: ECMA-376, Office Open XML, part 1 §18 (SpreadsheetML) and part 2 (packages); Strict and Transitional differ in their
namespaces alone, so names are compared without them.
"""

import posixpath
import re
import zipfile
from dataclasses import dataclass
from xml.etree import ElementTree

from liendea_assets.core.errors import UnreadableFile

WORKBOOK = "xl/workbook.xml"
RELATIONS = "xl/_rels/workbook.xml.rels"
STYLES = "xl/styles.xml"
SHARED_STRINGS = "xl/sharedStrings.xml"
# Says where the rows of a workbook of refused rows come from; the one hidden sheet that is read.
ORIGIN_SHEET = "LIENDEA origin"

_CHUNK = 1024 * 1024
# A reader of XML may fetch files, or unfold entities, that such a declaration names.
_DECLARATIONS = (b"<!DOCTYPE", b"<!ENTITY")
# What may be cut in two between chunks: a declaration, a long number, the end of the root element.
_OVERLAP = 512
# A whole number of so many digits is not held exactly by the 64-bit floats that spreadsheets calculate with (2^53 has 16).
_LONG_NUMBER = re.compile(rb"<v>(-?[0-9]{16,})</v>")
_BOOLEAN = re.compile(rb't="b"')


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet as the workbook lists it.

    Attributes:
        position: among all sheets of the workbook, charts included, from 0.
        path: its part; None for a chart or a dialogue, which has no cells.
    """

    position: int
    name: str
    is_visible: bool
    path: str | None


@dataclass(frozen=True, slots=True)
class Oddities:
    """What a sheet's XML holds that the fast reader tells otherwise than it stands there."""

    has_booleans: bool
    has_long_numbers: bool


def list_sheets(archive: zipfile.ZipFile) -> list[Sheet]:
    """The workbook's sheets in their order.

    Raises:
        UnreadableFile: a document type is declared.
        KeyError, ElementTree.ParseError: a part is missing or broken.
    """
    book, relations = _parse(archive, WORKBOOK), _parse(archive, RELATIONS)
    # broken styles would turn dates into numbers without a word
    if find_part(archive, STYLES):
        _parse(archive, STYLES)
    targets = {node.get("Id"): node for node in relations if _local(node.tag) == "Relationship"}
    found = []
    sheets = [node for parent in book if _local(parent.tag) == "sheets" for node in parent if _local(node.tag) == "sheet"]
    for position, node in enumerate(sheets):
        target = targets.get(next((value for key, value in node.attrib.items() if key.endswith("}id")), None))
        is_worksheet = target is not None and (target.get("Type") or "").endswith("/worksheet")
        path = _resolved(archive, target.get("Target") or "") if target is not None and is_worksheet else None
        found.append(Sheet(position, node.get("name") or "", node.get("state", "visible") == "visible", path))
    return found


def check_parts(archive: zipfile.ZipFile) -> None:
    """Looks into the parts that every sheet needs, as far as `list_sheets` has not.

    Raises:
        UnreadableFile: a document type is declared, or a part ends too early.
    """
    path = find_part(archive, SHARED_STRINGS)
    if path:
        scan_part(archive, path, b"sst")


def scan_part(archive: zipfile.ZipFile, path: str, root: bytes) -> Oddities:
    """Reads a part once to its end (which checks its checksum), keeping nothing of it.

    Args:
        root: the local name of its root element.

    Raises:
        UnreadableFile: a document type is declared, or the part ends before its root element does.
    """
    has_booleans = has_long_numbers = False
    tail = b""
    with archive.open(path) as part:
        while chunk := part.read(_CHUNK):
            window = tail + chunk
            _refuse_declarations(path, window)
            has_booleans = has_booleans or _BOOLEAN.search(window) is not None
            has_long_numbers = has_long_numbers or _LONG_NUMBER.search(window) is not None
            tail = window[-_OVERLAP:]
    if not re.search(rb"(?:</(?:\w+:)?" + root + rb"\s*>|<(?:\w+:)?" + root + rb"\b[^<>]*/>)\s*$", tail):
        raise UnreadableFile(f"the workbook is damaged (its part {path} ends too early)")
    return Oddities(has_booleans, has_long_numbers)


def find_long_numbers(archive: zipfile.ZipFile, path: str) -> tuple[int, list[tuple[int, int, str]]]:
    """The sheet's first column with content, and row, column (both from 1) and digits of each number too long for a float."""
    cell = re.compile(rb'<c\b[^>]*?\br="([A-Z]{1,3})([0-9]{1,7})"[^>]*?(?:/>|>(.*?)</c>)', re.DOTALL)
    first, found = 0, []
    for match in cell.finditer(archive.read(path)):
        content = match.group(3)
        if not content:
            continue
        column = column_number(match.group(1))
        first = min(first or column, column)
        number = _LONG_NUMBER.search(content)
        if number:
            found.append((int(match.group(2)), column, number.group(1).decode()))
    return first, found


def column_number(letters: bytes) -> int:
    """`A` → 1, `XFD` → 16384."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def find_part(archive: zipfile.ZipFile, path: str) -> str | None:
    """A part's name as the archive spells it: part names are compared without case."""
    return next((name for name in archive.namelist() if name.lower() == path.lower()), None)


def _parse(archive: zipfile.ZipFile, path: str) -> ElementTree.Element:
    name = find_part(archive, path)
    if name is None:
        raise KeyError(path)
    content = archive.read(name)
    _refuse_declarations(name, content)
    # without a document type there is no entity to unfold and nothing to fetch
    return ElementTree.fromstring(content)  # noqa: S314


def _refuse_declarations(path: str, content: bytes) -> None:
    if any(declaration in content for declaration in _DECLARATIONS):
        raise UnreadableFile(f"the workbook's part {path} declares a document type, which no spreadsheet program writes; it is not parsed")
    # in UTF-16 a declaration would look different, and every spreadsheet program writes UTF-8
    if b"\0" in content:
        raise UnreadableFile(f"the workbook's part {path} is not UTF-8 text (it holds NUL bytes)")


def _resolved(archive: zipfile.ZipFile, target: str) -> str:
    path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))
    name = find_part(archive, path)
    if name is None:
        raise KeyError(path)
    return name


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
