"""A LinkedIn that behaves as its documentation says: consent, tokens, and snapshot pages of the Member Data Portability API.

Source: learn.microsoft.com/linkedin (authorization-code flow; member snapshot API), seen 2026. It shares no code with the client.
"""

import json
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from liendea_assets.sandbox.reach_server import Book, Windows

CLIENT_ID = "sandbox-client"
CLIENT_SECRET = "sandbox-secret"  # noqa: S105 of a server that knows invented people only
SCOPE = "r_dma_portability_self_serve"
CODE_LIVES_S = 30 * 60
# sixty days
TOKEN_LIVES_S = 5_184_000
PAGE_ROWS = 10
SNAPSHOT_PATH = "/rest/memberSnapshotData"
NO_DATA = "No data found for this domain and memberId."

Row = Mapping[str, Any]


@dataclass(slots=True)
class Member:
    """The member who sits before the browser, and what LinkedIn holds of that person.

    Attributes:
        domains: rows by domain.
        decision: granted, or the error that LinkedIn sends back.
        is_collated: False for as long as LinkedIn has not put the data together.
        may_be_read: False for a member outside the EEA and Switzerland.
    """

    domains: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    decision: str = "granted"
    is_collated: bool = True
    may_be_read: bool = True


@dataclass(frozen=True, slots=True)
class _Grant:
    """A code or a token: what it was given for, and until when."""

    redirect_uri: str
    scope: str
    ends_at: float


