"""What sending and reading mail needs: servers that answer, logins that are taken, records that receivers look for. Nothing is sent."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Literal

from liendea_assets.clients.dns_records import RecordKind
from liendea_assets.clients.mailbox import MailSource
from liendea_assets.clients.smtp import Deadlines, SmtpConnection, SmtpServer
from liendea_assets.core.errors import ServiceUnavailable, SettingsError
from liendea_assets.db.connection import Database
from liendea_assets.operations.doctor import Diagnosis
from liendea_assets.outreach.dns_preflight import Records, check_records
from liendea_assets.outreach.settings import MailboxSettings, OutreachSettings

# Long enough for a slow server, short enough for somebody who waits for the answer.
PATIENCE = Deadlines(opening=20.0, transmitting=20.0, finishing=20.0)

_REMEDIES: Mapping[RecordKind, str] = {
    "spf": "Publish one TXT record at this name that begins with v=spf1, names whoever sends for you, and ends with -all or ~all.",
    "dkim": "Publish the key that your mail provider shows under DKIM, and name its selector in outreach.yaml (gate.dns.selectors).",
    "dmarc": "Publish a TXT record at _dmarc.<domain>, such as v=DMARC1; p=none; rua=mailto:<an address of yours>.",
    "mx": "Publish an MX record, or send from a domain that takes mail: replies, bounces and opt-outs must arrive.",
}


def check_smtp(mailboxes: Sequence[MailboxSettings], servers: Mapping[str, SmtpServer]) -> Iterator[Diagnosis]:
    """Whether each mailbox's server answers, encrypts and takes the login.

    Args:
        servers: by the mailbox's name; one without a server is missing.
    """
    for mailbox in mailboxes:
        server = servers.get(mailbox.name)
        if server is None:
            yield Diagnosis(
                mailbox.name, "warning", "no mail server is set", f"Set {mailbox.smtp_env}_HOST in .env; without it nothing is sent."
            )
            continue
        connection = SmtpConnection(server, PATIENCE)
        try:
            connection.make_ready()
        except ServiceUnavailable as problem:
            remedy = f"Check {mailbox.smtp_env}_HOST, _PORT, _USERNAME and _PASSWORD in .env, and security and auth in outreach.yaml."
            yield Diagnosis(mailbox.name, "failed", str(problem), remedy)
            continue
        finally:
            connection.close()
        login = "the login was taken" if server.username else "no login is set"
        safety = {"none": "without encryption", "offered": "with encryption where it is offered"}.get(server.security, "with TLS")
        yield Diagnosis(mailbox.name, "ok", f"the server answers {safety}; {login}")


def check_inbox(mailboxes: Mapping[str, MailSource | None]) -> Iterator[Diagnosis]:
    """Whether each place where answers are read can be read. Nothing in it changes.

    Args:
        mailboxes: by name; None where no server is set.
    """
    if not mailboxes:
        remedy = "Name one under inbox in outreach.yaml; else replies, bounces and opt-outs are not noticed."
        yield Diagnosis("inbox", "warning", "no mailbox is read", remedy)
    for name, mailbox in mailboxes.items():
        if mailbox is None:
            yield Diagnosis(name, "failed", "no server is set", "Set its _HOST, _USERNAME and _PASSWORD in .env (IMAP_HOST …).")
            continue
        try:
            has_mail = next(mailbox.read(None), None) is not None
        except (ServiceUnavailable, SettingsError) as problem:
            remedy = "Check inbox.sources in outreach.yaml, and host, port, user name and password in .env."
            yield Diagnosis(name, "failed", str(problem), remedy)
        else:
            yield Diagnosis(name, "ok", f"it can be read; {'there is mail' if has_mail else 'it is empty'}")


def check_dns(
    db: Database, settings: OutreachSettings, smtp_hosts: Mapping[str, str], records: Records, now: datetime
) -> Iterator[Diagnosis]:
    """The records of the senders' domains; the gate relies on what is found here."""
    found = check_records(db, settings, smtp_hosts, records, now)
    if not found:
        yield Diagnosis("records", "ok", "no record is needed: every mail server is on this machine, and exempt (gate.dns.exempt_loopback)")
    for one in found:
        subject = f"{one.kind} {one.name}".rstrip()
        if one.is_ok is None:
            yield Diagnosis(
                subject, "failed", one.detail, "Try again when the network answers; what was found before stands until it is too old."
            )
        else:
            level: Literal["ok", "warning", "failed"] = "ok" if one.is_ok else "failed" if settings.gate.dns.required else "warning"
            yield Diagnosis(subject, level, one.detail, "" if one.is_ok else _REMEDIES[one.kind])


def check_gate(settings: OutreachSettings, now: datetime) -> Iterator[Diagnosis]:
    """What the gate needs of outreach.yaml before it lets anything out."""
    gate = settings.gate
    if "notice" not in (gate.unknown_country, *gate.country_policy.values()):
        return
    assessment = gate.legitimate_interest
    if assessment is None:
        found = "no assessment of legitimate interest is recorded, so nobody in a country with the policy notice is written to"
        yield Diagnosis("legitimate interest", "warning", found, "Make one, keep the document, and name it under gate in outreach.yaml.")
        return
    left = assessment.max_age_days - (now.date() - assessment.assessed_on).days
    if left < 0:
        yield Diagnosis(
            "legitimate interest", "failed", "the assessment is too old", "Make it anew, and correct assessed_on in outreach.yaml."
        )
    else:
        yield Diagnosis("legitimate interest", "ok", f"the assessment is good for {left} more days")
