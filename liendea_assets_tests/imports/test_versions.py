"""Versions of one file over time, from the inbox to contacts: what counts, what is in force, and that the sums stay right."""

from collections.abc import Callable
from pathlib import Path

import pytest

from liendea_assets.core.home import Home
from liendea_assets.db.connection import Database
from liendea_assets.imports import file_account_store
from liendea_assets_tests.builders import GTM_HEADER, csv_text, gtm_row, make_workbook
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.imports.stage import import_inbox

ACCOUNT = ("rows", "imported", "merged", "rejected", "blank", "pending")


class Versions:
    """An inbox whose file `a` is replaced again and again; after each import the account of every file has to add up."""

    def __init__(
        self, home: Home, db: Database, clock: VirtualClock, write: Callable[[Path, list[list[object]]], None], ending: str
    ) -> None:
        self.home, self.db, self.clock = home, db, clock
        self._write = write
        self._ending = ending

    def make(self, *rows: list[object]) -> bytes:
        """The bytes of a version."""
        path = self.home.root / f"draft{self._ending}"
        self._write(path, list(rows))
        return path.read_bytes()

    def put(self, content: bytes, name: str = "a") -> None:
        path = self.home.inbox / f"{name}{self._ending}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def take_away(self, name: str) -> None:
        (self.home.inbox / f"{name}{self._ending}").unlink()

    def run(self) -> None:
        self.clock.sleep(60)
        assert all(import_inbox(self.home, self.db, self.clock).values())
        for file in self.db.table("import_files").rows:
            assert file["rows"] == file["imported"] + file["merged"] + file["rejected"] + file["blank"]
            assert file["pending"] == 0
        assert file_account_store.miscounted_files(self.db) == []
        totals = file_account_store.sum_files(self.db)
        assert totals.rows == totals.imported + totals.merged + totals.rejected + totals.blank + totals.pending
        # of a version that came back everybody is known, so fewer may count as imported
        assert totals.imported <= self.db.table("contacts").count

    def accounts(self) -> list[tuple[int, ...]]:
        return [tuple(file[name] for name in ACCOUNT) for file in self.db.table("import_files").rows_where(order_by="id")]

    def in_force(self) -> list[str]:
        return [row[0] for row in self.db.conn.execute("SELECT first_name FROM gtm_rows WHERE is_current = 1 ORDER BY first_name")]

    def titles(self) -> dict[str, str]:
        rows = self.db.conn.execute("SELECT first_name, title FROM contacts WHERE merged_into IS NULL")
        return {row["first_name"]: row["title"] for row in rows}

    def replaced(self) -> list[bool]:
        """Of each file, whether another version has taken its place."""
        return [file["replaced_by"] is not None for file in self.db.table("import_files").rows_where(order_by="id")]


def write_csv(path: Path, rows: list[list[object]]) -> None:
    lines = [["" if cell is None else str(cell) for cell in row] or [""] * len(GTM_HEADER) for row in rows]
    path.write_text(csv_text([GTM_HEADER, *lines]), encoding="utf-8")


def write_workbook(path: Path, rows: list[list[object]]) -> None:
    make_workbook(path, rows)


@pytest.fixture(params=[".xlsx", ".csv"])
def versions(request: pytest.FixtureRequest, home: Home, db: Database, clock: VirtualClock) -> Versions:
    return Versions(home, db, clock, write_workbook if request.param == ".xlsx" else write_csv, request.param)


def someone(first: str, **changed: object) -> list[object]:
    return gtm_row(first=first, email=None, linkedin=None, **changed)


NOBODY = gtm_row(first=None, last=None, email=None, linkedin=None)


def test_a_former_version_under_another_name_is_known_and_changes_nothing(versions: Versions) -> None:
    first, second = versions.make(someone("Ann", title="VP"), someone("Ben")), versions.make(someone("Ann", title="CEO"), someone("Eve"))
    for content in (first, second):
        versions.put(content)
        versions.run()
    before = [list(versions.db.table(name).rows) for name in ("gtm_rows", "contacts", "contact_sources")]
    accounts = versions.accounts()

    versions.put(first, "kept for later")
    for _ in range(2):
        versions.run()

    assert [list(versions.db.table(name).rows) for name in ("gtm_rows", "contacts", "contact_sources")] == before
    assert versions.accounts() == accounts
    assert versions.replaced() == [True, False]
    assert versions.in_force() == ["Ann", "Eve"]
    assert versions.titles() == {"Ann": "CEO", "Ben": "VP Sales", "Eve": "VP Sales"}


def test_a_former_version_under_its_own_name_is_taken_again_and_in_force(versions: Versions) -> None:
    first, second = versions.make(someone("Ann", title="VP"), someone("Ben")), versions.make(someone("Ann", title="CEO"), someone("Eve"))
    for content, in_force, replaced in (
        (first, ["Ann", "Ben"], [False]),
        (second, ["Ann", "Eve"], [True, False]),
        (first, ["Ann", "Ben"], [False, True]),
        (second, ["Ann", "Eve"], [True, False]),
    ):
        versions.put(content)
        versions.run()
        assert versions.in_force() == in_force
        assert versions.replaced() == replaced


def test_a_copy_of_the_former_version_stays_harmless_when_the_file_goes_back_to_it(versions: Versions) -> None:
    first, second = versions.make(someone("Ann")), versions.make(someone("Eve"))
    versions.put(first)
    versions.run()
    versions.put(second)
    versions.put(first, "kept for later")
    versions.run()
    assert versions.in_force() == ["Eve"]

    versions.put(first)
    versions.run()
    assert versions.in_force() == ["Ann"]

    versions.take_away("a")
    versions.run()
    assert versions.in_force() == ["Ann"]


def test_the_account_of_each_file_adds_up_over_versions_that_come_back(versions: Versions) -> None:
    first = versions.make(someone("Ann"), NOBODY, [], someone("Ben"), someone("Ann"))
    second = versions.make(someone("Ann"), NOBODY, NOBODY, [], [], someone("Eve"))
    accounts = []
    for content in (first, second, first, second, first):
        versions.put(content)
        versions.run()
        accounts.append(versions.accounts())

    # rows, imported, merged, rejected, blank, pending; what was there before belongs to somebody known
    assert accounts[0] == [(5, 2, 1, 1, 1, 0)]
    assert accounts[1] == [(5, 2, 1, 1, 1, 0), (6, 1, 1, 2, 2, 0)]
    assert {account[0] for account, *_ in accounts} == {5}
    assert all(sum(account[1:]) == account[0] for each in accounts for account in each)
    assert accounts[3] == accounts[4]
    assert accounts[2][0] == (5, 0, 3, 1, 1, 0), "whoever a version says again is known"
    assert versions.db.table("import_rejections").count == 3
