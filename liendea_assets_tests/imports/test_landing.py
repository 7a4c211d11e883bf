import re
from pathlib import Path

import pytest

from liendea_assets.core.clock import to_text
from liendea_assets.core.errors import UnreadableFile
from liendea_assets.db.connection import Database
from liendea_assets.db.migrations import open_migrated
from liendea_assets.imports import file_account_store, landing_store
from liendea_assets.imports.inbox import LARGEST_FILE, InboxFile, list_files
from liendea_assets.imports.landing import InboxReport, read_source, take_in
from liendea_assets.imports.mapping import Mapping
from liendea_assets.imports.settings import ImportSettings
from liendea_assets_tests.builders import connection, connections_csv, gtm_row, make_export, make_workbook
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.processes import run_at_once

KINDS = ("gtm_workbook", "linkedin_export", "unknown")


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


class Importer:
    """Takes in an inbox as often as a test says."""

    def __init__(self, db: Database, inbox: Path, settings: ImportSettings, clock: VirtualClock) -> None:
        self.db, self.inbox, self.settings, self.clock = db, inbox, settings, clock
        self.steps: list[tuple[int, int]] = []

    def take_in(self, kinds: tuple[str, ...] = KINDS) -> InboxReport:
        self.steps = []
        return take_in(self.db, self.inbox, kinds, self.settings, self.clock, lambda done, total: self.steps.append((done, total)))

    def files(self) -> dict[str, dict[str, object]]:
        """import_files by name; the row account of each has to be right."""
        rows = {row["name"]: dict(row) for row in self.db.conn.execute("SELECT * FROM import_files ORDER BY id")}
        for row in rows.values():
            assert row["rows"] == row["imported"] + row["merged"] + row["rejected"] + row["blank"] + row["pending"]
        return rows

    def count(self, table: str) -> int:
        return self.db.table(table).count


@pytest.fixture
def importer(db: Database, inbox: Path, import_settings: ImportSettings, clock: VirtualClock) -> Importer:
    return Importer(db, inbox, import_settings, clock)


def test_a_file_lands_whole_with_the_account_of_its_rows(importer: Importer) -> None:
    make_workbook(importer.inbox / "a.xlsx", [gtm_row(), gtm_row(first=None, last=None), [], gtm_row(email="robin")])

    report = importer.take_in()

    assert (report.read, report.known, report.unreadable) == (1, 0, [])
    file = importer.files()["a.xlsx"]
    assert [file[name] for name in ("rows", "pending", "rejected", "blank", "error")] == [4, 2, 1, 1, None]
    assert file["read_at"] == to_text(importer.clock.now())
    assert importer.count("gtm_rows") == 3
    rejections = importer.db.conn.execute("SELECT part, row_number, column_name, reason FROM import_rejections ORDER BY row_number")
    assert [tuple(row) for row in rejections] == [("Data", 3, None, "no name"), ("Data", 5, "Business Email", "not an e-mail address")]


def test_an_export_lands_with_its_owner_and_counts_of_messages(importer: Importer) -> None:
    messages = (
        "FROM,SENDER PROFILE URL,RECIPIENT PROFILE URLS,DATE,CONTENT\n"
        "Alex Morgan,https://www.linkedin.com/in/alex,https://www.linkedin.com/in/robin-weaver,2026-01-02 10:00:00 UTC,a secret\n"
    )
    make_export(importer.inbox / "a.zip", connections_csv([connection()]), messages=messages)

    importer.take_in()

    file = importer.files()["a.zip"]
    assert (file["owner"], file["owner_linkedin_id"], file["pending"]) == ("Alex Morgan", "alex", 1)
    activity = importer.db.conn.execute("SELECT linkedin_id, sent, received, last_received_on FROM linkedin_activity").fetchall()
    assert [tuple(row) for row in activity] == [("robin-weaver", 1, 0, None)]
    assert "a secret" not in "\n".join(importer.db.conn.iterdump())


def test_a_file_is_read_once_by_its_content(importer: Importer) -> None:
    make_workbook(importer.inbox / "a.xlsx", [gtm_row()])
    importer.take_in()
    (importer.inbox / "a.xlsx").rename(importer.inbox / "renamed.xlsx")
    (importer.inbox / "copy.xlsx").write_bytes((importer.inbox / "renamed.xlsx").read_bytes())

    report = importer.take_in()

    assert (report.read, report.known) == (0, 2)
    assert importer.count("gtm_rows") == 1


def test_two_copies_in_one_inbox_are_read_once(importer: Importer) -> None:
    (importer.inbox / "a.csv").write_text(connections_csv([connection()]))
    (importer.inbox / "b.csv").write_text(connections_csv([connection()]))

    report = importer.take_in()

    assert (report.read, report.known) == (1, 1)
    assert importer.count("linkedin_rows") == 1


