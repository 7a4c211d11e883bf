"""`liendea consent`: who said that they may be written to."""

import getpass
from datetime import date

import click

from liendea_assets.core.clock import SystemClock
from liendea_assets.core.home import Home
from liendea_assets.db.connection import to_records
from liendea_assets.outreach import consents
from liendea_assets.outreach.gate import record_store
from liendea_assets.resources import open_home_database


def add(home: Home, contact_id: int, evidence: str, given_on: date | None) -> None:
    """Records a consent."""
    db = open_home_database(home, durable=True)
    made = consents.add_consent(db, contact_id, evidence, given_on, getpass.getuser(), SystemClock())
    db.conn.close()
    click.echo(f"Consent {made} of contact {contact_id}.")


def withdraw(home: Home, contact_id: int) -> None:
    """Ends the consents of a person."""
    db = open_home_database(home, durable=True)
    ended = consents.withdraw_consent(db, contact_id, SystemClock())
    db.conn.close()
    if ended:
        click.echo(f"{ended} consent{'s' if ended > 1 else ''} withdrawn. Nothing more is sent to contact {contact_id}.")
    else:
        click.echo("There was no consent in force. To leave the person alone: liendea suppression add, or a line in data/suppressions.csv.")


def show(home: Home) -> None:
    """Prints all consents, the withdrawn ones too."""
    db = open_home_database(home)
    rows = to_records(record_store.list_consents(db))
    db.conn.close()
    for row in rows:
        person = f" (now contact {row['person_id']})" if row["person_id"] != row["contact_id"] else ""
        since = f"since {row['given_at'][:10]}" + (f", withdrawn {row['withdrawn_at'][:16]}" if row["withdrawn_at"] else "")
        click.echo(f"{row['id']}: contact {row['contact_id']}{person} {since}, by {row['recorded_by']}: {row['evidence']}")
    if not rows:
        click.echo("None yet.")
