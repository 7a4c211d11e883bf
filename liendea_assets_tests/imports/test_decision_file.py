"""Lists of decisions from the inbox: obeyed, compared with their former versions, refused with reasons, and all accounted for."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from liendea_assets.core.errors import UnreadableFile
from liendea_assets.core.home import Home
from liendea_assets.db.migrations import open_migrated
from liendea_assets.imports import decision_file_store, file_account_store, landing, merges
from liendea_assets.imports.companies import update_companies
from liendea_assets.imports.decision_file import DECISION_WORDS, ENTITY_WORDS, check_decisions, holds_decisions, words_of
from liendea_assets.imports.headers import to_part
from liendea_assets.imports.merges import Author
from liendea_assets.imports.model import SourceFile
from liendea_assets.imports.people import update_contacts
from liendea_assets.imports.review_export import EXPORT_COLUMNS, export_reviews
from liendea_assets.imports.reviews import update_reviews
from liendea_assets.imports.settings import ImportSettings
from liendea_assets_tests.builders import csv_text, gtm_row, make_workbook
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.imports.stage import import_inbox
from liendea_assets_tests.imports.test_merges import Desk

ME = Author("user")
HEADER = ("entity", "left_id", "right_id", "decision")
KINDS = ("gtm_workbook", "gtm_csv", "linkedin_export", "merge_decisions", "unknown")
FIELDS = dict(enumerate(HEADER))


class Inbox(Desk):
    """A desk that three contacts at three companies are known at, and its lists of decisions."""

    def __init__(self, root: Path, import_settings: ImportSettings, clock: VirtualClock) -> None:
        super().__init__(root, import_settings, clock)
        people = [
            gtm_row(first=first, account=account, website=f"{account}.example".lower(), email=f"{first}@{account}.example", linkedin=None)
            for first, account in (("Ann", "Acme"), ("Bob", "Apex"), ("Cid", "Orbit"))
        ]
        make_workbook(self.home.inbox / "people.xlsx", people)
        self.run()

    def run(self) -> None:
        self.clock.sleep(60)
        landing.take_in(self.db, self.home.inbox, KINDS, self.settings, self.clock, lambda _done, _total: None, self.rejects)
        update_companies(self.db, self.settings, self.clock)
        update_contacts(self.db, self.settings, self.clock)
        update_reviews(self.db, self.settings)
        assert decision_file_store.miscounted_files(self.db) == []
        assert file_account_store.miscounted_files(self.db) == []

    @property
    def rejects(self) -> Path:
        return self.home.root / "rejects"

    def drop(self, rows: Sequence[Sequence[object]], name: str = "list.xlsx", header: Sequence[str] = HEADER) -> None:
        """A list as it is saved now, taken in and obeyed."""
        if name.endswith(".csv"):
            text = csv_text([header, *[["" if cell is None else str(cell) for cell in row] for row in rows]])
            (self.home.inbox / name).write_text(text, encoding="utf-8")
        else:
            make_workbook(self.home.inbox / name, rows, header, sheet="Decisions")
        self.run()

    def in_force(self) -> list[tuple[str, int, int, str]]:
        """Decision, ids as they were, and where it came from."""
        rows = self.db.table("merge_decisions").rows_where("undone_at IS NULL", order_by="id")
        return [(row["decision"], row["left_id"], row["right_id"], row["decided_by"]) for row in rows]

    def account(self, name: str = "list.xlsx") -> dict[str, int]:
        """The row account of the newest version of a list."""
        (row,) = self.db.table("import_files").rows_where("name = ? AND replaced_by IS NULL", [name])
        assert row["kind"] == "merge_decisions"
        assert row["rows"] == row["imported"] + row["merged"] + row["rejected"] + row["blank"]
        return {name: row[name] for name in ("imported", "merged", "rejected", "blank") if row[name]}

    def refusals(self) -> list[tuple[int, str | None, str | None, str]]:
        rows = self.db.table("import_rejections").rows_where(order_by="row_number, id")
        return [(row["row_number"], row["column_name"], row["value_class"], row["reason"]) for row in rows]


@pytest.fixture
def inbox(tmp_path: Path, import_settings: ImportSettings, clock: VirtualClock) -> Inbox:
    return Inbox(tmp_path, import_settings, clock)


@pytest.mark.parametrize("name", ["list.xlsx", "list.csv"])
def test_a_list_is_obeyed_by_the_same_import_that_takes_it_in(inbox: Inbox, name: str) -> None:
    inbox.drop([("contact", 1, 2, "same"), ("contact", 1, 3, None), ("company", 2, 3, "Different")], name)

    assert sorted(inbox.contacts().values()) == [1, 3]
    place = "Decisions row 2" if name == "list.xlsx" else "row 1"
    assert inbox.in_force()[0] == ("same", 1, 2, f"{name}, {place}")
    assert [row["origin"] for row in inbox.db.table("merge_decisions").rows] == ["file", "file"]
    assert inbox.account(name) == {"imported": 2, "blank": 1}


def test_the_same_file_again_and_a_copy_of_it_change_nothing(inbox: Inbox) -> None:
    inbox.drop([("contact", 1, 2, "same")])
    before = inbox.content(), list(inbox.db.table("merge_decisions").rows)
    inbox.run()
    (inbox.home.inbox / "copy.xlsx").write_bytes((inbox.home.inbox / "list.xlsx").read_bytes())
    inbox.run()

    assert (inbox.content(), list(inbox.db.table("merge_decisions").rows)) == before


def test_a_decision_that_was_changed_and_saved_counts_instead_of_the_former_one(inbox: Inbox) -> None:
    inbox.drop([("contact", 1, 2, "same"), ("contact", 2, 3, "different")])
    inbox.drop([("contact", 1, 2, "different"), ("contact", 2, 3, "different")])

    assert [decision[:3] for decision in inbox.in_force()] == [("different", 2, 3), ("different", 1, 2)]
    assert len(inbox.contacts()) == 3
    assert inbox.account() == {"imported": 1, "merged": 1}


def test_a_row_that_is_emptied_takes_its_decision_back_and_the_former_contacts_are_there_again(inbox: Inbox) -> None:
    inbox.drop([("contact", 1, 2, None), ("company", 1, 2, None)])
    before = inbox.content()
    inbox.drop([("contact", 1, 2, "same"), ("company", 1, 2, "same")])
    assert sorted(inbox.contacts().values()) == [1, 3]
    inbox.drop([("contact", 1, 2, ""), ("company", 1, 2, "n/a")])

    assert inbox.in_force() == []
    after = inbox.content()
    assert {table: rows for table, rows in after.items() if table != "import_files"} == {
        table: rows for table, rows in before.items() if table != "import_files"
    }
    assert inbox.account() == {"blank": 2}


def test_a_row_that_is_gone_says_nothing(inbox: Inbox) -> None:
    """A list that is exported again has no row about what is decided."""
    inbox.drop([("contact", 1, 2, "same")])
    inbox.drop([("contact", 1, 3, None)])
    assert len(inbox.in_force()) == 1

    # and what it said is still known when the row is back, empty
    inbox.drop([("contact", 2, 1, None)])
    assert inbox.in_force() == []


def test_what_was_undone_stays_undone_until_the_list_says_something_else(inbox: Inbox) -> None:
    inbox.drop([("contact", 1, 2, "same"), ("contact", 2, 3, None)])
    merges.undo(inbox.db, 1, inbox.clock)
    inbox.run()
    assert len(inbox.contacts()) == 3

    # as it is, and with another row changed
    inbox.drop([("contact", 1, 2, "same"), ("contact", 2, 3, None)], "list.xlsx")
    inbox.drop([("contact", 1, 2, "same"), ("contact", 2, 3, "different")])
    assert [decision[:3] for decision in inbox.in_force()] == [("different", 2, 3)]

    inbox.drop([("contact", 1, 2, None), ("contact", 2, 3, "different")])
    inbox.drop([("contact", 1, 2, "same"), ("contact", 2, 3, "different")])
    assert [decision[0] for decision in inbox.in_force()] == ["different", "same"]


def test_a_former_version_that_comes_back_is_compared_with_the_newest_one(inbox: Inbox) -> None:
    path = inbox.home.inbox / "list.xlsx"
    inbox.drop([("contact", 1, 2, "same"), ("contact", 1, 3, "same")])
    former = path.read_bytes()
    merges.undo(inbox.db, 2, inbox.clock)
    inbox.drop([("contact", 1, 2, "different")])
    path.write_bytes(former)
    inbox.run()

    # the pair that the newer version did not name is as it was left
    assert [decision[:3] for decision in inbox.in_force()] == [("same", 1, 2)]
    assert inbox.account() == {"imported": 1, "merged": 1}


def test_the_newest_of_list_and_command_counts_and_an_emptied_row_takes_back_nobody_elses_decision(inbox: Inbox) -> None:
    inbox.drop([("contact", 1, 2, "same"), ("contact", 2, 3, "same")])
    merges.decide(inbox.db, "contact", "different", 2, 1, ME, inbox.clock)
    inbox.run()
    assert [decision[0] for decision in inbox.in_force()] == ["same", "different"]
    inbox.drop([("contact", 1, 2, None), ("contact", 2, 3, "same")])

    assert [(decision[0], decision[3]) for decision in inbox.in_force()] == [
        ("same", "list.xlsx, Decisions row 3"),
        ("different", "user"),
    ]


def test_an_emptied_row_puts_the_decision_that_its_list_replaced_in_force_again(inbox: Inbox) -> None:
    merges.decide(inbox.db, "contact", "same", 1, 2, ME, inbox.clock)
    inbox.drop([("contact", 1, 2, "different"), ("contact", 1, 3, None)])
    assert len(inbox.contacts()) == 3
    inbox.drop([("contact", 1, 2, None), ("contact", 1, 3, None)])

    assert inbox.in_force() == [("same", 1, 2, "user")]
    assert sorted(inbox.contacts().values()) == [1, 3]


def test_what_a_list_said_before_does_not_come_back_with_another_decision_that_is_undone(inbox: Inbox) -> None:
    inbox.drop([("contact", 1, 2, "same")])
    decision = merges.decide(inbox.db, "contact", "different", 1, 2, ME, inbox.clock)
    inbox.drop([("contact", 1, 2, None)])
    assert decision is not None
    merges.undo(inbox.db, decision, inbox.clock)

    assert inbox.in_force() == []


def test_what_is_decided_already_is_not_decided_again(inbox: Inbox) -> None:
    merges.decide(inbox.db, "contact", "same", 1, 2, ME, inbox.clock)
    inbox.drop([("contact", 2, 1, "same"), ("contact", 3, 1, "different"), ("contact", 1, 3, "different")])

    assert len(inbox.in_force()) == 2
    assert inbox.account() == {"imported": 1, "merged": 2}
    # it is the list's decision in both rows, and taken back where both are empty
    inbox.drop([("contact", 2, 1, None), ("contact", 3, 1, None), ("contact", 1, 3, None)])
    assert [decision[3] for decision in inbox.in_force()] == ["user"]


def test_bad_rows_are_refused_with_place_and_what_is_allowed_and_the_rest_goes_on(inbox: Inbox) -> None:
    inbox.drop(
        [
            ("contact", 1, 99, "same"),
            ("contact", 1, 2, "perhaps"),
            ("contact", 3, 3, "same"),
            ("dog", "x", None, "same"),
            ("contact", 2, 3, "different"),
            (None, None, None, None),
            ("dog", "x", None, None),
        ]
    )

    assert inbox.refusals() == [
        (2, "right_id", "number", "no contact of this id that came from a source row"),
        (3, "decision", "text", "unknown word; allowed are same, different, or an empty cell"),
        (4, "right_id", "number", "the same id twice; a decision is about two of them"),
        (5, "entity", "text", "unknown word; allowed are contact, company"),
        (5, "left_id", "text", "not an id; allowed is the number of a contact or company"),
        (5, "right_id", "nothing", "not an id; allowed is the number of a contact or company"),
    ]
    assert [decision[:3] for decision in inbox.in_force()] == [("different", 2, 3)]
    assert inbox.account() == {"imported": 1, "rejected": 4, "blank": 2}


def test_refused_rows_are_corrected_in_their_own_workbook_and_dropped_in_again(inbox: Inbox) -> None:
    inbox.drop([("contact", 1, 2, "sane"), ("contact", 2, 3, "different")])
    (path,) = inbox.rejects.iterdir()
    workbook = load_workbook(path)
    sheet = workbook["Decisions"]
    assert [cell.value for cell in sheet[2]][1:] == ["contact", "1", "2", "sane"]
    sheet["E2"] = "same"
    workbook.save(inbox.home.inbox / path.name)
    inbox.run()

    assert [decision[:3] for decision in inbox.in_force()] == [("different", 2, 3), ("same", 1, 2)]
    assert inbox.account(path.name) == {"imported": 1}


def test_rows_that_contradict_each_other_are_all_refused(inbox: Inbox) -> None:
    inbox.drop([("contact", 1, 2, "same"), ("contact", 2, 1, "different"), ("contact", 1, 3, "different")])

    assert [(number, column) for number, column, _, _ in inbox.refusals()] == [(2, "decision"), (3, "decision")]
    assert inbox.account() == {"imported": 1, "rejected": 2}


def test_a_row_that_contradicts_decisions_in_force_is_refused_with_their_ids(inbox: Inbox) -> None:
    merges.decide(inbox.db, "contact", "same", 1, 2, ME, inbox.clock)
    inbox.drop([("contact", 2, 3, "same"), ("company", 1, 3, "different")])
    inbox.drop([("contact", 1, 3, "different"), ("contact", 3, 1, "different"), ("company", 1, 2, "same")], "other.xlsx")

    reason = "decision 1, decision 2 say otherwise; allowed is what agrees with these, or undo one of them first"
    assert {(number, column) for number, column, _, _ in inbox.refusals()} == {(2, "decision"), (3, "decision")}
    assert all(sorted(told.split(" say ")[0].split(", ")) == ["decision 1", "decision 2"] for *_, told in inbox.refusals()), reason
    assert inbox.account("other.xlsx") == {"imported": 1, "rejected": 2}
    assert sorted(inbox.contacts().values()) == [1]
    (path,) = inbox.rejects.iterdir()
    assert load_workbook(path)["Decisions"].max_row == 3


def test_rows_that_contradict_each_other_over_a_third_are_all_refused(inbox: Inbox) -> None:
    inbox.drop([("contact", 1, 2, "same"), ("contact", 2, 3, "same"), ("contact", 1, 3, "different"), ("company", 1, 2, "same")])

    assert [number for number, *_ in inbox.refusals()] == [2, 3, 4]
    assert "row 4 of Decisions" in inbox.refusals()[0][3]
    assert inbox.account() == {"imported": 1, "rejected": 3}


def test_a_row_of_a_csv_with_too_many_cells_is_refused(inbox: Inbox) -> None:
    (inbox.home.inbox / "list.csv").write_text("entity,left_id,right_id,decision\ncontact,1,2,same,x\ncontact,1,3,same\n", encoding="utf-8")
    inbox.run()

    assert inbox.refusals() == [(1, None, None, "has 5 cells where the header has 4")]
    assert inbox.account("list.csv") == {"imported": 1, "rejected": 1}


def test_a_list_beside_a_table_of_people_is_no_file_that_can_be_read(inbox: Inbox) -> None:
    workbook = load_workbook(make_workbook(inbox.home.inbox / "both.xlsx", [gtm_row()]))
    sheet = workbook.create_sheet("Decisions")
    sheet.append(list(HEADER))
    sheet.append(["contact", 1, 2, "same"])
    workbook.save(inbox.home.inbox / "both.xlsx")
    inbox.run()

    (row,) = inbox.db.table("import_files").rows_where("name = 'both.xlsx'")
    assert row["error"] == "a list of decisions and a table of people in one workbook; save them as two files"
    assert inbox.in_force() == []


def test_the_review_list_comes_back_as_it_was_written(inbox: Inbox) -> None:
    namesake = gtm_row(first="Ann", account="@Evil", website="evil.example", email=None, linkedin=None)
    make_workbook(inbox.home.inbox / "more.xlsx", [namesake])
    inbox.run()
    path = inbox.home.inbox / "review.xlsx"
    assert export_reviews(inbox.db, path) == 1
    workbook = load_workbook(path)
    sheet = workbook["Decisions"]
    row = dict(zip(EXPORT_COLUMNS, (cell.value for cell in sheet[2]), strict=True))
    assert (row["Entity"], row["Left ID"], row["Right ID"], row["Decision"]) == ("contact", 1, 4, None)
    assert (row["Left name"], row["Left company"], row["Right company"]) == ("Ann Weaver", "Acme", "@Evil")
    assert "same name" in str(row["Evidence"])
    assert isinstance(row["Probability"], float)
    assert 0.5 <= row["Probability"] <= 1
    assert {cell.data_type for cell in sheet[2]} == {"s", "n"}, "no cell is a formula"
    (rule,) = sheet.data_validations.dataValidation
    assert (rule.formula1, str(rule.sqref)) == ('"same,different"', "N2")
    inbox.run()
    assert inbox.account("review.xlsx") == {"blank": 1}

    sheet["N2"] = "same"
    workbook.save(path)
    inbox.run()

    assert sorted(inbox.contacts().values()) == [1, 2, 3]
    assert inbox.in_force() == [("same", 1, 4, "review.xlsx, Decisions row 2")]


def test_the_review_list_as_csv_holds_no_formula_and_comes_back(inbox: Inbox) -> None:
    make_workbook(
        inbox.home.inbox / "more.xlsx", [gtm_row(first="Ann", account="@Evil", website="evil.example", email=None, linkedin=None)]
    )
    inbox.run()
    path = inbox.home.inbox / "review.csv"
    export_reviews(inbox.db, path)
    text = path.read_text(encoding="utf-8-sig")
    assert ",'@Evil," in text
    path.write_text(text.rstrip() + "different\n", encoding="utf-8")
    inbox.run()

    assert inbox.in_force() == [("different", 1, 4, "review.csv, row 1")]


def test_an_empty_review_list_is_a_header_alone(inbox: Inbox) -> None:
    assert export_reviews(inbox.db, inbox.home.inbox / "review.xlsx") == 0
    inbox.run()

    assert inbox.account("review.xlsx") == {}


CELLS = st.one_of(
    st.none(),
    st.sampled_from([*ENTITY_WORDS, *DECISION_WORDS, "1", "2", " 3 ", "4.0", "007", "99", "x", "-", "SAME", "=1+1", "1e3", "٣"]),
    st.text(max_size=6),
)


@given(st.lists(st.tuples(CELLS, CELLS, CELLS, CELLS), max_size=12))
def test_every_row_is_refused_blank_or_says_something_about_two_that_there_are(rows: list[tuple[str | None, ...]]) -> None:
    part = to_part("Decisions", HEADER, enumerate(rows, start=2), FIELDS, "merge_decisions")
    known = {1, 2, 3, 4, 7}

    (landed,) = check_decisions(SourceFile([part]), lambda _entity, ids: known & set(ids), ["-"])

    assert landed.rows["row_number"].tolist() == part.numbers.tolist()
    verdicts = dict(zip(landed.rows["row_number"], landed.rows["verdict"], strict=True))
    assert set(verdicts.values()) <= {"accepted", "rejected", "blank"}
    assert set(landed.rejections["row_number"]) == {number for number, verdict in verdicts.items() if verdict == "rejected"}
    said: dict[object, str] = {}
    for word in words_of([landed]):
        assert (word.decision is not None) == (verdicts[word.row_number] == "accepted")
        if word.decision is not None:
            assert word.pair is not None
            assert word.pair[1] < word.pair[2]
            assert {word.pair[1], word.pair[2]} <= known
            assert said.setdefault(word.pair, word.decision) == word.decision


WORDS = st.sampled_from(["same", "different", None])
# about two pairs out of three everything can be true
VERSIONS = st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=4)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(VERSIONS)
def test_after_any_versions_what_counts_is_what_the_newest_says(
    tmp_path_factory: pytest.TempPathFactory, import_settings: ImportSettings, versions: list[tuple[str | None, ...]]
) -> None:
    inbox = Inbox(tmp_path_factory.mktemp("inbox"), import_settings, VirtualClock())
    pairs = [(1, 2), (1, 3)]
    for words in versions:
        inbox.drop([("company", right, left, word) for (left, right), word in zip(pairs, words, strict=True)], "list.csv")

    found = {
        tuple(sorted((row["left_row_id"], row["right_row_id"]))): row["decision"]
        for row in inbox.db.table("merge_decisions").rows_where("undone_at IS NULL")
    }
    assert found == {pair: word for pair, word in zip(pairs, versions[-1], strict=True) if word is not None}
    inbox.db.conn.close()


def test_a_file_with_an_unknown_header_is_none(import_settings: ImportSettings, tmp_path: Path) -> None:
    people = to_part("Data", ("First Name",), [(2, ["Ann"])], {0: "first_name"})
    decisions = to_part("Decisions", HEADER, [], FIELDS, "merge_decisions")

    assert not holds_decisions(SourceFile([people]))
    assert holds_decisions(SourceFile([decisions]))
    with pytest.raises(UnreadableFile, match="save them as two files"):
        holds_decisions(SourceFile([people, decisions]))


def test_decisions_are_made_whole_or_not_at_all(inbox: Inbox) -> None:
    """A trigger stands for whatever may go wrong in the middle."""
    inbox.db.conn.execute(
        "CREATE TRIGGER stop BEFORE INSERT ON decision_rows WHEN NEW.row_number = 3 BEGIN SELECT RAISE(ABORT, 'stop'); END"
    )
    with pytest.raises(Exception, match="stop"):
        inbox.drop([("contact", 1, 2, "same"), ("contact", 1, 3, "same")])
    assert inbox.in_force() == []
    assert [*inbox.db.table("import_files").rows_where("name = 'list.xlsx'")] == []
    inbox.db.conn.execute("DROP TRIGGER stop")
    inbox.run()

    assert inbox.account() == {"imported": 2}


def test_two_homes_know_nothing_of_each_others_lists(tmp_path: Path) -> None:
    db = open_migrated(tmp_path / "other.db")
    assert decision_file_store.former_words(db.conn, "list.xlsx") == {}
    db.conn.close()


def test_one_materialisation_of_the_assets_obeys_a_list_and_passes_its_checks(home: Home, clock: VirtualClock) -> None:
    make_workbook(home.inbox / "people.xlsx", [gtm_row(), gtm_row(first="Ann", email="ann@acmelabs.example", linkedin=None)])
    db = open_migrated(home.data / "liendea.db")
    import_inbox(home, db, clock)
    make_workbook(home.inbox / "list.xlsx", [("contact", 1, 2, "same"), ("contact", 1, 9, "same"), ("contact", 1, 2, None)], HEADER)
    checks = import_inbox(home, db, clock)

    assert all(checks.values()), checks
    assert [row["merged_into"] for row in db.table("contacts").rows] == [None, 1]
    pages = [path.read_text(encoding="utf-8") for path in (home.reports / "imports").iterdir()]
    (page,) = [page for page in pages if "list.xlsx" in page]
    assert "made a decision" in page
    assert "Why rows were merged" not in page
    db.conn.close()
