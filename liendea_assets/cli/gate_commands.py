"""`liendea consent` and `liendea doctor`, as they are typed; what is heavy is imported when one of them runs."""

import sys
from datetime import datetime
from pathlib import Path

import click

from liendea_assets.cli.options import chosen_home, home_option


@click.group()
def consent() -> None:
    """Consents to be written to, with their evidence (docs/gate.md)."""


@consent.command("add")
@click.argument("contact_id", type=int)
@click.option("--evidence", required=True, help="How the person gave it, and where that can be seen.")
@click.option("--date", "given_on", type=click.DateTime(["%Y-%m-%d"]), help="When it was given, as YYYY-MM-DD. Default: now.")
@home_option
def consent_add(contact_id: int, evidence: str, given_on: datetime | None, home: Path | None) -> None:
    """Record that a contact may be written to."""
    from liendea_assets.cli.consents import add

    add(chosen_home(home), contact_id, evidence, given_on.date() if given_on else None)


@consent.command("withdraw")
@click.argument("contact_id", type=int)
@home_option
def consent_withdraw(contact_id: int, home: Path | None) -> None:
    """Record that a contact took their consent back: nothing more is sent to them, on whatever ground."""
    from liendea_assets.cli.consents import withdraw

    withdraw(chosen_home(home), contact_id)


@consent.command("list")
@home_option
def consent_list(home: Path | None) -> None:
    """List all consents, the withdrawn ones too."""
    from liendea_assets.cli.consents import show

    show(chosen_home(home))


@click.command()
@home_option
def doctor(home: Path | None) -> None:
    """Check what sending needs: mail servers, mailboxes, and the DNS records of the senders' domains, which the gate relies on.

    Each line says what was found, and what to do about it. Exit code 1: something failed. Nothing is sent.
    """
    from liendea_assets.cli.doctor import run_doctor

    sys.exit(run_doctor(chosen_home(home)))


GATE_COMMANDS = (consent, doctor)
