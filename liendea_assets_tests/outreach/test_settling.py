import mailbox
from pathlib import Path

import pytest

from liendea_assets.clients.mailbox import MaildirFolder
from liendea_assets.core.errors import BadValue, UnknownRecord
from liendea_assets.db.connection import Database
from liendea_assets.outreach.server_log import find_accepted
from liendea_assets.outreach.settling import Settled, in_log, in_mailbox, in_maildir, list_uncertain, settle_by_evidence, settle_by_hand
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.outreach.letters import add_campaign, open_rules, open_settings, queue_letters, states, write

NOTICE = open_rules().gate.record_notice
POSTFIX = """\
Oct  5 09:00:01 mx postfix/smtpd[11]: connect from host[10.0.0.9]
Oct  5 09:00:01 mx postfix/cleanup[12]: 4XyZ1a2b3c: message-id=<t1@northwind.example>
Oct  5 09:00:01 mx postfix/qmgr[13]: 4XyZ1a2b3c: from=<sam@northwind.example>, size=900, nrcpt=1 (queue active)
Oct  5 09:00:02 mx postfix/smtp[14]: 4XyZ1a2b3c: to=<robin@acmelabs.example>, relay=x, status=sent (250 ok)
Oct  5 09:00:03 mx postfix/cleanup[12]: 4XyZ1a2b3d: message-id=<t2@northwind.example>
Oct  5 09:00:03 mx postfix/smtpd[11]: lost connection after DATA from host[10.0.0.9]
"""
EXIM = "2026-10-05 09:00:01 1abcDE-00 <= sam@northwind.example H=host [10.0.0.9] P=esmtps S=900 id=t3@northwind.example\n"
SENDMAIL = "Oct 5 09:00:01 mx sm-mta[9]: 5A: to=<r@acme.example>, stat=Sent (<t4@northwind.example> Message accepted for delivery)\n"
OTHERS = "accepted <t5@northwind.example>\nrejected <t6@northwind.example>: not accepted\nmessage <t7@northwind.example> is coming in\n"


def make_uncertain(db: Database, count: int = 2) -> None:
    add_campaign(db)
    queue_letters(db, count)
    for status in ("claimed", "sending", "uncertain"):
        db.conn.execute("UPDATE outreach_log SET status = ?, claimed_at = '2026-10-05 08:00:00.000000'", [status])


def test_log_tells_which_messages_a_server_took_and_not_which_it_saw() -> None:
    found = find_accepted((POSTFIX + EXIM + SENDMAIL + OTHERS).splitlines())
    assert [number for number in range(1, 8) if f"<t{number}@northwind.example>" in found] == [1, 3, 4, 5]


def test_person_settles_with_name_and_reason(db: Database, clock: VirtualClock) -> None:
    make_uncertain(db)
    settle_by_hand(db, [1], NOTICE, is_sent=True, by="Sam", because="it is in the sent folder", clock=clock)
    settle_by_hand(db, [2], NOTICE, is_sent=False, by="Sam", because="the server never saw it", clock=clock)
    assert states(db) == {1: "sent", 2: "queued"}
    row = db.table("outreach_log").get(1)
    # it counts on the day on which it went out
    assert (row["sent_at"], row["settled_by"], row["error_message"]) == ("2026-10-05 08:00:00.000000", "Sam", "it is in the sent folder")


def test_nobody_and_no_reason_settle_nothing(db: Database, clock: VirtualClock) -> None:
    make_uncertain(db)
    for by, because in ((" ", "seen"), ("Sam", "")):
        with pytest.raises(BadValue):
            settle_by_hand(db, [1], NOTICE, is_sent=True, by=by, because=because, clock=clock)
    with pytest.raises(UnknownRecord):
        settle_by_hand(db, [1, 99], NOTICE, is_sent=True, by="Sam", because="seen", clock=clock)
    assert len(list_uncertain(db)) == 2


def test_log_settles_what_it_holds_and_only_a_complete_one_what_it_lacks(db: Database, clock: VirtualClock, tmp_path: Path) -> None:
    make_uncertain(db)
    log = tmp_path / "mail.log"
    log.write_text(f"mx postfix/cleanup[1]: A1: message-id={write(1)[0]}\nmx postfix/qmgr[2]: A1: from=<s@n.example> (queue active)\n")
    assert settle_by_evidence(db, in_log(log), NOTICE, by="Sam", source="mail.log", clock=clock) == Settled((1,), (), (2,))
    assert settle_by_evidence(db, in_log(log), NOTICE, by="Sam", source="mail.log", clock=clock, is_complete=True) == Settled((), (2,))
    assert states(db) == {1: "sent", 2: "queued"}


def test_folder_of_sent_mail_settles_what_it_holds(db: Database, clock: VirtualClock, tmp_path: Path) -> None:
    make_uncertain(db)
    folder = mailbox.Maildir(tmp_path / "Sent")
    folder.add(write(2)[2].encode())
    folder.close()
    assert settle_by_evidence(db, in_maildir(tmp_path / "Sent"), NOTICE, by="Sam", source="Sent", clock=clock) == Settled((2,), (), (1,))


def test_message_that_turns_out_to_be_sent_was_the_notice_that_it_held(db: Database, clock: VirtualClock) -> None:
    make_uncertain(db)
    settings = open_settings(gate={"notice_text": "A commercial message from {{ sender_company }}."})
    notice = open_rules(settings).gate.record_notice
    settle_by_hand(db, [1], notice, is_sent=True, by="Sam", because="seen", clock=clock)
    settle_by_hand(db, [2], notice, is_sent=False, by="Sam", because="not seen", clock=clock)
    given = [tuple(row) for row in db.conn.execute("SELECT contact_id, given_at, outreach_log_id FROM contact_notices")]
    assert given == [(1, "2026-10-05 08:00:00.000000", 1)]


def test_mailbox_settles_what_it_holds(db: Database, clock: VirtualClock, tmp_path: Path) -> None:
    make_uncertain(db)
    mailbox.Maildir(tmp_path / "Copies").add(write(1)[2].encode())
    source = MaildirFolder("copies", tmp_path / "Copies")
    assert settle_by_evidence(db, in_mailbox(source), NOTICE, by="Sam", source="copies", clock=clock) == Settled((1,), (), (2,))
