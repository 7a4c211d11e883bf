"""Readers of a mailbox that are killed at random moments, and what must hold of the database in the end."""

import mailbox
import random
from collections import Counter
from multiprocessing import get_context
from multiprocessing.connection import Connection as Pipe
from pathlib import Path

from liendea_assets.clients.mailbox import MaildirFolder
from liendea_assets.core.clock import SystemClock
from liendea_assets.db.connection import Database, open_database
from liendea_assets.db.migrations import open_migrated
from liendea_assets.outreach.inbox import read_inbox
from liendea_assets_tests.outreach.campaigns import KEY
from liendea_assets_tests.outreach.letters import add_campaign, address, open_settings, queue_letters, write

# What comes back from the person of a number.
_KINDS = ("human_reply", "unsubscribe", "bounce_hard", "bounce_soft", "auto_reply")
_REPORT = (
    "From: MAILER-DAEMON@mx.acmelabs.example\r\nSubject: Undelivered Mail Returned to Sender\r\nAuto-Submitted: auto-replied\r\n"
    'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n--b\r\n\r\nIt did not arrive.\r\n--b\r\n'
    "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.acmelabs.example\r\n\r\nFinal-Recipient: rfc822; {to}\r\n"
    "Action: failed\r\nStatus: {status}\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: {id}\r\nTo: {to}\r\n\r\nHi\r\n--b--\r\n"
)


def kill_readers(folder: Path, messages: int, kills: int, seed: int = 2026) -> int:
    """Kills so many readers, lets one come to its end, and judges. Returns how many were killed while they were reading."""
    chance, context = random.Random(seed), get_context("forkserver")
    context.set_forkserver_preload([__name__])
    db = _make(folder, messages)
    hit = 0
    for _ in range(kills):
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=read, args=(str(folder), theirs))
        process.start()
        assert ours.poll(60)
        process.join(chance.uniform(0, 0.25))
        process.kill()
        process.join()
        hit += process.exitcode != 0
        _judge(db, messages, is_done=False)
    process = context.Process(target=read, args=(str(folder), None))
    process.start()
    process.join(300)
    assert process.exitcode == 0
    _judge(db, messages, is_done=True)
    db.conn.close()
    return hit


def read(folder: str, started: Pipe | None) -> None:
    """One reading, as a process of its own."""
    db = open_database(Path(folder) / "inbox.db", durable=True)
    if started is not None:
        started.send_bytes(b"ready")
    read_inbox(db, [MaildirFolder("answers", Path(folder) / "mail")], open_settings(), KEY, SystemClock())
    db.conn.close()


def _make(folder: Path, messages: int) -> Database:
    db = open_migrated(folder / "inbox.db")
    add_campaign(db)
    queue_letters(db, messages)
    for status in ("claimed", "sending"):
        db.conn.execute("UPDATE outreach_log SET status = ?, claimed_at = '2026-10-05 08:00:00.000000'", [status])
    db.conn.execute("UPDATE outreach_log SET status = 'sent', sent_at = claimed_at")
    box = mailbox.Maildir(folder / "mail", create=True)
    for number in range(1, messages + 1):
        box.add(_answer(number))
    return db


def _answer(number: int) -> bytes:
    kind, id_, to = _kind(number), write(number)[0], address(number)
    if kind.startswith("bounce"):
        return _REPORT.format(to=to, id=id_, status="5.1.1" if kind == "bounce_hard" else "4.2.2").encode()
    words = {"human_reply": "Yes, tell me more.", "unsubscribe": "Please unsubscribe me.", "auto_reply": "I am on leave until Monday."}[
        kind
    ]
    automatic = "Auto-Submitted: auto-replied\r\n" if kind == "auto_reply" else ""
    head = f"From: {to}\r\nTo: sam.rivera@northwind.example\r\nSubject: Re: A question\r\nMessage-ID: <a{number}@acmelabs.example>\r\n"
    return f"{head}In-Reply-To: {id_}\r\n{automatic}\r\n{words}\r\n".encode()


def _kind(number: int) -> str:
    return _KINDS[number % len(_KINDS)]


def _judge(db: Database, messages: int, *, is_done: bool) -> None:
    """What was read has its consequences, each once; what was not read has none."""
    rows = db.conn.execute("SELECT contact_id, kind, handled_at FROM inbox_messages").fetchall()
    assert all(row["handled_at"] for row in rows), "each is acted upon with the commit that stores it"
    assert {row["contact_id"]: row["kind"] for row in rows} == {row["contact_id"]: _kind(row["contact_id"]) for row in rows}
    assert len({row["contact_id"] for row in rows}) == len(rows), "each is stored once"
    assert not is_done or len(rows) == messages, "none is lost"
    counted = Counter(row["kind"] for row in rows)
    stops = Counter(row["contact_id"] for row in db.conn.execute("SELECT contact_id FROM outreach_stops WHERE lifted_at IS NULL"))
    assert set(stops) == {row["contact_id"] for row in rows if row["kind"] in ("human_reply", "unsubscribe", "bounce_hard")}
    assert max(stops.values(), default=1) == 1
    marks = db.conn.execute(
        "SELECT sum(response_at IS NOT NULL) AS answers, sum(unsubscribed_at IS NOT NULL) AS wishes, sum(bounce = 'hard') AS hard,"
        " sum(bounce = 'soft') AS soft FROM outreach_log"
    ).fetchone()
    found = [marks["answers"] or 0, marks["wishes"] or 0, marks["hard"] or 0, marks["soft"] or 0]
    assert found == [counted["human_reply"], counted["unsubscribe"], counted["bounce_hard"], counted["bounce_soft"]]
    addresses = db.conn.execute("SELECT count(*) FROM suppressions WHERE kind = 'address'").fetchone()[0]
    assert addresses == counted["unsubscribe"] + counted["bounce_hard"]
