"""The SQL of outreach_visits and of the tokens that public pages are asked for."""

from sqlite3 import Connection
from typing import Any

from liendea_assets.db.connection import Database

FIND_MESSAGE = """
    SELECT l.id, l.contact_id, l.recipient, l.sent_at, l.unsubscribed_at
    FROM outreach_log l
    WHERE l.token = :token AND l.recipient IS NOT NULL
"""
FIND_LINK = """
    SELECT k.outreach_log_id AS id, k.url, l.sent_at
    FROM outreach_links k
    JOIN outreach_log l ON l.id = k.outreach_log_id
    WHERE k.token = :token
"""
COUNT_VISITS = "SELECT count(*) AS visits FROM outreach_visits WHERE outreach_log_id = :id"
ADD_VISIT = """
    INSERT INTO outreach_visits (outreach_log_id, kind, link_token, visited_at, is_robot)
    VALUES (:id, :kind, :link_token, :now, :is_robot)
"""
# Whoever follows every link of a message within seconds reads none of them.
MARK_FOLLOWED_ALL = """
    UPDATE outreach_visits SET is_robot = 1
    WHERE outreach_log_id = :id AND kind = 'click' AND visited_at >= :since
        AND (SELECT count(*) FROM outreach_links WHERE outreach_log_id = :id) > 1
        AND (SELECT count(*) FROM outreach_links WHERE outreach_log_id = :id) = (
            SELECT count(DISTINCT link_token) FROM outreach_visits
            WHERE outreach_log_id = :id AND kind = 'click' AND visited_at >= :since
        )
"""
MARK_UNSUBSCRIBED = "UPDATE outreach_log SET unsubscribed_at = :now WHERE id = :id AND unsubscribed_at IS NULL"


def find_message(db: Database, token: str) -> dict[str, Any] | None:
    """`id`, `contact_id`, `recipient`, `sent_at`, `unsubscribed_at` of the message that a token stands for."""
    row = db.conn.execute(FIND_MESSAGE, {"token": token}).fetchone()
    return None if row is None else dict(row)


def find_link(db: Database, token: str) -> dict[str, Any] | None:
    """`id` of the message, `url`, `sent_at` of a link."""
    row = db.conn.execute(FIND_LINK, {"token": token}).fetchone()
    return None if row is None else dict(row)


def count_visits(connection: Connection, id_: int) -> int:
    """Visits of a message so far."""
    return int(connection.execute(COUNT_VISITS, {"id": id_}).fetchone()["visits"])


def add_visit(connection: Connection, visit: dict[str, Any]) -> None:
    """Adds one: `id` of the message, `kind`, `link_token`, `now`, `is_robot`."""
    connection.execute(ADD_VISIT, visit)


def mark_followed_all(connection: Connection, id_: int, since: str) -> None:
    """Where every one of several links was followed since a time, all of that was a robot."""
    connection.execute(MARK_FOLLOWED_ALL, {"id": id_, "since": since})


def mark_unsubscribed(connection: Connection, id_: int, now: str) -> bool:
    """Whether the message was not marked before."""
    return connection.execute(MARK_UNSUBSCRIBED, {"id": id_, "now": now}).rowcount == 1
