"""The Dagster job shows what an import would do, and nobody's data."""

from pathlib import Path

import dagster as dg

from liendea_assets.core.home import Home
from liendea_assets.definitions import defs
from liendea_assets_tests.builders import csv_text, gtm_row, make_workbook


def metadata_of(home: Home, name: str) -> dict[str, str]:
    done = defs.resolve_job_def("preview_file").execute_in_process(run_config={"file": name}, raise_on_error=False)
    assert done.success
    (event,) = done.filter_events(lambda event: event.event_type == dg.DagsterEventType.STEP_OUTPUT)
    return {key: str(value.value) for key, value in event.step_output_data.metadata.items()}


def test_the_job_shows_columns_and_counts_and_nobodys_data(home: Home) -> None:
    make_workbook(home.inbox / "people.xlsx", [gtm_row(), gtm_row(), gtm_row(email="secret-oops", first="Ann")])

    shown = metadata_of(home, "people.xlsx")

    assert shown["can_be_imported"] == "True"
    assert shown["Data: mapping"] == "default"
    assert "| Business Email | work_email |" in shown["Data: columns"]
    assert "| accepted |  | 3 |" in shown["Data: rows"]
    assert "not an e-mail address" in shown["Data: values that would be left out"]
    assert shown["rows_that_join_each_other"] == "3"
    for secret in ("Robin", "Weaver", "Ann", "secret", "acmelabs"):
        assert secret not in str(shown)


def test_an_unknown_layout_is_told_without_its_cells(home: Home) -> None:
    home.inbox.mkdir(parents=True, exist_ok=True)
    (home.inbox / "leads.csv").write_text(csv_text([["Vorname", "Nachname", "Firma"], ["Robin", "Weaver", "Acme"]]), encoding="utf-8")

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
