"""The SQL of people: contacts, contact_sources, what providers and users told of them.

Files and landing rows: landing_store.py; companies: company_store.py; ties: network_store.py.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from liendea_assets.db.connection import Database, read_frame, read_integers, to_records, to_rows, transaction
from liendea_assets.imports import key_store
from liendea_assets.imports.row_positions import SOURCE, rows_of
from liendea_assets.imports.source_batches import source_batches

READ_SOURCES = """
    SELECT row_id, contact_id, coalesce(anchor_of, 0) AS anchor_of FROM contact_sources WHERE source = :source ORDER BY row_id
"""
READ_OWNERS = """
    SELECT id AS file_id, name, owner, owner_linkedin_id
    FROM import_files
    WHERE kind = 'linkedin_export' AND error IS NULL
    ORDER BY id
"""
READ_FILES = "SELECT id AS file_id, dated_at, sha256, coalesce(replaced_by, id) AS lineage FROM import_files"
READ_REACH_IDS = "SELECT contact_id, reach_id FROM learned_reach_ids"
# Of a contact and those that are part of it; its own value comes last and counts.
READ_MANUAL_VALUES = """
    SELECT coalesce(c.merged_into, c.id) AS contact_id, v.contact_id AS set_for, v.field, v.value, v.set_at
    FROM manual_values v
    JOIN contacts c ON c.id = v.contact_id
    ORDER BY contact_id, c.merged_into IS NULL, v.set_at
"""
SET_MANUAL_VALUE = """
    INSERT INTO manual_values (contact_id, field, value, set_at) VALUES (:contact_id, :field, :value, :now)
    ON CONFLICT (contact_id, field) DO UPDATE SET value = excluded.value, set_at = excluded.set_at
"""
DELETE_MANUAL_VALUE = "DELETE FROM manual_values WHERE contact_id = :contact_id AND field = :field"
FIND_CONTACT = "SELECT coalesce(merged_into, id) AS id FROM contacts WHERE id = :contact_id"
READ_CONTACT_ROWS = """
    SELECT
        s.source, s.row_id, s.evidence, s.anchor_of IS NOT NULL AS is_anchor, f.id AS file_id, f.name AS file, f.dated_at,
        coalesce(g.part, l.part) AS part, coalesce(g.row_number, l.row_number) AS row_number,
        coalesce(g.is_current, l.is_current, 1) AS is_current, coalesce(g.row_hash, l.row_hash, 0) AS row_hash,
        coalesce(g.full_name, l.full_name, f.owner) AS full_name, coalesce(g.first_name, l.first_name) AS first_name,
        coalesce(g.last_name, l.last_name) AS last_name, coalesce(g.title, l.title) AS title, g.reach_id, g.industry, g.country,
        k.company_id
    FROM contact_sources s
    LEFT JOIN gtm_rows g ON s.source = 'gtm' AND g.id = s.row_id
    LEFT JOIN linkedin_rows l ON s.source = 'linkedin' AND l.id = s.row_id
    JOIN import_files f ON f.id = coalesce(g.file_id, l.file_id, s.row_id)
    LEFT JOIN company_sources k ON k.source = s.source AND k.row_id = s.row_id
    WHERE s.contact_id = :contact_id
    ORDER BY f.id, s.source, s.row_id
"""
NEXT_ID = "SELECT coalesce(max(id), 0) + 1 AS id FROM contacts"

READ_GTM_VALUES = """
    SELECT
        g.id AS row_id, g.full_name, g.first_name, g.last_name, g.title, g.industry, g.linkedin_id, g.reach_id, g.country, s.company_id
    FROM json_each(:ids) wanted
    CROSS JOIN gtm_rows g ON g.id = wanted.value
    LEFT JOIN company_sources s ON s.source = 'gtm' AND s.row_id = g.id
"""
READ_LINKEDIN_VALUES = """
    SELECT l.id AS row_id, l.full_name, l.first_name, l.last_name, l.title, l.linkedin_id, s.company_id
    FROM json_each(:ids) wanted
    CROSS JOIN linkedin_rows l ON l.id = wanted.value
    LEFT JOIN company_sources s ON s.source = 'linkedin' AND s.row_id = l.id
