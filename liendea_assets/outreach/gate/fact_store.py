"""The SQL of the gate: what is known of the people, companies, campaigns and mailboxes of some messages. Only reads.

Lists of ids and hashes go in as JSON, so that one statement serves one message inside a transaction as well as ten thousand.
"""

import json
import sqlite3
from collections.abc import Collection, Iterable, Mapping

# Everybody who is one person now: upwards to the contact that the others are part of, and from there down to all of them.
READ_FAMILIES = """
    WITH RECURSIVE up (asked, id, above) AS (
        SELECT c.id, c.id, c.merged_into FROM json_each(:ids) w CROSS JOIN contacts c ON c.id = w.value
        UNION
        SELECT up.asked, c.id, c.merged_into FROM up CROSS JOIN contacts c ON c.id = up.above
    ),
    family (asked, id) AS (
        SELECT asked, id FROM up WHERE above IS NULL
        UNION
        SELECT f.asked, c.id FROM family f CROSS JOIN contacts c ON c.merged_into = f.id
    )
    SELECT asked, id FROM family
"""
READ_COMPANY_FAMILIES = """
    WITH RECURSIVE up (asked, id, above) AS (
        SELECT c.id, c.id, c.merged_into FROM json_each(:ids) w CROSS JOIN companies c ON c.id = w.value
        UNION
        SELECT up.asked, c.id, c.merged_into FROM up CROSS JOIN companies c ON c.id = up.above
    ),
    family (asked, id) AS (
        SELECT asked, id FROM up WHERE above IS NULL
        UNION
        SELECT f.asked, c.id FROM family f CROSS JOIN companies c ON c.merged_into = f.id
    )
    SELECT asked, id FROM family
"""
# Every address and profile that any source ever gave, whatever its confidence, and every address that was ever written to.
READ_NAMES = """
    SELECT s.contact_id, g.work_email AS address, g.linkedin_id AS profile, NULL AS url
    FROM contact_sources s JOIN gtm_rows g ON g.id = s.row_id
    WHERE s.source = 'gtm' AND s.contact_id IN (SELECT value FROM json_each(:ids))
    UNION ALL
    SELECT s.contact_id, l.work_email, l.linkedin_id, NULL
    FROM contact_sources s JOIN linkedin_rows l ON l.id = s.row_id
    WHERE s.source = 'linkedin' AND s.contact_id IN (SELECT value FROM json_each(:ids))
    UNION ALL
    SELECT contact_id, work_email, NULL, linkedin_url FROM contact_enrichment WHERE contact_id IN (SELECT value FROM json_each(:ids))
    UNION ALL
    SELECT contact_id, work_email, NULL, linkedin_url FROM enriched_contacts WHERE contact_id IN (SELECT value FROM json_each(:ids))
    UNION ALL
    SELECT id, NULL, linkedin_id, NULL FROM contacts WHERE id IN (SELECT value FROM json_each(:ids))
"""
HAS_SUPPRESSIONS = "SELECT EXISTS (SELECT 1 FROM suppressions) AS has_any"
FIND_SUPPRESSIONS = """
    SELECT s.kind, s.key_hash
    FROM json_each(:wanted) w
    CROSS JOIN suppressions s ON s.kind = json_extract(w.value, '$[0]') AND s.key_hash = json_extract(w.value, '$[1]')
"""
READ_SUPPRESSED = "SELECT contact_id, reason FROM suppressed_contacts WHERE contact_id IN (SELECT value FROM json_each(:ids))"
READ_PROFILES = """
    SELECT contact_id, company_id, country, work_email, email_status FROM enriched_contacts
    WHERE contact_id IN (SELECT value FROM json_each(:ids))
    UNION ALL
    SELECT id, company_id, NULL, NULL, NULL FROM contacts WHERE company_id IS NOT NULL AND id IN (SELECT value FROM json_each(:ids))
"""
# What was said of addresses, the newest last.
READ_EMAIL_STATUS = """
    SELECT contact_id, work_email, email_status FROM contact_enrichment
    WHERE work_email IS NOT NULL AND email_status IS NOT NULL AND contact_id IN (SELECT value FROM json_each(:ids))
    ORDER BY answered_at, id
"""
READ_HISTORY = """
    SELECT contact_id, id, campaign_id, outreach_type, status, sent_at, recipient, bounce, unsubscribed_at, complained_at
    FROM outreach_log
    WHERE contact_id IN (SELECT value FROM json_each(:ids))
"""
READ_CONTACT_STOPS = """
    SELECT contact_id, id, reason FROM outreach_stops
    WHERE lifted_at IS NULL AND contact_id IN (SELECT value FROM json_each(:ids))
    ORDER BY id
"""
READ_COMPANY_STOPS = """
    SELECT company_id, id, reason FROM outreach_stops
    WHERE lifted_at IS NULL AND company_id IN (SELECT value FROM json_each(:ids))
    ORDER BY id
"""
READ_CONSENTS = """
    SELECT contact_id, id, given_at, withdrawn_at FROM contact_consents
    WHERE contact_id IN (SELECT value FROM json_each(:ids))
    ORDER BY id
"""
READ_NOTICES = "SELECT contact_id, given_at FROM contact_notices WHERE contact_id IN (SELECT value FROM json_each(:ids))"
READ_CAMPAIGNS = """
    SELECT id, status, start_date, end_date, version FROM outreach_campaigns WHERE id IN (SELECT value FROM json_each(:ids))
"""
READ_APPROVALS = """
    SELECT campaign_id, version, id, approved_at FROM outreach_approvals
    WHERE revoked_at IS NULL AND campaign_id IN (SELECT value FROM json_each(:ids))
"""
# What came back, by indexes that hold nothing else; one that was refused while it was handed in was never sent, and bounced all the same.
COUNT_BOUNCES = """
    SELECT count(*) AS bounced, coalesce(sum(sent_at IS NULL), 0) AS refused FROM outreach_log
    WHERE mailbox = :mailbox AND bounce = 'hard' AND coalesce(bounced_at, sent_at) >= :since
"""
COUNT_COMPLAINTS = "SELECT count(*) AS complained FROM outreach_log WHERE mailbox = :mailbox AND complained_at >= :since"
COUNT_SENT = "SELECT count(*) AS sent FROM outreach_log WHERE mailbox = :mailbox AND sent_at >= :since"
READ_DNS_CHECKS = """
    SELECT kind, domain, is_ok, detail, checked_at FROM dns_checks WHERE domain IN (SELECT value FROM json_each(:names))
"""


