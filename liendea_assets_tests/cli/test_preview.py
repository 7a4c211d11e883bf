import hashlib
from pathlib import Path

import pytest
from click.testing import CliRunner

from liendea_assets.cli.main import liendea
from liendea_assets.core.home import Home
from liendea_assets.resources import open_home_database
from liendea_assets_tests.builders import csv_text, gtm_row, make_workbook
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.imports.stage import import_inbox


def shown(home: Home, path: Path, *options: str) -> tuple[int, str]:
    done = CliRunner(env={"COLUMNS": "200"}).invoke(liendea, ["preview", str(path), "--home", str(home.root), *options])
    return done.exit_code, done.output


def fingerprint(folder: Path) -> dict[str, str]:
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file()}


def test_the_preview_shows_rows_and_writes_nothing(home: Home, clock: VirtualClock) -> None:
    make_workbook(home.inbox / "old.xlsx", [gtm_row()])
    db = open_home_database(home)
    import_inbox(home, db, clock)
    db.conn.close()
    path = make_workbook(home.root / "new.xlsx", [gtm_row(), gtm_row(first="[bold]Ann", linkedin=None, email="oops")])
    before = fingerprint(home.data)

    code, output = shown(home, path, "--rows", "1")

    assert code == 0
    assert "Data: mapping default, header in row 1" in output
    assert "Business Email" in output
    assert "robin.weaver@acmelabs.example" in output
    assert "not an e-mail address" in output
    assert "1 rows would join contacts, 0 only each other" in output
    assert {name: digest for name, digest in fingerprint(home.data).items() if not name.endswith(("-shm", "-wal"))} == {
        name: digest for name, digest in before.items() if not name.endswith(("-shm", "-wal"))
    }


def test_a_home_without_a_database_gets_none(home: Home) -> None:
    code, output = shown(home, make_workbook(home.root / "new.xlsx", [gtm_row()]))

    assert code == 0
    assert "whether rows would join contacts cannot be told" in output
    assert "there is no database yet" in output
    assert not list(home.data.glob("*.db"))


def test_an_older_database_is_neither_migrated_nor_asked(home: Home) -> None:
    db = open_home_database(home)
    with db.conn:
        db.conn.execute("DELETE FROM _sqlite_migrations WHERE name = 'm003_network'")
    db.conn.close()
    before = (home.data / "liendea.db").read_bytes()

    code, output = shown(home, make_workbook(home.root / "new.xlsx", [gtm_row(), gtm_row()]))

    assert code == 0
    assert "written by an older version of LIENDEA" in output
    assert "0 rows would join contacts, 2 only each other" in output
    assert (home.data / "liendea.db").read_bytes() == before


def test_an_unknown_layout_is_shown_with_a_mapping_to_paste(home: Home) -> None:
    path = home.root / "leads.csv"
    path.write_text(csv_text([["Voornaam", "Achternaam", "Bedrijf"], ["Robin", "Weaver", "Acme"]]), encoding="utf-8")

    code, output = shown(home, path)

    assert code == 1
    assert "mappings:\n  leads:\n    recognised_by: [Voornaam, Achternaam, Bedrijf]\n" in output


@pytest.mark.parametrize("name", ["nothing.xlsx", "."])
def test_what_is_no_file_is_wrong_usage(home: Home, name: str) -> None:
    assert shown(home, home.root / name)[0] == 2


def test_a_list_of_decisions_is_shown_with_what_it_would_decide(home: Home, clock: VirtualClock) -> None:
    make_workbook(home.inbox / "old.xlsx", [gtm_row(), gtm_row(first="Ann", email="ann@acmelabs.example", linkedin=None)])
    db = open_home_database(home)
    import_inbox(home, db, clock)
    db.conn.close()
    rows = [["contact", "1", "2", "same"], ["contact", "1", "9", "same"], ["contact", "2", "1", ""]]
    path = home.root / "list.csv"
    path.write_text(csv_text([["entity", "left_id", "right_id", "decision"], *rows]), encoding="utf-8")
    before = fingerprint(home.root)

    code, output = shown(home, path)

    assert code == 0
    assert "list.csv (merge_decisions)" in output
    assert "1 would be decided" in output
    assert "no contact of this id that came from a source row" in output
    assert {name for name in fingerprint(home.root).items() if not name[0].endswith(("-shm", "-wal"))} == {
        name for name in before.items() if not name[0].endswith(("-shm", "-wal"))
    }


def test_a_list_about_nobody_yet_is_refused_row_by_row(home: Home) -> None:
    path = make_workbook(home.root / "list.xlsx", [["contact", 1, 2, "same"]], ["entity", "left_id", "right_id", "decision"])

    code, output = shown(home, path)

    assert code == 0
    assert "list.xlsx (merge_decisions)" in output
    assert "would be decided" not in output
    assert not list(home.data.glob("*.db"))