class LinkedIn:
    """The server's state.

    Args:
        redirect_uris: those registered with the app.
        windows: limits of the API, which LinkedIn counts per member and day.
        has_link_past_the_end: whether the last page has a next link too, which leads to the 404.
        seconds: the server's own clock.
    """

    def __init__(
        self,
        member: Member,
        redirect_uris: Sequence[str],
        windows: Windows = ((86_400, 10_000),),
        page_rows: int = PAGE_ROWS,
        *,
        has_link_past_the_end: bool = True,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self.member = member
        self.redirect_uris = redirect_uris
        self.page_rows = page_rows
        self.has_link_past_the_end = has_link_past_the_end
        self.book = Book(windows, seconds)
        self.asked: list[str] = []
        self._seconds = seconds
        self._codes: dict[str, _Grant] = {}
        self._tokens: dict[str, _Grant] = {}

    def give_token(self, scope: str = SCOPE, lives_s: float = TOKEN_LIVES_S) -> str:
        """A token without the way through the browser, as the portal's token generator gives one."""
        token = secrets.token_urlsafe(32)
        self._tokens[token] = _Grant("", scope, self._seconds() + lives_s)
        return token

    async def authorize(self, request: Request) -> Response:
        """The page of consent; the member decides at once."""
        query = request.query_params
        redirect_uri = query.get("redirect_uri", "")
        if query.get("client_id") != CLIENT_ID or redirect_uri not in self.redirect_uris:
            # to an address that is not registered nothing is ever sent
            return PlainTextResponse("The redirect_uri does not match the registered value", 400)
        answer = {"state": query.get("state", "")}
        if query.get("response_type") != "code":
            answer |= {"error": "unsupported_response_type", "error_description": "response_type must be code"}
        elif query.get("scope") != SCOPE:
            answer |= {"error": "unauthorized_scope_error", "error_description": f"Scope {query.get('scope')} is not authorized"}
        elif self.member.decision != "granted":
            answer |= {"error": self.member.decision, "error_description": "The user cancelled the authorization"}
        else:
            code = secrets.token_urlsafe(48)
            self._codes[code] = _Grant(redirect_uri, SCOPE, self._seconds() + CODE_LIVES_S)
            answer |= {"code": code}
        return RedirectResponse(f"{redirect_uri}?{urlencode(answer)}", 302)

    async def access_token(self, request: Request) -> Response:
        """A token for a code, once."""
        if request.headers.get("content-type", "").partition(";")[0] != "application/x-www-form-urlencoded":
            return _oauth_problem(400, "invalid_request", "the body must be a form")
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        if form.get("client_id") != CLIENT_ID or form.get("client_secret") != CLIENT_SECRET:
            return _oauth_problem(401, "invalid_client", "Client authentication failed")
        if form.get("grant_type") != "authorization_code":
            return _oauth_problem(400, "unsupported_grant_type", "grant_type must be authorization_code")
        grant = self._codes.pop(form.get("code", ""), None)
        if grant is None or grant.ends_at <= self._seconds():
            return _oauth_problem(400, "invalid_request", "Unable to retrieve access token: authorization code not found")
        if form.get("redirect_uri") != grant.redirect_uri:
            return _oauth_problem(400, "invalid_redirect_uri", "Unable to retrieve access token: redirect_uri does not match")
        return JSONResponse({"access_token": self.give_token(), "expires_in": TOKEN_LIVES_S, "scope": grant.scope})

    async def snapshot(self, request: Request) -> Response:
        """A page of a domain; `start` counts pages."""
        refusal = self._refuse(request)
        if refusal is not None:
            return refusal
        query = request.query_params
        domain, start = query.get("domain", ""), query.get("start", "0")
        if query.get("q") != "criteria" or not start.isdecimal():
            return _problem(400, 100, "q must be criteria and start a number")
        self.asked.append(f"{domain} {start}")
        rows = self.member.domains.get(domain, ())
        pages = [rows[first : first + self.page_rows] for first in range(0, len(rows), self.page_rows)]
        page = int(start)
        if not self.member.is_collated or page >= len(pages):
            return _problem(404, 0, NO_DATA)
        has_next = page + 1 < len(pages) or self.has_link_past_the_end
        href = f"{SNAPSHOT_PATH}?{urlencode({'count': 10, 'domain': domain, 'q': 'criteria', 'start': page + 1})}"
        links = [{"type": "application/json", "rel": "next", "href": href}] if has_next else []
        return JSONResponse(
            {
                "paging": {"start": page, "count": 10, "total": len(pages), "links": links},
                "elements": [{"snapshotDomain": domain, "snapshotData": [dict(row) for row in pages[page]]}],
            }
        )

    def _refuse(self, request: Request) -> Response | None:
        grant = self._tokens.get(request.headers.get("authorization", "").removeprefix("Bearer "))
        if grant is None:
            return _problem(401, 65_600, "Invalid access token", "INVALID_ACCESS_TOKEN")
        if grant.ends_at <= self._seconds():
            return _problem(401, 65_602, "The token used in the request has expired", "EXPIRED_ACCESS_TOKEN")
        wait = self.book.arrive()
        if wait is not None:
            return _problem(429, 101, "Resource level throttle limit reached", headers={"Retry-After": str(int(wait) + 1)})
        if grant.scope != SCOPE or not self.member.may_be_read:
            return _problem(403, 100, "Not enough permissions to access: GET-memberSnapshotData", "ACCESS_DENIED")
        if request.headers.get("linkedin-version") != "202312":
            return _problem(426, 0, "Requested version is not active", "NONEXISTENT_VERSION")
        return None


def create_app(linkedin: LinkedIn) -> Starlette:
    """The three addresses of LinkedIn on one host."""
    return Starlette(
        routes=[
            Route("/oauth/v2/authorization", linkedin.authorize, methods=["GET"]),
            Route("/oauth/v2/accessToken", linkedin.access_token, methods=["POST"]),
            Route(SNAPSHOT_PATH, linkedin.snapshot, methods=["GET"]),
        ]
    )


def _oauth_problem(status: int, error: str, description: str) -> Response:
    return JSONResponse({"error": error, "error_description": description}, status)


def _problem(status: int, service_code: int, message: str, code: str | None = None, headers: Mapping[str, str] | None = None) -> Response:
    content = {"status": status, "serviceErrorCode": service_code, "message": message} | ({"code": code} if code else {})
    return Response(json.dumps(content), status, dict(headers or {}), "application/json")
