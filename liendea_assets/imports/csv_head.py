"""The beginning of a CSV file: its text in UTF-8, and its first records under every delimiter that is in use."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import ClassVar

from liendea_assets.core.errors import UnreadableFile
from liendea_assets.imports.headers import field_of_alias, match_columns
from liendea_assets.imports.settings import ImportSettings

DELIMITERS = (",", ";", "\t", "|")
# A note of one or three lines has stood above the header of Connections.csv since 2021.
LINKEDIN_SEARCH_RECORDS = 10


@dataclass(frozen=True, slots=True)
class CsvText:
    """A file's text.

    Attributes:
        content: UTF-8 without a byte-order mark.
        note: what the user should know of how it was read.
    """

    content: bytes
    note: str | None


@dataclass(frozen=True, slots=True)
class CsvHead:
    """The first records of a file under one delimiter.

    Attributes:
        ends: for each record the position of the byte behind it.
        lines: for each record the number of its last line.
    """

    LONGEST: ClassVar[int] = 1 << 20

    delimiter: str
    records: list[list[str]]
    ends: list[int]
    lines: list[int]


def to_utf8(content: bytes, *, is_cut: bool = False, is_sampled: bool = False) -> CsvText:
    """Text in UTF-8 with or without a byte-order mark, in UTF-16 with one, else in Windows-1252.

    Args:
        is_cut: whether only the start of a file is given, which may end inside a character.
        is_sampled: whether only the start is looked at to tell UTF-8.

    Raises:
        UnreadableFile: empty, NUL characters, or UTF-16 that is none.
    """
    if not content:
        raise UnreadableFile("the file is empty")
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            text = (content[: len(content) // 2 * 2] if is_cut else content).decode("utf-16", errors="ignore" if is_cut else "strict")
        except UnicodeDecodeError as error:
            raise UnreadableFile(f"not UTF-16 text, which its first two bytes say it is (byte {error.start})") from None
        encoded, note = text.removeprefix("\ufeff").encode("utf-8"), None
    else:
        encoded, note = _from_bytes(content.removeprefix(b"\xef\xbb\xbf"), is_cut=is_cut, is_sampled=is_sampled)
    if b"\x00" in encoded:
        raise UnreadableFile("not a text file (it holds NUL characters)")
    return CsvText(encoded, note)


def read_head(content: bytes, records: int) -> Iterator[CsvHead]:
    """The first records under each delimiter; none where the text is no CSV under it."""
    start = content[: CsvHead.LONGEST]
    if len(start) < len(content):
        # the last line may be cut
        start = start[: max(start.rfind(b"\n"), start.rfind(b"\r")) + 1] or start
    lines = list(io.StringIO(start.decode("utf-8", errors="replace"), newline=""))
    ends = [0]
    for line in lines:
        ends.append(ends[-1] + len(line.encode("utf-8")))
    csv.field_size_limit(max(csv.field_size_limit(), CsvHead.LONGEST))
    for delimiter in DELIMITERS:
        reader = csv.reader(lines, delimiter=delimiter)
        found = [(record, ends[reader.line_num], reader.line_num) for record in islice(reader, records)]
        if found:
            yield CsvHead(delimiter, [record for record, _, _ in found], [end for _, end, _ in found], [line for _, _, line in found])


def find_linkedin_header(content: bytes, settings: ImportSettings) -> bool:
    """Whether one of the first records is the header of a Connections.csv."""
    fields = field_of_alias(settings.linkedin_columns)
    return any(
        {"first_name", "connected_on"} <= set(match_columns(record, fields).values())
        for head in read_head(content, LINKEDIN_SEARCH_RECORDS)
        for record in head.records
    )


def _from_bytes(content: bytes, *, is_cut: bool, is_sampled: bool) -> tuple[bytes, str | None]:
    looked_at = content[: CsvHead.LONGEST] if is_sampled else content
    try:
        looked_at.decode("utf-8")
    except UnicodeDecodeError as error:
        is_at_end = error.end >= len(looked_at) - 3
        if is_sampled and len(looked_at) < len(content) and is_at_end:
            return content, None
        if not (is_cut and is_at_end):
            # Excel's "CSV" on a Western Windows; guessing a charset instead misreads names such as José
            return content.decode("cp1252", errors="replace").encode("utf-8"), "read as Windows-1252, since it is not UTF-8"
        return content[: error.start], None
    return content, None
