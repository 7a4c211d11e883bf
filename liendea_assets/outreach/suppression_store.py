"""The SQL of suppressions and of what stands against somebody: the entries, the messages that they withdraw, the stops."""

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from liendea_assets.core.errors import BadValue
from liendea_assets.db.connection import Database, read_frame, transaction
from liendea_assets.imports.domains import parse_domain
from liendea_assets.imports.emails import parse_email
from liendea_assets.imports.values import parse_linkedin_id
from liendea_assets.outreach.suppression import Suppression
from liendea_assets.scoring.suppression_list import ADDRESS, DOMAIN, KEY_CHECK, PROFILE, suppression_hash

ADD_SUPPRESSION = """
    INSERT INTO suppressions (kind, key_hash, reason, created_at)
    VALUES (?, ?, ?, ?)
    ON CONFLICT (kind, key_hash) DO NOTHING
"""
READ_SUPPRESSIONS = "SELECT kind, key_hash FROM suppressions ORDER BY id"
LIST_SUPPRESSIONS = "SELECT id, kind, key_hash, reason, created_at FROM suppressions ORDER BY id"
COUNT_SUPPRESSIONS = "SELECT kind, count(*) AS entries FROM suppressions GROUP BY kind ORDER BY kind"
LIFT_SUPPRESSIONS = "DELETE FROM suppressions WHERE reason = :reason"
# A person under every id that is theirs: the one in force, and those that were merged into it.
PEOPLE_BY_ADDRESS = """
    SELECT DISTINCT coalesce(c.merged_into, c.id) AS contact_id
    FROM contacts c
    WHERE c.id IN (
        SELECT contact_id FROM enriched_contacts WHERE work_email = :value
        UNION SELECT contact_id FROM contact_enrichment WHERE work_email = :value
        UNION SELECT s.contact_id FROM contact_sources s JOIN gtm_rows g ON s.source = 'gtm' AND g.id = s.row_id WHERE g.work_email = :value
        UNION
        SELECT s.contact_id
        FROM contact_sources s
        JOIN linkedin_rows l ON s.source = 'linkedin' AND l.id = s.row_id
        WHERE l.work_email = :value
        UNION SELECT contact_id FROM outreach_log WHERE recipient = :value
    )
    ORDER BY 1
"""
PEOPLE_BY_DOMAIN = """
    SELECT DISTINCT coalesce(c.merged_into, c.id) AS contact_id
    FROM contacts c
    WHERE c.id IN (
        SELECT contact_id FROM enriched_contacts WHERE work_email LIKE '%@' || :value OR work_email LIKE '%.' || :value
        UNION SELECT contact_id FROM outreach_log WHERE recipient LIKE '%@' || :value OR recipient LIKE '%.' || :value
    )
    ORDER BY 1
"""
PEOPLE_BY_PROFILE = """
    SELECT DISTINCT coalesce(c.merged_into, c.id) AS contact_id
    FROM contacts c
    LEFT JOIN enriched_contacts e ON e.contact_id = c.id
    WHERE c.linkedin_id = :value
        OR rtrim(lower(e.linkedin_url), '/') LIKE '%linkedin.com/in/' || :value
    ORDER BY 1
"""
# What the sender has claimed already it looks at once more itself, before the message is out.
WITHDRAW_OF_PERSON = """
    UPDATE outreach_log SET status = 'cancelled', error_message = :reason
    WHERE status IN ('queued', 'held')
        AND contact_id IN (SELECT id FROM contacts WHERE id = :contact_id OR merged_into = :contact_id)
"""
WITHDRAW_OF_ADDRESS = """
    UPDATE outreach_log SET status = 'cancelled', error_message = :reason
    WHERE status IN ('queued', 'held') AND recipient = :value
"""
IS_STOPPED = """
    SELECT 1 FROM outreach_stops
    WHERE contact_id IS :contact_id AND company_id IS :company_id AND reason = :reason AND inbox_message_id IS :inbox_message_id
        AND lifted_at IS NULL
"""
ADD_STOP = """
    INSERT INTO outreach_stops (contact_id, company_id, reason, inbox_message_id, stopped_at)
    VALUES (:contact_id, :company_id, :reason, :inbox_message_id, :now)
"""
READ_KNOWN = """
    SELECT coalesce(c.merged_into, c.id) AS contact_id, a.work_email, a.linkedin_url
    FROM enriched_contacts a
    JOIN contacts c ON c.id = a.contact_id
    ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Suppressed:
    """What a suppression did.

    Attributes:
        is_new: whether the entry was not there already.
        withdrawn: messages that were waiting.
        contact_ids: whom it is about, as far as they are known.
    """

    is_new: bool
    withdrawn: int
    contact_ids: tuple[int, ...]


def suppress(
    connection: sqlite3.Connection, kind: str, value: str, reason: str, key: bytes, now: str, *, inbox_message_id: int | None = None
) -> Suppressed:
    """Never again: adds the entry, withdraws what waits for that person, and notes the stop. Within the caller's transaction.

    Scores and targets follow with `scoring.suppressed.exclude_suppressed`, which the caller runs after the transaction.

    Args:
        kind: address, domain or profile.
        value: in any spelling.
        reason: no personal data.

    Raises:
        BadValue: the value names no address, domain or profile.
    """
    normal = normal_value(kind, value)
    added = connection.execute(ADD_SUPPRESSION, (kind, suppression_hash(key, kind, normal), reason, now)).rowcount > 0
    connection.execute(ADD_SUPPRESSION, (DOMAIN, suppression_hash(key, DOMAIN, KEY_CHECK), "marks the key", now))
    withdrawn = connection.execute(WITHDRAW_OF_ADDRESS, {"value": normal, "reason": reason}).rowcount if kind == ADDRESS else 0
    people = find_people(connection, kind, normal)
    for contact_id in people:
        withdrawn += withdraw(connection, contact_id, reason)
        stop(connection, contact_id, None, reason, now, inbox_message_id=inbox_message_id)
    return Suppressed(added, withdrawn, people)


def find_people(connection: sqlite3.Connection, kind: str, normal: str) -> tuple[int, ...]:
    """The contacts, by their ids in force, whom an address, domain or profile in its normal spelling belongs to."""
    sql = {ADDRESS: PEOPLE_BY_ADDRESS, DOMAIN: PEOPLE_BY_DOMAIN, PROFILE: PEOPLE_BY_PROFILE}[kind]
    return tuple(row["contact_id"] for row in connection.execute(sql, {"value": normal}))


def withdraw(connection: sqlite3.Connection, contact_id: int, reason: str) -> int:
    """Takes a person's waiting messages back. Returns how many there were."""
    return connection.execute(WITHDRAW_OF_PERSON, {"contact_id": contact_id, "reason": reason}).rowcount