def test_a_file_that_changed_is_read_again_beside_its_former_self(importer: Importer) -> None:
    make_workbook(importer.inbox / "a.xlsx", [gtm_row()])
    importer.take_in()
    make_workbook(importer.inbox / "a.xlsx", [gtm_row(), gtm_row(first="Ann")])

    assert importer.take_in().read == 1
    assert importer.count("import_files") == 2
    assert importer.count("gtm_rows") == 2, "the row that was there before is not landed again"
    former, now = importer.db.table("import_files").rows
    assert (former["replaced_by"], now["replaced_by"]) == (now["id"], None)
    assert (now["rows"], now["unchanged"], now["merged"], now["pending"]) == (2, 1, 1, 1)


def test_a_file_that_cannot_be_read_does_not_stop_the_others(importer: Importer) -> None:
    (importer.inbox / "a.xlsx").write_text("no workbook")
    (importer.inbox / "b.pdf").write_bytes(b"%PDF-1.7")
    make_workbook(importer.inbox / "c.xlsx", [gtm_row()])

    report = importer.take_in()

    assert report.read == 1
    assert [name for name, _ in report.unreadable] == ["a.xlsx", "b.pdf"]
    assert str(importer.files()["a.xlsx"]["error"]).startswith("not an XLSX workbook")
    assert str(importer.files()["b.pdf"]["error"]).startswith("an unknown kind of file; expected are XLSX workbooks")
    assert importer.steps == [(1, 3), (2, 3), (3, 3)]


def test_a_file_that_could_not_be_read_is_read_once_imports_yaml_knows_its_columns(importer: Importer) -> None:
    make_workbook(importer.inbox / "a.xlsx", [["Robin Weaver", "VP", "Acme"]], header=("Nom complet", "Titre", "Société"))
    importer.take_in()
    assert importer.files()["a.xlsx"]["error"] is not None

    columns = importer.settings.gtm_columns | {"full_name": ("Nom complet",), "title": ("Titre",), "company_name": ("Société",)}
    importer.settings = importer.settings.model_copy(update={"gtm_columns": columns})
    report = importer.take_in()

    assert (report.read, report.unreadable) == (1, [])
    assert importer.files()["a.xlsx"]["error"] is None
    assert importer.files()["a.xlsx"]["pending"] == 1
    assert importer.count("import_files") == 1


def test_a_file_of_an_unknown_kind_is_read_once_it_has_the_right_name(importer: Importer) -> None:
    (importer.inbox / "Connections.bak").write_text(connections_csv([connection()]))
    assert [name for name, _ in importer.take_in().unreadable] == ["Connections.bak"]
    (importer.inbox / "Connections.bak").rename(importer.inbox / "Connections.csv")

    assert importer.take_in().read == 1
    assert importer.files()["Connections.csv"]["kind"] == "linkedin_export"


@pytest.mark.parametrize("ending", ["csv", "CSV", "tsv", "tab", "txt"])
def test_connections_are_read_whatever_the_ending_of_their_text(importer: Importer, ending: str) -> None:
    (importer.inbox / f"Connections.{ending}").write_text(connections_csv([connection()]))

    assert importer.take_in().read == 1
    assert importer.count("linkedin_rows") == 1


def test_each_asset_takes_the_kinds_that_are_its_own(importer: Importer) -> None:
    make_workbook(importer.inbox / "a.xlsx", [gtm_row()])
    make_export(importer.inbox / "b.zip", connections_csv([connection()]))

    assert importer.take_in(("linkedin_export",)).read == 1
    assert (importer.count("gtm_rows"), importer.count("linkedin_rows")) == (0, 1)
    assert importer.take_in(("gtm_workbook",)).read == 1
    assert (importer.count("gtm_rows"), importer.count("linkedin_rows")) == (1, 1)


def test_an_unreadable_file_is_listed_while_it_lies_in_the_inbox_and_a_readable_one_for_good(importer: Importer) -> None:
    (importer.inbox / "a.xlsx").write_text("no workbook")
    make_workbook(importer.inbox / "b.xlsx", [gtm_row()])
    importer.take_in()
    assert list(file_account_store.list_files(importer.db)["name"]) == ["a.xlsx", "b.xlsx"]

    for path in importer.inbox.iterdir():
        path.unlink()
    importer.take_in()

    assert list(file_account_store.list_files(importer.db)["name"]) == ["b.xlsx"]
    assert file_account_store.sum_files(importer.db).unreadable == 0


def test_a_file_above_the_largest_size_is_refused_unread(tmp_path: Path, import_settings: ImportSettings) -> None:
    file = InboxFile(tmp_path / "missing.csv", "missing.csv", "linkedin_export", "hash", LARGEST_FILE + 1, "2026-01-01")

    with pytest.raises(UnreadableFile, match="the file has 512 MiB; allowed are 512"):
        read_source(file, import_settings)


