"""A Reach server that keeps the contract's limits strictly, on its own clock, and knows most people of the sample.

Contract: docs/reach-openapi.yaml. It is an ASGI application of its own and shares no code with the client. Beyond the contract it gives
tokens for OAuth2 client credentials at `/v1/token`, so that a client can be tried whose token expires.
"""

import json
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import resources
from typing import Any
from urllib.parse import parse_qs, urlsplit

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

TOKEN = "sandbox-token"  # noqa: S105 of a server that knows invented people only
LARGEST_BATCH = 25
TOKEN_LIVES_S = 3_600

Windows = Sequence[tuple[int, int]]


def sample_people() -> list[dict[str, Any]]:
    """The invented people that the sandbox knows, as `Match` objects of the contract."""
    text = resources.files("liendea_assets.sandbox").joinpath("sample/people.json").read_text(encoding="utf-8")
    people: list[dict[str, Any]] = json.loads(text)
    return people


class Book:
    """Counts arrivals in sliding windows. A request over a limit is refused, and counts as a violation.

    Args:
        seconds: a clock that only goes forward.
    """

    def __init__(self, windows: Windows, seconds: Callable[[], float] = time.monotonic) -> None:
        self.windows = tuple(windows)
        self.arrivals = 0
        self.violations = 0
        self._seconds = seconds
        self._times: deque[float] = deque()
        self._lock = threading.Lock()

    def arrive(self) -> float | None:
        """Notes a request. Returns the seconds to wait where it is over a limit, else None."""
        now = self._seconds()
        with self._lock:
            while self._times and self._times[0] <= now - max(seconds for seconds, _ in self.windows):
                self._times.popleft()
            self.arrivals += 1
            is_over = any(self._used(seconds, now) >= limit for seconds, limit in self.windows)
            self._times.append(now)
            if not is_over:
                return None
            self.violations += 1
            # this request counts for whoever comes next
            return max(self._times[-limit] + seconds - now for seconds, limit in self.windows if self._used(seconds, now) >= limit)

    def usage(self) -> list[dict[str, int]]:
        """As `/v1/usage` shows it."""
        now = self._seconds()
        with self._lock:
            return [{"seconds": seconds, "limit": limit, "used": self._used(seconds, now)} for seconds, limit in self.windows]

    def _used(self, seconds: int, now: float) -> int:
        return sum(1 for moment in self._times if moment > now - seconds)


class Directory:
    """Finds people by any key that the contract names."""

    def __init__(self, people: Iterable[dict[str, Any]]) -> None:
        self._by_key: dict[tuple[str, ...], dict[str, Any]] = {}
        for match in people:
            for key in _keys_of(match):
                self._by_key.setdefault(key, match)

    def find(self, query: Mapping[str, str]) -> dict[str, Any] | None:
        """The match, by the strongest key first."""
        found = (self._by_key.get(key) for key in _keys_of_query(query))
        return next((match for match in found if match is not None), None)


def create_app(people: Iterable[dict[str, Any]], windows: Windows, token: str = TOKEN) -> Starlette:
    """The server; `app.state.book` counts what arrived."""
    directory, book = Directory(people), Book(windows)
    known = [f"Bearer {token}"]

    def refuse(request: Request) -> Response | None:
        if request.headers.get("authorization") not in known:
            return _problem(401, "unauthorized", "the bearer token is not known")
        return refuse_over_limit()

    def refuse_over_limit() -> Response | None:
        wait = book.arrive()
        if wait is not None:
            return _problem(429, "throttled", "over a limit", {"Retry-After": str(int(wait) + 1)})
        return None

    async def give_token(request: Request) -> Response:
        refusal = refuse_over_limit()
        if refusal is not None:
            return refusal
        form = parse_qs((await request.body()).decode("utf-8", "replace"))
        if form.get("grant_type") != ["client_credentials"] or form.get("client_secret") != [token]:
            return _problem(401, "invalid_client", "the client is not known")
        given = f"{token}-{len(known)}"
        known.append(f"Bearer {given}")
        return JSONResponse({"access_token": given, "token_type": "Bearer", "expires_in": TOKEN_LIVES_S})

    async def match(request: Request) -> Response:
        refusal = refuse(request)
        if refusal is not None:
            return refusal
        query = dict(request.query_params)
        if not _keys_of_query(query):
            return _problem(400, "bad_request", "give reach_id, email, linkedin_url, or a name with company or domain")
        found = directory.find(query)
        return JSONResponse(found) if found else _problem(404, "not_found", "no match")

    async def match_batch(request: Request) -> Response:
        refusal = refuse(request)
        if refusal is not None:
            return refusal
        try:
            people_asked = (await request.json())["people"]
            queries = [(str(person["ref"]), dict(person)) for person in people_asked]
        except (ValueError, KeyError, TypeError):
            return _problem(400, "bad_request", "the body must be {people: [{ref, …}]}")
        if len(queries) > LARGEST_BATCH:
            return _problem(400, "bad_request", f"at most {LARGEST_BATCH} people")
        matches = [{"ref": ref, **found} for ref, query in queries if (found := directory.find(query))]
        return JSONResponse({"matches": matches[::-1]})

    async def usage(_request: Request) -> Response:
        return JSONResponse({"windows": book.usage()})

    app = Starlette(
        routes=[
            Route("/v1/people/match", match, methods=["GET"]),
            Route("/v1/people/match:batch", match_batch, methods=["POST"]),
            Route("/v1/usage", usage, methods=["GET"]),
            Route("/v1/token", give_token, methods=["POST"]),
        ]
    )
    app.state.book = book
    return app


def _keys_of(match: Mapping[str, Any]) -> list[tuple[str, ...]]:
    person, company = match["person"], match.get("company") or {}
    return _keys_of_query(
        {
            "reach_id": person["reach_id"],
            "email": person.get("work_email") or "",
            "linkedin_url": person.get("linkedin_url") or "",
            "first_name": person.get("first_name") or "",
            "last_name": person.get("last_name") or "",
            "company": company.get("name") or "",
            "domain": company.get("domain") or "",
        }
    )


def _keys_of_query(query: Mapping[str, str]) -> list[tuple[str, ...]]:
    low = {name: str(value).strip().lower() for name, value in query.items() if value}
    keys: list[tuple[str, ...]] = [(name, low[name]) for name in ("reach_id", "email") if name in low]
    if "linkedin_url" in low:
        keys.append(("linkedin", urlsplit(low["linkedin_url"]).path.rstrip("/").rpartition("/")[2]))
    if "first_name" in low and "last_name" in low:
        keys += [("name", low["first_name"], low["last_name"], low[name]) for name in ("domain", "company") if name in low]
    return keys


def _problem(status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> Response:
    return JSONResponse({"code": code, "message": message}, status_code=status, headers=dict(headers or {}))
