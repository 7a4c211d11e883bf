"""Messages that may have gone out or not: who they are, and what settles them. Nothing here sends; what was not sent is queued again."""

import mailbox
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from pathlib import Path
from sqlite3 import Connection, Row

from liendea_assets.clients.imap import ImapFolder
from liendea_assets.clients.mailbox import MailSource
from liendea_assets.core.clock import Clock, from_text, to_text
from liendea_assets.core.errors import BadValue, UnknownRecord
from liendea_assets.db.connection import Database, make_durable, transaction
from liendea_assets.outreach import sending_store as store
from liendea_assets.outreach.server_log import find_accepted

# From some Message-IDs to those that were found: in a server's log, a folder of sent mail, a provider's API.
Find = Callable[[Collection[str]], set[str]]
# Notes what a row of outreach_log told its person about their data; `Gate.record_notice`.
RecordNotice = Callable[[Connection, Mapping[str, object], datetime], bool]


@dataclass(frozen=True, slots=True)
class Settled:
    """What evidence came to, as ids of outreach_log."""

    sent: tuple[int, ...] = ()
    not_sent: tuple[int, ...] = ()
    open: tuple[int, ...] = ()


def list_uncertain(db: Database) -> list[Row]:
    """Each with `id`, `campaign`, `contact_id`, `step`, `mailbox`, `recipient`, `message_id`, `claimed_at`, `error_message`."""
    return list(store.read_uncertain(db.conn))


def settle_by_hand(
    db: Database, ids: Iterable[int], record_notice: RecordNotice, *, is_sent: bool, by: str, because: str, clock: Clock
) -> None:
    """What a person found out. A message that was not sent is queued again; one that was has told what it tells.

    Raises:
        BadValue: nobody says so, or without a reason. UnknownRecord: one is not uncertain; nothing was settled.
    """
    if not by.strip() or not because.strip():
        raise BadValue("who settles a message, and because of what, has to be said")
    wanted = list(dict.fromkeys(ids))
    make_durable(db)
    with transaction(db) as connection:
        done = store.settle(connection, wanted, is_sent=is_sent, by=by.strip(), because=because.strip(), now=to_text(clock.now()))
        for row in (store.read_message(connection, id_) for id_ in wanted if is_sent and done == len(wanted)):
            record_notice(connection, row, from_text(str(row["sent_at"])))
        if done != len(wanted):
            raise UnknownRecord(f"{len(wanted) - done} of these messages are not uncertain; liendea uncertain list shows those that are")


def settle_by_evidence(
    db: Database, find: Find, record_notice: RecordNotice, *, by: str, source: str, clock: Clock, is_complete: bool = False
) -> Settled:
    """Says of all uncertain messages what the evidence says.

    Args:
        by: who brought it. source: what it is, such as a file's name.
        is_complete: whether the source would hold every message that was sent; only then a message that it lacks was not sent.
    """
    uncertain = list_uncertain(db)
    if not uncertain:
        return Settled()
    found = find({row["message_id"] for row in uncertain})
    sent = tuple(row["id"] for row in uncertain if row["message_id"] in found)
    others = tuple(row["id"] for row in uncertain if row["message_id"] not in found)
    if sent:
        settle_by_hand(db, sent, record_notice, is_sent=True, by=by, because=f"found in {source}", clock=clock)
    if others and is_complete:
        because = f"not found in {source}, which is complete"
        settle_by_hand(db, others, record_notice, is_sent=False, by=by, because=because, clock=clock)
        return Settled(sent, others)
    return Settled(sent, (), others)


def in_log(path: Path) -> Find:
    """Looks in the log of a mail server."""

    def find(_: Collection[str]) -> set[str]:
        with path.open(encoding="utf-8", errors="replace") as file:
            return find_accepted(file)

    return find


def in_maildir(path: Path) -> Find:
    """Looks in a Maildir that gets a copy of everything that is sent: the folder of sent mail, or of a BCC address."""

    def find(message_ids: Collection[str]) -> set[str]:
        folder = mailbox.Maildir(path, create=False)
        try:
            return {str(message["Message-ID"]).strip() for message in folder} & set(message_ids)
        finally:
            folder.close()

    return find


def in_mailbox(source: MailSource) -> Find:
    """Looks in a mailbox that gets a copy of everything that is sent: the folder of sent mail, or that of a BCC address.

    Its Find raises ServiceUnavailable where the mailbox cannot be read.
    """

    def find(message_ids: Collection[str]) -> set[str]:
        if isinstance(source, ImapFolder):
            return source.find(message_ids)
        return {str(message_from_bytes(mail.content)["Message-ID"]).strip() for mail in source.read(None)} & set(message_ids)

    return find
