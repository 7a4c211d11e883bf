"""The SQL of the imports stage: import_files, landing rows, rejections, companies, contacts, linkedin_connections."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from liendea_assets.db.connection import Database, read_frame, to_rows, transaction
from liendea_assets.imports.inbox import InboxFile
from liendea_assets.imports.model import ACTIVITY_COLUMNS, GTM_FIELDS, LINKEDIN_FIELDS, Landed, SourceFile

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
INSERT_ACTIVITY = "INSERT INTO linkedin_activity (file_id, linkedin_id, sent, received, last_received_on) VALUES (?, ?, ?, ?, ?)"

# Everything that can make a person, oldest first: rows of both landing tables, and the owners of exports.
READ_PEOPLE = """
    SELECT rows.*, known.contact_id, contacts.reach_id AS known_reach_id
    FROM (
        SELECT
            'gtm' AS source, g.id AS row_id, g.file_id, g.verdict, g.full_name, g.first_name, g.last_name, g.title,
            g.company_name, g.company_domain, g.industry, g.employee_count, g.revenue_range, g.growth_rate, g.gtm_segment,
            g.work_email, g.linkedin_id, g.reach_id, g.country, g.company_id
        FROM gtm_rows g
        WHERE g.verdict <> 'rejected'
        UNION ALL
        SELECT
            'linkedin', l.id, l.file_id, l.verdict, l.full_name, l.first_name, l.last_name, l.title,
            l.company_name, NULL, NULL, NULL, NULL, NULL, NULL,
            l.work_email, l.linkedin_id, NULL, NULL, l.company_id
        FROM linkedin_rows l
        WHERE l.verdict <> 'rejected'
    ) rows
    LEFT JOIN contact_sources known ON known.source = rows.source AND known.row_id = rows.row_id
    LEFT JOIN contacts ON contacts.id = known.contact_id
    ORDER BY rows.file_id, rows.source, rows.row_id
"""
READ_OWNERS = """
    SELECT f.id AS file_id, f.name, f.owner, f.owner_linkedin_id, s.contact_id
    FROM import_files f
    LEFT JOIN contact_sources s ON s.source = 'owner' AND s.row_id = f.id
    WHERE f.kind = 'linkedin_export' AND f.error IS NULL
    ORDER BY f.id
