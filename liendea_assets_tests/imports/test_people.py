"""Identity, stable ids and verdicts on real rows: from files in the inbox to contacts and companies."""

import csv
import random
import shutil
from collections import defaultdict
from collections.abc import Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

import liendea_assets_tests
from liendea_assets.core.home import Home
from liendea_assets.db.connection import Database
from liendea_assets.db.migrations import open_migrated
from liendea_assets.imports import file_account_store, key_store, store
from liendea_assets.imports.company_identity import company_labels
from liendea_assets.imports.identity import person_labels
from liendea_assets.imports.rejects import REASON_HEADER
from liendea_assets.imports.settings import ImportSettings
from liendea_assets_tests.builders import CONNECTIONS_HEADER, connection, connections_csv, csv_text, gtm_row, make_export, make_workbook
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.imports.stage import import_inbox

TRUTH = Path(liendea_assets_tests.__file__).parent / "fixtures" / "sample_truth.csv"

Row = tuple[str, str, int]


class Team:
    """A home whose inbox grows, and what is known after each import."""

    def __init__(self, home: Home, db: Database, clock: VirtualClock) -> None:
        self.home, self.db, self.clock = home, db, clock
        self._books = 0

    def add(self, *rows: list[object]) -> dict[str, bool]:
        """Drops a workbook with these rows and imports; returns the checks' outcomes."""
        self._books += 1
        make_workbook(self.home.inbox / f"{self._books:02}.xlsx", rows)
        return self.run()

    def run(self) -> dict[str, bool]:
        self.clock.sleep(60)
        return import_inbox(self.home, self.db, self.clock)

    def contacts(self, where: str = "merged_into IS NULL") -> list[dict[str, object]]:
        return list(self.db.table("contacts").rows_where(where, order_by="id"))

    def people(self) -> dict[object, object]:
        """Contact ids by full name."""
        return {contact["full_name"]: contact["id"] for contact in self.contacts()}

    def contact(self) -> dict[str, object]:
        """The only contact."""
        (contact,) = self.contacts()
        return contact

    def companies(self) -> list[tuple[object, ...]]:
        rows = self.db.conn.execute("SELECT id, name, domain FROM companies WHERE merged_into IS NULL ORDER BY id")
        return [tuple(row) for row in rows]

    def verdicts(self) -> dict[str, tuple[int, ...]]:
        """Rows, imported, merged, rejected, blank and pending per file."""
        rows = self.db.conn.execute("SELECT name, rows, imported, merged, rejected, blank, pending FROM import_files ORDER BY id")
        return {row[0]: tuple(row)[1:] for row in rows}


@pytest.fixture
def team(home: Home, db: Database, clock: VirtualClock) -> Team:
    return Team(home, db, clock)


def bare(**changed: object) -> list[object]:
    """A row that holds a name and company, and what a test adds."""
    return gtm_row(**({"email": None, "linkedin": None, "website": None} | changed))


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Database:
    """The shipped sample, imported once."""
    root = tmp_path_factory.mktemp("sample")
    home = Home(root)
    source = Path(liendea_assets_tests.__file__).parents[1] / "liendea_assets" / "sandbox" / "sample" / "inbox"
    shutil.copytree(source, home.inbox)
    db = open_migrated(root / "data" / "liendea.db")
    checks = import_inbox(home, db, VirtualClock())
    assert checks == {"every_file_was_read": True, "contacts_are_unique": True, "every_row_is_accounted_for": True}
    return db


def pairs(groups: Mapping[Any, list[Row]]) -> set[tuple[Row, Row]]:
    return {pair for rows in groups.values() for pair in combinations(sorted(rows), 2)}


def truth() -> dict[Row, str]:
    """The person behind each row of the sample that fits anybody."""
    with TRUTH.open(encoding="utf-8", newline="") as file:
        return {(row["file"], row["part"], int(row["row"])): row["person"] for row in csv.DictReader(file) if row["fit"] == "True"}


FOUND = """
    SELECT f.name, r.part, r.row_number, s.contact_id
    FROM (
        SELECT 'gtm' AS source, id, file_id, part, row_number FROM gtm_rows
        UNION ALL
        SELECT 'linkedin', id, file_id, part, row_number FROM linkedin_rows
    ) r
    JOIN import_files f ON f.id = r.file_id
    JOIN contact_sources s ON s.source = r.source AND s.row_id = r.id
"""


