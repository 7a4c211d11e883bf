"""What every page of the desk has at hand, and how a page and an action become a response."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from liendea_assets.clients.usage import WindowUsage
from liendea_assets.core.clock import Clock, to_text
from liendea_assets.core.errors import LiendeaError, UnknownRecord
from liendea_assets.core.home import Home
from liendea_assets.core.keyed_hash import load_key
from liendea_assets.db.connection import Database
from liendea_assets.enrichment.budget_use import BudgetUse
from liendea_assets.enrichment.forecast import Forecast
from liendea_assets.web import action_store
from liendea_assets.web.forms import Form, check_csrf, local_path, read_form, to_number
from liendea_assets.web.rendering import render
from liendea_assets.web.session import Session, Sessions

log = logging.getLogger(__name__)

PER_PAGE = 50
NOTE_COOKIE = "liendea_note"
_KINDS = {".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".csv": "text/csv; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class Desk:
    """What the desk is given by whoever starts it.

    Attributes:
        open_db: a connection of its own for each request.
        forecast: what asking everybody who is due would take, and who cannot be asked and why.
        usage: how much of the limits is used.
        budgets: how much is spent of what the user allows to be spent.
        default_name: proposed where the name is asked.
    """

    home: Home
    clock: Clock
    sessions: Sessions
    open_db: Callable[[], Database]
    forecast: Callable[[Database], tuple[Sequence[Forecast], Mapping[str, str]]]
    usage: Callable[[Database], Sequence[WindowUsage]]
    budgets: Callable[[Database], Sequence[BudgetUse]]
    default_name: str = ""

    @property
    def key(self) -> bytes:
        """The home's secret, which suppressions and tokens are made with."""
        return load_key(self.home.data / "secret.key")


@dataclass(frozen=True, slots=True)
class Done:
    """What an action did: what to say, where to go, and which rows it was about (ids and kinds, nobody's data)."""

    text: str
    subject: str = ""
    to: str | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of a list, and the addresses of the pages before and after it; None where there is none."""

    rows: list[dict[str, Any]]
    earlier: str | None
    later: str | None

    def ids(self, name: str = "contact_id") -> list[int]:
        """The contacts on it."""
        return [row[name] for row in self.rows if row[name] is not None]


@dataclass(frozen=True, slots=True)
class View:
    """One request of somebody who is logged in."""

    desk: Desk
    request: Request
    session: Session
    db: Database

    @property
    def now(self) -> datetime:
        """The present moment."""
        return self.desk.clock.now()

    @property
    def home(self) -> Home:
        """The home."""
        return self.desk.home

    def query(self, name: str) -> str:
        """A parameter of the address, without blanks around it."""
        return self.request.query_params.get(name, "").strip()

    def path_number(self, name: str) -> int:
        """A number in the path.

        Raises:
            BadValue: it is none.
        """
        return to_number(str(self.request.path_params[name]), name)

    @property
    def page_number(self) -> int:
        """Of a list in pages, from 1."""
        text = self.query("page")
        return min(int(text), 100_000) if text.isascii() and text.isdigit() and 0 < len(text) < 7 and int(text) > 0 else 1

    def window(self) -> dict[str, int]:
        """LIMIT and OFFSET of the page that is looked at; one more row tells that there is a next page."""
        return {"limit": PER_PAGE + 1, "offset": (self.page_number - 1) * PER_PAGE}

    def show(self, template: str, *, about: Iterable[int] = (), status: int = 200, **values: object) -> Response:
        """A page.

        Args:
            about: ids of the contacts whose data stand on it.
        """
        note_access(self.session.by, self.request.url.path, about)
        note = self.desk.sessions.read_note(self.request.cookies.get(NOTE_COOKIE, ""))
        here = self.request.url.path + (f"?{self.request.url.query}" if self.request.url.query else "")
        shown = {"session": self.session, "path": self.request.url.path, "here": here, "note": note, "now": to_text(self.now)}
        response = HTMLResponse(render(template, **shown, **values), status_code=status)
        if NOTE_COOKIE in self.request.cookies:
            response.delete_cookie(NOTE_COOKIE, path="/", httponly=True, samesite="strict")
        return response

    def pages(self, rows: list[dict[str, Any]]) -> Listed:
        """Of one row more than a page has, what the page shows."""
        here = self.page_number
        others = [(name, value) for name, value in self.request.query_params.multi_items() if name != "page"]
        address = f"{self.request.url.path}?{urlencode([*others, ('page', '')])}"
        earlier = f"{address}{here - 1}" if here > 1 else None
        return Listed(rows[:PER_PAGE], earlier, f"{address}{here + 1}" if len(rows) > PER_PAGE else None)


def note_access(by: str, page: str, contact_ids: Iterable[int]) -> None:
    """The one place through which every look at somebody's data goes: who looked, at which page, at whom (ids)."""
    ids = sorted(set(contact_ids))
    if ids:
        log.info("desk: %s looked at %s: contacts %s", by, page, ", ".join(map(str, ids)))


def send_file(path: Path) -> Response:
    """A file to keep. Its name is ours, never anybody's."""
    kind = _KINDS[path.suffix]
    return Response(path.read_bytes(), headers={"content-type": kind, "content-disposition": f'attachment; filename="{path.name}"'})


def get(path: str, handler: Callable[[View], Response]) -> Route:
    """A page. It changes nothing."""

    def show(request: Request) -> Response:
        desk: Desk = request.app.state.desk
        session = desk.sessions.find(request, desk.clock.now())
        with closing(desk.open_db().conn) as connection:
            view = View(desk, request, session, Database(connection))
            try:
                return handler(view)
            except LiendeaError as problem:
                status = 404 if isinstance(problem, UnknownRecord) else 400
                return view.show("problem.html", title="This cannot be shown", problem=str(problem), status=status)

    return Route(path, show, methods=["GET"])


def post(path: str, handler: Callable[[View, Form], Done | Response], back: str = "/") -> Route:
    """An action: a form of this session, done once, then the page it came from.

    Args:
        back: where to go when neither the action nor the form says it.
    """

    def act(request: Request, session: Session, form: Form) -> Response:
        desk: Desk = request.app.state.desk
        with closing(desk.open_db().conn) as connection:
            view = View(desk, request, session, Database(connection))
            action = action_store.begin(view.db, path, session.by, to_text(view.now))
            try:
                done = handler(view, form)
            except LiendeaError as problem:
                action_store.end(view.db, action, "refused", "")
                return _go(desk, local_path(form.text("back"), back), str(problem), is_problem=True)
            if isinstance(done, Response):
                action_store.end(view.db, action, "done", "")
                return done
            action_store.end(view.db, action, "done", done.subject)
            return _go(desk, done.to or local_path(form.text("back"), back), done.text)

    async def endpoint(request: Request) -> Response:
        desk: Desk = request.app.state.desk
        session = desk.sessions.find(request, desk.clock.now())
        form = await read_form(request)
        check_csrf(form, session)
        return await run_in_threadpool(act, request, session, form)

    return Route(path, endpoint, methods=["POST"])


def _go(desk: Desk, to: str, text: str, *, is_problem: bool = False) -> Response:
    response = RedirectResponse(to, status_code=303)
    note = desk.sessions.sign_note(text[:1_500], is_problem)
    response.set_cookie(NOTE_COOKIE, note, max_age=60, path="/", httponly=True, samesite="strict")
    return response
