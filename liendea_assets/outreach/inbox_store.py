"""The SQL of what came back: inbox_messages, mailbox_positions, and the marks it leaves on outreach_log."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

import pandas as pd

from liendea_assets.clients.mailbox import Position
from liendea_assets.db.connection import Database, read_frame

READ_POSITION = "SELECT uid_validity, last_uid FROM mailbox_positions WHERE mailbox = :mailbox"
SET_POSITION = """
    INSERT INTO mailbox_positions (mailbox, uid_validity, last_uid, read_at)
    VALUES (:mailbox, :uid_validity, :last_uid, :now)
    ON CONFLICT (mailbox) DO UPDATE SET uid_validity = excluded.uid_validity, last_uid = excluded.last_uid, read_at = excluded.read_at
"""
TOUCH_POSITION = """
    INSERT INTO mailbox_positions (mailbox, uid_validity, last_uid, read_at)
    VALUES (:mailbox, '', 0, :now)
    ON CONFLICT (mailbox) DO UPDATE SET read_at = excluded.read_at
"""
LAST_READ = "SELECT mailbox, read_at FROM mailbox_positions ORDER BY mailbox"
IS_KNOWN = "SELECT 1 FROM inbox_messages WHERE fingerprint = :fingerprint"
FIND_BY_MARK = """
    SELECT l.id, l.contact_id, l.recipient, l.message, l.status
    FROM json_each(:values) v
    JOIN outreach_log l ON l.token = v.value
    WHERE l.outreach_type = 'email'
    ORDER BY v.key
    LIMIT 1
"""
FIND_BY_MESSAGE_ID = """
    SELECT l.id, l.contact_id, l.recipient, l.message, l.status
    FROM json_each(:values) v
    JOIN outreach_log l ON l.message_id = v.value
    WHERE l.outreach_type = 'email'
    ORDER BY v.key
    LIMIT 1
"""
FIND_BY_ADDRESS = """
    SELECT l.id, l.contact_id, l.recipient, l.message, l.status
    FROM json_each(:values) v
    JOIN outreach_log l ON l.recipient = v.value
    WHERE l.outreach_type = 'email' AND l.status IN ('sent', 'responded', 'uncertain', 'sending')
    ORDER BY v.key, l.sent_at DESC NULLS LAST, l.id DESC
    LIMIT 1
"""
LAST_SENT_TO_PERSON = """
    SELECT l.id, l.contact_id, l.recipient, l.message, l.status
    FROM outreach_log l
    JOIN contacts c ON c.id = l.contact_id
    WHERE coalesce(c.merged_into, c.id) = :contact_id AND l.outreach_type = 'email'
        AND l.status IN ('sent', 'responded', 'uncertain', 'sending')
    ORDER BY l.sent_at DESC NULLS LAST, l.id DESC
    LIMIT 1
"""
IN_FORCE = "SELECT coalesce(merged_into, id) AS id FROM contacts WHERE id = :contact_id"
READ_LOG = "SELECT id, contact_id, recipient, message, status FROM outreach_log l WHERE id = :id"
ADD_MESSAGE = """
    INSERT INTO inbox_messages (
        source, fingerprint, message_id, received_at, read_at, from_address, subject, text, kind, sentiment, recipient, status_code,
        outreach_log_id, contact_id, matched_by, confidence, why
    )
    VALUES (
        :source, :fingerprint, :message_id, :received_at, :read_at, :from_address, :subject, :text, :kind, :sentiment, :recipient,
        :status_code, :outreach_log_id, :contact_id, :matched_by, :confidence, :why
    )
    ON CONFLICT (fingerprint) DO NOTHING
    RETURNING id
"""
SET_HANDLED = "UPDATE inbox_messages SET handled_at = :now WHERE id = :id"
CORRECT = """
    UPDATE inbox_messages
    SET corrected_from = coalesce(corrected_from, kind), corrected_by = :by, kind = :kind, confidence = 1.0,
        sentiment = CASE WHEN :kind = 'human_reply' THEN sentiment END
    WHERE id = :id
"""
READ_MESSAGE = "SELECT * FROM inbox_messages WHERE id = :id"
LIST_MESSAGES = """
    SELECT id, received_at, kind, sentiment, from_address, subject, recipient, status_code, outreach_log_id, contact_id, matched_by,
        confidence, corrected_by
    FROM inbox_messages
    WHERE (:kind IS NULL OR kind = :kind) AND (:is_unmatched = 0 OR matched_by = 'nothing')
    ORDER BY received_at DESC, id DESC
    LIMIT :limit
