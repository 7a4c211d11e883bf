import logging
import re
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp

from liendea_assets.clients.attempts import LimitedCalls
from liendea_assets.clients.linkedin import SERVICE, LinkedInApp
from liendea_assets.clients.linkedin_login import LoginClient, RedirectReceiver, authorise
from liendea_assets.clients.rate_limit import RateLimiter
from liendea_assets.clients.token_store import Token
from liendea_assets.core.errors import LiendeaError, RejectedAnswer, SettingsError, TransientError
from liendea_assets.db.connection import Database
from liendea_assets.sandbox.linkedin_server import CLIENT_ID, CLIENT_SECRET, TOKEN_LIVES_S, Member, create_app
from liendea_assets.sandbox.serving import serving
from liendea_assets_tests.clients.servers import Scripted
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.linkedin_members import WIDE, linkedin_on

STATE = "a-state-that-nobody-guesses"
PATIENCE_S = 5.0


@pytest.fixture
def receiver() -> Iterator[RedirectReceiver]:
    with RedirectReceiver(0, STATE) as listening:
        yield listening


def login(
    receiver: RedirectReceiver,
    db: Database,
    clock: VirtualClock,
    member: Member,
    app: LinkedInApp | None = None,
    *,
    registered: bool = True,
) -> Token:
    """The whole way, with a browser that follows redirects."""
    server = linkedin_on(clock, member, redirect_uris=[receiver.redirect_uri] if registered else [])
    with serving(create_app(server)) as url:
        app = app or LinkedInApp(CLIENT_ID, CLIENT_SECRET)
        here = LinkedInApp(app.client_id, app.client_secret, app.scope, auth_url=url)
        calls = LimitedCalls(SERVICE, RateLimiter(db, clock, {SERVICE: WIDE}), clock, 600.0)
        with closing(LoginClient(here, calls, clock)) as client:
            return authorise(client, receiver, STATE, visit, 0.2 if not registered else PATIENCE_S)


def visit(address: str) -> httpx.Response:
    return httpx.get(address, follow_redirects=True, trust_env=False)


def exchange(app: ASGIApp, db: Database, clock: VirtualClock) -> Token:
    calls = LimitedCalls(SERVICE, RateLimiter(db, clock, {SERVICE: WIDE}), clock, 600.0)
    with serving(app) as url, closing(LoginClient(LinkedInApp("id", "s3cret", auth_url=url), calls, clock)) as client:
        return client.exchange_code("c0de", "http://127.0.0.1:1/callback")


def test_consent_gives_a_token_with_its_expiry(receiver: RedirectReceiver, db: Database, clock: VirtualClock) -> None:
    token = login(receiver, db, clock, Member())
    assert token.access_token
    assert timedelta(0) <= clock.now() + timedelta(seconds=TOKEN_LIVES_S) - token.expires_at < timedelta(seconds=5)
    assert [(row["action_type"], row["outcome"]) for row in db.table("rate_limit_tracking").rows] == [("token", "status 200")]


def test_the_address_of_consent_is_the_documented_one(db: Database, clock: VirtualClock) -> None:
    calls = LimitedCalls(SERVICE, RateLimiter(db, clock, {SERVICE: WIDE}), clock, 600.0)
    with closing(LoginClient(LinkedInApp("an id", "s3cret"), calls, clock)) as client:
        address = client.authorization_url("http://127.0.0.1:8765/callback", STATE)
    parts = urlsplit(address)
    assert (parts.scheme, parts.netloc, parts.path) == ("https", "www.linkedin.com", "/oauth/v2/authorization")
    assert parse_qs(parts.query) == {
        "response_type": ["code"],
        "client_id": ["an id"],
        "redirect_uri": ["http://127.0.0.1:8765/callback"],
        "state": [STATE],
        "scope": ["r_dma_portability_self_serve"],
    }


def test_the_secret_travels_in_the_form_alone(db: Database, clock: VirtualClock) -> None:
    app = Scripted(JSONResponse({"access_token": "t", "expires_in": 60}))
    exchange(app, db, clock)
    (asked,) = app.asked
    assert (asked.method, asked.path, asked.query) == ("POST", "/oauth/v2/accessToken", {})
    assert asked.headers["content-type"] == "application/x-www-form-urlencoded"
    assert parse_qs(asked.body.decode()) == {
        "grant_type": ["authorization_code"],
        "code": ["c0de"],
        "redirect_uri": ["http://127.0.0.1:1/callback"],
        "client_id": ["id"],
        "client_secret": ["s3cret"],
    }


