"""The SQL of landing a file: import_files, the landing tables, import_rejections, linkedin_activity."""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from liendea_assets.db.bulk_load import bulk_transaction
from liendea_assets.db.connection import Database, to_rows, transaction
from liendea_assets.imports import key_store
from liendea_assets.imports.grouping import Ints, combine
from liendea_assets.imports.inbox import InboxFile
from liendea_assets.imports.landing_slices import LandedSlice
from liendea_assets.imports.model import ACTIVITY_COLUMNS, GTM_FIELDS, LINKEDIN_FIELDS, POSITION_COLUMNS, SourceFile
from liendea_assets.imports.settings import ImportSettings
from liendea_assets.imports.unread_columns import describe_file

# the one in force comes last
FIND_FILES = """
    SELECT sha256, name, kind, mapping, error, read_with, replaced_by IS NOT NULL AS is_replaced
    FROM import_files
    ORDER BY replaced_by IS NULL, id
"""

# A file that could not be read is tried again at every run, since its reason may lie in imports.yaml.
CLAIM_FILE = """
    INSERT INTO import_files (name, kind, sha256, size_bytes, read_at, dated_at, read_with)
    VALUES (:name, :kind, :sha256, :size_bytes, :now, :dated_at, :read_with)
    ON CONFLICT (sha256, read_with) DO UPDATE SET name = excluded.name, kind = excluded.kind, read_at = excluded.read_at
    WHERE import_files.error IS NOT NULL OR (import_files.replaced_by IS NOT NULL AND import_files.name = excluded.name)
    RETURNING id
"""
RECORD_FILE = """
    UPDATE import_files
    SET mapping = :mapping, owner = :owner, owner_linkedin_id = :owner_linkedin_id, rows = :rows, imported = 0, merged = :unchanged,
        unchanged = :unchanged, rejected = :rejected, blank = :blank, pending = :pending, error = :error, note = :note,
        replaced_by = NULL
    WHERE id = :id
"""
REPLACE_FORMER = """
    UPDATE import_files SET replaced_by = :id
    WHERE (name = :name OR sha256 = :sha256) AND id <> :id AND kind = :kind AND error IS NULL
"""
DELETE_FAILED = "DELETE FROM import_files WHERE sha256 = :sha256 AND id <> :id AND error IS NOT NULL"
MARK_ABSENT = "UPDATE import_files SET is_present = 0 WHERE is_present = 1"
MARK_PRESENT = "UPDATE import_files SET is_present = 1 WHERE sha256 = :sha256"

