"""The SQL of a look at who became due: bounded, since it is made every half minute."""

import json
from collections.abc import Sequence

import pandas as pd

from liendea_assets.db.connection import Database, read_frame
from liendea_assets.enrichment.store import DUE

READ_NEW = DUE + "AND c.id > :contact_id ORDER BY c.id LIMIT :most"
READ_EXPIRED = (
    DUE
    + """
    AND c.id IN (
        SELECT coalesce(former.merged_into, former.id)
        FROM contact_enrichment e
        JOIN contacts former ON former.id = e.contact_id
        WHERE e.source = :source AND e.expires_at > :since AND e.expires_at <= :now
        ORDER BY e.expires_at
        LIMIT :most
    )
    LIMIT :most
"""
)
READ_KNOWN = "SELECT * FROM enriched_contacts WHERE contact_id IN (SELECT value FROM json_each(:contact_ids))"
NEWEST_CONTACT = "SELECT coalesce(max(id), 0) FROM contacts"


def read_new(db: Database, source: str, now: str, contact_id: int, most: int) -> pd.DataFrame:
    """As `store.read_due`, of the contacts after this one, by id and at most so many."""
    return read_frame(db, READ_NEW, {"source": source, "now": now, "contact_id": contact_id, "most": most})


def read_expired(db: Database, source: str, now: str, since: str, most: int) -> pd.DataFrame:
    """As `store.read_due`, of those whose answer was good at that time; in no order and at most so many."""
    return read_frame(db, READ_EXPIRED, {"source": source, "now": now, "since": since, "most": most})


def read_known(db: Database, contact_ids: Sequence[int]) -> pd.DataFrame:
    """What enriched_contacts holds of these."""
    return read_frame(db, READ_KNOWN, {"contact_ids": json.dumps(list(contact_ids))})


def newest_contact(db: Database) -> int:
    """The largest id; 0 where there is none."""
    return int(db.conn.execute(NEWEST_CONTACT).fetchone()[0])