@pytest.mark.parametrize("decision", ["user_cancelled_login", "user_cancelled_authorize", "access_denied"])
def test_a_member_who_refuses_gives_no_token(receiver: RedirectReceiver, db: Database, clock: VirtualClock, decision: str) -> None:
    with pytest.raises(SettingsError, match=rf"access was not given \({decision}\); nothing was stored"):
        login(receiver, db, clock, Member(decision=decision))
    assert db.table("rate_limit_tracking").count == 0


def test_a_scope_that_the_app_lacks_is_told(receiver: RedirectReceiver, db: Database, clock: VirtualClock) -> None:
    with pytest.raises(SettingsError, match=r"unauthorized_scope_error.*Member Data Portability API.*LINKEDIN_SCOPE"):
        login(receiver, db, clock, Member(), LinkedInApp(CLIENT_ID, CLIENT_SECRET, "r_network"))


def test_a_wrong_secret_is_told_without_it(receiver: RedirectReceiver, db: Database, clock: VirtualClock) -> None:
    with pytest.raises(SettingsError, match=r"invalid_client.*LINKEDIN_CLIENT_ID and LINKEDIN_CLIENT_SECRET") as caught:
        login(receiver, db, clock, Member(), LinkedInApp(CLIENT_ID, "wr0ng-s3cret"))
    assert "wr0ng" not in str(caught.value)


def test_a_redirect_address_that_is_not_registered_brings_no_answer(receiver: RedirectReceiver, db: Database, clock: VirtualClock) -> None:
    with pytest.raises(TransientError, match=rf"no answer came to {re.escape(receiver.redirect_uri)}"):
        login(receiver, db, clock, Member(), registered=False)


@pytest.mark.parametrize(
    "query",
    [
        "code=forged",
        "code=forged&state=",
        "code=forged&state=another",
        f"code=forged&state={STATE}x",
        f"code=forged&state={STATE}&state={STATE}",
        "error=access_denied&state=another",
        "code=forged&state=%ff%fe",
        "",
    ],
)
def test_an_answer_without_the_state_is_refused_and_the_right_one_still_awaited(receiver: RedirectReceiver, query: str) -> None:
    assert visit(f"{receiver.redirect_uri}?{query}").status_code == 400
    assert visit(f"{receiver.redirect_uri}?code=right&state={STATE}").status_code == 200
    assert receiver.wait(PATIENCE_S) == "right"


def test_one_answer_is_taken(receiver: RedirectReceiver) -> None:
    assert visit(f"{receiver.redirect_uri}?code=first&state={STATE}").status_code == 200
    assert visit(f"{receiver.redirect_uri}?code=second&state={STATE}").status_code == 400
    assert receiver.wait(PATIENCE_S) == "first"
    with pytest.raises(TransientError):
        receiver.wait(0.01)


def test_other_addresses_and_methods_are_no_answer(receiver: RedirectReceiver) -> None:
    base = receiver.redirect_uri.removesuffix("/callback")
    assert visit(f"{base}/favicon.ico").status_code == 404
    assert visit(f"{base}/callback/more?code=x&state={STATE}").status_code == 404
    assert httpx.post(f"{receiver.redirect_uri}?code=x&state={STATE}", trust_env=False).status_code == 501
    with pytest.raises(TransientError, match=r"within 0\.01 s"):
        receiver.wait(0.01)


def test_a_forged_answer_is_mentioned_when_none_came(receiver: RedirectReceiver) -> None:
    visit(f"{receiver.redirect_uri}?code=forged&state=x")
    with pytest.raises(TransientError, match="1 with a wrong state were refused"):
        receiver.wait(0.01)


def test_a_browser_that_connects_and_says_nothing_holds_nobody_up(receiver: RedirectReceiver) -> None:
    port = urlsplit(receiver.redirect_uri).port
    assert port
    with socket.create_connection(("127.0.0.1", port)):
        assert visit(f"{receiver.redirect_uri}?code=right&state={STATE}").status_code == 200
    assert receiver.wait(PATIENCE_S) == "right"


def test_the_page_in_the_browser_hands_the_code_to_nobody(receiver: RedirectReceiver) -> None:
    answer = visit(f"{receiver.redirect_uri}?code=right&state={STATE}")
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    assert "right" not in answer.text