def test_a_number_too_large_for_the_database_does_not_lose_its_file(importer: Importer) -> None:
    make_workbook(importer.inbox / "a.xlsx", [gtm_row(employees="99999999999999999999"), gtm_row(employees=4.155550100e18)])

    assert importer.take_in().read == 1
    assert importer.count("import_rejections") == 2


def _take_in(position: int, path: Path, inbox: Path, settings: ImportSettings) -> None:
    db = open_migrated(path)
    take_in(db, inbox, KINDS, settings, VirtualClock(), lambda done, total: None)
    db.conn.close()


def test_two_processes_that_take_in_one_inbox_read_each_file_once(importer: Importer, tmp_path: Path) -> None:
    for number in range(4):
        make_workbook(importer.inbox / f"{number}.xlsx", [gtm_row(first=f"P{number}{row}") for row in range(5)])

    run_at_once(2, _take_in, tmp_path / "test.db", importer.inbox, importer.settings)

    assert importer.count("import_files") == 4
    assert importer.count("gtm_rows") == 20
    assert {file["pending"] for file in importer.files().values()} == {5}


def standing(importer: Importer) -> list[tuple[object, ...]]:
    """The landed rows' first names with whether their file still has them."""
    return [tuple(row) for row in importer.db.conn.execute("SELECT first_name, is_current FROM gtm_rows ORDER BY id")]


def test_what_a_new_version_no_longer_has_is_kept_and_out_of_force(importer: Importer) -> None:
    make_workbook(importer.inbox / "a.xlsx", [gtm_row(), gtm_row(first="Ann")])
    importer.take_in()
    make_workbook(importer.inbox / "a.xlsx", [gtm_row(first="Ann"), gtm_row(first="Eve")])
    importer.take_in()

    assert standing(importer) == [("Robin", 0), ("Ann", 1), ("Eve", 1)]


def test_a_version_that_comes_back_is_in_force_again(importer: Importer) -> None:
    former = make_workbook(importer.inbox / "a.xlsx", [gtm_row(), gtm_row(first="Ann")]).read_bytes()
    importer.take_in()
    make_workbook(importer.inbox / "a.xlsx", [gtm_row(first="Eve")])
    importer.take_in()
    (importer.inbox / "a.xlsx").write_bytes(former)

    assert importer.take_in().read == 1
    assert standing(importer) == [("Robin", 1), ("Ann", 1), ("Eve", 0)]
    first, second = importer.db.table("import_files").rows
    assert (first["replaced_by"], second["replaced_by"]) == (None, first["id"])
    assert (first["rows"], first["unchanged"], first["pending"]) == (2, 2, 0)
    assert importer.take_in().read == 0


def test_a_file_is_read_again_once_imports_yaml_reads_it_in_another_way_and_back(importer: Importer) -> None:
    make_workbook(importer.inbox / "a.xlsx", [gtm_row(), gtm_row(first="Ann")])
    importer.take_in()
    first = importer.settings
    importer.settings = first.model_copy(update={"null_values": (*first.null_values, "Ann")})

    assert [importer.take_in().read, importer.take_in().read] == [1, 0]
    assert standing(importer) == [("Robin", 0), ("Ann", 0), ("Robin", 1), (None, 1)]
    importer.settings = first
    assert [importer.take_in().read, importer.take_in().read] == [1, 0]
    assert standing(importer) == [("Robin", 1), ("Ann", 1), ("Robin", 0), (None, 0)]
    importer.files()


def test_a_mapping_of_another_layout_reads_nothing_again_where_a_mapping_has_recognised_the_file(importer: Importer) -> None:
    own, other = (
        Mapping(columns={"full_name": (name,), "company_name": ("Firm",)}, recognised_by=(name, "Firm", "Role")) for name in ("Who", "Whom")
    )
    importer.settings = importer.settings.model_copy(update={"mappings": {"own": own}})
    (importer.inbox / "a.csv").write_text("Who,Firm,Role\nRobin Weaver,Acme,VP\n")
    importer.take_in(("gtm_csv",))

    importer.settings = importer.settings.model_copy(update={"mappings": {"own": own, "other": other}})
    assert importer.take_in(("gtm_csv",)).read == 0
    changed = own.model_copy(update={"columns": {**own.columns, "title": ("Role",)}})
    importer.settings = importer.settings.model_copy(update={"mappings": {"own": changed, "other": other}})
    assert importer.take_in(("gtm_csv",)).read == 1
    assert [row["title"] for row in importer.db.table("gtm_rows").rows_where("is_current = 1")] == ["VP"]


