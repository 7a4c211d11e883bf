"""The SQL of what the law wants recorded: consents, notices, and what the DNS said of the senders' domains."""

import json
import sqlite3
from collections.abc import Iterable, Mapping

import pandas as pd

from liendea_assets.db.connection import Database, read_frame, transaction

FIND_CONTACT = "SELECT id FROM contacts WHERE id = :contact_id"
ADD_CONSENT = """
    INSERT INTO contact_consents (contact_id, evidence, given_at, recorded_by, recorded_at)
    VALUES (:contact_id, :evidence, :given_at, :by, :now)
    RETURNING id
"""
WITHDRAW_CONSENTS = """
    UPDATE contact_consents SET withdrawn_at = :now
    WHERE withdrawn_at IS NULL AND contact_id IN (SELECT value FROM json_each(:people))
"""
LIST_CONSENTS = """
    SELECT
        s.id, s.contact_id, coalesce(c.merged_into, c.id) AS person_id, s.evidence, s.given_at, s.recorded_by, s.recorded_at,
        s.withdrawn_at
    FROM contact_consents s
    JOIN contacts c ON c.id = s.contact_id
    ORDER BY s.id
"""
ADD_NOTICE = """
    INSERT INTO contact_notices (contact_id, given_at, outreach_log_id)
    VALUES (:contact_id, :now, :log_id)
    ON CONFLICT (contact_id) DO NOTHING
"""
STORE_DNS_CHECK = """
    INSERT INTO dns_checks (domain, kind, is_ok, detail, checked_at)
    VALUES (:name, :kind, :is_ok, :detail, :now)
    ON CONFLICT (domain, kind) DO UPDATE SET is_ok = excluded.is_ok, detail = excluded.detail, checked_at = excluded.checked_at
"""


def has_contact(db: Database, contact_id: int) -> bool:
    """Whether there is such a contact."""
    return db.conn.execute(FIND_CONTACT, {"contact_id": contact_id}).fetchone() is not None


def add_consent(db: Database, consent: Mapping[str, object]) -> int:
    """Adds a consent (`contact_id`, `evidence`, `given_at`, `by`, `now`). Returns its id."""
    with transaction(db) as connection:
        return int(connection.execute(ADD_CONSENT, dict(consent)).fetchone()["id"])


def withdraw_consents(db: Database, people: Iterable[int], now: str) -> int:
    """Ends the consents of some contacts. Returns how many there were."""
    with transaction(db) as connection:
        return connection.execute(WITHDRAW_CONSENTS, {"people": json.dumps(list(people)), "now": now}).rowcount


def list_consents(db: Database) -> pd.DataFrame:
    """All consents, with the contact who stands for the person now."""
    return read_frame(db, LIST_CONSENTS)


def add_notice(connection: sqlite3.Connection, contact_id: int, log_id: int, now: str) -> None:
    """Notes that a message told a person where their data came from; the first one stands."""
    connection.execute(ADD_NOTICE, {"contact_id": contact_id, "log_id": log_id, "now": now})


def store_dns_checks(db: Database, checks: Iterable[Mapping[str, object]]) -> None:
    """Keeps what was found (`name`, `kind`, `is_ok`, `detail`, `now`)."""
    with transaction(db) as connection:
        connection.executemany(STORE_DNS_CHECK, [dict(check) for check in checks])
