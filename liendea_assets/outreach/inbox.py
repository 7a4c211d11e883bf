"""Reading what comes back: each message is told apart, matched, stored and acted upon in one transaction, once."""

import hashlib
import re
import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from liendea_assets.clients.mailbox import MailSource, RawMail
from liendea_assets.core.clock import Clock, to_text
from liendea_assets.core.errors import BadValue, ServiceUnavailable, SettingsError, UnknownRecord
from liendea_assets.db.connection import Database, exclusive, transaction
from liendea_assets.outreach import inbox_actions, suppression_store
from liendea_assets.outreach import inbox_store as store
from liendea_assets.outreach.inbox_actions import Rules
from liendea_assets.outreach.replies.classify import Classified, classify_mail
from liendea_assets.outreach.replies.match import Hints, find_hints
from liendea_assets.outreach.replies.parse import ParsedMail, parse_mail
from liendea_assets.outreach.settings import OutreachSettings
from liendea_assets.scoring.retarget import settle_status
from liendea_assets.scoring.suppression_list import ADDRESS, SuppressionList

KINDS = ("human_reply", "auto_reply", "auto_permanent", "unsubscribe", "bounce_hard", "bounce_soft", "complaint", "other")
LONGEST_KEPT = 5_000
LONGEST_SUBJECT = 300

# How sure a match is, by what it rests on.
_SURENESS = {"token": 1.0, "message_id": 1.0, "address": 0.7, "person": 0.5, "nothing": 1.0}
# Lines that mail programs and servers add to a message that lies there; two readings of it must look the same.
_CHANGING = re.compile(
    rb"^(?:status|x-status|x-keywords|x-uid|x-imap|x-imapbase|x-mozilla-\S*|content-length|lines|x-gm-\S*|x-evolution\S*):", re.IGNORECASE
)


@dataclass(slots=True)
class InboxReport:
    """What a reading brought.

    Attributes:
        kinds: kind → new messages.
        known: messages that had been read before.
        unmatched: new ones of which nobody knows what they are about.
        settled: uncertain messages of ours that turn out to have been sent.
        problems: mailbox → why it could not be read to its end.
        mailboxes: that were to be read.
    """

    kinds: Counter[str] = field(default_factory=Counter)
    known: int = 0
    unmatched: int = 0
    settled: int = 0
    problems: dict[str, str] = field(default_factory=dict)
    mailboxes: int = 0


@dataclass(frozen=True, slots=True)
class _Match:
    sent: store.SentMessage | None = None
    contact_id: int | None = None
    by: str = "nothing"


def read_inbox(db: Database, sources: Sequence[MailSource], settings: OutreachSettings, key: bytes, clock: Clock) -> InboxReport:
    """Reads every mailbox from where it was left. One that cannot be read stops no other; reading again changes nothing.

    Scores and targets follow the suppressions with `scoring.suppressed.exclude_suppressed`, which the caller runs afterwards.

    Raises:
        SettingsError: the suppressions were made with another key.
    """
    SuppressionList(key, suppression_store.read_suppressions(db))
    report = InboxReport(mailboxes=len(sources))
    rules = Rules.of(settings, key)
    answered: set[int] = set()
    with exclusive(db, "inbox"):
        for source in sources:
            try:
                for mail in source.read(store.read_position(db, source.name)):
                    _take(db, source.name, mail, rules, clock, report, answered)
            except (ServiceUnavailable, SettingsError) as problem:
                report.problems[source.name] = str(problem)
                continue
            with transaction(db) as connection:
                store.set_position(connection, source.name, None, to_text(clock.now()))
        with transaction(db) as connection:
            until = to_text(clock.now() - timedelta(days=settings.inbox.pause_days))
            store.lift_pauses(connection, inbox_actions.PAUSED, until, to_text(clock.now()))
    for contact_id in sorted(answered):
        settle_status(db, contact_id)
    return report


def correct(db: Database, inbox_message_id: int, kind: str, by: str, settings: OutreachSettings, key: bytes, clock: Clock) -> str:
    """Says by hand what a message is. What followed from the former kind is taken back, what follows from this one is done.

    Returns:
        The former kind.

    Raises:
        UnknownRecord: there is no such message. BadValue: no such kind.
    """
    if kind not in KINDS:
        raise BadValue(f"the kind {kind!r} is none of {', '.join(KINDS)}")
    rules, now = Rules.of(settings, key), to_text(clock.now())
    with exclusive(db, "inbox"), transaction(db) as connection:
        message = store.read_message(connection, inbox_message_id)
        if message is None:
            raise UnknownRecord(f"there is no inbox message {inbox_message_id}; `liendea inbox list` tells them")
        former = str(message["kind"])
        if former != kind:
            inbox_actions.undo(connection, message, now)
            store.correct_message(connection, inbox_message_id, kind, by)
            inbox_actions.act(connection, {**message, "kind": kind}, rules, now)
            for other in store.others_of_person(connection, message):
                # what was taken back may be what another message says as well
                inbox_actions.act(connection, other, rules, now)
    contact_id = message["contact_id"]
    if isinstance(contact_id, int):
        settle_status(db, contact_id)
    return former


def fingerprint(content: bytes) -> str:
    """The same for a message wherever and however often it is read."""
    head, separator, body = content.replace(b"\r\n", b"\n").partition(b"\n\n")
    kept = b"\n".join(line for line in head.split(b"\n") if not _CHANGING.match(line) and not line.startswith(b"From "))
    return hashlib.sha256(kept + separator + body.rstrip(b"\n")).hexdigest()


