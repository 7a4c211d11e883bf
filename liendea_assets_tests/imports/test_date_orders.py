import dataclasses
from pathlib import Path

import pytest

from liendea_assets.imports.date_orders import note_date_order, settle_date_formats
from liendea_assets.imports.landing_slices import Lander
from liendea_assets.imports.linkedin_export import read_export
from liendea_assets.imports.model import SourcePart
from liendea_assets.imports.normalize import land_linkedin
from liendea_assets.imports.settings import ImportSettings
from liendea_assets_tests.builders import connection, connections_csv, make_export


def read(tmp_path: Path, settings: ImportSettings, *dates: str) -> SourcePart:
    path = tmp_path / "Connections.csv"
    path.write_text(connections_csv([connection(connected=date) for date in dates]))
    return read_export(path, settings).parts[0]


def with_formats(settings: ImportSettings, *formats: str) -> ImportSettings:
    return settings.model_copy(update={"linkedin_date_formats": formats})


@pytest.mark.parametrize(
    ("dates", "days", "is_told"),
    [
        (["02/03/2024", "13/02/2024"], ["2024-03-02", "2024-02-13"], False),
        (["02/03/2024", "02/13/2024"], ["2024-02-03", "2024-02-13"], False),
        (["02/03/2024", "05/05/2024"], ["2024-02-03", "2024-05-05"], True),
        (["05/05/2024"], ["2024-05-05"], False),
        (["02/03/2024", "13/02/2024", "02/13/2024"], ["2024-02-03", "2024-02-13", "2024-02-13"], True),
        (["02/03/2024", "13.02.2024"], ["2024-02-03", "2024-02-13"], True),
        (["08 Feb 2026", "2026-02-08"], ["2026-02-08", "2026-02-08"], False),
    ],
)
def test_a_date_that_can_only_be_read_one_way_decides_for_its_column(
    tmp_path: Path, import_settings: ImportSettings, dates: list[str], days: list[str], is_told: bool
) -> None:
    part = read(tmp_path, import_settings, *dates)

    landed = land_linkedin(part, import_settings)

    assert landed.rows["connected_on"].tolist() == days
    assert landed.rejections.empty
    note = note_date_order(part, import_settings)
    assert (note is not None) == is_told
    assert note is None or ("read with the month first" in note and not any(date in note for date in dates))


def test_without_such_a_date_the_configured_order_counts(tmp_path: Path, import_settings: ImportSettings) -> None:
    settings = with_formats(import_settings, "%d %b %Y", "%d/%m/%Y", "%m/%d/%Y")
    part = read(tmp_path, settings, "02/03/2024")

    assert land_linkedin(part, settings).rows["connected_on"].tolist() == ["2024-03-02"]
    assert "read with the day first" in (note_date_order(part, settings) or "")


def test_a_config_that_names_one_order_alone_knows_the_other_too(tmp_path: Path, import_settings: ImportSettings) -> None:
    settings = with_formats(import_settings, "%d %b %Y", "%m/%d/%Y", "%Y-%m-%d")

    assert settle_date_formats(read(tmp_path, settings, "13/02/2024"), settings) == ("%d %b %Y", "%d/%m/%Y", "%m/%d/%Y", "%Y-%m-%d")


def test_dates_with_slashes_that_no_format_names_stay_refused(tmp_path: Path, import_settings: ImportSettings) -> None:
    settings = with_formats(import_settings, "%d %b %Y")
    part = read(tmp_path, settings, "02/03/2024")

    assert land_linkedin(part, settings).rejections["reason"].tolist() == ["not a date"]
    assert note_date_order(part, settings) is None


def test_a_slice_is_read_as_its_whole_table(tmp_path: Path, import_settings: ImportSettings) -> None:
    part = read(tmp_path, import_settings, "02/03/2024", "13/02/2024")
    lander = Lander("linkedin_export", "Connections.csv", import_settings)
    first = dataclasses.replace(lander.table(part), part=part.between(0, 1))

    assert lander.land(first).landed.rows["connected_on"].tolist() == ["2024-03-02"]


def test_the_note_of_an_archive_says_that_it_was_ambiguous(tmp_path: Path, import_settings: ImportSettings) -> None:
    make_export(tmp_path / "a.zip", connections_csv([connection(connected="02/03/2024")]))

    note = read_export(tmp_path / "a.zip", import_settings).note

    assert note == (
        "ambiguous dates in Connections.csv (rows: 1) were read with the month first: no date tells whether day or month comes first "
        "(linkedin_date_formats in imports.yaml)"
    )
