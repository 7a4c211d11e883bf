"""The limiter: slots a second beside pyrate-limiter's SQLite bucket, the cost of a long ledger, a whole day, a slow server.

The peer has the same windows over the same number of processes, its own file lock and its own settings (WAL, synchronous NORMAL). Of
ours a slot is two transactions, the attempt and its end; `durable` waits for the disk before each call, as the product does.
"""

import json
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.measure import figures
from benchmarks.peers import require_peers
from liendea_assets.clients.ledger_time import US
from liendea_assets.clients.rate_limit import RateLimiter
from liendea_assets.clients.settings import RateLimits
from liendea_assets.core.clock import SystemClock
from liendea_assets.core.errors import LimitReached
from liendea_assets.db.connection import transaction
from liendea_assets.db.migrations import open_migrated
from liendea_assets.enrichment.provider import PersonQuery
from liendea_assets.sandbox.serving import serving
from liendea_assets_tests.clients.servers import reach_at
from liendea_assets_tests.clients.strict_server import fastest_s, strict_server
from liendea_assets_tests.conftest import VirtualClock

PROCESSES = 4
SECONDS = 5.0
# Never reached: what is measured is the cost of a slot.
WIDE = ((60, 100_000), (3_600, 400_000), (86_400, 900_000))
# Always reached: what is measured is whether it holds.
TIGHT = ((1, 20), (4, 60))
DAY_S = 86_400
# Calls of the last day that are in the ledger when the race begins: none, a day of Reach, a day of a service with a large plan.
FILLS = (0, 5_000, 100_000)
ADD_HISTORY = """
    WITH RECURSIVE numbers (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < :rows)
    INSERT INTO rate_limit_tracking (service, action_type, timestamp, success, outcome, ends_us, number, action_number)
    SELECT 'reach', 'match', strftime('%Y-%m-%d %H:%M:%f', :newest_s - (:rows - number) * :gap_s, 'unixepoch'), 1, 'status 200',
        CAST((:newest_s - (:rows - number) * :gap_s) * 1000000 AS INTEGER), number, number
    FROM numbers
"""
FILL_PEER = """
    WITH RECURSIVE numbers (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < :rows)
    INSERT INTO rate_bucket (name, item_timestamp)
    SELECT 'reach', CAST((:newest_s - (:rows - number) * :gap_s) * 1000 AS INTEGER) FROM numbers
"""


def take_ours(database: Path, windows: tuple[tuple[int, int], ...], *, durable: bool) -> Callable[[], bool]:
    limiter = RateLimiter(open_migrated(database, durable=durable), SystemClock(), {"reach": windows})

    def take() -> bool:
        try:
            with limiter.attempt("reach", "match", longest_s=1, max_wait_s=0) as attempt:
                attempt.outcome, attempt.is_success = "status 200", True
            return True
        except LimitReached:
            return False

    return take


def take_peers(database: Path, windows: tuple[tuple[int, int], ...]) -> Callable[[], bool]:
    """The bucket itself: its `Limiter.try_acquire` raises a TypeError beside filelock 4, which dagster brings."""
    from pyrate_limiter import Rate, RateItem, SQLiteBucket

    rates = [Rate(requests, seconds * 1_000) for seconds, requests in windows]
    bucket = SQLiteBucket.init_from_file(rates, db_path=str(database), use_file_lock=True)
    return lambda: bool(bucket.put(RateItem("reach", bucket.now())))


def work(who: str, database: Path, windows: tuple[tuple[int, int], ...]) -> dict[str, object]:
    """Takes slots as fast as they come, from when it is told to. Tells when each was granted, and the seconds of CPU."""
    take = take_peers(database, windows) if who == "peer" else take_ours(database, windows, durable=who == "durable")
    print("ready", flush=True)
    start_at = float(input())
    time.sleep(max(0.0, start_at - time.monotonic()))
    granted, asked, cpu = [], 0, time.process_time()
    while time.monotonic() < start_at + SECONDS:
        asked += 1
        if take():
            granted.append(time.monotonic())
    return {"granted": granted, "asked": asked, "cpu": time.process_time() - cpu}


def prepare(who: str, database: Path, rows: int) -> None:
    """An own ledger or the peer's, with so many calls in the last day."""
    if who == "peer":
        take_peers(database, WIDE)
        connection = sqlite3.connect(database)
    else:
        connection = open_migrated(database).conn
    if rows:
        # one more gap than rows: the oldest is not yet a day old
        gap_s = (DAY_S - 600) / rows
        connection.execute(FILL_PEER if who == "peer" else ADD_HISTORY, {"rows": rows, "newest_s": int(time.time()) - 1, "gap_s": gap_s})
    connection.commit()
    connection.close()


def race(who: str, windows_name: str, rows: int = 0) -> tuple[float, float, int]:
    """Slots a second over all processes, microseconds of CPU for each, and grants that were over a window."""
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "ledger.db"
        prepare(who, database, rows)
        command = [sys.executable, "-m", "benchmarks.limiter", "work", who, str(database), windows_name]
        processes = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(PROCESSES)]
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        start_at = time.monotonic() + 0.5
        told = [json.loads(told) for told in tell_all(processes, f"{start_at}\n")]
    granted = sorted(moment for one in told for moment in one["granted"])
    windows = {"wide": WIDE, "tight": TIGHT}[windows_name]
    over = sum(later - first < seconds for seconds, requests in windows for first, later in zip(granted, granted[requests:], strict=False))
    return len(granted) / SECONDS, sum(one["cpu"] for one in told) / max(1, len(granted)) * 1e6, over


