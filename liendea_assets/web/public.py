"""The public pages: unsubscribing, links of messages, an optional picture. They know no cookie, no name and no page of the desk.

To be put behind the user's own HTTPS server. A token tells nothing of whom it stands for, and neither does any answer.
"""

import base64
import logging
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from liendea_assets.core.clock import Clock
from liendea_assets.core.home import Home
from liendea_assets.db.connection import Database, is_locked
from liendea_assets.outreach.opt_out import unsubscribe
from liendea_assets.outreach.settings import PublicSettings
from liendea_assets.outreach.visits import follow_link, is_known, note_open
from liendea_assets.web.forms import read_form
from liendea_assets.web.headers import WithHeaders
from liendea_assets.web.rendering import render
from liendea_assets.web.request_rate import RequestRate

log = logging.getLogger(__name__)

STYLE = Path(__file__).parent / "static" / "public.css"
POLICY = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
MOST_BYTES = 10_000
MOST_REQUESTS = 3_000
# a token cannot be guessed; who tries is not worth an answer
MOST_UNKNOWN = 60
# An import may keep the database for longer than one waiting time; an opt-out is worth waiting for.
TRIES = 3
GIF = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Public:
    """What the public pages are given.

    Attributes:
        open_db: a connection of its own for each request.
    """

    home: Home
    clock: Clock
    open_db: Callable[[], Database]
    settings: PublicSettings
    requests: RequestRate = field(default_factory=lambda: RequestRate(MOST_REQUESTS))
    unknown: RequestRate = field(default_factory=lambda: RequestRate(MOST_UNKNOWN))


def create_public(public: Public) -> ASGIApp:
    """The application. Hosts are that of `base_url`, and this machine's own names."""
    routes = [
        Route("/u/{token}", _ask, methods=["GET"]),
        Route("/u/{token}", _unsubscribe, methods=["POST"]),
        Route("/c/{token}", _follow, methods=["GET"]),
        Route("/o/{token}", _open, methods=["GET"]),
        Route("/public.css", _style, methods=["GET"]),
    ]
    app = Starlette(routes=routes, exception_handlers={HTTPException: _refuse, 500: _fail})
    app.state.public = public
    named = urlsplit(public.settings.base_url).hostname if public.settings.base_url else None
    hosts = TrustedHostMiddleware(app, [*([named] if named else []), "127.0.0.1", "localhost"], www_redirect=False)
    headers = {
        "content-security-policy": POLICY,
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "x-robots-tag": "noindex, nofollow",
        "cache-control": "no-store",
    }
    return WithHeaders(hosts, headers)


def _ask(request: Request) -> Response:
    """Shows a page with a button. Scanners of mail fetch links, so that looking changes nothing."""
    public = _admit(request)
    is_there = _with_db(public, lambda db: is_known(db, request.path_params["token"]))
    return _answer(request, "unsubscribe.html", is_there=is_there)


async def _unsubscribe(request: Request) -> Response:
    """By the page's button, or by a mail program's one click (RFC 8058)."""
    public: Public = request.app.state.public
    form = await read_form(request, MOST_BYTES)
    if form.text("List-Unsubscribe") != "One-Click" and form.text("confirm") != "yes":
        raise HTTPException(400, "the form is not complete")
    return await run_in_threadpool(_unsubscribe_now, request, public)


def _unsubscribe_now(request: Request, public: Public) -> Response:
    token = request.path_params["token"]
    is_there = _with_db(public, lambda db: unsubscribe(db, public.home.data / "secret.key", token, public.clock.now()))
    return _answer(request, "unsubscribed.html", is_there=is_there)


def _follow(request: Request) -> Response:
    """Leads to the address that stands in the database, never to one that the request names."""
    public = _admit(request)
    token, is_counted = request.path_params["token"], request.method == "GET"
    url = _with_db(public, lambda db: follow_link(db, token, public.clock.now(), is_counted=is_counted))
    if url is None:
        return _answer(request, "no_link.html", is_there=False)
    return RedirectResponse(url, status_code=302)


def _open(request: Request) -> Response:
    """A picture of one pixel, whatever is asked for."""
    public = _admit(request)
    is_there = False
    if public.settings.open_pixel and request.method == "GET":
        is_there = _with_db(public, lambda db: note_open(db, request.path_params["token"], public.clock.now()))
    if not is_there and request.method == "GET":
        _count_unknown(request)
    return Response(GIF, media_type="image/gif", status_code=200 if is_there or request.method == "HEAD" else 404)


async def _style(_request: Request) -> Response:
    return FileResponse(STYLE, media_type="text/css")


def _admit(request: Request) -> Public:
    public: Public = request.app.state.public
    now, client = public.clock.now(), _client(request)
    public.requests.count(client, now)
    if public.requests.is_over(client, now):
        raise HTTPException(429, "too many requests", headers={"retry-after": "60"})
    return public


def _count_unknown(request: Request) -> None:
    """Whoever has a token is answered all the same: behind a proxy that names nobody, all are one client."""
    public: Public = request.app.state.public
    now, client = public.clock.now(), _client(request)
    public.unknown.count(client, now)
    if public.unknown.is_over(client, now):
        raise HTTPException(429, "too many requests", headers={"retry-after": "60"})


def _answer(request: Request, template: str, *, is_there: bool) -> Response:
    """The same page whether there is such a token or not; only the status says it."""
    if not is_there:
        _count_unknown(request)
    return HTMLResponse(render(template), status_code=200 if is_there else 404)


def _with_db(public: Public, work: Callable[[Database], T]) -> T:
    for left in reversed(range(TRIES)):
        try:
            with closing(public.open_db().conn) as connection:
                return work(Database(connection))
        except sqlite3.OperationalError as problem:
            if not is_locked(problem):
                raise
            if not left:
                raise HTTPException(503, "busy; please try again in a minute", headers={"retry-after": "60"}) from None
    raise AssertionError("unreachable")


def _client(request: Request) -> str:
    return request.client.host if request.client else ""


async def _refuse(_request: Request, problem: Exception) -> Response:
    assert isinstance(problem, HTTPException)
    page = render("public_problem.html", problem=problem.detail)
    return HTMLResponse(page, status_code=problem.status_code, headers=problem.headers)


async def _fail(_request: Request, _problem: Exception) -> Response:
    return HTMLResponse(render("public_problem.html", problem="this went wrong here; please try again later"), status_code=500)
