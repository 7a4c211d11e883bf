import csv
import io
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liendea_assets.core.errors import UnreadableFile
from liendea_assets.imports import gtm_csv
from liendea_assets.imports.csv_head import CsvHead
from liendea_assets.imports.gtm_csv import kind_of_csv, read_csv
from liendea_assets.imports.model import SourcePart
from liendea_assets.imports.normalize import land_gtm
from liendea_assets.imports.settings import ImportSettings
from liendea_assets_tests.builders import connection, connections_csv, csv_text

HEADER = ["Full Name", "Job Title", "Account Name", "Notes"]
ROWS = [["Zoë Weaver", "VP Sales", "Acme", "met; twice"], ["Ann Lee", "CEO", "Blue, Inc.", 'said\n"hello"']]


def written(path: Path, content: bytes | str) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def only_part(path: Path, settings: ImportSettings) -> SourcePart:
    (part,) = read_csv(path, settings).parts
    return part


def texts(part: SourcePart) -> list[list[str | None]]:
    return [[cell if isinstance(cell, str) else None for cell in row] for row in part.cells.itertuples(index=False)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_every_encoding_delimiter_and_newline_gives_the_same_rows(
    tmp_path: Path, import_settings: ImportSettings, encoding: str, delimiter: str, newline: str
) -> None:
    mark = "\ufeff" if encoding in ("utf-16-le", "utf-16-be") else ""
    text = mark + csv_text([HEADER, *ROWS], delimiter, newline)
    part = only_part(written(tmp_path / "people.csv", text.encode(encoding)), import_settings)

    assert part.header == tuple(HEADER)
    assert texts(part) == ROWS
    assert list(part.numbers) == [1, 2]


def test_text_that_is_not_utf_8_is_read_as_windows_1252_and_the_user_is_told(tmp_path: Path, import_settings: ImportSettings) -> None:
    source = read_csv(written(tmp_path / "people.csv", csv_text([HEADER, *ROWS]).encode("cp1252")), import_settings)

    assert source.note == "read as Windows-1252, since it is not UTF-8"
    assert read_csv(written(tmp_path / "utf8.csv", csv_text([HEADER, *ROWS])), import_settings).note is None


def test_a_byte_far_down_that_is_not_utf_8_makes_the_whole_file_windows_1252(tmp_path: Path, import_settings: ImportSettings) -> None:
    many = csv_text([HEADER, *[["Robin Weaver", "VP", "Acme", "x" * 100]] * 10_000]).encode() + "José Lee,VP,Acme,\n".encode("cp1252")
    assert len(many) > CsvHead.LONGEST

    source = read_csv(written(tmp_path / "people.csv", many), import_settings)

    assert source.note == "read as Windows-1252, since it is not UTF-8"
    assert source.parts[0].cells.iloc[-1, 0] == "José Lee"


def test_a_letter_across_the_end_of_the_part_that_is_sampled_is_utf_8(tmp_path: Path, import_settings: ImportSettings) -> None:
    head = csv_text([HEADER])
    row = "Zoë Lee,VP,Acme,\n".encode()
    filler = b"x" * (CsvHead.LONGEST - len(head) - len("A,B,C,\n") - row.index(b"\xc3") - 1)
    content = head.encode() + b"A,B,C," + filler + b"\n" + row
    assert content[: CsvHead.LONGEST].endswith(b"\xc3")

    source = read_csv(written(tmp_path / "people.csv", content), import_settings)

    assert source.note is None
    assert source.parts[0].cells.iloc[-1, 0] == "Zoë Lee"


def test_lines_inside_cells_are_no_reason_to_read_slowly(tmp_path: Path, import_settings: ImportSettings) -> None:
    content = csv_text([HEADER, *[["Ann Lee", "CEO", "Acme", "one\ntwo\n" * 50]] * 25_000]).encode()
    found = gtm_csv._find(content, import_settings, "people.csv")
    assert found is not None

    cells = gtm_csv._read_by_arrow(gtm_csv._body(content, found), found)

    assert cells is not None
    assert cells[3].nunique() == 1
    assert len(cells) == 25_000


def test_the_header_may_stand_below_a_title_and_blank_lines(tmp_path: Path, import_settings: ImportSettings) -> None:
    part = only_part(written(tmp_path / "people.csv", "Our people;;;\n\n" + csv_text([HEADER, *ROWS], ";")), import_settings)

    assert texts(part) == ROWS
    assert list(part.numbers) == [1, 2]


@pytest.mark.parametrize("has_quotes", [False, True])
def test_rows_of_another_width_are_kept_and_refused_and_shift_nothing(
    tmp_path: Path, import_settings: ImportSettings, has_quotes: bool
) -> None:
    quoted = '"Robin Weaver"' if has_quotes else "Robin Weaver"
    content = f"{','.join(HEADER)}\n{quoted},VP,Acme,fine\nAnn Lee,CEO,Blue, Inc.,note\n\nBen Moss,CTO\nCy Day,CFO,Dune,,,\n"
    part = only_part(written(tmp_path / "people.csv", content), import_settings)
    landed = land_gtm(part, import_settings)

    assert list(part.numbers) == [1, 2, 4, 5]
    assert part.blank == 1
    assert list(landed.rows["verdict"]) == ["accepted", "rejected", "rejected", "accepted"]
    assert list(landed.rejections["reason"]) == ["has 5 cells where the header has 4", "has 2 cells where the header has 4"]
    assert list(landed.rejections["row_index"]) == [1, 2]
    assert texts(part)[1] == ["Ann Lee", "CEO", "Blue", " Inc.", "note"]
    assert list(landed.rows["title"].isna()) == [False, True, True, False]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_a_misquoted_record_is_refused_alone_and_the_next_line_is_read(
    tmp_path: Path, import_settings: ImportSettings, newline: str
) -> None:
    lines = [
        ",".join(HEADER),
        '"Ann Lee",CEO,"Blue, Inc.","one',
        'two"',
        '"Bob "Bobby" Smith",CTO,Beta,x',
        '"VP" of,"a, b" c,Beta,x',
        'Carl Jones,CFO,"Gamma, Inc",',
    ]
    part = only_part(written(tmp_path / "people.csv", newline.join(lines) + newline), import_settings)
    landed = land_gtm(part, import_settings)

    assert list(landed.rows["full_name"].fillna("")) == ["Ann Lee", "", "", "Carl Jones"]
    assert landed.rows["company_name"][3] == "Gamma, Inc"
    assert list(part.numbers) == [1, 2, 3, 4]
    assert texts(part)[1:3] == [['"Bob "Bobby" Smith"', "CTO", "Beta", "x", None], ['"VP" of', '"a', ' b" c', "Beta", "x"]]
    assert list(landed.rejections["row_number"]) == [2, 3]
    assert set(landed.rejections["reason"]) == {"has a quotation mark out of place (',' expected after '\"')"}


def test_a_quotation_mark_that_swallows_lines_before_one_is_out_of_place_refuses_the_file(
    tmp_path: Path, import_settings: ImportSettings
) -> None:
    content = csv_text([HEADER]) + '"Bob Smith,CTO,Beta,x\nAnn Lee,CEO,Blue,x\nCarl Jones,CFO,"Gamma, Inc",x\n'

    with pytest.raises(UnreadableFile, match=r"^not a CSV file: line 4: .* in the cells that begin in line 2$"):
        read_csv(written(tmp_path / "people.csv", content), import_settings)


@pytest.mark.parametrize("tail", ['Robin Weaver,VP,Acme,"x\n', '"Robin Weaver,VP,Acme,x\n'])
def test_a_quotation_mark_that_is_never_closed_is_an_error_that_names_its_line(
    tmp_path: Path, import_settings: ImportSettings, tail: str
) -> None:
    path = written(tmp_path / "people.csv", csv_text([HEADER, ["Ann Lee", "CEO", "Blue", ""]]) + tail)

    with pytest.raises(UnreadableFile, match=r"^not a CSV file: line 3: "):
        read_csv(path, import_settings)


def test_inches_inside_a_cell_are_no_quotation(tmp_path: Path, import_settings: ImportSettings) -> None:
    part = only_part(written(tmp_path / "people.csv", ",".join(HEADER) + '\nAnn Lee,CEO,5" Pipes Ltd,x\n'), import_settings)

    assert texts(part) == [["Ann Lee", "CEO", '5" Pipes Ltd', "x"]]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "^the file is empty$"),
        (b"Full Name,Job Title,Account\x00\n", "NUL characters"),
        (b"\xff\xfea", "not UTF-16"),
        (b"a,b,c\n1,2,3\n", "no table of people: looked in the first 20 records .*`liendea preview FILE` proposes a mapping"),
    ],
)
def test_what_is_no_table_of_people_is_refused_with_its_reason(
    tmp_path: Path, import_settings: ImportSettings, content: bytes, reason: str
) -> None:
    with pytest.raises(UnreadableFile, match=reason):
        read_csv(written(tmp_path / "people.csv", content), import_settings)


