"""Sending the queued e-mails, each at most once after its final dot and as often as it takes before it.

A message goes through three phases, so that a sender may be killed at any moment: it is claimed; all of it but the final dot is
transmitted; `sending` is committed to disk, and only then the dot is sent. Without the dot no server delivers, so what breaks off before
is tried again. What breaks off after the commit is `uncertain`: it may be out, and is never sent again by itself.
"""

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from sqlite3 import Connection

from liendea_assets.clients.smtp import Envelope, Refusal, to_wire
from liendea_assets.clients.smtp_session import Reply
from liendea_assets.core.clock import Clock, from_text, to_text
from liendea_assets.core.errors import ServiceUnavailable, UnsendableMessage
from liendea_assets.db.connection import Database, durable_transaction, exclusive, transaction
from liendea_assets.outreach import refusals
from liendea_assets.outreach import sending_store as store
from liendea_assets.outreach.claims import Blocked, Claimed, FindFree, Gate, claim, find_objection
from liendea_assets.outreach.foresight import Foresight
from liendea_assets.outreach.mailboxes import Mailbox
from liendea_assets.outreach.sending_settings import SendingSettings

SENDER = "email_sender"
# So many connections in a row that come to nothing, and the mailbox rests until the next run.
MOST_FAILURES = 5
MOST_REHEARSED = 500
# After a failed connection, times the number of failures.
_RECONNECT_S = 2.0
# A connection that nothing goes through is closed before a longer wait.
_KEEP_OPEN_S = 30.0
_ENDED = "the sender ended before it knew whether the server took the message"
_NO_ANSWER = "the server did not answer whether it took the message"

# (connection, address, reason, moment): an address that does not exist is written to no more
Suppress = Callable[[Connection, str, str, datetime], None]


@dataclass(slots=True)
class DeliveryReport:
    """What a run of the sender did.

    Attributes:
        to_go: messages whose moment has come and that were not looked at yet. blocked: why messages stay queued or were withdrawn.
        again: messages that are tried again later. troubles: mailbox → why it is not used any more in this run.
    """

    to_go: int = 0
    sent: int = 0
    again: int = 0
    failed: int = 0
    uncertain: int = 0
    blocked: Counter[str] = field(default_factory=Counter)
    troubles: dict[str, str] = field(default_factory=dict)
    released: int = 0
    found_uncertain: int = 0
    stopped: str | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """What decides whether a message goes out.

    Attributes:
        limits: (seconds, messages) of `email` in rate_limits.yaml; `find_free` holds them, here they say how long to wait.
    """

    gate: Gate
    find_free: FindFree
    suppress: Suppress
    settings: SendingSettings
    limits: tuple[tuple[int, int], ...] = ()


def deliver(
    db: Database,
    rules: Rules,
    mailboxes: Mapping[str, Mailbox],
    clock: Clock,
    *,
    campaign: str | None = None,
    limit: int | None = None,
    max_wait_s: float = 0.0,
    stop: threading.Event | None = None,
    on_progress: Callable[[DeliveryReport], None] = lambda _: None,
) -> DeliveryReport:
    """Sends what is due, once, over all mailboxes; one sender at a time works on a database.

    Args:
        db: not opened durable; what has to be on the disk is waited for.
        mailboxes: by their names in outreach_log; the first is for messages that name none.
        campaign: of this one alone. limit: so many messages at most.
        max_wait_s: how long to wait, all in all, for places within the limits of `email`.
        stop: once it is set, the message under way is the last.

    Raises:
        TransientError: another process is sending.
    """
    with exclusive(db, SENDER, wait_s=0):
        sender = _Sender(db, rules, mailboxes, clock, campaign, stop or threading.Event(), on_progress)
        sender.release()
        try:
            sender.run(limit, max_wait_s)
        finally:
            for mailbox in mailboxes.values():
                mailbox.connection.close()
            sender.release()
        return sender.report


class _Over(Exception):
    """Takes back everything that a rehearsal did."""


def rehearse(db: Database, rules: Rules, clock: Clock, *, campaign: str | None = None, limit: int | None = None) -> DeliveryReport:
    """What `deliver` would do now, by the same rules, without a connection: `sent` counts who would be written to. Nothing is changed."""
    report = DeliveryReport()
    with suppress(_Over), transaction(db) as connection:
        due = store.read_due(connection, to_text(clock.now()), campaign)
        report.to_go = len(due)
        # other writers wait meanwhile
        for id_, _ in due[:MOST_REHEARSED]:
            if limit is not None and report.sent >= limit:
                break
            taken = claim(connection, id_, rules.gate.judge, rules.find_free, clock.now())
            report.to_go -= 1
            if isinstance(taken, Blocked):
                report.blocked[taken.reason] += 1
            else:
                report.sent += 1
        raise _Over
    return report


