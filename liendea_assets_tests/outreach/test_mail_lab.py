"""A campaign of three steps through a real Postfix and Dovecot, to people who answer, opt out, bounce, and are away."""

import os
import smtplib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import make_msgid
from typing import Any

import pytest

from liendea_assets.clients.imap import ImapFolder
from liendea_assets.clients.smtp import SmtpConnection, SmtpServer
from liendea_assets.core.clock import to_text
from liendea_assets.db.connection import Database
from liendea_assets.db.migrations import open_migrated
from liendea_assets.outreach import campaign_store
from liendea_assets.outreach.delivery import delivery_rules
from liendea_assets.outreach.inbox import read_inbox
from liendea_assets.outreach.mailboxes import Mailbox
from liendea_assets.outreach.queue import fill_queue
from liendea_assets.outreach.sending import deliver
from liendea_assets.outreach.settings import OutreachSettings
from liendea_assets.sandbox.simulated_clock import SimulatedClock
from liendea_assets_tests.contacts import add_target
from liendea_assets_tests.mail_lab import DOMAIN, PASSWORD, MailLab, has_tools, mail_lab
from liendea_assets_tests.outreach.campaigns import KEY, make_campaign, make_step
from liendea_assets_tests.outreach.letters import open_settings

pytestmark = pytest.mark.soak

MONDAY = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)
DAYS = 9
# more than the mailbox that is full can hold
BODY = "Hi {{ first_name }} of {{ company }}. " + "We have read what you wrote about your accounts, all of it. " * 40
CAMPAIGN = make_campaign(
    daily_limit=1_000,
    follow_ups=(make_step("second", 3, body=BODY), make_step("third", 3, body=BODY)),
    subject="A question, {{ first_name }}",
    body=BODY,
)
# bob works where alice does; nosuch does not exist
PEOPLE = ("alice", "bob", "carol", "dora", "ooo", "nosuch", "full", "greylist", "tempfail", "blocked")


@dataclass
class Campaign:
    """A campaign under way."""

    db: Database
    lab: MailLab
    settings: OutreachSettings
    clock: SimulatedClock
    greylisting_ends_on: int = 1
    answered: set[str] = field(default_factory=set)

    def live(self, days: int) -> None:
        """Each day from nine to three: fill the queue, send, let Postfix deliver, let people answer, read the mailboxes."""
        for day in range(days):
            if day == self.greylisting_ends_on:
                self.lab.end_greylisting()
            for hour in (0, 3, 6):
                self.clock.go_to(MONDAY + timedelta(days=day, hours=hour))
                fill_queue(self.db, [CAMPAIGN], self.settings, KEY, self.clock.now())
                self.send()
                self.lab.settle()
                self.answer()
                self.lab.settle()
                self.read()

    def send(self) -> None:
        """By a connection with STARTTLS and AUTH."""
        server = SmtpServer("localhost", self.lab.submission, f"sender@{DOMAIN}", PASSWORD, security="starttls")
        rules = delivery_rules(self.settings, KEY, {"main": "localhost"}, ((60, 1_000),))
        deliver(self.db, rules, {"main": Mailbox("main", f"bounces@{DOMAIN}", SmtpConnection(server))}, self.clock)

    def read(self) -> None:
        """All three of our mailboxes, over IMAP."""
        sources = [
            ImapFolder(user, "localhost", self.lab.imap, f"{user}@{DOMAIN}", PASSWORD, security="starttls")
            for user in ("sender", "bounces", "stop")
        ]
        report = read_inbox(self.db, sources, self.settings, KEY, self.clock)
        assert not report.problems

    def answer(self) -> None:
        """Alice replies, quoting; Dora uses the link of the opt-out. Once."""
        for user in ("alice", "dora"):
            received = self.lab.mailbox(user)
            if received and user not in self.answered:
                self.answered.add(user)
                reply = as_reply(user, received[0]) if user == "alice" else as_opt_out(user, received[0])
                with smtplib.SMTP("127.0.0.1", self.lab.smtp) as connection:
                    connection.send_message(reply)

    def of(self, user: str) -> list[dict[str, Any]]:
        """A person's messages in the ledger, by step."""
        return list(self.db.table("outreach_log").rows_where("recipient = ?", [f"{user}@{DOMAIN}"], order_by="id"))

    def contact_id(self, user: str) -> int:
        """Contacts are numbered as the people are."""
        return PEOPLE.index(user) + 1


def as_reply(user: str, received: EmailMessage) -> EmailMessage:
    reply = EmailMessage()
    reply["From"], reply["To"] = f"{user}@{DOMAIN}", received["From"]
    reply["Subject"], reply["Message-ID"] = f"Re: {received['Subject']}", make_msgid(domain=DOMAIN)
    reply["In-Reply-To"] = reply["References"] = received["Message-ID"]
    part = received.get_body(("plain",))
    assert part is not None
    quoted = "\n".join(f"> {line}" for line in part.get_content().splitlines())
    reply.set_content(f"Sounds interesting, call me on Tuesday.\n\nOn Mon, 5 Oct 2026 Sam Rivera wrote:\n{quoted}\n")
    return reply


