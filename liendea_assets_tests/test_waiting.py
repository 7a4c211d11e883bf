"""What a run says while it waits; Dagster takes these lines into its event log, and the terminal shows them beside the bar."""

import logging

import pytest

from liendea_assets.clients.rate_limit import RateLimiter
from liendea_assets.db.connection import Database
from liendea_assets.resources import log_wait
from liendea_assets_tests.conftest import VirtualClock


def test_a_wait_is_told_with_its_end_and_the_budget(db: Database, clock: VirtualClock, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "liendea_assets")
    limiter = RateLimiter(db, clock, {"reach": ((60, 1), (3_600, 400))})
    for _ in range(2):
        with limiter.attempt("reach", "match", longest_s=1, max_wait_s=61, on_wait=log_wait("reach", limiter, clock)):
            pass
    assert caplog.messages[-1] == ("reach: waiting 60 s for the next slot, until 09:01:00 UTC; used 1 of 1 a minute, 1 of 400 an hour")
    assert caplog.records[-1].name.startswith("liendea_assets")


def test_it_is_not_told_more_often_than_anybody_reads(db: Database, clock: VirtualClock, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "liendea_assets")
    on_wait = log_wait("linkedin")
    before = len(caplog.messages)
    for seconds in (50.0, 40.0, 30.0):
        on_wait(seconds)
    assert caplog.messages[before:] == ["linkedin: the limits are used up, waiting 50 s for the next slot"]
