"""Dagster resources: configuration and secrets in, plain objects out. Nothing is kept between runs.

Secrets are read from the environment when a step starts, so that no value of theirs ever stands in a run's config.
"""

import logging
import ssl
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from functools import cache, partial
from pathlib import Path

import dagster as dg

from liendea_assets.clients.call_budget import CallBudget
from liendea_assets.clients.dkim_signing import DkimSigner
from liendea_assets.clients.imap import ImapFolder
from liendea_assets.clients.linkedin import API_URL, AUTH_URL, SCOPE, LinkedInApp
from liendea_assets.clients.mailbox import MaildirFolder, MailSource, MboxFile
from liendea_assets.clients.pacing import Pacing
from liendea_assets.clients.rate_limit import OnWait, RateLimiter
from liendea_assets.clients.settings import RateLimits, Windows
from liendea_assets.clients.smtp import SmtpConnection, SmtpServer
from liendea_assets.clients.usage import describe_waiting
from liendea_assets.core.clock import Clock, SystemClock
from liendea_assets.core.environment import environment, read_env_file
from liendea_assets.core.errors import SettingsError
from liendea_assets.core.home import Home, find_home
from liendea_assets.core.settings import load_settings
from liendea_assets.db.connection import Database
from liendea_assets.db.migrations import open_migrated
from liendea_assets.enrichment.provider import Provider
from liendea_assets.enrichment.providers.job_store import JobStore
from liendea_assets.enrichment.providers.load import (
    ProviderFile,
    add_pacing,
    add_windows,
    as_stand_in,
    open_allowance,
    open_provider,
    read_provider_files,
)
from liendea_assets.enrichment.providers.miss_store import MissStore
from liendea_assets.enrichment.settings import EnrichmentSettings
from liendea_assets.enrichment.unusable import UnusableProvider
from liendea_assets.imports.linkedin_account import LinkedInAccount
from liendea_assets.operations.settings import DatabaseSettings
from liendea_assets.outreach.mailboxes import Mailbox, OpenMailboxes, unsigned
from liendea_assets.outreach.settings import InboxSource, OutreachSettings

log = logging.getLogger(__name__)

REACH = "REACH_BASE_URL"
# That variable with this value asks for the built-in stand-in.
SANDBOX = "sandbox"
# Set by who started the sandbox, so that its own limits are in force.
SANDBOX_RUNS = "LIENDEA_SANDBOX"
# Set by who started the sandbox's mail server, which speaks on this machine alone and without encryption.
MAIL_SANDBOX_RUNS = "LIENDEA_MAIL_SANDBOX"
LOG_WAIT_EVERY_S = 10.0
# The default port of each way to encrypt; 587 is that of handing mail in (RFC 6409).
SMTP_PORTS = {"starttls": "587", "tls": "465", "none": "25"}


@dg.resource(description="The home: LIENDEA_HOME, else the project's root.")
def home(_context: dg.InitResourceContext) -> Home:
    return current_home()


@dg.resource(description="The home's database with the schema of this version; a connection of its own for each step.")
def database(_context: dg.InitResourceContext) -> Iterator[Database]:
    db = open_home_database(current_home())
    try:
        yield db
    finally:
        db.conn.close()


@dg.resource(description="The machine's clock.")
def clock(_context: dg.InitResourceContext) -> Clock:
    return SystemClock()


@dg.resource(description="The windows that are in force, of rate_limits.yaml and of the providers that are asked, by service.")
def rate_limits(_context: dg.InitResourceContext) -> Windows:
    home = current_home()
    return add_windows(configured_providers(home), windows_in_force(home))


@dg.resource(description="Who can be asked about contacts; nobody where none is configured.")
def providers(_context: dg.InitResourceContext) -> Iterator[Sequence[Provider]]:
    with open_providers(current_home(), SystemClock()) as configured:
        yield configured


@dg.resource(description="What opens the mailboxes that send, where mail is sent at all.")
def mailboxes(_context: dg.InitResourceContext) -> OpenMailboxes:
    return partial(open_mailboxes, current_home())


@dg.resource(description="The mailboxes that outreach.yaml names, to read what comes back; none where it names none.")
def mail_sources(_context: dg.InitResourceContext) -> Sequence[MailSource]:
    return configured_mailboxes(current_home())


def current_home() -> Home:
    """The home, with its `.env` read."""
    home = find_home()
    read_env_file(home.root)
    return home


def open_home_database(home: Home, *, durable: bool = False) -> Database:
    """The home's database."""
    settings = load_settings(DatabaseSettings, home, "database.yaml")
    return open_migrated(home.below(settings.database.path), durable=durable)


