"""The CSV files of a LinkedIn export as streams: a header that is looked for, and only the columns that are wanted.

As LinkedIn writes them, and as spreadsheets save them anew: UTF-8, UTF-16 or Windows-1252, commas, semicolons or tabs.
"""

import codecs
import csv
import io
from array import array
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from itertools import islice
from typing import IO

import pandas as pd

from liendea_assets.core.errors import UnreadableFile
from liendea_assets.core.text import fold
from liendea_assets.imports.inbox import DAMAGED_ARCHIVE

# Records above the header: a one-line or three-line note since 2021. A reader that skipped three lines blindly has
# shipped an empty import as a success, so the header is looked for.
HEADER_SEARCH_RECORDS = 10
DELIMITERS = (",", ";", "\t")
# A message's text may be longer than the csv module's default of 128 KiB.
LARGEST_CELL = 16 * 1024 * 1024
CHUNK = 1024 * 1024

Record = list[str]
Columns = Mapping[int, str]
# The columns of a record that is a header; None for any other record.
HeaderMatch = Callable[[Sequence[str]], Columns | None]
# Opens the file's bytes, each time from their start.
Opener = Callable[[], IO[bytes]]


class MalformedCsv(UnreadableFile):
    """No CSV: NUL characters, or a quote that is never closed and would swallow the rows after it."""


@contextmanager
def open_table(open_bytes: Opener, match: HeaderMatch) -> Iterator[tuple[Record, Columns, Iterator[Record]] | None]:
    """The header, its columns as `match` names them, and the records below it; None where no first record is a header.

    Raises:
        MalformedCsv: no CSV under any delimiter; also while the records are read.
        UnreadableFile: the archive around it is damaged; also while the records are read.
    """
    encoding = _encoding(open_bytes)
    problems: list[MalformedCsv] = []
    for delimiter in DELIMITERS:
        with closing(open_bytes()) as file:
            records = _records(file, encoding, delimiter)
            try:
                top = list(islice(records, HEADER_SEARCH_RECORDS))
            except MalformedCsv as error:
                problems.append(error)
                continue
            for position, record in enumerate(top):
                columns = match(record)
                if columns is not None:
                    yield record, columns, _chain(top[position + 1 :], records)
                    return
    # a quoted cell before a comma is malformed under a semicolon, which says nothing
    if len(problems) == len(DELIMITERS):
        raise problems[0]
    yield None


def read_columns(open_bytes: Opener, wanted: Collection[str], required: Collection[str]) -> pd.DataFrame | None:
    """The wanted columns of a table; None without a header that has all of the required ones.

    Args:
        wanted: folded names (`core.text.fold`).
        required: those that a header is known by.

    Returns:
        A column per wanted name that the table has, as categories of text, empty text where a row is too short. Blank lines are left
        out.

    Raises:
        MalformedCsv: no CSV.
        UnreadableFile: the archive around it is damaged.
    """

    def match(record: Sequence[str]) -> Columns | None:
        names = [fold(cell) for cell in record]
        return {names.index(name): name for name in wanted if name in names} if set(required) <= set(names) else None

    with open_table(open_bytes, match) as table:
        if table is None:
            return None
        _, columns, records = table
        known: dict[str, dict[str, int]] = {name: {} for name in columns.values()}
        codes = {name: array("i") for name in columns.values()}
        readers = [(position, known[name], codes[name].append) for position, name in columns.items()]
        # a small number per cell: half a million messages take a few megabytes, and no text that is not wanted stays
        for record in records:
            width = len(record)
            if not width:
                continue
            for position, numbers, append in readers:
                text = record[position] if position < width else ""
                append(numbers.setdefault(text, len(numbers)))
    return pd.DataFrame({name: pd.Categorical.from_codes(codes[name], pd.Index(list(known[name]), dtype=object)) for name in codes})


def first_records(open_bytes: Opener) -> list[list[Record]]:
    """The first records under each delimiter, from the file's first bytes alone; for files that may be none of ours."""
    with closing(open_bytes()) as file:
        try:
            start = file.read(16 * 1024)
        except DAMAGED_ARCHIVE:
            return []
    encoding = "utf-16" if start[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8-sig"
    # the last line may be cut in the middle
    text = start.decode(encoding, errors="replace").rpartition("\n")[0]
    return [list(islice(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), HEADER_SEARCH_RECORDS)) for delimiter in DELIMITERS]


def _chain(top: Sequence[Record], rest: Iterator[Record]) -> Iterator[Record]:
    yield from top
    yield from rest


def _records(file: IO[bytes], encoding: str, delimiter: str) -> Iterator[Record]:
    csv.field_size_limit(LARGEST_CELL)
    try:
        yield from csv.reader(_lines(file, encoding), delimiter=delimiter, strict=True)
    except csv.Error as error:
        raise MalformedCsv(f"not a CSV file ({error})") from error


def _lines(file: IO[bytes], encoding: str) -> Iterator[str]:
    try:
        with io.TextIOWrapper(file, encoding, errors="replace", newline="") as text:
            for line in text:
                if "\x00" in line:
                    raise MalformedCsv("not a text file (it holds NUL characters)")
                yield line
    except DAMAGED_ARCHIVE as error:
        raise _damaged(error) from error


def _encoding(open_bytes: Opener) -> str:
    """UTF-16 where a mark says so, UTF-8 where the whole file is, else Windows-1252: Excel's "CSV" on a Western Windows."""
    utf8 = codecs.getincrementaldecoder("utf-8-sig")()
    with closing(open_bytes()) as file:
        try:
            chunk = file.read(CHUNK)
            if chunk[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
                return "utf-16"
            while chunk:
                utf8.decode(chunk)
                chunk = file.read(CHUNK)
            utf8.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
        except DAMAGED_ARCHIVE as error:
            raise _damaged(error) from error
    return "utf-8-sig"


def _damaged(error: BaseException) -> UnreadableFile:
    return UnreadableFile(f"the ZIP archive is damaged ({type(error).__name__} while unpacking)")