class _Sender:
    """One run."""

    def __init__(
        self,
        db: Database,
        rules: Rules,
        mailboxes: Mapping[str, Mailbox],
        clock: Clock,
        campaign: str | None,
        stop: threading.Event,
        on_progress: Callable[[DeliveryReport], None],
    ) -> None:
        self.report = DeliveryReport()
        self._db, self._rules, self._mailboxes, self._clock = db, rules, mailboxes, clock
        self._campaign, self._stop, self._on_progress = campaign, stop, on_progress
        self._foresight = Foresight(rules.gate, [])

    def release(self) -> None:
        """What a sender left that was killed: nobody else is sending, so nothing of it is under way."""
        with transaction(self._db) as connection:
            released, uncertain = store.release(connection, _ENDED)
        self.report.released += released
        self.report.found_uncertain += uncertain

    def run(self, limit: int | None, max_wait_s: float) -> None:
        """Every message that is due gets its turn once."""
        due = store.read_due(self._db.conn, to_text(self._clock.now()), self._campaign)
        self._foresight = Foresight(self._rules.gate, [id_ for id_, _ in due])
        self.report.to_go, left_s, place = len(due), max_wait_s, 0
        while place < len(due):
            if self._stop.is_set() or (limit is not None and self.report.sent + self.report.uncertain >= limit):
                self.report.stopped = "stopped" if self._stop.is_set() else f"the limit of {limit} messages"
                break
            wait_s = self._turn(*due[place])
            if 0 < wait_s <= left_s:
                # for a place within the limits; the same message is next
                left_s -= wait_s
                self._wait(wait_s)
                continue
            if wait_s:
                self.report.stopped = "the limits of rate_limits.yaml"
                break
            place += 1
            self.report.to_go = len(due) - place
            self._on_progress(self.report)
        self._on_progress(self.report)

    def _turn(self, id_: int, mailbox_name: str | None) -> float:
        """One message. Returns the seconds to wait before its turn comes again; 0 when it had it."""
        mailbox = self._mailbox(mailbox_name)
        if mailbox is None or not self._is_ready(mailbox):
            self.report.blocked["its mailbox cannot send" if mailbox else "its mailbox has no mail server"] += 1
            return 0.0
        now = self._clock.now()
        # what is lost of a claim with the power was not sent, so it need not wait for the disk
        with transaction(self._db) as connection:
            taken = claim(connection, id_, self._foresight.judge, self._rules.find_free, now)
            self._foresight.keep(connection)
        if isinstance(taken, Blocked):
            wait_s = self._wait_for_limits(now) if taken.by_cap else 0.0
            if not wait_s:
                self.report.blocked[taken.reason] += 1
            return wait_s
        self._send(taken, mailbox)
        return 0.0

    def _send(self, claimed: Claimed, mailbox: Mailbox) -> None:
        row = claimed.row
        content = mailbox.sign(to_wire(str(row["message"]).encode()))
        try:
            refusal = mailbox.connection.transmit(Envelope(mailbox.sender, str(row["recipient"])), content)
            if refusal is not None:
                self._refused(claimed, mailbox, refusal)
                return
            if not self._begin(claimed):
                mailbox.connection.close()
                return
            reply = mailbox.connection.finish()
        except UnsendableMessage as problem:
            self._fail(claimed, None, str(problem))
            return
        except ServiceUnavailable as problem:
            # before the dot, so it is not out
            self._count_failure(mailbox, str(problem))
            self._try_again(claimed, None, "the connection was lost before the end of the message")
            return
        self._answered(claimed, mailbox, reply)

    def _begin(self, claimed: Claimed) -> bool:
        """The commit after which the message may be out; False where somebody objected since it was claimed."""
        with durable_transaction(self._db) as connection:
            objection = find_objection(connection, claimed, self._rules.gate, self._clock.now())
            if objection is None:
                has_begun = store.execute(connection, store.BEGIN_SENDING, {"id": claimed.id})
                self._foresight.keep(connection)
                return has_begun
            statement = store.CANCEL if objection.is_final else store.GIVE_BACK
            store.execute(connection, statement, {"id": claimed.id, "reason": objection.reason})
        self.report.blocked[objection.reason] += 1
        return False

    def _answered(self, claimed: Claimed, mailbox: Mailbox, reply: Reply | None) -> None:
        if reply is None:
            self._count_failure(mailbox, _NO_ANSWER)
            self._update(store.MARK_UNCERTAIN, {"id": claimed.id, "reason": _NO_ANSWER})
            self.report.uncertain += 1
        elif reply.is_positive:
            mailbox.failures = 0
            self._sent(claimed, reply.code)
        else:
            self._refused(claimed, mailbox, Refusal("message", reply))

    def _sent(self, claimed: Claimed, code: int) -> None:
        now = self._clock.now()
        # lost with the power the row is `sending`, which becomes uncertain
        with transaction(self._db) as connection:
            store.execute(connection, store.MARK_SENT, {"id": claimed.id, "now": to_text(now), "code": code})
            self._rules.gate.record_notice(connection, claimed.row, now)
            self._foresight.keep(connection)
        self.report.sent += 1

    def _refused(self, claimed: Claimed, mailbox: Mailbox, refusal: Refusal) -> None:
        meaning, reason = refusals.judge(refusal), f"the server answered {refusal.reply} to {refusal.to}"
        if meaning == "mailbox":
            mailbox.trouble = reason
            self.report.troubles[mailbox.name] = reason
        elif refusal.to != "MAIL":
            mailbox.failures = 0
        else:
            self._count_failure(mailbox, reason)
        if meaning in ("again", "mailbox"):
            self._try_again(claimed, refusal.reply.code, reason)
        else:
            self._fail(claimed, refusal.reply.code, reason, is_hard=meaning == "dead address")

    def _try_again(self, claimed: Claimed, code: int | None, reason: str) -> None:
        attempts = claimed.row["attempts"]
        assert isinstance(attempts, int)
        if attempts >= self._rules.settings.attempts:
            self._fail(claimed, code, f"{reason}, after {attempts} attempts")
            return
        send_after = to_text(self._clock.now() + self._rules.settings.pause(attempts))
        self._update(store.TRY_AGAIN, {"id": claimed.id, "send_after": send_after, "code": code, "reason": reason})
        self.report.again += 1

    def _fail(self, claimed: Claimed, code: int | None, reason: str, *, is_hard: bool = False) -> None:
        now = self._clock.now()
        with durable_transaction(self._db) as connection:
            values = {"id": claimed.id, "code": code, "reason": reason, "is_hard": is_hard, "now": to_text(now)}
            store.execute(connection, store.FAIL, values)
            if is_hard:
                self._rules.suppress(connection, str(claimed.row["recipient"]), "hard bounce", now)
        self.report.failed += 1

    def _update(self, statement: str, values: Mapping[str, object]) -> None:
        with transaction(self._db) as connection:
            store.execute(connection, statement, values)

    def _mailbox(self, name: str | None) -> Mailbox | None:
        return next(iter(self._mailboxes.values()), None) if name is None else self._mailboxes.get(name)

    def _is_ready(self, mailbox: Mailbox) -> bool:
        """Whether there is a connection; no message is claimed before."""
        while mailbox.trouble is None and not self._stop.is_set():
            try:
                mailbox.connection.make_ready()
                return True
            except ServiceUnavailable as problem:
                self._count_failure(mailbox, str(problem))
                if mailbox.trouble is None:
                    self._clock.sleep(_RECONNECT_S * mailbox.failures, self._stop)
        return False

    def _count_failure(self, mailbox: Mailbox, reason: str) -> None:
        mailbox.failures += 1
        if mailbox.failures >= MOST_FAILURES:
            mailbox.trouble = reason
            self.report.troubles[mailbox.name] = reason

    def _wait_for_limits(self, now: datetime) -> float:
        waits = [0.0]
        for seconds, most in self._rules.limits:
            moment = store.read_nth_last(self._db.conn, most, to_text(now - timedelta(seconds=seconds)))
            if moment is not None:
                waits.append((from_text(moment) - now).total_seconds() + seconds)
        return max(waits)

    def _wait(self, seconds: float) -> None:
        if seconds > _KEEP_OPEN_S:
            for mailbox in self._mailboxes.values():
                mailbox.connection.close()
        self._on_progress(self.report)
        self._clock.sleep(seconds, self._stop)
