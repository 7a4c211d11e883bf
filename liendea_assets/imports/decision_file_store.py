"""The SQL of files of decisions: what each row of each version says, and the account of its rows."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from liendea_assets.db.connection import Database, to_rows
from liendea_assets.imports.decision_file import FormerWord, Pair
from liendea_assets.imports.decision_layout import MERGE_DECISIONS
from liendea_assets.imports.decision_store import Side
from liendea_assets.imports.inbox import InboxFile
from liendea_assets.imports.landing_store import CLAIM_FILE, DELETE_REJECTIONS, INSERT_REJECTION, RECORD_FILE, REPLACE_FORMER
from liendea_assets.imports.model import Landed

# The newest row about a pair comes last and counts. A version that comes back has its rows written anew, so the id tells the order.
FORMER_WORDS = """
    SELECT r.entity, r.left_id, r.right_id, r.decision, r.decision_id
    FROM import_files f
    CROSS JOIN decision_rows r ON r.file_id = f.id
    WHERE f.name = :name AND f.kind = :kind AND r.verdict <> 'rejected' AND r.left_id IS NOT NULL
    ORDER BY r.id
"""
STANDING = """
    SELECT id, decision, left_source, left_row_id, right_source, right_row_id
    FROM merge_decisions
    WHERE entity = :entity AND undone_at IS NULL
"""
DELETE_ROWS = "DELETE FROM decision_rows WHERE file_id = :file_id"
# Above the ids of rows that are written anew, too.
NEXT_ROW_ID = "SELECT coalesce(max(id), 0) + 1 AS id FROM decision_rows"
INSERT_ROW = """
    INSERT INTO decision_rows (id, file_id, part, row_number, verdict, entity, left_id, right_id, decision, decision_id)
    VALUES (:id, :file_id, :part, :row_number, :verdict, :entity, :left_id, :right_id, :decision, :decision_id)
"""
MISCOUNTED_FILES = """
    SELECT f.id
    FROM import_files f
    LEFT JOIN (
        SELECT file_id, sum(verdict = 'imported') AS imported, sum(verdict = 'merged') AS merged, sum(verdict = 'rejected') AS rejected
        FROM decision_rows
        GROUP BY file_id
    ) counted ON counted.file_id = f.id
    WHERE f.kind = 'merge_decisions' AND f.error IS NULL
        AND (
            f.rows <> f.imported + f.merged + f.rejected + f.blank
            OR f.imported <> coalesce(counted.imported, 0)
            OR f.merged <> coalesce(counted.merged, 0)
            OR f.rejected <> coalesce(counted.rejected, 0)
        )
    ORDER BY f.id
"""
ADD_COUNTS = "UPDATE import_files SET imported = :imported, merged = :merged, unchanged = :unchanged, pending = 0 WHERE id = :id"


def claim_file(connection: sqlite3.Connection, file: InboxFile, now: str) -> int | None:
    """The id under which a file is taken in; None where another process has read the same content in the meantime."""
    values = {"name": file.name, "kind": MERGE_DECISIONS, "sha256": file.sha256, "size_bytes": file.size_bytes, "read_with": ""}
    claimed = connection.execute(CLAIM_FILE, values | {"now": now, "dated_at": file.changed_at}).fetchone()
    return None if claimed is None else int(claimed["id"])


def former_words(connection: sqlite3.Connection, name: str) -> dict[Pair, FormerWord]:
    """What all versions of a file, known by its name, say about pairs; of each the newest word."""
    rows = connection.execute(FORMER_WORDS, {"name": name, "kind": MERGE_DECISIONS})
    return {(row["entity"], row["left_id"], row["right_id"]): FormerWord(row["decision"], row["decision_id"]) for row in rows}


def standing_decisions(
    connection: sqlite3.Connection, sides: Mapping[str, Mapping[int, Side]], pairs: Iterable[Pair]
) -> dict[Pair, tuple[int, str]]:
    """Id and decision of what is in force about some pairs.

    Args:
        sides: the rows that ids are anchored to, per entity.
    """
    in_force = {
        (entity, frozenset({(row["left_source"], row["left_row_id"]), (row["right_source"], row["right_row_id"])})): row
        for entity in sides
        for row in connection.execute(STANDING, {"entity": entity})
    }
    found = {}
    for entity, left, right in pairs:
        anchors = sides.get(entity, {})
        if left in anchors and right in anchors:
            row = in_force.get((entity, frozenset((anchors[id_].source, anchors[id_].row_id) for id_ in (left, right))))
            if row is not None:
                found[entity, left, right] = (int(row["id"]), str(row["decision"]))
    return found


def store_rows(connection: sqlite3.Connection, file_id: int, rows: Sequence[Mapping[str, Any]], landed: Iterable[Landed]) -> None:
    """Writes what the rows of a file say, instead of what they said when it was read before, and what of it was refused.

    Args:
        rows: `decision_rows` without id and file_id.
    """
    first = connection.execute(NEXT_ROW_ID).fetchone()["id"]
    connection.execute(DELETE_ROWS, {"file_id": file_id})
    connection.execute(DELETE_REJECTIONS, {"file_id": file_id})
    connection.executemany(INSERT_ROW, [dict(row) | {"id": first + place, "file_id": file_id} for place, row in enumerate(rows)])
    names = ("file_id", "part", "row_number", "column_name", "field_name", "value_class", "reason")
    for table in landed:
        connection.executemany(INSERT_REJECTION, to_rows(table.rejections.assign(file_id=file_id), names))


def record_file(connection: sqlite3.Connection, file_id: int, file: InboxFile, counts: Mapping[str, int], note: str | None) -> None:
    """Writes the account of a file's rows: `imported`, `merged`, `unchanged`, `rejected`, `blank`; former versions are replaced."""
    connection.execute(REPLACE_FORMER, {"id": file_id, "name": file.name, "sha256": file.sha256, "kind": MERGE_DECISIONS})
    decided = counts["imported"] + counts["merged"]
    values = {
        "id": file_id, "mapping": MERGE_DECISIONS, "owner": None, "owner_linkedin_id": None, "error": None, "note": note,
        "rows": decided + counts["rejected"] + counts["blank"], "rejected": counts["rejected"], "blank": counts["blank"],
        "pending": decided, "unchanged": 0,
    }  # fmt: skip
    connection.execute(RECORD_FILE, values)
    connection.execute(ADD_COUNTS, {"id": file_id, **{name: counts[name] for name in ("imported", "merged", "unchanged")}})


def miscounted_files(db: Database) -> list[int]:
    """Ids of files of decisions whose rows are not all accounted for."""
    return [row["id"] for row in db.conn.execute(MISCOUNTED_FILES)]
