"""The desk: a private web application for what people decide. Loopback alone, behind a login; no action needs JavaScript."""

from pathlib import Path

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from liendea_assets.web.forms import Form, read_form
from liendea_assets.web.guard import Guard
from liendea_assets.web.headers import WithHeaders
from liendea_assets.web.pages import PAGES
from liendea_assets.web.rendering import POLICY, render
from liendea_assets.web.session import NotLoggedIn
from liendea_assets.web.view import Desk, Done, View, post

STATIC = Path(__file__).parent / "static"
_LOGIN_BYTES = 10_000


def create_desk(desk: Desk, port: int) -> ASGIApp:
    """The application.

    Args:
        port: that browsers use; another Host than this machine's own names with it is refused.
    """
    routes: list[BaseRoute] = [
        Route("/login", _ask_name, methods=["GET"]),
        Route("/login", _log_in, methods=["POST"]),
        post("/logout", _log_out),
        *PAGES,
        Mount("/static", StaticFiles(directory=STATIC)),
    ]
    app = Starlette(routes=routes, exception_handlers={NotLoggedIn: _to_login, HTTPException: _refuse, 500: _fail})
    app.state.desk = desk
    # forms say their origin only where the policy lets them; the guard needs it
    return Guard(WithHeaders(app, {"content-security-policy": POLICY, "referrer-policy": "same-origin", "cache-control": "no-store"}), port)


def _ask_name(request: Request) -> Response:
    """Shows who wants in; the link is used up by the form alone, so that a look ahead of a browser uses up nothing."""
    desk: Desk = request.app.state.desk
    token = request.query_params.get("token", "")
    return HTMLResponse(render("login.html", token=token, problem="", name=desk.default_name))


async def _log_in(request: Request) -> Response:
    desk: Desk = request.app.state.desk
    form = await read_form(request, _LOGIN_BYTES)
    try:
        content = await run_in_threadpool(desk.sessions.log_in, form.text("token"), form.text("name"), desk.clock.now())
    except NotLoggedIn as problem:
        page = render("login.html", token=form.text("token"), problem=str(problem), name=form.text("name"))
        return HTMLResponse(page, status_code=403)
    response = RedirectResponse("/", status_code=303)
    desk.sessions.set_cookie(response, content)
    return response


def _log_out(view: View, _form: Form) -> Done | Response:
    view.desk.sessions.end(view.session, view.now)
    response = RedirectResponse("/login", status_code=303)
    view.desk.sessions.delete_cookie(response)
    return response


async def _to_login(request: Request, _problem: Exception) -> Response:
    if request.method in ("GET", "HEAD"):
        return RedirectResponse("/login", status_code=303)
    return HTMLResponse(render("login.html", token="", problem="the session has ended; nothing was done", name=""), status_code=403)


async def _refuse(_request: Request, problem: Exception) -> Response:
    assert isinstance(problem, HTTPException)
    page = render("refused.html", title=f"{problem.status_code}", problem=problem.detail)
    return HTMLResponse(page, status_code=problem.status_code, headers=problem.headers)


async def _fail(_request: Request, _problem: Exception) -> Response:
    """What went wrong stands in the log; the page tells nothing of it."""
    page = render("refused.html", title="500", problem="This went wrong here. Nothing more is known to this page; the terminal says what.")
    return HTMLResponse(page, status_code=500)
