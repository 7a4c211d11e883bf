"""The SQL of merge_decisions and merge_reviews."""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from liendea_assets.db.connection import Database, read_frame, to_rows
from liendea_assets.imports.contradictions import Claim
from liendea_assets.imports.decisions import Decisions

READ_DECISIONS = """
    SELECT decision, left_source, left_row_id, right_source, right_row_id
    FROM merge_decisions
    WHERE entity = :entity AND undone_at IS NULL
    ORDER BY id
"""
# Undone ones too: what they joined or parted has to be looked at again.
READ_DECIDED_ROWS = """
    SELECT left_source AS source, left_row_id AS row_id FROM merge_decisions WHERE entity = :entity
    UNION
    SELECT right_source, right_row_id FROM merge_decisions WHERE entity = :entity
"""
READ_CLAIMS = """
    SELECT id, decision, left_source, left_row_id, right_source, right_row_id
    FROM merge_decisions
    WHERE entity = :entity AND undone_at IS NULL
    ORDER BY id
"""
LIST_DECISIONS = """
    SELECT d.id, d.entity, d.decision, d.left_id, d.right_id, d.origin, d.decided_by, d.decided_at, d.undone_at, n.id AS replaced_by
    FROM merge_decisions d
    LEFT JOIN merge_decisions n ON n.replaces = d.id
    ORDER BY d.id
"""
FIND_CONTACT_ANCHOR = "SELECT source, row_id, anchor_of AS id FROM contact_sources WHERE anchor_of = :id"
FIND_COMPANY_ANCHOR = "SELECT source, row_id, anchor_of AS id FROM company_sources WHERE anchor_of = :id"
FIND_CONTACT_ANCHORS = """
    SELECT source, row_id, anchor_of AS id
    FROM contact_sources
    WHERE anchor_of IN (SELECT value FROM json_each(:ids))
"""
FIND_COMPANY_ANCHORS = """
    SELECT source, row_id, anchor_of AS id
    FROM company_sources
    WHERE anchor_of IN (SELECT value FROM json_each(:ids))
"""
FIND_CONTACT_ROW = "SELECT source, row_id, contact_id AS id FROM contact_sources WHERE source = :source AND row_id = :row_id"
FIND_COMPANY_ROW = "SELECT source, row_id, company_id AS id FROM company_sources WHERE source = :source AND row_id = :row_id"
_ANCHORS = {"contact": FIND_CONTACT_ANCHOR, "company": FIND_COMPANY_ANCHOR}
_MANY_ANCHORS = {"contact": FIND_CONTACT_ANCHORS, "company": FIND_COMPANY_ANCHORS}
_ROWS = {"contact": FIND_CONTACT_ROW, "company": FIND_COMPANY_ROW}
FIND_PAIR = """
    SELECT id, decision
    FROM merge_decisions
    WHERE undone_at IS NULL AND entity = :entity
        AND left_source = :left_source AND left_row_id = :left_row_id AND right_source = :right_source AND right_row_id = :right_row_id
"""
INSERT_DECISION = """
    INSERT INTO merge_decisions (
        entity, decision, left_source, left_row_id, right_source, right_row_id, left_id, right_id, origin, decided_by, decided_at,
        replaces
    )
    VALUES (
        :entity, :decision, :left_source, :left_row_id, :right_source, :right_row_id, :left_id, :right_id, :origin, :decided_by, :now,
        :replaces
    )
    RETURNING id
"""
UNDO_DECISION = "UPDATE merge_decisions SET undone_at = :now, replaces = NULL WHERE id = :id"
REPLACE_DECISION = "UPDATE merge_decisions SET undone_at = :now WHERE id = :id"
RESTORE_DECISION = "UPDATE merge_decisions SET undone_at = NULL WHERE id = :id"
FIND_REPLACED = """
    SELECT r.id, r.entity, r.decision, r.left_source, r.left_row_id, r.right_source, r.right_row_id
    FROM merge_decisions d
    JOIN merge_decisions r ON r.id = d.replaces
    WHERE d.id = :id AND d.undone_at IS NULL
"""
FIND_DECISION = """
    SELECT d.undone_at, d.replaces, n.id AS replaced_by
    FROM merge_decisions d
    LEFT JOIN merge_decisions n ON n.replaces = d.id
    WHERE d.id = :id
"""
# The one that replaced it takes back what it had replaced itself.
RELINK_DECISION = "UPDATE merge_decisions SET replaces = :replaces WHERE id = :replaced_by"

