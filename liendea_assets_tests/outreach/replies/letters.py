"""Builders of messages in the shapes that mail systems document; everybody in them is invented."""

from email.message import EmailMessage
from email.policy import SMTP

US = "sam.rivera@northwind.example"
THEM = "robin.weaver@acmelabs.example"
TOKEN = "0123456789abcdef0123456789abcdef"
OUR_ID = f"<{TOKEN}@northwind.example>"
SUBJECT = "Robin, a question"
FOOTER = (
    'This is a commercial message from Northwind Analytics. If you would rather not hear from us, reply with "unsubscribe"\n'
    "or write to unsubscribe@northwind.example."
)
BODY = f"Hi Robin,\n\nI noticed that Acme Labs is hiring in sales. Would a short call next week be useful?\n\nSam Rivera\n\n-- \n{FOOTER}\n\nNorthwind Analytics, 1 Sample Street, Springfield, IL 62701, USA\n"

ORIGINAL_HEADERS = (
    f"Return-Path: <{US}>\nFrom: Sam Rivera <{US}>\nTo: Robin Weaver <{THEM}>\nSubject: {SUBJECT}\nMessage-ID: {OUR_ID}\n"
    f"List-Unsubscribe: <mailto:unsubscribe@northwind.example?subject=unsubscribe-{TOKEN}>\nDate: Mon, 5 Oct 2026 09:00:00 +0000\n"
)


def marked(text: str = BODY) -> str:
    """With the mark of a quotation."""
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())


def gmail(answer: str, language: str = "en") -> str:
    intro = {
        "en": f"On Mon, Oct 5, 2026 at 9:00 AM Sam Rivera <{US}> wrote:",
        "de": f"Am Mo., 5. Okt. 2026 um 09:00 Uhr schrieb Sam Rivera <{US}>:",
        "fr": f"Le lun. 5 oct. 2026 à 09:00, Sam Rivera <{US}> a écrit :",
        "es": f"El lun, 5 oct 2026 a las 9:00, Sam Rivera (<{US}>) escribió:",
        "it": f"Il giorno lun 5 ott 2026 alle ore 09:00 Sam Rivera <{US}> ha scritto:",
        "nl": f"Op ma 5 okt 2026 om 09:00 schreef Sam Rivera <{US}>:",
        "pt": f"Sam Rivera <{US}> escreveu (segunda, 5/10/2026 à(s) 09:00):",
        "pl": f"pon., 5 paź 2026 o 09:00 Sam Rivera <{US}> napisał(a):",
        "sv": f"Den mån 5 okt. 2026 kl 09:00 skrev Sam Rivera <{US}>:",
    }[language]
    return f"{answer}\n\n{intro}\n\n{marked()}\n"


def outlook(answer: str, language: str = "en") -> str:
    names = {
        "en": ("From", "Sent", "To", "Subject"),
        "de": ("Von", "Gesendet", "An", "Betreff"),
        "fr": ("De", "Envoyé", "À", "Objet"),
        "es": ("De", "Enviado el", "Para", "Asunto"),
        "it": ("Da", "Inviato", "A", "Oggetto"),
        "nl": ("Van", "Verzonden", "Aan", "Onderwerp"),
        "pt": ("De", "Enviado", "Para", "Assunto"),
        "pl": ("Od", "Wysłano", "Do", "Temat"),
        "sv": ("Från", "Skickat", "Till", "Ämne"),
    }[language]
    values = (f"Sam Rivera <{US}>", "Monday, October 5, 2026 9:00 AM", f"Robin Weaver <{THEM}>", SUBJECT)
    block = "\n".join(f"{name}: {value}" for name, value in zip(names, values, strict=True))
    return f"{answer}\n\n{block}\n\n{BODY}"