def tell_all(processes: list["subprocess.Popen[str]"], line: str) -> list[str]:
    """Tells each process a line, and then waits for what they answer."""
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(line)
        process.stdin.flush()
    return [process.communicate()[0] for process in processes]


def cost_of_history(rows: int) -> dict[str, float]:
    """Microseconds of CPU and of time for an attempt, with so many rows in the ledger."""
    with tempfile.TemporaryDirectory() as folder:
        db = open_migrated(Path(folder) / "ledger.db")
        with transaction(db) as connection:
            connection.execute(ADD_HISTORY, {"rows": rows, "newest_s": int(time.time()) - 2 * DAY_S, "gap_s": 0.2})
        db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        limiter, attempts = RateLimiter(db, SystemClock(), {"reach": WIDE}), 3_000
        for _ in range(100):
            spend(limiter)
        began, cpu = time.perf_counter(), time.process_time()
        for _ in range(attempts):
            spend(limiter)
        figures_of = {"cpu": (time.process_time() - cpu) / attempts * US, "time": (time.perf_counter() - began) / attempts * US}
        db.conn.close()
    return figures_of


def spend(limiter: RateLimiter, max_wait_s: float = 0.0, takes_s: float = 0.0, clock: VirtualClock | None = None) -> None:
    with limiter.attempt("reach", "match", longest_s=30, max_wait_s=max_wait_s) as attempt:
        attempt.outcome, attempt.is_success = "status 200", True
        if clock is not None:
            clock.sleep(takes_s)


def calls_in_a_day(seed: int = 2026) -> tuple[int, int]:
    """Calls within a day at the limits of Reach, each taking up to two seconds: by the limiter, and by a loop that sleeps and pauses."""
    chance, clock, calls = random.Random(seed), VirtualClock(), 0
    with tempfile.TemporaryDirectory() as folder:
        db = open_migrated(Path(folder) / "ledger.db")
        limiter = RateLimiter(db, clock, RateLimits().in_force(is_sandbox=False))
        began = clock.now()
        while True:
            try:
                spend(limiter, max_wait_s=DAY_S - (clock.now() - began).total_seconds(), takes_s=chance.uniform(0, 2), clock=clock)
            except LimitReached:
                break
            calls += 1
        db.conn.close()
    slept_s, looped = 0.0, 0
    while slept_s < DAY_S:
        # a minute or two after each call, five to ten after fifty
        looped += 1
        slept_s += chance.uniform(0, 2) + chance.uniform(60, 120) + (chance.uniform(300, 600) if looped % 50 == 0 else 0)
    return calls, looped


def slow_server(calls: int = 6_001, threads: int = 24) -> tuple[float, int]:
    """The share that is used of 3,000 calls a minute at 200 ms, and calls over the limit."""
    windows, latency_s = ((60, 3_000),), 0.2
    server = strict_server(windows, (latency_s, latency_s))
    with tempfile.TemporaryDirectory() as folder:
        db = open_migrated(Path(folder) / "ledger.db", durable=True)
        with serving(server) as url, reach_at(url, db, SystemClock(), windows=windows) as reach, ThreadPoolExecutor(threads) as pool:
            list(pool.map(lambda number: reach.look_up([PersonQuery(number, reach_id=str(number))]), range(calls)))
        db.conn.close()
    return fastest_s(windows, calls) / server.tally.took_s, server.tally.violations


def main() -> None:
    require_peers("pyrate_limiter")
    for rows in FILLS:
        found = {who: race(who, "wide", rows) for who in ("peer", "plain", "durable")}
        peer, peer_cpu, _ = found["peer"]
        for who, name in (("plain", "same settings"), ("durable", "durable, as the product runs")):
            rate, cpu, _ = found[who]
            print(
                f"limiter, {PROCESSES} processes, {rows:,} calls in the day, {name}: {rate:,.0f} attempts a second, {cpu:,.0f} µs of CPU each = "
                f"{rate / peer:.1f} × pyrate-limiter's SQLite bucket with file lock ({peer:,.0f} a second, {peer_cpu:,.0f} µs; goal 10 ×)"
            )
    for who, name in (("plain", "ours"), ("peer", "pyrate-limiter")):
        rate, _, over = race(who, "tight")
        print(f"limiter, {PROCESSES} processes at {TIGHT}: {name} {rate:.1f} a second, {over} over a window (goal 0)")
    few, many = (figures("benchmarks.limiter", "history", rows) for rows in (1_000, 1_000_000))
    print(
        f"limiter, CPU of an attempt with 1,000,000 rows {many['cpu']:.0f} µs, with 1,000 {few['cpu']:.0f} µs: "
        f"{many['cpu'] / few['cpu']:.2f} × (goal at most 2 ×)"
    )
    calls, looped = calls_in_a_day()
    print(
        f"limiter, a day at the limits of Reach: {calls:,} calls (goal 5,000); a loop that sleeps and pauses: {looped:,}, {looped / 24:.0f} an hour"
    )
    share, over = slow_server()
    print(f"limiter, 3,000 calls a minute at 200 ms: {share:.1%} used (goal 95 %), {over} over the limit")


if __name__ == "__main__":
    what = sys.argv[1]
    if what == "work":
        print(json.dumps(work(sys.argv[2], Path(sys.argv[3]), {"wide": WIDE, "tight": TIGHT}[sys.argv[4]])))
    else:
        print(json.dumps(cost_of_history(int(sys.argv[2]))))
