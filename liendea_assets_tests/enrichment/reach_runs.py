"""Whole runs against a Reach server, also in processes of their own; light to import."""

import asyncio
import json
import random
import signal
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from liendea_assets.core.clock import SystemClock
from liendea_assets.db.connection import Database
from liendea_assets.db.migrations import open_migrated
from liendea_assets.enrichment.report import EnrichmentReport
from liendea_assets.enrichment.run import enrich
from liendea_assets.enrichment.settings import EnrichmentSettings
from liendea_assets.sandbox.reach_server import Book
from liendea_assets_tests.clients.servers import reach_at
from liendea_assets_tests.enrichment.rows import LONG_AGO

Windows = Sequence[tuple[int, int]]


class PeopleServer:
    """Knows everybody who is asked for by profile but each seventh, and counts how often each was asked about and answered.

    Args:
        longest_s: an answer takes up to this long; exactly so long where `is_even`.
    """

    def __init__(self, windows: Windows, longest_s: float, *, is_even: bool = False) -> None:
        self.book = Book(windows)
        self.asked: Counter[int] = Counter()
        self.answered: Counter[int] = Counter()
        self.under_way = 0
        self.most_under_way = 0
        self.refuses = False
        self._longest_s = longest_s
        self._is_even = is_even
        self._chance = random.Random(2026)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            await self._respond(scope, receive, send)
        finally:
            self.under_way -= 1

    async def _respond(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        body = await request.body()
        wait_s = self.book.arrive()
        queries = json.loads(body)["people"] if body else [{"ref": "0", **request.query_params}]
        numbers = [int(query["linkedin_url"].rpartition("-")[2]) for query in queries]
        if self.refuses:
            await JSONResponse({"code": "unauthorized", "message": "who is it"}, 401)(scope, receive, send)
            return
        self.asked.update(numbers)
        await asyncio.sleep(self._longest_s if self._is_even else self._chance.uniform(0, self._longest_s))
        await self._answer(wait_s, bool(body), queries, numbers)(scope, receive, send)
        self.answered.update(numbers)

    def _answer(self, wait_s: float | None, is_batch: bool, queries: Sequence[dict[str, str]], numbers: Sequence[int]) -> Response:
        if wait_s is not None:
            return JSONResponse({"code": "throttled", "message": "over"}, 429, {"Retry-After": str(int(wait_s) + 1)})
        known = [
            {"ref": query["ref"], "confidence": 0.9, "person": {"reach_id": f"rch_{number}", "title": f"Title {number}"}}
            for query, number in zip(queries, numbers, strict=True)
            if number % 7
        ]
        if is_batch:
            return JSONResponse({"matches": known})
        return JSONResponse(known[0]) if known else JSONResponse({"code": "not_found", "message": "no match"}, 404)


def add_people(db: Database, count: int) -> list[int]:
    """Contacts with the profiles robin-1, robin-2 and so on; their ids are these numbers."""
    rows = [(number, f"Robin W{number}", f"robin-{number}", LONG_AGO, LONG_AGO) for number in range(1, count + 1)]
    db.conn.executemany("INSERT INTO contacts (id, full_name, linkedin_id, created_at, updated_at) VALUES (?, ?, ?, ?, ?)", rows)
    return [row[0] for row in rows]


def enrich_people(url: str, database: Path, windows: Windows, batch_size: int, minutes: int = 10) -> EnrichmentReport:
    """One run, as a process of a home makes it."""
    db = open_migrated(database, durable=True)

    def tell(done: int, total: int, _left_s: float | None) -> None:
        sys.stdout.write(f"{done} of {total}\n")
        sys.stdout.flush()

    settings = EnrichmentSettings(batch_size=batch_size, longest_run_minutes=minutes)
    with reach_at(url, db, SystemClock(), windows=tuple(map(tuple, windows))) as reach:  # type: ignore[arg-type]
        report = enrich(db, reach, settings, SystemClock(), tell)
    db.conn.close()
    return report


def run_and_tell(url: str, database: Path, windows: Windows, batch_size: int, told: Path) -> None:
    """`enrich_people`, and what it did as JSON."""
    report = enrich_people(url, database, windows, batch_size)
    told.write_text(json.dumps({"asked": report.asked, "stopped": report.stopped}))


if __name__ == "__main__":
    # as `liendea dev` ends its runs; a shell that starts jobs in the background has SIGINT ignored
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    enrich_people(sys.argv[1], Path(sys.argv[2]), json.loads(sys.argv[3]), int(sys.argv[4]))