INSERT_GTM_ROW = """
    INSERT INTO gtm_rows (
        id, file_id, part, row_number, row_hash, verdict, email_kind, first_name, last_name, full_name, title, company_name, company_domain,
        industry, employee_count, revenue_range, growth_rate, gtm_segment, work_email, work_phone, mobile_phone, linkedin_id, reach_id,
        country, account_owner, notes
    )
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
INSERT_LINKEDIN_ROW = """
    INSERT INTO linkedin_rows (
        id, file_id, part, row_number, row_hash, verdict, email_kind, first_name, last_name, full_name, title, company_name, work_email,
        linkedin_id, connected_on
    )
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
LAST_GTM_ID = "SELECT coalesce(max(id), 0) AS id FROM gtm_rows"
LAST_LINKEDIN_ID = "SELECT coalesce(max(id), 0) AS id FROM linkedin_rows"
NEXT_GTM_ID = "SELECT coalesce(max(id), 0) + 1 AS id FROM gtm_rows"
NEXT_LINKEDIN_ID = "SELECT coalesce(max(id), 0) + 1 AS id FROM linkedin_rows"
FIND_VERSIONS = """
    SELECT id, read_with FROM import_files WHERE (name = :name OR sha256 = :sha256) AND kind = :kind AND error IS NULL
"""
SET_CURRENT = "UPDATE gtm_rows SET is_current = :is_current WHERE id = :row_id"
INSERT_REJECTION = """
    INSERT INTO import_rejections (file_id, part, row_number, column_name, field_name, value_class, reason)
    VALUES (?, ?, ?, ?, ?, ?, ?)
"""
DELETE_REJECTIONS = "DELETE FROM import_rejections WHERE file_id = :file_id"
DELETE_REJECTED_GTM = "DELETE FROM gtm_rows WHERE file_id = :file_id AND verdict = 'rejected'"
INSERT_ACTIVITY = """
    INSERT INTO linkedin_activity (
        file_id, linkedin_id, row_number, sent, received, first_sent_on, last_sent_on, last_received_on, invited_by, invited_on,
        endorsements_given, endorsements_received, recommendations_given, recommendations_received
    )
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
INSERT_EXPORT = "INSERT INTO linkedin_exports (file_id, has_messages) VALUES (?, ?)"
INSERT_POSITION = "INSERT INTO linkedin_positions (file_id, company_name, started_year, finished_year) VALUES (?, ?, ?, ?)"


@dataclass(frozen=True, slots=True)
class LandedFile:
    """What came of reading a file.

    Attributes:
        slices: what became of its rows, without those that an earlier version has landed already; taken once.
        former: the rows of earlier versions.
        coming: how many rows the slices have.
        unchanged: ids of the former rows that this version says again.
        error: why nothing could be read.
    """

    source: SourceFile | None = None
    slices: Iterable[LandedSlice] = ()
    coming: int = 0
    former: "FormerRows | None" = None
    unchanged: Sequence[int] = ()
    mapping: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class KnownFile:
    """A content that was met before.

    Attributes:
        is_replaced: a newer version has taken the place of this one.
    """

    name: str
    kind: str
    mapping: str | None
    error: str | None
    is_replaced: bool
    read_with: str

    def is_wanted(self, file: InboxFile, settings: ImportSettings) -> bool:
        """Whether a file of this content is read again."""
        return self.error is not None or self.says_other(file, settings)

    def says_other(self, file: InboxFile, settings: ImportSettings) -> bool:
        """Whether reading it again would change what is in force.

        It does where a former version is back under its name (under another it is a copy that somebody kept), and where imports.yaml
        reads its rows in another way now, or might read what it could not. Files of before that was recorded are left as they are.
        """
        if self.is_replaced:
            return self.name == file.name
        return self.read_with not in ("", reading_version(self.kind, self.name, self.mapping, settings))


def known_files(db: Database) -> dict[str, KnownFile]:
    """Content hash → what is known of it."""
    rows = db.conn.execute(FIND_FILES)
    return {
        row["sha256"]: KnownFile(row["name"], row["kind"], row["mapping"], row["error"], bool(row["is_replaced"]), row["read_with"])
        for row in rows
    }


def reading_version(kind: str, name: str, mapping: str | None, settings: ImportSettings) -> str:
    """The version of the settings that a file was, or would be, read with; empty where they do not matter."""
    # the columns of LinkedIn's files are LinkedIn's, and a decision is a decision
    return "" if kind in ("linkedin_export", "merge_decisions") else settings.reading_version(name, mapping)


def mark_present(db: Database, files: Iterable[InboxFile]) -> None:
    """Notes which of the files read so far lie in the inbox now."""
    with transaction(db) as connection:
        connection.execute(MARK_ABSENT)
        connection.executemany(MARK_PRESENT, [{"sha256": file.sha256} for file in files])


@dataclass(frozen=True, slots=True)
class FormerRows:
    """Rows of other versions of a file, by part: `row_id`, `row_hash`, `is_current` (they come first), `is_alike` (read as now)."""

    parts: Mapping[str, pd.DataFrame]

    def match(self, part: str, hashes: Ints) -> Ints:
        """For each row of the new version the id of the former row that says the same, 0 where none does; each is taken once."""
        found: Ints = np.zeros(len(hashes), dtype=np.int64)
        former = self.parts.get(part)
        if former is None:
            return found
        former = former[former["is_alike"]]
        place = pd.Index(_numbered(former["row_hash"].to_numpy(dtype=np.int64))).get_indexer(pd.Index(_numbered(hashes)))
        found[place >= 0] = former["row_id"].to_numpy()[place[place >= 0]]
        return found


def _numbered(hashes: Ints) -> Ints:
    """The same hashes, but for rows that say the same: the second of them has another one than the first, and so on."""
    is_again = pd.Series(hashes).duplicated().to_numpy()
    again = hashes[is_again]
    numbered = hashes.copy()
    nth = np.asarray(pd.Series(again).groupby(again).cumcount(), dtype=np.int64)
    numbered[is_again] = combine(again, nth + 1)
    return numbered


def find_former_rows(db: Database, file: InboxFile, mapping: str, settings: ImportSettings) -> FormerRows | None:
    """What earlier versions of a GTM file, known by its name, have landed; None for the first version."""
    found = db.conn.execute(FIND_VERSIONS, {"name": file.name, "sha256": file.sha256, "kind": file.kind})
    versions = {row["id"]: row["read_with"] for row in found}
    if not versions:
        return None
    alike = [id_ for id_, read_with in versions.items() if read_with in ("", reading_version(file.kind, file.name, mapping, settings))]
    parts = key_store.read_parts(db, versions, settings)
    return FormerRows({part: rows.assign(is_alike=rows["file_id"].isin(alike)) for part, rows in parts.items()})


def land_file(db: Database, file: InboxFile, content: LandedFile, settings: ImportSettings, now: str) -> bool:
    """Stores one file with all of its rows, or its error, in one transaction.

    Returns:
        False where another process has read the same content in the meantime; nothing is stored then.
    """
    held = db.conn.execute(LAST_GTM_ID if file.kind != "linkedin_export" else LAST_LINKEDIN_ID).fetchone()["id"]
    with bulk_transaction(db, held=held, coming=content.coming) as connection:
        claimed = connection.execute(
            CLAIM_FILE,
            {
                "name": file.name, "kind": file.kind, "sha256": file.sha256, "size_bytes": file.size_bytes, "now": now,
                "dated_at": file.changed_at, "read_with": reading_version(file.kind, file.name, content.mapping, settings),
            },
        ).fetchone()  # fmt: skip
        if claimed is None:
            return False
        file_id = int(claimed["id"])
        connection.execute(DELETE_FAILED, {"id": file_id, "sha256": file.sha256})
        connection.execute(DELETE_REJECTIONS, {"file_id": file_id})
        connection.execute(DELETE_REJECTED_GTM, {"file_id": file_id})
        source = "linkedin" if file.kind == "linkedin_export" else "gtm"
        counts = Counter[str]()
        for part in content.slices:
            counts.update(part.landed.rows["verdict"].tolist())
            _insert_rows(connection, source, file_id, part, settings)
        if content.source is not None and content.source.activity is not None:
            activity = content.source.activity.assign(file_id=file_id)
            connection.executemany(INSERT_ACTIVITY, to_rows(activity, ("file_id", *ACTIVITY_COLUMNS)))
        if content.error is None and source == "gtm":
            _set_current(connection, content)
            connection.execute(REPLACE_FORMER, {"id": file_id, "name": file.name, "sha256": file.sha256, "kind": file.kind})
        if content.source is not None and file.kind == "linkedin_export":
            if content.source.positions is not None:
                positions = content.source.positions.assign(file_id=file_id)
                connection.executemany(INSERT_POSITION, to_rows(positions, ("file_id", *POSITION_COLUMNS)))
            connection.execute(INSERT_EXPORT, (file_id, int(content.source.has_messages)))
        _record_file(connection, file_id, content, counts)
    return True


def _insert_rows(connection: sqlite3.Connection, source: str, file_id: int, part: LandedSlice, settings: ImportSettings) -> None:
    fields, insert, next_id = (
        (GTM_FIELDS, INSERT_GTM_ROW, NEXT_GTM_ID) if source == "gtm" else (LINKEDIN_FIELDS, INSERT_LINKEDIN_ROW, NEXT_LINKEDIN_ID)
    )
    first = connection.execute(next_id).fetchone()["id"]
    rows = part.landed.rows.assign(row_id=range(first, first + len(part.landed.rows)), file_id=file_id)
    columns = ("row_id", "file_id", "part", "row_number", "row_hash", "verdict", "email_kind", *fields)
    connection.executemany(insert, to_rows(rows, columns))
    rejections = part.landed.rejections.assign(file_id=file_id)
    connection.executemany(
        INSERT_REJECTION, to_rows(rejections, ("file_id", "part", "row_number", "column_name", "field_name", "value_class", "reason"))
    )
    accepted = rows.loc[part.keys.index, ["row_id", "file_id", "part"]]
    key_store.insert_keys(connection, source, pd.concat([part.keys, accepted], axis=1), settings)
    key_store.note_changes(connection, source, accepted["row_id"])


def _set_current(connection: sqlite3.Connection, content: LandedFile) -> None:
    """What the newest version of a file no longer says is out of force, and what it says again is back."""
    former = content.former
    if former is None or not former.parts:
        return
    rows = pd.concat(former.parts.values(), ignore_index=True)
    is_kept = rows["row_id"].isin(content.unchanged)
    turned = rows[is_kept != (rows["is_current"] == 1)]
    connection.executemany(
        SET_CURRENT,
        [
            {"row_id": row_id, "is_current": int(kept)}
            for row_id, kept in zip(turned["row_id"].tolist(), is_kept[turned.index], strict=True)
        ],
    )
    key_store.note_changes(connection, "gtm", turned["row_id"])


def _record_file(connection: sqlite3.Connection, file_id: int, content: LandedFile, counts: Counter[str]) -> None:
    source = content.source
    blank = sum(part.blank for part in source.parts) if source else 0
    unchanged = len(content.unchanged)
    connection.execute(
        RECORD_FILE,
        {
            "id": file_id,
            "mapping": content.mapping,
            "owner": source.owner if source else None,
            "owner_linkedin_id": source.owner_linkedin_id if source else None,
            "rows": counts.total() + blank + unchanged,
            "rejected": counts["rejected"],
            "blank": blank,
            "pending": counts["accepted"],
            "unchanged": unchanged,
            "error": content.error,
            "note": describe_file(source) if source else None,
        },
    )