"""
COUNT_BY_KIND = """
    SELECT
        kind, count(*) AS messages, sum(matched_by = 'nothing') AS unmatched, sum(confidence < 0.7) AS unsure,
        sum(corrected_by IS NOT NULL) AS corrected
    FROM inbox_messages
    GROUP BY kind
    ORDER BY kind
"""
READ_CONTENT = "SELECT id, kind, outreach_log_id, contact_id, matched_by FROM inbox_messages ORDER BY id"
COUNT_UNHANDLED = """
    SELECT count(*) FROM inbox_messages
    WHERE handled_at IS NULL
"""
OTHERS_OF_PERSON = """
    SELECT *
    FROM inbox_messages
    WHERE id <> :id AND kind IN ('unsubscribe', 'complaint', 'bounce_hard', 'auto_permanent', 'human_reply')
        AND (contact_id = :contact_id OR outreach_log_id = :outreach_log_id OR from_address = :from_address OR recipient = :recipient)
    ORDER BY id
"""
SETTLE_UNCERTAIN = """
    UPDATE outreach_log
    SET status = 'sent', sent_at = coalesce(sent_at, claimed_at, :at), settled_by = 'inbox', settled_at = :now
    WHERE id = :id AND status = 'uncertain'
"""
MARK_RESPONDED = """
    UPDATE outreach_log
    SET status = CASE WHEN status IN ('sent', 'uncertain') THEN 'responded' ELSE status END,
        sent_at = CASE WHEN status = 'uncertain' THEN coalesce(sent_at, claimed_at, :at) ELSE sent_at END,
        response_at = coalesce(response_at, :at)
    WHERE id = :id
"""
UNMARK_RESPONDED = "UPDATE outreach_log SET status = 'sent', response_at = NULL WHERE id = :id AND status = 'responded'"
MARK_UNSUBSCRIBED = "UPDATE outreach_log SET unsubscribed_at = coalesce(unsubscribed_at, :at) WHERE id = :id"
MARK_COMPLAINED = "UPDATE outreach_log SET complained_at = coalesce(complained_at, :at) WHERE id = :id"
MARK_BOUNCED = """
    UPDATE outreach_log
    SET bounced_at = CASE WHEN bounce IS NULL OR (bounce = 'soft' AND :bounce = 'hard') THEN :at ELSE bounced_at END,
        bounce = CASE WHEN bounce = 'hard' THEN 'hard' ELSE :bounce END
    WHERE id = :id
"""
CLEAR_MARKS = """
    UPDATE outreach_log
    SET bounce = CASE WHEN :kind IN ('bounce_hard', 'bounce_soft') THEN NULL ELSE bounce END,
        bounced_at = CASE WHEN :kind IN ('bounce_hard', 'bounce_soft') THEN NULL ELSE bounced_at END,
        unsubscribed_at = CASE WHEN :kind = 'unsubscribe' THEN NULL ELSE unsubscribed_at END,
        complained_at = CASE WHEN :kind = 'complaint' THEN NULL ELSE complained_at END
    WHERE id = :id
"""
LIFT_STOPS = "UPDATE outreach_stops SET lifted_at = :now WHERE inbox_message_id = :id AND lifted_at IS NULL"
# The last messages to an address, the newest first: whether they all bounced softly.
LAST_BOUNCES = """
    SELECT bounce FROM outreach_log
    WHERE recipient = :recipient AND outreach_type = 'email' AND status IN ('sent', 'responded')
    ORDER BY sent_at DESC, id DESC
    LIMIT :count
"""
LIFT_PAUSES = "UPDATE outreach_stops SET lifted_at = :now WHERE reason = :reason AND stopped_at <= :until AND lifted_at IS NULL"
READ_EMPLOYER = """
    SELECT coalesce(e.company_id, c.company_id) AS company_id
    FROM contacts c
    LEFT JOIN enriched_contacts e ON e.contact_id = c.id
    WHERE c.id = :contact_id
"""
READ_PROFILES = """
    SELECT linkedin_url AS value FROM enriched_contacts WHERE contact_id = :contact_id AND linkedin_url LIKE '%linkedin.com/in/%'
    UNION
    SELECT 'https://www.linkedin.com/in/' || linkedin_id FROM contacts WHERE id = :contact_id AND linkedin_id IS NOT NULL
