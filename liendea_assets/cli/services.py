"""The sandbox for as long as a command runs, where the home asks for it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from liendea_assets.clients.settings import RateLimits
from liendea_assets.core.environment import environment
from liendea_assets.core.home import Home
from liendea_assets.core.settings import load_settings
from liendea_assets.resources import SANDBOX, SANDBOX_RUNS
from liendea_assets.sandbox.reach_server import TOKEN, Book, create_app, sample_people
from liendea_assets.sandbox.serving import serving


@contextmanager
def sandbox_if_wanted(home: Home) -> Iterator[Book | None]:
    """Starts the Reach sandbox on a free loopback port where REACH_BASE_URL is `sandbox`, and points this process at it.

    Yields what the server counted, or None where it was not wanted.
    """
    if environment("REACH_BASE_URL") != SANDBOX:
        yield None
        return
    app = create_app(sample_people(), load_settings(RateLimits, home, "rate_limits.yaml").sandbox.windows())
    former = {name: os.environ.get(name) for name in ("REACH_BASE_URL", "REACH_API_TOKEN", SANDBOX_RUNS)}
    with serving(app) as url:
        os.environ.update({"REACH_BASE_URL": url, "REACH_API_TOKEN": TOKEN, SANDBOX_RUNS: "1"})
        try:
            yield app.state.book
        finally:
            for name, value in former.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value
