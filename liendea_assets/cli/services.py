"""The sandbox for as long as a command runs, where the home asks for it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from liendea_assets.clients.settings import RateLimits
from liendea_assets.core.environment import environment
from liendea_assets.core.errors import SettingsError
from liendea_assets.core.home import Home
from liendea_assets.core.settings import load_settings
from liendea_assets.resources import SANDBOX, SANDBOX_RUNS
from liendea_assets.sandbox.fault_plan import Plan, parse_latency, parse_plan
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
    former = {name: os.environ.get(name) for name in ("REACH_BASE_URL", "REACH_API_TOKEN", SANDBOX_RUNS)}
    with serving(app) as url:
        os.environ.update({"REACH_BASE_URL": url, "REACH_API_TOKEN": TOKEN, SANDBOX_RUNS: "1"})
        try:
            yield app.tally
        finally:
            for name, value in former.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value


def _wanted_plan() -> Plan:
    seed = environment("SANDBOX_SEED", "0")
    if not (seed.isascii() and seed.isdecimal()):
        raise SettingsError(f"SANDBOX_SEED: found {seed}; allowed: a whole number")
    latency_s = parse_latency(environment("SANDBOX_LATENCY", "0"), "SANDBOX_LATENCY")
    return parse_plan(environment("SANDBOX_FAULTS"), "SANDBOX_FAULTS", seed=int(seed), latency_s=latency_s)
