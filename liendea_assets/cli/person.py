"""`liendea person`: one contact on the user's own terminal: its values with their sources, its rows and score with the reasons."""

import click
import pandas as pd
from rich.console import Console
from rich.table import Table

from liendea_assets.cli.person_scores import show_score
from liendea_assets.core.clock import SystemClock
from liendea_assets.core.home import Home
from liendea_assets.core.settings import load_settings
from liendea_assets.imports import provenance
from liendea_assets.imports.settings import ImportSettings
from liendea_assets.resources import open_home_database


def show_person(home: Home, contact_id: int) -> None:
    """Prints a contact."""
    settings = load_settings(ImportSettings, home, "imports.yaml")
    db = open_home_database(home)
    found = provenance.explain_contact(db, contact_id, settings)
    if found.contact_id != contact_id:
        click.echo(f"Contact {contact_id} is part of contact {found.contact_id} now.")
    console = Console()
    console.print(_table(f"Contact {found.contact_id}", _with_place(found.values)))
    rows = _with_place(found.rows.assign(row=found.rows["source"] + ":" + found.rows["row_id"].astype("str")))
    rows["standing"] = rows["is_current"].map({1: "", 0: "no longer in the file"})
    rows["id"] = rows["is_anchor"].map({1: "gave the id", 0: ""})
    console.print(_table("Rows", rows[["row", "file", "place", "date", "evidence", "id", "standing"]]))
    show_score(db, found.contact_id, console)
    db.conn.close()


def set_value(home: Home, contact_id: int, field: str, value: str | None) -> None:
    """Sets a value that no import overwrites, or takes it back."""
    settings = load_settings(ImportSettings, home, "imports.yaml")
    db = open_home_database(home)
    provenance.set_by_hand(db, contact_id, field, value, settings, SystemClock())
    db.conn.close()
    click.echo("Noted. In force with the next `liendea run`, or when contacts are materialised.")


def _with_place(frame: pd.DataFrame) -> pd.DataFrame:
    place = frame["part"].astype("str") + " " + frame["row_number"].astype("Int64").astype("str")
    date = frame["dated_at"].astype("str").str.slice(0, 10)
    return frame.drop(columns=["part", "row_number", "dated_at"]).assign(place=place.where(frame["part"].notna()), date=date)


def _table(title: str, frame: pd.DataFrame) -> Table:
    table = Table(*map(str, frame.columns), title=title, title_justify="left")
    for row in frame.astype(object).where(frame.notna(), "").itertuples(index=False):
        table.add_row(*map(str, row))
    return table