def test_in_the_sample_nobody_is_joined_wrongly_and_hardly_anybody_is_missed(sample: Database) -> None:
    expected, found = defaultdict(list), defaultdict(list)
    people_of = truth()
    for row, person in people_of.items():
        expected[person].append(row)
    for name, part, number, contact in sample.conn.execute(FOUND):
        if (name, part, number) in people_of:
            found[contact].append((name, part, number))
    assert sum(len(rows) for rows in found.values()) == len(people_of), "every row that fits belongs to a contact"
    right, joined = pairs(expected), pairs(found)

    assert joined - right == set()
    assert len(joined & right) / len(right) >= 0.99


def test_in_the_sample_the_rows_of_every_file_add_up(sample: Database) -> None:
    for file in sample.table("import_files").rows:
        landed = sum(sample.table(table).count_where("file_id = ?", [file["id"]]) for table in ("gtm_rows", "linkedin_rows"))
        assert file["error"] is None
        assert file["rows"] == file["imported"] + file["merged"] + file["rejected"] + file["blank"]
        assert landed == file["rows"] - file["blank"]


def test_in_the_sample_each_imported_row_is_a_contact_of_its_own(sample: Database) -> None:
    totals = file_account_store.sum_files(sample)
    owners_alone = "is_owner = 1 AND id NOT IN (SELECT contact_id FROM contact_sources WHERE source <> 'owner')"

    assert totals.imported == sample.table("contacts").count - sample.table("contacts").count_where(owners_alone)
    assert store.count_duplicate_contacts(sample) == 0


def test_in_the_sample_who_is_who_does_not_depend_on_the_order_of_rows(sample: Database, import_settings: ImportSettings) -> None:
    rows = key_store.read_keys(sample, import_settings)
    rows["company"] = company_labels(rows, import_settings.free_mail_domains)["label"]
    order = list(rows.index)
    random.Random(7).shuffle(order)

    groups = []
    for frame in (rows, rows.loc[order]):
        labels = person_labels(frame)["label"]
        groups.append({frozenset(members) for members in labels.groupby(labels).groups.values()})

    assert groups[0] == groups[1]


def test_one_person_in_workbook_and_export_is_one_contact(team: Team) -> None:
    make_export(team.home.inbox / "alex.zip", connections_csv([connection()]))
    checks = team.add(gtm_row())

    assert all(checks.values())
    assert set(team.people()) == {"Robin Weaver", "Alex Morgan"}
    assert team.verdicts() == {"01.xlsx": (1, 1, 0, 0, 0, 0), "alex.zip": (1, 0, 1, 0, 0, 0)}


def test_ids_stay_when_the_same_people_come_again_in_another_order(team: Team) -> None:
    rows = [gtm_row(), bare(first="Ann", last="Lee"), gtm_row(first="Eve", email="eve@x.example", linkedin=None, website="x.example")]
    team.add(*rows)
    before, companies = team.people(), team.companies()

    team.add(*reversed(rows), bare(first="New", last="Person"))

    assert before.items() <= team.people().items()
    assert len(team.people()) == 4
    assert team.companies() == companies
    assert team.verdicts()["02.xlsx"] == (4, 1, 3, 0, 0, 0)


def test_an_import_of_nothing_new_writes_nothing(team: Team) -> None:
    make_export(team.home.inbox / "alex.zip", connections_csv([connection(), connection(first="Ann", url="")]))
    team.add(gtm_row(), bare(first="Ann"))
    tables = ("contacts", "companies", "contact_sources", "linkedin_connections", "gtm_rows", "linkedin_rows", "import_files")
    before = [list(team.db.table(table).rows) for table in tables]

    team.run()

    assert [list(team.db.table(table).rows) for table in tables] == before


def test_a_row_that_shows_two_contacts_to_be_one_leaves_the_older_and_points_to_it_from_the_younger(team: Team) -> None:
    team.add(bare(email="robin@acme.example"), bare(linkedin="linkedin.com/in/robin", account="Home Office"))
    older, younger = (contact["id"] for contact in team.contacts())
    make_export(team.home.inbox / "alex.zip", connections_csv([connection(url="https://www.linkedin.com/in/robin", company="Home Office")]))
    team.run()
    assert [row["contact_id"] for row in team.db.table("linkedin_connections").rows] == [younger]

    checks = team.add(bare(email="robin@acme.example", linkedin="linkedin.com/in/robin"))

    assert all(checks.values())
    survivor = team.contacts("id = 1")[0]
    assert (survivor["id"], survivor["merged_into"], survivor["linkedin_id"]) == (older, None, "robin")
    assert [(contact["id"], contact["merged_into"], contact["linkedin_id"]) for contact in team.contacts("merged_into IS NOT NULL")] == [
        (younger, older, None)
    ]
    assert {row["contact_id"] for row in team.db.table("contact_sources").rows_where("source <> 'owner'")} == {older}
    ties = {row["contact_id"]: row["is_current"] for row in team.db.table("linkedin_connections").rows}
    assert ties == {older: 1, younger: 0}
    assert team.verdicts()["02.xlsx"] == (1, 0, 1, 0, 0, 0)
    assert team.db.conn.execute("PRAGMA foreign_key_check").fetchall() == []

    before = team.contacts("1 = 1")
    assert all(team.run().values())
    assert team.contacts("1 = 1") == before


