from pathlib import Path

import pytest
import yaml

from liendea_assets.core.home import Home
from liendea_assets.core.settings import load_settings
from liendea_assets.imports.gtm_csv import read_csv
from liendea_assets.imports.preview import preview
from liendea_assets.imports.propose_mapping import Cells, mapping_name, propose_mapping
from liendea_assets.imports.settings import ImportSettings
from liendea_assets_tests.builders import csv_text, make_workbook

HEADER = ["Voornaam", "Achternaam", "Bedrijf", "Contactadres", "Telefoon", "Functie", "Profiel", "Schoenmaat"]
PEOPLE = [
    ["Robin", "Weaver", "Acme", "robin@acme.example", "+1 415 555 0100", "VP", "linkedin.com/in/robin", "42"],
    ["Ann", "Lee", "Blue", "ann@blue.example", "+49 89 1234567", "CEO", "linkedin.com/in/ann", "38"],
]


def fields(rows: list[Cells], settings: ImportSettings) -> dict[str, str]:
    found = propose_mapping(rows, settings)
    assert found is not None
    return {found.header[position]: field for position, field in found.fields.items()}


def test_columns_are_proposed_by_their_names_and_by_what_their_cells_look_like(import_settings: ImportSettings) -> None:
    assert fields([["Unsere Leute"], HEADER, *PEOPLE], import_settings) == {
        "Voornaam": "first_name",
        "Achternaam": "last_name",
        "Bedrijf": "company_name",
        "Contactadres": "work_email",
        "Telefoon": "work_phone",
        "Functie": "title",
        "Profiel": "linkedin_id",
    }


def test_a_column_of_addresses_is_an_e_mail_whatever_its_name(import_settings: ImportSettings) -> None:
    rows: list[Cells] = [["Surnam", "Company", "Title"], ["Weaver", "r@acme.example", "VP"], ["Lee", "a@blue.example", "CEO"]]

    assert fields(rows, import_settings) == {"Surnam": "last_name", "Company": "work_email", "Title": "title"}


@pytest.mark.parametrize(
    "rows",
    [[], [["Vorname", "Nachname"]], [["Shoe", "Size"], ["Robin", "42"]], [["Robin", "robin@acme.example"], ["Ann", "ann@blue.example"]]],
)
def test_without_a_name_or_rows_nothing_is_proposed(import_settings: ImportSettings, rows: list[Cells]) -> None:
    assert propose_mapping(rows, import_settings) is None


@pytest.mark.parametrize("name", ["leads.csv", "leads.xlsx"])
@pytest.mark.parametrize("has_mappings", [False, True])
def test_the_proposal_works_as_soon_as_it_is_pasted(home: Home, tmp_path: Path, name: str, has_mappings: bool) -> None:
    path = tmp_path / name
    if name.endswith(".xlsx"):
        make_workbook(path, PEOPLE, header=HEADER)
    else:
        path.write_text(csv_text([HEADER, *PEOPLE], ";"), encoding="utf-8")
    config = home.config / "imports.yaml"
    shipped = config.read_text(encoding="utf-8")
    if has_mappings:
        shipped = shipped.replace("mappings: {}\n", "mappings:\n  other:\n    recognised_by: [Record ID]\n")
        config.write_text(shipped, encoding="utf-8")
    before = preview(path, load_settings(ImportSettings, home, "imports.yaml"), None)
    assert before.error is not None
    assert "`liendea preview FILE` proposes a mapping" in before.error
    assert before.proposal is not None
    config.write_text(
        shipped.replace("mappings:\n", f"mappings:\n{before.proposal}")
        if has_mappings
        else shipped.replace("mappings: {}\n", before.proposal),
        encoding="utf-8",
    )

    after = preview(path, load_settings(ImportSettings, home, "imports.yaml"), None)

    assert after.error is None
    assert [part.mapping for part in after.parts] == ["leads"]
    assert list(after.parts[0].first_rows["work_email"]) == ["robin@acme.example", "ann@blue.example"]
    assert after.parts[0].unmapped == ("Schoenmaat",)


def test_odd_names_of_columns_survive_the_yaml(import_settings: ImportSettings) -> None:
    found = propose_mapping([["Nachname: (alle)", "Vorname", "E-Mail #1"], ["Weaver", "Robin", "r@acme.example"]], import_settings)
    assert found is not None

    assert yaml.safe_load(found.to_yaml("x", import_settings))["mappings"]["x"]["columns"]["work_email"] == ["E-Mail #1"]


@pytest.mark.parametrize(("file_name", "name"), [("CRM Export (2).csv", "crm_export_2"), ("….xlsx", "new_layout")])
def test_a_mapping_is_named_after_its_file(file_name: str, name: str) -> None:
    assert mapping_name(file_name) == name


def test_an_unknown_csv_says_how_to_make_it_known(tmp_path: Path, import_settings: ImportSettings) -> None:
    path = tmp_path / "leads.csv"
    path.write_text(csv_text([HEADER, *PEOPLE]), encoding="utf-8")

    with pytest.raises(Exception, match="proposes a mapping"):
        read_csv(path, import_settings)


@pytest.mark.parametrize(
    "header",
    [
        "Name;Firma;Position;E-Mail;Telefon;Webseite",
        "Nom;Société;Fonction;Courriel;Téléphone;Site web",
        "Nombre completo;Empresa;Cargo;Correo electrónico;Teléfono;Sitio web",
    ],
)
def test_german_french_and_spanish_headers_need_no_mapping(tmp_path: Path, import_settings: ImportSettings, header: str) -> None:
    path = tmp_path / "people.csv"
    path.write_text(header + "\nAnna Weber;Muster GmbH;CEO;anna@muster.example;+49 89 1234567;muster.example\n", encoding="utf-8")

    found = preview(path, import_settings, None)

    assert (found.error, found.parts[0].unmapped, found.proposal) == (None, (), None)


def test_a_column_that_is_not_read_and_resembles_a_field_that_is_missing_is_proposed(
    tmp_path: Path, import_settings: ImportSettings
) -> None:
    path = tmp_path / "people.csv"
    path.write_text("Name;Bedrijf;Title;Email;Schoenmaat\nRobin Weaver;Acme;VP;robin@acme.example;42\n", encoding="utf-8")

    found = preview(path, import_settings, None)

    assert found.error is None
    assert found.proposal is not None
    columns = yaml.safe_load(found.proposal)["mappings"]["people"]["columns"]
    assert columns == {"full_name": ["Name"], "company_name": ["Bedrijf"], "title": ["Title"], "work_email": ["Email"]}
