"""`liendea inbox`: reading, looking and correcting. The terminal is the user's own, so names may stand there."""

import getpass

import click

from liendea_assets.core.clock import SystemClock
from liendea_assets.core.environment import read_env_file
from liendea_assets.core.errors import ServiceUnavailable, UnknownRecord
from liendea_assets.core.home import Home
from liendea_assets.core.keyed_hash import load_key
from liendea_assets.core.settings import load_settings
from liendea_assets.db.connection import Database, to_records
from liendea_assets.operations.alerts import tell_of_complaints
from liendea_assets.outreach import inbox_store
from liendea_assets.outreach.inbox import correct, read_inbox
from liendea_assets.outreach.settings import OutreachSettings
from liendea_assets.reports.settings import ReportSettings
from liendea_assets.resources import configured_mailboxes, open_home_database, smtp_server
from liendea_assets.scoring.suppressed import exclude_suppressed


def read(home: Home) -> int:
    """Reads all mailboxes; 1 where one of them could not be read."""
    read_env_file(home.root)
    mailboxes, settings = configured_mailboxes(home), load_settings(OutreachSettings, home, "outreach.yaml")
    if not mailboxes:
        click.echo("config/outreach.yaml names no mailbox under inbox.sources, so nothing was read (docs/inbox.md).")
        return 0
    db = open_home_database(home, durable=True)
    report = read_inbox(db, mailboxes, settings, load_key(home.data / "secret.key"), SystemClock())
    exclude_suppressed(db, home.data / "secret.key")
    complaints = _tell_of_complaints(db, home)
    db.conn.close()
    click.echo(f"{sum(report.kinds.values())} new, {report.known} read before, {report.unmatched} of the new ones unmatched.")
    for kind, messages in sorted(report.kinds.items()):
        click.echo(f"  {kind}: {messages}")
    if report.settled:
        click.echo(f"{report.settled} uncertain messages turn out to have been sent.")
    if complaints:
        click.echo(f"{complaints} people complained; logs/alerts.jsonl says what to do.")
    for problem in report.problems.values():
        click.echo(f"liendea: {problem}", err=True)
    return 1 if report.problems else 0


def _tell_of_complaints(db: Database, home: Home) -> int:
    alerts = load_settings(ReportSettings, home, "reports.yaml").alerts
    try:
        return tell_of_complaints(db, home.logs, alerts, smtp_server())
    except ServiceUnavailable as problem:
        click.echo(f"liendea: a complaint stands in logs/alerts.jsonl, and could not be mailed: {problem}", err=True)
        return 0


def show_list(home: Home, kind: str | None, is_unmatched: bool, limit: int) -> None:
    """Prints messages, the newest first."""
    db = open_home_database(home)
    rows = to_records(inbox_store.list_messages(db, kind, is_unmatched=is_unmatched, limit=limit))
    db.conn.close()
    for row in rows:
        about = f"contact {row['contact_id']}" if row["contact_id"] else "unmatched"
        corrected = ", corrected" if row["corrected_by"] else ""
        click.echo(
            f"{row['id']}: {row['received_at'][:16]} {row['kind']} ({row['confidence']:.2f}{corrected}) {about} "
            f"from {row['from_address'] or 'nobody'}: {row['subject'] or ''}"
        )
    if not rows:
        click.echo("None.")


def show_one(home: Home, message_id: int) -> None:
    """Prints a message.

    Raises:
        UnknownRecord: there is none.
    """
    db = open_home_database(home)
    row = inbox_store.read_message(db.conn, message_id)
    db.conn.close()
    if row is None:
        raise UnknownRecord(f"there is no inbox message {message_id}; `liendea inbox list` tells them")
    for name in ("kind", "why", "confidence", "sentiment", "received_at", "from_address", "subject", "recipient", "status_code"):
        if row[name] is not None:
            click.echo(f"{name}: {row[name]}")
    click.echo(f"matched_by: {row['matched_by']} (message {row['outreach_log_id']}, contact {row['contact_id']})")
    if row["corrected_by"]:
        click.echo(f"corrected: from {row['corrected_from']} by {row['corrected_by']}")
    click.echo(f"source: {row['source']}")
    if row["text"]:
        click.echo(f"\n{row['text']}")


def correct_one(home: Home, message_id: int, kind: str) -> None:
    """Sets a message's kind by hand."""
    db = open_home_database(home, durable=True)
    settings = load_settings(OutreachSettings, home, "outreach.yaml")
    former = correct(db, message_id, kind, getpass.getuser(), settings, load_key(home.data / "secret.key"), SystemClock())
    exclude_suppressed(db, home.data / "secret.key")
    db.conn.close()
    click.echo("That is its kind already." if former == kind else f"Message {message_id} is {kind} now; it was {former}.")