"""

# A unique key moves from one row to another in two steps: let go first, then take.
READ_KEYS = "SELECT c.id, c.linkedin_id, c.reach_id FROM json_each(:ids) wanted CROSS JOIN contacts c ON c.id = wanted.value"
RELEASE_LINKEDIN_ID = "UPDATE contacts SET linkedin_id = NULL WHERE id = ?"
RELEASE_REACH_ID = "UPDATE contacts SET reach_id = NULL WHERE id = ?"
# An id that leads to another holds nothing else: its values come from its rows again should the two be parted.
MERGE_CONTACT = """
    UPDATE contacts
    SET merged_into = :into, linkedin_id = NULL, reach_id = NULL, full_name = '', first_name = NULL, last_name = NULL, title = NULL,
        company_id = NULL, industry = NULL, country = NULL, is_owner = 0, updated_at = :now
    WHERE id = :id AND merged_into IS DISTINCT FROM :into
"""
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
# `pairs` holds row id * 2^31 + contact id.
UPSERT_SOURCES = """
    INSERT INTO contact_sources (source, row_id, contact_id, evidence, anchor_of)
    SELECT
        :source, pair.value >> 31, pair.value & 2147483647, :evidence, CASE WHEN :is_anchor THEN pair.value & 2147483647 END
    FROM json_each(:pairs) pair
    -- else SQLite takes the next line for a join's
    WHERE true
    ON CONFLICT (source, row_id) DO UPDATE SET
        contact_id = excluded.contact_id, evidence = excluded.evidence, anchor_of = excluded.anchor_of
    WHERE contact_id <> excluded.contact_id OR evidence <> excluded.evidence OR anchor_of IS DISTINCT FROM excluded.anchor_of
"""
UPSERT_SOURCE = """
    INSERT INTO contact_sources (source, row_id, contact_id, evidence, anchor_of)
    VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (source, row_id) DO UPDATE SET
        contact_id = excluded.contact_id, evidence = excluded.evidence, anchor_of = excluded.anchor_of
    WHERE contact_id <> excluded.contact_id OR evidence <> excluded.evidence OR anchor_of IS DISTINCT FROM excluded.anchor_of
"""
# The row that a contact got its id from is the one that was imported; all others were merged into what was known.
COUNT_TAKEN_IN = """
    UPDATE import_files SET imported = imported + :imported, merged = merged + :merged, pending = pending - :imported - :merged
    WHERE id = :file_id
"""
CONTENT_VERSION = "SELECT count(*) || ' ' || coalesce(max(updated_at), '') AS version FROM contacts"

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
            -- a human has the last word on who is two
            AND s.contact_id NOT IN (
                SELECT d.contact_id
                FROM merge_decisions m
                JOIN contact_sources d ON (d.source, d.row_id) IN (VALUES (m.left_source, m.left_row_id), (m.right_source, m.right_row_id))
                WHERE m.entity = 'contact' AND m.decision = 'different' AND m.undone_at IS NULL
            )
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
LEARN_REACH_ID = """
    INSERT INTO learned_reach_ids (contact_id, reach_id)
    SELECT :contact_id, :reach_id
    WHERE NOT EXISTS (SELECT 1 FROM contacts WHERE reach_id = :reach_id AND id <> :contact_id)
        AND NOT EXISTS (SELECT 1 FROM learned_reach_ids WHERE reach_id = :reach_id)
    ON CONFLICT (contact_id) DO NOTHING
"""
FIND_ANCHOR = "SELECT source, row_id FROM contact_sources WHERE anchor_of = :contact_id"
SET_REACH_ID = """
    UPDATE contacts SET reach_id = :reach_id
    WHERE id = :contact_id AND merged_into IS NULL AND reach_id IS NULL AND NOT EXISTS (SELECT 1 FROM contacts WHERE reach_id = :reach_id)
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


