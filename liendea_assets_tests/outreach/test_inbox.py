"""What comes back, from a mailbox to what it stops: read once, acted upon once, taken back when a human says so."""

import mailbox
from pathlib import Path

import pytest

from liendea_assets.clients.mailbox import MaildirFolder, MboxFile
from liendea_assets.core.errors import BadValue, UnknownRecord
from liendea_assets.db.connection import Database, to_records
from liendea_assets.outreach import inbox_store, suppression_store
from liendea_assets.outreach.inbox import InboxReport, correct, fingerprint, read_inbox
from liendea_assets.scoring.suppressed import find_suppressed
from liendea_assets.scoring.suppression_list import SuppressionList
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.contacts import add_target
from liendea_assets_tests.outreach.campaigns import KEY, SETTINGS
from liendea_assets_tests.outreach.replies import letters
from liendea_assets_tests.outreach.replies.corpus import cases
from liendea_assets_tests.outreach.replies.letters import OUR_ID, THEM, TOKEN, away, complaint, gmail, reply, report

SENT_AT = "2026-10-05 09:00:00.000000"


class Desk:
    """A database with people who were written to, and a Maildir."""

    def __init__(self, db: Database, folder: Path, clock: VirtualClock) -> None:
        self.db = db
        self.clock = clock
        self.maildir = mailbox.Maildir(folder / "mail", create=True)
        self.source = MaildirFolder("answers", folder / "mail")
        campaign = {"name": "autumn", "type": "email", "status": "active", "daily_limit": 10, "created_at": SENT_AT, "version": "v1"}
        db.table("outreach_campaigns").insert({"id": 1, **campaign})
        db.table("companies").insert({"id": 1, "name": "Acme Labs", "created_at": SENT_AT, "updated_at": SENT_AT})
        self.add_person(1, THEM, TOKEN)

    def add_person(self, contact_id: int, address: str, token: str, **changed: object) -> int:
        """A target whose first message was sent; the second waits."""
        add_target(self.db, contact_id, work_email=address, company_id=1)
        row = {
            "campaign_id": 1, "contact_id": contact_id, "outreach_type": "email", "planned_on": "2026-10-05", "message_sha256": "x",
            "campaign_version": "v1", "created_at": SENT_AT, "recipient": address,
            "message": f"Subject: {letters.SUBJECT}\n\n{letters.BODY}",
        }  # fmt: skip
        first = {"step": 1, "status": "sent", "sent_at": SENT_AT, "message_id": f"<{token}@northwind.example>", "token": token, **changed}
        self.db.table("outreach_log").insert({**row, **first})
        self.db.table("outreach_log").insert({**row, "step": 2, "status": "queued", "message_id": f"<2-{token}@northwind.example>"})
        return contact_id

    def receive(self, *contents: bytes) -> InboxReport:
        for content in contents:
            self.maildir.add(content)
        return self.read()

    def read(self) -> InboxReport:
        return read_inbox(self.db, [self.source], SETTINGS, KEY, self.clock)

    def log(self, contact_id: int = 1, step: int = 1) -> dict[str, object]:
        (row,) = self.db.query("SELECT * FROM outreach_log WHERE contact_id = ? AND step = ?", [contact_id, step])
        return row

    def messages(self) -> list[dict[str, object]]:
        return list(self.db.query("SELECT * FROM inbox_messages ORDER BY id"))

    def stops(self) -> list[tuple[object, object]]:
        return [
            (row["contact_id"], row["company_id"])
            for row in self.db.query("SELECT * FROM outreach_stops WHERE lifted_at IS NULL ORDER BY id")
        ]

    def suppressed(self, address: str) -> str | None:
        return SuppressionList(KEY, suppression_store.read_suppressions(self.db)).reason({"work_email": address})

    def snapshot(self) -> list[list[tuple[object, ...]]]:
        tables = ("inbox_messages", "outreach_log", "outreach_stops", "suppressions", "stale_addresses", "icp_targets")
        return [[tuple(row) for row in self.db.conn.execute(f"SELECT * FROM {table} ORDER BY 1")] for table in tables]


