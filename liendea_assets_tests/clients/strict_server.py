"""A server that nothing escapes: it counts arrivals on its own clock, takes its time before and after that, and fails now and then."""

import asyncio
import random
import time
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from liendea_assets.sandbox.reach_server import Book

MISS = {"code": "not_found", "message": "no match"}


class StrictServer:
    """An ASGI application; everybody is a miss.

    Args:
        longest_s: an answer takes up to this long, and the arrival is counted somewhere within that time.
        faults: the share of requests that fail: an error, an answer that breaks off, an answer that is none.
    """

    def __init__(self, windows: Sequence[tuple[int, int]], longest_s: float, faults: float, seed: int = 2026) -> None:
        self.book = Book(windows)
        self.arrived_at: list[float] = []
        self.latencies: list[float] = []
        self._longest_s = longest_s
        self._faults = faults
        self._chance = random.Random(seed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await Request(scope, receive).body()
        latency_s, share = self._chance.uniform(0, self._longest_s), self._chance.random()
        is_fault, kind = self._chance.random() < self._faults, self._chance.randrange(3)
        await asyncio.sleep(latency_s * share)
        self.arrived_at.append(time.monotonic())
        self.latencies.append(latency_s)
        wait_s = self.book.arrive()
        await asyncio.sleep(latency_s * (1 - share))
        answer: Response = JSONResponse(MISS, 404)
        if wait_s is not None:
            answer = JSONResponse(MISS, 429, {"Retry-After": str(int(wait_s) + 1)})
        elif is_fault and kind == 0:
            answer = JSONResponse(MISS, 500)
        elif is_fault and kind == 1:
            answer = JSONResponse(MISS, 503, {"Retry-After": "0"})
        elif is_fault:
            await send({"type": "http.response.start", "status": 200, "headers": [(b"transfer-encoding", b"chunked")]})
            # the answer breaks off: the web server closes the connection
            await send({"type": "http.response.body", "body": b'{"half": ', "more_body": True})
            return
        await answer(scope, receive, send)


class SlowServer(StrictServer):
    """Takes the same time for every answer, and counts arrivals at once."""

    def __init__(self, windows: Sequence[tuple[int, int]], latency_s: float) -> None:
        super().__init__(windows, 0.0, 0.0)
        self._latency_s = latency_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.arrived_at.append(time.monotonic())
        wait_s = self.book.arrive()
        await Request(scope, receive).body()
        await asyncio.sleep(self._latency_s)
        await JSONResponse(MISS, 404 if wait_s is None else 429)(scope, receive, send)


def fastest_s(windows: Sequence[tuple[int, int]], calls: int, hold_s: float = 0.0) -> float:
    """Seconds from the first to the last of so many calls at the pace that the windows allow.

    Args:
        hold_s: how long an attempt holds its slot before the window begins to run.
    """
    starts: list[float] = []
    for number in range(calls):
        held = [starts[number - requests] + hold_s + seconds for seconds, requests in windows if number >= requests]
        starts.append(max([*held, *starts[-1:]], default=0.0))
    return starts[-1]