def read_sources(db: Database) -> pd.DataFrame:
    """`source`, `row_id`, `contact_id`, `anchor_of` (0 for most) of every row that is about a person."""
    columns = ("row_id", "contact_id", "anchor_of")
    frames = {source: read_integers(db, READ_SOURCES, columns, {"source": source}) for source in SOURCE.categories}
    return pd.concat([frame.assign(source=rows_of(source, len(frame))) for source, frame in frames.items()], ignore_index=True)


def read_owners(db: Database) -> pd.DataFrame:
    """Every readable LinkedIn export: `file_id`, `name`, `owner`, `owner_linkedin_id`."""
    return read_frame(db, READ_OWNERS)


def with_files(db: Database, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows (`file_id`) with what survivorship asks of their files.

    `file_rank` is the file's place by date, the newest highest; files of one moment by content, whatever order they came in. `lineage`
    is the same for all versions of a file.
    """
    files = read_frame(db, READ_FILES).sort_values(["dated_at", "sha256", "file_id"])
    files = files.assign(file_rank=range(len(files))).set_index("file_id")[["file_rank", "lineage"]].astype("int64")
    found = files.loc[rows["file_id"]]
    return rows.assign(file_rank=found["file_rank"].to_numpy(), lineage=found["lineage"].to_numpy())


def read_reach_ids(db: Database) -> dict[int, str]:
    """Contact → the Reach id that a provider told of it."""
    return {row["contact_id"]: row["reach_id"] for row in db.conn.execute(READ_REACH_IDS)}


def read_manual_values(db: Database) -> pd.DataFrame:
    """What users set by hand: `contact_id` (in force), `set_for`, `field`, `value`, `set_at`; of several the last one counts."""
    return read_frame(db, READ_MANUAL_VALUES)


def set_manual_value(db: Database, contact_id: int, field: str, value: str | None, now: str) -> None:
    """Records a value of a contact that a user set, or takes it back."""
    with transaction(db) as connection:
        connection.execute(
            DELETE_MANUAL_VALUE if value is None else SET_MANUAL_VALUE,
            {"contact_id": contact_id, "field": field, "value": value, "now": now},
        )
        _look_at_again(connection, contact_id)


def find_contact(db: Database, contact_id: int) -> int | None:
    """The contact in force that this one is, or is part of; None where there is none."""
    row = db.conn.execute(FIND_CONTACT, {"contact_id": contact_id}).fetchone()
    return None if row is None else int(row["id"])


def read_contact_rows(db: Database, contact_id: int) -> pd.DataFrame:
    """The rows that made a contact: place, evidence and what they say of survivorship's CONTACT_FIELDS."""
    return read_frame(db, READ_CONTACT_ROWS, {"contact_id": contact_id})


def next_id(db: Database) -> int:
    """The next free contact id."""
    return int(db.conn.execute(NEXT_ID).fetchone()["id"])


def read_values(db: Database, rows: pd.DataFrame) -> pd.DataFrame:
    """What rows say about people; `rows` has `source` and `row_id`. Fields that a source lacks are missing."""
    frames = []
    for source, sql in (("gtm", READ_GTM_VALUES), ("linkedin", READ_LINKEDIN_VALUES)):
        frame = read_frame(db, sql, {"ids": json.dumps(rows.loc[rows["source"] == source, "row_id"].tolist())})
        frames.append(frame.assign(source=rows_of(source, len(frame))))
    filled = [frame for frame in frames if len(frame)]
    return pd.concat(filled, ignore_index=True).reindex(columns=frames[0].columns) if filled else frames[0]


def release_keys(connection: sqlite3.Connection, contacts: pd.DataFrame, merged: Mapping[int, int]) -> None:
    """Takes profiles and Reach ids from contacts that no longer bear them, so that others can; the arguments of store_contacts."""
    rows = to_rows(contacts, ("id", "linkedin_id", "reach_id"))
    wanted = {id_: (linkedin_id, reach_id) for id_, linkedin_id, reach_id in rows} | dict.fromkeys(merged, (None, None))
    held = connection.execute(READ_KEYS, {"ids": json.dumps(list(wanted))}).fetchall()
    slugs = [(row["id"],) for row in held if row["linkedin_id"] is not None and wanted[row["id"]][0] != row["linkedin_id"]]
    reach_ids = [(row["id"],) for row in held if row["reach_id"] is not None and wanted[row["id"]][1] != row["reach_id"]]
    connection.executemany(RELEASE_LINKEDIN_ID, slugs)
    connection.executemany(RELEASE_REACH_ID, reach_ids)


def store_contacts(connection: sqlite3.Connection, contacts: pd.DataFrame, merged: Mapping[int, int], now: str) -> None:
    """Writes what changed of contacts.

    Args:
        contacts: `id`, `linkedin_id`, `is_owner` and survivorship's CONTACT_FIELDS.
        merged: id → the contact that it is now part of.
    """
    columns = (
        "id", "linkedin_id", "reach_id", "full_name", "first_name", "last_name", "title", "company_id", "industry", "country",
        "is_owner", "created_at", "updated_at",
    )  # fmt: skip
    connection.executemany(UPSERT_CONTACT, to_rows(contacts.assign(created_at=now, updated_at=now), columns))
    connection.executemany(MERGE_CONTACT, [{"id": old, "into": new, "now": now} for old, new in merged.items()])


def store_sources(connection: sqlite3.Connection, sources: pd.DataFrame) -> None:
    """Writes which rows made which contact and why, and counts in each file what became of its rows.

    Args:
        sources: `source`, `row_id`, `file_id`, `contact_id`, `evidence`, `anchor_of` (0 for most), `is_new`.
    """
    is_elsewhere = (sources["anchor_of"] != 0) & (sources["anchor_of"] != sources["contact_id"])
    connection.executemany(UPSERT_SOURCE, to_rows(sources[is_elsewhere], ("source", "row_id", "contact_id", "evidence", "anchor_of")))
    for batch in source_batches(sources[~is_elsewhere], "contact_id"):
        connection.execute(UPSERT_SOURCES, batch)
    landed = sources[sources["is_new"] & (sources["source"] != "owner")]
    counts = (landed["anchor_of"] != 0).groupby(landed["file_id"]).agg(["sum", "size"])
    taken = pd.DataFrame({"file_id": counts.index, "imported": counts["sum"], "merged": counts["size"] - counts["sum"]})
    connection.executemany(COUNT_TAKEN_IN, to_records(taken))


def content_version(db: Database) -> str:
    """Changes whenever a contact does."""
    return str(db.conn.execute(CONTENT_VERSION).fetchone()["version"])


def count_duplicate_contacts(db: Database) -> int:
    """Profiles that more than one contact bears, by the contacts or by the rows behind them."""
    return int(db.conn.execute(DUPLICATE_CONTACTS).fetchone()[0])


def read_source_values(db: Database) -> pd.DataFrame:
    """What files say about contacts, the newest file first within a contact and source."""
    return read_frame(db, READ_SOURCE_VALUES)


def set_reach_ids(db: Database, reach_ids: Iterable[tuple[int, str]]) -> None:
    """Records the Reach ids that a provider told of contacts, as (id, reach_id), the surest first.

    The first one told of a contact stays; one that another contact bears already is left alone.
    """
    with transaction(db) as connection:
        for contact_id, reach_id in reach_ids:
            if connection.execute(LEARN_REACH_ID, {"contact_id": contact_id, "reach_id": reach_id}).rowcount:
                connection.execute(SET_REACH_ID, {"contact_id": contact_id, "reach_id": reach_id})
                _look_at_again(connection, contact_id)


def _look_at_again(connection: sqlite3.Connection, contact_id: int) -> None:
    """What is now known of a contact may make it one with another."""
    for row in connection.execute(FIND_ANCHOR, {"contact_id": contact_id}).fetchall():
        if row["source"] == "owner":
            # owners are no landed rows; everybody is looked at again
            key_store.store_state(connection, "contact", "")
        else:
            key_store.note_changes(connection, row["source"], [row["row_id"]], has_companies=True)
