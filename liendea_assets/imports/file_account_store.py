"""The SQL of the row account: what became of each file's rows, and whether they add up."""

from dataclasses import dataclass

import pandas as pd

from liendea_assets.db.connection import Database, read_frame

SUM_FILES = """
    SELECT
        count(*) AS files,
        coalesce(sum(error IS NOT NULL), 0) AS unreadable,
        coalesce(sum(rows), 0) AS rows,
        coalesce(sum(imported), 0) AS imported,
        coalesce(sum(merged), 0) AS merged,
        coalesce(sum(rejected), 0) AS rejected,
        coalesce(sum(blank), 0) AS blank,
        coalesce(sum(pending), 0) AS pending
    FROM import_files
    -- former versions of a file say nothing any more
    WHERE kind = coalesce(:kind, kind) AND (is_present = 1 OR error IS NULL) AND replaced_by IS NULL
"""
LIST_FILES = """
    SELECT
        id, name, kind, mapping, sha256, owner, rows, imported, merged, rejected, blank, pending, unchanged, error, note,
        read_at, replaced_by
    FROM import_files
    WHERE is_present = 1 OR error IS NULL
    ORDER BY id
"""
COUNT_REFUSED = """
    SELECT part, column_name, value_class, reason, count(*) AS rows, min(row_number) AS first_row
    FROM import_rejections
    WHERE file_id = :file_id
    GROUP BY part, column_name, value_class, reason
    ORDER BY rows DESC, first_row
    LIMIT 200
"""
COUNT_REASONS = """
    SELECT s.evidence, count(*) AS rows
    FROM (
        SELECT 'gtm' AS source, id FROM gtm_rows WHERE file_id = :file_id
        UNION ALL
        SELECT 'linkedin', id FROM linkedin_rows WHERE file_id = :file_id
    ) r
    JOIN contact_sources s ON s.source = r.source AND s.row_id = r.id AND s.anchor_of IS NULL
    GROUP BY s.evidence
    ORDER BY rows DESC
"""
MISCOUNTED_FILES = """
    SELECT f.id
    FROM import_files f
    LEFT JOIN (
        SELECT file_id, count(*) AS landed, sum(verdict = 'rejected') AS rejected
        FROM (SELECT file_id, verdict FROM gtm_rows UNION ALL SELECT file_id, verdict FROM linkedin_rows) verdicts
        GROUP BY file_id
    ) counted ON counted.file_id = f.id
    -- rows that decide are counted by decision_file_store
    WHERE f.kind <> 'merge_decisions' AND (f.pending <> 0
        OR f.rows <> f.imported + f.merged + f.rejected + f.blank
        OR f.rejected <> coalesce(counted.rejected, 0)
        -- a version that came back has rows of its own among the unchanged ones
        OR f.rows > f.blank + f.unchanged + coalesce(counted.landed, 0)
        OR (f.rows < f.blank + coalesce(counted.landed, 0) AND f.unchanged = 0))
    ORDER BY f.id
"""


@dataclass(frozen=True, slots=True)
class FileTotals:
    """The row account over files: rows = imported + merged + rejected + blank + pending."""

    files: int
    unreadable: int
    rows: int
    imported: int
    merged: int
    rejected: int
    blank: int
    pending: int


def sum_files(db: Database, kind: str | None = None) -> FileTotals:
    """The row account of all files, or of one kind."""
    return FileTotals(**dict(db.conn.execute(SUM_FILES, {"kind": kind}).fetchone()))


def list_files(db: Database, *, with_former: bool = False) -> pd.DataFrame:
    """The row account per file; files that could not be read only while they lie in the inbox.

    Args:
        with_former: former versions too.
    """
    files = read_frame(db, LIST_FILES)
    return files if with_former else files[files["replaced_by"].isna()].reset_index(drop=True)


def count_refused(db: Database, file_id: int) -> pd.DataFrame:
    """What was refused of a file, without the values: `part`, `column_name` (missing for a whole row), `value_class`, `reason`,
    `rows`, `first_row`; the most frequent first."""
    return read_frame(db, COUNT_REFUSED, {"file_id": file_id})


def count_reasons(db: Database, file_id: int) -> pd.DataFrame:
    """Why rows of a file were merged: `evidence`, `rows`."""
    return read_frame(db, COUNT_REASONS, {"file_id": file_id})


def miscounted_files(db: Database) -> list[int]:
    """Ids of files whose rows are not all accounted for."""
    return [row["id"] for row in db.conn.execute(MISCOUNTED_FILES)]