def test_a_file_that_no_mapping_has_recognised_is_looked_at_again_once_there_is_one(importer: Importer) -> None:
    (importer.inbox / "a.csv").write_text("Who,Firm,Role\nRobin Weaver,Acme,VP\n")
    importer.take_in(("gtm_csv", "unknown"))
    (known,) = landing_store.known_files(importer.db).values()
    (file,) = list_files(importer.inbox)
    assert known.error is not None
    assert not known.says_other(file, importer.settings)

    own = Mapping(columns={"full_name": ("Who",), "company_name": ("Firm",)}, recognised_by=("Who", "Firm", "Role"))
    importer.settings = importer.settings.model_copy(update={"mappings": {"own": own}})
    assert known.says_other(file, importer.settings)
    assert importer.take_in(("gtm_csv", "unknown")).read == 1
    assert [(row["name"], row["rows"], row["error"]) for row in importer.db.table("import_files").rows] == [("a.csv", 1, None)]


def test_growth_of_rows_that_stay_is_read_anew_once_the_column_turns_out_to_be_in_percent(importer: Importer) -> None:
    make_workbook(importer.inbox / "a.xlsx", [gtm_row(growth="1.5"), gtm_row(first="Ann", growth="1.2")])
    importer.take_in()
    make_workbook(importer.inbox / "a.xlsx", [gtm_row(growth="1.5"), gtm_row(first="Ann", growth="1.2"), gtm_row(first="Eve", growth="20")])
    importer.take_in()

    rows = importer.db.table("gtm_rows").rows_where("is_current = 1")
    assert [(row["first_name"], row["growth_rate"]) for row in rows] == [("Robin", 0.015), ("Ann", 0.012), ("Eve", 0.2)]


def test_an_error_that_nobody_foresaw_keeps_no_other_file_out_and_tells_nothing_of_the_content(importer: Importer) -> None:
    make_workbook(importer.inbox / "a.xlsx", [gtm_row(country="Narnia")])
    make_export(importer.inbox / "b.zip", connections_csv([connection()]))
    # what the check of imports.yaml keeps out
    importer.settings = importer.settings.model_copy(update={"validation": {"country": "no rule"}})

    report = importer.take_in()

    assert report.read == 1
    [(name, reason)] = report.unreadable
    assert name == "a.xlsx"
    assert re.fullmatch(r"cannot be read because of an error in LIENDEA \(\w+, \w+\.py:\d+\)", reason)


def test_settings_that_do_not_concern_the_reading_of_cells_read_nothing_again(importer: Importer) -> None:
    make_workbook(importer.inbox / "a.xlsx", [gtm_row()])
    importer.take_in()
    importer.settings = importer.settings.model_copy(update={"source_order": ("linkedin", "gtm"), "nicknames": {}})

    assert importer.take_in().read == 0


def test_of_equal_rows_as_many_are_in_force_as_the_file_has(importer: Importer) -> None:
    make_workbook(importer.inbox / "a.xlsx", [gtm_row()] * 3)
    importer.take_in()
    make_workbook(importer.inbox / "a.xlsx", [gtm_row()] * 2)
    importer.take_in()

    assert standing(importer) == [("Robin", 1), ("Robin", 1), ("Robin", 0)]


def test_a_row_that_is_refused_is_refused_anew_in_each_version(importer: Importer) -> None:
    make_workbook(importer.inbox / "a.xlsx", [gtm_row(), gtm_row(first=None, last=None)])
    importer.take_in()
    make_workbook(importer.inbox / "a.xlsx", [gtm_row(), gtm_row(first=None, last=None), gtm_row(first="Ann")])
    importer.take_in()

    assert [(file["rows"], file["rejected"], file["unchanged"]) for file in importer.db.table("import_files").rows] == [
        (2, 1, 0),
        (3, 1, 1),
    ]
    assert importer.count("import_rejections") == 2


def test_a_former_version_is_known_under_another_name_and_wanted_under_its_own(importer: Importer) -> None:
    former = make_workbook(importer.inbox / "a.xlsx", [gtm_row(), gtm_row(first="Ann")]).read_bytes()
    importer.take_in()
    make_workbook(importer.inbox / "a.xlsx", [gtm_row(first="Eve")])
    importer.take_in()
    files = importer.files()

    (importer.inbox / "kept.xlsx").write_bytes(former)
    kept = importer.take_in()
    assert (kept.read, kept.known, kept.unreadable) == (0, 2, [])
    assert importer.files() == files
    assert standing(importer) == [("Robin", 0), ("Ann", 0), ("Eve", 1)]

    (importer.inbox / "a.xlsx").write_bytes(former)
    back = importer.take_in()
    assert (back.read, back.known, back.unreadable) == (1, 1, [])
    assert standing(importer) == [("Robin", 1), ("Ann", 1), ("Eve", 0)]
