"""Whole runs of the enrichment: how much of a provider's limit is used end to end, with the answers in the database."""

import tempfile
import time
from pathlib import Path

from liendea_assets.core.clock import SystemClock
from liendea_assets.db.migrations import open_migrated
from liendea_assets.enrichment import store
from liendea_assets.enrichment.run import enrich
from liendea_assets.enrichment.settings import EnrichmentSettings
from liendea_assets.sandbox.serving import serving
from liendea_assets_tests.clients.servers import reach_at
from liendea_assets_tests.clients.strict_server import fastest_s, strict_server
from liendea_assets_tests.enrichment.reach_runs import add_people

WINDOWS = ((60, 3_000),)
LATENCY_S = 0.2


def whole_run(calls: int = 6_001) -> tuple[float, int, float]:
    """The share that is used of 3,000 calls a minute at 200 ms, calls over the limit, and the CPU that a call cost in milliseconds.

    One person a call. The server runs in the same process, so its work is in the figures.
    """
    server = strict_server(WINDOWS, (LATENCY_S, LATENCY_S))
    with tempfile.TemporaryDirectory() as folder:
        db = open_migrated(Path(folder) / "liendea.db", durable=True)
        add_people(db, calls)
        cpu = time.process_time()
        with serving(server) as url, reach_at(url, db, SystemClock(), windows=WINDOWS) as reach:
            report = enrich(db, reach, EnrichmentSettings(batch_size=1), SystemClock(), lambda *_: None)
        cpu = time.process_time() - cpu
        stored = sum(store.count_answers(db).values())
        rows = db.table("rate_limit_tracking").count
        db.conn.close()
    if not report.asked == stored == rows == server.tally.arrivals == calls:
        raise SystemExit(f"{calls} were to be asked about; {report.asked} were, {stored} are stored, {rows} rows; {report.stopped}")
    return fastest_s(WINDOWS, calls) / server.tally.took_s, server.tally.violations, cpu / calls * 1_000


def main() -> None:
    share, over, cpu_ms = whole_run()
    print(
        f"enrichment, a whole run at 3,000 calls a minute and 200 ms: {share:.1%} used (goal 95 %), {over} over the limit, {cpu_ms:.1f} ms of CPU a call"
    )
