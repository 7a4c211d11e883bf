"""Claiming a queued e-mail: everything that must hold is looked at in the one transaction that takes it."""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from sqlite3 import Connection
from typing import Protocol

from liendea_assets.core.clock import to_text
from liendea_assets.outreach import sending_store as store

_DATE = re.compile(r"(?im)^Date:[^\r\n]*")


class Verdict(Protocol):
    """What the gate says of a message."""

    @property
    def is_allowed(self) -> bool:
        """Whether it may go out."""
        ...

    def to_json(self) -> str:
        """The evidence: every rule with what it found. Holds no personal data."""
        ...


class Gate(Protocol):
    """Whether a message may lawfully go out; whatever it cannot decide blocks."""

    def judge(self, connection: Connection, row: Mapping[str, object], now: datetime) -> Verdict:
        """Looks at a row of outreach_log within the transaction that claims it."""
        ...


# Why no cap or limit lets a row go out now; None where they do.
FindFree = Callable[[Connection, Mapping[str, object], datetime], str | None]


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message that is to go out now.

    Attributes:
        row: of outreach_log, as claimed. entries: the suppressions that would stand against it, for the last look.
    """

    row: Mapping[str, object]
    entries: str

    @property
    def id(self) -> int:
        """Of outreach_log."""
        return _id(self.row)


@dataclass(frozen=True, slots=True)
class Blocked:
    """A message that does not go out now, and why.

    Attributes:
        is_final: whether it was withdrawn. by_cap: whether a cap or limit holds it back, which time resolves.
    """

    reason: str
    is_final: bool = False
    by_cap: bool = False


def claim(connection: Connection, id_: int, gate: Gate, find_free: FindFree, key: bytes, now: datetime) -> Claimed | Blocked:
    """Takes a message, or says why not. The row keeps the gate's evidence, or the reason.

    Its Date becomes this moment, since servers distrust old ones; the hash on record is that of the message as it goes out.
    """
    row = store.read_message(connection, id_)
    entries = store.suppression_entries(connection, row, key)
    blocked = find_objection(connection, row, entries, now, "queued")
    if blocked is None and hashlib.sha256(str(row["message"]).encode()).hexdigest() != row["message_sha256"]:
        blocked = Blocked("the message is not the one whose hash is on record")
    if blocked is None and (reason := find_free(connection, row, now)):
        blocked = Blocked(reason, by_cap=True)
    if blocked is not None:
        store.execute(connection, store.CANCEL if blocked.is_final else store.BLOCK, {"id": id_, "reason": blocked.reason})
        return blocked
    verdict = gate.judge(connection, row, now)
    if not verdict.is_allowed:
        store.execute(connection, store.BLOCK, {"id": id_, "reason": "the gate is closed"})
        store.execute(connection, store.KEEP_EVIDENCE, {"id": id_, "gate": verdict.to_json()})
        return Blocked("the gate is closed")
    message = _dated(str(row["message"]), now)
    text = {"message": message, "message_sha256": hashlib.sha256(message.encode()).hexdigest()}
    store.execute(connection, store.CLAIM, {"id": id_, "now": to_text(now), "gate": verdict.to_json(), **text})
    attempts = row["attempts"]
    assert isinstance(attempts, int)
    return Claimed({**row, **text, "attempts": attempts + 1}, entries)


def find_objection(connection: Connection, row: Mapping[str, object], entries: str, now: datetime, status: str) -> Blocked | None:
    """What stands against a message whatever the gate says. Asked when it is claimed, and once more before it is out.

    Args:
        status: the one that it must have.
    """
    standing = store.read_standing(connection, row, entries, now.date().isoformat())
    if standing["status"] != status:
        return Blocked(f"it is {standing['status']} by now")
    if standing["is_suppressed"]:
        return Blocked("suppressed", is_final=True)
    if standing["is_stopped"]:
        return Blocked("the sequence was stopped")
    if not standing["is_running"]:
        return Blocked("the campaign is not running")
    if not standing["is_approved"]:
        return Blocked("nobody approved this version of the campaign")
    return None


def _dated(message: str, now: datetime) -> str:
    head, end, body = message.partition("\r\n\r\n" if "\r\n\r\n" in message else "\n\n")
    return _DATE.sub(f"Date: {format_datetime(now)}", head, count=1) + end + body


def _id(row: Mapping[str, object]) -> int:
    id_ = row["id"]
    assert isinstance(id_, int)
    return id_
