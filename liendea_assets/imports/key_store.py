"""The SQL of row_keys, row_changes and identity_state: what identity compares, and what it has not seen yet."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import cast

import numpy as np
import pandas as pd

from liendea_assets.db.connection import Database, read_frame, transaction
from liendea_assets.imports.row_keys import STORED_COLUMNS, keys_version, make_keys, pack_keys, unpack_keys
from liendea_assets.imports.row_positions import SOURCE, rows_of
from liendea_assets.imports.settings import ImportSettings

SOURCES = ("gtm", "linkedin")

READ_KEYS = "SELECT source, first_row_id, file_id, part, version, keys FROM row_keys ORDER BY source, first_row_id"
INSERT_KEYS = """
    INSERT INTO row_keys (source, first_row_id, file_id, part, version, keys)
    VALUES (:source, :first_row_id, :file_id, :part, :version, :keys)
"""
FIND_FORMER = "SELECT id FROM gtm_rows WHERE is_current = 0"
DELETE_KEYS = "DELETE FROM row_keys"

READ_GTM_FOR_KEYS = """
    SELECT
        g.id AS row_id, g.file_id, g.part, g.row_hash, g.full_name, g.first_name, g.last_name, g.title, g.linkedin_id, g.reach_id,
        g.work_email, g.company_name, g.company_domain, g.industry, g.country, g.employee_count, g.revenue_range, g.growth_rate,
        g.gtm_segment,
        f.name || '/' || g.part || '/' || g.row_number AS place
    FROM gtm_rows g
    JOIN import_files f ON f.id = g.file_id
    WHERE g.verdict <> 'rejected'
    ORDER BY g.id
"""
READ_LINKEDIN_FOR_KEYS = """
    SELECT
        l.id AS row_id, l.file_id, l.part, l.row_hash, l.full_name, l.first_name, l.last_name, l.title, l.linkedin_id, l.work_email,
        l.company_name,
        f.name || '/' || l.part || '/' || l.row_number AS place
    FROM linkedin_rows l
    JOIN import_files f ON f.id = l.file_id
    WHERE l.verdict <> 'rejected'
    ORDER BY l.id
"""
_FOR_KEYS: Mapping[str, str] = {"gtm": READ_GTM_FOR_KEYS, "linkedin": READ_LINKEDIN_FOR_KEYS}

INSERT_CHANGE = "INSERT INTO row_changes (source, row_ids, has_companies) VALUES (:source, :row_ids, :has_companies)"
READ_CHANGES = "SELECT id, source, row_ids FROM row_changes WHERE has_companies = :has_companies ORDER BY id"
SET_HAS_COMPANIES = "UPDATE row_changes SET has_companies = 1 WHERE id = :id"
DELETE_CHANGE = "DELETE FROM row_changes WHERE id = :id"

READ_STATE = "SELECT version FROM identity_state WHERE entity = :entity"
STORE_STATE = """
    INSERT INTO identity_state (entity, version) VALUES (:entity, :version)
    ON CONFLICT (entity) DO UPDATE SET version = excluded.version WHERE version <> excluded.version
