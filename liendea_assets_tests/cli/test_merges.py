"""Decisions and provenance by the command, as a user would give them."""

import os
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from openpyxl import load_workbook

from liendea_assets.cli.main import liendea
from liendea_assets.core.home import Home
from liendea_assets.core.settings import load_settings
from liendea_assets.imports import landing
from liendea_assets.imports.companies import update_companies
from liendea_assets.imports.people import update_contacts
from liendea_assets.imports.reviews import update_reviews
from liendea_assets.imports.settings import ImportSettings
from liendea_assets.resources import open_home_database
from liendea_assets_tests.builders import connection, connections_csv, gtm_row, make_export, make_workbook
from liendea_assets_tests.conftest import VirtualClock


def run_command(home: Home, *arguments: str) -> Result:
    return CliRunner().invoke(liendea, [*arguments, "--home", str(home.root)])


def import_files(home: Home) -> None:
    settings = load_settings(ImportSettings, home, "imports.yaml")
    db, clock = open_home_database(home), VirtualClock()
    landing.take_in(db, home.inbox, ("gtm_workbook", "linkedin_export", "merge_decisions"), settings, clock, lambda _done, _total: None)
    update_companies(db, settings, clock)
    update_contacts(db, settings, clock)
    update_reviews(db, settings)
    db.conn.close()


@pytest.fixture
def filled(home: Home) -> Home:
    """Robin at two employers, and in a colleague's export."""
    other = gtm_row(account="Apex", website="apex.example", email="robin@apex.example", linkedin=None)
    make_workbook(home.inbox / "a.xlsx", [gtm_row(), other])
    make_export(home.inbox / "z.zip", connections_csv([connection(position="Head of Sales")]))
    import_files(home)
    return home


def test_a_likely_pair_is_decided_and_the_decision_undone(filled: Home) -> None:
    assert "contact 1 Robin Weaver (Acme Labs Inc.) and 2 Robin Weaver (Apex)  " in run_command(filled, "merges", "review").output
    assert "same name" in run_command(filled, "merges", "review").output
    assert run_command(filled, "merges", "same", "1", "2").output.startswith("Decision 1. In force with the next")
    assert run_command(filled, "merges", "same", "2", "1").output == "That is decided already.\n"
    import_files(filled)
    assert run_command(filled, "person", "show", "2").output.startswith("Contact 2 is part of contact 1 now.")
    assert run_command(filled, "merges", "undo", "1").output.startswith("Undone.")
    import_files(filled)

    shown = run_command(filled, "person", "show", "2").output
    assert shown.splitlines()[0].strip() == "Contact 2"
    assert "1: contact 1 and 2 same (command by " in run_command(filled, "merges", "list").output
    assert run_command(filled, "merges", "undo", "1").output == "That was undone already.\n"


def test_a_row_is_parted_from_its_contact_and_a_company_from_its_other_name(filled: Home) -> None:
    assert run_command(filled, "merges", "part", "linkedin:1").output.startswith("Decision 1.")
    assert run_command(filled, "merges", "different", "1", "2", "--companies").output.startswith("Decision 2.")
    import_files(filled)

    assert "linkedin:1" not in run_command(filled, "person", "show", "1").output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["merges", "same", "1", "99"], "no contact 99 that came from a source row"),
        (["merges", "different", "1", "1"], "contact 1 twice"),
        (["merges", "part", "gtm"], "'gtm' names no row; expected is gtm:NUMBER or linkedin:NUMBER"),
        (["merges", "part", "gtm:77"], "no row gtm:77 made a contact"),
        (["merges", "undo", "5"], "no decision 5"),
        (["person", "show", "99"], "no contact 99"),
        (["person", "set", "1", "shoe_size", "42"], "no field 'shoe_size' that is set by hand; allowed are full_name"),
        (["person", "set", "99", "title", "CEO"], "no contact 99"),
        (["person", "set", "1", "title", " "], "title: found nothing; allowed is text; leave VALUE out to take a value back"),
        (["person", "set", "1", "country", "Atlantis"], "country: found text, not a country that country_names in imports.yaml knows"),
        (["person", "set", "1", "full_name", "(she/her)"], "full_name: found text, nothing of it is left to read; allowed is a name"),
    ],
)
def test_what_there_is_not_is_named(filled: Home, arguments: list[str], message: str) -> None:
    result = run_command(filled, *arguments)

    assert result.exit_code == 1
    assert message in result.output


def values(home: Home) -> dict[str, list[str]]:
    """Field → the cells of its line in `liendea person show 1`."""
    lines = CliRunner(env={"COLUMNS": "200"}).invoke(liendea, ["person", "show", "1", "--home", str(home.root)]).output.splitlines()
    cells = [[cell.strip() for cell in line.strip("│").split("│")] for line in lines if line.startswith("│")]
    return {row[0]: row[1:] for row in cells}


