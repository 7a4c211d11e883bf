"""Decisions about who is one: obeyed, and taken back without a trace."""

import random
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Literal, NamedTuple

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from liendea_assets.core.errors import Contradiction, UnknownRecord
from liendea_assets.core.home import Home
from liendea_assets.db.connection import Database
from liendea_assets.db.migrations import open_migrated
from liendea_assets.imports import decision_store, landing, merges
from liendea_assets.imports.companies import update_companies
from liendea_assets.imports.merges import Author
from liendea_assets.imports.people import update_contacts
from liendea_assets.imports.reviews import update_reviews
from liendea_assets.imports.settings import ImportSettings
from liendea_assets_tests.builders import GTM_HEADER, connection, connections_csv, csv_text, gtm_row, make_export, make_workbook
from liendea_assets_tests.conftest import VirtualClock

ME = Author("user")
TABLES = ("companies", "contacts", "company_sources", "contact_sources", "gtm_rows", "linkedin_rows", "merge_reviews", "import_files")


class Desk:
    """An inbox, its database, and the steps of an import."""

    def __init__(self, root: Path, import_settings: ImportSettings, clock: VirtualClock) -> None:
        self.home, self.settings, self.clock = Home(root), import_settings, clock
        self.db: Database = open_migrated(root / "data" / "liendea.db")

    def run(self) -> None:
        self.clock.sleep(60)
        kinds = ("gtm_workbook", "gtm_csv", "linkedin_export")
        landing.take_in(self.db, self.home.inbox, kinds, self.settings, self.clock, lambda _done, _total: None)
        update_companies(self.db, self.settings, self.clock)
        update_contacts(self.db, self.settings, self.clock)
        update_reviews(self.db, self.settings)

    def look_at_everything_again(self) -> None:
        """As after a change of settings: nothing is taken from what was known."""
        with self.db.conn:
            self.db.conn.execute("UPDATE identity_state SET version = 'another'")
        self.run()

    def content(self) -> dict[str, list[tuple[object, ...]]]:
        """Every table concerned without times of writing."""
        found = {}
        for table in TABLES:
            names = [column.name for column in self.db.table(table).columns if column.name not in ("created_at", "updated_at", "read_at")]
            found[table] = sorted((tuple(row[name] for name in names) for row in self.db.table(table).rows), key=repr)
        return found

    def contacts(self) -> dict[str, int]:
        """Ids of the contacts that are not part of another, by name."""
        return {row["full_name"]: row["id"] for row in self.db.table("contacts").rows_where("merged_into IS NULL")}

    def ids(self, entity: merges.Entity) -> list[int]:
        """Ids of the contacts or companies that are not part of another."""
        table = {"contact": "contacts", "company": "companies"}[entity]
        return [row["id"] for row in self.db.table(table).rows_where("merged_into IS NULL", order_by="id")]

    def rows_to_part(self, entity: merges.Entity) -> list[tuple[str, int]]:
        """Rows that are part of a contact or company, and gave no id."""
        rows = self.db.table(f"{entity}_sources").rows_where("anchor_of IS NULL", order_by="source, row_id")
        return [(row["source"], row["row_id"]) for row in rows]

    def groups(self) -> set[frozenset[tuple[object, ...]]]:
        """Which source rows, by what they say, are one contact; whatever the ids."""
        rows = self.db.conn.execute(
            """
            SELECT s.contact_id, coalesce(g.row_hash, l.row_hash), count(*)
            FROM contact_sources s
            LEFT JOIN gtm_rows g ON s.source = 'gtm' AND g.id = s.row_id
            LEFT JOIN linkedin_rows l ON s.source = 'linkedin' AND l.id = s.row_id
            WHERE s.source <> 'owner'
            GROUP BY 1, 2
            """
        )
        members: dict[int, set[tuple[object, ...]]] = {}
        for contact, *row in rows:
            members.setdefault(contact, set()).add(tuple(row))
        return {frozenset(one) for one in members.values()}


@pytest.fixture
def desk(tmp_path: Path, import_settings: ImportSettings, clock: VirtualClock) -> Desk:
    return Desk(tmp_path, import_settings, clock)


