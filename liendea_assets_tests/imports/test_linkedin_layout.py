from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook

from liendea_assets.core.errors import UnreadableFile
from liendea_assets.imports.gtm_workbook import read_workbook
from liendea_assets.imports.linkedin_layout import LINKEDIN_CONNECTIONS, holds_connections
from liendea_assets.imports.mapping import Mapping
from liendea_assets.imports.normalize import land_linkedin
from liendea_assets.imports.preview import preview
from liendea_assets.imports.settings import ImportSettings
from liendea_assets_tests.builders import CONNECTIONS_HEADER, GTM_HEADER, connection, gtm_row, make_workbook

OF_2017 = ("First Name", "Last Name", "Email Address", "Company", "Position", "Connected On")


def test_a_workbook_of_connections_is_read_as_an_export(tmp_path: Path, import_settings: ImportSettings) -> None:
    rows: list[list[object]] = [
        [*connection()[:-1], date(2026, 2, 8)],
        list(connection(first="Ann", url="https://www.linkedin.com/in/ann", connected="8-Feb-26")),
    ]
    path = make_workbook(tmp_path / "Connections.xlsx", rows, header=CONNECTIONS_HEADER, above=3)

    source = read_workbook(path, import_settings)
    landed = land_linkedin(source.parts[0], import_settings)

    assert holds_connections(source)
    assert landed.rejections.empty
    assert landed.rows[["linkedin_id", "company_name", "connected_on"]].values.tolist() == [
        ["robin-weaver", "Acme Labs", "2026-02-08"],
        ["ann", "Acme Labs", "2026-02-08"],
    ]
    found = preview(path, import_settings, None)
    assert (found.kind, found.error, found.parts[0].header_number) == ("linkedin_export", None, 4)


@pytest.mark.parametrize(
    ("header", "is_linkedin"),
    [
        (CONNECTIONS_HEADER, True),
        (("Seen", *CONNECTIONS_HEADER), True),
        (OF_2017, True),
        (CONNECTIONS_HEADER[:-1], False),
        (("First Name", "Last Name", "Company", "Position", "Connected On"), False),
        (GTM_HEADER, False),
    ],
)
def test_it_is_known_by_its_header(tmp_path: Path, import_settings: ImportSettings, header: tuple[str, ...], is_linkedin: bool) -> None:
    path = make_workbook(tmp_path / "a.xlsx", [["x"] * len(header)], header=header)

    assert holds_connections(read_workbook(path, import_settings)) == is_linkedin


def test_a_mapping_of_the_users_own_goes_first(tmp_path: Path, import_settings: ImportSettings) -> None:
    settings = import_settings.model_copy(update={"mappings": {"mine": Mapping(recognised_by=("Connected On",), columns={})}})
    path = make_workbook(tmp_path / "a.xlsx", [connection()], header=CONNECTIONS_HEADER)

    assert [part.mapping for part in read_workbook(path, settings).parts] == ["mine"]


def test_connections_beside_a_table_of_people_are_asked_for_as_two_files(tmp_path: Path, import_settings: ImportSettings) -> None:
    path = make_workbook(tmp_path / "a.xlsx", [connection()], header=CONNECTIONS_HEADER)
    workbook = load_workbook(path)
    sheet = workbook.create_sheet("People")
    for row in (GTM_HEADER, gtm_row()):
        sheet.append(row)
    workbook.save(path)
    source = read_workbook(path, import_settings)

    assert [part.mapping for part in source.parts] == [LINKEDIN_CONNECTIONS, "default"]
    with pytest.raises(UnreadableFile, match="save them as two files"):
        holds_connections(source)


def test_the_note_says_that_dates_were_ambiguous(tmp_path: Path, import_settings: ImportSettings) -> None:
    path = make_workbook(tmp_path / "a.xlsx", [connection(connected="02/03/2024")], header=CONNECTIONS_HEADER)

    assert "ambiguous dates in Data (rows: 1)" in (read_workbook(path, import_settings).note or "")
