"""The SQL of contacts' scores: what they are computed from, icp_score_rows with its parts, icp_score_changes, the versions in use."""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from liendea_assets.db.columns import ColumnKind, read_columns
from liendea_assets.db.connection import Database, read_frame, to_rows

# A slice of this many ids is a text of some 40 MB for the longest column.
SLICE = 100_000

READ_CONTACTS = """
    SELECT
        contact_id, company_id, title, company_domain, industry, employee_count, revenue_range, growth_rate, gtm_segment, country, sources
    FROM enriched_contacts
    WHERE contact_id BETWEEN :first AND :last AND contact_id NOT IN (SELECT contact_id FROM suppressed_contacts)
    ORDER BY contact_id
"""
READ_SOME_CONTACTS = """
    SELECT
        contact_id, company_id, title, company_domain, industry, employee_count, revenue_range, growth_rate, gtm_segment, country, sources
    FROM enriched_contacts
    WHERE contact_id IN (SELECT value FROM json_each(:ids)) AND contact_id NOT IN (SELECT contact_id FROM suppressed_contacts)
    ORDER BY contact_id
"""
CONTACT_COLUMNS: dict[str, ColumnKind] = {
    "contact_id": "whole", "company_id": "number", "title": "text", "company_domain": "text", "industry": "text",
    "employee_count": "number", "revenue_range": "text", "growth_rate": "number", "gtm_segment": "text", "country": "text",
    "sources": "text",
}  # fmt: skip
READ_TIES = """
    SELECT contact_id, strength
    FROM linkedin_connections
    WHERE is_current = 1 AND connection_degree = 1 AND strength IS NOT NULL
"""
READ_SOME_TIES = """
    SELECT contact_id, strength
    FROM linkedin_connections
    WHERE is_current = 1 AND connection_degree = 1 AND strength IS NOT NULL AND contact_id IN (SELECT value FROM json_each(:ids))
"""
LAST_ID = "SELECT coalesce(max(contact_id), 0) AS last FROM enriched_contacts"
READ_DUE = "SELECT coalesce(max(id), 0) AS last, count(*) AS changes FROM icp_score_due"
READ_DUE_CONTACTS = """
    SELECT contact_id FROM icp_score_due WHERE id <= :last
    UNION
    SELECT e.contact_id
    FROM icp_score_due d
    JOIN enriched_contacts e ON e.company_id = d.company_id
    WHERE d.id <= :last AND :with_companies
"""
FORGET_DUE = "DELETE FROM icp_score_due WHERE id <= :last"
READ_LAST_RUN = """
    SELECT u.id, u.config_version, u.rules_version, c.content
    FROM icp_scoring_runs u
    JOIN icp_scoring_configs c ON c.version = u.config_version
    ORDER BY u.id DESC
    LIMIT 1
"""
INSERT_CONFIG = """
    INSERT INTO icp_scoring_configs (version, content, first_used_at)
    VALUES (:version, :content, :now)
    ON CONFLICT (version) DO UPDATE SET content = excluded.content WHERE content = '{}'
"""
INSERT_RUN = """
    INSERT INTO icp_scoring_runs (config_version, rules_version, scored_at, first, written)
    VALUES (:config_version, :rules_version, :now, :first, :written)
    RETURNING id
"""
READ_CONFIG = "SELECT content FROM icp_scoring_configs WHERE version = :version"
FIND_PARTS = """
    SELECT p.id, p.content
    FROM json_each(:contents) j
    CROSS JOIN icp_score_parts p ON p.content = j.value
"""
INSERT_PART = """
    INSERT INTO icp_score_parts (content, points, reason, source_key)
    VALUES (?, ?, ?, ?)
    ON CONFLICT (content) DO NOTHING
"""
FIND_SOURCES = """
    SELECT s.id, s.content
    FROM json_each(:contents) j
    CROSS JOIN icp_score_sources s ON s.content = j.value
"""
INSERT_SOURCE = "INSERT INTO icp_score_sources (content) VALUES (?) ON CONFLICT (content) DO NOTHING"
READ_PARTS = "SELECT id, content, points FROM icp_score_parts WHERE id IN (SELECT value FROM json_each(:ids)) ORDER BY id"
READ_ROWS = """
    SELECT
        contact_id, icp_score, fit_score, relationship_score, CAST(round(coverage * 10000) AS INTEGER) AS coverage_points, score_min,
        score_max, priority, priority_best, priority_worst, coalesce(disqualified_by, '') AS disqualified_by,
        source_id, part_ids
    FROM icp_score_rows
    WHERE contact_id BETWEEN :first AND :last
    ORDER BY contact_id
"""
READ_SOME_ROWS = """
    SELECT
        contact_id, icp_score, fit_score, relationship_score, CAST(round(coverage * 10000) AS INTEGER) AS coverage_points, score_min,
        score_max, priority, priority_best, priority_worst, coalesce(disqualified_by, '') AS disqualified_by,
        source_id, part_ids
    FROM icp_score_rows
    WHERE contact_id IN (SELECT value FROM json_each(:ids))
    ORDER BY contact_id
"""
ROW_NUMBERS = (
    "contact_id", "icp_score", "fit_score", "relationship_score", "coverage_points", "score_min", "score_max", "priority",
    "priority_best", "priority_worst", "source_id",
)  # fmt: skip
ROW_COLUMNS: dict[str, ColumnKind] = {**dict.fromkeys(ROW_NUMBERS, "whole"), "disqualified_by": "text", "part_ids": "words"}
LAST_ROW = "SELECT coalesce(max(contact_id), 0) AS last FROM icp_score_rows"
UPSERT_ROW = """
    INSERT INTO icp_score_rows (
        contact_id, icp_score, fit_score, relationship_score, part_ids, coverage, score_min, score_max, priority, priority_best,
        priority_worst, disqualified_by, source_id, run_id
    )
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (contact_id) DO UPDATE SET
        icp_score = excluded.icp_score, fit_score = excluded.fit_score, relationship_score = excluded.relationship_score,
        part_ids = excluded.part_ids, coverage = excluded.coverage, score_min = excluded.score_min, score_max = excluded.score_max,
        priority = excluded.priority, priority_best = excluded.priority_best, priority_worst = excluded.priority_worst,
        disqualified_by = excluded.disqualified_by, source_id = excluded.source_id, run_id = excluded.run_id
"""
WRITTEN_COLUMNS = (
    "contact_id", "icp_score", "fit_score", "relationship_score", "part_ids", "coverage", "score_min", "score_max", "priority",
    "priority_best", "priority_worst", "disqualified_by", "source_id", "run_id",
)  # fmt: skip
DELETE_ROW = "DELETE FROM icp_score_rows WHERE contact_id = ?"
# who was suppressed while scores were computed
DROP_SUPPRESSED = "DELETE FROM icp_score_rows WHERE contact_id IN (SELECT contact_id FROM suppressed_contacts)"
DROP_UNUSED_PARTS = "DELETE FROM icp_score_parts WHERE id NOT IN (SELECT value FROM json_each(:ids))"
INSERT_CHANGE = """
    INSERT INTO icp_score_changes (contact_id, old, new, cause, detail, old_config_version, config_version, changed_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
CHANGE_COLUMNS = ("contact_id", "old", "new", "cause", "detail", "old_config_version", "config_version", "changed_at")
COUNT_CHANGES = """
    SELECT cause, count(*) AS contacts FROM icp_score_changes WHERE changed_at = :scored_at GROUP BY cause
    UNION ALL
    SELECT 'first', first FROM icp_scoring_runs WHERE scored_at = :scored_at AND first > 0
    ORDER BY cause