def windows_in_force(home: Home) -> Windows:
    """The windows of each service, and of the sandbox while it stands in for Reach."""
    return load_settings(RateLimits, home, "rate_limits.yaml").in_force(is_sandbox=is_sandbox())


def pacing_in_force(home: Home) -> dict[str, Pacing]:
    """How the calls to a service are spread out, of those where rate_limits.yaml says so."""
    return load_settings(RateLimits, home, "rate_limits.yaml").pacing_in_force(is_sandbox=is_sandbox())


def is_sandbox() -> bool:
    """Whether the sandbox stands in for Reach."""
    return environment(SANDBOX_RUNS) == "1"


def smtp_server() -> SmtpServer | None:
    """The user's mail server; None where none is set."""
    host = environment("SMTP_HOST")
    if not host:
        return None
    return SmtpServer(host, int(environment("SMTP_PORT", "587")), environment("SMTP_USERNAME"), environment("SMTP_PASSWORD"))


def smtp_servers(settings: OutreachSettings) -> dict[str, SmtpServer]:
    """The mailboxes' servers as the environment names them; a mailbox without one is missing.

    Raises:
        SettingsError: a port that is none.
    """
    servers = {}
    for mailbox in settings.all_mailboxes:
        host = environment(f"{mailbox.smtp_env}_HOST")
        if host:
            port = port_of(f"{mailbox.smtp_env}_PORT", SMTP_PORTS[mailbox.security])
            login = (environment(f"{mailbox.smtp_env}_USERNAME"), environment(f"{mailbox.smtp_env}_PASSWORD"))
            security = "none" if environment(MAIL_SANDBOX_RUNS) == "1" else mailbox.security
            servers[mailbox.name] = SmtpServer(host, port, *login, security=security, auth=mailbox.auth)
    return servers


def port_of(name: str, default: str) -> int:
    """A port that the environment names.

    Raises:
        SettingsError: a port that is none.
    """
    found = environment(name, default)
    if not (found.isascii() and found.isdecimal() and 0 < int(found) < 65_536):
        raise SettingsError(f"{name}: found {found}; allowed: a number from 1 to 65535")
    return int(found)


def open_mailboxes(home: Home, settings: OutreachSettings) -> dict[str, Mailbox]:
    """The mailboxes that can send, the one of the settings' first place first; nothing is connected yet.

    Raises:
        SettingsError: a port or a DKIM key is not right.
    """
    servers, found = smtp_servers(settings), {}
    for mailbox in settings.all_mailboxes:
        if mailbox.name in servers:
            signed = mailbox.dkim
            sign = DkimSigner(signed.domain, signed.selector, home.below(signed.key_file)).sign if signed else unsigned
            connection = SmtpConnection(servers[mailbox.name])
            found[mailbox.name] = Mailbox(mailbox.name, mailbox.bounce_address or mailbox.email, connection, sign)
    return found


def configured_mailboxes(home: Home) -> list[MailSource]:
    """The mailboxes of outreach.yaml, with their secrets.

    Raises:
        SettingsError: a file is not right, or a variable is not set.
    """
    return [_mailbox(home, source) for source in load_settings(OutreachSettings, home, "outreach.yaml").inbox.sources]


def _mailbox(home: Home, source: InboxSource) -> MailSource:
    if source.path is not None:
        path = Path(source.path).expanduser()
        found = path if path.is_absolute() else home.below(source.path)
        return MaildirFolder(source.name, found) if source.kind == "maildir" else MboxFile(source.name, found)
    host, username, password = (environment(f"{source.env}_{name}") for name in ("HOST", "USERNAME", "PASSWORD"))
    if not host or not username or not password:
        raise SettingsError(
            f"outreach.yaml: inbox {source.name}: {source.env}_HOST, _USERNAME and _PASSWORD must be set in the environment"
        )
    port = environment(f"{source.env}_PORT", "993" if source.security == "tls" else "143")
    if not port.isdigit():
        raise SettingsError(f"{source.env}_PORT is no number")
    return ImapFolder(
        source.name, host, int(port), username, password, source.folder, source.security, source.auth, _authorities(source.env)
    )


def _authorities(prefix: str) -> ssl.SSLContext | None:
    """A certificate authority of the user's own, for a server that no public one vouches for."""
    file = environment(f"{prefix}_CA_FILE")
    return ssl.create_default_context(cafile=file) if file else None


