import hashlib
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from liendea_assets.clients.smtp import Deadlines, Envelope, Refusal, SmtpConnection
from liendea_assets.clients.smtp import SmtpServer as Server
from liendea_assets.clients.smtp_session import Reply
from liendea_assets.core.clock import from_text, to_text
from liendea_assets.core.errors import TransientError
from liendea_assets.db.connection import Database, exclusive, open_database
from liendea_assets.outreach.mailboxes import Mailbox
from liendea_assets.outreach.sending import SENDER, DeliveryReport, deliver
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.outreach.letters import (
    add_campaign,
    address,
    open_rules,
    open_settings,
    queue_letter,
    queue_letters,
    states,
    suppress,
)
from liendea_assets_tests.outreach.misbehaving_smtp import STEPS, Fault, SmtpServer, Step, once, random_plan, running

SHORT = Deadlines(0.5, 0.5, 0.5)


@contextmanager
def mailboxes(server: SmtpServer, deadlines: Deadlines = SHORT) -> Iterator[dict[str, Mailbox]]:
    """Both mailboxes of the settings, each with a connection of its own."""
    with running(server) as port:
        to = Server("127.0.0.1", port, security="none")
        yield {name: Mailbox(name, f"{name}@northwind.example", SmtpConnection(to, deadlines)) for name in ("main", "second")}


def send(db: Database, clock: VirtualClock, server: SmtpServer, **changed: object) -> DeliveryReport:
    with mailboxes(server) as senders:
        return deliver(db, open_rules(), senders, clock, **changed)  # type: ignore[arg-type]


def row(db: Database, id_: int = 1) -> dict[str, object]:
    return dict(db.table("outreach_log").get(id_))


def test_what_is_due_goes_out_once_over_one_connection(db: Database, clock: VirtualClock) -> None:
    add_campaign(db)
    queue_letters(db, 20)
    server = SmtpServer()
    assert send(db, clock, server).sent == 20
    assert send(db, clock, server).sent == 0
    assert set(server.accepted.values()) == {1}
    assert sorted(server.recipients) == sorted(address(number) for number in range(1, 21))
    assert (server.commands["connection"], server.commands["EHLO"], server.commands["RSET"]) == (1, 1, 0)
    assert (row(db)["status"], row(db)["sent_at"], row(db)["smtp_code"]) == ("sent", to_text(clock.now()), 250)


def test_what_arrives_is_what_the_hash_on_record_is_of(db: Database, clock: VirtualClock) -> None:
    add_campaign(db)
    queue_letters(db, 1)
    server = SmtpServer()
    send(db, clock, server)
    assert hashlib.sha256(server.wholes[0]).hexdigest() == row(db)["message_sha256"]
    assert b"\r\n.\r\n..two dots\r\n" in server.wholes[0]
    assert b"Date: Mon, 05 Oct 2026 09:00:00 +0000\r\n" in server.wholes[0]


def test_the_evidence_of_the_gate_stands_with_the_message(db: Database, clock: VirtualClock) -> None:
    add_campaign(db)
    queue_letters(db, 1)
    send(db, clock, SmtpServer())
    assert '"is_allowed": true' in str(row(db)["gate"])
    assert "acmelabs" not in str(row(db)["gate"])


