"""Senders that are killed, at random moments or at a point of the protocol, and what must hold of the database and the server's log."""

import os
import random
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from sqlite3 import Connection

from liendea_assets.clients.smtp import Envelope, Refusal, SmtpConnection, SmtpServer
from liendea_assets.clients.smtp_session import Reply
from liendea_assets.core.clock import SystemClock
from liendea_assets.db.connection import Database
from liendea_assets.db.migrations import open_migrated
from liendea_assets.outreach.claims import Bench, Gate, Verdict
from liendea_assets.outreach.mailboxes import Mailbox
from liendea_assets.outreach.sending import deliver
from liendea_assets.outreach.server_log import find_accepted
from liendea_assets.outreach.settling import in_log, list_uncertain, settle_by_evidence
from liendea_assets_tests.clients.servers import free_port
from liendea_assets_tests.outreach.letters import add_campaign, open_rules, queue_letters, states

# within the claim; claimed; without its dot; committed; answered; sent
POINTS = ("claiming", "claimed", "transmitted", "sending", "taken", "sent")
# A run has so many messages before it at least, so that a kill meets one.
_STOCK = 200
_QUEUE_ID = re.compile(r"message-id=(\S+)")


@dataclass(frozen=True, slots=True)
class Figures:
    """What kills came to."""

    kills: int = 0
    messages: int = 0
    uncertain: int = 0
    found_sent: int = 0
    found_not_sent: int = 0


@dataclass
class Bomb:
    """Kills its own process when a point was passed so many times."""

    point: str
    left: int

    def pass_by(self, point: str) -> None:
        if point == self.point:
            self.left -= 1
            if self.left <= 0:
                os.kill(os.getpid(), signal.SIGKILL)


@dataclass
class MinedGate:
    inner: Gate
    bomb: Bomb

    def judge(self, connection: Connection, row: Mapping[str, object], now: datetime) -> Verdict:
        verdict = self.inner.judge(connection, row, now)
        self.bomb.pass_by("claiming")
        return verdict

    def prepare(self, connection: Connection, rows: Iterable[Mapping[str, object]], now: datetime) -> "MinedBench":
        return MinedBench(self.inner.prepare(connection, rows, now), self.bomb)

    def find_suppression(self, connection: Connection, row: Mapping[str, object], now: datetime) -> str | None:
        return self.inner.find_suppression(connection, row, now)

    def record_notice(self, connection: Connection, row: Mapping[str, object], now: datetime) -> bool:
        return self.inner.record_notice(connection, row, now)


@dataclass
class MinedBench:
    inner: Bench
    bomb: Bomb

    def judge(self, row: Mapping[str, object], now: datetime) -> Verdict:
        verdict = self.inner.judge(row, now)
        self.bomb.pass_by("claiming")
        return verdict

    def same_person(self, row: Mapping[str, object]) -> tuple[int, ...]:
        return self.inner.same_person(row)


class MinedConnection:
    def __init__(self, inner: SmtpConnection, bomb: Bomb) -> None:
        self._inner, self._bomb = inner, bomb
        self.make_ready, self.close = inner.make_ready, inner.close

    def transmit(self, envelope: Envelope, content: bytes) -> Refusal | None:
        self._bomb.pass_by("claimed")
        refusal = self._inner.transmit(envelope, content)
        self._bomb.pass_by("transmitted")
        return refusal

    def finish(self) -> Reply | None:
        self._bomb.pass_by("sending")
        reply = self._inner.finish()
        self._bomb.pass_by("taken")
        return reply


def send_all(path: str, port: int, point: str, times: int, started: Pipe | None = None) -> None:
    """One run of the sender, as a process of its own; the product's gate and caps, a real connection."""
    bomb = Bomb(point, times)
    db = open_migrated(Path(path))
    rules = open_rules()
    connection = MinedConnection(SmtpConnection(SmtpServer("127.0.0.1", port, security="none")), bomb)
    if started is not None:
        started.send_bytes(b"ready")
    deliver(
        db,
        replace(rules, gate=MinedGate(rules.gate, bomb)),
        {"main": Mailbox("main", "sam.rivera@northwind.example", connection)},
        SystemClock(),
        on_progress=lambda report: bomb.pass_by("sent") if report.sent else None,
    )
    db.conn.close()


