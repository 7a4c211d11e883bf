from pathlib import Path

import pytest
import yaml
from openpyxl import Workbook, load_workbook

from liendea_assets.core.home import Home
from liendea_assets.db.connection import Database
from liendea_assets.imports.gtm_workbook import read_workbook
from liendea_assets.imports.model import Origin
from liendea_assets.imports.normalize import land_gtm
from liendea_assets.imports.origins import EXTRA_HEADER, write_origins
from liendea_assets.imports.settings import ImportSettings
from liendea_assets.imports.workbook_parts import ORIGIN_SHEET
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.imports.stage import import_inbox


def set_up(home: Home, **keys: object) -> None:
    path = home.root / "config" / "imports.yaml"
    path.write_text(
        yaml.safe_dump(yaml.safe_load(path.read_text(encoding="utf-8")) | keys, sort_keys=False, allow_unicode=True), encoding="utf-8"
    )


def drop_in_again(home: Home, **cells: str) -> None:
    """Puts the workbook of refused rows into the inbox, as it is but for some cells."""
    (path,) = (home.exports / "rejects").iterdir()
    workbook = load_workbook(path)
    for place, text in cells.items():
        workbook.worksheets[0][place] = text
    workbook.save(home.inbox / path.name)


def landed(db: Database, *columns: str) -> list[tuple[object, ...]]:
    names = ", ".join(columns)
    return [tuple(row) for row in db.conn.execute(f"SELECT {names} FROM gtm_rows WHERE file_id = 2 ORDER BY row_number")]


def test_a_mapping_and_constants_for_the_file_count_for_its_corrected_rows_too(home: Home, db: Database, clock: VirtualClock) -> None:
    columns = {"full_name": ["Who"], "company_name": ["Where"], "title": ["What"]}
    set_up(home, mappings={"crm": {"file_names": ["crm_*.csv"], "columns": columns}}, files={"crm_*.csv": {"country": "DE"}})
    (home.inbox / "crm_a.csv").write_text("Who,Where,What,Work Phone\nAnn Weaver,Acme,CEO,\n,Acme,CTO,030 901820\n", encoding="utf-8")
    import_inbox(home, db, clock)
    drop_in_again(home, B2="Bob Smith")
    import_inbox(home, db, clock)

    assert landed(db, "full_name", "company_name", "country", "work_phone") == [("Bob Smith", "Acme", "DE", "+4930901820")]
    assert db.conn.execute("SELECT mapping, note FROM import_files WHERE id = 2").fetchone()[:] == ("crm", None)


def test_a_mapping_that_is_gone_leaves_the_general_names(home: Home, db: Database, clock: VirtualClock) -> None:
    set_up(home, mappings={"crm": {"file_names": ["a.csv"], "columns": {"notes": ["Title"]}}})
    (home.inbox / "a.csv").write_text("Name,Company,Title,Email\n,Acme,CTO,bob@acme.example\n", encoding="utf-8")
    import_inbox(home, db, clock)
    set_up(home, mappings={})
    drop_in_again(home, B2="Bob Smith")
    (home.inbox / "a.csv").unlink()
    import_inbox(home, db, clock)

    assert landed(db, "full_name", "title", "notes") == [("Bob Smith", "CTO", None)]


def test_growth_keeps_the_unit_that_its_column_had(home: Home, db: Database, clock: VirtualClock) -> None:
    (home.inbox / "a.csv").write_text(
        "Name,Title,Company,Email,Growth\nAnn Weaver,CEO,Acme,ann@acme.example,25\nBob Smith,CTO,Beta,bob@,1.5\n", encoding="utf-8"
    )
    import_inbox(home, db, clock)
    drop_in_again(home, E2="bob@beta.example")
    import_inbox(home, db, clock)

    assert landed(db, "full_name", "work_email", "growth_rate") == [("Bob Smith", "bob@beta.example", 0.015)]


def test_a_row_with_too_many_cells_comes_back_only_when_they_are_gone(home: Home, db: Database, clock: VirtualClock) -> None:
    lines = [f"P{number} Weaver,,Acme" for number in range(30)]
    (home.inbox / "a.csv").write_text("\n".join(["Name,Title,Company", *lines, "Ann Lee,CEO,Blue, Inc.", "Bob Day,CTO,Dune, Ltd"]), "utf-8")
    import_inbox(home, db, clock)
    (path,) = (home.exports / "rejects").iterdir()
    assert [cell.value for cell in load_workbook(path).worksheets[0][1]][1:] == ["Name", "Title", "Company", EXTRA_HEADER]

    drop_in_again(home, D2="Blue, Inc.", E2="")
    import_inbox(home, db, clock)

    assert landed(db, "full_name", "company_name", "verdict") == [("Ann Lee", "Blue, Inc.", "accepted"), (None, None, "rejected")]
    reasons = db.conn.execute("SELECT reason FROM import_rejections WHERE file_id = 2").fetchall()
    assert [reason[0] for reason in reasons] == [f"holds cells under '{EXTRA_HEADER}'"]


def test_refused_again_it_still_knows_where_it_came_from(home: Home, db: Database, clock: VirtualClock) -> None:
    (home.inbox / "=a.csv").write_text("Name,Title,Company,Growth\nAnn Weaver,CEO,Acme,25\n,CTO,Beta,1.5\n", encoding="utf-8")
    import_inbox(home, db, clock)
    drop_in_again(home, C2="CFO")
    import_inbox(home, db, clock)

    again = max((home.exports / "rejects").iterdir(), key=lambda path: len(path.name))
    rows = list(load_workbook(again)[ORIGIN_SHEET].iter_rows(min_row=2, values_only=True))
    assert [row[1:] for row in rows] == [("=a.csv", "=a.csv", "yes")]


@pytest.mark.parametrize(
    "cells", [[["x"]], [["Sheet", "File", "Table", "Plain growth numbers are in percent"], ["Data", "a.csv", "a.csv", "perhaps"], ["Data"]]]
)
def test_what_somebody_else_wrote_on_the_sheet_does_not_count(
    tmp_path: Path, import_settings: ImportSettings, cells: list[list[str]]
) -> None:
    workbook = Workbook()
    assert workbook.active is not None
    workbook.active.title = "Data"
    for row in (["Name", "Title", "Company"], ["Ann Weaver", "CEO", "Acme"]):
        workbook.active.append(row)
    sheet = workbook.create_sheet(ORIGIN_SHEET)
    for row in cells:
        sheet.append(row)
    workbook.save(tmp_path / "a.xlsx")

    (part,) = read_workbook(tmp_path / "a.xlsx", import_settings).parts

    assert part.origin is None
    assert list(land_gtm(part, import_settings).rows["full_name"]) == ["Ann Weaver"]


def test_a_sheet_that_a_mapping_of_its_origin_does_not_fit_is_read_as_any_other(tmp_path: Path, import_settings: ImportSettings) -> None:
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet("Data")
    for row in (["Name", "Title", "Company"], ["Ann Weaver", "CEO", "Acme"]):
        sheet.append(row)
    write_origins(workbook, {"Data": Origin("gone.csv", "gone.csv", in_percent=False)})
    workbook.save(tmp_path / "a.xlsx")
    mapping = {"columns": {"full_name": ("Nobody",)}, "inherit": False, "file_names": ("gone.csv",)}
    settings = ImportSettings.model_validate(import_settings.model_dump() | {"mappings": {"gone": mapping}})

    (part,) = read_workbook(tmp_path / "a.xlsx", settings).parts

    assert (part.part, part.mapping) == ("Data", "default")
