import mailbox
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
import trustme

from liendea_assets.sandbox.correspondents import SHARES, Correspondents, Nature
from liendea_assets.sandbox.mail_server import MailSink, serving_mail
from liendea_assets_tests.conftest import VirtualClock

SENDER = "sam.rivera@northwind.example"
ROBIN = "robin.weaver@acmelabs.example"
OPT_OUT = "unsubscribe@northwind.example"


def make_mail(number: int = 1) -> bytes:
    message = EmailMessage(policy=policy.SMTP)
    message["From"] = f"Sam Rivera <{SENDER}>"
    message["To"] = f"Robin Weaver <{ROBIN}>"
    message["Subject"] = "Robin, a question"
    message["Date"] = "Mon, 05 Oct 2026 09:00:00 +0000"
    message["Message-ID"] = f"<m{number}@northwind.example>"
    message["List-Unsubscribe"] = f"<mailto:{OPT_OUT}?subject=unsubscribe-abc{number}>"
    message.set_content("Hi Robin,\n\nwould a call make sense?\n")
    return message.as_bytes()


class Lab:
    """A server for one recipient of a nature, and a client to it."""

    def __init__(self, sink: MailSink, clock: VirtualClock, client: smtplib.SMTP) -> None:
        self.sink = sink
        self.clock = clock
        self.client = client

    def send(self, number: int = 1) -> int:
        """The code of the server's last word."""
        try:
            refused = self.client.sendmail(SENDER, [ROBIN], make_mail(number))
        except smtplib.SMTPRecipientsRefused as error:
            return int(error.recipients[ROBIN][0])
        except smtplib.SMTPDataError as error:
            return int(error.smtp_code)
        assert not refused
        return 250

    def wait(self, **length: float) -> list[EmailMessage]:
        """What has come back to the sender by then."""
        self.clock.sleep(timedelta(**length).total_seconds())
        self.sink.deliver_due()
        return [*self.answers(SENDER), *self.answers(OPT_OUT)]

    def answers(self, address: str) -> list[EmailMessage]:
        kept = mailbox.Maildir(self.sink.answers_to(address))
        return [message_from_bytes(kept.get_bytes(key), policy=policy.default) for key in sorted(kept.keys())]


@contextmanager
def lab(folder: Path, clock: VirtualClock, nature: Nature) -> Iterator[Lab]:
    sink = MailSink(folder, Correspondents(natures={ROBIN: nature}), clock)
    with serving_mail(sink) as port, smtplib.SMTP("127.0.0.1", port, timeout=10) as client:
        yield Lab(sink, clock, client)