def _take(db: Database, source: str, mail: RawMail, rules: Rules, clock: Clock, report: InboxReport, answered: set[int]) -> None:
    now = clock.now()
    mark = fingerprint(mail.content) if mail.content else hashlib.sha256(f"{mail.source}\x00nothing".encode()).hexdigest()
    if store.is_known(db, mark):
        report.known += 1
        with transaction(db) as connection:
            _advance(connection, source, mail, now)
        return
    message, match = _judge(db, mail, mark, rules, now)
    with transaction(db) as connection:
        message_id = store.add_message(connection, message)
        if message_id is not None:
            was_uncertain = match.sent is not None and match.sent.status == "uncertain"
            row = store.read_message(connection, message_id)
            assert row is not None
            inbox_actions.act(connection, row, rules, to_text(now))
            report.settled += was_uncertain and match.by in ("token", "message_id")
        _advance(connection, source, mail, now)
    if message_id is None:
        report.known += 1
        return
    report.kinds[message.kind] += 1
    report.unmatched += match.by == "nothing"
    if message.kind == "human_reply" and message.contact_id is not None:
        answered.add(message.contact_id)


def _judge(db: Database, mail: RawMail, mark: str, rules: Rules, now: datetime) -> tuple[store.InboxMessage, _Match]:
    parsed = parse_mail(mail.content)
    copied = _copied(db, parsed, rules)
    hints = find_hints(parsed, None, is_report=bool(parsed.delivery or parsed.feedback))
    sent = store.find_sent(db, "token", hints.tokens)
    match = _Match(sent, sent.contact_id, "token") if sent else _by_message_id(db, hints)
    ours = parse_mail(match.sent.message.encode("utf-8", "replace")) if match.sent is not None else ParsedMail({})
    verdict = classify_mail(parsed, mail.content, ours.text, ours.subject)
    if copied is not None:
        verdict, match = Classified("other", "a copy of a message of ours", 1.0), _Match(copied, copied.contact_id, "message_id")
    else:
        verdict, match = _if_from_us(parsed, verdict, match, rules)
    if match.sent is None:
        match = _by_person(db, parsed, verdict)
    received = min(mail.received_at or parsed.sent_at or now, now)
    why = verdict.why if mail.problem is None else f"{verdict.why}; {mail.problem}"
    is_reliable = match.by in ("token", "message_id", "nothing")
    row = store.InboxMessage(
        source=mail.source,
        fingerprint=mark,
        message_id=parsed.message_id,
        received_at=to_text(received),
        read_at=to_text(now),
        from_address=parsed.from_address,
        subject=parsed.subject[:LONGEST_SUBJECT] or None,
        text=verdict.words[:LONGEST_KEPT] or None,
        kind=verdict.kind,
        sentiment=verdict.sentiment,
        # an opt-out names somebody only where a provider passes it on
        recipient=verdict.recipient or (match.sent.recipient if match.sent and verdict.kind != "unsubscribe" else None),
        status_code=verdict.status_code,
        outreach_log_id=match.sent.id if match.sent else None,
        contact_id=match.contact_id,
        matched_by=match.by,
        confidence=round(verdict.confidence if is_reliable else verdict.confidence * _SURENESS[match.by], 3),
        why=why,
    )
    return row, match


def _copied(db: Database, parsed: ParsedMail, rules: Rules) -> store.SentMessage | None:
    """The message of ours that this one is: a folder of sent mail or a BCC holds it. Nothing that stands in it is anybody's answer."""
    if parsed.from_address not in rules.own_addresses or parsed.message_id is None:
        return None
    return store.find_sent(db, "message_id", [parsed.message_id])


def _by_message_id(db: Database, hints: Hints) -> _Match:
    sent = store.find_sent(db, "message_id", hints.message_ids)
    return _Match(sent, sent.contact_id, "message_id") if sent else _Match()


def _by_person(db: Database, parsed: ParsedMail, verdict: Classified) -> _Match:
    """By whom it is from, or about: an answer may quote nothing."""
    is_report = verdict.kind in ("bounce_hard", "bounce_soft", "complaint") or verdict.recipient is not None
    hints = find_hints(parsed, verdict.recipient, is_report=is_report)
    sent = store.find_sent(db, "address", hints.addresses)
    if sent is not None:
        return _Match(sent, sent.contact_id, "address")
    for address in hints.addresses:
        people = suppression_store.find_people(db.conn, ADDRESS, address)
        if len(people) == 1:
            return _Match(store.find_last_sent(db, people[0]), people[0], "person")
    return _Match()


def _if_from_us(parsed: ParsedMail, verdict: Classified, match: _Match, rules: Rules) -> tuple[Classified, _Match]:
    """What we wrote ourselves is no answer; a copy of a message of ours that a server brought says that it was sent."""
    if parsed.from_address not in rules.own_addresses or verdict.kind in ("unsubscribe", "bounce_hard", "bounce_soft", "complaint"):
        return verdict, match
    is_copy = match.sent is None or parsed.message_id is None
    return Classified("other", "from an address of our own", 1.0), _Match() if is_copy else match


def _advance(connection: sqlite3.Connection, source: str, mail: RawMail, now: datetime) -> None:
    if mail.position is not None:
        store.set_position(connection, source, mail.position, to_text(now))