"""
ADD_STALE = """
    INSERT INTO stale_addresses (contact_id, work_email, inbox_message_id, noted_at)
    VALUES (:contact_id, :work_email, :inbox_message_id, :now)
    ON CONFLICT (contact_id, work_email) DO NOTHING
"""
DROP_STALE = "DELETE FROM stale_addresses WHERE inbox_message_id = :id"


@dataclass(frozen=True, slots=True)
class SentMessage:
    """The row of outreach_log that a message is about; `contact_id` is the id in force."""

    id: int
    contact_id: int
    recipient: str | None
    message: str
    status: str


@dataclass(frozen=True, slots=True)
class InboxMessage:
    """A row of inbox_messages as it is added; moments as text."""

    source: str
    fingerprint: str
    message_id: str | None
    received_at: str
    read_at: str
    from_address: str | None
    subject: str | None
    text: str | None
    kind: str
    sentiment: str | None
    recipient: str | None
    status_code: str | None
    outreach_log_id: int | None
    contact_id: int | None
    matched_by: str
    confidence: float
    why: str


def read_position(db: Database, mailbox: str) -> Position | None:
    """Up to where a mailbox was read; None where it never was, or has no numbers."""
    row = db.conn.execute(READ_POSITION, {"mailbox": mailbox}).fetchone()
    return Position(row["uid_validity"], row["last_uid"]) if row and row["uid_validity"] else None


def set_position(connection: sqlite3.Connection, mailbox: str, position: Position | None, now: str) -> None:
    """Notes up to where a mailbox was read; for one without numbers only when."""
    if position is None:
        connection.execute(TOUCH_POSITION, {"mailbox": mailbox, "now": now})
    else:
        connection.execute(SET_POSITION, {"mailbox": mailbox, **asdict(position), "now": now})


def last_read(connection: sqlite3.Connection) -> dict[str, str]:
    """Mailbox → when it was read last to its end, or to the message that was dealt with last."""
    return {row["mailbox"]: row["read_at"] for row in connection.execute(LAST_READ)}


def is_known(db: Database, fingerprint: str) -> bool:
    """Whether a message was read before."""
    return db.conn.execute(IS_KNOWN, {"fingerprint": fingerprint}).fetchone() is not None


def find_sent(db: Database, by: str, values: Sequence[str]) -> SentMessage | None:
    """The first of our e-mails that a token, Message-ID or recipient's address belongs to.

    Args:
        by: token, message_id or address.
    """
    if not values:
        return None
    sql = {"token": FIND_BY_MARK, "message_id": FIND_BY_MESSAGE_ID, "address": FIND_BY_ADDRESS}[by]
    return _sent(db.conn, db.conn.execute(sql, {"values": json.dumps(list(values))}).fetchone())


def find_last_sent(db: Database, contact_id: int) -> SentMessage | None:
    """The last e-mail to a person, under whatever id and address."""
    return _sent(db.conn, db.conn.execute(LAST_SENT_TO_PERSON, {"contact_id": contact_id}).fetchone())


def read_sent(connection: sqlite3.Connection, outreach_log_id: int | None) -> SentMessage | None:
    """A row of outreach_log."""
    return _sent(connection, connection.execute(READ_LOG, {"id": outreach_log_id}).fetchone())


def add_message(connection: sqlite3.Connection, message: InboxMessage) -> int | None:
    """Adds a message; None where it was added meanwhile."""
    row = connection.execute(ADD_MESSAGE, asdict(message)).fetchone()
    return int(row["id"]) if row else None


def set_handled(connection: sqlite3.Connection, inbox_message_id: int, now: str) -> None:
    """What follows from a message was done."""
    connection.execute(SET_HANDLED, {"id": inbox_message_id, "now": now})


def read_message(connection: sqlite3.Connection, inbox_message_id: int) -> dict[str, object] | None:
    """A row of inbox_messages."""
    row = connection.execute(READ_MESSAGE, {"id": inbox_message_id}).fetchone()
    return dict(row) if row else None


def others_of_person(connection: sqlite3.Connection, message: dict[str, object]) -> list[dict[str, object]]:
    """Other messages from or about the same person that have consequences of their own."""
    return [dict(row) for row in connection.execute(OTHERS_OF_PERSON, message)]


def correct_message(connection: sqlite3.Connection, inbox_message_id: int, kind: str, by: str) -> None:
    """Sets a kind by hand; the first one is kept beside it."""
    connection.execute(CORRECT, {"id": inbox_message_id, "kind": kind, "by": by})


def list_messages(db: Database, kind: str | None = None, *, is_unmatched: bool = False, limit: int = 50) -> pd.DataFrame:
    """The newest first."""
    return read_frame(db, LIST_MESSAGES, {"kind": kind, "is_unmatched": int(is_unmatched), "limit": limit})


def count_by_kind(db: Database) -> pd.DataFrame:
    """`kind`, `messages`, `unmatched`, `unsure`, `corrected`."""
    return read_frame(db, COUNT_BY_KIND)


def read_content(db: Database) -> pd.DataFrame:
    """What the rows say, without anybody's words."""
    return read_frame(db, READ_CONTENT)


