"""Claiming a queued e-mail: everything that must hold is looked at in the one transaction that takes it."""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
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

    @property
    def reason(self) -> str | None:
        """The first rule that blocks, and why: `suppression: …`."""
        ...

    def to_json(self) -> str:
        """The evidence: every rule with what it found. Holds no personal data."""
        ...


class Bench(Protocol):
    """The gate with what it needs to know about some rows, read once."""

    def judge(self, row: Mapping[str, object], now: datetime) -> Verdict:
        """Looks at one of the rows."""
        ...

    def same_person(self, row: Mapping[str, object]) -> tuple[int, ...]:
        """The contacts that are one with the row's; empty where there is none."""
        ...


class Gate(Protocol):
    """Whether a message may lawfully go out; whatever it cannot decide blocks."""

    def prepare(self, connection: Connection, rows: Iterable[Mapping[str, object]], now: datetime) -> Bench:
        """The gate for some rows of outreach_log, by the facts of this transaction."""
        ...

    def judge(self, connection: Connection, row: Mapping[str, object], now: datetime) -> Verdict:
        """Looks at a row of outreach_log within the transaction that claims it."""
        ...

    def find_suppression(self, connection: Connection, row: Mapping[str, object], now: datetime) -> str | None:
        """Why the message must not go out after all: `suppression: …` or `stop: …`. Asked before the final dot."""
        ...

    def record_notice(self, connection: Connection, row: Mapping[str, object], now: datetime) -> bool:
        """Notes what the message told the person about their data, once it was sent."""
        ...


# The gate's verdict on a row of outreach_log, within the transaction that claims it.
Judge = Callable[[Connection, Mapping[str, object], datetime], Verdict]
# Why no cap or limit lets a row go out now; None where they do.
FindFree = Callable[[Connection, Mapping[str, object], datetime], str | None]


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message that is to go out now.

    Attributes:
        row: of outreach_log. as_of: what changes with whatever anybody else writes to the database.
    """

    row: Mapping[str, object]
    as_of: int

    @property
    def id(self) -> int:
        """Of outreach_log."""
        id_ = self.row["id"]
        assert isinstance(id_, int)
        return id_


@dataclass(frozen=True, slots=True)
class Blocked:
    """A message that does not go out now, and why.

    Attributes:
        is_final: whether it was withdrawn. by_cap: whether a cap or limit holds it back, which time resolves.
    """

    reason: str
    is_final: bool = False
    by_cap: bool = False


def claim(connection: Connection, id_: int, judge: Judge, find_free: FindFree, now: datetime) -> Claimed | Blocked:
    """Takes a message, or says why not. The row keeps the gate's evidence, or the reason.

    Its Date becomes this moment, since servers distrust old ones; the hash on record is that of the message as it goes out.
    """
    row = store.read_message(connection, id_)
    blocked = _find_change(connection, id_, now, "queued")
    if blocked is None and _sha256(str(row["message"])) != row["message_sha256"]:
        blocked = Blocked("the message is not the one whose hash is on record")
    if blocked is None and (reason := find_free(connection, row, now)):
        blocked = Blocked(reason, by_cap=True)
    message = _dated(str(row["message"]), now)
    changed = {"message": message, "message_sha256": _sha256(message)}
    evidence = ""
    if blocked is None:
        verdict = judge(connection, {**row, **changed}, now)
        evidence = verdict.to_json()
        blocked = None if verdict.is_allowed else _objection(verdict.reason or "the gate is closed")
    if blocked is not None:
        store.execute(connection, store.CANCEL if blocked.is_final else store.BLOCK, {"id": id_, "reason": blocked.reason})
        if evidence:
            store.execute(connection, store.KEEP_EVIDENCE, {"id": id_, "gate": evidence})
        return blocked
    store.execute(connection, store.CLAIM, {"id": id_, "now": to_text(now), "gate": evidence, **changed})
    attempts = row["attempts"]
    assert isinstance(attempts, int)
    return Claimed({**row, **changed, "attempts": attempts + 1}, store.read_version(connection))


def find_objection(connection: Connection, claimed: Claimed, gate: Gate, now: datetime) -> Blocked | None:
    """What came up against a message since it was claimed. Asked in the transaction after which it may be out.

    Where nobody else has written anything since then, nothing can have come up, and the rules would say the same again.
    """
    if store.read_version(connection) == claimed.as_of:
        return None
    if (changed := _find_change(connection, claimed.id, now, "claimed")) is not None:
        return changed
    reason = gate.find_suppression(connection, claimed.row, now)
    return _objection(reason) if reason else None


def _find_change(connection: Connection, id_: int, now: datetime, status: str) -> Blocked | None:
    standing = store.read_standing(connection, id_, now.date().isoformat())
    if standing["status"] != status:
        return Blocked(f"it is {standing['status']} by now")
    if not standing["is_running"]:
        return Blocked("the campaign is not running")
    return None if standing["is_approved"] else Blocked("nobody approved this version of the campaign")


def _objection(reason: str) -> Blocked:
    return Blocked(reason, is_final=reason.startswith("suppression:"))


def _dated(message: str, now: datetime) -> str:
    head, end, body = message.partition("\r\n\r\n" if "\r\n\r\n" in message else "\n\n")
    return _DATE.sub(f"Date: {format_datetime(now)}", head, count=1) + end + body


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
