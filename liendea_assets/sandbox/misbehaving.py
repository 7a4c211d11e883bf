"""A server that takes its time and misbehaves as it was told: an ASGI application around an honest one.

The honest server is always asked first, so that its windows count every arrival, and its own refusals stand.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from liendea_assets.sandbox.fault_plan import Plan
from liendea_assets.sandbox.turn import CONNECTION, Honest, Tokens, Turn

# The contract does not count these against the limits.
UNCOUNTED = frozenset({"/v1/usage"})
# what the server itself refuses is answered as it is
_REFUSALS = frozenset({400, 401, 429})


@dataclass(slots=True)
class Tally:
    """What arrived, and what became of it.

    Attributes:
        violations: requests over a limit, as the server counts.
        faults: misbehaved so often, by the fault's name.
        latency_s: the times that answers were held back, together.
        first_at, last_at: when the first and the last request were counted, on a clock that only goes forward.
    """

    arrivals: int = 0
    violations: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    latency_s: float = 0.0
    first_at: float = 0.0
    last_at: float = 0.0

    @property
    def took_s(self) -> float:
        """From the first to the last request."""
        return self.last_at - self.first_at

    def tell(self) -> str:
        """For people, in one line."""
        by_name = ", ".join(f"{name} {count:,}" for name, count in sorted(self.faults.items()))
        misbehaved = f", {self.faults.total():,} misbehaved ({by_name})" if by_name else ""
        return f"{self.arrivals:,} requests arrived, {self.violations:,} over a limit{misbehaved}"


class Misbehaving:
    """An ASGI application; `serving` must serve it, which gives it the connections.

    Args:
        app: the honest server.
        uncounted: paths that are answered honestly and at once.
    """

    def __init__(self, app: ASGIApp, plan: Plan | None = None, uncounted: Collection[str] = UNCOUNTED) -> None:
        self.tally = Tally()
        self._app = app
        self._plan = plan or Plan()
        self._uncounted = uncounted
        self._tokens = Tokens()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request, or does not."""
        if scope["type"] != "http" or scope["path"] in self._uncounted:
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        body = await request.body()
        tally = self.tally
        tally.arrivals += 1
        number = tally.arrivals
        before_s, after_s = self._plan.draw_latency(number)
        tally.latency_s += before_s + after_s
        await asyncio.sleep(before_s)
        tally.last_at = time.monotonic()
        tally.first_at = tally.first_at or tally.last_at
        honest = await self._ask_honestly(scope, body)
        tally.violations += honest.status == 429
        await asyncio.sleep(after_s)
        authorization = request.headers.get("authorization", "")
        turn = Turn(number, authorization, honest, self._tokens, scope["extensions"][CONNECTION], send, receive)
        await self._answer(turn, scope)

    async def _answer(self, turn: Turn, scope: Scope) -> None:
        fault = self._plan.draw(turn.number)
        if turn.honest.status in _REFUSALS:
            fault = None
        elif self._tokens.refuse(turn.authorization):
            self.tally.faults["token_refused"] += 1
            await turn.refuse_token()
            return
        if fault is None or not fault.fits(turn):
            await Response(turn.honest.body, turn.honest.status, turn.honest.headers)(scope, turn.receive, turn.send)
            return
        self.tally.faults[fault.name] += 1
        await fault.act(turn)

    async def _ask_honestly(self, scope: Scope, body: bytes) -> Honest:
        started: Message = {}
        parts: list[bytes] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                started.update(message)
            else:
                parts.append(message.get("body", b""))

        await self._app(scope, receive, send)
        headers = {name.decode(): value.decode() for name, value in started["headers"]}
        return Honest(started["status"], headers, b"".join(parts))