def test_each_mailbox_has_its_own_connection_and_sender(db: Database, clock: VirtualClock) -> None:
    add_campaign(db)
    queue_letters(db, 3)
    queue_letters(db, 3, first=4, mailbox="second", sender="sam@mail.northwind.example")
    server = SmtpServer()
    assert send(db, clock, server).sent == 6
    assert server.commands["connection"] == 2


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("DELETE FROM outreach_approvals", "nobody approved this version of the campaign"),
        ("UPDATE outreach_approvals SET revoked_at = '2026-01-06 00:00:00.000000'", "nobody approved this version of the campaign"),
        ("UPDATE outreach_log SET campaign_version = 'v2'", "nobody approved this version of the campaign"),
        ("UPDATE outreach_campaigns SET status = 'paused'", "the campaign is not running"),
        ("UPDATE outreach_campaigns SET end_date = '2026-10-04'", "the campaign is not running"),
        ("UPDATE outreach_campaigns SET start_date = '2026-10-06'", "the campaign is not running"),
        ("UPDATE outreach_log SET message = message || 'x'", "the message is not the one whose hash is on record"),
        ("UPDATE outreach_log SET mailbox = 'gone'", "its mailbox has no mail server"),
        ("INSERT INTO outreach_stops (contact_id, reason, stopped_at) VALUES (1, 'replied', '2026-01-06')", "stop: stopped (stop 1)"),
    ],
)
def test_what_is_not_allowed_stays(statement: str, reason: str, db: Database, clock: VirtualClock) -> None:
    add_campaign(db)
    queue_letters(db, 1)
    db.conn.execute(statement)
    server = SmtpServer()
    report = send(db, clock, server)
    assert (report.sent, dict(report.blocked), row(db)["status"]) == (0, {reason: 1}, "queued")
    assert not server.accepted


def test_nothing_goes_out_before_its_moment(db: Database, clock: VirtualClock) -> None:
    add_campaign(db)
    queue_letters(db, 1)
    db.conn.execute("UPDATE outreach_log SET send_after = ?", [to_text(clock.now() + timedelta(seconds=1))])
    assert send(db, clock, SmtpServer()).sent == 0
    clock.sleep(1)
    assert send(db, clock, SmtpServer()).sent == 1


def test_what_was_tried_before_goes_before_anybody_new(db: Database, clock: VirtualClock) -> None:
    """By a mailbox of two messages a day, with many people due: whose server asks to come back is served on the next day."""
    add_campaign(db)
    queue_letters(db, 20)
    box = {"name": "main", "email": "sam.rivera@northwind.example", "daily_limit": 2, "ramp_from": 2}
    rules, server = open_rules(open_settings(mailboxes=[box])), SmtpServer(plan=once("RCPT", "temporary"))
    with mailboxes(server) as senders:
        assert deliver(db, rules, senders, clock).again == 1
        clock.sleep(86_400)
        server.recipients.clear()
        assert deliver(db, rules, senders, clock).sent == 2
    assert server.recipients == [address(1), address(4)]


def test_who_is_suppressed_is_withdrawn(db: Database, clock: VirtualClock) -> None:
    add_campaign(db)
    queue_letters(db, 2)
    suppress(db.conn, address(1), "asked", clock.now())
    server = SmtpServer()
    assert send(db, clock, server).sent == 1
    assert states(db) == {1: "cancelled", 2: "sent"}
    assert server.recipients == [address(2)]


class MeanwhileConnection:
    """A connection beside which something happens while a message is transmitted."""

    def __init__(self, inner: SmtpConnection, db: Database, statement: str, clock: VirtualClock) -> None:
        self._inner, self._db, self._statement, self._clock = inner, db, statement, clock
        self.make_ready, self.finish, self.close = inner.make_ready, inner.finish, inner.close

    def transmit(self, envelope: Envelope, content: bytes) -> Refusal | None:
        told = self._inner.transmit(envelope, content)
        if self._statement:
            self._db.conn.execute(self._statement)
        else:
            suppress(self._db.conn, envelope.recipient, "asked", self._clock.now())
        return told


@pytest.mark.parametrize(
    ("statement", "status"),
    [
        ("", "cancelled"),
        ("INSERT INTO outreach_stops (contact_id, reason, stopped_at) VALUES (1, 'replied', '2026-01-06')", "queued"),
        ("UPDATE outreach_approvals SET revoked_at = '2026-01-06 00:00:00.000000'", "queued"),
        ("UPDATE outreach_campaigns SET status = 'paused'", "queued"),
        ("UPDATE outreach_log SET status = 'held'", "held"),
    ],
)
def test_who_objects_while_the_message_is_transmitted_does_not_get_it(
    statement: str, status: str, db: Database, clock: VirtualClock, tmp_path: Path
) -> None:
    add_campaign(db)
    queue_letters(db, 1)
    server = SmtpServer()
    with mailboxes(server) as senders:
        connection = senders["main"].connection
        assert isinstance(connection, SmtpConnection)
        other = open_database(tmp_path / "test.db")
        senders["main"].connection = MeanwhileConnection(connection, other, statement, clock)
        report = deliver(db, open_rules(), senders, clock)
        other.conn.close()
    assert (report.sent, row(db)["status"], dict(server.accepted)) == (0, status, {})


