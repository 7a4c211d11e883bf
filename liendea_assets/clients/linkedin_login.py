"""Getting a token: the member consents in a browser, LinkedIn sends a code to this machine, the code is exchanged for a token.

OAuth 2 authorization-code flow, RFC 6749 section 4.1, with a redirect to loopback (RFC 8252 section 7.3).
"""

import hmac
import re
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlencode

from liendea_assets.clients.attempts import LimitedCalls
from liendea_assets.clients.http import Answer, HttpClient
from liendea_assets.clients.linkedin import LinkedInApp, check_address
from liendea_assets.clients.token_store import Token
from liendea_assets.core.clock import Clock
from liendea_assets.core.errors import RejectedAnswer, SettingsError, TransientError

CALLBACK = "/callback"
# LinkedIn compares the whole redirect address with the registered one, so the port is a fixed one.
DEFAULT_PORT = 8765
# A browser that connects ahead of time and says nothing is let go after this.
_SILENT_S = 10.0

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>LIENDEA</title><p>{}</p></html>"""
_SAFE_CODE = re.compile(r"[a-z][a-z_]{0,59}")


class RedirectReceiver:
    """Listens on loopback for LinkedIn's one answer, for as long as a block lasts.

    Args:
        port: 0 for any that is free.
        state: the secret that the answer has to bring back; an answer without it comes from somebody else and is refused.

    Raises:
        SettingsError: the port is taken.
    """

    def __init__(self, port: int, state: str) -> None:
        self._answers: SimpleQueue[Mapping[str, str]] = SimpleQueue()
        self._refused = 0
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            timeout = _SILENT_S

            def do_GET(self) -> None:
                status, text = receiver._take(self.path, state)
                body = _PAGE.format(text).encode()
                self.send_response_only(status)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Cache-Control", "no-store")
                # the address of this page holds the code
                self.send_header("Referrer-Policy", "no-referrer")
                self.send_header("Content-Security-Policy", "default-src 'none'")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 the name of the parent's parameter
                """Says nothing: the code stands in the request line."""

        try:
            # threads, since a browser may open connections that it does not use
            self._server = _LoopbackServer(("127.0.0.1", port), Handler)
        except OSError:
            raise SettingsError(
                f"port {port} is taken; give another one with --port, and add its redirect address to the app at LinkedIn"
            ) from None
        self._lock = threading.Lock()
        self._is_answered = False
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def redirect_uri(self) -> str:
        """What has to be registered with the app at LinkedIn, letter by letter."""
        return f"http://127.0.0.1:{self._server.server_port}{CALLBACK}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()

    def wait(self, timeout_s: float) -> str:
        """The authorization code.

        Raises:
            SettingsError: LinkedIn says that the member, or LinkedIn itself, refuses.
            TransientError: no answer in time.
        """
        try:
            answer = self._answers.get(timeout=timeout_s)
        except Empty:
            forged = f" ({self._refused} with a wrong state were refused)" if self._refused else ""
            raise TransientError(f"linkedin: no answer came to {self.redirect_uri} within {timeout_s:g} s{forged}; try again") from None
        if "error" in answer or "code" not in answer:
            raise _consent_refused(answer.get("error", ""))
        return answer["code"]

    def _take(self, target: str, state: str) -> tuple[int, str]:
        """Keeps the first answer that is LinkedIn's. Returns status and text of the page to show."""
        path, _, query = target.partition("?")
        if path != CALLBACK:
            return 404, "Nothing is here."
        given = {name: values[0] for name, values in parse_qs(query).items() if len(values) == 1}
        with self._lock:
            if not hmac.compare_digest(given.get("state", "").encode(), state.encode()):
                self._refused += 1
                return 400, "This answer does not belong to the authorisation under way, and was refused."
            if self._is_answered or not given.keys() & {"code", "error"}:
                return 400, "This authorisation was answered already, or the answer is empty."
            self._is_answered = True
            self._answers.put(given)
        if "error" in given:
            return 200, "LinkedIn did not give access. LIENDEA says more; this window can be closed."
        return 200, "LIENDEA has the answer. This window can be closed."


