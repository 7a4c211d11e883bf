"""`liendea merges`: who may be one, who a human said is one or is not, and taking that back."""

import getpass
from collections.abc import Mapping
from pathlib import Path

import click

from liendea_assets.core.clock import SystemClock
from liendea_assets.core.errors import UnknownRecord
from liendea_assets.core.home import Home
from liendea_assets.db.connection import to_records
from liendea_assets.imports import decision_store, list_files, merges, review_export
from liendea_assets.imports.merges import Author, Entity, Verdict
from liendea_assets.resources import open_home_database

FROM_NOW_ON = "In force with the next `liendea run`, or when companies and contacts are materialised."


def show_reviews(home: Home) -> None:
    """Prints the pairs that may be one, with names and evidence: the terminal is the user's own."""
    db = open_home_database(home)
    reviews = [dict(zip(review_export.EXPORT_COLUMNS, row, strict=True)) for row in review_export.review_rows(db)]
    db.conn.close()
    for review in reviews:
        left, right = (_describe(review, side) for side in ("Left", "Right"))
        click.echo(f"{review['Entity']} {left} and {right}  {review['Probability']:.0%}  {review['Evidence']}")
    if not reviews:
        click.echo("Nothing to decide.")
        return
    click.echo(f"{len(reviews)} pairs to decide; `liendea person show ID` tells more of each contact.")
    click.echo("To decide them in a spreadsheet: `liendea merges review --export review.xlsx`")


def export_reviews(home: Home, path: Path) -> None:
    """Writes the pairs that may be one to a file to fill in.

    Raises:
        click.BadParameter: neither XLSX nor CSV, or there is such a file, which may hold decisions that somebody has made already.
    """
    if path.suffix.lower() not in list_files.SUFFIXES:
        raise click.BadParameter(f"{path.name} ends with {path.suffix or 'nothing'}; allowed are {', '.join(list_files.SUFFIXES)}")
    if path.exists():
        raise click.BadParameter(f"{path} is there already; name a new file, so that decisions in it are not lost")
    db = open_home_database(home)
    count = review_export.export_reviews(db, path)
    db.conn.close()
    click.echo(f"{count} pairs to decide in {path}.")
    click.echo("Write same or different into its last column, and drop it into data/inbox.")


def show_decisions(home: Home) -> None:
    """Prints every decision, the undone ones too."""
    db = open_home_database(home)
    for row in to_records(decision_store.list_decisions(db)):
        ended = f"replaced by {int(row['replaced_by'])}" if row["replaced_by"] else "undone"
        undone = f", {ended} {row['undone_at'][:16]}" if row["undone_at"] else ""
        pair = f"{row['entity']} {row['left_id']} and {row['right_id']}"
        origin = f"{row['origin']} {row['decided_by']}" if row["origin"] == "file" else f"{row['origin']} by {row['decided_by']}"
        click.echo(f"{row['id']}: {pair} {row['decision']} ({origin}, {row['decided_at'][:16]}{undone})")
    db.conn.close()


def decide(home: Home, entity: Entity, decision: Verdict, left_id: int, right_id: int) -> None:
    """Takes down a decision about two contacts or companies."""
    db = open_home_database(home)
    made = merges.decide(db, entity, decision, left_id, right_id, Author(getpass.getuser()), SystemClock())
    db.conn.close()
    click.echo(f"Decision {made}. {FROM_NOW_ON}" if made is not None else "That is decided already.")


def part_row(home: Home, entity: Entity, row: str) -> None:
    """Takes down that a source row (`gtm:17`) is about somebody else."""
    source, _, number = row.partition(":")
    if source not in ("gtm", "linkedin") or not number.isdigit():
        raise UnknownRecord(f"{row!r} names no row; expected is gtm:NUMBER or linkedin:NUMBER, as `liendea person show ID` lists them")
    db = open_home_database(home)
    made = merges.part_row(db, entity, source, int(number), Author(getpass.getuser()), SystemClock())
    db.conn.close()
    click.echo(f"Decision {made}. {FROM_NOW_ON}" if made is not None else "That is decided already.")


def _describe(review: Mapping[str, object], side: str) -> str:
    """Id and name, with the employer of a contact and the web address of a company where they are known."""
    place = review[f"{side} company"] if review["Entity"] == "contact" else review[f"{side} address"]
    return f"{review[f'{side} ID']} {review[f'{side} name']}" + (f" ({place})" if place else "")


def undo(home: Home, decision_id: int) -> None:
    """Takes a decision back."""
    db = open_home_database(home)
    undone = merges.undo(db, decision_id, SystemClock())
    db.conn.close()
    click.echo(f"Undone. {FROM_NOW_ON}" if undone else "That was undone already.")