def as_opt_out(user: str, received: EmailMessage) -> EmailMessage:
    """What a mail program sends when its reader clicks on unsubscribe."""
    address, _, subject = received["List-Unsubscribe"].strip("<>").removeprefix("mailto:").partition("?subject=")
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = f"{user}@{DOMAIN}", address, subject
    message["Message-ID"] = make_msgid(domain=DOMAIN)
    message.set_content("")
    return message


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Campaign]:
    if not has_tools():
        if os.environ.get("LIENDEA_REQUIRE_MAIL_TOOLS") == "1":
            pytest.fail("Postfix and Dovecot are not there, or this is not root, and LIENDEA_REQUIRE_MAIL_TOOLS=1 asks for them")
        pytest.skip("Postfix and Dovecot are not there, or this is not root; .ci/run installs them")
    sender = f"sender@{DOMAIN}"
    settings = open_settings(
        sender={"name": "Sam Rivera", "company": "Northwind Analytics", "email": sender, "postal_address": "1 Sample Street, Springfield"},
        mailboxes=[
            {"name": "main", "email": sender, "bounce_address": f"bounces@{DOMAIN}", "daily_limit": 1_000, "ramp_from": 1_000},
        ],
        unsubscribe_mailbox=f"stop@{DOMAIN}",
        footer="A commercial message from {{ sender_company }}. To hear no more: {{ unsubscribe }}.",
    )
    clock = SimulatedClock(MONDAY)
    db = open_migrated(tmp_path_factory.mktemp("lab") / "data.db")
    for number, name in enumerate(PEOPLE, start=1):
        company = 1 if name in ("alice", "bob") else number
        db.table("companies").insert(
            {"id": company, "name": f"Company {company}", "created_at": to_text(MONDAY), "updated_at": to_text(MONDAY)}, ignore=True
        )
        add_target(
            db, number, first_name=name.title(), full_name=f"{name.title()} Weaver", work_email=f"{name}@{DOMAIN}", company_id=company
        )
        db.table("contacts").update(number, {"company_id": company})
    campaign_store.sync_campaigns(db, [CAMPAIGN], to_text(MONDAY))
    campaign_store.approve(db, campaign_store.campaign_ids(db)[CAMPAIGN.name], CAMPAIGN.version, "Sam", to_text(MONDAY))
    with mail_lab() as lab, pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(lab.certificate))
        made = Campaign(db, lab, settings, clock)
        made.live(DAYS)

        yield made
    db.conn.close()


@pytest.mark.parametrize("user", ["carol", "ooo", "greylist"])
def test_whoever_does_not_answer_gets_all_three_steps_once(campaign: Campaign, user: str) -> None:
    """An answer by a machine stops nothing, and a server that asks to come back gets it later."""
    delivered = campaign.lab.mailbox(user)

    assert len(delivered) == 3
    assert len({message["Message-ID"] for message in delivered}) == 3
    assert [row["status"] for row in campaign.of(user)] == ["sent"] * 3
    first, second, third = delivered
    assert [second["In-Reply-To"], third["In-Reply-To"]] == [first["Message-ID"], second["Message-ID"]]


def test_server_that_asked_to_come_back_was_tried_again(campaign: Campaign) -> None:
    (first, *_) = campaign.of("greylist")
    assert first["attempts"] > 1


def test_out_of_office_is_an_automatic_answer(campaign: Campaign) -> None:
    kinds = {row["kind"] for row in campaign.db.table("inbox_messages").rows_where("contact_id = ?", [campaign.contact_id("ooo")])}
    assert kinds == {"auto_reply"}


def test_human_reply_stops_the_person_and_the_company(campaign: Campaign) -> None:
    assert [len(campaign.lab.mailbox(user)) for user in ("alice", "bob")] == [1, 1]
    assert [row["status"] for row in campaign.of("alice")] == ["responded"]
    (reply,) = campaign.db.table("inbox_messages").rows_where("kind = 'human_reply'")
    assert reply["contact_id"] == campaign.contact_id("alice")
    assert "Northwind" not in reply["text"]
    assert all(row["status"] in ("sent", "cancelled") for row in campaign.of("bob"))


def test_opt_out_by_mail_suppresses(campaign: Campaign) -> None:
    assert len(campaign.lab.mailbox("dora")) == 1
    (row, *later) = campaign.of("dora")
    assert row["unsubscribed_at"] is not None
    assert all(row["status"] == "cancelled" for row in later)
    assert list(campaign.db.query("SELECT contact_id FROM suppressed_contacts WHERE contact_id = ?", [campaign.contact_id("dora")])) or any(
        "opt" in row["reason"] or "unsub" in row["reason"] for row in campaign.db.table("suppressions").rows
    )


def test_address_that_does_not_exist_is_suppressed(campaign: Campaign) -> None:
    (row, *later) = campaign.of("nosuch")
    assert (row["status"], row["bounce"]) == ("sent", "hard")
    assert all(row["status"] == "cancelled" for row in later)


@pytest.mark.parametrize("user", ["full", "tempfail", "blocked"])
def test_what_is_no_dead_address_suppresses_nobody(campaign: Campaign, user: str) -> None:
    rows = campaign.of(user)
    assert rows
    assert all(row["bounce"] != "hard" for row in rows)
    assert not list(campaign.db.query("SELECT 1 FROM suppressed_contacts WHERE contact_id = ?", [campaign.contact_id(user)]))
    assert campaign.lab.mailbox(user) == []


def test_full_mailbox_is_a_soft_bounce(campaign: Campaign) -> None:
    assert campaign.of("full")[0]["bounce"] == "soft"


def test_server_that_never_takes_it_was_tried_until_it_failed(campaign: Campaign) -> None:
    (row, *_) = campaign.of("tempfail")
    assert row["attempts"] == campaign.settings.sending.attempts
    assert row["status"] == "failed"


def test_nothing_that_came_back_was_left_unmatched(campaign: Campaign) -> None:
    kinds = [(row["kind"], row["matched_by"]) for row in campaign.db.table("inbox_messages").rows]
    assert all(matched != "nothing" for _, matched in kinds), kinds


def test_reading_again_finds_nothing_new(campaign: Campaign) -> None:
    before = list(campaign.db.table("inbox_messages").rows)
    campaign.db.execute("DELETE FROM mailbox_positions")
    campaign.read()
    assert list(campaign.db.table("inbox_messages").rows) == before
