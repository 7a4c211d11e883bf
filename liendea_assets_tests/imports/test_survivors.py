"""Keys and values that a contact keeps: Reach ids, profiles that a human has parted, values set by hand."""

import pytest

from liendea_assets.core.home import Home
from liendea_assets.db.connection import Database
from liendea_assets.imports import decision_store, merges, provenance
from liendea_assets.imports.merges import Author
from liendea_assets.imports.settings import ImportSettings
from liendea_assets_tests.builders import GTM_HEADER, connection, connections_csv, gtm_row, make_export, make_workbook
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.imports.stage import import_inbox

ME = Author("user")
HEADER = (*GTM_HEADER, "Reach ID")


class Desk:
    """A home and its imports."""

    def __init__(self, home: Home, db: Database, clock: VirtualClock) -> None:
        self.home, self.db, self.clock = home, db, clock

    def add(self, name: str, *rows: list[object]) -> None:
        make_workbook(self.home.inbox / name, rows, header=HEADER)
        assert all(self.run().values())

    def run(self) -> dict[str, bool]:
        self.clock.sleep(60)
        return import_inbox(self.home, self.db, self.clock)

    def values(self, field: str) -> dict[str, object]:
        """A field of the contacts in force, by first name."""
        rows = self.db.table("contacts").rows_where("merged_into IS NULL", order_by="id")
        return {row["first_name"]: row[field] for row in rows}


@pytest.fixture
def desk(home: Home, db: Database, clock: VirtualClock) -> Desk:
    return Desk(home, db, clock)


def someone(first: str, reach_id: str | None = None, **changed: object) -> list[object]:
    bare = {"first": first, "email": None, "linkedin": None} | changed
    return [*gtm_row(**bare), reach_id]


def test_the_reach_id_of_the_last_row_is_no_repetition_of_a_contact_without_one(desk: Desk) -> None:
    """A contact without a Reach id has no row of it, which must not be taken for the last row of all."""
    desk.add("a.xlsx", someone("Ann"), someone("Ben"), someone("Eve", "r-3"))

    assert desk.values("reach_id") == {"Ann": None, "Ben": None, "Eve": "r-3"}


@pytest.mark.parametrize("first", ["r-1", None])
def test_reach_ids_stay_when_their_contacts_are_looked_at_again(desk: Desk, first: str | None) -> None:
    desk.add("a.xlsx", someone("Ann", first), someone("Ben"), someone("Eve", "r-3"))
    desk.add("b.xlsx", someone("Ann", title="CEO"), someone("Ben", title="CEO"), someone("Eve", title="CEO"))
    assert desk.values("reach_id") == {"Ann": first, "Ben": None, "Eve": "r-3"}

    desk.add("c.xlsx", someone("Ben", "r-2"), someone("Eve", "r-3", country="DE"))
    assert desk.values("reach_id") == {"Ann": first, "Ben": "r-2", "Eve": "r-3"}


def test_contacts_stay_unique_after_a_human_parted_rows_that_share_a_profile(desk: Desk) -> None:
    url = "https://www.linkedin.com/in/robin-weaver"
    make_export(desk.home.inbox / "alex.zip", connections_csv([connection(url=url)]))
    desk.add("a.xlsx", someone("Robin", linkedin=url))
    desk.add("b.xlsx", someone("Robyn", linkedin=url, title="CFO"))
    (contact,) = [row["id"] for row in desk.db.table("contacts").rows_where("merged_into IS NULL AND is_owner = 0")]
    row = next(row["id"] for row in desk.db.table("gtm_rows").rows_where("first_name = 'Robyn'"))

    merges.part_row(desk.db, "contact", "gtm", row, ME, desk.clock)
    parted = desk.run()

    assert parted["contacts_are_unique"]
    contacts = list(desk.db.table("contacts").rows_where("merged_into IS NULL AND is_owner = 0", order_by="id"))
    assert len(contacts) == 2
    assert contacts[0]["id"] == contact
    assert sorted(str(each["linkedin_id"]) for each in contacts) == ["None", "robin-weaver"], "a profile belongs to one of them"
    assert desk.run()["contacts_are_unique"]

    # what comes later is no reason to fail either
    desk.add("c.xlsx", someone("Robin", linkedin=url, title="CRO"))
    assert len(list(desk.db.table("contacts").rows_where("merged_into IS NULL AND is_owner = 0"))) == 2
    (decision,) = decision_store.list_decisions(desk.db)["id"].tolist()
    merges.undo(desk.db, int(decision), desk.clock)
    assert desk.run()["contacts_are_unique"]
    assert len(list(desk.db.table("contacts").rows_where("merged_into IS NULL AND is_owner = 0"))) == 1


@pytest.mark.parametrize(("field", "value"), [("title", "Changed"), ("first_name", "Changed"), ("country", "DE")])
def test_a_value_set_by_hand_counts_for_an_owner(desk: Desk, import_settings: ImportSettings, field: str, value: str) -> None:
    """Owners come from exports, not from rows; they are looked at again all the same."""
    make_export(desk.home.inbox / "alex.zip", connections_csv([connection()]))
    desk.run()
    (owner,) = desk.db.table("contacts").rows_where("is_owner = 1")
    former = owner[field]

    provenance.set_by_hand(desk.db, owner["id"], field, value, import_settings, desk.clock)
    desk.run()
    assert [row[field] for row in desk.db.table("contacts").rows_where("is_owner = 1")] == [value]
    desk.run()
    assert [row[field] for row in desk.db.table("contacts").rows_where("is_owner = 1")] == [value]

    provenance.set_by_hand(desk.db, owner["id"], field, None, import_settings, desk.clock)
    desk.run()
    assert [row[field] for row in desk.db.table("contacts").rows_where("is_owner = 1")] == [former]


def test_a_value_set_by_hand_counts_for_an_owner_whom_a_colleague_knows(desk: Desk, import_settings: ImportSettings) -> None:
    """Their contact may have its id from a row of the colleague's export."""
    alex = connection(first="Alex", last="Morgan", url="https://www.linkedin.com/in/alex-m")
    make_export(desk.home.inbox / "1 sam.zip", connections_csv([alex]), owner=("Sam", "Bell"))
    make_export(desk.home.inbox / "alex.zip", connections_csv([connection()]))
    desk.run()
    (owner,) = desk.db.table("contacts").rows_where("first_name = 'Alex' AND is_owner = 1")
    assert owner["title"] == "VP Sales"

    provenance.set_by_hand(desk.db, owner["id"], "title", "Changed", import_settings, desk.clock)
    desk.run()

    assert desk.values("title")["Alex"] == "Changed"
