"""The SQL of the team's network: linkedin_connections and network_changes, and what the exports say of both."""

from collections.abc import Sequence

import pandas as pd

from liendea_assets.db.connection import Database, read_frame, to_rows, transaction

# An export is dated by the newest date in it: a file's own date says nothing once it was copied, and counts where there is no other.
READ_EXPORTS = """
    SELECT
        f.id AS file_id, o.contact_id AS owner_id, coalesce(e.has_messages, 0) AS has_messages,
        coalesce(nullif(max(coalesce(r.last_on, ''), coalesce(a.last_on, '')), ''), substr(f.dated_at, 1, 10)) AS as_of,
        r.last_on AS last_connected_on, f.dated_at
    FROM import_files f
    JOIN contact_sources o ON o.source = 'owner' AND o.row_id = f.id
    JOIN (SELECT file_id, max(connected_on) AS last_on FROM linkedin_rows GROUP BY file_id) r ON r.file_id = f.id
    LEFT JOIN linkedin_exports e ON e.file_id = f.id
    LEFT JOIN (
        SELECT file_id, max(max(coalesce(last_sent_on, ''), coalesce(last_received_on, ''), coalesce(invited_on, ''))) AS last_on
        FROM linkedin_activity
        GROUP BY file_id
    ) a ON a.file_id = f.id
    WHERE f.error IS NULL
    ORDER BY f.id
"""
READ_ROWS = """
    SELECT
        r.file_id, s.contact_id, r.connected_on, r.company_name, r.title, k.company_id,
        a.sent, a.received, a.last_received_on, a.invited_by, a.invited_on,
        a.endorsements_given, a.endorsements_received, a.recommendations_given, a.recommendations_received
    FROM linkedin_rows r
    JOIN contact_sources s ON s.source = 'linkedin' AND s.row_id = r.id
    LEFT JOIN company_sources k ON k.source = 'linkedin' AND k.row_id = r.id
    LEFT JOIN linkedin_activity a ON a.file_id = r.file_id AND a.row_number = r.row_number
    ORDER BY r.file_id, r.id
"""
READ_POSITIONS = "SELECT file_id, company_name, started_year, finished_year FROM linkedin_positions ORDER BY id"

STAGE_TIES = "CREATE TEMP TABLE new_ties AS SELECT * FROM linkedin_connections WHERE 0"
# The id follows from the pair, so that a tie that went and came back is the same row.
STAGE_TIE = """
    INSERT INTO new_ties (
        id, contact_id, connected_to_id, connection_degree, connection_date, mutual_connections, strength, evidence, is_current
    )
    VALUES ((?1 << 32) | ?2, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
"""
UPSERT_TIES = """
    INSERT INTO linkedin_connections (
        id, contact_id, connected_to_id, connection_degree, connection_date, mutual_connections, strength, evidence, is_current
    )
    SELECT id, contact_id, connected_to_id, connection_degree, connection_date, mutual_connections, strength, evidence, is_current
    FROM new_ties
    WHERE true
    ON CONFLICT (contact_id, connected_to_id) DO UPDATE SET
        connection_degree = excluded.connection_degree, connection_date = excluded.connection_date,
        mutual_connections = excluded.mutual_connections, strength = excluded.strength, evidence = excluded.evidence,
        is_current = excluded.is_current
    WHERE connection_degree IS DISTINCT FROM excluded.connection_degree
        OR connection_date IS DISTINCT FROM excluded.connection_date
        OR mutual_connections IS DISTINCT FROM excluded.mutual_connections
        OR strength IS DISTINCT FROM excluded.strength
        OR evidence IS DISTINCT FROM excluded.evidence
        OR is_current IS DISTINCT FROM excluded.is_current
"""
# Ties of who is part of another contact now wait for the merge to be undone.
REST_MERGED_TIES = """
    UPDATE linkedin_connections SET is_current = 0
    WHERE is_current = 1
        AND (
            contact_id IN (SELECT id FROM contacts WHERE merged_into IS NOT NULL)
            OR connected_to_id IN (SELECT id FROM contacts WHERE merged_into IS NOT NULL)
        )
"""
# What no export says, old or new: ways over colleagues that are gone, and pairs that only a merge since undone had made.
DELETE_UNFOUNDED_TIES = """
    DELETE FROM linkedin_connections
    WHERE NOT EXISTS (
            SELECT 1 FROM new_ties n
            WHERE n.contact_id = linkedin_connections.contact_id AND n.connected_to_id = linkedin_connections.connected_to_id
        )
        AND contact_id NOT IN (SELECT id FROM contacts WHERE merged_into IS NOT NULL)
        AND connected_to_id NOT IN (SELECT id FROM contacts WHERE merged_into IS NOT NULL)
"""
INDEX_STAGED_TIES = "CREATE INDEX temp.idx_new_ties ON new_ties (contact_id, connected_to_id)"

