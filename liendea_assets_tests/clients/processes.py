"""What the tests of the limiter run in processes of their own; light to import."""

import json
import os
from pathlib import Path

from liendea_assets.clients.rate_limit import RateLimiter
from liendea_assets.core.clock import SystemClock
from liendea_assets.core.errors import PermanentError, TransientError
from liendea_assets.db.migrations import open_migrated
from liendea_assets.enrichment.provider import PersonQuery
from liendea_assets_tests.clients.servers import reach_at

Windows = tuple[tuple[int, int], ...]


def ask(url: str, database: Path, windows: Windows, times: int) -> None:
    """Looks somebody up this many times, as fast as the limits allow."""
    db = open_migrated(database, durable=True)
    with reach_at(url, db, SystemClock(), windows=windows) as reach:
        for number in range(times):
            reach.look_up([PersonQuery(number, reach_id=f"nobody-{number}")])
    db.conn.close()


def ask_and_tell(url: str, database: Path, windows: Windows, numbers: range, told: Path) -> None:
    """Looks up these people, whatever becomes of it, and writes down how each one ended."""
    db = open_migrated(database, durable=True)
    ends: dict[int, str] = {}
    with reach_at(url, db, SystemClock(), windows=windows, max_wait_s=3_600.0) as reach:
        for number in numbers:
            try:
                reach.look_up([PersonQuery(number, reach_id=f"nobody-{number}")])
                ends[number] = "answered"
            except (TransientError, PermanentError) as problem:
                ends[number] = f"failed: {problem}"
    told.write_text(json.dumps(ends))
    db.conn.close()


def die_during_an_attempt(database: Path, windows: Windows, longest_s: float) -> None:
    """Ends as a killed process does: nothing is closed, nothing is recorded."""
    limiter = RateLimiter(open_migrated(database, durable=True), SystemClock(), {"reach": windows})
    with limiter.attempt("reach", "match", longest_s=longest_s, max_wait_s=0):
        os._exit(9)
