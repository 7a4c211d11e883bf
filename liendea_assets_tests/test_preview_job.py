"""The Dagster job shows what an import would do, and nobody's data."""

from pathlib import Path

import dagster as dg

from liendea_assets.core.home import Home
from liendea_assets.definitions import defs
from liendea_assets.resources import open_home_database
from liendea_assets_tests.builders import GTM_HEADER, csv_text, gtm_row, make_workbook
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.imports.stage import import_inbox


def metadata_of(home: Home, name: str) -> dict[str, str]:
    done = defs.resolve_job_def("preview_file").execute_in_process(run_config={"file": name}, raise_on_error=False)
    assert done.success
    (event,) = done.filter_events(lambda event: event.event_type == dg.DagsterEventType.STEP_OUTPUT)
    return {key: str(value.value) for key, value in event.step_output_data.metadata.items()}


def files_of(home: Home) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in home.data.rglob("*") if path.is_file()}


def test_a_home_without_a_database_gets_none_and_is_told_why_nobody_is_compared(home: Home) -> None:
    make_workbook(home.inbox / "people.xlsx", [gtm_row(), gtm_row()])
    before = files_of(home)

    shown = metadata_of(home, "people.xlsx")

    assert files_of(home) == before
    assert "there is no database yet" in shown["why_joins_of_contacts_are_not_told"]
    assert shown["rows_that_join_each_other"] == "2"
    assert "rows_that_join_contacts" not in shown


def test_a_database_of_another_version_stays_as_it_is(home: Home) -> None:
    make_workbook(home.inbox / "people.xlsx", [gtm_row()])
    path = home.data / "liendea.db"
    for change, reason in (
        ("DELETE FROM _sqlite_migrations WHERE name = 'm003_network'", "an older version"),
        ("INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('liendea', 'm999', '')", "a newer version"),
    ):
        path.unlink(missing_ok=True)
        db = open_home_database(home)
        with db.conn:
            db.conn.execute(change)
        db.conn.close()
        before = path.read_bytes()

        shown = metadata_of(home, "people.xlsx")

        assert reason in shown["why_joins_of_contacts_are_not_told"]
        assert (shown["can_be_imported"], "rows_that_join_contacts" in shown) == ("True", False)
        assert path.read_bytes() == before


def test_what_is_known_is_compared_and_not_changed(home: Home, clock: VirtualClock) -> None:
    make_workbook(home.inbox / "old.xlsx", [gtm_row()])
    db = open_home_database(home)
    import_inbox(home, db, clock)
    before = list(db.conn.iterdump())
    make_workbook(home.inbox / "people.xlsx", [gtm_row(title="CRO")])

    shown = metadata_of(home, "people.xlsx")

    assert (shown["rows_that_join_contacts"], "why_joins_of_contacts_are_not_told" in shown) == ("1", False)
    assert list(db.conn.iterdump()) == before
    db.conn.close()


def test_the_job_shows_columns_and_counts_and_nobodys_data(home: Home) -> None:
    rows = [[*row, "42"] for row in (gtm_row(), gtm_row(), gtm_row(email="secret-oops", first="Ann"))]
    make_workbook(home.inbox / "people.xlsx", rows, header=(*GTM_HEADER, "Shoe Size"))

    shown = metadata_of(home, "people.xlsx")

    assert shown["can_be_imported"] == "True"
    assert shown["Data: mapping"] == "default"
    assert "| Business Email | work_email |" in shown["Data: columns"]
    assert shown["Data: columns that are not read"] == "Shoe Size"
    assert "| accepted |  | 3 |" in shown["Data: rows"]
    assert "not an e-mail address" in shown["Data: values that would be left out"]
    assert shown["rows_that_join_each_other"] == "3"
    for secret in ("Robin", "Weaver", "Ann", "secret", "acmelabs", "42"):
        assert secret not in str(shown)


def test_an_unknown_layout_is_told_without_its_cells(home: Home) -> None:
    home.inbox.mkdir(parents=True, exist_ok=True)
    (home.inbox / "leads.csv").write_text(csv_text([["Voornaam", "Achternaam", "Bedrijf"], ["Robin", "Weaver", "Acme"]]), encoding="utf-8")

    shown = metadata_of(home, "leads.csv")

    assert (shown["can_be_imported"], shown["a_mapping_can_be_proposed"]) == ("False", "True")
    assert "Weaver" not in str(shown)


def test_only_files_in_the_inbox_are_looked_at(home: Home, tmp_path: Path) -> None:
    make_workbook(home.root / "outside.xlsx", [gtm_row()])
    home.inbox.mkdir(parents=True, exist_ok=True)

    for name in ("../../outside.xlsx", "missing.xlsx", str(home.root / "outside.xlsx")):
        done = defs.resolve_job_def("preview_file").execute_in_process(run_config={"file": name}, raise_on_error=False)
        assert not done.success


def test_of_a_list_of_decisions_counts_are_shown(home: Home) -> None:
    home.inbox.mkdir(parents=True, exist_ok=True)
    rows = [["entity", "left_id", "right_id", "decision", "Left name"], ["contact", "1", "2", "Weaver?", "Robin"]]
    (home.inbox / "list.csv").write_text(csv_text(rows), encoding="utf-8")

    shown = metadata_of(home, "list.csv")

    assert (shown["kind"], shown["can_be_imported"]) == ("merge_decisions", "True")
    assert "Robin" not in str(shown)
    assert "Weaver" not in str(shown)
