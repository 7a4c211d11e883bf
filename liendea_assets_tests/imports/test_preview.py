from pathlib import Path

import pandas as pd

from liendea_assets.core.home import Home
from liendea_assets.db.connection import Database
from liendea_assets.imports.inbox import list_files
from liendea_assets.imports.landing import settle_kind
from liendea_assets.imports.preview import preview
from liendea_assets.imports.settings import ImportSettings
from liendea_assets_tests.builders import GTM_HEADER, connection, connections_csv, csv_text, gtm_row, make_export, make_workbook
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.imports.stage import import_inbox


def contents(db: Database) -> list[str]:
    return list(db.conn.iterdump())


def test_a_workbook_is_shown_with_its_columns_first_rows_and_verdicts(tmp_path: Path, import_settings: ImportSettings) -> None:
    rows = [
        gtm_row(),
        gtm_row(first=None, last="🙂"),
        gtm_row(email="oops", first="Ann"),
        gtm_row(email="oops too", first="Ben", last="Moss"),
    ]
    path = make_workbook(tmp_path / "people.xlsx", [[*row, "42"] for row in rows], header=(*GTM_HEADER, "Shoe Size"), above=2)

    found = preview(path, import_settings, None, first_rows=2)
    (part,) = found.parts

    assert (found.error, found.kind, part.part, part.header_number, part.mapping) == (None, "gtm_workbook", "Data", 3, "default")
    assert part.columns.set_index("column_name")["field"]["Business Email"] == "work_email"
    assert part.unmapped == ("Shoe Size",)
    assert list(part.first_rows["row_number"]) == [4, 5]
    assert part.first_rows.loc[0, "work_email"] == "robin.weaver@acmelabs.example"
    assert part.verdicts.fillna("").to_numpy().tolist() == [["accepted", "", 3], ["rejected", "no name", 1], ["blank", "", 0]]
    assert part.refusals.to_numpy().tolist() == [["Business Email", "work_email", "text", "not an e-mail address", 2]]


def test_a_linkedin_export_is_shown_too(tmp_path: Path, import_settings: ImportSettings) -> None:
    loose = tmp_path / "Connections.csv"
    loose.write_text(connections_csv([connection(), connection(first="", last="", url="", company="", position="")]), encoding="utf-8")
    archive = make_export(tmp_path / "export.zip", connections_csv([connection()]))

    for path, rejected in ((loose, 1), (archive, 0)):
        found = preview(path, import_settings, None)
        assert (found.kind, found.error) == ("linkedin_export", None)
        assert int(found.parts[0].verdicts.query("verdict == 'rejected'")["rows"].sum()) == rejected
        assert "linkedin_id" in set(found.parts[0].columns["field"])


def test_who_would_be_merged_with_whom_is_told_and_nothing_is_written(
    home: Home, db: Database, clock: VirtualClock, import_settings: ImportSettings
) -> None:
    make_workbook(home.inbox / "old.xlsx", [gtm_row()])
    import_inbox(home, db, clock)
    before = contents(db)
    path = make_workbook(
        home.root / "new.xlsx",
        [
            gtm_row(first="Rob", email="rw@other.example", account="Other", website="other.example"),
            gtm_row(first="Ann", last="Lee", email="ann@acmelabs.example", linkedin=None),
            gtm_row(first="Ann", last="Lee", email="ann@acmelabs.example", linkedin=None),
            gtm_row(first="Ben", last="Moss", email=None, linkedin=None),
        ],
    )

    merges = preview(path, import_settings, db).merges

    contact = db.execute("SELECT id FROM contacts WHERE linkedin_id = 'robin-weaver'").fetchone()[0]
    shown = merges.astype(object).where(merges.notna(), None)
    assert list(shown.itertuples(index=False, name=None)) == [
        ("Data", 2, contact, "same LinkedIn profile"),
        ("Data", 3, None, "same e-mail and name"),
        ("Data", 4, None, "same e-mail and name"),
    ]
    assert contents(db) == before


def test_what_cannot_be_read_is_shown_with_its_reason(tmp_path: Path, import_settings: ImportSettings) -> None:
    damaged = tmp_path / "damaged.xlsx"
    damaged.write_bytes(b"PK\x03\x04 cut off")
    picture = tmp_path / "picture.png"
    picture.write_bytes(b"\x89PNG")

    assert "damaged" in str(preview(damaged, import_settings, None).error)
    assert "an unknown kind of file" in str(preview(picture, import_settings, None).error)
    assert preview(damaged, import_settings, None).proposal is None


def test_a_file_without_a_row_to_land_is_shown_as_empty(tmp_path: Path, import_settings: ImportSettings) -> None:
    found = preview(make_workbook(tmp_path / "empty.xlsx", []), import_settings, None)

    assert isinstance(found.merges, pd.DataFrame)
    assert found.merges.empty
    assert list(found.parts[0].verdicts["rows"]) == [0, 0]


def test_a_preview_takes_a_file_for_what_an_import_takes_it_for(tmp_path: Path, import_settings: ImportSettings) -> None:
    table = csv_text([GTM_HEADER, ["" if cell is None else str(cell) for cell in gtm_row()]], delimiter="\t")
    contents = {
        "people.tab": table,
        "people.TSV": table,
        "notes.txt": "nothing but a note\n",
        "export.txt": connections_csv([connection()]),
    }
    kinds = {}
    for name, content in contents.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
        found = preview(tmp_path / name, import_settings, None)
        kinds[name] = (found.kind, found.error is None)
    (tmp_path / "link.tab").symlink_to(tmp_path / "people.tab")

    imported = {file.name: settle_kind(file, import_settings).kind for file in list_files(tmp_path)}
    assert kinds == {
        "people.tab": ("gtm_csv", True),
        "people.TSV": ("gtm_csv", True),
        "notes.txt": ("unknown", False),
        "export.txt": ("linkedin_export", True),
    }
    assert {name: kind for name, (kind, _) in kinds.items()} == imported
    assert preview(tmp_path / "link.tab", import_settings, None).error is None


def test_a_file_that_is_gone_has_a_reason_too(tmp_path: Path, import_settings: ImportSettings) -> None:
    assert "no such file" in str(preview(tmp_path / "gone.csv", import_settings, None).error)
