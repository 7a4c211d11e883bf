"""Opting out on the public page, by the token of the message that somebody got."""

import logging
from datetime import datetime
from pathlib import Path

from liendea_assets.core.clock import to_text
from liendea_assets.core.errors import SettingsError
from liendea_assets.core.keyed_hash import load_key
from liendea_assets.db.connection import Database, transaction
from liendea_assets.outreach import suppression_store
from liendea_assets.outreach import visit_store as store
from liendea_assets.scoring.suppressed import exclude_suppressed
from liendea_assets.scoring.suppression_list import ADDRESS, SuppressionList

log = logging.getLogger(__name__)

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
    key, moment = load_key(key_path), to_text(now)
    try:
        SuppressionList(key, suppression_store.read_suppressions(db))
    except SettingsError as problem:
        # an entry of another key would hide that the key is wrong; the stop holds without one
        log.error("an opt-out of contact %s is kept as a stop alone: %s", message["contact_id"], problem)  # noqa: TRY400
        with transaction(db) as connection:
            suppression_store.withdraw(connection, message["contact_id"], REASON)
            suppression_store.stop(connection, message["contact_id"], None, REASON, moment)
            store.mark_unsubscribed(connection, message["id"], moment)
        return True
    with transaction(db) as connection:
        suppression_store.suppress(connection, ADDRESS, str(message["recipient"]), REASON, key, moment)
        store.mark_unsubscribed(connection, message["id"], moment)
    # out of scores and targets, too: an objection covers the profiling behind the mail
    exclude_suppressed(db, key_path)
    return True
