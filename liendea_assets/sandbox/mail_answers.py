"""What the invented people and their servers write back: whole RFC 5322 messages with the headers and the quoting of real ones."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage, Message
from email.utils import format_datetime, getaddresses
from urllib.parse import parse_qs, unquote, urlsplit

_POLICY = policy.SMTP


@dataclass(frozen=True, slots=True)
class Taken:
    """A message that a server took.

    Attributes:
        content: as it came. sender: of the envelope, whom bounces go to. at: when, or when the answer is written.
    """

    content: bytes
    sender: str
    recipient: str
    at: datetime

    def after(self, delay: timedelta) -> "Taken":
        """The same, as seen by who answers later."""
        return replace(self, at=self.at + delay)

    def parse(self) -> EmailMessage:
        """The message."""
        return message_from_bytes(self.content, policy=_POLICY)

    @property
    def host(self) -> str:
        """The name of the server that took it."""
        return f"mx.{self.recipient.rpartition('@')[2]}"


@dataclass(frozen=True, slots=True)
class Answer:
    """A message on its way back: the addresses of its envelope (an empty sender for bounces), and its bytes."""

    sender: str
    recipient: str
    content: bytes


def interested(taken: Taken) -> Answer:
    """Somebody who would like to know more."""
    return _reply(taken, "Thanks for reaching out. This is timely for us - could you send me a few slots for next week?")


def not_interested(taken: Taken) -> Answer:
    """A no, which is no opt-out."""
    return _reply(taken, "Thank you, but we have just signed with another vendor. Not interested at the moment.")


def opt_out_in_words(taken: Taken) -> Answer:
    """Somebody who replies instead of using the link, in one of several ways."""
    words = (
        "unsubscribe",
        "Please remove me from your list.",
        "Stop emailing me.",
        "Bitte nehmen Sie mich aus Ihrem Verteiler.",
        "Merci de me retirer de votre liste.",
    )
    return _reply(taken, words[_number(taken.recipient) % len(words)])


def opt_out_by_link(taken: Taken) -> Answer | None:
    """What a mail program sends whose user clicks "unsubscribe": to the mailto of List-Unsubscribe, as it says; None without one."""
    header = str(taken.parse()["List-Unsubscribe"] or "")
    uris = [part.strip().strip("<>") for part in header.split(",")]
    mailto = next((uri for uri in uris if uri.lower().startswith("mailto:")), None)
    if mailto is None:
        return None
    parts = urlsplit(mailto)
    asked = parse_qs(parts.query)
    message = _begin(taken, to=unquote(parts.path), subject=asked.get("subject", ["unsubscribe"])[0])
    message.set_content(asked.get("body", ["unsubscribe"])[0] + "\n")
    return _finish(message, taken.recipient)


def out_of_office(taken: Taken) -> Answer:
    """A vacation reply (RFC 3834)."""
    back = (taken.at + timedelta(days=9)).date().isoformat()
    original = taken.parse()
    message = _begin(taken, to=_answered(original), subject=f"Automatic reply: {original['Subject']}")
    _thread(message, original)
    message["Auto-Submitted"] = "auto-replied"
    message["X-Auto-Response-Suppress"] = "All"
    message["Precedence"] = "bulk"
    message.set_content(f"I am out of the office until {back} with limited access to e-mail.\n\nKind regards\n{_name(taken)}\n")
    return _finish(message, "")


def left_the_company(taken: Taken) -> Answer:
    """What a company answers for somebody who is gone."""
    original = taken.parse()
    message = _begin(taken, to=_answered(original), subject=f"Automatic reply: {original['Subject']}")
    _thread(message, original)
    message["Auto-Submitted"] = "auto-replied"
    message.set_content(
        f"{_name(taken)} is no longer with the company. This mailbox is not monitored; please contact info@{taken.host[3:]} instead.\n"
    )
    return _finish(message, "")


def hard_bounce(taken: Taken) -> Answer:
    """A delivery report (RFC 3464) for an address that does not exist."""
    return _report(taken, "failed", "5.1.1", f"550 5.1.1 <{taken.recipient}>: user unknown")


def full_mailbox(taken: Taken) -> Answer:
    """A delivery report for a mailbox that stayed full until the server gave up: the address is right, now is the wrong time."""
    return _report(taken, "failed", "4.2.2", f"452 4.2.2 <{taken.recipient}>: mailbox is full")


def complaint(taken: Taken) -> Answer:
    """A report of a provider whose user pressed "this is spam" (ARF, RFC 5965)."""
    report = _multipart(taken, "feedback-report", f"feedback@{taken.host}", str(taken.parse()["From"]), "Abuse report")
    _add_text(report, f"This is an e-mail abuse report for a message received from {taken.sender}.\n")
    fields = {
        "Feedback-Type": "abuse",
        "User-Agent": "SandboxFeedback/1.0",
        "Version": "1",
        "Original-Mail-From": f"<{taken.sender}>",
        "Original-Rcpt-To": f"<{taken.recipient}>",
        "Arrival-Date": format_datetime(taken.at),
        "Reported-Domain": taken.sender.rpartition("@")[2],
    }
    _add_fields(report, "feedback-report", [fields])
    _add_original(report, taken, is_whole=True)
    return Answer("", _bare(str(taken.parse()["From"])), report.as_bytes(policy=_POLICY))


def _report(taken: Taken, action: str, status: str, diagnostic: str) -> Answer:
    report = _multipart(
        taken, "delivery-status", f"MAILER-DAEMON@{taken.host}", taken.sender, "Undelivered Mail Returned to Sender", "Mail Delivery System"
    )
    _add_text(
        report,
        f"This is the mail system at host {taken.host}.\n\nI'm sorry to have to inform you that your message could not\n"
        f"be delivered to one or more recipients.\n\n<{taken.recipient}>: host {taken.host} said: {diagnostic}\n",
    )
    about = {"Reporting-MTA": f"dns; {taken.host}", "Arrival-Date": format_datetime(taken.at)}
    one = {
        "Final-Recipient": f"rfc822; {taken.recipient}",
        "Original-Recipient": f"rfc822;{taken.recipient}",
        "Action": action,
        "Status": status,
        "Remote-MTA": f"dns; {taken.host}",
        "Diagnostic-Code": f"smtp; {diagnostic}",
    }
    _add_fields(report, "delivery-status", [about, one])
    # some servers return the whole message, others its header
    _add_original(report, taken, is_whole=_number(taken.recipient) % 2 == 0)
    return Answer("", taken.sender, report.as_bytes(policy=_POLICY))


def _reply(taken: Taken, words: str) -> Answer:
    """What a person writes above the text that they answer to."""
    original = taken.parse()
    subject = str(original["Subject"])
    message = _begin(taken, to=_answered(original), subject=subject if subject.lower().startswith("re:") else f"Re: {subject}")
    _thread(message, original)
    quote = _quote(original, is_outlook=_number(taken.recipient) % 3 == 0)
    message.set_content(f"{words}\n\nBest\n{_name(taken).split()[0]}\n\n{quote}", cte="quoted-printable")
    return _finish(message, taken.recipient)


def _quote(original: EmailMessage, *, is_outlook: bool) -> str:
    part = original.get_body(("plain", "html"))
    text = part.get_content() if part is not None else ""
    if is_outlook:
        heads = "\n".join(
            f"{name}: {original[key]}" for name, key in (("From", "From"), ("Sent", "Date"), ("To", "To"), ("Subject", "Subject"))
        )
        return f"________________________________\n{heads}\n\n{text}"
    sent = original["Date"].datetime if original["Date"] else None
    when = f"On {sent:%a, %d %b %Y at %H:%M}, " if sent else ""
    return f"{when}{original['From']} wrote:\n" + "\n".join(f"> {line}" if line else ">" for line in text.splitlines()) + "\n"


def _begin(taken: Taken, *, to: str, subject: str) -> EmailMessage:
    message = EmailMessage(policy=_POLICY)
    message["From"] = Address(_name(taken), addr_spec=taken.recipient)
    message["To"] = to
    message["Subject"] = " ".join(subject.split())
    message["Date"] = taken.at
    message["Message-ID"] = _message_id(taken, "reply")
    return message


def _finish(message: EmailMessage, sender: str) -> Answer:
    return Answer(sender, _bare(str(message["To"])), message.as_bytes())


def _thread(message: EmailMessage, original: EmailMessage) -> None:
    message_id = str(original["Message-ID"])
    message["In-Reply-To"] = message_id
    message["References"] = " ".join([*str(original["References"] or "").split(), message_id])


def _multipart(taken: Taken, kind: str, sender: str, to: str, subject: str, name: str = "") -> Message:
    report = Message(policy=policy.compat32)
    report["From"] = f"{name} <{sender}>" if name else sender
    report["To"] = _bare(to)
    report["Subject"] = subject
    report["Date"] = format_datetime(taken.at)
    report["Message-ID"] = _message_id(taken, kind)
    report["Auto-Submitted"] = "auto-generated" if kind == "feedback-report" else "auto-replied"
    report["MIME-Version"] = "1.0"
    report.add_header("Content-Type", "multipart/report", report_type=kind, boundary=f"=_{_message_id(taken, kind)[1:17]}")
    return report


def _add_text(report: Message, text: str) -> None:
    part = Message()
    part["Content-Type"] = "text/plain; charset=us-ascii"
    part.set_payload(text)
    report.attach(part)


def _add_fields(report: Message, kind: str, groups: list[dict[str, str]]) -> None:
    part = Message()
    part["Content-Type"] = f"message/{kind}"
    blocks = []
    for group in groups:
        block = Message()
        for name, value in group.items():
            block[name] = value
        blocks.append(block)
    if kind == "delivery-status":
        part.set_payload(list(blocks))
    else:
        part.set_payload("".join(f"{name}: {value}\n" for name, value in groups[0].items()))
    report.attach(part)


def _add_original(report: Message, taken: Taken, *, is_whole: bool) -> None:
    part = Message()
    head, _, _ = taken.content.partition(b"\r\n\r\n")
    part["Content-Type"] = "message/rfc822" if is_whole else "text/rfc822-headers"
    if is_whole:
        part.set_payload([message_from_bytes(taken.content, policy=policy.compat32)])
    else:
        part.set_payload(head.decode("ascii", "replace").replace("\r\n", "\n") + "\n")
    report.attach(part)


def _answered(original: EmailMessage) -> str:
    return str(original["Reply-To"] or original["From"])


def _bare(header: str) -> str:
    return getaddresses([header])[0][1]


def _name(taken: Taken) -> str:
    name = getaddresses([str(taken.parse()["To"])])[0][0]
    return name or taken.recipient.partition("@")[0].replace(".", " ").title()


def _message_id(taken: Taken, kind: str) -> str:
    digest = hashlib.sha256(f"{kind}\x00{taken.recipient}\x00{taken.at.isoformat()}".encode() + taken.content).hexdigest()[:32]
    return f"<{digest}@{taken.host}>"


def _number(address: str) -> int:
    return int.from_bytes(hashlib.sha256(address.lower().encode()).digest()[:4])