def two_people(desk: Desk) -> tuple[int, int]:
    """Robin at Acme and Robyn at Apex, who share nothing."""
    make_workbook(
        desk.home.inbox / "a.xlsx",
        [gtm_row(), gtm_row(first="Robyn", account="Apex", website="apex.example", email="robyn@apex.example", linkedin=None)],
    )
    desk.run()
    found = desk.contacts()
    return found["Robin Weaver"], found["Robyn Weaver"]


def test_two_that_a_human_says_are_one_become_one_and_the_younger_leads_to_the_older(desk: Desk) -> None:
    left, right = two_people(desk)

    merges.decide(desk.db, "contact", "same", right, left, ME, desk.clock)
    desk.run()

    assert list(desk.contacts().values()) == [left]
    assert [row["merged_into"] for row in desk.db.table("contacts").rows_where("id = ?", [right])] == [left]
    reasons = [row["evidence"] for row in desk.db.table("contact_sources").rows]
    assert reasons == ["decided by a human", "decided by a human"]


def test_what_is_decided_and_undone_leaves_no_trace(desk: Desk) -> None:
    left, right = two_people(desk)
    before = desk.content()

    decision = merges.decide(desk.db, "contact", "same", left, right, ME, desk.clock)
    desk.run()
    assert desk.content() != before
    assert decision is not None
    assert merges.undo(desk.db, decision, desk.clock)
    desk.run()

    assert desk.content() == before
    assert not merges.undo(desk.db, decision, desk.clock)


def test_one_that_a_human_parts_is_two_and_whole_again_when_that_is_undone(desk: Desk) -> None:
    make_workbook(desk.home.inbox / "a.xlsx", [gtm_row(), gtm_row(title="Buyer", email=None)])
    desk.run()
    before = desk.content()
    rows = [row["row_id"] for row in desk.db.table("contact_sources").rows_where("anchor_of IS NULL")]

    decision = merges.part_row(desk.db, "contact", "gtm", rows[0], ME, desk.clock)
    desk.run()
    assert len([*desk.db.table("contacts").rows_where("merged_into IS NULL")]) == 2
    assert decision is not None
    merges.undo(desk.db, decision, desk.clock)
    desk.run()

    after = desk.content()
    # the id of the part that was a contact for a while is never given again; it leads to the whole
    assert [row for row in after["contacts"] if row not in before["contacts"]] == [row for row in after["contacts"] if row[-1] is not None]
    assert [row[:4] for row in after["contact_sources"]] == [row[:4] for row in before["contact_sources"]]
    assert after["companies"] == before["companies"]


def test_a_decision_holds_when_more_rows_come(desk: Desk) -> None:
    left, right = two_people(desk)
    merges.decide(desk.db, "contact", "same", left, right, ME, desk.clock)
    desk.run()
    make_export(desk.home.inbox / "e.zip", connections_csv([connection(), connection(first="Robyn", url="", company="Apex")]))
    desk.run()

    assert [id_ for name, id_ in desk.contacts().items() if name != "Alex Morgan"] == [left]


def test_the_newest_of_two_contrary_decisions_counts(desk: Desk) -> None:
    left, right = two_people(desk)
    merges.decide(desk.db, "contact", "same", left, right, ME, desk.clock)
    merges.decide(desk.db, "contact", "different", left, right, ME, desk.clock)
    desk.run()

    assert desk.contacts() == {"Robin Weaver": left, "Robyn Weaver": right}
    assert [(row["decision"], row["undone_at"] is None) for row in desk.db.table("merge_decisions").rows] == [
        ("same", False),
        ("different", True),
    ]


def test_undoing_a_decision_puts_the_one_that_it_replaced_in_force_again(desk: Desk) -> None:
    left, right = two_people(desk)
    merges.decide(desk.db, "contact", "same", left, right, ME, desk.clock)
    desk.run()
    merged = desk.content()
    merges.decide(desk.db, "contact", "different", left, right, ME, desk.clock)
    desk.run()
    assert len(desk.contacts()) == 2
    merges.undo(desk.db, 2, desk.clock)
    desk.run()

    assert desk.content() == merged
    assert merges.undo(desk.db, 1, desk.clock)
    assert not merges.undo(desk.db, 2, desk.clock)
    desk.run()
    assert len(desk.contacts()) == 2


