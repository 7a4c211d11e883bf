"""`liendea uncertain`: e-mails that may be out or not, and what settles them."""

import getpass
from dataclasses import replace

import click

from liendea_assets.clients.imap import ImapFolder
from liendea_assets.core.clock import SystemClock
from liendea_assets.core.environment import read_env_file
from liendea_assets.core.errors import SettingsError
from liendea_assets.core.home import Home
from liendea_assets.core.keyed_hash import load_key
from liendea_assets.core.settings import load_settings
from liendea_assets.outreach.gate import Gate
from liendea_assets.outreach.settings import OutreachSettings
from liendea_assets.outreach.settling import Find, in_mailbox, list_uncertain, settle_by_evidence, settle_by_hand
from liendea_assets.resources import configured_mailboxes, open_home_database


def show(home: Home) -> None:
    """Prints all of them."""
    db = open_home_database(home)
    rows = list_uncertain(db)
    db.conn.close()
    for row in rows:
        where = f"{row['campaign']}, step {row['step']}, contact {row['contact_id']}, mailbox {row['mailbox'] or 'main'}"
        click.echo(f"{row['id']}: {where}, {row['claimed_at']} UTC: {row['error_message']}")
        click.echo(f"    {row['message_id']}")
    if not rows:
        click.echo("None.")
        return
    click.echo("Look for the Message-ID in the server's log or the folder of sent mail, then:")
    click.echo("liendea uncertain settle ID sent|not-sent --because TEXT, or settle all:")
    click.echo("liendea uncertain settle --from-log FILE, or --from-mailbox NAME --folder Sent")


def settle_one(home: Home, message_id: int, by: str | None, because: str, *, is_sent: bool) -> None:
    """Says what became of one message.

    Raises:
        UnknownRecord: it is not uncertain.
    """
    db = open_home_database(home, durable=True)
    try:
        who = by or getpass.getuser()
        settle_by_hand(db, [message_id], _gate(home).record_notice, is_sent=is_sent, by=who, because=because, clock=SystemClock())
    finally:
        db.conn.close()
    click.echo("Noted as sent." if is_sent else "Queued again.")


def in_configured(home: Home, name: str, folder: str | None) -> Find:
    """Looks in a mailbox of outreach.yaml, or in another folder of it.

    Raises:
        SettingsError: there is no such mailbox, or it has no folders.
    """
    sources = {source.name: source for source in configured_mailboxes(home)}
    if name not in sources:
        raise SettingsError(f"outreach.yaml names no mailbox {name} under inbox.sources; found: {', '.join(sources) or 'none'}")
    source = sources[name]
    if folder is None:
        return in_mailbox(source)
    if not isinstance(source, ImapFolder):
        raise SettingsError(f"outreach.yaml: inbox {name}: only an IMAP mailbox has folders")
    return in_mailbox(replace(source, folder=folder))


def settle_all(home: Home, find: Find, source: str, by: str | None, *, is_complete: bool) -> None:
    """Lets a log or a mailbox say what became of all of them."""
    db = open_home_database(home, durable=True)
    who, notice = by or getpass.getuser(), _gate(home).record_notice
    try:
        settled = settle_by_evidence(db, find, notice, by=who, source=source, clock=SystemClock(), is_complete=is_complete)
    finally:
        db.conn.close()
    click.echo(f"{len(settled.sent)} were sent, {len(settled.not_sent)} were not and are queued again, {len(settled.open)} stay uncertain.")


def _gate(home: Home) -> Gate:
    read_env_file(home.root)
    return Gate(load_settings(OutreachSettings, home, "outreach.yaml"), load_key(home.data / "secret.key"))
