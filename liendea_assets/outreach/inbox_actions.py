"""What follows from a message that came back: who is suppressed, what stops, what is marked. Each within the caller's transaction."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

from liendea_assets.core.clock import from_text
from liendea_assets.core.errors import BadValue
from liendea_assets.outreach import inbox_store as store
from liendea_assets.outreach import sending_store, suppression_store
from liendea_assets.outreach.gate import Gate
from liendea_assets.outreach.settings import OutreachSettings
from liendea_assets.scoring.suppression_list import ADDRESS, PROFILE

PAUSED = "paused: soft bounces in a row"
_REASONS = {"unsubscribe": "opted out", "complaint": "complained", "bounce_hard": "hard bounce"}


@dataclass(frozen=True, slots=True)
class Rules:
    """What actions need besides the message.

    Attributes:
        own_addresses: never suppressed, whoever writes from them.
        gate: notes what an uncertain message told, once it is known to have been sent.
        soft_bounces: as many in a row pause a person.
    """

    key: bytes
    own_addresses: frozenset[str]
    soft_bounces: int
    gate: Gate

    @classmethod
    def of(cls, settings: OutreachSettings, key: bytes) -> "Rules":
        """From outreach.yaml."""
        own = {settings.sender.email, settings.unsubscribe_mailbox, *(mailbox.email for mailbox in settings.mailboxes)}
        own |= {mailbox.bounce_address for mailbox in settings.mailboxes if mailbox.bounce_address}
        return cls(key, frozenset(address.lower() for address in own), settings.inbox.soft_bounces_before_pause, Gate(settings, key))


def act(connection: sqlite3.Connection, message: Mapping[str, object], rules: Rules, now: str) -> None:
    """Draws the consequences of a row of inbox_messages; again they change nothing."""
    kind, message_id = str(message["kind"]), _integer(message["id"])
    assert message_id is not None
    sent = store.read_sent(connection, _integer(message["outreach_log_id"]))
    at = str(message["received_at"])
    if sent is not None and message["matched_by"] in ("message_id", "token"):
        store.settle_uncertain(connection, sent.id, at, now)
    contact_id = sent.contact_id if sent is not None else _integer(message["contact_id"])
    if kind in _REASONS:
        _suppress(connection, message, sent, contact_id, rules, now)
    if kind == "human_reply" and contact_id is not None:
        _stop_after_reply(connection, contact_id, message_id, now)
    if kind == "auto_permanent" and contact_id is not None:
        reason = f"gone, as an automatic answer says (inbox message {message_id})"
        suppression_store.stop(connection, contact_id, None, reason, now, inbox_message_id=message_id)
        suppression_store.withdraw(connection, contact_id, reason)
        stale = {address for address in (sent.recipient if sent else None, message["from_address"]) if isinstance(address, str)}
        store.add_stale(connection, contact_id, sorted(stale - rules.own_addresses), message_id, now)
    if sent is not None:
        _mark(connection, kind, sent, at)
        if kind == "bounce_soft" and sent.recipient and store.bounced_softly(connection, sent.recipient, rules.soft_bounces):
            suppression_store.stop(connection, sent.contact_id, None, PAUSED, now, inbox_message_id=message_id)
        _note_what_it_told(connection, sent, rules)
    store.set_handled(connection, message_id, now)


def undo(connection: sqlite3.Connection, message: Mapping[str, object], now: str) -> None:
    """Takes back what `act` has done for a message, as far as it was this message's doing; what went out stays out."""
    message_id, kind = _integer(message["id"]), str(message["kind"])
    assert message_id is not None
    if kind in _REASONS:
        suppression_store.lift_suppressions(connection, _reason(kind, message_id))
    store.undo_marks(connection, message_id, kind, _integer(message["outreach_log_id"]), now)


def _note_what_it_told(connection: sqlite3.Connection, sent: store.SentMessage, rules: Rules) -> None:
    """A message that was uncertain and is sent by now may have been the notice to its person."""
    if sent.status == "uncertain":
        row = sending_store.read_message(connection, sent.id)
        if row["status"] != "uncertain":
            rules.gate.record_notice(connection, row, from_text(str(row["sent_at"])))


def _suppress(
    connection: sqlite3.Connection,
    message: Mapping[str, object],
    sent: store.SentMessage | None,
    contact_id: int | None,
    rules: Rules,
    now: str,
) -> None:
    """The address, and for somebody's own wish whoever wrote and their profiles."""
    kind, message_id = str(message["kind"]), _integer(message["id"])
    assert message_id is not None
    reason = _reason(kind, message_id)
    named: list[object] = [sent.recipient] if sent is not None else []
    if kind == "unsubscribe":
        named.append(message["from_address"])
        if message["recipient"] is not None:
            named = [*named[:-1], message["recipient"]]
    elif sent is None and contact_id is not None:
        # a report that names nobody of ours may be about forged mail
        named.append(message["recipient"])
    for address in dict.fromkeys(value.lower() for value in named if isinstance(value, str)):
        if address not in rules.own_addresses:
            _suppress_value(connection, ADDRESS, address, reason, rules.key, now, message_id)
    if contact_id is None:
        return
    if kind != "bounce_hard":
        for profile in store.profiles_of(connection, contact_id):
            _suppress_value(connection, PROFILE, profile, reason, rules.key, now, message_id)
    suppression_store.withdraw(connection, contact_id, reason)
    suppression_store.stop(connection, contact_id, None, reason, now, inbox_message_id=message_id)


def _suppress_value(connection: sqlite3.Connection, kind: str, value: str, reason: str, key: bytes, now: str, message_id: int) -> None:
    try:
        suppression_store.suppress(connection, kind, value, reason, key, now, inbox_message_id=message_id)
    except BadValue:
        # an address that no import would take is nobody's whom we could write to
        return


def _stop_after_reply(connection: sqlite3.Connection, contact_id: int, message_id: int, now: str) -> None:
    reason = f"a human replied (inbox message {message_id})"
    suppression_store.stop(connection, contact_id, None, reason, now, inbox_message_id=message_id)
    company_id = store.employer_of(connection, contact_id)
    if company_id is not None:
        suppression_store.stop(connection, None, company_id, reason, now, inbox_message_id=message_id)


def _mark(connection: sqlite3.Connection, kind: str, sent: store.SentMessage, at: str) -> None:
    what = {
        "human_reply": "responded",
        "unsubscribe": "unsubscribed",
        "complaint": "complained",
        "bounce_hard": "hard",
        "bounce_soft": "soft",
    }
    if kind in what:
        store.mark(connection, what[kind], sent.id, at)


def _reason(kind: str, message_id: int) -> str:
    return f"{_REASONS[kind]} (inbox message {message_id})"


def _integer(value: object) -> int | None:
    return value if isinstance(value, int) else None