def reply(
    text: str | None,
    *,
    subject: str = f"Re: {SUBJECT}",
    sender: str = f"Robin Weaver <{THEM}>",
    html: str | None = None,
    answers: bool = True,
    **headers: str,
) -> bytes:
    """An answer; underscores in header names stand for dashes."""
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = sender, US, subject
    message["Date"], message["Message-ID"] = "Mon, 05 Oct 2026 10:00:00 +0000", "<answer-1@acmelabs.example>"
    if answers:
        message["In-Reply-To"] = message["References"] = OUR_ID
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    if text is not None:
        message.set_content(text)
    if html is not None:
        if text is None:
            message.set_content(html, subtype="html")
        else:
            message.add_alternative(html, subtype="html")
    return message.as_bytes()


def away(text: str, subject: str = f"Automatic reply: {SUBJECT}", **headers: str) -> bytes:
    """An automatic answer with the header of RFC 3834."""
    submitted = headers.pop("Auto_Submitted", "auto-replied")
    return reply(text, subject=subject, sender=f"Robin Weaver <{THEM}>", html=None, answers=True, Auto_Submitted=submitted, **headers)


def report(
    notice: str,
    status: str,
    said: str,
    *,
    action: str = "failed",
    sender: str = "Mail Delivery System <MAILER-DAEMON@mx.acmelabs.example>",
    subject: str = "Undelivered Mail Returned to Sender",
    recipient: str = THEM,
    mta: str = "Reporting-MTA: dns; mx.northwind.example",
    original: str = ORIGINAL_HEADERS,
    as_headers: bool = False,
) -> bytes:
    """A delivery report of RFC 3464."""
    diagnostic = f"Diagnostic-Code: {said}\n" if said else ""
    status_line = f"Status: {status}\n" if status else ""
    kind = "text/rfc822-headers" if as_headers else "message/rfc822"
    copy = original if as_headers else f"{original}\n{BODY}"
    text = (
        f"Return-Path: <>\nFrom: {sender}\nTo: {US}\nSubject: {subject}\nDate: Mon, 05 Oct 2026 09:01:00 +0000\n"
        f"Message-ID: <report-1@mx.example>\nAuto-Submitted: auto-replied\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="B"\n\n'
        f"--B\nContent-Type: text/plain; charset=utf-8\n\n{notice}\n\n--B\nContent-Type: message/delivery-status\n\n{mta}\n\n"
        f"Final-Recipient: rfc822; {recipient}\nAction: {action}\n{status_line}{diagnostic}\n--B\nContent-Type: {kind}\n\n{copy}\n--B--\n"
    )
    return text.encode()


def notice(
    text: str,
    *,
    sender: str = "MAILER-DAEMON@mail.acmelabs.example",
    subject: str = "failure notice",
    copy: str | None = None,
    **headers: str,
) -> bytes:
    """What servers write that know no reports."""
    more = "".join(f"{name.replace('_', '-')}: {value}\n" for name, value in headers.items())
    tail = f"\n--- Below this line is a copy of the message.\n\n{ORIGINAL_HEADERS}\n{BODY}" if copy is None else copy
    return f"Return-Path: <>\nFrom: {sender}\nTo: {US}\nSubject: {subject}\nDate: Mon, 05 Oct 2026 09:01:00 +0000\nMessage-ID: <n-1@mx.example>\n{more}\n{text}\n{tail}".encode()


def complaint(
    feedback: str = "abuse", *, sender: str = "feedback@arf.mail.example", subject: str = "FW: complaint", more: str = ""
) -> bytes:
    """A feedback report of RFC 5965."""
    return (
        f"From: {sender}\nTo: abuse@northwind.example\nSubject: {subject}\nDate: Mon, 05 Oct 2026 12:00:00 +0000\nMessage-ID: <arf-1@mail.example>\n"
        'MIME-Version: 1.0\nContent-Type: multipart/report; report-type=feedback-report; boundary="B"\n\n'
        f"--B\nContent-Type: text/plain\n\nThis is an email abuse report for a message received from 192.0.2.1.\n\n--B\nContent-Type: message/feedback-report\n\n"
        f"Feedback-Type: {feedback}\nUser-Agent: SomeGenerator/1.0\nVersion: 1\nOriginal-Mail-From: <{US}>\n{more}\n"
        f"--B\nContent-Type: message/rfc822\n\n{ORIGINAL_HEADERS}\n{BODY}\n--B--\n"
    ).encode()
