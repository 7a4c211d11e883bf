"""`liendea preview`: what an import of a file would do, on the user's own terminal, where personal data may be shown."""

from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text

from liendea_assets.core.home import Home
from liendea_assets.core.settings import load_settings
from liendea_assets.imports.preview import PartPreview, Preview, preview
from liendea_assets.imports.settings import ImportSettings
from liendea_assets.operations.reading import read_home_database

SHOWN_MERGES = 20
SHOWN_DECISIONS = 50


def show_preview(home: Home, path: Path, rows: int) -> bool:
    """Prints the preview. Returns whether the file can be imported."""
    settings = load_settings(ImportSettings, home, "imports.yaml")
    with read_home_database(home) as (db, why_unknown):
        found = preview(path, settings, db, rows, why_unknown)
    print_preview(found, Console(highlight=False))
    return found.error is None


def print_preview(found: Preview, console: Console) -> None:
    """Prints what was found; text of the file is never taken for the terminal's own markup."""
    console.print(Text(f"{found.file_name} ({found.kind})", style="bold"))
    if found.note:
        console.print(Text(found.note))
    if found.error is not None:
        console.print(Text(f"cannot be imported: {found.error}"))
    for part in found.parts:
        _print_part(part, console)
    if found.proposal is not None:
        why = "" if found.error is not None else " (columns that are not read resemble fields)"
        console.print(Text(f"\nA mapping to paste into config/imports.yaml, once you have looked at it{why}:\n"))
        # not wrapped: what is pasted must stay as it is
        console.print(Text(found.proposal), soft_wrap=True)
    if found.why_unknown is not None and found.error is None:
        console.print(Text(f"\nwhether rows would join contacts cannot be told: {found.why_unknown}"))
    if len(found.merges):
        known = found.merges["contact_id"].notna()
        console.print(Text(f"\n{int(known.sum())} rows would join contacts, {int((~known).sum())} only each other:"))
        _print_table(found.merges.head(SHOWN_MERGES), console)
    if len(found.decisions):
        console.print(Text("\nwhat it decides:"))
        _print_table(found.decisions.head(SHOWN_DECISIONS), console)
        for effect, count in found.decisions["effect"].value_counts().items():
            console.print(Text(f"{count} {effect}"))


def _print_part(part: PartPreview, console: Console) -> None:
    where = f", header in row {part.header_number}" if part.header_number is not None else ""
    console.print(Text(f"\n{part.part}: mapping {part.mapping}{where}", style="bold"))
    _print_table(part.columns, console)
    if part.unmapped:
        console.print(Text(f"columns that are not read: {', '.join(part.unmapped)}"))
    console.print(Text("\nfirst rows as they would land:"))
    _print_table(_turn(part.first_rows), console)
    console.print(Text("\nrows:"))
    _print_table(part.verdicts, console)
    if len(part.refusals):
        console.print(Text("\nvalues that would be left out:"))
        _print_table(part.refusals, console)


def _turn(rows: pd.DataFrame) -> pd.DataFrame:
    """Fields below each other, rows side by side: a terminal is not as wide as a table of people."""
    turned = rows.astype(object).where(rows.notna(), "").set_index("row_number").T
    return turned.rename(columns=lambda number: f"row {number}").rename_axis("field").reset_index()


def _print_table(frame: pd.DataFrame, console: Console) -> None:
    table = Table()
    for name in frame.columns:
        table.add_column(Text(str(name)))
    for row in frame.astype(object).where(frame.notna(), "").itertuples(index=False):
        table.add_row(*(Text(str(cell)) for cell in row))
    console.print(table)
