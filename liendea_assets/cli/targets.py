"""`liendea targets`: who is worth working, on the user's own terminal or as a file."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import click
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table
from rich.text import Text

from liendea_assets.core.home import Home
from liendea_assets.db.connection import Database
from liendea_assets.imports.list_files import SUFFIXES, write_list
from liendea_assets.imports.sheets import Sheet
from liendea_assets.operations.reading import read_backup
from liendea_assets.resources import open_home_database
from liendea_assets.scoring.target_lists import list_accounts, list_targets

# What a terminal has room for; a file has all columns.
_SHOWN = {
    "Targets": ("Contact ID", "Name", "Title", "Company", "Score", "Priority", "Status"),
    "Accounts": ("Company ID", "Company", "Segment", "Score", "Contacts", "Targets", "Best contact"),
}
# header in the list → in 80 columns
_NUMBERS = {"Contact ID": "ID", "Company ID": "ID", "Score": "Score", "Priority": "P", "Contacts": "People", "Targets": "Targets"}


def show_targets(home: Home, limit: int, day: date | None = None, *, of_accounts: bool) -> None:
    """Prints the best of them.

    Args:
        day: an earlier one, by its backup; None for now.

    Raises:
        SettingsError: there is no backup of that day, or it cannot be read.
    """
    listed = _read(home, day, list_accounts if of_accounts else list_targets)
    print_list(listed, limit, Console())


def print_list(listed: Sheet, limit: int, console: Console) -> None:
    """Prints the first rows of a list, and how many there are."""
    rows = list(listed.rows)
    table = Table(title=f"{listed.title}: {len(rows):,}", title_justify="left", box=SIMPLE)
    shown = _SHOWN[listed.title]
    for name in shown:
        is_number = name in _NUMBERS
        table.add_column(_NUMBERS.get(name, name), justify="right" if is_number else "left", overflow="fold", no_wrap=is_number)
    for row in rows[:limit]:
        cells = dict(zip(listed.columns, row, strict=True))
        table.add_row(*(Text("" if cells[name] is None else str(cells[name])) for name in shown))
    console.print(table)
    if len(rows) > limit:
        console.print(Text(f"{len(rows) - limit:,} more; --limit shows them, --export FILE.xlsx writes all of them to a file."))


def export_targets(home: Home, file: Path, day: date | None = None, *, of_accounts: bool) -> None:
    """Writes the whole list to a file. A name without a folder stands in data/exports, where personal data belong.

    Raises:
        click.BadParameter: neither XLSX nor CSV.
        SettingsError: there is no backup of that day, or it cannot be read.
    """
    if file.suffix.lower() not in SUFFIXES:
        raise click.BadParameter(f"{file.name} ends with {file.suffix or 'nothing'}; allowed are {', '.join(SUFFIXES)}")
    listed = _read(home, day, list_accounts if of_accounts else list_targets)
    path = home.make_private_folder(home.exports) / file if file.parent == Path() else file
    write_list(path, listed)
    click.echo(f"{len(list(listed.rows)):,} {listed.title.lower()} in {path}.")


def _read(home: Home, day: date | None, read: Callable[[Database], Sheet]) -> Sheet:
    if day is not None:
        with read_backup(home, day) as backup:
            return read(backup)
    db = open_home_database(home)
    try:
        return read(db)
    finally:
        db.conn.close()