STAGE_CHANGES = "CREATE TEMP TABLE new_changes AS SELECT * FROM network_changes WHERE 0"
STAGE_CHANGE = """
    INSERT INTO new_changes (
        from_file_id, to_file_id, contact_id, kind, owner_id, old_company, new_company, old_title, new_title, seen_on
    )
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
DELETE_FORMER_CHANGES = "DELETE FROM network_changes WHERE NOT EXISTS (SELECT 1 FROM new_changes n WHERE {same})".format(
    same=" AND ".join(f"n.{name} = network_changes.{name}" for name in ("from_file_id", "to_file_id", "contact_id", "kind"))
)
UPSERT_CHANGES = """
    INSERT INTO network_changes (
        from_file_id, to_file_id, contact_id, kind, owner_id, old_company, new_company, old_title, new_title, seen_on
    )
    SELECT from_file_id, to_file_id, contact_id, kind, owner_id, old_company, new_company, old_title, new_title, seen_on
    FROM new_changes
    WHERE true
    ON CONFLICT (from_file_id, to_file_id, contact_id, kind) DO UPDATE SET
        owner_id = excluded.owner_id, old_company = excluded.old_company, new_company = excluded.new_company,
        old_title = excluded.old_title, new_title = excluded.new_title, seen_on = excluded.seen_on
"""
INDEX_STAGED_CHANGES = "CREATE INDEX temp.idx_new_changes ON new_changes (from_file_id, to_file_id, contact_id, kind)"


def read_exports(db: Database) -> pd.DataFrame:
    """Every export whose owner is known: `file_id`, `owner_id`, `has_messages` (0 or 1), three dates.

    `as_of` is the newest date in it, `last_connected_on` that of its connections (or missing), `dated_at` the file's own.
    """
    return read_frame(db, READ_EXPORTS)


def read_rows(db: Database) -> pd.DataFrame:
    """Every row of a Connections.csv that is a contact, with what its export tells of the tie; rows for `connections.build_ties`."""
    return read_frame(db, READ_ROWS)


def read_positions(db: Database) -> pd.DataFrame:
    """The owners' own jobs by export: `file_id`, `company_name`, `started_year`, `finished_year`."""
    return read_frame(db, READ_POSITIONS)


def store_ties(db: Database, ties: pd.DataFrame, columns: Sequence[str]) -> None:
    """Writes what changed of linkedin_connections. Ties of merged contacts stay and are not current; what nothing says goes."""
    with transaction(db) as connection:
        connection.execute(STAGE_TIES)
        connection.executemany(STAGE_TIE, to_rows(ties, columns))
        connection.execute(INDEX_STAGED_TIES)
        connection.execute(UPSERT_TIES)
        connection.execute(REST_MERGED_TIES)
        connection.execute(DELETE_UNFOUNDED_TIES)
        connection.execute("DROP TABLE new_ties")


def store_changes(db: Database, changes: pd.DataFrame, columns: Sequence[str]) -> None:
    """Makes network_changes hold these rows."""
    with transaction(db) as connection:
        connection.execute(STAGE_CHANGES)
        connection.executemany(STAGE_CHANGE, to_rows(changes, columns))
        connection.execute(INDEX_STAGED_CHANGES)
        connection.execute(DELETE_FORMER_CHANGES)
        connection.execute(UPSERT_CHANGES)
        connection.execute("DROP TABLE new_changes")
