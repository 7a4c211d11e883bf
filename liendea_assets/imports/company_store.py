"""The SQL of companies and company_sources."""

import json
import sqlite3
from collections.abc import Mapping

import pandas as pd

from liendea_assets.db.connection import Database, read_frame, read_integers, to_rows
from liendea_assets.imports.row_positions import rows_of
from liendea_assets.imports.source_batches import source_batches

READ_SOURCES = """
    SELECT row_id, company_id, coalesce(anchor_of, 0) AS anchor_of FROM company_sources WHERE source = :source ORDER BY row_id
"""
NEXT_ID = "SELECT coalesce(max(id), 0) + 1 AS id FROM companies"
# Without those that are part of another, or that no row names any more.
READ_NAMES = """
    SELECT c.id, c.name, c.domain
    FROM companies c
    WHERE c.merged_into IS NULL AND c.id IN (SELECT company_id FROM company_sources)
    ORDER BY c.id
"""
READ_GTM_VALUES = """
    SELECT
        g.id AS row_id, g.company_name, g.company_domain, g.work_email, g.industry, g.employee_count, g.revenue_range, g.growth_rate,
        g.gtm_segment
    FROM json_each(:ids) wanted
    CROSS JOIN gtm_rows g ON g.id = wanted.value
"""
READ_LINKEDIN_VALUES = """
    SELECT l.id AS row_id, l.company_name, l.work_email
    FROM json_each(:ids) wanted
    CROSS JOIN linkedin_rows l ON l.id = wanted.value
"""
# A unique key moves from one row to another in two steps: let go first, then take.
READ_DOMAINS = "SELECT c.id, c.domain FROM json_each(:ids) wanted CROSS JOIN companies c ON c.id = wanted.value WHERE c.domain IS NOT NULL"
RELEASE_DOMAIN = "UPDATE companies SET domain = NULL WHERE id = ?"
UPSERT_COMPANY = """
    INSERT INTO companies (id, name, domain, industry, employee_count, revenue_range, growth_rate, gtm_segment, created_at, updated_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET
        name = excluded.name, domain = excluded.domain, industry = excluded.industry, employee_count = excluded.employee_count,
        revenue_range = excluded.revenue_range, growth_rate = excluded.growth_rate,
        gtm_segment = CASE WHEN is_segment_by_rule = 1 THEN coalesce(excluded.gtm_segment, gtm_segment) ELSE excluded.gtm_segment END,
        is_segment_by_rule = is_segment_by_rule = 1 AND excluded.gtm_segment IS NULL,
        updated_at = excluded.updated_at, merged_into = NULL
    WHERE name IS DISTINCT FROM excluded.name
        OR domain IS DISTINCT FROM excluded.domain
        OR industry IS DISTINCT FROM excluded.industry
        OR employee_count IS DISTINCT FROM excluded.employee_count
        OR revenue_range IS DISTINCT FROM excluded.revenue_range
        OR growth_rate IS DISTINCT FROM excluded.growth_rate
        OR CASE WHEN is_segment_by_rule = 0 THEN gtm_segment END IS DISTINCT FROM excluded.gtm_segment
        OR merged_into IS NOT NULL
"""
# Readers follow one step, so who was part of the one that is merged now becomes part of the same company.
# An id that leads to another holds nothing else: its values come from its rows again should the two be parted.
MERGE_COMPANY = """
    UPDATE companies
    SET merged_into = :into, name = '', domain = NULL, industry = NULL, employee_count = NULL, revenue_range = NULL, growth_rate = NULL,
        icp_score = NULL, gtm_segment = NULL, updated_at = :now
    WHERE id = :id AND (merged_into IS DISTINCT FROM :into OR domain IS NOT NULL)
"""
# `pairs` holds row id * 2^31 + company id. One statement for all of a reason is three times as fast as one a row.
UPSERT_SOURCES = """
    INSERT INTO company_sources (source, row_id, company_id, evidence, anchor_of)
    SELECT
        :source, pair.value >> 31, pair.value & 2147483647, :evidence, CASE WHEN :is_anchor THEN pair.value & 2147483647 END
    FROM json_each(:pairs) pair
    -- else SQLite takes the next line for a join's
    WHERE true
    ON CONFLICT (source, row_id) DO UPDATE SET
        company_id = excluded.company_id, evidence = excluded.evidence, anchor_of = excluded.anchor_of
    WHERE company_id <> excluded.company_id OR evidence <> excluded.evidence OR anchor_of IS DISTINCT FROM excluded.anchor_of
"""
UPSERT_SOURCE = """
    INSERT INTO company_sources (source, row_id, company_id, evidence, anchor_of)
    VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (source, row_id) DO UPDATE SET
        company_id = excluded.company_id, evidence = excluded.evidence, anchor_of = excluded.anchor_of
    WHERE company_id <> excluded.company_id OR evidence <> excluded.evidence OR anchor_of IS DISTINCT FROM excluded.anchor_of
"""
DELETE_SOURCE = "DELETE FROM company_sources WHERE source = ? AND row_id = ?"