def test_a_file_that_is_read_in_another_way_keeps_its_people(team: Team) -> None:
    team.add(gtm_row(title="VP", email=None), gtm_row(first="Ann", title="Buyer", account=None, website=None, email=None, linkedin=None))
    before = team.contacts()
    settings = team.home.config / "imports.yaml"
    text = settings.read_text()

    settings.write_text(text.replace('null_values: [""', 'null_values: ["", VP'))
    assert all(team.run().values())
    assert [(one["id"], one["title"]) for one in team.contacts()] == [(before[0]["id"], None), (before[1]["id"], "Buyer")]

    settings.write_text(text)
    assert all(team.run().values())
    assert [{**one, "updated_at": None} for one in team.contacts()] == [{**one, "updated_at": None} for one in before]


def test_a_chain_of_bridges_ends_at_the_oldest_contact(team: Team) -> None:
    team.add(
        bare(email="robin@a.example", account="A"),
        bare(email="robin@b.example", account="B"),
        bare(linkedin="linkedin.com/in/r", account="C"),
    )
    team.add(bare(email="robin@b.example", linkedin="linkedin.com/in/r", account="B"))
    team.add(bare(email="robin@a.example", linkedin="linkedin.com/in/r", account="A"))

    assert [contact["id"] for contact in team.contacts()] == [1]
    assert {contact["id"]: contact["merged_into"] for contact in team.contacts("merged_into IS NOT NULL")} == {2: 1, 3: 1}
    assert team.contact()["linkedin_id"] == "r"


def test_a_file_that_is_read_late_merges_into_the_contacts_that_came_before(team: Team) -> None:
    """It has the older id from the time when it could not be read."""
    make_workbook(team.home.inbox / "00.xlsx", [("Robin Weaver", "VP Sales", "Acme")], header=("Nom complet", "Title", "Company"))
    team.run()
    team.add(bare(account="Acme"))

    config = team.home.config / "imports.yaml"
    config.write_text(config.read_text(encoding="utf-8").replace("full_name: [", "full_name: [Nom complet, "), encoding="utf-8")
    checks = team.run()

    assert all(checks.values())
    # the other file was read again as well, and said nothing new
    assert team.verdicts() == {"00.xlsx": (1, 0, 1, 0, 0, 0), "01.xlsx": (1, 0, 1, 0, 0, 0)}


def test_people_who_contradict_each_other_stay_two_contacts(team: Team) -> None:
    team.add(
        bare(linkedin="linkedin.com/in/robin"),
        bare(linkedin="linkedin.com/in/robin-2"),
        bare(first="Ann", email="ann@acme.example"),
        bare(first="Ann", email="ann.weaver@acme.example"),
    )

    assert len(team.contacts()) == 4


def test_the_address_of_a_desk_joins_no_colleagues(team: Team) -> None:
    team.add(gtm_row(email="sales@acme.example", linkedin=None), gtm_row(first="Ann", email="sales@acme.example", linkedin=None))

    assert len(team.contacts()) == 2


def test_people_of_one_last_name_in_last_first_order_stay_two(team: Team) -> None:
    """`Smith, John` and `Smith, Ann` were both once read as `Smith`, and were one person then."""
    header = ("Name", "Title", "Company")
    make_workbook(team.home.inbox / "a.xlsx", [("Smith, John", "VP", "Acme"), ("Smith, Ann", "VP", "Acme")], header=header)
    team.run()

    assert set(team.people()) == {"John Smith", "Ann Smith"}


def test_the_newest_workbook_wins_and_a_missing_value_never_does(team: Team) -> None:
    team.add(gtm_row(title="Sales Manager", country="US"))
    team.add(gtm_row(title="VP Sales", country=None))
    make_export(team.home.inbox / "alex.zip", connections_csv([connection(position="Old Title")]))
    team.run()

    contact = next(contact for contact in team.contacts() if contact["full_name"] == "Robin Weaver")
    assert (contact["title"], contact["country"]) == ("VP Sales", "US")


