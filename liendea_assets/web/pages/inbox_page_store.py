"""The SQL of the inbox as people look at it."""

from typing import Any

from liendea_assets.db.connection import Database, transaction

READ_INBOX = """
    SELECT i.id, i.received_at, i.kind, i.sentiment, i.from_address, i.subject, i.matched_by, i.confidence, i.contact_id,
        i.corrected_by, s.seen_by, coalesce(e.full_name, c.full_name) AS full_name, k.name AS campaign
    FROM inbox_messages i
    LEFT JOIN contacts c ON c.id = i.contact_id
    LEFT JOIN enriched_contacts e ON e.contact_id = coalesce(c.merged_into, c.id)
    LEFT JOIN outreach_log l ON l.id = i.outreach_log_id
    LEFT JOIN outreach_campaigns k ON k.id = l.campaign_id
    LEFT JOIN desk_seen_messages s ON s.inbox_message_id = i.id
    WHERE (:kind = '' OR i.kind = :kind) AND (NOT :unmatched OR i.matched_by = 'nothing')
        AND (NOT :open OR s.seen_by IS NULL)
    ORDER BY i.received_at DESC, i.id DESC
    LIMIT :limit OFFSET :offset
"""
COUNT_KINDS = """
    SELECT kind, count(*) AS messages, sum(matched_by = 'nothing') AS unmatched FROM inbox_messages GROUP BY kind ORDER BY kind
"""
READ_MESSAGE = """
    SELECT i.*, coalesce(e.full_name, c.full_name) AS full_name, k.name AS campaign, l.message AS sent_message, l.sent_at, l.step,
        s.seen_by, s.seen_at
    FROM inbox_messages i
    LEFT JOIN contacts c ON c.id = i.contact_id
    LEFT JOIN enriched_contacts e ON e.contact_id = coalesce(c.merged_into, c.id)
    LEFT JOIN outreach_log l ON l.id = i.outreach_log_id
    LEFT JOIN outreach_campaigns k ON k.id = l.campaign_id
    LEFT JOIN desk_seen_messages s ON s.inbox_message_id = i.id
    WHERE i.id = :id
"""
MARK_SEEN = """
    INSERT INTO desk_seen_messages (inbox_message_id, seen_by, seen_at)
    VALUES (:id, :by, :now)
    ON CONFLICT (inbox_message_id) DO NOTHING
"""
READ_STOPS = "SELECT reason, stopped_at, lifted_at, company_id FROM outreach_stops WHERE inbox_message_id = :id ORDER BY id"


def read_inbox(db: Database, kind: str, window: dict[str, int], *, unmatched: bool, is_open: bool) -> list[dict[str, Any]]:
    """Messages that came back, the newest first; all kinds for an empty `kind`."""
    chosen = {"kind": kind, "unmatched": unmatched, "open": is_open}
    return [dict(row) for row in db.conn.execute(READ_INBOX, {**chosen, **window})]


def count_kinds(db: Database) -> list[dict[str, Any]]:
    """`kind`, `messages`, `unmatched`."""
    return [dict(row) for row in db.conn.execute(COUNT_KINDS)]


def read_message(db: Database, id_: int) -> dict[str, Any] | None:
    """One message with the one that it answers, and what it stopped (`stops`); None for an id that there is not."""
    row = db.conn.execute(READ_MESSAGE, {"id": id_}).fetchone()
    if row is None:
        return None
    return {**dict(row), "stops": [dict(stop) for stop in db.conn.execute(READ_STOPS, {"id": id_})]}


def mark_seen(db: Database, id_: int, by: str, now: str) -> None:
    """Notes that somebody has looked at a message."""
    with transaction(db) as connection:
        connection.execute(MARK_SEEN, {"id": id_, "by": by, "now": now})