@pytest.fixture
def desk(db: Database, tmp_path: Path, clock: VirtualClock) -> Desk:
    return Desk(db, tmp_path, clock)


def test_opt_out_suppresses_and_withdraws_at_once(desk: Desk) -> None:
    report_ = desk.receive(reply(gmail("Please take me off your list.")))
    assert report_.kinds == {"unsubscribe": 1}
    assert desk.suppressed(THEM) is not None
    assert desk.log(step=2)["status"] == "cancelled"
    assert desk.log()["unsubscribed_at"] is not None
    listed = SuppressionList(KEY, suppression_store.read_suppressions(desk.db))
    assert 1 in find_suppressed(desk.db, listed)
    assert listed.reason({"linkedin_url": "https://www.linkedin.com/in/robin-weaver-1"}) is not None


def test_opt_out_from_nobody_known_counts_too(desk: Desk) -> None:
    desk.receive(reply("unsubscribe", subject="unsubscribe", sender="lee@other.example", answers=False))
    assert desk.suppressed("lee@other.example") is not None
    assert desk.messages()[0]["matched_by"] == "nothing"


def test_token_finds_the_message_whoever_sends_it(desk: Desk) -> None:
    desk.receive(reply("", subject=f"unsubscribe-{TOKEN}", sender="robin@home.example", answers=False))
    assert desk.messages()[0]["matched_by"] == "token"
    assert desk.suppressed(THEM) is not None
    assert desk.suppressed("robin@home.example") is not None


def test_our_own_addresses_are_never_suppressed(desk: Desk) -> None:
    desk.receive(reply("", subject=f"unsubscribe-{TOKEN}", sender=SETTINGS.sender.email, answers=False))
    assert desk.suppressed(SETTINGS.sender.email) is None
    assert desk.suppressed(THEM) is not None


def test_human_reply_stops_person_and_company_and_advances_the_target(desk: Desk) -> None:
    desk.receive(reply(gmail("Sounds good, call me.")))
    assert desk.log()["status"] == "responded"
    assert desk.stops() == [(1, None), (None, 1)]
    assert [row["status"] for row in desk.db.query("SELECT status FROM icp_targets")] == ["responded"]
    assert desk.suppressed(THEM) is None


def test_hard_bounce_suppresses_the_address_and_soft_ones_pause(desk: Desk) -> None:
    desk.receive(report("x", "5.2.2", "smtp; 552 5.2.2 mailbox full"))
    assert (desk.log()["bounce"], desk.suppressed(THEM), desk.stops()) == ("soft", None, [])
    desk.receive(report("x", "5.1.1", "smtp; 550 5.1.1 user unknown"))
    assert desk.log()["bounce"] == "hard"
    assert desk.suppressed(THEM) is not None
    assert desk.log(step=2)["status"] == "cancelled"


def test_soft_bounces_in_a_row_pause_for_a_while(desk: Desk, clock: VirtualClock) -> None:
    ids = [OUR_ID]
    for step in (3, 4):
        desk.db.table("outreach_log").insert(
            {**desk.log(), "id": None, "step": step, "message_id": f"<s{step}@northwind.example>", "token": f"{step}" * 32}
        )
        ids.append(f"<s{step}@northwind.example>")
    for number, id_ in enumerate(ids, start=1):
        original = letters.ORIGINAL_HEADERS.replace(OUR_ID, id_).replace(f"unsubscribe-{TOKEN}", "x")
        content = report("x", "4.4.1", "smtp; timed out", action="delayed", original=original)
        # its copy of our text holds no token either
        desk.receive(content)
        assert desk.stops() == ([(1, None)] if number == 3 else [])
    assert desk.suppressed(THEM) is None
    clock.sleep(SETTINGS.inbox.pause_days * 86_400.0 + 1)
    desk.read()
    assert desk.stops() == []