def test_a_replaced_decision_that_is_taken_back_does_not_return(desk: Desk) -> None:
    left, right = two_people(desk)
    merges.decide(desk.db, "contact", "same", left, right, ME, desk.clock)
    merges.decide(desk.db, "contact", "different", left, right, ME, desk.clock)
    merges.decide(desk.db, "contact", "same", left, right, ME, desk.clock)

    # of the three the middle one, and then the last: the first counts again
    assert merges.undo(desk.db, 2, desk.clock)
    assert not merges.undo(desk.db, 2, desk.clock)
    merges.undo(desk.db, 3, desk.clock)
    assert [row["id"] for row in desk.db.table("merge_decisions").rows_where("undone_at IS NULL")] == [1]

    merges.decide(desk.db, "contact", "different", left, right, ME, desk.clock)
    assert merges.undo(desk.db, 1, desk.clock)
    merges.undo(desk.db, 4, desk.clock)
    assert [*desk.db.table("merge_decisions").rows_where("undone_at IS NULL")] == []


def three_people(desk: Desk) -> None:
    people = [gtm_row(first=one, account=one, website=None, email=f"{one}@{one}.example", linkedin=None) for one in ("Ann", "Bob", "Cid")]
    make_workbook(desk.home.inbox / "a.xlsx", people)
    desk.run()


def test_a_decision_that_contradicts_a_chain_of_others_is_refused_with_their_ids(desk: Desk) -> None:
    three_people(desk)
    merges.decide(desk.db, "contact", "same", 1, 2, ME, desk.clock)
    merges.decide(desk.db, "contact", "same", 3, 2, ME, desk.clock)

    with pytest.raises(Contradiction, match=r"contact 1 and 3 cannot be different: decision 1, decision 2 .*`liendea merges undo 2`"):
        merges.decide(desk.db, "contact", "different", 1, 3, ME, desk.clock)
    # companies of these numbers are another matter, and so is the contrary about the very same two
    assert merges.decide(desk.db, "company", "different", 1, 3, ME, desk.clock) == 3
    assert merges.decide(desk.db, "contact", "different", 2, 3, ME, desk.clock) == 4
    assert merges.decide(desk.db, "contact", "different", 1, 3, ME, desk.clock) == 5
    with pytest.raises(Contradiction, match=r"decision 2, which comes back when decision 4 is undone, .*: decision 1, decision 5 "):
        merges.undo(desk.db, 4, desk.clock)
    merges.undo(desk.db, 5, desk.clock)
    merges.undo(desk.db, 4, desk.clock)
    desk.run()
    assert list(desk.contacts().values()) == [1]


def test_companies_are_merged_parted_and_restored_alike(desk: Desk) -> None:
    two_people(desk)
    before = desk.content()
    acme, apex = (row["id"] for row in desk.db.table("companies").rows)

    decision = merges.decide(desk.db, "company", "same", acme, apex, ME, desk.clock)
    desk.run()
    assert [row["merged_into"] for row in desk.db.table("companies").rows] == [None, acme]
    assert {row["company_id"] for row in desk.db.table("contacts").rows} == {acme}
    assert decision is not None
    merges.undo(desk.db, decision, desk.clock)
    desk.run()

    assert desk.content() == before


def test_a_row_without_a_companys_name_is_parted_from_its_company(desk: Desk) -> None:
    make_workbook(desk.home.inbox / "a.xlsx", [gtm_row(), gtm_row(first="Ann", account=None, email=None, linkedin=None)])
    desk.run()
    (parted,) = desk.rows_to_part("company")
    merges.part_row(desk.db, "company", *parted, ME, desk.clock)
    desk.run()

    companies = [*desk.db.table("companies").rows]
    assert [row["domain"] is None for row in companies] == [False, True]
    assert companies[1]["name"] == companies[0]["domain"]


def test_a_likely_pair_is_listed_with_its_evidence_until_it_is_decided(desk: Desk) -> None:
    make_workbook(
        desk.home.inbox / "a.xlsx",
        [gtm_row(), gtm_row(account="Apex", website="apex.example", email="robin@apex.example", linkedin=None)],
    )
    desk.run()
    (review,) = desk.db.table("merge_reviews").rows

    assert (review["entity"], review["left_id"], review["right_id"]) == ("contact", 1, 2)
    assert '"same name"' in review["evidence"]
    merges.decide(desk.db, "contact", "different", 1, 2, ME, desk.clock)
    desk.run()
    assert decision_store.list_reviews(desk.db).empty