def test_address_that_does_not_exist_is_a_hard_bounce_and_never_written_to_again(db: Database, clock: VirtualClock) -> None:
    add_campaign(db)
    queue_letters(db, 1)
    report = send(db, clock, SmtpServer(rcpt_answer="550 5.1.1 no such user"))
    assert (report.failed, row(db)["status"], row(db)["bounce"], row(db)["smtp_code"]) == (1, "failed", "hard", 550)
    queue_letter(db, 2, 1, step=2)
    assert send(db, clock, SmtpServer()).sent == 0
    assert states(db)[2] == "cancelled"


@pytest.mark.parametrize("answer", ["554 5.7.1 blocked", "550 rejected by policy", "552 5.2.2 over quota"])
def test_other_refusals_of_a_recipient_fail_the_message_and_suppress_nobody(answer: str, db: Database, clock: VirtualClock) -> None:
    add_campaign(db)
    queue_letters(db, 1)
    send(db, clock, SmtpServer(rcpt_answer=answer))
    assert (row(db)["status"], row(db)["bounce"]) == ("failed", None)
    assert db.table("suppressions").count == 0


def test_temporary_refusal_is_tried_again_ever_later_and_fails_in_the_end(db: Database, clock: VirtualClock) -> None:
    add_campaign(db)
    queue_letters(db, 1)
    server, waited = SmtpServer(rcpt_answer="450 4.2.0 greylisted"), []
    for _ in range(6):
        send(db, clock, server)
        assert send(db, clock, server).to_go == 0, "not before its time"
        pause = timedelta(hours=24)
        if row(db)["status"] == "queued":
            pause = max(timedelta(0), from_text(str(row(db)["send_after"])) - clock.now())
            waited.append(pause.total_seconds() / 60)
        clock.sleep(pause.total_seconds())
    assert waited == [15, 30, 60, 120, 240]
    assert (row(db)["status"], row(db)["attempts"], row(db)["smtp_code"]) == ("failed", 6, 450)
    assert row(db)["error_message"] == "the server answered 450 4.2.0 to RCPT, after 6 attempts"


def test_greylisted_message_arrives_at_the_second_attempt(db: Database, clock: VirtualClock) -> None:
    add_campaign(db)
    queue_letters(db, 1)
    server = SmtpServer(plan=once("RCPT", "temporary"))
    send(db, clock, server)
    clock.sleep(15 * 60)
    assert send(db, clock, server).sent == 1
    assert set(server.accepted.values()) == {1}


def test_sender_that_the_server_does_not_want_fails_no_message(db: Database, clock: VirtualClock) -> None:
    add_campaign(db)
    queue_letters(db, 3)
    report = send(db, clock, SmtpServer(mail_answer="550 5.1.8 bad sender"))
    assert report.troubles == {"main": "the server answered 550 5.1.8 to MAIL"}
    assert set(states(db).values()) == {"queued"}


def test_server_that_is_away_costs_no_message_an_attempt(db: Database, clock: VirtualClock) -> None:
    add_campaign(db)
    queue_letters(db, 3)
    with mailboxes(SmtpServer()) as senders:
        pass
    report = deliver(db, open_rules(), senders, clock)
    assert list(report.troubles) == ["main"]
    assert [row(db, id_)["attempts"] for id_ in (1, 2, 3)] == [0, 0, 0]


@pytest.mark.parametrize("fault", ["hangup", "half", "garbage", "silence", "drip"])
def test_no_answer_to_the_dot_makes_a_message_uncertain_for_good(fault: Fault, db: Database, clock: VirtualClock) -> None:
    add_campaign(db)
    queue_letters(db, 1)
    server = SmtpServer(plan=once("taken", fault))
    assert send(db, clock, server).uncertain == 1
    assert send(db, clock, server).sent == 0
    assert (row(db)["status"], sum(server.accepted.values())) == ("uncertain", 1)


