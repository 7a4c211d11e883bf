"""The commands. Nothing heavy is imported before a command needs it, so that --help answers at once."""

import sys
from pathlib import Path

import click

from liendea_assets import __version__
from liendea_assets.core.errors import LiendeaError
from liendea_assets.core.home import Home, find_home

# what a command's exit code says; 2 is click's own for wrong usage
FAILED = 1


class _Commands(click.Group):
    """Shows the package's own errors as one clear message."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except LiendeaError as error:
            click.echo(f"liendea: {error}", err=True)
            sys.exit(FAILED)


def _home(given: Path | None) -> Home:
    home = find_home(given)
    if not home.config.is_dir():
        raise click.UsageError(f"{home.root} is no home (it has no config folder). Make one with: liendea init {home.root}")
    return home


_home_option = click.option(
    "--home",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder with config/ and data/. Default: LIENDEA_HOME, else the project's root.",
)


@click.group(cls=_Commands)
@click.version_option(__version__, prog_name="liendea")
def liendea() -> None:
    """From LinkedIn exports and GTM spreadsheets to a ranked, explained and lawful outreach list."""


@liendea.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@click.option("--sample", is_flag=True, help="Add the invented sample inbox, and let the sandbox stand in for Reach.")
def init(directory: Path, sample: bool) -> None:
    """Make a new home in DIRECTORY, with commented default config. What is there already is left as it is."""
    from liendea_assets.cli.init import make_home

    for line in make_home(Home(directory.expanduser().resolve()), with_sample=sample):
        click.echo(line)


@liendea.command()
@_home_option
def run(home: Path | None) -> None:
    """Materialise everything once and print what came out.

    Exit code 0: every asset and every check passed, warnings apart. 1: an asset or a blocking check failed. 3: everything ran, but
    another check failed; the summary says which (a file that could not be imported, for example).
    """
    from liendea_assets.cli.run import run_once

    sys.exit(run_once(_home(home)))


@liendea.command()
@_home_option
@click.option("--port", type=click.IntRange(1, 65535), default=3000, show_default=True, help="Loopback port of the UI.")
def dev(home: Path | None, port: int) -> None:
    """Open the Dagster UI with its daemon (schedules and sensors) on this machine. Ctrl-C ends it."""
    from liendea_assets.cli.dev import serve

    sys.exit(serve(_home(home), port))


_account_option = click.option("--account", default="me", show_default=True, help="A name of yours for the colleague whose data it is.")


@liendea.group()
def linkedin() -> None:
    """A colleague's own data through LinkedIn's Member Data Portability API (EEA and Switzerland; see docs/linkedin.md)."""


@linkedin.command()
@_home_option
@_account_option
@click.option("--port", type=click.IntRange(1, 65535), default=8765, show_default=True, help="Loopback port of the redirect address.")
@click.option("--no-browser", is_flag=True, help="Print the address of LinkedIn's page instead of opening it.")
@click.option("--paste-token", is_flag=True, help="Take a token from the token generator of LinkedIn's developer portal.")
def authorise(home: Path | None, account: str, port: int, no_browser: bool, paste_token: bool) -> None:
    """Let the colleague give access at LinkedIn; the token is kept encrypted in this home."""
    from liendea_assets.cli import linkedin as commands

    if paste_token:
        commands.keep_token(_home(home), account, click.prompt("Token", hide_input=True))
    else:
        commands.authorise(_home(home), account, port, opens_browser=not no_browser)


@linkedin.command()
@_home_option
@_account_option
def fetch(home: Path | None, account: str) -> None:
    """Fetch the data into data/inbox, within rate_limits.yaml. Stop it at any time; it goes on where it stopped."""
    from liendea_assets.cli import linkedin as commands

    commands.fetch(_home(home), account)


@linkedin.command()
@_home_option
@_account_option
def forget(home: Path | None, account: str) -> None:
    """Delete the token and what of a fetch is not imported yet. What was imported stays."""
    from liendea_assets.cli import linkedin as commands

    commands.forget(_home(home), account)
