"""The SQL of suppressed_contacts: the suppressions, what is known of contacts that may stand among them, and who does."""

import json
from collections.abc import Mapping, Sequence

import pandas as pd

from liendea_assets.db.connection import Database, read_frame, transaction

READ_SUPPRESSIONS = "SELECT kind, key_hash FROM suppressions ORDER BY id"
ENTRIES_VERSION = "SELECT count(*) || ' ' || coalesce(max(id), 0) AS version FROM suppressions"
READ_STATE = "SELECT entries FROM suppression_state"
SET_STATE = "UPDATE suppression_state SET entries = :entries, changes = changes + :changes"
READ_DUE = """
    SELECT d.id, coalesce(c.merged_into, c.id) AS contact_id
    FROM suppression_due d
    JOIN contacts c ON c.id = d.contact_id
    ORDER BY d.id
"""
FORGET_DUE = "DELETE FROM suppression_due WHERE id <= :last"
# Every address and profile that any source ever gave, whatever its confidence. A profile of a file is the last part of its address.
READ_KEYS = """
    SELECT s.contact_id, coalesce(g.work_email, l.work_email) AS work_email, coalesce(g.linkedin_id, l.linkedin_id) AS linkedin_id,
        NULL AS linkedin_url
    FROM contact_sources s
    LEFT JOIN gtm_rows g ON s.source = 'gtm' AND g.id = s.row_id
    LEFT JOIN linkedin_rows l ON s.source = 'linkedin' AND l.id = s.row_id
    WHERE s.source IN ('gtm', 'linkedin')
    UNION
    SELECT coalesce(c.merged_into, c.id), a.work_email, NULL, a.linkedin_url
    FROM contact_enrichment a
    JOIN contacts c ON c.id = a.contact_id
    UNION
    SELECT contact_id, work_email, NULL, linkedin_url FROM enriched_contacts
    ORDER BY 1
"""
READ_SOME_KEYS = """
    SELECT s.contact_id, coalesce(g.work_email, l.work_email) AS work_email, coalesce(g.linkedin_id, l.linkedin_id) AS linkedin_id,
        NULL AS linkedin_url
    FROM contact_sources s
    LEFT JOIN gtm_rows g ON s.source = 'gtm' AND g.id = s.row_id
    LEFT JOIN linkedin_rows l ON s.source = 'linkedin' AND l.id = s.row_id
    WHERE s.source IN ('gtm', 'linkedin') AND s.contact_id IN (SELECT value FROM json_each(:ids))
    UNION
    SELECT c.id, a.work_email, NULL, a.linkedin_url
    FROM contact_enrichment a
    JOIN contacts c ON c.id = a.contact_id
    WHERE c.id IN (SELECT value FROM json_each(:ids)) AND c.merged_into IS NULL
    UNION
    SELECT c.merged_into, a.work_email, NULL, a.linkedin_url
    FROM contacts c
    JOIN contact_enrichment a ON a.contact_id = c.id
    WHERE c.merged_into IN (SELECT value FROM json_each(:ids))
    UNION
    SELECT contact_id, work_email, NULL, linkedin_url
    FROM enriched_contacts
    WHERE contact_id IN (SELECT value FROM json_each(:ids))
    ORDER BY 1
"""
READ_SUPPRESSED = "SELECT contact_id, reason FROM suppressed_contacts ORDER BY contact_id"
ADD_SUPPRESSED = """
    INSERT INTO suppressed_contacts (contact_id, reason)
    VALUES (?, ?)
    ON CONFLICT (contact_id) DO UPDATE SET reason = excluded.reason
"""
DROP_SUPPRESSED = "DELETE FROM suppressed_contacts WHERE contact_id = ?"
COUNT_LEFT = """
    SELECT
        (SELECT count(*) FROM icp_score_rows r JOIN suppressed_contacts s ON s.contact_id = r.contact_id) AS scored,
        (SELECT count(*) FROM icp_targets t JOIN suppressed_contacts s ON s.contact_id = t.contact_id) AS targeted,
        (SELECT count(*) FROM suppressed_contacts) AS suppressed
"""


def read_suppressions(db: Database) -> list[tuple[str, str]]:
    """(kind, key_hash) of every entry."""
    return [(row["kind"], row["key_hash"]) for row in db.conn.execute(READ_SUPPRESSIONS)]


def read_versions(db: Database) -> tuple[str, str]:
    """What changes with the entries; and that of the entries which contacts were compared with last."""
    return str(db.conn.execute(ENTRIES_VERSION).fetchone()["version"]), str(db.conn.execute(READ_STATE).fetchone()["entries"])


def read_due(db: Database) -> tuple[int, list[int]]:
    """The number of the last change that was not looked at, and whose addresses or profiles changed."""
    rows = db.conn.execute(READ_DUE).fetchall()
    return (rows[-1]["id"] if rows else 0), sorted({row["contact_id"] for row in rows})


def read_keys(db: Database, ids: Sequence[int] | None = None) -> pd.DataFrame:
    """`contact_id`, `work_email`, `linkedin_id` (the last part of a profile's address) and `linkedin_url` that any source gave.

    Args:
        ids: these contacts only.
    """
    return read_frame(db, READ_KEYS) if ids is None else read_frame(db, READ_SOME_KEYS, {"ids": json.dumps(list(ids))})


def read_suppressed(db: Database) -> dict[int, str]:
    """Contact id → why nobody may write to that person."""
    return {row["contact_id"]: row["reason"] for row in db.conn.execute(READ_SUPPRESSED)}


def update_suppressed(db: Database, came: Mapping[int, str], gone: Sequence[int], entries: str, last_due: int) -> None:
    """Adds and drops contacts, and notes what they were compared with."""
    with transaction(db) as connection:
        connection.executemany(ADD_SUPPRESSED, sorted(came.items()))
        connection.executemany(DROP_SUPPRESSED, [(contact_id,) for contact_id in gone])
        connection.execute(FORGET_DUE, {"last": last_due})
        connection.execute(SET_STATE, {"entries": entries, "changes": len(came) + len(gone)})


def count_left(db: Database) -> dict[str, int]:
    """Suppressed contacts that are `scored` or `targeted` all the same, and how many are `suppressed`."""
    return dict(db.conn.execute(COUNT_LEFT).fetchone())
