"""The sandbox for as long as a command runs, where the home asks for it."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from liendea_assets.clients.settings import RateLimits
from liendea_assets.core.clock import SystemClock
from liendea_assets.core.environment import environment
from liendea_assets.core.errors import SettingsError
from liendea_assets.core.home import Home
from liendea_assets.core.settings import load_settings
from liendea_assets.outreach.settings import OutreachSettings
from liendea_assets.resources import MAIL_SANDBOX_RUNS, SANDBOX, SANDBOX_RUNS
from liendea_assets.sandbox.correspondents import Correspondents
from liendea_assets.sandbox.fault_plan import Plan, parse_latency, parse_plan
from liendea_assets.sandbox.mail_server import HOST, MailSink, serving_mail
from liendea_assets.sandbox.misbehaving import Misbehaving, Tally
from liendea_assets.sandbox.reach_server import TOKEN, create_app, sample_people
from liendea_assets.sandbox.serving import serving


@contextmanager
def sandbox_if_wanted(home: Home) -> Iterator[Tally | None]:
    """Starts the Reach sandbox on a free loopback port where REACH_BASE_URL is `sandbox`, and points this process at it.

    Yields what the server counted, or None where it was not wanted.

    Raises:
        SettingsError: SANDBOX_FAULTS, SANDBOX_LATENCY or SANDBOX_SEED cannot be read.
    """
    if environment("REACH_BASE_URL") != SANDBOX:
        yield None
        return
    server = create_app(sample_people(), load_settings(RateLimits, home, "rate_limits.yaml").sandbox.windows())
    app = Misbehaving(server, _wanted_plan())
    with serving(app) as url, with_environment({"REACH_BASE_URL": url, "REACH_API_TOKEN": TOKEN, SANDBOX_RUNS: "1"}):
        yield app.tally


@contextmanager
def mail_sandbox_if_wanted(home: Home) -> Iterator[MailSink | None]:
    """Starts the sandbox's mail server where a mailbox's SMTP_HOST is `sandbox`, and points this process at it.

    What it took, and what is still to come back, stays in data/sandbox_mail. Yields None where it was not wanted.

    Raises:
        SettingsError: outreach.yaml is not right, or SANDBOX_SEED cannot be read.
    """
    settings = load_settings(OutreachSettings, home, "outreach.yaml")
    prefixes = sorted({box.smtp_env for box in settings.all_mailboxes if environment(f"{box.smtp_env}_HOST") == SANDBOX})
    if not prefixes:
        yield None
        return
    sink = MailSink(home.make_private_folder(home.data / "sandbox_mail"), Correspondents(_seed()), SystemClock())
    with serving_mail(sink, looks=True) as port:
        told = {"HOST": HOST, "PORT": str(port), "USERNAME": "", "PASSWORD": ""}
        names = {f"{prefix}_{what}": value for prefix in prefixes for what, value in told.items()}
        with with_environment({**names, MAIL_SANDBOX_RUNS: "1"}):
            yield sink


@contextmanager
def with_environment(values: Mapping[str, str]) -> Iterator[None]:
    """Variables of this process and of those that it starts, for as long as the block lasts."""
    former = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in former.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _wanted_plan() -> Plan:
    latency_s = parse_latency(environment("SANDBOX_LATENCY", "0"), "SANDBOX_LATENCY")
    return parse_plan(environment("SANDBOX_FAULTS"), "SANDBOX_FAULTS", seed=_seed(), latency_s=latency_s)


def _seed() -> int:
    seed = environment("SANDBOX_SEED", "0")
    if not (seed.isascii() and seed.isdecimal()):
        raise SettingsError(f"SANDBOX_SEED: found {seed}; allowed: a whole number")
    return int(seed)
