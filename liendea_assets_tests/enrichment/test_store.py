from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from liendea_assets.core.clock import to_text
from liendea_assets.db.connection import Database
from liendea_assets.enrichment import store
from liendea_assets.enrichment.provider import FIELDS, ProviderAnswer
from liendea_assets.imports import store as imports_store
from liendea_assets_tests.enrichment.rows import LONG_AGO, add, add_answer, add_contact, answers

NOW, LATER = datetime(2026, 10, 5, 9, tzinfo=UTC), "2027-01-01 00:00:00.000000"
DAYS = dict.fromkeys(("hit", "miss", "rejected"), 30)


def file_values(*rows: dict[str, object]) -> pd.DataFrame:
    return pd.DataFrame([{"read_at": LONG_AGO, **row} for row in rows])


def reach_ids(db: Database) -> dict[int, str | None]:
    return {row["id"]: row["reach_id"] for row in db.table("contacts").rows_where(order_by="id")}


def test_an_answer_is_stored_with_its_cost_and_completeness(db: Database) -> None:
    hit, miss, rejected = (add_contact(db) for _ in range(3))
    given = [
        ProviderAnswer(hit, "hit", 0.9, {"reach_id": "rch_1", "employee_count": 620, "growth_rate": 0.25}),
        ProviderAnswer(miss, "miss"),
        ProviderAnswer(rejected, "rejected", reason="breaks the contract"),
    ]
    store.store_answers(db, "reach", given, NOW, DAYS)
    stored = answers(db)
    assert {key: stored[hit][key] for key in ("reach_id", "employee_count", "growth_rate", "confidence", "work_email")} == {
        "reach_id": "rch_1",
        "employee_count": 620,
        "growth_rate": 0.25,
        "confidence": 0.9,
        "work_email": None,
    }
    assert [row["cost"] for row in stored.values()] == [1.0, 0.0, 0.0]
    assert [row["profile_completeness"] for row in stored.values()] == [round(100 * 3 / len(FIELDS)), 0, 0]
    assert [row["reason"] for row in stored.values()] == [None, None, "breaks the contract"]
    assert store.count_answers(db) == {("reach", "hit"): 1, ("reach", "miss"): 1, ("reach", "rejected"): 1}


def test_a_rejected_answer_takes_nothing_away(db: Database) -> None:
    """An outage that answers everybody with a page would else empty the contacts that are due."""
    contact = add_contact(db)
    store.store_answers(db, "reach", [ProviderAnswer(contact, "hit", 0.9, {"title": "CRO"})], NOW, DAYS)
    later = NOW + timedelta(days=200)
    store.store_answers(db, "reach", [ProviderAnswer(contact, "rejected", reason="no JSON", answer_hash="ab")], later, DAYS)
    row = answers(db)[contact]
    assert (row["outcome"], row["title"], row["reason"], row["answer_hash"]) == ("hit", "CRO", "no JSON", "ab")
    assert (row["answered_at"], row["expires_at"]) == (to_text(NOW), to_text(later + timedelta(days=DAYS["rejected"])))
    store.store_answers(db, "reach", [ProviderAnswer(contact, "hit", 0.9, {"title": "CEO"})], later, DAYS)
    row = answers(db)[contact]
    assert (row["title"], row["reason"], row["answer_hash"]) == ("CEO", None, None)


def test_the_answers_of_a_call_are_stored_together_or_not_at_all(db: Database) -> None:
    contact = add_contact(db)
    with pytest.raises(Exception, match="FOREIGN KEY"):
        store.store_answers(db, "reach", [ProviderAnswer(contact, "miss"), ProviderAnswer(999, "miss")], NOW, DAYS)
    assert answers(db) == {}


def test_what_files_say_is_an_answer_that_never_expires(db: Database) -> None:
    contact = add_contact(db)
    store.store_file_values(db, file_values({"contact_id": contact, "source": "gtm", "work_email": "robin@acme.example", "title": "CRO"}))
    row = answers(db, "gtm")[contact]
    assert (row["work_email"], row["title"], row["outcome"], row["confidence"], row["expires_at"], row["cost"]) == (
        "robin@acme.example", "CRO", "hit", None, None, 0.0,
    )  # fmt: skip
    assert row["profile_completeness"] == round(100 * 2 / len(FIELDS))


FIELDS_OF_FILES = ("work_email", "work_phone", "mobile_phone", "linkedin_url", "title", "country", "reach_id")


@pytest.mark.parametrize("field", FIELDS_OF_FILES)
def test_what_files_say_differently_is_written_and_the_same_is_not(db: Database, field: str) -> None:
    contact = add_contact(db)

    def write(value: str) -> int:
        before = db.conn.total_changes
        store.store_file_values(db, file_values({"contact_id": contact, "source": "gtm", field: value}))
        return db.conn.total_changes - before

    assert [write("x"), write("x"), write("y")] == [1, 0, 1]
    assert answers(db, "gtm")[contact][field] == "y"