class _LoopbackServer(ThreadingHTTPServer):
    def handle_error(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> None:
        """A browser may be gone before it has the page; the parent would print that as an error of ours."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class LoginClient:
    """LinkedIn's authorization server.

    Raises:
        SettingsError: the app is not configured, or its address would show the secret to others on the way.
    """

    def __init__(self, app: LinkedInApp, calls: LimitedCalls, clock: Clock) -> None:
        if not (app.client_id and app.client_secret):
            raise SettingsError(
                "LINKEDIN_CLIENT_ID and LINKEDIN_CLIENT_SECRET are not set; set both in .env (docs/linkedin.md says where they come from)"
            )
        check_address("LINKEDIN_AUTH_URL", app.auth_url)
        self._app = app
        self._calls = calls
        self._clock = clock
        self._http = HttpClient(app.auth_url, {})

    def authorization_url(self, redirect_uri: str, state: str) -> str:
        """The page on which the member consents."""
        query = {
            "response_type": "code",
            "client_id": self._app.client_id,
            "redirect_uri": redirect_uri,
            "state": state,
            "scope": self._app.scope,
        }
        return f"{self._app.auth_url.rstrip('/')}/oauth/v2/authorization?{urlencode(query)}"

    def exchange_code(self, code: str, redirect_uri: str) -> Token:
        """The token for a code, which is good once.

        Raises:
            SettingsError: the code or the app is refused; the text says which.
            RejectedAnswer: the answer is no token.
            ServiceUnavailable, LimitReached: try again later, with a new code.
        """
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "client_id": self._app.client_id,
            "client_secret": self._app.client_secret,
        }
        answer = self._calls.call(
            "token",
            lambda: self._http.request("POST", "/oauth/v2/accessToken", form=form),
            longest_s=self._http.deadline_s,
            is_repeatable=False,
        )
        if answer.status != 200:
            raise _exchange_refused(answer)
        content = answer.json()
        token = content.get("access_token") if isinstance(content, dict) else None
        seconds = content.get("expires_in") if isinstance(content, dict) else None
        if not isinstance(token, str) or not token or type(seconds) is not int or not 0 < seconds <= 10 * 365 * 86_400:
            raise RejectedAnswer("linkedin: the answer to the code has no token, or no time in which it expires")
        return Token(token, self._clock.now() + timedelta(seconds=seconds))

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()


def authorise(login: LoginClient, receiver: RedirectReceiver, state: str, show: Callable[[str], object], timeout_s: float) -> Token:
    """Sends the member to LinkedIn, waits for the answer and exchanges it.

    Args:
        receiver: listening, with the same state.
        show: brings the address before the member.
        timeout_s: how long the member may take.

    Raises: as `RedirectReceiver.wait` and `LoginClient.exchange_code`.
    """
    show(login.authorization_url(receiver.redirect_uri, state))
    return login.exchange_code(receiver.wait(timeout_s), receiver.redirect_uri)


def _consent_refused(error: str) -> SettingsError:
    code = _known_code(error)
    if code == "unauthorized_scope_error":
        return SettingsError(
            "linkedin: the app may not ask for this scope (unauthorized_scope_error). Add the product Member Data Portability API "
            "to the app, and check LINKEDIN_SCOPE"
        )
    return SettingsError(f"linkedin: access was not given ({code}); nothing was stored. Run the command again to ask anew")


def _exchange_refused(answer: Answer) -> SettingsError:
    try:
        content = answer.json()
    except RejectedAnswer:
        content = None
    code = _known_code(content.get("error") if isinstance(content, dict) else None)
    if code == "invalid_client" or answer.status == 401:
        return SettingsError(
            f"linkedin: the app is refused ({code}, status {answer.status}); check LINKEDIN_CLIENT_ID and LINKEDIN_CLIENT_SECRET"
        )
    return SettingsError(
        f"linkedin: the code was refused ({code}, status {answer.status}). Run the command again; if it happens anew, compare the "
        "redirect address of the app at LinkedIn with the one that the command shows"
    )


def _known_code(value: object) -> str:
    """An error code as OAuth has them; anything else is not repeated, since it may hold what was sent."""
    return value if isinstance(value, str) and _SAFE_CODE.fullmatch(value) else "an error without a code"
