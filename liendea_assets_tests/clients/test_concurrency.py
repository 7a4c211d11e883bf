"""Threads that share one client and one limiter: a slow server does not keep them from using the whole budget."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.responses import JSONResponse

from liendea_assets.clients.rate_limit import RateLimiter
from liendea_assets.core.clock import SystemClock
from liendea_assets.core.errors import LimitReached
from liendea_assets.db.connection import Database
from liendea_assets.enrichment.provider import PersonQuery
from liendea_assets.enrichment.providers.http_provider import HttpProvider
from liendea_assets.sandbox.serving import serving
from liendea_assets_tests.clients.servers import Scripted, reach_at
from liendea_assets_tests.clients.strict_server import fastest_s, strict_server
from liendea_assets_tests.conftest import VirtualClock

LATENCY_S = 0.2
THREADS = 24


def look_up(reach: HttpProvider, number: int) -> None:
    reach.look_up([PersonQuery(number, reach_id=str(number))])


def run_at_once(work: Callable[[int], object], times: int) -> None:
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, range(times)))


def test_a_slow_server_is_asked_by_many_threads_within_the_limits(db: Database) -> None:
    """Fifty a second at 200 ms: one after another there would be five."""
    windows, calls = ((3, 150),), 301
    server = strict_server(windows, (LATENCY_S, LATENCY_S))
    with serving(server) as url, reach_at(url, db, SystemClock(), windows=windows) as reach:
        run_at_once(lambda number: look_up(reach, number), calls)
    assert (server.tally.violations, server.tally.arrivals) == (0, calls)
    assert db.table("rate_limit_tracking").count_where("outcome = 'status 404'") == calls
    # a busy machine is no failure; what can be reached is measured by the benchmark
    assert fastest_s(windows, calls, LATENCY_S) / server.tally.took_s > 0.7


def test_an_exchange_that_is_slow_holds_up_no_other_thread(db: Database) -> None:
    server = strict_server(((60, 100),), (0.5, 0.5))
    with serving(server) as url, reach_at(url, db, SystemClock()) as reach:
        began = time.monotonic()
        run_at_once(lambda number: look_up(reach, number), 10)
    assert time.monotonic() - began < 10 * 0.5


def test_a_thread_that_would_wait_too_long_is_told_so_while_another_waits(db: Database) -> None:
    limiter, waiting = RateLimiter(db, SystemClock(), {"reach": ((2, 1),)}), threading.Event()
    with limiter.attempt("reach", "match", longest_s=1, max_wait_s=0):
        pass

    def wait() -> None:
        with limiter.attempt("reach", "match", longest_s=1, max_wait_s=60, on_wait=lambda _: waiting.set()):
            pass

    thread = threading.Thread(target=wait)
    thread.start()
    assert waiting.wait(10)
    with pytest.raises(LimitReached), limiter.attempt("reach", "match", longest_s=1, max_wait_s=0):
        pass
    thread.join()


def test_a_client_that_is_closed_leaves_no_thread(db: Database, clock: VirtualClock) -> None:
    with serving(Scripted(JSONResponse({"code": "x"}, 404))) as url:
        before = threading.active_count()
        with reach_at(url, db, clock) as reach:
            look_up(reach, 1)
            assert threading.active_count() > before
        assert threading.active_count() == before