def test_whose_rows_became_somebody_elses_loses_what_they_said(db: Database) -> None:
    """A row that moves takes its address along; what a provider said stays."""
    robin, alex = add_contact(db), add_contact(db)
    add_answer(db, robin, "reach", title="CRO")
    row = {"source": "gtm", "work_email": "alex@acme.example"}
    store.store_file_values(db, file_values({"contact_id": robin, **row}, {"contact_id": robin, "source": "linkedin", "title": "CRO"}))
    store.store_file_values(db, file_values({"contact_id": alex, **row}, {"contact_id": robin, "source": "linkedin", "title": "CRO"}))
    assert {source: list(answers(db, source)) for source in ("gtm", "linkedin", "reach")} == {
        "gtm": [alex],
        "linkedin": [robin],
        "reach": [robin],
    }


def test_only_answers_that_are_believed_are_read(db: Database) -> None:
    sure, unsure, missed, told = (add_contact(db) for _ in range(4))
    add_answer(db, sure, "reach", confidence=0.6)
    add_answer(db, unsure, "reach", confidence=0.59)
    add_answer(db, missed, "reach", outcome="miss", confidence=1.0)
    add_answer(db, told, "gtm")
    assert store.read_answers(db, 0.6)["contact_id"].tolist() == [sure, told]


def test_answers_belong_to_who_a_merged_contact_became_the_newest_first(db: Database) -> None:
    survivor = add_contact(db)
    former = add_contact(db, merged_into=survivor)
    add_answer(db, survivor, "gtm", title="VP Sales", answered_at=LONG_AGO)
    add_answer(db, former, "gtm", title="CRO", answered_at=NOW)
    read = store.read_answers(db, 0.6)
    assert read[["contact_id", "title"]].values.tolist() == [[survivor, "CRO"], [survivor, "VP Sales"]]


def set_reach_ids(db: Database, **answered: Any) -> None:
    for contact_id, changed in answered.items():
        add_answer(db, int(contact_id.removeprefix("c")), "reach", **changed)
    imports_store.set_reach_ids(db, store.read_reach_ids(db, 0.6))


def test_a_contact_bears_the_reach_id_of_its_answer(db: Database) -> None:
    add_contact(db)
    add_contact(db)
    set_reach_ids(db, c1={"reach_id": "rch_1", "confidence": 0.9})
    assert reach_ids(db) == {1: "rch_1", 2: None}


def test_an_id_that_is_not_believed_is_not_borne(db: Database) -> None:
    """A doubtful match set it once, and every later look-up by that id brought the same wrong person, now for certain."""
    add_contact(db)
    set_reach_ids(db, c1={"reach_id": "rch_1", "confidence": 0.3})
    assert reach_ids(db) == {1: None}


def test_one_reach_id_is_borne_by_the_surest_contact_alone(db: Database) -> None:
    for _ in range(3):
        add_contact(db)
    set_reach_ids(
        db,
        c1={"reach_id": "rch_1", "confidence": 0.7},
        c2={"reach_id": "rch_1", "confidence": 0.95},
        c3={"reach_id": "rch_3", "confidence": 0.7},
    )
    assert reach_ids(db) == {1: None, 2: "rch_1", 3: "rch_3"}


def test_a_reach_id_that_stands_stays(db: Database) -> None:
    add_contact(db, reach_id="rch_of_a_file")
    add_contact(db)
    set_reach_ids(db, c1={"reach_id": "rch_1", "confidence": 0.9}, c2={"reach_id": "rch_of_a_file", "confidence": 0.9})
    assert reach_ids(db) == {1: "rch_of_a_file", 2: None}


def test_the_id_of_a_merged_contacts_answer_stays_with_the_one_that_was_asked_about(db: Database) -> None:
    """The next materialisation of contacts lets it count for the contact in force; when the merge is undone, it goes along."""
    survivor = add_contact(db)
    add_contact(db, merged_into=survivor)
    set_reach_ids(db, c2={"reach_id": "rch_1", "confidence": 0.9})
    assert reach_ids(db) == {1: None, 2: None}
    assert [tuple(row) for row in db.conn.execute("SELECT contact_id, reach_id FROM learned_reach_ids")] == [(2, "rch_1")]


def test_the_most_valuable_are_asked_about_first(db: Database) -> None:
    """Whose unknown values decide on their priority, then by priority and score; of equals those of whom least is known."""
    # score, priority, its best and worst, coverage
    scores = [(40, 4, 4, 4, 1.0), (70, 2, 2, 2, 1.0), (45, 4, 2, 4, 0.5), (90, 1, 1, 1, 1.0), (45, 4, 3, 4, 0.4), (66, 2, 1, 2, 0.8)]
    people = [add_contact(db) for _ in scores]
    unscored = add_contact(db)
    add(db, "icp_scoring_configs", {"version": "v", "content": "{}", "first_used_at": LONG_AGO})
    run = {"config_version": "v", "rules_version": "", "scored_at": LONG_AGO, "first": 0, "written": len(scores)}
    scored = {"fit_score": 0, "relationship_score": 0, "part_ids": "[]", "score_max": 100, "source_id": 1}
    scored["run_id"] = add(db, "icp_scoring_runs", run)
    names = ("icp_score", "priority", "priority_best", "priority_worst", "coverage")
    for contact_id, known in zip(people, scores, strict=True):
        row = {**scored, **dict(zip(names, known, strict=True)), "contact_id": contact_id, "score_min": known[0]}
        add(db, "icp_score_rows", row)
    due = list(store.read_due(db, "reach", "2026-10-05")["contact_id"])
    assert due == [people[5], people[4], people[2], people[3], people[1], people[0], unscored]
