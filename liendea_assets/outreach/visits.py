"""What happens to a message on the public pages: its links and its picture are fetched, by people and by robots."""

from datetime import datetime, timedelta
from typing import Literal

from liendea_assets.core.clock import from_text, to_text
from liendea_assets.db.connection import Database, transaction
from liendea_assets.outreach import visit_store as store

# Mail gateways follow links before they deliver, or as soon as they have.
ROBOT_WITHIN = timedelta(seconds=30)
# People do not follow all links of a message in so short a time.
ALL_LINKS_WITHIN = timedelta(seconds=10)
# Of one message. More tell nothing, and fill the disk of who is flooded.
MOST_VISITS = 200


def follow_link(db: Database, token: str, now: datetime, *, is_counted: bool) -> str | None:
    """The stored address of a link; None for a token that there is not. The visit is noted.

    Args:
        is_counted: False for a request that only asks whether there is something.
    """
    link = store.find_link(db, token)
    if link is None or not str(link["url"]).startswith(("https://", "http://")):
        return None
    if is_counted:
        _note(db, link, "click", token, now)
    return str(link["url"])


def note_open(db: Database, token: str, now: datetime) -> bool:
    """Notes that a message's picture was fetched, which is no sign of interest: mail programs and gateways do it by themselves.

    False for a token that there is not.
    """
    message = store.find_message(db, token)
    if message is None:
        return False
    _note(db, message, "open", None, now)
    return True


def is_known(db: Database, token: str) -> bool:
    """Whether a token stands for a message."""
    return store.find_message(db, token) is not None


def _note(db: Database, message: dict[str, object], kind: Literal["click", "open"], link_token: str | None, now: datetime) -> None:
    sent_at = message["sent_at"]
    # before the server has said that it took the message, nobody can have read it
    is_robot = sent_at is None or now - from_text(str(sent_at)) < ROBOT_WITHIN
    id_ = int(str(message["id"]))
    with transaction(db) as connection:
        if store.count_visits(connection, id_) >= MOST_VISITS:
            return
        visit = {"id": id_, "kind": kind, "link_token": link_token, "now": to_text(now), "is_robot": int(is_robot)}
        store.add_visit(connection, visit)
        if kind == "click":
            store.mark_followed_all(connection, id_, to_text(now - ALL_LINKS_WITHIN))