def test_complaint_suppresses(desk: Desk) -> None:
    assert desk.receive(complaint()).kinds == {"complaint": 1}
    assert desk.suppressed(THEM) is not None
    assert desk.log()["complained_at"] is not None


def test_absence_changes_nothing_and_a_departure_stops(desk: Desk) -> None:
    desk.receive(away("I am out of the office until 12 October."))
    assert (desk.log()["status"], desk.stops()) == ("sent", [])
    desk.receive(away("Robin Weaver is no longer with Acme Labs."))
    assert desk.stops() == [(1, None)]
    assert desk.suppressed(THEM) is None
    assert [row["work_email"] for row in desk.db.query("SELECT * FROM stale_addresses")] == [THEM]


def test_uncertain_message_is_settled_by_what_quotes_it(desk: Desk) -> None:
    desk.add_person(2, "kim@other.example", "f" * 32, status="uncertain", sent_at=None)
    content = report(
        "x", "4.4.1", "smtp; timed out", original=letters.ORIGINAL_HEADERS.replace(TOKEN, "f" * 32), recipient="kim@other.example"
    )
    assert desk.receive(content.replace(TOKEN.encode(), b"f" * 32)).settled == 1
    assert (desk.log(2)["status"], desk.log(2)["settled_by"]) == ("sent", "inbox")


def test_forged_report_about_a_stranger_suppresses_nobody(desk: Desk) -> None:
    desk.receive(
        report(
            "x",
            "5.1.1",
            "smtp; 550 5.1.1 user unknown",
            recipient="lee@stranger.example",
            original="From: a@b.example\nMessage-ID: <x@y.example>\n",
        )
    )
    assert desk.suppressed("lee@stranger.example") is None
    assert desk.messages()[0]["matched_by"] == "nothing"


def test_reading_again_changes_nothing(desk: Desk) -> None:
    contents = [content for _, _, content in cases()[::6]]
    first = desk.receive(*contents)
    before = desk.snapshot()
    again = desk.read()
    assert desk.snapshot() == before
    assert not again.kinds
    assert again.known == sum(first.kinds.values()) + first.known


def test_same_message_from_an_mbox_is_known(desk: Desk, tmp_path: Path) -> None:
    content = reply(gmail("Not interested."))
    desk.receive(content)
    box = mailbox.mbox(tmp_path / "box")
    message = mailbox.mboxMessage(content)
    message.set_flags("RO")
    box.add(message)
    box.close()
    before = (tmp_path / "box").read_bytes()
    found = read_inbox(desk.db, [MboxFile("old", tmp_path / "box")], SETTINGS, KEY, desk.clock)
    assert (found.known, sum(found.kinds.values())) == (1, 0)
    assert (tmp_path / "box").read_bytes() == before


def test_no_file_of_a_maildir_is_touched(desk: Desk, tmp_path: Path) -> None:
    desk.maildir.add(reply(gmail("Yes.")))
    before = sorted((path.name, path.parent.name, path.stat().st_mtime_ns) for path in (tmp_path / "mail").rglob("*") if path.is_file())
    desk.read()
    assert (
        sorted((path.name, path.parent.name, path.stat().st_mtime_ns) for path in (tmp_path / "mail").rglob("*") if path.is_file())
        == before
    )


def test_hostile_messages_never_end_the_run(desk: Desk) -> None:
    deep = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (number, number) for number in range(300))
    hostile = [
        b"",
        b"\x00" * 1000,
        deep,
        b"Content-Type: text/plain; charset=no-such\n\nhello",
        b"Subject: =?utf-8?b?////?=\nFrom: <<<>>>\n\n\xff\xfe",
        b"From: a@b.example\nContent-Type: text/html\n\n" + b"<div>" * 5000,
    ]
    found = desk.receive(*hostile, reply(gmail("unsubscribe")))
    assert sum(found.kinds.values()) == len(hostile) + 1
    assert found.kinds["unsubscribe"] == 1
    assert inbox_store.count_unhandled(desk.db) == 0


