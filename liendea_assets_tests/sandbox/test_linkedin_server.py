"""The stand-in behaves as LinkedIn's documentation says; what it lets pass, no test of the client would notice."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from liendea_assets.sandbox.linkedin_server import CLIENT_ID, CLIENT_SECRET, CODE_LIVES_S, NO_DATA, SCOPE, SNAPSHOT_PATH, Member, create_app
from liendea_assets.sandbox.serving import serving
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.linkedin_members import connection_row, linkedin_on

REDIRECT = "http://127.0.0.1:8765/callback"
ASKED = {"response_type": "code", "client_id": CLIENT_ID, "redirect_uri": REDIRECT, "state": "s", "scope": SCOPE}
FIRST = {"q": "criteria", "domain": "CONNECTIONS"}


class Caller:
    """Somebody who speaks plain HTTP to a LinkedIn with 12 connections and a limit of five calls a minute."""

    def __init__(self, clock: VirtualClock) -> None:
        self.clock = clock
        self.server = linkedin_on(
            clock, Member({"CONNECTIONS": [connection_row(n) for n in range(12)]}), redirect_uris=[REDIRECT], windows=((60, 5),)
        )
        self.http: httpx.Client

    def consent(self, **changed: str) -> httpx.Response:
        return self.http.get("/oauth/v2/authorization", params=ASKED | changed)

    def code(self) -> str:
        return parse_qs(urlsplit(self.consent().headers["location"]).query)["code"][0]

    def exchange(self, authorization_code: str, **changed: str) -> httpx.Response:
        form = {"grant_type": "authorization_code", "code": authorization_code, "redirect_uri": REDIRECT, "client_id": CLIENT_ID}
        return self.http.post("/oauth/v2/accessToken", data=form | {"client_secret": CLIENT_SECRET} | changed)

    def snapshot(
        self, token: str, path: str = SNAPSHOT_PATH, params: dict[str, str] | None = None, version: str = "202312"
    ) -> httpx.Response:
        sent = {"Authorization": f"Bearer {token}", "LinkedIn-Version": version}
        return self.http.get(path, params=(FIRST if params is None else params) or None, headers=sent)


@pytest.fixture
def caller(clock: VirtualClock) -> Iterator[Caller]:
    made = Caller(clock)
    with serving(create_app(made.server)) as url, httpx.Client(base_url=url, trust_env=False) as made.http:
        yield made


def test_consent_redirects_with_code_and_state(caller: Caller) -> None:
    answer = caller.consent()
    assert answer.status_code == 302
    assert answer.headers["location"].startswith(f"{REDIRECT}?")
    assert parse_qs(urlsplit(answer.headers["location"]).query)["state"] == ["s"]


@pytest.mark.parametrize("changed", [{"client_id": "x"}, {"redirect_uri": "http://127.0.0.1:8765/other"}])
def test_an_app_or_address_that_is_not_registered_gets_no_redirect(caller: Caller, changed: dict[str, str]) -> None:
    assert caller.consent(**changed).status_code == 400


@pytest.mark.parametrize(
    ("changed", "error"), [({"scope": "x"}, "unauthorized_scope_error"), ({"response_type": "token"}, "unsupported_response_type")]
)
def test_a_wrong_request_redirects_with_the_error(caller: Caller, changed: dict[str, str], error: str) -> None:
    query = parse_qs(urlsplit(caller.consent(**changed).headers["location"]).query)
    assert (query["error"], query["state"]) == ([error], ["s"])


def test_a_code_is_good_once(caller: Caller) -> None:
    code = caller.code()
    answer = caller.exchange(code)
    assert (answer.status_code, answer.json()["expires_in"]) == (200, 5_184_000)
    assert caller.exchange(code).status_code == 400


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"client_secret": "x"}, "invalid_client"),
        ({"client_id": "x"}, "invalid_client"),
        ({"redirect_uri": "http://127.0.0.1:1/callback"}, "invalid_redirect_uri"),
        ({"code": "x"}, "invalid_request"),
        ({"grant_type": "refresh_token"}, "unsupported_grant_type"),
    ],
)
def test_a_wrong_exchange_is_refused(caller: Caller, changed: dict[str, str], error: str) -> None:
    answer = caller.exchange(caller.code(), **changed)
    assert (answer.status_code in (400, 401), answer.json()["error"]) == (True, error)


def test_a_code_runs_out(caller: Caller) -> None:
    code = caller.code()
    caller.clock.sleep(CODE_LIVES_S)
    assert caller.exchange(code).status_code == 400


def test_pages_follow_one_another_and_end_with_a_404(caller: Caller) -> None:
    token = caller.server.give_token()
    first = caller.snapshot(token).json()
    (link,) = first["paging"]["links"]
    assert len(first["elements"][0]["snapshotData"]) == 10
    second = caller.snapshot(token, link["href"], {}).json()
    assert len(second["elements"][0]["snapshotData"]) == 2
    end = caller.snapshot(token, second["paging"]["links"][0]["href"], {})
    assert (end.status_code, end.json()["message"]) == (404, NO_DATA)


def test_a_snapshot_that_is_not_collated_is_the_same_404(caller: Caller) -> None:
    caller.server.member.is_collated = False
    answer = caller.snapshot(caller.server.give_token())
    assert (answer.status_code, answer.json()["message"]) == (404, NO_DATA)


def test_a_token_is_wanted_that_is_known_alive_and_of_the_right_scope(caller: Caller) -> None:
    assert caller.snapshot("x").status_code == 401
    short = caller.server.give_token(lives_s=10)
    assert caller.snapshot(short).status_code == 200
    caller.clock.sleep(10)
    assert caller.snapshot(short).json()["code"] == "EXPIRED_ACCESS_TOKEN"
    assert caller.snapshot(caller.server.give_token(scope="openid")).status_code == 403
    caller.server.member.may_be_read = False
    assert caller.snapshot(caller.server.give_token()).status_code == 403


def test_a_version_is_wanted(caller: Caller) -> None:
    assert caller.snapshot(caller.server.give_token(), version="201001").status_code == 426


def test_over_the_limit_is_a_429_that_says_when(caller: Caller) -> None:
    token = caller.server.give_token()
    assert [caller.snapshot(token).status_code for _ in range(6)] == [200] * 5 + [429]
    answer = caller.snapshot(token)
    caller.clock.sleep(int(answer.headers["retry-after"]))
    assert caller.snapshot(token).status_code == 200
