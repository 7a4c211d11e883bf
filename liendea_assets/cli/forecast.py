"""`liendea forecast`: what asking the providers about everybody who is due would take, before anybody is asked."""

from collections.abc import Iterable, Sequence

import click
from rich.console import Console
from rich.table import Table

from liendea_assets.cli.services import sandbox_if_wanted
from liendea_assets.core.clock import SystemClock
from liendea_assets.core.environment import read_env_file
from liendea_assets.core.home import Home
from liendea_assets.core.settings import load_settings
from liendea_assets.enrichment.forecast import as_table, forecast_all
from liendea_assets.enrichment.providers.load import add_windows, read_acceptance
from liendea_assets.enrichment.settings import EnrichmentSettings
from liendea_assets.enrichment.spending_store import read_days
from liendea_assets.enrichment.unusable import UnusableProvider
from liendea_assets.resources import configured_providers, open_home_database, open_providers, windows_in_force

SHOWN_DAYS = 7


def print_forecast(home: Home) -> None:
    """Prints a row for each provider that is asked, and what the last days did cost.

    Raises:
        SettingsError: a file is not right.
    """
    read_env_file(home.root)
    clock = SystemClock()
    settings = load_settings(EnrichmentSettings, home, "enrichment.yaml")
    with sandbox_if_wanted(home), open_providers(home, clock) as providers:
        db = open_home_database(home)
        windows = add_windows(configured_providers(home), windows_in_force(home))
        forecasts = forecast_all(db, providers, settings, clock, windows, read_acceptance(home))
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
    shown = as_table(forecasts)
    _print("What is due", list(shown.columns), shown.itertuples(index=False))
    if settings.contacts_per_run is not None:
        bound = settings.contacts_per_run
        click.echo(f"A run asks each provider about {bound} contacts at most, the most valuable first; the sandbox about all.")
    recent = spent[spent["day"].isin(sorted(spent["day"].unique())[-SHOWN_DAYS:])]
    rows = (
        (day, source, f"{calls:,}", f"{people:,}", f"{cost:,.1f}", f"{unsettled:,.1f}")
        for source, day, calls, people, cost, unsettled in recent.itertuples(index=False)
    )
    if len(recent):
        _print("What was spent", ["day (UTC)", "provider", "look-ups", "contacts", "credits", "of these unsettled"], rows)


def _print(title: str, columns: Sequence[str], rows: Iterable[Iterable[object]]) -> None:
    table = Table(title=title, title_justify="left")
    for position, column in enumerate(columns):
        table.add_column(column, justify="left" if position == 0 else "right")
    for row in rows:
        table.add_row(*(str(cell) for cell in row))
    Console().print(table)