@contextmanager
def open_providers(home: Home, clock: Clock) -> Iterator[Sequence[Provider]]:
    """The providers that are configured, closed with the block.

    One whose secret is missing, say, or that is the sandbox where nobody started it, is an `UnusableProvider` among the others.

    Raises:
        SettingsError: a file is not right.
    """
    settings = load_settings(EnrichmentSettings, home, "enrichment.yaml")
    files = configured_providers(home)
    if not files:
        yield ()
        return
    with ExitStack() as opened:

        def durable() -> Database:
            """A connection of its own for each who writes: threads of the providers do so at the same time."""
            db = open_home_database(home, durable=True)
            opened.callback(db.conn.close)
            return db

        allowances = {file.name: open_allowance(file, settings, durable(), clock) for file in files}
        limiter = open_limiter(home, durable(), clock, files, [allowance.calls for allowance in allowances.values()])
        tell_wait = cache(lambda key: log_wait(key, limiter, clock))
        max_wait_s = 60.0 * settings.longest_run_minutes

        def open_one(file: ProviderFile) -> Provider:
            jobs, misses = JobStore(durable(), file.name), MissStore(durable(), file.name, settings.miss_ttl_days)
            try:
                secrets = provider_environment(file)
                provider = open_provider(file, secrets, jobs, allowances[file.name], limiter, clock, max_wait_s, tell_wait, misses)
            except SettingsError as problem:
                return UnusableProvider(file.name, problem)
            return opened.enter_context(closing(provider))

        yield tuple(open_one(file) for file in files)


def open_limiter(home: Home, ledger: Database, clock: Clock, files: Sequence[ProviderFile], budgets: Sequence[CallBudget]) -> RateLimiter:
    """The limits of these providers.

    Args:
        ledger: opened durable; nobody else's.
    """
    windows, pacing = add_windows(files, windows_in_force(home)), add_pacing(files, pacing_in_force(home))
    return RateLimiter(ledger, clock, windows, pacing, budgets=budgets)


def configured_providers(home: Home) -> list[ProviderFile]:
    """The files of the providers that are asked, in their order.

    Raises:
        SettingsError: a file is not right.
    """
    first = load_settings(EnrichmentSettings, home, "enrichment.yaml").provider_order
    return [in_place(file) for file in read_provider_files(home, first) if environment(file.settings.base_url)]


def in_place(file: ProviderFile) -> ProviderFile:
    """The file as it is asked: its stand-in's while the sandbox stands in for it."""
    return as_stand_in(file) if is_sandbox() and file.settings.base_url == REACH else file


def provider_environment(file: ProviderFile) -> dict[str, str]:
    """The variables that a provider's file names.

    Raises:
        SettingsError: the sandbox is wanted, and nobody started it.
    """
    base_url = environment(file.settings.base_url)
    if base_url == SANDBOX:
        raise SettingsError(f"{file.settings.base_url} is sandbox, which `liendea run` and `liendea dev` start; here it does not run")
    return {name: environment(name) for name in (file.settings.base_url, *file.settings.auth.variables)}


@contextmanager
def open_linkedin_account(home: Home, clock: Clock, name: str, on_wait: OnWait | None = None) -> Iterator[LinkedInAccount]:
    """A colleague's account at LinkedIn, by the name it has here.

    Raises:
        SettingsError: the name cannot be used.
    """
    app = LinkedInApp(
        environment("LINKEDIN_CLIENT_ID"),
        environment("LINKEDIN_CLIENT_SECRET"),
        environment("LINKEDIN_SCOPE", SCOPE),
        environment("LINKEDIN_AUTH_URL", AUTH_URL),
        environment("LINKEDIN_API_URL", API_URL),
    )
    ledger = open_home_database(home, durable=True)
    try:
        yield LinkedInAccount(name, home, app, ledger, windows_in_force(home), clock, on_wait, pacing_in_force(home))
    finally:
        ledger.conn.close()


def log_wait(service: str, limiter: RateLimiter | None = None, clock: Clock | None = None) -> OnWait:
    """Says in the log what is waited for, now and then; with the limiter and its clock also how much of each window is used."""
    last = 0.0

    def on_wait(seconds: float) -> None:
        nonlocal last
        if time.monotonic() - last >= LOG_WAIT_EVERY_S:
            last = time.monotonic()
            if limiter is None or clock is None:
                log.info("%s: the limits are used up, waiting %.0f s for the next slot", service, seconds)
            else:
                log.info("%s", describe_waiting(limiter.usage(service), service, seconds, clock))

    return on_wait