@pytest.mark.parametrize(("left", "right", "message"), [(1, 1, "contact 1 twice"), (1, 9, "no contact 9"), (-1, 1, "no contact -1")])
def test_a_decision_about_nobody_says_so(desk: Desk, left: int, right: int, message: str) -> None:
    two_people(desk)

    with pytest.raises(UnknownRecord, match=message):
        merges.decide(desk.db, "contact", "same", left, right, ME, desk.clock)


def test_a_contact_keeps_the_row_that_it_has_its_id_from(desk: Desk) -> None:
    two_people(desk)

    with pytest.raises(UnknownRecord, match="contact 1 has its id from row gtm:1"):
        merges.part_row(desk.db, "contact", "gtm", 1, ME, desk.clock)
    with pytest.raises(UnknownRecord, match="no row linkedin:5 made a contact"):
        merges.part_row(desk.db, "contact", "linkedin", 5, ME, desk.clock)
    with pytest.raises(UnknownRecord, match="no decision 4"):
        merges.undo(desk.db, 4, desk.clock)


ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "first": st.sampled_from(["Robin", "Rob", "R.", "Ann"]),
            "account": st.sampled_from(["Acme", "Acme Inc.", "Apex", None]),
            "website": st.sampled_from(["acme.example", "apex.example", None]),
            "email": st.sampled_from(["robin@acme.example", "r@apex.example", "ann@acme.example", "info@acme.example", None]),
            "linkedin": st.sampled_from([f"https://www.linkedin.com/in/{slug}" for slug in ("robin", "ann")] + [None]),
            "title": st.sampled_from(["VP", "Buyer"]),
        }
    ),
    min_size=1,
    max_size=8,
)
FILES = st.lists(ROWS, min_size=1, max_size=3)


def drop(desk: Desk, files: Sequence[list[dict[str, object]]], order: Sequence[int]) -> None:
    """The files in this order, an import after each; a column tells them apart, since equal content is read once.

    As CSV, which needs no process of its own to read.
    """
    desk.home.inbox.mkdir(parents=True, exist_ok=True)
    for place in order:
        rows = [gtm_row(**row, industry=f"Industry {place}") for row in files[place]]
        text = csv_text([GTM_HEADER, *[["" if cell is None else str(cell) for cell in row] for row in rows]])
        (desk.home.inbox / f"{place}.csv").write_text(text, encoding="utf-8")
        desk.run()


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(FILES, st.randoms(use_true_random=False))
def test_the_order_of_rows_and_files_makes_no_difference_to_who_is_who(
    tmp_path_factory: pytest.TempPathFactory, import_settings: ImportSettings, files: list[list[dict[str, object]]], rng: random.Random
) -> None:
    one = Desk(tmp_path_factory.mktemp("one"), import_settings, VirtualClock())
    other = Desk(tmp_path_factory.mktemp("other"), import_settings, VirtualClock())
    shuffled = [rng.sample(rows, len(rows)) for rows in files]
    drop(one, files, range(len(files)))
    drop(other, shuffled, rng.sample(range(len(files)), len(files)))

    assert one.groups() == other.groups()
    for desk in (one, other):
        desk.db.conn.close()


ROBIN = "https://www.linkedin.com/in/robin"
ANN = "https://www.linkedin.com/in/ann"


def row(
    first: str, email: str | None, linkedin: str | None = None, website: str | None = "acme.example", title: str = "VP"
) -> dict[str, object]:
    return {"first": first, "account": "Acme", "website": website, "email": email, "linkedin": linkedin, "title": title}


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
# a profile moves from a contact that was known to a new one
@example(
    files=[
        [
            *[row("Robin", "robin@acme.example")] * 2,
            row("Robin", "r@apex.example", ROBIN, "apex.example", "Buyer"),
            row("Robin", "r@apex.example", ROBIN, None),
            row("Rob", "robin@acme.example", ROBIN),
            row("Robin", "robin@acme.example"),
        ],
        [row("Robin", "robin@acme.example", ANN)] * 2,
    ],
    decisions=[],
)
@given(FILES, st.lists(st.tuples(st.sampled_from(["same", "different"]), st.integers(0, 5), st.integers(0, 5)), max_size=3))
def test_looking_only_at_what_changed_gives_what_looking_at_everything_gives(
    tmp_path_factory: pytest.TempPathFactory,
    import_settings: ImportSettings,
    files: list[list[dict[str, object]]],
    decisions: list[tuple[merges.Verdict, int, int]],
) -> None:
    desk = Desk(tmp_path_factory.mktemp("desk"), import_settings, VirtualClock())
    drop(desk, files, range(len(files)))
    for decision, left, right in decisions:
        ids = sorted(desk.contacts().values())
        if left < right < len(ids):
            with suppress(Contradiction):
                merges.decide(desk.db, "contact", decision, ids[left], ids[right], ME, desk.clock)
            desk.run()
    found = desk.content()

    desk.run()
    assert desk.content() == found, "importing again changes nothing"
    desk.look_at_everything_again()
    assert desk.content() == found
    desk.db.conn.close()