def test_companies_are_known_by_domain_else_by_name_without_legal_form(team: Team) -> None:
    team.add(
        gtm_row(account="Acme Labs Inc."),
        gtm_row(first="Ann", account="ACME LABS", website="https://acmelabs.example/about", linkedin=None, email=None),
        bare(first="Eve", account="Acme Labs"),
        bare(first="Bo", account="Beta GmbH"),
        bare(first="Cy", account="Beta"),
        bare(first="Di", account=None, email="di@gamma.example"),
    )

    assert team.companies() == [(1, "Acme Labs Inc.", "acmelabs.example"), (2, "Beta GmbH", None)]
    assert [contact["company_id"] for contact in team.contacts()] == [1, 1, 1, 2, 2, None]


def test_a_company_whose_domain_becomes_known_keeps_its_id(team: Team) -> None:
    team.add(bare(account="Acme"))
    team.add(gtm_row(first="Ann", account="Acme Inc.", website="acme.example", linkedin=None, email=None))

    assert [(id_, domain) for id_, _, domain in team.companies()] == [(1, "acme.example")]


def test_two_companies_that_turn_out_to_be_one_leave_the_older(team: Team) -> None:
    team.add(bare(account="Acme"))
    make_workbook(
        team.home.inbox / "z.xlsx", [gtm_row(first="Ann", account="Acme Labs", website="acme.example", email=None, linkedin=None)]
    )
    team.run()
    assert len(team.companies()) == 2

    team.add(gtm_row(first="Eve", account="Acme", website="acme.example", email=None, linkedin=None))

    assert [(id_, domain) for id_, _, domain in team.companies()] == [(1, "acme.example")]
    assert [tuple(row) for row in team.db.conn.execute("SELECT id, domain, merged_into FROM companies WHERE merged_into IS NOT NULL")] == [
        (2, None, 1)
    ]
    assert {contact["company_id"] for contact in team.contacts()} == {1}


def test_owners_of_exports_are_contacts_with_ties_to_their_connections(team: Team) -> None:
    messages = csv_text(
        [
            ("FROM", "SENDER PROFILE URL", "RECIPIENT PROFILE URLS", "DATE"),
            ("Alex Morgan", "https://linkedin.com/in/alex", "https://linkedin.com/in/robin-weaver", "2026-02-01 10:00:00 UTC"),
            ("Robin Weaver", "https://linkedin.com/in/robin-weaver", "https://linkedin.com/in/alex", "2026-02-08 10:00:00 UTC"),
        ]
    )
    rows = [connection(), connection(first="Ann", url="https://linkedin.com/in/ann")]
    make_export(team.home.inbox / "alex.zip", connections_csv(rows), messages=messages)
    make_export(team.home.inbox / "sam.zip", connections_csv([connection()]), owner=("Sam", "Bell"))
    team.run()

    ids = team.people()
    ties = {(row["contact_id"], row["connected_to_id"]): row for row in team.db.table("linkedin_connections").rows}
    assert {contact["full_name"] for contact in team.contacts("is_owner = 1")} == {"Alex Morgan", "Sam Bell"}
    assert {pair: row["mutual_connections"] for pair, row in ties.items()} == {
        (ids["Robin Weaver"], ids["Alex Morgan"]): 2,
        (ids["Robin Weaver"], ids["Sam Bell"]): 2,
        (ids["Ann Weaver"], ids["Alex Morgan"]): 1,
    }
    known = ties[ids["Robin Weaver"], ids["Alex Morgan"]]
    assert (known["strength"], known["connection_date"], known["evidence"]) == (
        6.4,
        "2026-02-08",
        '["wrote once, last on 2026-02-08", "was written to once", "connected since 2026-02-08"]',
    )
    assert ties[ids["Ann Weaver"], ids["Alex Morgan"]]["strength"] == 0.5
    assert ties[ids["Robin Weaver"], ids["Sam Bell"]]["strength"] is None


def test_nobody_is_tied_to_themselves(team: Team) -> None:
    invitations = csv_text([("Direction", "inviterProfileUrl"), ("OUTGOING", "https://linkedin.com/in/alex")])
    rows = [connection(first="Alex", last="Morgan", url="https://linkedin.com/in/alex"), connection()]
    make_export(team.home.inbox / "alex.zip", connections_csv(rows), Invitations=invitations)
    team.run()

    assert len(team.contacts()) == 2
    assert team.db.table("linkedin_connections").count == 1


def test_a_loose_connections_file_has_the_owner_that_imports_yaml_names(team: Team) -> None:
    (team.home.inbox / "Connections.csv").write_text(connections_csv([connection()]))
    team.run()
    assert team.db.table("linkedin_connections").count == 0

    config = team.home.config / "imports.yaml"
    config.write_text(config.read_text(encoding="utf-8").replace("owners: {}", "owners: {Connections.csv: Alex Morgan}"), encoding="utf-8")
    team.run()

    assert set(team.people()) == {"Robin Weaver", "Alex Morgan"}
    assert team.db.table("linkedin_connections").count == 1


