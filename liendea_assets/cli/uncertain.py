"""`liendea uncertain`: e-mails that may be out or not, and what settles them."""

import getpass
from pathlib import Path

import click

from liendea_assets.core.clock import SystemClock
from liendea_assets.core.home import Home
from liendea_assets.outreach.settling import in_log, in_maildir, list_uncertain, settle_by_evidence, settle_by_hand
from liendea_assets.resources import open_home_database


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
    click.echo("liendea uncertain settle ID sent|not-sent --because TEXT, or settle all with --from-log FILE")


def settle_one(home: Home, message_id: int, by: str | None, because: str, *, is_sent: bool) -> None:
    """Says what became of one message.

    Raises:
        UnknownRecord: it is not uncertain.
    """
    db = open_home_database(home, durable=True)
    try:
        settle_by_hand(db, [message_id], is_sent=is_sent, by=by or getpass.getuser(), because=because, clock=SystemClock())
    finally:
        db.conn.close()
    click.echo("Noted as sent." if is_sent else "Queued again.")


def settle_all(home: Home, path: Path, by: str | None, *, is_log: bool, is_complete: bool) -> None:
    """Lets a log or a Maildir say what became of all of them."""
    db = open_home_database(home, durable=True)
    find = in_log(path) if is_log else in_maildir(path)
    try:
        settled = settle_by_evidence(db, find, by=by or getpass.getuser(), source=path.name, clock=SystemClock(), is_complete=is_complete)
    finally:
        db.conn.close()
    click.echo(f"{len(settled.sent)} were sent, {len(settled.not_sent)} were not and are queued again, {len(settled.open)} stay uncertain.")
