"""The SQL of people: companies, contacts, contact_sources. Files and landing rows: landing_store.py; ties: network_store.py."""

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from liendea_assets.db.connection import Database, read_frame, to_rows, transaction

# Everything that can make a person, oldest first: rows of both landing tables, and the owners of exports.
READ_PEOPLE = """
    SELECT
        rows.*, known.contact_id, contacts.reach_id AS known_reach_id,
        files.name || '/' || rows.part || '/' || rows.row_number AS place
    FROM (
        SELECT
            'gtm' AS source, g.id AS row_id, g.file_id, g.part, g.row_number, g.verdict, g.full_name, g.first_name, g.last_name, g.title,
            g.company_name, g.company_domain, g.industry, g.employee_count, g.revenue_range, g.growth_rate, g.gtm_segment,
            g.work_email, g.linkedin_id, g.reach_id, g.country, g.company_id
        FROM gtm_rows g
        WHERE g.verdict <> 'rejected'
        UNION ALL
        SELECT
            'linkedin', l.id, l.file_id, l.part, l.row_number, l.verdict, l.full_name, l.first_name, l.last_name, l.title,
            l.company_name, NULL, NULL, NULL, NULL, NULL, NULL,
            l.work_email, l.linkedin_id, NULL, NULL, l.company_id
        FROM linkedin_rows l
        WHERE l.verdict <> 'rejected'
    ) rows
    JOIN import_files files ON files.id = rows.file_id
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
FOLLOW_COMPANY = "UPDATE companies SET merged_into = ? WHERE merged_into = ?"
MERGE_COMPANY = "UPDATE companies SET merged_into = ?, domain = NULL, updated_at = ? WHERE id = ?"
SET_GTM_COMPANY = "UPDATE gtm_rows SET company_id = ? WHERE id = ? AND company_id IS DISTINCT FROM ?"
SET_LINKEDIN_COMPANY = "UPDATE linkedin_rows SET company_id = ? WHERE id = ? AND company_id IS DISTINCT FROM ?"

RELEASE_LINKEDIN_ID = "UPDATE contacts SET linkedin_id = NULL WHERE id = ? AND linkedin_id IS DISTINCT FROM ?"
RELEASE_REACH_ID = "UPDATE contacts SET reach_id = NULL WHERE id = ? AND reach_id IS DISTINCT FROM ?"
# Who was part of the one that is merged now becomes part of the same contact, so that readers follow one step.
FOLLOW_CONTACT = "UPDATE contacts SET merged_into = ? WHERE merged_into = ?"
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


COUNT_PEOPLE = """
    SELECT
        (SELECT count(*) FROM contacts WHERE merged_into IS NULL) AS contacts,
        (SELECT count(*) FROM companies WHERE merged_into IS NULL) AS companies,
        (SELECT count(*) FROM linkedin_connections WHERE is_current = 1 AND connection_degree = 1) AS ties
"""


@dataclass(frozen=True, slots=True)
class PeopleCount:
    """What the imports made; what became part of another does not count."""

    contacts: int
    companies: int
    ties: int


def count_people(db: Database) -> PeopleCount:
    """How many there are now."""
    return PeopleCount(**dict(db.conn.execute(COUNT_PEOPLE).fetchone()))


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
        connection.executemany(FOLLOW_COMPANY, [(new, old) for old, new in merged.items()])
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
        connection.executemany(FOLLOW_CONTACT, [(new, old) for old, new in merged.items()])
        connection.executemany(MERGE_CONTACT, [(new, now, old) for old, new in merged.items()])
        connection.executemany(UPSERT_SOURCE, to_rows(sources, ("source", "row_id", "contact_id", "evidence")))
        for source, sql in (("gtm", SET_GTM_VERDICT), ("linkedin", SET_LINKEDIN_VERDICT)):
            connection.executemany(sql, to_rows(verdicts[verdicts["source"] == source], ("verdict", "row_id")))
        connection.execute(COUNT_VERDICTS)


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
