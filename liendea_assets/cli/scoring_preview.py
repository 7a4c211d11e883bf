"""`liendea preview-scoring`, `apply-scoring`, `scoring-history`: a change of the scoring config, seen before it is made, and undone."""

from datetime import datetime
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text

from liendea_assets.core.clock import SystemClock
from liendea_assets.core.errors import SettingsError
from liendea_assets.core.home import Home
from liendea_assets.db.connection import Database, to_records
from liendea_assets.operations.reading import read_home_database
from liendea_assets.scoring import preview_store
from liendea_assets.scoring.account_preview import largest_account_changes
from liendea_assets.scoring.config_history import HISTORY, apply_config, list_versions, load_version
from liendea_assets.scoring.load import NAME, load_scoring_settings
from liendea_assets.scoring.preview import ScoringPreview, preview_config
from liendea_assets.scoring.preview_files import write_preview
from liendea_assets.scoring.preview_report import figures, headline, largest_changes, name_accounts, name_people, shown_ids
from liendea_assets.scoring.title_words import HOME_FILE

_SHOWN = ("contact_id", "full_name", "score", "targets", "what_differs")


def preview_scoring(home: Home, candidate: Path | None, titles: Path | None, version: str | None, folder: Path | None, limit: int) -> None:
    """Prints what candidates, or an earlier version, would do, and writes the page and the workbook.

    Raises:
        SettingsError: the candidate is not right, or there is nothing to compare with.
    """
    console = Console(highlight=False)
    with read_home_database(home) as (db, why_unknown):
        if db is None:
            raise SettingsError(why_unknown or "there is no database yet")
        settings = load_version(home, db, version) if version else load_scoring_settings(home, candidate, titles)
        found = preview_config(db, settings)
        print_preview(db, found, limit, console)
        target = folder.expanduser() if folder else home.make_private_folder(home.exports / "scoring_previews")
        source = " and ".join(file.name for file in (candidate, titles) if file) or f"version {found.new_version}"
        for path in write_preview(db, found, target, source, limit, SystemClock().now()):
            # not wrapped: it is there to be copied
            console.print(Text(f"written: {path}"), soft_wrap=True)


def print_preview(db: Database, found: ScoringPreview, limit: int, console: Console) -> None:
    """Prints the figures, the tiers, the causes, and up to `limit` people of each list; names may be shown on the user's own terminal."""
    console.print(Text(headline(found), style="bold"))
    for name, count in figures(found).items():
        console.print(Text(f"{count:>9,} {name}"))
    _print("\nPriorities, now (rows) and then (columns):", found.tiers, console)
    _print("\nWhat it is due to (contacts):", found.by_key(), console)
    names = preview_store.read_names(db, shown_ids(found, limit))
    lists = (
        ("enter the targets", found.entering()),
        ("leave the targets", found.leaving()),
        ("move the furthest", largest_changes(found, limit)),
    )
    for title, people in lists:
        if len(people):
            named = name_people(people.head(limit), names)
            scores = [
                f"{'–' if row['old'] is None else row['old']} → {'–' if row['new'] is None else row['new']}" for row in to_records(named)
            ]
            _print(f"\nWho would {title}:", named.assign(score=scores)[list(_SHOWN)], console)
    if len(found.accounts):
        largest = largest_account_changes(found.accounts).head(limit)
        accounts = name_accounts(largest, preview_store.read_company_names(db, largest["company_id"].tolist()))
        _print("\nAccounts that change:", accounts, console)
    if len(found.messages):
        messages = found.messages.merge(names[["contact_id", "full_name"]], on="contact_id", how="left")
        _print("\nWho would leave the targets in the middle of a sequence:", messages.head(limit), console)


def apply_scoring(home: Home, candidate: Path | None, titles: Path | None, now: datetime, console: Console) -> None:
    """Swaps the files and says where the former ones are."""
    applied = apply_config(home, candidate, now, titles)
    names = " and ".join(name for name, file in ((NAME, candidate), (HOME_FILE, titles)) if file)
    console.print(Text(f"config/{names}: version {applied.former_version} → {applied.version}"))
    for kept in applied.kept:
        console.print(Text(f"the former file: {kept}"), soft_wrap=True)


def print_history(home: Home, console: Console) -> None:
    """Prints every version that is known."""
    with read_home_database(home) as (db, why_unknown):
        table = list_versions(home, db)
    if db is None:
        console.print(Text(f"which versions were used cannot be told: {why_unknown}"))
    for row in to_records(table):
        told = [
            "in force" if row["is_in_force"] else "",
            f"first used {row['first_used_at'][:16]}" if row["first_used_at"] else "not used yet",
            f"last scored by {row['last_scored_at'][:16]}" if row["last_scored_at"] else "",
            f"replaced {row['kept_on']}: config/{HISTORY}/{row['file']}" if row["file"] else "",
            "" if row["is_known"] else "only its hash is known",
        ]
        # not wrapped: versions and names are there to be copied
        console.print(Text(f"{row['version']}  {'; '.join(text for text in told if text)}"), soft_wrap=True)


def _print(title: str, frame: pd.DataFrame, console: Console) -> None:
    """As a table; text of the data is never taken for the terminal's own markup."""
    if title:
        console.print(Text(title))
    table = Table()
    for name in frame.columns:
        is_number = pd.api.types.is_numeric_dtype(frame[name])
        table.add_column(Text(str(name).replace("_", " ")), justify="right" if is_number else "left", overflow="fold")
    for row in to_records(frame):
        table.add_row(*(Text("" if cell is None else str(cell)) for cell in row.values()))
    console.print(table)
