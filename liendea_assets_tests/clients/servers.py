"""Servers that behave as they are told: prepared answers over HTTP, bytes on a bare socket, and Reach as a provider in front of one."""

import socket
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from liendea_assets.clients.call_budget import CallBudget
from liendea_assets.clients.rate_limit import RateLimiter
from liendea_assets.core.clock import Clock
from liendea_assets.core.home import default_config
from liendea_assets.core.settings import load_file
from liendea_assets.db.connection import FULL, Database, open_database
from liendea_assets.enrichment.providers.http_provider import HttpProvider
from liendea_assets.enrichment.providers.job_store import JobStore
from liendea_assets.enrichment.providers.load import ProviderFile, open_provider
from liendea_assets.enrichment.providers.settings import ProviderSettings
from liendea_assets.enrichment.spending import Allowance, Purse
from liendea_assets.sandbox.reach_server import TOKEN
from liendea_assets.sandbox.serving import serving

WIDE = ((60, 1_000),)

Speak = Callable[[socket.socket, threading.Event], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it arrived."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


class Scripted:
    """An ASGI application that gives prepared answers in their order and keeps what it was asked."""

    def __init__(self, *answers: Response) -> None:
        self.asked: list[Asked] = []
        self._answers = deque(answers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        body = await request.body()
        self.asked.append(Asked(request.method, request.url.path, dict(request.query_params), dict(request.headers), body))
        answer = self._answers.popleft() if self._answers else PlainTextResponse("nothing was prepared", 418)
        await answer(scope, receive, send)


@contextmanager
def bare_server(speak: Speak, *, reads_first: bool = True) -> Iterator[str]:
    """Reads each request's head and lets `speak` write what it likes, until it returns or the event is set."""
    stopped = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))
    # accept() is not woken by a close in another thread
    listener.settimeout(0.05)

    def serve() -> None:
        while not stopped.is_set():
            with suppress(OSError):
                connection, _ = listener.accept()
                with connection:
                    connection.settimeout(5)
                    head = b""
                    while reads_first and b"\r\n\r\n" not in head and (part := connection.recv(65_536)):
                        head += part
                    speak(connection, stopped)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        stopped.set()
        thread.join(timeout=10)
        listener.close()


def free_port() -> int:
    """A loopback port on which nobody listens, and which only this process will be given.

    A port that is closed again belongs to whoever asks next, and tests run in several processes: one took the port on which another expected
    silence. So it stays bound until the process ends, without listening. Servers bind with SO_REUSEADDR, which on Linux lets them in beside it.
    """
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind(("127.0.0.1", 0))
    port = int(held.getsockname()[1])
    if sys.platform == "linux":
        held.detach()
    else:
        held.close()
    return port


@contextmanager
def reach_at(
    url: str,
    db: Database,
    clock: Clock,
    *,
    windows: tuple[tuple[int, int], ...] = WIDE,
    max_wait_s: float = 600.0,
    deadline_s: float = 5.0,
    token: str = TOKEN,
) -> Iterator[HttpProvider]:
    """Reach as the shipped file describes it, at this address."""
    path = default_config() / "providers" / "reach.yaml"
    settings = load_file(ProviderSettings, path).model_copy(update={"timeout_s": deadline_s})
    environment = {"REACH_BASE_URL": url, "REACH_API_TOKEN": token}
    with another(db) as ledger, another(db) as jobs, another(db) as spending:
        limiter = RateLimiter(ledger, clock, {"reach": windows})
        file = ProviderFile("reach", path, settings)
        allowance = Allowance(Purse(spending, "reach", clock), CallBudget("reach"))
        with closing(open_provider(file, environment, JobStore(jobs, "reach"), allowance, limiter, clock, max_wait_s)) as provider:
            yield provider


@contextmanager
def another(db: Database) -> Iterator[Database]:
    """A connection of its own to the same file, as durable: threads of a provider write while the test does."""
    row = db.conn.execute("PRAGMA database_list").fetchone()
    opened = open_database(Path(row["file"]), durable=db.conn.execute("PRAGMA synchronous").fetchone()[0] == FULL)
    try:
        yield opened
    finally:
        opened.conn.close()


@contextmanager
def reach_of(app: ASGIApp, db: Database, clock: Clock, *, max_wait_s: float = 600.0, token: str = TOKEN) -> Iterator[HttpProvider]:
    """Reach as the shipped file describes it, in front of this application on loopback."""
    with serving(app) as url, reach_at(url, db, clock, max_wait_s=max_wait_s, token=token) as provider:
        yield provider
