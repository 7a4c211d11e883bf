"""Why somebody has the score that they have, and why it changed, on the user's own terminal."""

import json

import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text

from liendea_assets.db.connection import Database, to_records
from liendea_assets.scoring import store, suppressed_store
from liendea_assets.scoring.changes import describe
from liendea_assets.scoring.parts import show_value

_CAUSES = {"data": "the data", "config": "the config", "both": "the data and the config", "first": "scored for the first time"}


def show_score(db: Database, contact_id: int, console: Console) -> None:
    """Prints a contact's score with its parts, and its history; a line where nobody scored them yet."""
    found = to_records(store.read_score(db, contact_id))
    suppressed = suppressed_store.read_suppressed(db).get(contact_id)
    if suppressed:
        console.print(Text(f"\nNot scored, and no target: {suppressed}."))
        return
    if not found:
        console.print(Text("\nNot scored yet: the next run does it."))
        return
    score = found[0]
    console.print(_parts(score))
    could_be = (
        f"; with the rest known it could be {score['score_min']} to {score['score_max']} "
        f"(priority {score['priority_worst']} to {score['priority_best']})"
    )
    console.print(
        Text(
            f"fit {score['fit_score']} and relationship {score['relationship_score']}; {score['coverage']:.0%} of the points rest on known "
            f"values{could_be if score['score_min'] != score['score_max'] else ''}. Scored {score['scored_at'][:16]} UTC; "
            f"config {score['config_version']}."
        )
    )
    if score["disqualified_by"]:
        console.print(Text(f"Disqualified by {score['disqualified_by']}."))
    history = store.read_history(db, contact_id)
    if len(history):
        console.print(_history(history))


def _parts(score: dict[str, object]) -> Table:
    table = Table(title=f"Score {score['icp_score']}, priority {score['priority']}", title_justify="left")
    for name in ("part", "value", "points", "why", "source"):
        table.add_column(name, justify="right" if name == "points" else "left")
    for part in json.loads(str(score["parts"])):
        field, source = part["field"], [told for told in part.get("source") or () if told]
        value = show_value(field, part["value"]) if field else part["value"] or ""
        cells = (part.get("label", part["name"]), value, f"{part['points']:+d}", part["rule"], " ".join(source))
        table.add_row(*(Text(str(cell)) for cell in cells))
    table.add_section()
    table.add_row("sum", "", str(score["icp_score"]), "", "")
    return table


def _history(history: pd.DataFrame) -> Table:
    table = Table("when", "score", "because of", "what changed", title="Changes, the newest first", title_justify="left")
    for change in to_records(history):
        old = "" if change["old"] is None else f"{change['old']} → "
        what = "\n".join(describe(change["detail"])) if change["detail"].startswith("[") else ""
        cells = (change["changed_at"][:16], f"{old}{change['new']}", _CAUSES[change["cause"]], what)
        table.add_row(*(Text(cell) for cell in cells))
    return table