"""
SUMMARY = """
    SELECT count(*) AS contacts, coalesce(avg(icp_score), 0.0) AS mean, coalesce(sum(icp_score >= :minimum), 0) AS at_or_above
    FROM icp_score_rows
"""
COUNT_UNSCORED = """
    SELECT count(*) AS contacts
    FROM enriched_contacts e
    WHERE NOT EXISTS (SELECT 1 FROM icp_score_rows r WHERE r.contact_id = e.contact_id)
        AND NOT EXISTS (SELECT 1 FROM suppressed_contacts s WHERE s.contact_id = e.contact_id)
"""
# Another config by which all scores are the same is noted as a run that wrote nothing; who is suppressed leaves without one.
CONTENT_VERSION = """
    SELECT
        coalesce(max(id), 0) || ' ' || coalesce(max(scored_at), '')
        || coalesce((SELECT ' ' || changes FROM suppression_state WHERE changes > 0), '') AS version
    FROM icp_scoring_runs
    WHERE written > 0
"""
READ_SCORES = """
    SELECT
        contact_id, icp_score, fit_score, relationship_score, parts, reasons, coverage, score_min, score_max, priority, priority_best,
        priority_worst, disqualified_by, config_version, scored_at
    FROM icp_scores
    WHERE icp_score >= :minimum
    ORDER BY contact_id