def count_unhandled(db: Database) -> int:
    """Messages whose consequences were not drawn."""
    return int(db.conn.execute(COUNT_UNHANDLED).fetchone()[0])


def settle_uncertain(connection: sqlite3.Connection, outreach_log_id: int, at: str, now: str) -> bool:
    """A message that may have been sent was sent: something quotes it."""
    return connection.execute(SETTLE_UNCERTAIN, {"id": outreach_log_id, "at": at, "now": now}).rowcount > 0


def mark(connection: sqlite3.Connection, what: str, outreach_log_id: int, at: str) -> None:
    """Marks a message of ours as responded, unsubscribed, complained, or bounced (hard, soft)."""
    sql = {"responded": MARK_RESPONDED, "unsubscribed": MARK_UNSUBSCRIBED, "complained": MARK_COMPLAINED}.get(what, MARK_BOUNCED)
    connection.execute(sql, {"id": outreach_log_id, "at": at} | ({"bounce": what} if sql == MARK_BOUNCED else {}))


def undo_marks(connection: sqlite3.Connection, inbox_message_id: int, kind: str, outreach_log_id: int | None, now: str) -> None:
    """Takes back what a message of this kind had marked and stopped."""
    connection.execute(LIFT_STOPS, {"id": inbox_message_id, "now": now})
    connection.execute(DROP_STALE, {"id": inbox_message_id})
    if outreach_log_id is not None:
        connection.execute(CLEAR_MARKS, {"id": outreach_log_id, "kind": kind})
        if kind == "human_reply":
            connection.execute(UNMARK_RESPONDED, {"id": outreach_log_id})


def bounced_softly(connection: sqlite3.Connection, recipient: str, count: int) -> bool:
    """Whether the last messages to an address, so many of them, all bounced softly."""
    rows = connection.execute(LAST_BOUNCES, {"recipient": recipient, "count": count}).fetchall()
    return len(rows) == count and all(row["bounce"] == "soft" for row in rows)


def lift_pauses(connection: sqlite3.Connection, reason: str, until: str, now: str) -> int:
    """Ends pauses that began at or before a moment."""
    return connection.execute(LIFT_PAUSES, {"reason": reason, "until": until, "now": now}).rowcount


def employer_of(connection: sqlite3.Connection, contact_id: int) -> int | None:
    """The company of a contact; None where none is known."""
    row = connection.execute(READ_EMPLOYER, {"contact_id": contact_id}).fetchone()
    return row["company_id"] if row else None


def profiles_of(connection: sqlite3.Connection, contact_id: int) -> list[str]:
    """A contact's LinkedIn profiles."""
    return [row["value"] for row in connection.execute(READ_PROFILES, {"contact_id": contact_id})]


def add_stale(connection: sqlite3.Connection, contact_id: int, addresses: Iterable[str], inbox_message_id: int, now: str) -> None:
    """Notes that addresses are nobody's any more."""
    for address in addresses:
        row = {"contact_id": contact_id, "work_email": address, "inbox_message_id": inbox_message_id, "now": now}
        connection.execute(ADD_STALE, row)


def _sent(connection: sqlite3.Connection, row: sqlite3.Row | None) -> SentMessage | None:
    if row is None:
        return None
    found = connection.execute(IN_FORCE, {"contact_id": row["contact_id"]}).fetchone()
    return SentMessage(row["id"], found["id"], row["recipient"], row["message"], row["status"])
