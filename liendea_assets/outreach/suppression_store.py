"""The SQL of suppressions: who is never to be contacted, as keyed hashes."""

from datetime import datetime
from sqlite3 import Connection

from liendea_assets.core.clock import to_text
from liendea_assets.scoring.suppression_list import ADDRESS, DOMAIN, KEY_CHECK, suppression_hash

ADD = """
    INSERT INTO suppressions (kind, key_hash, reason, created_at)
    VALUES (:kind, :key_hash, :reason, :now)
    ON CONFLICT (kind, key_hash) DO NOTHING
"""
WITHDRAW = """
    UPDATE outreach_log SET status = 'cancelled', error_message = :reason
    WHERE status IN ('queued', 'held') AND outreach_type = 'email' AND recipient = :value
"""


def suppress(connection: Connection, kind: str, value: str, reason: str, key: bytes, now: datetime) -> None:
    """Adds one, and withdraws what is queued for the address."""
    moment = to_text(now)
    for of_kind, of_value, why in ((kind, value, reason), (DOMAIN, KEY_CHECK, "marks the key")):
        connection.execute(ADD, {"kind": of_kind, "key_hash": suppression_hash(key, of_kind, of_value), "reason": why, "now": moment})
    if kind == ADDRESS:
        connection.execute(WITHDRAW, {"value": value, "reason": reason})