def read_families(connection: sqlite3.Connection, ids: Collection[int]) -> dict[int, tuple[int, ...]]:
    """Contact id → the ids of all contacts that are this person; one that there is not is missing."""
    return _families(connection, READ_FAMILIES, ids)


def read_company_families(connection: sqlite3.Connection, ids: Collection[int]) -> dict[int, tuple[int, ...]]:
    """Company id → the ids of all companies that are this one."""
    return _families(connection, READ_COMPANY_FAMILIES, ids)


def read_of(connection: sqlite3.Connection, sql: str, ids: Iterable[int]) -> dict[int, list[sqlite3.Row]]:
    """The rows of one of the queries above, by their first column."""
    found: dict[int, list[sqlite3.Row]] = {}
    for row in _rows(connection, sql, {"ids": json.dumps(list(ids))}):
        found.setdefault(row[0], []).append(row)
    return found


def find_suppressions(connection: sqlite3.Connection, wanted: Collection[tuple[str, str]]) -> tuple[bool, set[tuple[str, str]]]:
    """Whether anything is suppressed at all, and which of the wanted (kind, hash) are."""
    has_any = bool(_rows(connection, HAS_SUPPRESSIONS, {})[0]["has_any"])
    if not has_any:
        return False, set()
    return True, {(row["kind"], row["key_hash"]) for row in _rows(connection, FIND_SUPPRESSIONS, {"wanted": json.dumps(list(wanted))})}


def count_bounces(connection: sqlite3.Connection, mailbox: str, since: str) -> tuple[int, int]:
    """A mailbox's messages that bounced for good since a time, and how many of those were refused while they were handed in."""
    row = _rows(connection, COUNT_BOUNCES, {"mailbox": mailbox, "since": since})[0]
    return row["bounced"], row["refused"]


def count_complaints(connection: sqlite3.Connection, mailbox: str, since: str) -> int:
    """Complaints about a mailbox's messages since a time."""
    return int(_rows(connection, COUNT_COMPLAINTS, {"mailbox": mailbox, "since": since})[0]["complained"])


def count_sent(connection: sqlite3.Connection, mailbox: str, since: str) -> int:
    """Messages that a mailbox has sent since a time."""
    return int(_rows(connection, COUNT_SENT, {"mailbox": mailbox, "since": since})[0]["sent"])


def read_dns_checks(connection: sqlite3.Connection, names: Iterable[str]) -> dict[tuple[str, str], sqlite3.Row]:
    """(kind, name) → what was found, and when."""
    rows = _rows(connection, READ_DNS_CHECKS, {"names": json.dumps(list(names))})
    return {(row["kind"], row["domain"]): row for row in rows}


def _families(connection: sqlite3.Connection, sql: str, ids: Collection[int]) -> dict[int, tuple[int, ...]]:
    found: dict[int, list[int]] = {}
    for row in _rows(connection, sql, {"ids": json.dumps(list(ids))}):
        found.setdefault(row["asked"], []).append(row["id"])
    return {asked: tuple(members) for asked, members in found.items()}


def _rows(connection: sqlite3.Connection, sql: str, parameters: Mapping[str, object]) -> list[sqlite3.Row]:
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    return cursor.execute(sql, parameters).fetchall()