def test_nobody_is_written_to_while_an_earlier_message_is_uncertain(db: Database, clock: VirtualClock) -> None:
    add_campaign(db)
    queue_letters(db, 1)
    server = SmtpServer(plan=once("taken", "hangup"))
    send(db, clock, server)
    queue_letter(db, 2, 1, step=2)
    assert send(db, clock, server).sent == 0
    assert states(db)[2] == "queued"


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("fault", ["hangup", "half", "garbage", "temporary", "permanent", "leave", "early"])
def test_no_fault_at_any_point_doubles_or_loses_a_message(step: Step, fault: Fault, db: Database, clock: VirtualClock) -> None:
    add_campaign(db)
    queue_letters(db, 3)
    after = 1 if step in ("MAIL", "RCPT", "DATA", "body", "dot", "taken") else 0
    server = SmtpServer(plan=once(step, fault, after=after))
    judge_until_done(db, clock, server)


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA", "dot", "taken"])
@pytest.mark.parametrize("fault", ["hangup", "half", "garbage", "temporary", "permanent", "leave", "early"])
def test_nor_does_one_where_commands_go_in_one(step: Step, fault: Fault, db: Database, clock: VirtualClock) -> None:
    """With PIPELINING; where the sender or the recipient is refused the server may wait for a message all the same, and gets none."""
    add_campaign(db)
    queue_letters(db, 3)
    server = SmtpServer(plan=once(step, fault, after=1), features=("SIZE 1000000", "8BITMIME", "PIPELINING"))
    ended = judge_until_done(db, clock, server)
    assert ended["failed"] == (1 if fault == "permanent" and step in ("RCPT", "DATA", "dot") else 0)


def test_suppression_by_somebody_else_counts_for_the_very_next_message(db: Database, clock: VirtualClock) -> None:
    """Though what the gate knows of the next messages is read ahead."""
    add_campaign(db)
    queue_letters(db, 30)
    other = open_database(Path(db.conn.execute("PRAGMA database_list").fetchone()["file"]))

    def meanwhile(report: DeliveryReport) -> None:
        if report.sent == 15:
            suppress(other.conn, address(16), "asked", clock.now())

    report = send(db, clock, SmtpServer(), on_progress=meanwhile)
    other.conn.close()
    assert report.sent == 29
    assert states(db)[16] == "cancelled"


def test_address_that_turns_out_not_to_exist_is_not_tried_for_the_next_person(db: Database, clock: VirtualClock) -> None:
    """Though what the gate knows of the next messages is read ahead."""
    add_campaign(db)
    queue_letters(db, 3)
    text = str(row(db, 2)["message"]).replace(address(2), address(1))
    written = {"recipient": address(1), "message": text, "message_sha256": hashlib.sha256(text.encode()).hexdigest()}
    db.table("outreach_log").update(2, written)
    server = SmtpServer(rcpt_answer="550 5.1.1 no such user")
    report = send(db, clock, server, limit=2)
    assert (report.failed, server.commands["RCPT"]) == (2, 2)
    assert states(db) == {1: "failed", 2: "cancelled", 3: "failed"}


def judge_until_done(db: Database, clock: VirtualClock, server: SmtpServer) -> Counter[str]:
    """Sends until nothing is queued any more, and compares with what the server took. Returns how many ended in which state."""
    for _ in range(400):
        if "queued" not in states(db).values():
            break
        send(db, clock, server)
        clock.sleep(60 * 60)
    found = db.conn.execute("SELECT message_id, status FROM outreach_log").fetchall()
    assert max(server.accepted.values(), default=0) <= 1, "nobody gets a message twice"
    for message in found:
        is_taken = server.accepted[message["message_id"]] > 0
        assert message["status"] in ("sent", "failed", "uncertain")
        assert not (message["status"] == "sent" and not is_taken), "what is sent was taken"
        assert not (message["status"] == "failed" and is_taken), "what was taken has not failed"
    return Counter(message["status"] for message in found)