def test_a_header_without_rows_is_a_table_without_rows(tmp_path: Path, import_settings: ImportSettings) -> None:
    part = only_part(written(tmp_path / "people.csv", ",".join(HEADER) + "\n\n\n"), import_settings)

    assert (len(part.cells), part.blank) == (0, 0)
    assert land_gtm(part, import_settings).rows.empty


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (connections_csv([connection()]), "linkedin_export"),
        (csv_text([HEADER, *ROWS], ";"), "gtm_csv"),
        ("a,b\n1,2\n", "unknown"),
        ("", "unknown"),
        ("\x00\x01", "unknown"),
    ],
)
def test_the_kind_is_told_by_the_header(tmp_path: Path, import_settings: ImportSettings, content: str, kind: str) -> None:
    assert kind_of_csv(written(tmp_path / "file.csv", content), import_settings) == kind


CELLS = st.text(alphabet='ab ,;"\n\té', max_size=6)


@given(st.lists(st.lists(CELLS, min_size=2, max_size=2), max_size=6))
def test_arrow_and_the_csv_module_read_the_same(
    tmp_path_factory: pytest.TempPathFactory, import_settings: ImportSettings, rows: list[list[str]]
) -> None:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([["Full Name", "Job Title", "Account"], *[["Ann Lee", *row] for row in rows]])
    path = written(tmp_path_factory.mktemp("csv") / "people.csv", out.getvalue())
    found = gtm_csv._find(path.read_bytes(), import_settings, "people.csv")
    assert found is not None

    by_record, faults = gtm_csv._read_by_record(bytes(gtm_csv._body(path.read_bytes(), found)), found)
    by_arrow = gtm_csv._read_by_arrow(gtm_csv._body(path.read_bytes(), found), found)

    assert not faults
    if by_arrow is not None:
        pd.testing.assert_frame_equal(by_arrow, by_record, check_column_type=False)
