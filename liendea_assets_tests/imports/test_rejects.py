import stat
from pathlib import Path

import pytest
from openpyxl import load_workbook

from liendea_assets.imports.gtm_workbook import read_workbook
from liendea_assets.imports.headers import to_part
from liendea_assets.imports.model import SourcePart
from liendea_assets.imports.normalize import land_gtm
from liendea_assets.imports.rejects import REASON_HEADER, rejects_path, write_rejects
from liendea_assets.imports.settings import ImportSettings
from liendea_assets_tests.builders import GTM_HEADER, gtm_row

FIELDS = dict(
    enumerate(
        [
            "company_name",
            "company_domain",
            "industry",
            "employee_count",
            "growth_rate",
            "gtm_segment",
            "first_name",
            "last_name",
            "title",
            "work_email",
            "linkedin_id",
            "country",
        ]
    )
)


def part(*rows: list[object]) -> SourcePart:
    return to_part("Data", GTM_HEADER, enumerate(rows, start=2), FIELDS)


def written(path: Path, table: SourcePart, settings: ImportSettings) -> list[list[object]]:
    write_rejects(path, [table], land_gtm(table, settings).rejections)
    workbook = load_workbook(path)
    assert workbook.sheetnames == ["Data"]
    return [list(row) for row in workbook["Data"].iter_rows(values_only=True)]


def test_a_refused_row_stands_there_as_it_was_with_its_reasons(tmp_path: Path, import_settings: ImportSettings) -> None:
    nameless = gtm_row(first=None, last=None, email="foo@")
    rows = written(tmp_path / "rejects.xlsx", part(gtm_row(), nameless), import_settings)

    assert rows[0] == [REASON_HEADER, *GTM_HEADER]
    assert len(rows) == 2
    assert (
        rows[1][0] == "row 3: Business Email: not an e-mail address; no name"
        or rows[1][0] == "row 3: no name; Business Email: not an e-mail address"
    )
    assert rows[1][1:] == [None if cell is None else str(cell) for cell in nameless]


def test_a_corrected_row_can_be_dropped_in_again(tmp_path: Path, import_settings: ImportSettings) -> None:
    path = tmp_path / "rejects.xlsx"
    written(path, part(gtm_row(first=None, last=None)), import_settings)
    workbook = load_workbook(path)
    sheet = workbook["Data"]
    sheet["H2"], sheet["I2"] = "Robin", "Weaver"
    workbook.save(path)

    landed = land_gtm(read_workbook(path, import_settings).parts[0], import_settings)

    assert landed.rows[["full_name", "work_email", "verdict"]].values.tolist() == [
        ["Robin Weaver", "robin.weaver@acmelabs.example", "accepted"]
    ]
    assert landed.rejections.empty


@pytest.mark.parametrize("text", ["=1+1", '=HYPERLINK("http://x.example")', "+1", "-1", "@SUM(1)"])
def test_no_cell_is_a_formula(tmp_path: Path, import_settings: ImportSettings, text: str) -> None:
    path = tmp_path / "rejects.xlsx"
    written(path, part(gtm_row(first=None, last=None, title=text)), import_settings)
    cell = load_workbook(path)["Data"]["J2"]

    assert (cell.value, cell.data_type) == (text, "s")


def test_where_nothing_was_refused_nothing_is_written(tmp_path: Path, import_settings: ImportSettings) -> None:
    table = part(gtm_row())

    assert write_rejects(tmp_path / "rejects.xlsx", [table], land_gtm(table, import_settings).rejections) == 0
    assert list(tmp_path.iterdir()) == []


def test_only_the_owner_can_read_it_and_no_draft_is_left(tmp_path: Path, import_settings: ImportSettings) -> None:
    path = tmp_path / "rejects" / "a.xlsx"
    written(path, part(gtm_row(first=None, last=None)), import_settings)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["a.xlsx"]


@pytest.mark.parametrize(("name", "stem"), [("a b.xlsx", "a_b"), ("alex/list.csv", "list"), ("..", "_"), ("ü–ber.xlsx", "ü_ber")])
def test_the_workbook_is_named_after_the_file_and_its_content(name: str, stem: str) -> None:
    path = rejects_path(Path("folder"), name, "0123456789abcdef")

    assert path.parent == Path("folder")
    assert path.name == f"{stem}_01234567_rejects.xlsx" or name == ".."