"""
READ_SCORE = """
    SELECT
        contact_id, icp_score, fit_score, relationship_score, parts, reasons, coverage, score_min, score_max, priority, priority_best,
        priority_worst, disqualified_by, config_version, scored_at
    FROM icp_scores
    WHERE contact_id = :contact_id
"""
READ_HISTORY = """
    SELECT old, new, cause, detail, old_config_version, config_version, changed_at
    FROM icp_score_changes
    WHERE contact_id = :contact_id
    ORDER BY id DESC
"""


@dataclass(frozen=True, slots=True)
class LastRun:
    """The run that all scores are of; `content` is its config, None where that was not kept."""

    config_version: str
    rules_version: str
    content: dict[str, Any] | None


def read_last_run(db: Database) -> LastRun | None:
    """None where nobody was ever scored."""
    row = db.conn.execute(READ_LAST_RUN).fetchone()
    return LastRun(row["config_version"], row["rules_version"], json.loads(row["content"]) or None) if row else None


def read_due(db: Database) -> tuple[int, int]:
    """The number of the last change of an input that was not scored yet, and how many there are."""
    row = db.conn.execute(READ_DUE).fetchone()
    return row["last"], row["changes"]


def read_due_contacts(db: Database, last: int, *, with_companies: bool) -> list[int]:
    """Contacts whose inputs changed, with all others of the companies concerned where scores depend on them."""
    rows = db.conn.execute(READ_DUE_CONTACTS, {"last": last, "with_companies": int(with_companies)})
    return sorted(row["contact_id"] for row in rows)


def read_contacts(db: Database, ids: Sequence[int] | None = None, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """What rules look at, per contact in order of id: the columns of `CONTACT_COLUMNS` and `connection_strength`, the strongest tie.

    Suppressed contacts are left out.

    Args:
        ids: these only. columns: these only.
    """
    wanted = {name: kind for name, kind in CONTACT_COLUMNS.items() if columns is None or name in columns or name == "contact_id"}
    if ids is None:
        contacts = read_columns(db, READ_CONTACTS, wanted, _slices(db, LAST_ID))
        ties = read_columns(db, READ_TIES, {"contact_id": "whole", "strength": "number"})
    else:
        some = {"ids": json.dumps(list(ids))}
        contacts = read_columns(db, READ_SOME_CONTACTS, wanted, [some])
        ties = read_columns(db, READ_SOME_TIES, {"contact_id": "whole", "strength": "number"}, [some])
    strongest = ties.groupby("contact_id")["strength"].max()
    return contacts.assign(connection_strength=strongest.reindex(contacts["contact_id"]).to_numpy(dtype=float))


def read_rows(db: Database, ids: Sequence[int] | None = None) -> pd.DataFrame:
    """The scores that stand, in order of contact: `ROW_COLUMNS`, coverage in ten-thousandths, `disqualified_by` empty for most."""
    if ids is None:
        return read_columns(db, READ_ROWS, ROW_COLUMNS, _slices(db, LAST_ROW))
    return read_columns(db, READ_SOME_ROWS, ROW_COLUMNS, [{"ids": json.dumps(list(ids))}])


def number_parts(
    connection: sqlite3.Connection, contents: Sequence[str], points: Sequence[int], reasons: Sequence[str], keys: Sequence[str | None]
) -> dict[str, int]:
    """Each part's number; parts that were never seen get one."""
    rows = dict(zip(contents, zip(contents, points, reasons, keys, strict=True), strict=True))
    return _number(connection, rows, FIND_PARTS, INSERT_PART)


def number_sources(connection: sqlite3.Connection, contents: Sequence[str]) -> dict[str, int]:
    """The same for the sources of values."""
    return _number(connection, {content: (content,) for content in contents}, FIND_SOURCES, INSERT_SOURCE)


def _number(connection: sqlite3.Connection, rows: Mapping[str, tuple[object, ...]], find: str, insert: str) -> dict[str, int]:
    known = {row["content"]: row["id"] for row in connection.execute(find, {"contents": json.dumps(list(rows))})}
    new = [row for content, row in rows.items() if content not in known]
    if new:
        connection.executemany(insert, new)
        added = connection.execute(find, {"contents": json.dumps([row[0] for row in new])})
        known |= {row["content"]: row["id"] for row in added}
    return known