def own_words(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def test_mail_is_kept_byte_for_byte(tmp_path: Path, clock: VirtualClock) -> None:
    with lab(tmp_path, clock, Nature.SILENT) as found:
        assert found.send() == 250
        assert found.wait(days=30) == []
        ((recipient, kept),) = found.sink.taken()
    assert recipient == ROBIN
    assert kept.endswith(make_mail())
    assert kept.startswith(f"Return-Path: <{SENDER}>".encode())


@pytest.mark.parametrize(
    ("nature", "words"),
    [(Nature.INTERESTED, "slots for next week"), (Nature.NOT_INTERESTED, "Not interested"), (Nature.OPTS_OUT_IN_WORDS, "")],
)
def test_person_replies_in_the_thread_and_quotes(tmp_path: Path, clock: VirtualClock, nature: Nature, words: str) -> None:
    with lab(tmp_path, clock, nature) as found:
        found.send(1)
        found.send(2)
        (reply,) = found.wait(days=3)
    assert reply["In-Reply-To"] in ("<m1@northwind.example>", "<m2@northwind.example>")
    assert reply["In-Reply-To"] in reply["References"]
    assert (reply["Subject"], reply["Auto-Submitted"]) == ("Re: Robin, a question", None)
    assert words in own_words(reply)
    assert "would a call make sense?" in own_words(reply)
    assert reply["Date"].datetime > clock.now() - timedelta(days=3)


def test_answer_takes_its_time(tmp_path: Path, clock: VirtualClock) -> None:
    with lab(tmp_path, clock, Nature.INTERESTED) as found:
        found.send(1)
        found.send(2)
        assert found.wait(minutes=30) == []
        assert found.sink.waiting() == 1
        assert len(found.wait(hours=30)) == 1
        assert found.sink.waiting() == 0


def test_vacation_reply_is_automatic_and_comes_once(tmp_path: Path, clock: VirtualClock) -> None:
    with lab(tmp_path, clock, Nature.AWAY) as found:
        found.send(1)
        (reply,) = found.wait(minutes=1)
        found.send(2)
        assert len(found.wait(days=1)) == 1
    assert reply["Auto-Submitted"] == "auto-replied"
    assert reply["Return-Path"] == "<>"


def test_opt_out_goes_to_the_mailto_of_the_message(tmp_path: Path, clock: VirtualClock) -> None:
    with lab(tmp_path, clock, Nature.OPTS_OUT_BY_LINK) as found:
        found.send(1)
        found.send(2)
        found.wait(days=2)
        (reply,) = found.answers(OPT_OUT)
        assert found.answers(SENDER) == []
    assert str(reply["Subject"]).startswith("unsubscribe-abc")
    assert reply["From"].addresses[0].addr_spec == ROBIN


@pytest.mark.parametrize(("nature", "status"), [(Nature.BOUNCES, "5.1.1"), (Nature.FULL, "4.2.2")])
def test_bounce_is_a_delivery_report_with_the_original(tmp_path: Path, clock: VirtualClock, nature: Nature, status: str) -> None:
    with lab(tmp_path, clock, nature) as found:
        assert found.send() == 250
        (report,) = found.wait(days=2)
    assert (report.get_content_type(), report.get_param("report-type")) == ("multipart/report", "delivery-status")
    _, about, original = list(report.iter_parts())
    told = [dict(block.items()) for block in about.get_payload()]  # type: ignore[union-attr]
    assert (told[1]["Status"], told[1]["Action"], told[1]["Final-Recipient"]) == (status, "failed", f"rfc822; {ROBIN}")
    assert original.get_content_type() in ("message/rfc822", "text/rfc822-headers")
    assert b"<m1@northwind.example>" in original.as_bytes()
    assert report["Return-Path"] == "<>"


def test_complaint_is_a_feedback_report(tmp_path: Path, clock: VirtualClock) -> None:
    with lab(tmp_path, clock, Nature.COMPLAINS) as found:
        found.send(1)
        found.send(2)
        (report,) = found.wait(days=2)
    assert (report.get_content_type(), report.get_param("report-type")) == ("multipart/report", "feedback-report")
    _, about, original = list(report.iter_parts())
    assert about.get_content_type() == "message/feedback-report"
    assert b"Feedback-Type: abuse" in about.as_bytes()
    assert original.get_payload()[0]["Message-ID"] in ("<m1@northwind.example>", "<m2@northwind.example>")  # type: ignore[index]


def test_unknown_user_is_refused_at_rcpt(tmp_path: Path, clock: VirtualClock) -> None:
    with lab(tmp_path, clock, Nature.NOBODY) as found:
        assert found.send() == 550
        assert found.sink.taken() == []


def test_greylisting_takes_what_comes_again_after_five_minutes(tmp_path: Path, clock: VirtualClock) -> None:
    with lab(tmp_path, clock, Nature.GREYLISTS) as found:
        assert found.send() == 450
        clock.sleep(60)
        assert found.send() == 450
        clock.sleep(300)
        assert found.send() == 250
        assert len(found.sink.taken()) == 1


def test_busy_server_takes_the_second_try(tmp_path: Path, clock: VirtualClock) -> None:
    with lab(tmp_path, clock, Nature.BUSY) as found:
        assert [found.send(), found.send()] == [451, 250]
        assert len(found.sink.taken()) == 1


def test_answers_outlive_the_server(tmp_path: Path, clock: VirtualClock) -> None:
    """`liendea send` ends after its messages; what comes back does so later."""
    with lab(tmp_path, clock, Nature.BOUNCES) as found:
        found.send()
    clock.sleep(86_400)
    later = MailSink(tmp_path, Correspondents(), clock)
    assert later.deliver_due() == 1
    assert later.deliver_due() == 0


def test_starttls_is_offered_where_it_is_wanted(tmp_path: Path, clock: VirtualClock) -> None:
    authority = trustme.CA()
    server_side, client_side = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH), ssl.create_default_context()
    authority.issue_cert("localhost").configure_cert(server_side)
    authority.configure_trust(client_side)
    sink = MailSink(tmp_path, Correspondents(natures={ROBIN: Nature.SILENT}), clock)
    with serving_mail(sink, tls=server_side) as port, smtplib.SMTP("localhost", port, timeout=10) as client:
        client.starttls(context=client_side)
        assert client.sendmail(SENDER, [ROBIN], make_mail()) == {}
    assert len(sink.taken()) == 1


def test_due_answers_come_by_themselves_where_the_clock_is_the_machines(tmp_path: Path, clock: VirtualClock) -> None:
    sink = MailSink(tmp_path, Correspondents(natures={ROBIN: Nature.AWAY}), clock)
    with serving_mail(sink, looks=True) as port:
        with smtplib.SMTP("127.0.0.1", port, timeout=10) as client:
            client.sendmail(SENDER, [ROBIN], make_mail())
        import time

        give_up_at = time.monotonic() + 10
        while sink.waiting() and time.monotonic() < give_up_at:
            time.sleep(0.05)
    assert sink.waiting() == 0


def test_what_somebody_does_follows_from_address_and_seed_alone() -> None:
    addresses = [f"person{number}@acme.example" for number in range(2_000)]
    natures = [Correspondents(7).nature(address) for address in addresses]
    assert natures == [Correspondents(7).nature(address.upper()) for address in addresses]
    assert natures != [Correspondents(8).nature(address) for address in addresses]
    for nature, share in SHARES.items():
        assert natures.count(nature) == pytest.approx(20 * share, rel=0.5)