def test_the_code_and_the_state_are_in_no_log(
    receiver: RedirectReceiver, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "liendea_assets")
    port = urlsplit(receiver.redirect_uri).port
    assert port
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(f"GET http://[?code=c0de&state={STATE} HTTP/1.1\r\n\r\n".encode())
        assert connection.recv(12)
    # over a bare socket too, since the client that asks has a log of its own
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(f"GET /callback?code=c0de&state={STATE} HTTP/1.1\r\n\r\n".encode())
        assert b" 200 " in connection.recv(100)
    assert receiver.wait(PATIENCE_S) == "c0de"
    captured = capfd.readouterr()
    assert "c0de" not in captured.out + captured.err + caplog.text


def test_a_browser_that_hangs_up_is_no_error(receiver: RedirectReceiver, capfd: pytest.CaptureFixture[str]) -> None:
    port = urlsplit(receiver.redirect_uri).port
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(b"GET /callback")
        # closing resets the connection
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert visit(f"{receiver.redirect_uri}?code=c0de&state={STATE}").status_code == 200
    for thread in threading.enumerate():
        if "process_request_thread" in thread.name:
            thread.join(PATIENCE_S)
    assert receiver.wait(PATIENCE_S) == "c0de"
    assert capfd.readouterr().err == ""


def test_an_error_code_is_repeated_only_where_it_looks_like_one(receiver: RedirectReceiver) -> None:
    visit(f"{receiver.redirect_uri}?error=Robin+Weaver+robin@acme.example&state={STATE}")
    with pytest.raises(SettingsError) as caught:
        receiver.wait(PATIENCE_S)
    assert "Robin" not in str(caught.value)


def test_it_listens_on_this_machine_alone(receiver: RedirectReceiver) -> None:
    assert receiver.redirect_uri.startswith("http://127.0.0.1:")


def test_a_port_that_is_taken_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=rf"port {port} is taken.*--port"):
            RedirectReceiver(port, STATE)


def test_the_port_is_free_again_afterwards() -> None:
    with RedirectReceiver(0, STATE) as first:
        port = urlsplit(first.redirect_uri).port
    assert port
    with RedirectReceiver(port, STATE) as second:
        assert second.redirect_uri == first.redirect_uri


@pytest.mark.parametrize(
    "answer",
    [
        JSONResponse({"access_token": "t"}),
        JSONResponse({"access_token": "", "expires_in": 60}),
        JSONResponse({"access_token": 7, "expires_in": 60}),
        JSONResponse({"access_token": "t", "expires_in": 0}),
        JSONResponse({"access_token": "t", "expires_in": -1}),
        JSONResponse({"access_token": "t", "expires_in": True}),
        JSONResponse({"access_token": "t", "expires_in": "60"}),
        JSONResponse({"access_token": "t", "expires_in": 10**30}),
        JSONResponse(["t"]),
        PlainTextResponse("<html>"),
        Response(b'{"access_token": "a", "access_token": "b", "expires_in": 60}'),
    ],
)
def test_an_answer_that_is_no_token_is_rejected(db: Database, clock: VirtualClock, answer: Response) -> None:
    with pytest.raises(RejectedAnswer):
        exchange(Scripted(answer), db, clock)


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (JSONResponse({"error": "invalid_redirect_uri"}, 400), "invalid_redirect_uri, status 400"),
        (JSONResponse({"error": "c0de s3cret"}, 400), "an error without a code, status 400"),
        (PlainTextResponse("<html>", 400), "an error without a code, status 400"),
        (PlainTextResponse("no", 401), "LINKEDIN_CLIENT_SECRET"),
    ],
)
def test_a_refused_code_says_why_and_repeats_no_secret(db: Database, clock: VirtualClock, answer: Response, text: str) -> None:
    with pytest.raises(SettingsError, match=text) as caught:
        exchange(Scripted(answer), db, clock)
    assert not re.search("c0de|s3cret", str(caught.value))


@pytest.mark.parametrize("app", [LinkedInApp("", "s"), LinkedInApp("i", ""), LinkedInApp("i", "s", auth_url="http://www.linkedin.com")])
def test_an_app_that_is_not_configured_is_told(db: Database, clock: VirtualClock, app: LinkedInApp) -> None:
    calls = LimitedCalls(SERVICE, RateLimiter(db, clock, {SERVICE: WIDE}), clock, 600.0)
    with pytest.raises(LiendeaError, match=r"LINKEDIN_(CLIENT_ID|AUTH_URL)"):
        LoginClient(app, calls, clock)
