"""`liendea doctor`: what may be wrong with this installation, and what to do about it."""

import click

from liendea_assets.clients.dns_records import DnsRecords
from liendea_assets.clients.imap import ImapFolder
from liendea_assets.clients.mailbox import MaildirFolder, MailSource, MboxFile
from liendea_assets.core.clock import SystemClock
from liendea_assets.core.environment import environment, read_env_file
from liendea_assets.core.home import Home
from liendea_assets.core.settings import load_settings
from liendea_assets.db.connection import Database
from liendea_assets.operations import doctor_mail
from liendea_assets.operations.doctor import Check, Diagnosis, examine, is_well
from liendea_assets.outreach.settings import OutreachSettings
from liendea_assets.resources import open_home_database, port_of, smtp_servers

FAILED = 1
_MARKS = {"ok": "ok", "warning": "warning", "failed": "FAILED"}
# The default port of each way to encrypt.
_IMAP_PORTS = {"starttls": "143", "tls": "993", "none": "143"}


def run_doctor(home: Home) -> int:
    """Makes all checks and prints what they found. Returns the exit code."""
    read_env_file(home.root)
    settings = load_settings(OutreachSettings, home, "outreach.yaml")
    db = open_home_database(home)
    found = []
    try:
        for name, diagnosis in examine(all_checks(home, settings, db)):
            found.append(diagnosis)
            _show(name, diagnosis)
    finally:
        db.conn.close()
    failures = sum(diagnosis.level == "failed" for diagnosis in found)
    click.echo(f"{failures} of {len(found)} checks failed." if failures else f"{len(found)} checks, none failed.")
    return 0 if is_well(found) else FAILED


def all_checks(home: Home, settings: OutreachSettings, db: Database) -> dict[str, Check]:
    """Name → check, in the order in which they are made."""
    clock, mailboxes = SystemClock(), settings.all_mailboxes
    smtp_hosts = {mailbox.name: environment(f"{mailbox.smtp_env}_HOST") for mailbox in mailboxes}
    return {
        "smtp": lambda: doctor_mail.check_smtp(mailboxes, smtp_servers(settings)),
        "inbox": lambda: doctor_mail.check_inbox(inbox_mailboxes(home, settings)),
        "dns": lambda: doctor_mail.check_dns(db, settings, smtp_hosts, DnsRecords(), clock.now()),
        "gate": lambda: doctor_mail.check_gate(settings, clock.now()),
    }


def inbox_mailboxes(home: Home, settings: OutreachSettings) -> dict[str, MailSource | None]:
    """The places where answers are read, by their names; None where the environment names no server.

    Raises:
        SettingsError: a port that is none.
    """
    found: dict[str, MailSource | None] = {}
    for source in settings.inbox.sources:
        host = environment(f"{source.env}_HOST")
        if source.kind != "imap":
            kind = MaildirFolder if source.kind == "maildir" else MboxFile
            found[source.name] = kind(source.name, home.root / str(source.path))
        elif host:
            port = port_of(f"{source.env}_PORT", _IMAP_PORTS[source.security])
            login = (environment(f"{source.env}_USERNAME"), environment(f"{source.env}_PASSWORD"))
            found[source.name] = ImapFolder(source.name, host, port, *login, source.folder, source.security, source.auth)
        else:
            found[source.name] = None
    return found


def _show(name: str, diagnosis: Diagnosis) -> None:
    click.echo(f"{_MARKS[diagnosis.level]:<8} {name:<6} {diagnosis.subject}: {diagnosis.found}")
    if diagnosis.remedy:
        click.echo(f"{'':<15} {diagnosis.remedy}")
