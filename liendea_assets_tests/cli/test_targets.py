import csv
import os
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from openpyxl import load_workbook

from liendea_assets.cli.main import liendea
from liendea_assets.core.clock import to_text
from liendea_assets.core.home import Home
from liendea_assets.resources import open_home_database
from liendea_assets.scoring import account_store
from liendea_assets.scoring.account_scores import score_accounts
from liendea_assets.scoring.rescore import rescore
from liendea_assets.scoring.retarget import retarget
from liendea_assets.scoring.settings import ScoringSettings
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.contacts import add_contact

FORMULA = '=HYPERLINK("https://evil.example","Robin")'


def run_command(home: Home, *arguments: str) -> Result:
    return CliRunner().invoke(liendea, [*arguments, "--home", str(home.root)])


@pytest.fixture
def filled(home: Home) -> Home:
    """Two targets at one company, one of them with a name that is a formula, and somebody who is none."""
    db, clock = open_home_database(home), VirtualClock()
    company = {"id": 5, "name": "Acme Labs", "industry": "Software", "employee_count": 620, "created_at": "t", "updated_at": "t"}
    db.table("companies").insert(company)
    add_contact(db, 1, company_id=5, full_name="Robin Weaver")
    add_contact(db, 2, company_id=5, full_name=FORMULA, title="Sales Manager")
    add_contact(db, 3, industry="Mining", employee_count=3, title="Cook", full_name="Alex Stone")
    settings = ScoringSettings()
    rescore(db, settings, to_text(clock.now()))
    retarget(db, settings, clock.now())
    accounts = score_accounts(account_store.read_companies(db), account_store.read_people(db), settings)
    account_store.store_accounts(db, accounts)
    db.conn.close()
    return home


def cells(path: Path) -> list[tuple[object, ...]]:
    (sheet,) = load_workbook(path).worksheets
    return [tuple(cell.value for cell in row) for row in sheet.iter_rows()]


def test_targets_are_printed_the_best_first(filled: Home) -> None:
    page = run_command(filled, "targets").output
    assert "Targets: 2" in page
    assert page.index("Robin") < page.index("HYPERLINK"[:4])
    assert "Alex" not in page


def test_what_is_beyond_the_limit_is_counted(filled: Home) -> None:
    assert "1 more; --limit shows them" in run_command(filled, "targets", "--limit", "1").output


def test_workbook_holds_whole_targets_in_the_private_folder_and_no_formula(filled: Home) -> None:
    assert run_command(filled, "targets", "--export", "best.xlsx").output.startswith("2 targets in ")
    path = filled.exports / "best.xlsx"
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    header, first, second = cells(path)
    found = dict(zip(header, first, strict=True))
    assert (found["Contact ID"], found["Score"], found["Priority"], found["Status"]) == (1, 90, 1, "identified")
    assert 'Title VP Sales: a decision maker by "VP" (+25)' in str(found["Reason"])
    assert second[1] == FORMULA
    (sheet,) = load_workbook(path).worksheets
    assert sheet.cell(3, 2).data_type == "s"
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:T3")
    kinds = {name: sheet.cell(2, place) for place, name in enumerate(header, start=1)}
    assert [kinds[name].data_type for name in ("Contact ID", "Name", "Score", "Known", "Target since")] == ["n", "s", "n", "n", "d"]
    assert (kinds["Known"].number_format, kinds["Target since"].number_format) == ("0 %", "yyyy-mm-dd")


def test_csv_cell_that_begins_like_a_formula_is_text(filled: Home, tmp_path: Path) -> None:
    path = tmp_path / "elsewhere" / "best.csv"
    assert run_command(filled, "targets", "--export", str(path)).exit_code == 0
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["Name"] for row in rows] == ["Robin Weaver", "'" + FORMULA]
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_accounts_are_listed_with_their_best_contact(filled: Home) -> None:
    assert run_command(filled, "targets", "--accounts", "--export", "accounts.xlsx").output.startswith("1 accounts in ")
    header, row = cells(filled.exports / "accounts.xlsx")
    found = dict(zip(header, row, strict=True))
    assert (found["Company"], found["Best contact"], found["Targets"], found["Contacts"]) == ("Acme Labs", "Robin Weaver", 2, 2)
    assert "Accounts: 1" in run_command(filled, "targets", "--accounts").output


def test_another_kind_of_file_is_refused(filled: Home) -> None:
    result = run_command(filled, "targets", "--export", "best.pdf")
    assert result.exit_code == 2
    assert "allowed are .xlsx, .csv" in result.output


def test_nobody_scored_yet_is_an_empty_list(home: Home) -> None:
    assert "Targets: 0" in run_command(home, "targets").output
    assert run_command(home, "targets", "--export", "none.csv").output.startswith("0 targets in ")