# One that is undone and one that comes back in the same second change the ids in force.
CONTENT_VERSION = """
    SELECT
        count(*) || ' ' || coalesce(max(undone_at), '') || ' ' || coalesce(sum(id) FILTER (WHERE undone_at IS NULL), 0) AS version
    FROM merge_decisions
"""

LIST_REVIEWS = """
    SELECT entity, left_id, right_id, probability, evidence FROM merge_reviews ORDER BY probability DESC, entity, left_id, right_id
"""
# One record per contact to compare; of several addresses and numbers the first by alphabet.
READ_RECORDS = """
    SELECT
        c.id, c.full_name, c.title, c.country, k.name AS company_name,
        min(coalesce(g.work_email, l.work_email)) AS work_email, min(coalesce(g.mobile_phone, g.work_phone)) AS phone
    FROM json_each(:ids) wanted
    CROSS JOIN contacts c ON c.id = wanted.value
    LEFT JOIN companies k ON k.id = c.company_id
    LEFT JOIN contact_sources s ON s.contact_id = c.id
    LEFT JOIN gtm_rows g ON s.source = 'gtm' AND g.id = s.row_id
    LEFT JOIN linkedin_rows l ON s.source = 'linkedin' AND l.id = s.row_id
    GROUP BY c.id
    ORDER BY c.id
"""
READ_COMPANY_RECORDS = """
    SELECT c.id, c.name, c.domain
    FROM json_each(:ids) wanted
    CROSS JOIN companies c ON c.id = wanted.value
    ORDER BY c.id
"""
DELETE_REVIEWS = "DELETE FROM merge_reviews WHERE entity = :entity"
DELETE_REVIEW = (
    "DELETE FROM merge_reviews WHERE entity = :entity AND left_id IN (:left_id, :right_id) AND right_id IN (:left_id, :right_id)"
)
INSERT_REVIEW = """
    INSERT INTO merge_reviews (entity, left_id, right_id, probability, evidence)
    VALUES (:entity, :left_id, :right_id, :probability, :evidence)
    ON CONFLICT (entity, left_id, right_id) DO UPDATE SET probability = excluded.probability, evidence = excluded.evidence
"""


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a decision.

    Attributes:
        source: gtm, linkedin or owner.
        id: of an anchor the contact or company that it gave its id to, which may be part of another now; of any other row the one
            that it belongs to.
    """

    source: str
    row_id: int
    id: int


def read_decisions(db: Database, entity: str) -> Decisions:
    """The decisions in force about contacts or companies."""
    return Decisions(read_frame(db, READ_DECISIONS, {"entity": entity}))


def read_decided_rows(db: Database, entity: str) -> pd.DataFrame:
    """All rows that decisions are or were about: `source`, `row_id`."""
    return read_frame(db, READ_DECIDED_ROWS, {"entity": entity})


def list_decisions(db: Database) -> pd.DataFrame:
    """Every decision ever made, the undone ones too."""
    return read_frame(db, LIST_DECISIONS)


def find_anchor(db: Database, entity: str, id_: int) -> Side | None:
    """The row that a contact or company got its id from; None for an id that there is not."""
    row = db.conn.execute(_ANCHORS[entity], {"id": id_}).fetchone()
    return None if row is None else Side(**dict(row))


def find_anchors(db: Database, entity: str, ids: Iterable[int]) -> dict[int, Side]:
    """As `find_anchor`, of many at once; without those that there are not."""
    rows = db.conn.execute(_MANY_ANCHORS[entity], {"ids": json.dumps(sorted(ids))})
    return {row["id"]: Side(**dict(row)) for row in rows}


def find_row(db: Database, entity: str, source: str, row_id: int) -> Side | None:
    """A source row; None for one that made no contact or company."""
    row = db.conn.execute(_ROWS[entity], {"source": source, "row_id": row_id}).fetchone()
    return None if row is None else Side(**dict(row))


def insert_decision(
    connection: sqlite3.Connection, entity: str, decision: str, sides: tuple[Side, Side], origin: str, decided_by: str, now: str
) -> int | None:
    """Records a decision about two rows; a contrary one is replaced by it. Returns its id; None where it stands already."""
    left, right = sorted(sides, key=lambda side: (side.source, side.row_id))
    values = {
        "entity": entity, "decision": decision, "origin": origin, "decided_by": decided_by, "now": now,
        "left_source": left.source, "left_row_id": left.row_id, "left_id": left.id,
        "right_source": right.source, "right_row_id": right.row_id, "right_id": right.id,
    }  # fmt: skip
    connection.execute(DELETE_REVIEW, values)
    former = connection.execute(FIND_PAIR, values).fetchone()
    if former is not None and former["decision"] == decision:
        return None
    if former is not None:
        connection.execute(REPLACE_DECISION, {"id": former["id"], "now": now})
    made = connection.execute(INSERT_DECISION, values | {"replaces": None if former is None else former["id"]}).fetchone()
    return int(made["id"])


def read_claims(connection: sqlite3.Connection, entity: str) -> list[Claim]:
    """The decisions in force about contacts or companies, the oldest first."""
    return [_to_claim(row) for row in connection.execute(READ_CLAIMS, {"entity": entity})]


def find_replaced(connection: sqlite3.Connection, id_: int) -> tuple[str, Claim] | None:
    """Contact or company, and the decision that comes back when one in force is taken back; None where there is none."""
    row = connection.execute(FIND_REPLACED, {"id": id_}).fetchone()
    return None if row is None else (row["entity"], _to_claim(row))


def to_claim(name: str, decision: str, sides: tuple[Side, Side]) -> Claim:
    """A decision that is not made yet."""
    left, right = sorted((side.source, side.row_id) for side in sides)
    return Claim(name, decision, left, right)


def _to_claim(row: sqlite3.Row) -> Claim:
    left, right = (row["left_source"], row["left_row_id"]), (row["right_source"], row["right_row_id"])
    return Claim(f"decision {row['id']}", row["decision"], left, right, row["id"])


def take_back(connection: sqlite3.Connection, id_: int, now: str) -> bool | None:
    """Takes a decision back. Returns False where it was already, None where there is none of this id.

    What it replaced is in force again. One that is replaced itself does not come back when that one is undone.
    """
    found = connection.execute(FIND_DECISION, {"id": id_}).fetchone()
    if found is None:
        return None
    if found["undone_at"] is not None and found["replaced_by"] is None:
        return False
    connection.execute(UNDO_DECISION, {"id": id_, "now": now})
    if found["replaced_by"] is not None:
        connection.execute(RELINK_DECISION, dict(found))
    elif found["replaces"] is not None:
        connection.execute(RESTORE_DECISION, {"id": found["replaces"]})
    return True


def content_version(db: Database) -> str:
    """Changes whenever a decision is made or undone."""
    return str(db.conn.execute(CONTENT_VERSION).fetchone()["version"])


def list_reviews(db: Database) -> pd.DataFrame:
    """Pairs for a human to decide, the likeliest first."""
    return read_frame(db, LIST_REVIEWS)


def read_records(db: Database, contact_ids: Iterable[int]) -> pd.DataFrame:
    """What the review compares, indexed by contact id; text, missing where unknown."""
    return read_frame(db, READ_RECORDS, {"ids": json.dumps([int(one) for one in contact_ids])}).set_index("id")


def read_company_records(db: Database, company_ids: Iterable[int]) -> pd.DataFrame:
    """What a human sees of companies, indexed by id: `name`, `domain` (missing where unknown)."""
    return read_frame(db, READ_COMPANY_RECORDS, {"ids": json.dumps([int(one) for one in company_ids])}).set_index("id")


def store_reviews(connection: sqlite3.Connection, entity: str, reviews: pd.DataFrame) -> None:
    """Replaces the pairs of contacts or companies: `left_id`, `right_id`, `probability`, `evidence`."""
    connection.execute(DELETE_REVIEWS, {"entity": entity})
    names: Iterable[str] = ("left_id", "right_id", "probability", "evidence")
    connection.executemany(
        INSERT_REVIEW, [dict(zip(names, row, strict=True)) | {"entity": entity} for row in to_rows(reviews, tuple(names))]
    )