@contextmanager
def mail_process(log: Path | None) -> Iterator[int]:
    """A mail server in another process. Yields its port."""
    port = free_port()
    command = [sys.executable, "-m", "liendea_assets_tests.outreach.mail_process", str(port), *([str(log)] if log else [])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        try:
            yield port
        finally:
            process.kill()


def kill_and_send_again(folder: Path, point: str | None, kills: int, seed: int = 2026) -> Figures:
    """Kills senders, at this point or, for None, at random moments; then lets the last one end, settles by the log, and judges."""
    chance, context = random.Random(seed), get_context("forkserver")
    context.set_forkserver_preload([__name__])
    path, log = folder / f"{point or 'random'}.db", folder / f"{point or 'random'}.log"
    db = open_migrated(path)
    add_campaign(db)
    killed, messages = 0, 0
    with mail_process(log) as port:
        while killed < kills:
            if Counter(states(db).values())["queued"] < _STOCK:
                queue_letters(db, 2 * _STOCK, first=messages + 1)
                messages += 2 * _STOCK
            before = len(list_uncertain(db)) + Counter(states(db).values())["sending"]
            ours, theirs = context.Pipe(duplex=False)
            process = context.Process(target=send_all, args=(str(path), port, point or "", chance.randint(1, 8), theirs))
            process.start()
            assert ours.poll(60)
            if point is None:
                process.join(chance.uniform(0, 0.25))
                process.kill()
            process.join(60)
            # one that was done before is no kill
            assert process.exitcode == -signal.SIGKILL or (point is None and process.exitcode == 0)
            killed += process.exitcode != 0
            # what was under way is `sending` until the next sender looks
            after = len(list_uncertain(db)) + Counter(states(db).values())["sending"]
            assert after - before <= 1, "at most one message a kill is uncertain"
        _end(context, path, port)
        figures = _judge(db, log, killed, messages)
        # what the log does not know was not sent, and is sent now
        _end(context, path, port)
    _judge_end(db, log)
    db.conn.close()
    return figures


def _end(context: object, path: Path, port: int) -> None:
    process = get_context("forkserver").Process(target=send_all, args=(str(path), port, "", 0))
    process.start()
    process.join(300)
    assert process.exitcode == 0


def _judge(db: Database, log: Path, killed: int, messages: int) -> Figures:
    ended = Counter(states(db).values())
    assert set(ended) <= {"sent", "uncertain"}, "nothing is lost"
    listed = list_uncertain(db)
    assert len(listed) == ended["uncertain"] <= killed, "each is listed"
    _check_doubles(log)
    accepted = find_accepted(log.read_text().splitlines())
    sent = {row["message_id"] for row in db.conn.execute("SELECT message_id FROM outreach_log WHERE status = 'sent'")}
    assert sent <= accepted, "what is sent was taken"
    assert len(accepted - sent) <= len(listed)
    settled = settle_by_evidence(
        db, in_log(log), open_rules().gate.record_notice, by="test", source="mail.log", clock=SystemClock(), is_complete=True
    )
    assert list_uncertain(db) == []
    return Figures(killed, messages, len(listed), len(settled.sent), len(settled.not_sent))


def _judge_end(db: Database, log: Path) -> None:
    _check_doubles(log)
    found = {row["message_id"]: row["status"] for row in db.conn.execute("SELECT message_id, status FROM outreach_log")}
    assert set(found.values()) == {"sent"}
    assert set(found) == find_accepted(log.read_text().splitlines()), "everybody got the message"


def _check_doubles(log: Path) -> None:
    times = Counter(_QUEUE_ID.findall(log.read_text()))
    assert max(times.values()) == 1, "nobody gets a message twice"