def test_every_value_tells_source_file_and_place(filled: Home) -> None:
    shown = values(filled)

    assert shown["title"][:4] == ["VP Sales", "gtm", "a.xlsx", "Data 2"]
    assert shown["linkedin:1"][:2] == ["z.zip", "Connections.csv 1"]
    assert shown["gtm:1"][3:5] == ["same LinkedIn profile", "gave the id"]


def test_a_value_set_by_hand_is_never_overwritten_until_it_is_taken_back(filled: Home) -> None:
    run_command(filled, "person", "set", "1", "title", "Chief of Everything")
    import_files(filled)
    make_workbook(filled.inbox / "b.xlsx", [gtm_row(title="Intern")])
    import_files(filled)

    assert values(filled)["title"][:2] == ["Chief of Everything", "manual"]
    db = open_home_database(filled)
    assert [row["title"] for row in db.table("contacts").rows_where("id = 1")] == ["Chief of Everything"]
    db.conn.close()
    run_command(filled, "person", "set", "1", "title")
    import_files(filled)
    assert values(filled)["title"][:3] == ["Intern", "gtm", "b.xlsx"]


def test_a_value_set_by_hand_is_read_as_a_cell_is(filled: Home) -> None:
    run_command(filled, "person", "set", "1", "country", "Deutschland")
    run_command(filled, "person", "set", "1", "full_name", " Robin  Weaver, MBA")
    import_files(filled)

    assert (values(filled)["country"][0], values(filled)["full_name"][0]) == ("DE", "Robin Weaver")


def test_a_value_set_for_one_who_is_part_of_another_counts_for_both_and_goes_with_it(filled: Home) -> None:
    run_command(filled, "person", "set", "2", "title", "Chief of Everything")
    run_command(filled, "merges", "same", "1", "2")
    import_files(filled)
    assert values(filled)["title"][0] == "Chief of Everything"
    run_command(filled, "merges", "undo", "1")
    import_files(filled)

    assert values(filled)["title"][0] == "VP Sales"


@pytest.mark.parametrize("name", ["review.xlsx", "review.csv"])
def test_the_review_list_is_filled_in_as_a_file_and_obeyed(filled: Home, name: str) -> None:
    path = filled.inbox / name
    assert run_command(filled, "merges", "review", "--export", str(path)).output.startswith("1 pairs to decide in ")
    fill_in(path, "same")
    import_files(filled)

    place = "Decisions row 2" if name == "review.xlsx" else "row 1"
    assert f"1: contact 1 and 2 same (file {name}, {place}, 2026-10-05 09:00)" in run_command(filled, "merges", "list").output
    assert run_command(filled, "person", "show", "2").output.startswith("Contact 2 is part of contact 1 now.")
    run_command(filled, "merges", "undo", "1")
    import_files(filled)
    assert run_command(filled, "person", "show", "2").output.splitlines()[0].strip() == "Contact 2"
    assert ", undone 20" in run_command(filled, "merges", "list").output


def fill_in(path: Path, word: str) -> None:
    """As a human does in a spreadsheet program, in the first row's last column."""
    if path.suffix == ".csv":
        path.write_text(path.read_text(encoding="utf-8-sig").rstrip() + f"{word}\n", encoding="utf-8")
        return
    workbook = load_workbook(path)
    sheet = workbook["Decisions"]
    sheet.cell(2, sheet.max_column).value = word
    workbook.save(path)


def test_a_list_that_may_be_filled_in_already_is_not_written_over(filled: Home) -> None:
    path = filled.root / "review.xlsx"
    assert run_command(filled, "merges", "review", "--export", str(path)).exit_code == 0
    before = path.read_bytes()
    again = run_command(filled, "merges", "review", "--export", str(path))

    assert (again.exit_code, path.read_bytes()) == (2, before)
    assert "is there already" in again.output
    assert "allowed are .xlsx, .csv" in run_command(filled, "merges", "review", "--export", str(filled.root / "review.pdf")).output


@pytest.mark.skipif(os.name != "posix", reason="modes of files")
@pytest.mark.parametrize("name", ["review.xlsx", "review.csv"])
def test_the_review_list_is_readable_by_its_owner_alone(filled: Home, name: str) -> None:
    run_command(filled, "merges", "review", "--export", str(filled.root / name))

    assert stat.S_IMODE((filled.root / name).stat().st_mode) == 0o600


def test_help_names_the_commands(tmp_path: Path) -> None:
    assert "undo" in CliRunner().invoke(liendea, ["merges", "--help"]).output
    assert "show" in CliRunner().invoke(liendea, ["person", "--help"]).output
