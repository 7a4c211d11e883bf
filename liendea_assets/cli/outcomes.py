"""`liendea outcome`: meetings and replies, entered by hand."""

import getpass
from datetime import date

import click

from liendea_assets.core.clock import SystemClock
from liendea_assets.core.home import Home
from liendea_assets.db.connection import to_records
from liendea_assets.outreach import outcome_store, outcomes
from liendea_assets.resources import open_home_database


def add(home: Home, contact_id: int, kind: outcomes.Kind, happened_on: date | None) -> None:
    """Notes an outcome."""
    db = open_home_database(home)
    made = outcomes.add_outcome(db, contact_id, kind, happened_on, getpass.getuser(), SystemClock())
    score = next((row["icp_score"] for row in to_records(outcome_store.list_outcomes(db)) if row["id"] == made), None)
    db.conn.close()
    if made is None:
        click.echo("That is noted already.")
        return
    told = f"with the score that they had, {score}" if score is not None else "without a score, since they had none then"
    click.echo(f"Outcome {made}, {told}. The back-test counts it when scoring_backtest is materialised.")


def show(home: Home) -> None:
    """Prints all outcomes, the undone ones too."""
    db = open_home_database(home)
    rows = to_records(outcome_store.list_outcomes(db))
    db.conn.close()
    for row in rows:
        score = "no score" if row["icp_score"] is None else f"score {row['icp_score']}"
        undone = f", undone {row['undone_at'][:16]}" if row["undone_at"] else ""
        kind = row["kind"].replace("_", " ")
        click.echo(f"{row['id']}: contact {row['contact_id']} {kind} on {row['happened_on']} ({score}, by {row['noted_by']}{undone})")
    if not rows:
        click.echo("None yet.")


def undo(home: Home, outcome_id: int) -> None:
    """Takes an outcome back."""
    db = open_home_database(home)
    undone = outcomes.undo_outcome(db, outcome_id, SystemClock())
    db.conn.close()
    click.echo("Undone." if undone else "That was undone already.")