CONTENT_VERSION = "SELECT count(*) || ' ' || coalesce(max(updated_at), '') AS version FROM companies"


def content_version(db: Database) -> str:
    """Changes whenever a company does."""
    return str(db.conn.execute(CONTENT_VERSION).fetchone()["version"])


def read_sources(db: Database) -> pd.DataFrame:
    """`source`, `row_id`, `company_id`, `anchor_of` (0 for most) of every row that names a company."""
    columns = ("row_id", "company_id", "anchor_of")
    frames = {source: read_integers(db, READ_SOURCES, columns, {"source": source}) for source in ("gtm", "linkedin")}
    return pd.concat([frame.assign(source=rows_of(source, len(frame))) for source, frame in frames.items()], ignore_index=True)


def read_names(db: Database) -> pd.DataFrame:
    """`id`, `name`, `domain` (missing where unknown) of every company that rows name."""
    return read_frame(db, READ_NAMES)


def next_id(db: Database) -> int:
    """The next free company id."""
    return int(db.conn.execute(NEXT_ID).fetchone()["id"])


def read_values(db: Database, rows: pd.DataFrame) -> pd.DataFrame:
    """What rows say about companies; `rows` has `source` and `row_id`. Fields that a source lacks are missing."""
    frames = []
    for source, sql in (("gtm", READ_GTM_VALUES), ("linkedin", READ_LINKEDIN_VALUES)):
        frame = read_frame(db, sql, {"ids": json.dumps(rows.loc[rows["source"] == source, "row_id"].tolist())})
        frames.append(frame.assign(source=rows_of(source, len(frame))))
    filled = [frame for frame in frames if len(frame)]
    return pd.concat(filled, ignore_index=True).reindex(columns=frames[0].columns) if filled else frames[0]


def store_companies(connection: sqlite3.Connection, companies: pd.DataFrame, merged: Mapping[int, int], now: str) -> None:
    """Writes what changed of companies.

    Args:
        companies: `id`, `name`, `domain` and survivorship's COMPANY_FIELDS.
        merged: id → the company that it is now part of.
    """
    columns = (
        "id", "name", "domain", "industry", "employee_count", "revenue_range", "growth_rate", "gtm_segment", "created_at", "updated_at",
    )  # fmt: skip
    wanted = dict(zip(companies["id"].tolist(), companies["domain"].astype(object).tolist(), strict=True))
    held = connection.execute(READ_DOMAINS, {"ids": json.dumps([*wanted, *merged])}).fetchall()
    connection.executemany(RELEASE_DOMAIN, [(row["id"],) for row in held if wanted.get(row["id"]) != row["domain"]])
    connection.executemany(UPSERT_COMPANY, to_rows(companies.assign(created_at=now, updated_at=now), columns))
    connection.executemany(MERGE_COMPANY, [{"id": old, "into": new, "now": now} for old, new in merged.items()])


def store_sources(connection: sqlite3.Connection, sources: pd.DataFrame, dropped: pd.DataFrame) -> None:
    """Writes which row names which company, and why.

    Args:
        sources: `source`, `row_id`, `company_id`, `evidence`, `anchor_of` (0 for most).
        dropped: `source`, `row_id` of rows that name none any more.
    """
    connection.executemany(DELETE_SOURCE, to_rows(dropped, ("source", "row_id")))
    is_elsewhere = (sources["anchor_of"] != 0) & (sources["anchor_of"] != sources["company_id"])
    connection.executemany(UPSERT_SOURCE, to_rows(sources[is_elsewhere], ("source", "row_id", "company_id", "evidence", "anchor_of")))
    for batch in source_batches(sources[~is_elsewhere], "company_id"):
        connection.execute(UPSERT_SOURCES, batch)
