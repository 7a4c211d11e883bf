"""A guard before a private web application on loopback.

Dagster's web server has no login, takes any Host, and runs GraphQL mutations over GET: a page on any website could launch a run, and a
rebound host name could read what runs hold. So only requests that the user's own page made come through.
"""

from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SAFE_METHODS = frozenset({"GET", "HEAD"})
_HEADERS = {
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "content-security-policy": "frame-ancestors 'none'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


class Guard:
    """ASGI middleware that refuses foreign hosts and cross-site requests.

    Args:
        port: the port that browsers use.
    """

    def __init__(self, app: ASGIApp, port: int) -> None:
        self._app = app
        self._hosts = {f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]")}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes on or refuses one request."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if refusal is None:
            await self._app(scope, receive, _with_headers(send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": refusal})
        else:
            await PlainTextResponse(f"Refused: {refusal}.\n", status_code=403)(scope, receive, send)

    def _refusal(self, scope: Scope) -> str | None:
        headers = Headers(scope=scope)
        if headers.get("host", "").lower() not in self._hosts:
            return "this host name is not one of this machine's own"
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc.lower() not in self._hosts:
            return "the request comes from another site"
        # "none" is what the user typed or bookmarked; a navigation that another site caused says cross-site
        site = headers.get("sec-fetch-site", "none")
        if site not in ("same-origin", "none"):
            return "the request comes from another site"
        if scope["type"] == "websocket":
            return None if origin is not None else "a WebSocket must say its origin"
        method = scope["method"]
        is_query = b"query" in parse_qs(scope["query_string"], keep_blank_values=True)
        if scope["path"].rstrip("/").endswith("/graphql") and method in _SAFE_METHODS and is_query:
            return "GraphQL is taken by POST alone"
        if method not in _SAFE_METHODS and origin is None:
            return "a request that changes something must say its origin"
        return None


def _with_headers(send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            present = {name.lower() for name, _ in message["headers"]}
            added = [(name.encode(), value.encode()) for name, value in _HEADERS.items() if name.encode() not in present]
            message = {**message, "headers": [*message["headers"], *added]}
        await send(message)

    return send_with_headers
