"""`liendea linkedin …`: give access, fetch, forget."""

import secrets
import time
import webbrowser

import click
from rich.console import Console

from liendea_assets.core.clock import SystemClock
from liendea_assets.core.environment import read_env_file
from liendea_assets.core.errors import LiendeaError
from liendea_assets.core.home import Home
from liendea_assets.imports.linkedin_api import FetchReport
from liendea_assets.resources import open_linkedin_account

# Where no terminal rewrites the line, a wait is told this often.
TELL_WAIT_EVERY_S = 60.0


def authorise(home: Home, name: str, port: int, *, opens_browser: bool) -> None:
    """Brings LinkedIn's page before the colleague and waits for the answer."""
    read_env_file(home.root)

    def show(address: str, redirect_uri: str) -> None:
        click.echo(f"Redirect address, as it must stand in your app at LinkedIn: {redirect_uri}")
        if opens_browser and webbrowser.open(address):
            click.echo("LinkedIn's page is open in your browser; give access there. Ctrl-C ends the waiting.")
        else:
            click.echo(f"Open this address in a browser on this machine and give access there:\n{address}")

    with open_linkedin_account(home, SystemClock(), name) as account:
        expires_at = account.authorise(port, secrets.token_urlsafe(32), show)
    click.echo(f"{name} is authorised until {expires_at:%Y-%m-%d}. Next: liendea linkedin fetch --account {name}")


def keep_token(home: Home, name: str, access_token: str) -> None:
    """Keeps a token from LinkedIn's developer portal."""
    read_env_file(home.root)
    with open_linkedin_account(home, SystemClock(), name) as account:
        expires_at = account.keep_token(access_token)
    click.echo(f"The token of {name} is kept; it is good until {expires_at:%Y-%m-%d} at the latest.")


def fetch(home: Home, name: str) -> None:
    """Fetches with progress on standard error, and says what came."""
    read_env_file(home.root)
    shown = _Progress()
    try:
        with (
            shown.console.status("Asking LinkedIn") as shown.status,
            open_linkedin_account(home, SystemClock(), name, shown.wait) as account,
        ):
            report = account.fetch(shown.page)
    except (LiendeaError, KeyboardInterrupt):
        if shown.pages:
            click.echo("What was fetched so far is kept; the same command goes on from there.", err=True)
        raise
    _print(report)


def forget(home: Home, name: str) -> None:
    """Deletes the token."""
    read_env_file(home.root)
    with open_linkedin_account(home, SystemClock(), name) as account:
        was_there = account.forget()
    click.echo(
        f"The token of {name} is deleted. To withdraw the consent as well: LinkedIn, Settings, Data privacy, Permitted services."
        if was_there
        else f"There was no token of {name}."
    )


class _Progress:
    """A line that is rewritten on a terminal; elsewhere a line for each page, and for a long wait now and then."""

    def __init__(self) -> None:
        self.console = Console(stderr=True)
        self.status = self.console.status("")
        self.pages = 0
        self._line = ""
        self._told_at = -TELL_WAIT_EVERY_S

    def page(self, domain: str, pages: int, rows: int) -> None:
        """See `imports.linkedin_api.Progress`."""
        self.pages = max(self.pages, pages)
        self._line = f"{domain}: {pages:,} pages, {rows:,} rows"
        self.status.update(self._line)
        if not self.console.is_terminal:
            click.echo(self._line, err=True)

    def wait(self, seconds: float) -> None:
        """See `clients.rate_limit.OnWait`."""
        text = f"{self._line}; the limits of rate_limits.yaml are used up, the next call is in {seconds:,.0f} s"
        self.status.update(text)
        if not self.console.is_terminal and time.monotonic() - self._told_at >= TELL_WAIT_EVERY_S:
            self._told_at = time.monotonic()
            click.echo(text, err=True)


def _print(report: FetchReport) -> None:
    for domain, rows in report.rows.items():
        click.echo(f"{domain:<16}{'nothing at LinkedIn' if rows is None else f'{rows:,} rows'}")
    news = "it is imported by the next liendea run" if report.is_new else "the same as before, nothing to import"
    click.echo(f"{report.path}: {news}")