def test_a_hundred_messages_through_a_server_that_fails_anywhere(db: Database, clock: VirtualClock) -> None:
    add_campaign(db)
    queue_letters(db, 100)
    server = SmtpServer(plan=random_plan(2026, 0.08, slow=0))
    ended = judge_until_done(db, clock, server)
    assert ended.total() == 100
    assert len(server.met) > 20


def test_the_limits_are_waited_for_and_kept(db: Database, clock: VirtualClock) -> None:
    add_campaign(db)
    queue_letters(db, 12)
    with mailboxes(SmtpServer()) as senders:
        report = deliver(db, open_rules(limits=((60, 5),)), senders, clock, max_wait_s=600)
    assert report.sent == 12
    moments = sorted(str(row(db, id_)["sent_at"])[:16] for id_ in range(1, 13))
    assert sorted(Counter(moments).values()) == [2, 5, 5]


def test_without_patience_the_rest_stays_for_later(db: Database, clock: VirtualClock) -> None:
    add_campaign(db)
    queue_letters(db, 12)
    with mailboxes(SmtpServer()) as senders:
        report = deliver(db, open_rules(limits=((60, 5),)), senders, clock)
    assert (report.sent, report.to_go, report.stopped) == (5, 7, "the limits of rate_limits.yaml")


def test_stops_after_the_message_under_way(db: Database, clock: VirtualClock) -> None:
    add_campaign(db)
    queue_letters(db, 5)
    stop = threading.Event()
    report = send(db, clock, SmtpServer(), stop=stop, on_progress=lambda report: stop.set() if report.sent == 2 else None)
    assert (report.sent, report.stopped) == (2, "stopped")
    assert Counter(states(db).values()) == {"sent": 2, "queued": 3}


def test_no_more_than_was_asked_for(db: Database, clock: VirtualClock) -> None:
    add_campaign(db)
    queue_letters(db, 5)
    assert send(db, clock, SmtpServer(), limit=3).sent == 3


def test_only_one_sender_at_a_time(db: Database, clock: VirtualClock) -> None:
    with exclusive(db, SENDER), pytest.raises(TransientError, match="another process is busy"):
        send(db, clock, SmtpServer())


def test_what_a_dead_sender_left_is_queued_or_uncertain(db: Database, clock: VirtualClock) -> None:
    add_campaign(db)
    queue_letters(db, 3)
    db.conn.execute("UPDATE outreach_log SET status = 'claimed' WHERE id < 3")
    db.conn.execute("UPDATE outreach_log SET status = 'sending' WHERE id = 1")
    report = send(db, clock, SmtpServer())
    assert (report.released, report.found_uncertain, report.sent) == (1, 1, 2)
    assert states(db) == {1: "uncertain", 2: "sent", 3: "sent"}


def test_follow_ups_go_before_new_contacts(db: Database, clock: VirtualClock) -> None:
    add_campaign(db)
    queue_letters(db, 2)
    server = SmtpServer()
    db.conn.execute("UPDATE outreach_log SET send_after = '2026-12-01 00:00:00.000000' WHERE id = 2")
    send(db, clock, server)
    queue_letters(db, 1, first=10)
    queue_letter(db, 11, 1, step=2)
    send(db, clock, server)
    assert server.recipients == [address(1), address(1), address(10)]


def test_disk_that_cannot_be_written_sends_nothing(db: Database, clock: VirtualClock) -> None:
    add_campaign(db)
    queue_letters(db, 1)
    server = SmtpServer()
    with mailboxes(server) as senders:
        connection = senders["main"].connection
        assert isinstance(connection, SmtpConnection)
        senders["main"].connection = MeanwhileConnection(connection, db, "PRAGMA query_only=ON", clock)
        with pytest.raises(Exception, match="readonly"):
            deliver(db, open_rules(), senders, clock)
    assert not server.accepted


def test_a_settled_reply_tells_its_codes_and_not_its_text() -> None:
    reply = Reply(550, "5.1.1", "5.1.1 <robin@acmelabs.example> unknown")
    assert "robin" not in f"{reply} {reply!r}"
    assert open_settings().sending.attempts == 6
