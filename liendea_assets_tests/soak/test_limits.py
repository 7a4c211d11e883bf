"""Four processes and a strict server: no window is ever over, everybody is answered for, and the windows are used."""

import json
import logging
import multiprocessing
import os
from collections import Counter
from pathlib import Path

import pytest

from liendea_assets.clients.rate_limit import RateLimiter
from liendea_assets.db.connection import Database
from liendea_assets.db.migrations import open_migrated
from liendea_assets.sandbox.serving import serving
from liendea_assets_tests.clients.limiter_machine import run_machine
from liendea_assets_tests.clients.processes import ask_and_tell
from liendea_assets_tests.clients.strict_server import fastest_s, strict_server

pytestmark = pytest.mark.soak
log = logging.getLogger(__name__)

STEPS = int(os.environ.get("SOAK_STEPS", "10000"))
LOOKUPS = int(os.environ.get("SOAK_LOOKUPS", "2000"))  # 42 minutes; 150 are over in a minute and a half
WINDOWS = ((2, 10), (20, 40), (600, 500))
LONGEST_S = 1.5
PROCESSES = 4


def test_a_strict_server_sees_no_window_over_and_its_windows_are_used(tmp_path: Path) -> None:
    path, server = tmp_path / "ledger.db", strict_server(WINDOWS, (0.0, LONGEST_S), faults=0.1)
    db = open_migrated(path)
    spawn = multiprocessing.get_context("spawn")
    told = [tmp_path / f"told-{number}.json" for number in range(PROCESSES)]
    with serving(server) as url:
        workers = [
            spawn.Process(target=ask_and_tell, args=(url, path, WINDOWS, range(number, LOOKUPS, PROCESSES), file))
            for number, file in enumerate(told)
        ]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    assert [worker.exitcode for worker in workers] == [0] * PROCESSES

    ends = {number: end for file in told for number, end in json.loads(file.read_text()).items()}
    [(rows, retries, unfinished)] = db.conn.execute(
        "SELECT count(*), sum(is_retry), sum(outcome = 'in flight' OR outcome = 'not finished') FROM rate_limit_tracking"
    )
    db.conn.close()
    tally = server.tally
    arrivals, took_s = tally.arrivals, tally.took_s
    hold_s = tally.latency_s / arrivals
    plain, held = fastest_s(WINDOWS, arrivals) / took_s, fastest_s(WINDOWS, arrivals, hold_s) / took_s
    outcomes = Counter(end.partition(":")[0] for end in ends.values())
    log.info(
        "%d arrivals in %.0f s, %d over a limit; %s, %d retries; %.1f %% of what the windows allow, %.1f %% with slots held for %.2f s",
        *(arrivals, took_s, tally.violations, dict(outcomes), retries, 100 * plain, 100 * held, hold_s),
    )
    assert tally.violations == 0
    assert sorted(map(int, ends)) == list(range(LOOKUPS))
    assert set(outcomes) <= {"answered", "failed"}
    assert outcomes["answered"] > 0.97 * LOOKUPS
    assert (rows, unfinished) == (arrivals, 0)
    assert retries <= 10 + (arrivals - retries) / 10
    # an attempt holds its slot until it has ended, which tells where short windows are all that there is
    assert plain >= 0.97 if took_s > 1_200 else held >= 0.94


def test_nothing_that_happens_in_many_steps_breaks_a_limit(db: Database) -> None:
    steps = 0
    while steps < STEPS:
        steps += run_machine(db, RateLimiter, 100, is_shrunk=True)
    log.info("%d steps", steps)