def read_parts(connection: sqlite3.Connection, ids: Sequence[int]) -> dict[int, tuple[str, int]]:
    """Number → content as JSON, points."""
    return {row["id"]: (row["content"], row["points"]) for row in connection.execute(READ_PARTS, {"ids": json.dumps(list(ids))})}


def insert_run(
    connection: sqlite3.Connection, config_version: str, content: str, rules_version: str, now: str, first: int, written: int
) -> int:
    """Notes the config and the run. Returns the run's id."""
    connection.execute(INSERT_CONFIG, {"version": config_version, "content": content, "now": now})
    run = {"config_version": config_version, "rules_version": rules_version, "now": now, "first": first, "written": written}
    return int(connection.execute(INSERT_RUN, run).fetchone()["id"])


def write_rows(connection: sqlite3.Connection, rows: pd.DataFrame, gone: Sequence[int]) -> None:
    """Writes these rows (`WRITTEN_COLUMNS`), in order of contact, and deletes those who are gone."""
    connection.executemany(DELETE_ROW, [(contact_id,) for contact_id in gone])
    connection.executemany(UPSERT_ROW, to_rows(rows, WRITTEN_COLUMNS))
    connection.execute(DROP_SUPPRESSED)


def write_changes(connection: sqlite3.Connection, changes: pd.DataFrame) -> None:
    """Adds rows to icp_score_changes (`CHANGE_COLUMNS`)."""
    connection.executemany(INSERT_CHANGE, to_rows(changes, CHANGE_COLUMNS))


def drop_unused_parts(connection: sqlite3.Connection, used: Sequence[int]) -> None:
    """Forgets parts that no score has any more; all scores have just been read or written."""
    connection.execute(DROP_UNUSED_PARTS, {"ids": json.dumps(list(used))})


def forget_due(connection: sqlite3.Connection, last: int) -> None:
    """What was due up to this number is scored."""
    connection.execute(FORGET_DUE, {"last": last})


def content_version(db: Database) -> str:
    """Changes whenever a score or its explanation does."""
    return str(db.conn.execute(CONTENT_VERSION).fetchone()["version"])


def read_scores(db: Database, minimum: int = 0) -> pd.DataFrame:
    """icp_scores with their explanations, of contacts at or above a score."""
    return read_frame(db, READ_SCORES, {"minimum": minimum})


def read_score(db: Database, contact_id: int) -> pd.DataFrame:
    """One contact's row of icp_scores, or none."""
    return read_frame(db, READ_SCORE, {"contact_id": contact_id})


def read_history(db: Database, contact_id: int) -> pd.DataFrame:
    """The changes of one contact's score, the newest first."""
    return read_frame(db, READ_HISTORY, {"contact_id": contact_id})


def read_config(db: Database, version: str) -> dict[str, Any] | None:
    """A config that was used once, as `ScoringSettings.model_dump`; None where it was not kept."""
    row = db.conn.execute(READ_CONFIG, {"version": version}).fetchone()
    return (json.loads(row["content"]) or None) if row else None


def count_changes(db: Database, scored_at: str) -> dict[str, int]:
    """Cause → contacts whose score changed at that time; `first` are those who were never scored before."""
    return {row["cause"]: row["contacts"] for row in db.conn.execute(COUNT_CHANGES, {"scored_at": scored_at})}


def count_unscored(db: Database) -> int:
    """Contacts without a score, of those who are to have one: the suppressed are not."""
    return int(db.conn.execute(COUNT_UNSCORED).fetchone()["contacts"])


def summarize(db: Database, minimum: int) -> Mapping[str, float]:
    """`contacts`, `mean` of their scores, and how many are `at_or_above` the minimum."""
    row = db.conn.execute(SUMMARY, {"minimum": minimum}).fetchone()
    return {"contacts": row["contacts"], "mean": row["mean"], "at_or_above": row["at_or_above"]}


def _slices(db: Database, last_id: str) -> Iterator[dict[str, int]]:
    last = int(np.int64(db.conn.execute(last_id).fetchone()["last"]))
    yield from ({"first": first, "last": first + SLICE - 1} for first in range(1, last + 1, SLICE))