def stop(
    connection: sqlite3.Connection,
    contact_id: int | None,
    company_id: int | None,
    reason: str,
    now: str,
    *,
    inbox_message_id: int | None = None,
) -> None:
    """Ends the sequences of a person or a company; once for the same reason and message."""
    row = {"contact_id": contact_id, "company_id": company_id, "reason": reason, "inbox_message_id": inbox_message_id}
    if connection.execute(IS_STOPPED, row).fetchone() is None:
        connection.execute(ADD_STOP, {**row, "now": now})


def normal_value(kind: str, value: str) -> str:
    """The one spelling that stands for an address, domain or profile.

    Raises:
        BadValue: it is none.
    """
    parsers = {ADDRESS: parse_email, DOMAIN: parse_domain, PROFILE: parse_linkedin_id}
    if kind not in parsers:
        raise BadValue(f"the kind {kind!r} is none of {', '.join(parsers)}")
    try:
        return parsers[kind](value.strip().removeprefix("*@") if kind == ADDRESS else value.strip().removeprefix("*@").removeprefix("@"))
    except ValueError:
        raise BadValue(f"the value is no {kind} in full") from None


def add_suppressions(db: Database, entries: Iterable[Suppression], now: str) -> None:
    """Adds entries; one that stands already keeps its reason and date."""
    with transaction(db) as connection:
        connection.executemany(ADD_SUPPRESSION, [(entry.kind, entry.key_hash, entry.reason, now) for entry in entries])


def withdraw_people(db: Database, barred: Mapping[int, str], now: str) -> int:
    """After many entries at once: takes back what waits for these people, and stops them. Returns how many messages there were."""
    with transaction(db) as connection:
        withdrawn = 0
        for contact_id, reason in barred.items():
            withdrawn += withdraw(connection, contact_id, reason)
            stop(connection, contact_id, None, reason, now)
    return withdrawn


def read_suppressions(db: Database) -> list[tuple[str, str]]:
    """(kind, key_hash) of every entry."""
    return [(row["kind"], row["key_hash"]) for row in db.conn.execute(READ_SUPPRESSIONS)]


def list_suppressions(db: Database) -> pd.DataFrame:
    """`id`, `kind`, `key_hash`, `reason`, `created_at` of every entry."""
    return read_frame(db, LIST_SUPPRESSIONS)


def count_suppressions(db: Database) -> dict[str, int]:
    """Kind → entries."""
    return {row["kind"]: row["entries"] for row in db.conn.execute(COUNT_SUPPRESSIONS)}


def lift_suppressions(connection: sqlite3.Connection, reason: str) -> int:
    """Deletes the entries that have exactly this reason: those of one inbox message that a human says was misread."""
    return connection.execute(LIFT_SUPPRESSIONS, {"reason": reason}).rowcount


def read_known(db: Database) -> pd.DataFrame:
    """`contact_id`, `work_email`, `linkedin_url` of the contacts as known now."""
    return read_frame(db, READ_KNOWN)
