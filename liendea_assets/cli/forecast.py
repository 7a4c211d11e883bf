"""`liendea forecast`: what asking the providers about everybody who is due would take, before anybody is asked."""

from collections.abc import Iterable, Sequence

import click
import pandas as pd
from rich import box
from rich.console import Console
from rich.table import Table

from liendea_assets.cli.services import sandbox_if_wanted
from liendea_assets.core.clock import SystemClock
from liendea_assets.core.environment import read_env_file
from liendea_assets.core.errors import SettingsError
from liendea_assets.core.home import Home
from liendea_assets.core.settings import load_settings
from liendea_assets.enrichment.forecast import as_table, forecast_all
from liendea_assets.enrichment.providers.load import budgets_of_nobody, read_acceptance, read_provider_files
from liendea_assets.enrichment.settings import EnrichmentSettings
from liendea_assets.enrichment.spending_store import read_days
from liendea_assets.enrichment.unusable import UnusableProvider
from liendea_assets.resources import open_home_database, open_providers

SHOWN_DAYS = 7


def print_forecast(home: Home) -> None:
    """Prints some lines for each provider that is asked, and what the last days did cost; nothing is wider than 80 columns.

    Raises:
        SettingsError: a file is not right, or a budget is nobody's.
    """
    read_env_file(home.root)
    clock = SystemClock()
    settings = load_settings(EnrichmentSettings, home, "enrichment.yaml")
    problems = budgets_of_nobody(home, read_provider_files(home), settings)
    if problems:
        raise SettingsError("\n".join(problems))
    with sandbox_if_wanted(home), open_providers(home, clock) as providers:
        db = open_home_database(home)
        forecasts = forecast_all(db, providers, settings, clock, read_acceptance(home))
        spent = read_days(db)
        db.conn.close()
    unusable = [provider for provider in providers if isinstance(provider, UnusableProvider)]
    for one in unusable:
        click.echo(f"{one.name} is not asked: {one.problem}")
    if not forecasts and not unusable:
        click.echo("No provider is configured: nobody would be asked. Set REACH_BASE_URL in .env (sandbox to try it).")
        return
    if not forecasts:
        return
    _print_blocks(as_table(forecasts))
    if settings.contacts_per_run is not None:
        bound = settings.contacts_per_run
        click.echo(f"A run asks each provider about {bound} contacts at most, the most valuable")
        click.echo("first; the sandbox about all.")
    recent = spent[spent["day"].isin(sorted(spent["day"].unique())[-SHOWN_DAYS:])]
    rows = (
        (day, source, f"{calls:,}", f"{people:,}", f"{cost:,.1f}", f"{unsettled:,.1f}")
        for source, day, calls, people, cost, unsettled in recent.itertuples(index=False)
    )
    if len(recent):
        _print("What was spent", ["day (UTC)", "provider", "look-ups", "contacts", "credits", "unsettled"], rows)


def _print_blocks(shown: pd.DataFrame) -> None:
    """A row would not fit into a terminal of 80 columns: the first cell as a heading, the others each in a line of its own."""
    heading, *labels = shown.columns
    width = max(len(label) for label in labels)
    for row in shown.to_dict("records"):
        click.echo(row[heading])
        for label in labels:
            click.echo(f"  {label:<{width}}  {row[label]}")
        click.echo()


def _print(title: str, columns: Sequence[str], rows: Iterable[Iterable[object]]) -> None:
    table = Table(title=title, title_justify="left", box=box.SIMPLE)
    for position, column in enumerate(columns):
        table.add_column(column, justify="left" if position == 0 else "right")
    for row in rows:
        table.add_row(*(str(cell) for cell in row))
    Console().print(table)