"""
NEXT_IDS = "SELECT (SELECT coalesce(max(id), 0) + 1 FROM companies) AS company, (SELECT coalesce(max(id), 0) + 1 FROM contacts) AS contact"

# A unique key moves from one row to another in two steps: let go first, then take.
RELEASE_DOMAIN = "UPDATE companies SET domain = NULL WHERE id = ? AND domain IS DISTINCT FROM ?"
UPSERT_COMPANY = """
    INSERT INTO companies (id, name, domain, industry, employee_count, revenue_range, growth_rate, gtm_segment, created_at, updated_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET
        name = excluded.name, domain = excluded.domain, industry = excluded.industry, employee_count = excluded.employee_count,
        revenue_range = excluded.revenue_range, growth_rate = excluded.growth_rate, gtm_segment = excluded.gtm_segment,
        updated_at = excluded.updated_at, merged_into = NULL
    WHERE name IS DISTINCT FROM excluded.name
        OR domain IS DISTINCT FROM excluded.domain
        OR industry IS DISTINCT FROM excluded.industry
        OR employee_count IS DISTINCT FROM excluded.employee_count
        OR revenue_range IS DISTINCT FROM excluded.revenue_range
        OR growth_rate IS DISTINCT FROM excluded.growth_rate
        OR gtm_segment IS DISTINCT FROM excluded.gtm_segment
        OR merged_into IS NOT NULL
"""
MERGE_COMPANY = "UPDATE companies SET merged_into = ?, domain = NULL, updated_at = ? WHERE id = ?"
SET_GTM_COMPANY = "UPDATE gtm_rows SET company_id = ? WHERE id = ? AND company_id IS DISTINCT FROM ?"
SET_LINKEDIN_COMPANY = "UPDATE linkedin_rows SET company_id = ? WHERE id = ? AND company_id IS DISTINCT FROM ?"

RELEASE_LINKEDIN_ID = "UPDATE contacts SET linkedin_id = NULL WHERE id = ? AND linkedin_id IS DISTINCT FROM ?"
RELEASE_REACH_ID = "UPDATE contacts SET reach_id = NULL WHERE id = ? AND reach_id IS DISTINCT FROM ?"
MERGE_CONTACT = "UPDATE contacts SET merged_into = ?, updated_at = ? WHERE id = ?"
UPSERT_CONTACT = """
    INSERT INTO contacts (
        id, linkedin_id, reach_id, full_name, first_name, last_name, title, company_id, industry, country, is_owner, created_at, updated_at
    )
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET
        linkedin_id = excluded.linkedin_id, reach_id = excluded.reach_id, full_name = excluded.full_name,
        first_name = excluded.first_name, last_name = excluded.last_name, title = excluded.title, company_id = excluded.company_id,
        industry = excluded.industry, country = excluded.country, is_owner = excluded.is_owner, updated_at = excluded.updated_at,
        merged_into = NULL
    WHERE linkedin_id IS DISTINCT FROM excluded.linkedin_id
        OR reach_id IS DISTINCT FROM excluded.reach_id
        OR full_name IS DISTINCT FROM excluded.full_name
        OR first_name IS DISTINCT FROM excluded.first_name
        OR last_name IS DISTINCT FROM excluded.last_name
        OR title IS DISTINCT FROM excluded.title
        OR company_id IS DISTINCT FROM excluded.company_id
        OR industry IS DISTINCT FROM excluded.industry
        OR country IS DISTINCT FROM excluded.country
        OR is_owner IS DISTINCT FROM excluded.is_owner
        OR merged_into IS NOT NULL
"""
UPSERT_SOURCE = """
    INSERT INTO contact_sources (source, row_id, contact_id, evidence)
    VALUES (?, ?, ?, ?)
    ON CONFLICT (source, row_id) DO UPDATE SET contact_id = excluded.contact_id, evidence = excluded.evidence
    WHERE contact_id IS DISTINCT FROM excluded.contact_id OR evidence IS DISTINCT FROM excluded.evidence
"""
SET_GTM_VERDICT = "UPDATE gtm_rows SET verdict = ? WHERE id = ?"
SET_LINKEDIN_VERDICT = "UPDATE linkedin_rows SET verdict = ? WHERE id = ?"
COUNT_VERDICTS = """
    UPDATE import_files
    SET imported = counted.imported, merged = counted.merged, pending = counted.pending
    FROM (
        SELECT
            file_id,
            sum(verdict = 'imported') AS imported,
            sum(verdict = 'merged') AS merged,
            sum(verdict = 'pending') AS pending
        FROM (SELECT file_id, verdict FROM gtm_rows UNION ALL SELECT file_id, verdict FROM linkedin_rows) verdicts
        GROUP BY file_id
    ) counted
    WHERE counted.file_id = import_files.id
"""

READ_TIES = """
    SELECT
        s.contact_id, o.contact_id AS owner_id, r.file_id, r.connected_on,
        CASE WHEN m.file_id IS NULL THEN NULL ELSE coalesce(a.sent, 0) END AS sent,
        CASE WHEN m.file_id IS NULL THEN NULL ELSE coalesce(a.received, 0) END AS received,
        a.last_received_on,
        max(m.last_on, d.last_on) AS as_of
    FROM linkedin_rows r
    JOIN contact_sources s ON s.source = 'linkedin' AND s.row_id = r.id
    JOIN contact_sources o ON o.source = 'owner' AND o.row_id = r.file_id
    JOIN (SELECT file_id, max(connected_on) AS last_on FROM linkedin_rows GROUP BY file_id) d ON d.file_id = r.file_id
    LEFT JOIN (
        SELECT file_id, coalesce(max(last_received_on), '') AS last_on FROM linkedin_activity GROUP BY file_id
    ) m ON m.file_id = r.file_id
    LEFT JOIN linkedin_activity a ON a.file_id = r.file_id AND a.linkedin_id = r.linkedin_id
    WHERE s.contact_id <> o.contact_id
    ORDER BY r.file_id, r.id
"""
UPSERT_TIE = """
    INSERT INTO linkedin_connections (
        contact_id, connected_to_id, connection_degree, connection_date, mutual_connections, strength, evidence
    )
    VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (contact_id, connected_to_id) DO UPDATE SET
        connection_degree = excluded.connection_degree, connection_date = excluded.connection_date,
        mutual_connections = excluded.mutual_connections, strength = excluded.strength, evidence = excluded.evidence
    WHERE connection_degree IS DISTINCT FROM excluded.connection_degree
        OR connection_date IS DISTINCT FROM excluded.connection_date
        OR mutual_connections IS DISTINCT FROM excluded.mutual_connections
        OR strength IS DISTINCT FROM excluded.strength
        OR evidence IS DISTINCT FROM excluded.evidence
"""
# Ties of contacts that became part of another contact; the other one bears them now.
DELETE_MERGED_TIES = """
    DELETE FROM linkedin_connections
    WHERE contact_id IN (SELECT id FROM contacts WHERE merged_into IS NOT NULL)
        OR connected_to_id IN (SELECT id FROM contacts WHERE merged_into IS NOT NULL)
"""

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
DUPLICATE_CONTACTS = """
    SELECT count(*) FROM (
        SELECT linkedin_id FROM contacts WHERE merged_into IS NULL AND linkedin_id IS NOT NULL GROUP BY linkedin_id HAVING count(*) > 1
        UNION ALL
        SELECT lower(l.linkedin_id)
        FROM contact_sources s
        JOIN (
            SELECT 'gtm' AS source, id, linkedin_id FROM gtm_rows UNION ALL SELECT 'linkedin', id, linkedin_id FROM linkedin_rows
        ) l ON l.source = s.source AND l.id = s.row_id
        WHERE l.linkedin_id IS NOT NULL
        GROUP BY lower(l.linkedin_id)
        HAVING count(DISTINCT s.contact_id) > 1
    ) doubles
"""
READ_SOURCE_VALUES = """
    SELECT
        s.contact_id, s.source, coalesce(g.file_id, l.file_id) AS file_id, s.row_id, f.read_at,
        coalesce(g.work_email, l.work_email) AS work_email, g.work_phone, g.mobile_phone,
        coalesce(g.linkedin_id, l.linkedin_id) AS linkedin_id, coalesce(g.title, l.title) AS title,
        g.country, g.reach_id
    FROM contact_sources s
    LEFT JOIN gtm_rows g ON s.source = 'gtm' AND g.id = s.row_id
    LEFT JOIN linkedin_rows l ON s.source = 'linkedin' AND l.id = s.row_id
    JOIN import_files f ON f.id = coalesce(g.file_id, l.file_id)
    WHERE s.source IN ('gtm', 'linkedin')
    ORDER BY s.contact_id, s.source, f.id DESC, s.row_id
"""
SET_REACH_ID = """
    UPDATE contacts SET reach_id = :reach_id
    WHERE id = :contact_id AND reach_id IS NULL AND NOT EXISTS (SELECT 1 FROM contacts WHERE reach_id = :reach_id)
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


def read_people(db: Database) -> pd.DataFrame:
    """Every accepted row, oldest first; `company_id`, `contact_id` and the contact's `known_reach_id` are missing where new."""
    return read_frame(db, READ_PEOPLE)


def read_owners(db: Database) -> pd.DataFrame:
    """Every readable LinkedIn export: `file_id`, `name`, `owner`, `owner_linkedin_id`, `contact_id` (of the owner, if known)."""
    return read_frame(db, READ_OWNERS)


def next_ids(db: Database) -> tuple[int, int]:
    """The next free ids of companies and of contacts."""
    row = db.conn.execute(NEXT_IDS).fetchone()
    return row["company"], row["contact"]


def store_companies(db: Database, companies: pd.DataFrame, rows: pd.DataFrame, merged: dict[int, int], now: str) -> None:
    """Writes what changed of companies, and each landing row's company.

    Args:
        companies: `id`, `name`, `domain` and survivorship's COMPANY_FIELDS.
        rows: `source`, `row_id`, `company_id`.
        merged: id → the company that it is now part of.
    """
    columns = (
        "id", "name", "domain", "industry", "employee_count", "revenue_range", "growth_rate", "gtm_segment", "created_at", "updated_at",
    )  # fmt: skip
    with transaction(db) as connection:
        connection.executemany(RELEASE_DOMAIN, [*((old, None) for old in merged), *to_rows(companies, ("id", "domain"))])
        connection.executemany(UPSERT_COMPANY, to_rows(companies.assign(created_at=now, updated_at=now), columns))
        connection.executemany(MERGE_COMPANY, [(new, now, old) for old, new in merged.items()])
        for source, sql in (("gtm", SET_GTM_COMPANY), ("linkedin", SET_LINKEDIN_COMPANY)):
            own = rows[rows["source"] == source].assign(again=lambda frame: frame["company_id"])
            connection.executemany(sql, to_rows(own, ("company_id", "row_id", "again")))


def store_contacts(
    db: Database, contacts: pd.DataFrame, sources: pd.DataFrame, verdicts: pd.DataFrame, merged: dict[int, int], now: str
) -> None:
    """Writes what changed of contacts, which rows made them, the rows' verdicts and the files' counts, in one transaction.

    Args:
        contacts: `id`, `linkedin_id`, `is_owner` and survivorship's CONTACT_FIELDS.
        sources: `source`, `row_id`, `contact_id`, `evidence`.
        verdicts: `source`, `row_id`, `verdict` of the rows that were pending.
        merged: id → the contact that it is now part of.
    """
    columns = (
        "id", "linkedin_id", "reach_id", "full_name", "first_name", "last_name", "title", "company_id", "industry", "country",
        "is_owner", "created_at", "updated_at",
    )  # fmt: skip
    with transaction(db) as connection:
        connection.executemany(RELEASE_LINKEDIN_ID, [*((old, None) for old in merged), *to_rows(contacts, ("id", "linkedin_id"))])
        connection.executemany(RELEASE_REACH_ID, [*((old, None) for old in merged), *to_rows(contacts, ("id", "reach_id"))])
        connection.executemany(UPSERT_CONTACT, to_rows(contacts.assign(created_at=now, updated_at=now), columns))
        connection.executemany(MERGE_CONTACT, [(new, now, old) for old, new in merged.items()])
        connection.executemany(UPSERT_SOURCE, to_rows(sources, ("source", "row_id", "contact_id", "evidence")))
        for source, sql in (("gtm", SET_GTM_VERDICT), ("linkedin", SET_LINKEDIN_VERDICT)):
            connection.executemany(sql, to_rows(verdicts[verdicts["source"] == source], ("verdict", "row_id")))
        connection.execute(COUNT_VERDICTS)


def read_ties(db: Database) -> pd.DataFrame:
    """Rows for `connections.first_degree_ties`."""
    return read_frame(db, READ_TIES)


def store_ties(db: Database, ties: pd.DataFrame, columns: Sequence[str]) -> None:
    """Writes what changed of linkedin_connections."""
    with transaction(db) as connection:
        connection.execute(DELETE_MERGED_TIES)
        connection.executemany(UPSERT_TIE, to_rows(ties, columns))


def sum_files(db: Database, kind: str | None = None) -> FileTotals:
    """The row account of all files, or of one kind."""
    return FileTotals(**dict(db.conn.execute(SUM_FILES, {"kind": kind}).fetchone()))


def list_files(db: Database) -> pd.DataFrame:
    """The row account per file; files that could not be read only while they lie in the inbox."""
    return read_frame(db, LIST_FILES)


def miscounted_files(db: Database) -> list[int]:
    """Ids of files whose rows are not all accounted for."""
    return [row["id"] for row in db.conn.execute(MISCOUNTED_FILES)]


def count_duplicate_contacts(db: Database) -> int:
    """Profiles that more than one contact bears, by the contacts or by the rows behind them."""
    return int(db.conn.execute(DUPLICATE_CONTACTS).fetchone()[0])


def read_source_values(db: Database) -> pd.DataFrame:
    """What files say about contacts, the newest file first within a contact and source."""
    return read_frame(db, READ_SOURCE_VALUES)


def set_reach_ids(db: Database, reach_ids: Iterable[tuple[int, str]]) -> None:
    """Records the Reach id of contacts (id, reach_id); one that another contact bears already is left alone."""
    with transaction(db) as connection:
        connection.executemany(SET_REACH_ID, [{"contact_id": contact_id, "reach_id": reach_id} for contact_id, reach_id in reach_ids])