def test_mailbox_that_is_not_there_stops_no_other(desk: Desk, tmp_path: Path) -> None:
    desk.maildir.add(reply(gmail("unsubscribe")))
    found = read_inbox(desk.db, [MaildirFolder("gone", tmp_path / "nowhere"), desk.source], SETTINGS, KEY, desk.clock)
    assert list(found.problems) == ["gone"]
    assert found.kinds == {"unsubscribe": 1}


def test_correcting_takes_back_what_followed(desk: Desk) -> None:
    desk.receive(reply(gmail("Please take me off your list.")))
    assert correct(desk.db, 1, "human_reply", "me", SETTINGS, KEY, desk.clock) == "unsubscribe"
    assert desk.suppressed(THEM) is None
    assert desk.log()["status"] == "responded"
    (row,) = desk.messages()
    assert (row["kind"], row["corrected_from"], row["corrected_by"]) == ("human_reply", "unsubscribe", "me")
    correct(desk.db, 1, "unsubscribe", "me", SETTINGS, KEY, desk.clock)
    assert desk.suppressed(THEM) is not None


def test_correcting_one_message_keeps_what_another_one_says(desk: Desk) -> None:
    desk.receive(reply(gmail("Please take me off your list.")), reply(gmail("I said: unsubscribe!"), subject="Again"))
    correct(desk.db, 1, "human_reply", "me", SETTINGS, KEY, desk.clock)
    assert desk.suppressed(THEM) is not None


def test_correcting_says_what_there_is(desk: Desk) -> None:
    with pytest.raises(UnknownRecord):
        correct(desk.db, 7, "other", "me", SETTINGS, KEY, desk.clock)
    with pytest.raises(BadValue):
        correct(desk.db, 7, "spam", "me", SETTINGS, KEY, desk.clock)


def test_merged_person_is_stopped_under_both_ids(desk: Desk) -> None:
    desk.add_person(2, "robin@acmelabs.example", "e" * 32)
    desk.db.conn.execute("UPDATE contacts SET merged_into = 2 WHERE id = 1")
    desk.receive(reply(gmail("unsubscribe")))
    assert {desk.log(1, 2)["status"], desk.log(2, 2)["status"]} == {"cancelled"}
    assert (2, None) in desk.stops()


def test_fingerprint_does_not_see_line_ends_and_marks() -> None:
    content = reply("Yes.")
    assert fingerprint(content) == fingerprint(content.replace(b"\r\n", b"\n")) == fingerprint(b"Status: RO\r\n" + content)
    assert fingerprint(content) != fingerprint(reply("No."))


def test_lists_and_counts(desk: Desk) -> None:
    desk.receive(reply(gmail("Yes.")), reply("hello", sender="lee@other.example", subject="x", answers=False))
    assert to_records(inbox_store.count_by_kind(desk.db))[0]["messages"] == 2
    assert len(inbox_store.list_messages(desk.db, is_unmatched=True)) == 1


def test_copy_of_a_message_of_ours_says_that_it_was_sent_and_nothing_else(desk: Desk) -> None:
    """From a folder of sent mail or a BCC, whatever its own text says of opting out."""
    them = "kim@acmelabs.example"
    desk.add_person(2, them, TOKEN[::-1], status="uncertain", sent_at=None, claimed_at=SENT_AT)
    head = f"From: {SETTINGS.sender.email}\r\nTo: {them}\r\nSubject: Hi\r\nMessage-ID: {desk.log(2)['message_id']}\r\n"
    read = desk.receive(f"{head}\r\nHi\r\nPlease unsubscribe me.\r\n".encode())
    assert (read.kinds, read.settled) == ({"other": 1}, 1)
    assert (desk.log(2)["status"], desk.log(2)["sent_at"], desk.suppressed(them), desk.stops()) == ("sent", SENT_AT, None, [])