class Choice(NamedTuple):
    """A decision about the two at these places of those that there are: contacts, or companies; `part` is about a row of a contact."""

    entity: merges.Entity
    word: Literal["same", "different", "part"]
    left: int
    right: int

    def decide(self, desk: Desk) -> int | None:
        if self.word == "part":
            rows = desk.rows_to_part(self.entity)
            with suppress(Contradiction):
                return merges.part_row(desk.db, self.entity, *rows[self.left], ME, desk.clock) if self.left < len(rows) else None
            return None
        ids = desk.ids(self.entity)
        if not self.left < self.right < len(ids):
            return None
        with suppress(Contradiction):
            return merges.decide(desk.db, self.entity, self.word, ids[self.left], ids[self.right], ME, desk.clock)
        return None


CHOICES = st.lists(
    st.builds(Choice, st.sampled_from(["contact", "company"]), st.sampled_from(["same", "different", "part"]), st.integers(0, 3), st.integers(0, 3)),
    min_size=1,
    max_size=3,
)  # fmt: skip
APART = [{"first": first, "account": first, "website": None, "email": None, "linkedin": None, "title": "VP"} for first in ("Ann", "Rob")]


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(files=[APART], choices=[Choice("contact", "same", 0, 1), Choice("contact", "different", 0, 1), Choice("contact", "same", 0, 1)])
@example(files=[APART], choices=[Choice("company", "same", 0, 1), Choice("company", "different", 0, 1)])
@example(files=[[row("Robin", "robin@acme.example")] * 2], choices=[Choice("contact", "part", 0, 0), Choice("company", "part", 0, 0)])
# one that was part of another already is one of its own for a while, and gains a row
@example(
    files=[
        [row("Robin", "robin@acme.example", ROBIN)],
        [row("Robin", "robin@acme.example", ROBIN), row("Rob", None), row("Robin", "robin@acme.example", ROBIN)],
        [row("Robin", "robin@acme.example", ROBIN), row("Rob", "robin@acme.example", ROBIN)],
    ],
    choices=[Choice("contact", "part", 0, 0)],
)
@given(FILES, CHOICES)
def test_decisions_that_are_undone_in_reverse_order_are_as_if_nothing_had_been(
    tmp_path_factory: pytest.TempPathFactory, import_settings: ImportSettings, files: list[list[dict[str, object]]], choices: list[Choice]
) -> None:
    """But for the id of a part that was one of its own for a while: it is never given again, and leads to the whole."""
    desk = Desk(tmp_path_factory.mktemp("desk"), import_settings, VirtualClock())
    drop(desk, files, range(len(files)))
    states = [desk.content()]
    made = []
    for choice in choices:
        decision = choice.decide(desk)
        if decision is not None:
            desk.run()
            made.append(decision)
            states.append(desk.content())
    for decision in reversed(made):
        states.pop()
        assert merges.undo(desk.db, decision, desk.clock)
        desk.run()
        assert_restored(desk.content(), states[-1])
    desk.db.conn.close()


def assert_restored(after: dict[str, list[tuple[object, ...]]], before: dict[str, list[tuple[object, ...]]]) -> None:
    """The same but for ids that are new and lead to others, and for rows that gave one of these."""
    for entity, sources in (("contacts", "contact_sources"), ("companies", "company_sources")):
        added = [one for one in after[entity] if one not in before[entity]]
        assert [one for one in after[entity] if one not in added] == before[entity]
        assert all(one[-1] is not None for one in added)
        given = {one[0] for one in added}
        assert [(*one[:-1], None if one[-1] in given else one[-1]) for one in after[sources]] == before[sources]
    tables = set(TABLES) - {"contacts", "companies", "contact_sources", "company_sources"}
    assert {table: after[table] for table in tables} == {table: before[table] for table in tables}
