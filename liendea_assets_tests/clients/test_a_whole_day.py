"""A day at the limits that are shipped for Reach: all of it is used, and nothing more."""

import random
from datetime import timedelta

from liendea_assets.clients.rate_limit import RateLimiter
from liendea_assets.clients.settings import RateLimits
from liendea_assets.core.errors import LimitReached
from liendea_assets.db.connection import Database
from liendea_assets_tests.conftest import VirtualClock

DAY_S = 86_400


def test_a_day_has_exactly_the_calls_that_its_window_allows(db: Database, clock: VirtualClock) -> None:
    db.conn.execute("PRAGMA synchronous=OFF")
    limiter, chance, began = RateLimiter(db, clock, RateLimits().in_force(is_sandbox=False)), random.Random(2026), clock.now()
    arrivals = []
    while True:
        left_s = DAY_S - (clock.now() - began).total_seconds()
        try:
            with limiter.attempt("reach", "match", longest_s=30, max_wait_s=left_s):
                takes_s = chance.uniform(0, 2)
                arrivals.append(clock.now() + timedelta(seconds=takes_s * chance.random()))
                clock.sleep(takes_s)
        except LimitReached:
            break
    assert len(arrivals) == 5_000
    # ten a minute and 400 an hour would allow more; the day's window is the one that is left
    assert arrivals[399] - began < timedelta(minutes=50)
    assert timedelta(hours=12) < arrivals[-1] - began < timedelta(hours=12.7)
    for seconds, requests in ((60, 10), (3_600, 400)):
        for first, one_too_many in zip(arrivals, arrivals[requests:], strict=False):
            assert one_too_many - first >= timedelta(seconds=seconds)
