"""`liendea desk`: the private desk and the public pages, in one process."""

import getpass
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from types import FrameType

import click
import uvicorn
from starlette.types import ASGIApp

from liendea_assets.cli.services import sandbox_if_wanted
from liendea_assets.clients.usage import WindowUsage, read_usage
from liendea_assets.core.clock import Clock, SystemClock
from liendea_assets.core.environment import read_env_file
from liendea_assets.core.errors import SettingsError
from liendea_assets.core.home import Home
from liendea_assets.core.settings import load_settings
from liendea_assets.db.connection import Database, open_database
from liendea_assets.enrichment.budget_use import BudgetUse, read_budget_use
from liendea_assets.enrichment.forecast import Forecast, forecast_all
from liendea_assets.enrichment.providers.load import add_windows, read_acceptance
from liendea_assets.enrichment.settings import EnrichmentSettings
from liendea_assets.enrichment.unusable import UnusableProvider
from liendea_assets.operations.settings import DatabaseSettings
from liendea_assets.outreach.settings import OutreachSettings
from liendea_assets.resources import configured_providers, open_home_database, open_providers, windows_in_force
from liendea_assets.web.desk import create_desk
from liendea_assets.web.public import Public, create_public
from liendea_assets.web.session import Sessions
from liendea_assets.web.view import Desk

STOP_WITHIN_S = 3


def serve_desk(home: Home, port: int, public_port: int) -> None:
    """Serves until Ctrl-C or SIGTERM.

    Raises:
        SettingsError: a port is taken, or a config file is not right.
    """
    read_env_file(home.root)
    signal.signal(signal.SIGTERM, _interrupt)
    with ExitStack() as stack:
        stack.enter_context(sandbox_if_wanted(home))
        for line in stack.enter_context(desk_running(home, port, public_port)):
            click.echo(line)
        click.echo("Ctrl-C ends it.")
        with suppress(KeyboardInterrupt):
            threading.Event().wait()


@contextmanager
def desk_running(home: Home, port: int, public_port: int, options: tuple[str, str] = ("--port", "--public-port")) -> Iterator[list[str]]:
    """Both applications, in threads of this process, for as long as the block lasts. Yields lines that say where they are.

    Args:
        options: what to give other ports with where they are taken.

    Raises:
        SettingsError: a port is taken.
    """
    open_home_database(home).conn.close()
    with ExitStack() as stack:
        clock = SystemClock()
        stack.enter_context(serving_at(create_desk(make_desk(home, port, clock), port), port, options[0]))
        settings = load_settings(OutreachSettings, home, "outreach.yaml").public
        public = create_public(Public(home, clock, database_opener(home), settings))
        stack.enter_context(serving_at(public, public_port, options[1]))
        yield [
            f"Desk: {login_link(home, port)}  (logs in once)",
            f"Public pages: http://127.0.0.1:{public_port}, {f'reached at {settings.base_url}' if settings.base_url else 'not used yet'}",
        ]


def make_desk(home: Home, port: int, clock: Clock) -> Desk:
    """The desk of a home."""

    def forecast(db: Database) -> tuple[Sequence[Forecast], Mapping[str, str]]:
        settings = load_settings(EnrichmentSettings, home, "enrichment.yaml")
        with open_providers(home, clock) as providers:
            unusable = {one.name: str(one.problem) for one in providers if isinstance(one, UnusableProvider)}
            return forecast_all(db, providers, settings, clock, read_acceptance(home)), unusable

    def usage(db: Database) -> list[WindowUsage]:
        return read_usage(db, clock, add_windows(configured_providers(home), windows_in_force(home)), {})

    def budgets(db: Database) -> list[BudgetUse]:
        settings = load_settings(EnrichmentSettings, home, "enrichment.yaml")
        asked = [file for file in configured_providers(home) if not file.is_stand_in]
        return read_budget_use(db, {file.payer: settings.budgets[file.name] for file in asked if file.name in settings.budgets}, clock)

    return Desk(home, clock, Sessions(home, port), database_opener(home), forecast, usage, budgets, _user())


def database_opener(home: Home) -> Callable[[], Database]:
    """Opens the home's database, which has been brought to the schema of this version already."""
    path = home.below(load_settings(DatabaseSettings, home, "database.yaml").database.path)
    return lambda: open_database(path)


def login_link(home: Home, port: int) -> str:
    """A link that logs in at the desk of this home and port, once."""
    return f"http://127.0.0.1:{port}/login?token={Sessions(home, port).new_link_token(SystemClock().now())}"


@contextmanager
def serving_at(app: ASGIApp, port: int, option: str) -> Iterator[None]:
    """Serves an application at a loopback port, in a thread.

    Raises:
        SettingsError: the port is taken.
    """
    try:
        listener = socket.create_server(("127.0.0.1", port))
    except OSError:
        raise SettingsError(f"port {port} is taken; give another one with {option}") from None
    config = uvicorn.Config(
        app, log_level="warning", lifespan="off", ws="none", access_log=False, server_header=False, timeout_graceful_shutdown=STOP_WITHIN_S
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name=f"web {port}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(timeout=STOP_WITHIN_S + 2)
        listener.close()


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