def test_connections_saved_as_a_workbook_are_an_export_with_the_owner_that_imports_yaml_names(team: Team) -> None:
    config = team.home.config / "imports.yaml"
    config.write_text(config.read_text(encoding="utf-8").replace("owners: {}", "owners: {My.xlsx: Alex Morgan}"), encoding="utf-8")
    make_workbook(team.home.inbox / "My.xlsx", [connection()], header=CONNECTIONS_HEADER)
    team.run()

    assert set(team.people()) == {"Robin Weaver", "Alex Morgan"}
    assert team.db.table("linkedin_connections").count == 1
    assert (team.db.table("gtm_rows").count, team.db.table("linkedin_rows").count) == (0, 1)
    (file,) = team.db.table("import_files").rows
    assert (file["kind"], file["rejected"], file["error"]) == ("linkedin_export", 0, None)

    team.run()
    assert team.db.table("import_files").count == 1, "it is read once, whatever its ending says"


def test_refused_connections_stand_in_a_workbook_that_can_be_corrected_and_dropped_in_again(team: Team) -> None:
    """The workbook is no export: whom the colleague knows stays what the export says."""
    closed = connection(first="", last="", url="", company="", position="")
    shifted = ["Carl", "Jones", "https://www.linkedin.com/in/carl", "", "Acme", " CEO", " extra", "03 Jan 2026"]
    make_export(team.home.inbox / "export.zip", connections_csv([connection(), closed, shifted]))
    team.run()
    assert set(team.people()) == {"Robin Weaver", "Alex Morgan"}

    (path,) = (team.home.exports / "rejects").iterdir()
    workbook = load_workbook(path)
    sheet = workbook["Connections.csv"]
    assert sheet.max_row == 2, "of a closed profile nothing can be corrected"
    assert [cell.value for cell in sheet[1]][:8] == [REASON_HEADER, *CONNECTIONS_HEADER]
    assert [cell.value for cell in sheet[2]] == ["row 3: has 8 cells where the header has 7", *[cell or None for cell in shifted]]
    page = next((team.home.reports / "imports").iterdir()).read_text(encoding="utf-8")
    assert path.name in page
    assert "told by a whole export alone" in page

    for column, text in ((7, "CEO"), (8, "03 Jan 2026"), (9, None)):
        sheet.cell(2, column).value = text
    workbook.save(team.home.inbox / path.name)
    team.run()

    assert set(team.people()) == {"Robin Weaver", "Alex Morgan", "Carl Jones"}
    ties = [(row["contact_id"], row["is_current"]) for row in team.db.table("linkedin_connections").rows]
    assert ties == [(team.people()["Robin Weaver"], 1)]
    assert team.verdicts()[path.name] == (1, 1, 0, 0, 0, 0)


def test_an_empty_inbox_makes_empty_tables(team: Team) -> None:
    assert all(team.run().values())
    assert team.contacts() == []
    assert team.companies() == []


def test_a_file_that_cannot_be_read_fails_the_check_and_nothing_else(team: Team) -> None:
    (team.home.inbox / "broken.xlsx").write_text("no workbook")

    checks = team.add(gtm_row())

    assert checks == {"every_file_was_read": False, "contacts_are_unique": True, "every_row_is_accounted_for": True}
    assert len(team.contacts()) == 1


def test_a_corrected_row_stays_the_same_person(team: Team) -> None:
    """The file is dropped in again under its name, with the address corrected."""
    path = team.home.inbox / "list.xlsx"
    make_workbook(path, [gtm_row(linkedin=None, email="robin.waever@acmelabs.example")])
    team.run()
    make_workbook(path, [gtm_row(linkedin=None, email="robin.weaver@acmelabs.example")])
    team.run()
    assert len(team.contacts()) == 1


def test_an_owner_without_a_known_profile_is_found_in_a_colleagues_export(team: Team) -> None:
    alex = connection(first="Alex", last="Morgan", url="https://www.linkedin.com/in/alex-m")
    make_export(team.home.inbox / "alex.zip", connections_csv([connection()]), owner=("Alex", "Morgan"))
    make_export(team.home.inbox / "sam.zip", connections_csv([alex]), owner=("Sam", "Rivera"))
    team.run()
    owners = {contact["full_name"] for contact in team.contacts("is_owner = 1")}
    assert owners == {"Alex Morgan", "Sam Rivera"}
    assert len(team.contacts("full_name = 'Alex Morgan'")) == 1
