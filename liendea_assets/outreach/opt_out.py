"""Opting out on the public page, by the token of the message that somebody got."""

from datetime import datetime
from pathlib import Path

from liendea_assets.core.clock import to_text
from liendea_assets.core.keyed_hash import load_key
from liendea_assets.db.connection import Database, transaction
from liendea_assets.outreach import visit_store as store
from liendea_assets.outreach.suppression_store import suppress
from liendea_assets.scoring.suppressed import exclude_suppressed
from liendea_assets.scoring.suppression_list import ADDRESS

REASON = "unsubscribed on the public page"


def unsubscribe(db: Database, key_path: Path, token: str, now: datetime) -> bool:
    """Suppresses the address that a message went to. Whoever does it twice is as unsubscribed as before.

    Args:
        key_path: data/secret.key.

    Returns:
        False for a token that stands for no message.
    """
    message = store.find_message(db, token)
    if message is None:
        return False
    key = load_key(key_path)
    with transaction(db) as connection:
        suppress(connection, ADDRESS, str(message["recipient"]), REASON, key, to_text(now))
        store.mark_unsubscribed(connection, int(message["id"]), to_text(now))
    # out of scores and targets, too: an objection covers the profiling behind the mail
    exclude_suppressed(db, key_path)
    return True
