"""The SQL of files: import_files with its row account, the landing tables, import_rejections, linkedin_activity."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from liendea_assets.db.connection import Database, read_frame, to_rows, transaction
from liendea_assets.imports.inbox import InboxFile
from liendea_assets.imports.model import ACTIVITY_COLUMNS, GTM_FIELDS, LINKEDIN_FIELDS, POSITION_COLUMNS, Landed, SourceFile

FIND_FILES = "SELECT sha256, error FROM import_files"

# A file that could not be read is tried again at every run, since its reason may lie in imports.yaml.
CLAIM_FILE = """
    INSERT INTO import_files (name, kind, sha256, size_bytes, read_at)
    VALUES (:name, :kind, :sha256, :size_bytes, :now)
    ON CONFLICT (sha256) DO UPDATE SET name = excluded.name, kind = excluded.kind, read_at = excluded.read_at
    WHERE import_files.error IS NOT NULL
    RETURNING id
"""
RECORD_FILE = """
    UPDATE import_files
    SET owner = :owner, owner_linkedin_id = :owner_linkedin_id, rows = :rows, rejected = :rejected, blank = :blank,
        pending = :pending, error = :error, note = :note
    WHERE id = :id
"""
MARK_ABSENT = "UPDATE import_files SET is_present = 0 WHERE is_present = 1"
MARK_PRESENT = "UPDATE import_files SET is_present = 1 WHERE sha256 = :sha256"

INSERT_GTM_ROW = """
    INSERT INTO gtm_rows (
        file_id, part, row_number, verdict, first_name, last_name, full_name, title, company_name, company_domain, industry,
        employee_count, revenue_range, growth_rate, gtm_segment, work_email, work_phone, mobile_phone, linkedin_id, reach_id,
        country, account_owner, notes
    )
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
INSERT_LINKEDIN_ROW = """
    INSERT INTO linkedin_rows (
        file_id, part, row_number, verdict, first_name, last_name, full_name, title, company_name, work_email, linkedin_id,
        connected_on
    )
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
INSERT_REJECTION = "INSERT INTO import_rejections (file_id, part, row_number, column_name, reason) VALUES (?, ?, ?, ?, ?)"
INSERT_ACTIVITY = """
    INSERT INTO linkedin_activity (
        file_id, linkedin_id, row_number, sent, received, first_sent_on, last_sent_on, last_received_on, invited_by, invited_on,
        endorsements_given, endorsements_received, recommendations_given, recommendations_received
    )
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
INSERT_EXPORT = "INSERT INTO linkedin_exports (file_id, has_messages) VALUES (?, ?)"
INSERT_POSITION = "INSERT INTO linkedin_positions (file_id, company_name, started_year, finished_year) VALUES (?, ?, ?, ?)"

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
    WHERE kind = coalesce(:kind, kind) AND (is_present = 1 OR error IS NULL)
"""
LIST_FILES = """
    SELECT id, name, kind, owner, rows, imported, merged, rejected, blank, pending, error, note, read_at
    FROM import_files
    WHERE is_present = 1 OR error IS NULL
    ORDER BY id
"""
MISCOUNTED_FILES = """
    SELECT f.id
    FROM import_files f
    LEFT JOIN (
        SELECT file_id, count(*) AS landed, sum(verdict = 'rejected') AS rejected
        FROM (SELECT file_id, verdict FROM gtm_rows UNION ALL SELECT file_id, verdict FROM linkedin_rows) verdicts
        GROUP BY file_id
    ) counted ON counted.file_id = f.id
    WHERE f.pending <> 0
        OR f.rows <> f.blank + coalesce(counted.landed, 0)
        OR f.rejected <> coalesce(counted.rejected, 0)
        OR f.rows <> f.imported + f.merged + f.rejected + f.blank
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


def known_files(db: Database) -> dict[str, str | None]:
    """Content hash → the error met, or None where the file was read."""
    return {row["sha256"]: row["error"] for row in db.conn.execute(FIND_FILES)}


def mark_present(db: Database, files: Iterable[InboxFile]) -> None:
    """Notes which of the files read so far lie in the inbox now."""
    with transaction(db) as connection:
        connection.execute(MARK_ABSENT)
        connection.executemany(MARK_PRESENT, [{"sha256": file.sha256} for file in files])


def land_file(db: Database, file: InboxFile, source: SourceFile | None, landed: Sequence[Landed], error: str | None, now: str) -> bool:
    """Stores one file with all of its rows, or its error, in one transaction.

    Returns:
        False where another process has read the same content in the meantime; nothing is stored then.
    """
    with transaction(db) as connection:
        claimed = connection.execute(
            CLAIM_FILE, {"name": file.name, "kind": file.kind, "sha256": file.sha256, "size_bytes": file.size_bytes, "now": now}
        ).fetchone()
        if claimed is None:
            return False
        file_id = claimed["id"]
        is_gtm = file.kind == "gtm_workbook"
        for table in landed:
            columns = ("file_id", "part", "row_number", "verdict", *(GTM_FIELDS if is_gtm else LINKEDIN_FIELDS))
            connection.executemany(INSERT_GTM_ROW if is_gtm else INSERT_LINKEDIN_ROW, to_rows(table.rows.assign(file_id=file_id), columns))
            connection.executemany(
                INSERT_REJECTION,
                to_rows(table.rejections.assign(file_id=file_id), ("file_id", "part", "row_number", "column_name", "reason")),
            )
        if source is not None and source.activity is not None:
            activity = source.activity.assign(file_id=file_id)
            connection.executemany(INSERT_ACTIVITY, to_rows(activity, ("file_id", *ACTIVITY_COLUMNS)))
        if source is not None and source.positions is not None:
            positions = source.positions.assign(file_id=file_id)
            connection.executemany(INSERT_POSITION, to_rows(positions, ("file_id", *POSITION_COLUMNS)))
        if source is not None and file.kind == "linkedin_export":
            connection.execute(INSERT_EXPORT, (file_id, int(source.has_messages)))
        blank = sum(table.blank for table in landed)
        rejected = sum(int((table.rows["verdict"] == "rejected").sum()) for table in landed)
        pending = sum(len(table.rows) for table in landed) - rejected
        connection.execute(
            RECORD_FILE,
            {
                "id": file_id,
                "owner": source.owner if source else None,
                "owner_linkedin_id": source.owner_linkedin_id if source else None,
                "rows": pending + rejected + blank,
                "rejected": rejected,
                "blank": blank,
                "pending": pending,
                "error": error,
                "note": source.note if source else None,
            },
        )
    return True


def sum_files(db: Database, kind: str | None = None) -> FileTotals:
    """The row account of all files, or of one kind."""
    return FileTotals(**dict(db.conn.execute(SUM_FILES, {"kind": kind}).fetchone()))


def list_files(db: Database) -> pd.DataFrame:
    """The row account per file; files that could not be read only while they lie in the inbox."""
    return read_frame(db, LIST_FILES)


def miscounted_files(db: Database) -> list[int]:
    """Ids of files whose rows are not all accounted for."""
    return [row["id"] for row in db.conn.execute(MISCOUNTED_FILES)]
