import io
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

import pytest

from liendea_assets.core.errors import UnreadableFile
from liendea_assets.imports.linkedin_csv import MalformedCsv, first_records, open_table, read_columns
from liendea_assets_tests.imports.broken_archives import break_content

TABLE = 'From,Content,Date\nRobin,"two\nlines, ""quoted""",2026-01-02\nAnn\n\nJosé,x,2026-01-03\n'


def bytes_of(content: bytes) -> Callable[[], IO[bytes]]:
    return lambda: io.BytesIO(content)


def read(content: bytes, wanted: Sequence[str] = ("from", "date"), required: Sequence[str] = ("from",)) -> dict[str, list[str]] | None:
    table = read_columns(bytes_of(content), wanted, required)
    return None if table is None else {str(name): [str(text) for text in table[name]] for name in table}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_columns_are_read_whatever_saved_the_file(encoding: str, newline: str, delimiter: str) -> None:
    text = f'Notes:\nFROM{delimiter}DATE\n"José"{delimiter}"2026-01-02"\n'.replace("\n", newline)

    assert read(text.encode(encoding)) == {"from": ["José"], "date": ["2026-01-02"]}


def test_a_cell_may_span_lines_a_short_row_is_filled_up_and_a_blank_line_is_none() -> None:
    assert read(TABLE.encode()) == {"from": ["Robin", "Ann", "José"], "date": ["2026-01-02", "", "2026-01-03"]}


def test_only_wanted_columns_that_the_table_has_are_there() -> None:
    assert read(TABLE.encode(), wanted=("date", "folder"), required=("date",)) == {"date": ["2026-01-02", "", "2026-01-03"]}


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b'"quoted, first",b\n', b"x\n" * 10 + b"From\n"])
def test_without_its_header_in_the_first_ten_records_there_is_no_table(content: bytes) -> None:
    assert read(content) is None


def test_a_quote_that_is_never_closed_swallows_no_rows_in_silence() -> None:
    with pytest.raises(MalformedCsv, match="not a CSV file"):
        read(TABLE.encode() + b'"open\n' + b"Ann,x,y\n" * 20)


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(MalformedCsv, match=r"not a text file \(it holds NUL characters\)"):
        read(b"From,Date\n" + b"\x00\x00\x00\n")


def test_a_member_that_is_damaged_is_no_malformed_csv(tmp_path: Path) -> None:
    """Its archive is refused, where a malformed file that only adds to what is known is passed over."""
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("messages.csv", TABLE * 100)
    break_content(path, b"messages.csv")

    with zipfile.ZipFile(path) as archive, pytest.raises(UnreadableFile, match="the ZIP archive is damaged") as raised:
        read_columns(lambda: archive.open("messages.csv"), ("from",), ("from",))
    assert not isinstance(raised.value, MalformedCsv)


def test_a_file_is_closed_when_its_reading_ends_early(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(TABLE)
    opened: list[IO[bytes]] = []

    def open_bytes() -> IO[bytes]:
        opened.append((tmp_path / "a.csv").open("rb"))
        return opened[-1]

    with open_table(open_bytes, lambda record: {0: "from"} if record[:1] == ["From"] else None) as table:
        assert table is not None
        next(table[2])

    assert opened
    assert all(file.closed for file in opened)


def test_no_more_than_the_start_of_an_unknown_file_is_looked_at() -> None:
    file = io.BytesIO(b"a;b\n" * 100_000)
    file.close = lambda: None  # type: ignore[method-assign]  # its position is asked for after closing

    assert first_records(lambda: file)[1][0] == ["a", "b"]
    assert file.tell() <= 16 * 1024