"""


@dataclass(frozen=True, slots=True)
class KeyedRows:
    """The keys of rows that landed together: of one source, file and part (sheet or member)."""

    source: str
    file_id: int
    part: str
    keys: pd.DataFrame


def insert_keys(connection: sqlite3.Connection, source: str, rows: pd.DataFrame, settings: ImportSettings) -> None:
    """Packs the keys of rows that land.

    Args:
        rows: `row_id`, `file_id`, `part` and `STORED_COLUMNS`; none of them rejected.
    """
    for made in _by_part(source, rows):
        _insert(connection, made, settings)


def _by_part(source: str, rows: pd.DataFrame) -> Iterator[KeyedRows]:
    for place, own in rows.groupby(["file_id", "part"], sort=False):
        file_id, part = cast(tuple[int, str], place)
        yield KeyedRows(source, int(file_id), part, own[["row_id", *STORED_COLUMNS]])


def _insert(connection: sqlite3.Connection, rows: KeyedRows, settings: ImportSettings) -> None:
    connection.execute(
        INSERT_KEYS,
        {
            "source": rows.source,
            "first_row_id": int(rows.keys["row_id"].iloc[0]),
            "file_id": rows.file_id,
            "part": rows.part,
            "version": keys_version(settings),
            "keys": pack_keys(rows.keys["row_id"], rows.keys),
        },
    )


def read_keys(db: Database, settings: ImportSettings, *, keep: bool = True) -> pd.DataFrame:
    """`source`, `row_id`, `file_id`, `is_current` and `STORED_COLUMNS` of every row that is not rejected; in order of source and id.

    Keys that other settings made are made anew, and stored where they are to be kept.
    """
    frames = [
        rows.keys.assign(source=rows_of(rows.source, len(rows.keys)), file_id=rows.file_id) for rows in _read(db, settings, keep=keep)
    ]
    if frames:
        return _mark_current(db, pd.concat(frames, ignore_index=True))
    return pd.DataFrame(
        {name: pd.Series(dtype="int64") for name in ("row_id", *STORED_COLUMNS, "file_id", "is_current")}
        | {"source": pd.Series(dtype=SOURCE)}
    )


def read_parts(db: Database, file_ids: Iterable[int], settings: ImportSettings) -> dict[str, pd.DataFrame]:
    """`row_id`, `file_id`, `row_hash`, `is_current` of the rows that versions of a GTM file landed, by part; the current ones first."""
    wanted = set(file_ids)
    parts: dict[str, list[pd.DataFrame]] = {}
    for rows in _read(db, settings, keep=True):
        if rows.source == "gtm" and rows.file_id in wanted:
            own = rows.keys[["row_id", "row_hash"]].assign(source=rows_of("gtm", len(rows.keys)), file_id=rows.file_id)
            parts.setdefault(rows.part, []).append(own)
    marked = {part: _mark_current(db, pd.concat(frames, ignore_index=True)) for part, frames in parts.items()}
    return {
        part: rows.drop(columns="source").sort_values(["is_current", "row_id"], ascending=[False, True], ignore_index=True)
        for part, rows in marked.items()
    }


def _read(db: Database, settings: ImportSettings, *, keep: bool) -> list[KeyedRows]:
    packed = db.conn.execute(READ_KEYS).fetchall()
    if all(row["version"] == keys_version(settings) for row in packed) and not _lacks_keys(db, packed):
        return [KeyedRows(row["source"], row["file_id"], row["part"], unpack_keys(row["keys"])) for row in packed]
    landed = {source: read_frame(db, sql) for source, sql in _FOR_KEYS.items()}
    made = [
        part
        for source, rows in landed.items()
        if len(rows)
        for part in _by_part(source, pd.concat([rows[["row_id", "file_id", "part"]], make_keys(rows, settings)], axis=1))
    ]
    if keep:
        with transaction(db) as connection:
            connection.execute(DELETE_KEYS)
            for rows in made:
                _insert(connection, rows, settings)
    return made


def _mark_current(db: Database, rows: pd.DataFrame) -> pd.DataFrame:
    former = [row["id"] for row in db.conn.execute(FIND_FORMER)]
    return rows.assign(is_current=1 - (rows["row_id"].isin(former) & (rows["source"] == "gtm")).astype("int64"))


def note_changes(connection: sqlite3.Connection, source: str, row_ids: Iterable[int], *, has_companies: bool = False) -> None:
    """Records rows that companies (or, with `has_companies`, only contacts) have to take in."""
    packed = np.fromiter(row_ids, dtype="<i8")
    if len(packed):
        connection.execute(INSERT_CHANGE, {"source": source, "row_ids": packed.tobytes(), "has_companies": int(has_companies)})


def read_changes(db: Database, *, has_companies: bool) -> tuple[list[int], pd.DataFrame]:
    """Ids of the records, and the rows that they name: `source`, `row_id`; a row may be named more than once."""
    records = db.conn.execute(READ_CHANGES, {"has_companies": int(has_companies)}).fetchall()
    frames = [pd.DataFrame({"row_id": pd.Series(dtype="int64"), "source": pd.Series(dtype=SOURCE)})]
    for row in records:
        row_ids = np.frombuffer(row["row_ids"], dtype="<i8")
        frames.append(pd.DataFrame({"row_id": row_ids, "source": rows_of(row["source"], len(row_ids))}))
    return [row["id"] for row in records], pd.concat(frames, ignore_index=True)


def pass_on_changes(connection: sqlite3.Connection, ids: Iterable[int]) -> None:
    """Companies have taken these in; contacts come next."""
    connection.executemany(SET_HAS_COMPANIES, [{"id": id_} for id_ in ids])


def drop_changes(connection: sqlite3.Connection, ids: Iterable[int]) -> None:
    """Contacts have taken these in."""
    connection.executemany(DELETE_CHANGE, [{"id": id_} for id_ in ids])


def read_state(db: Database, entity: str) -> str | None:
    """The version of code, settings and decisions that the contacts or companies in force were made with."""
    row = db.conn.execute(READ_STATE, {"entity": entity}).fetchone()
    return None if row is None else str(row["version"])


def store_state(connection: sqlite3.Connection, entity: str, version: str) -> None:
    """Records that version."""
    connection.execute(STORE_STATE, {"entity": entity, "version": version})


def _lacks_keys(db: Database, packed: list[sqlite3.Row]) -> bool:
    """A database of a former version has rows and no keys."""
    return not packed and any(db.table(f"{source}_rows").count for source in SOURCES)
