"""The faulty server as a bare socket and a plain client see it; what the product makes of it stands with the providers' tests."""

import email.utils
import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import httpx
import pytest

from liendea_assets.sandbox.fault_plan import parse_plan
from liendea_assets.sandbox.faults import HUGE_BYTES
from liendea_assets.sandbox.misbehaving import Misbehaving
from liendea_assets.sandbox.reach_server import TOKEN, create_app, sample_people
from liendea_assets.sandbox.serving import STOP_WITHIN_S, serving

PEOPLE = sample_people()
MATCH = f"/v1/people/match?reach_id={PEOPLE[0]['person']['reach_id']}"
HEADERS = {"Authorization": f"Bearer {TOKEN}"}


def misbehaving(
    plan: str = "", windows: tuple[tuple[int, int], ...] = ((60, 100),), latency_s: tuple[float, float] = (0.0, 0.0)
) -> Misbehaving:
    return Misbehaving(create_app(PEOPLE, windows), parse_plan(plan, "plan", latency_s=latency_s))


def get(url: str, path: str = MATCH, timeout: float = 5.0) -> httpx.Response:
    return httpx.get(url + path, headers=HEADERS, timeout=timeout, trust_env=False)


def raw(url: str, timeout: float = 5.0) -> tuple[bytes, str]:
    """Every byte that comes within this time, and how it ended."""
    give_up_at = time.monotonic() + timeout
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=timeout) as connection:
        connection.sendall(f"GET {MATCH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\nConnection: close\r\n\r\n".encode())
        came = b""
        try:
            while part := connection.recv(65_536):
                came += part
                connection.settimeout(max(0.001, give_up_at - time.monotonic()))
        except ConnectionResetError:
            return came, "reset"
        except TimeoutError:
            return came, "open"
    return came, "closed"


def test_without_a_plan_it_is_the_honest_server() -> None:
    app = misbehaving()
    with serving(app) as url:
        answer = get(url)
        assert (answer.json(), answer.headers["content-type"]) == (PEOPLE[0], "application/json")
        assert get(url, "/v1/usage").json()["windows"] == [{"seconds": 60, "limit": 100, "used": 1}]
    assert app.tally.tell() == "1 requests arrived, 0 over a limit"


def test_a_reset_is_a_reset_and_a_truncated_answer_an_end() -> None:
    with serving(misbehaving("reset@1, reset_midway@2, truncated@3, cut_chunks@4")) as url:
        seen = [raw(url) for _ in range(4)]
    assert [end for _, end in seen] == ["reset", "reset", "closed", "closed"]
    assert seen[0][0] == b""
    for came, _ in seen[1:]:
        assert came.startswith(b"HTTP/1.1 200")
    head, _, body = seen[2][0].partition(b"\r\n\r\n")
    told = int(next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")).split(b":")[1])
    assert 0 < len(body) < told
    assert b"transfer-encoding: chunked" in seen[3][0].lower()
    assert not seen[3][0].endswith(b"0\r\n\r\n")


def test_it_says_nothing_or_byte_by_byte_until_the_client_gives_up() -> None:
    app = misbehaving("hang@1, drip@2")
    with serving(app) as url:
        assert raw(url, timeout=0.4) == (b"", "open")
        came, end = raw(url, timeout=0.9)
    assert end == "open"
    assert 0 < len(came.partition(b"\r\n\r\n")[2]) < 10


def test_who_hangs_does_not_hold_up_the_end() -> None:
    with ThreadPoolExecutor(1) as pool:
        with serving(misbehaving("hang@1")) as url:
            asked = pool.submit(raw, url)
            time.sleep(0.2)
            began = time.monotonic()
        assert time.monotonic() - began < STOP_WITHIN_S + 3
        assert asked.result()[1] == "reset"


def test_throttled_answers_say_when_to_come_back_in_every_way() -> None:
    with serving(misbehaving("throttle@1, throttle_date@2, throttle_silent@3, throttle_hour@4, unavailable@5")) as url:
        answers = [get(url) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [429, 429, 429, 429, 503]
    told = [answer.headers.get("retry-after") for answer in answers]
    assert (told[0], told[2:]) == ("1", [None, "3600", "0"])
    assert email.utils.parsedate_to_datetime(str(told[1])).tzinfo is not None


def test_bodies_are_as_wrong_as_they_should_be() -> None:
    with serving(misbehaving("malformed@1, html@2, wrong_types@3, huge@4, bomb@5")) as url:
        malformed, html, wrong, huge, bomb = (get(url) for _ in range(5))
    with pytest.raises(json.JSONDecodeError):
        malformed.json()
    assert (html.status_code, html.headers["content-type"]) == (200, "text/html")
    assert wrong.json()["person"]["reach_id"] == [PEOPLE[0]["person"]["reach_id"]]
    assert len(huge.content) == HUGE_BYTES
    assert len(bomb.content) > HUGE_BYTES > 100 * int(bomb.headers["content-length"])


def test_what_it_refuses_by_itself_stands_and_counts() -> None:
    """A window that is over is told whatever was drawn, so that a violation is never hidden."""
    app = misbehaving("error_500@1-", ((60, 2),))
    with serving(app) as url:
        assert [get(url).status_code for _ in range(3)] == [500, 500, 429]
        assert httpx.get(url + MATCH, trust_env=False).status_code == 401
    assert (app.tally.arrivals, app.tally.violations, app.tally.faults) == (4, 1, {"error_500": 2})
    assert app.tally.tell() == "4 requests arrived, 1 over a limit, 2 misbehaved (error_500 2)"


def test_what_cannot_be_done_to_an_answer_is_not_counted() -> None:
    app = misbehaving("short_batch@1, wrong_types@2")
    with serving(app) as url:
        assert get(url).json() == PEOPLE[0]
        assert get(url, "/v1/people/match?reach_id=nobody").status_code == 404
    assert app.tally.faults == {}


def test_an_answer_takes_its_time() -> None:
    app = misbehaving(latency_s=(0.3, 0.4))
    with serving(app) as url:
        began = time.monotonic()
        get(url)
        assert time.monotonic() - began >= 0.3
    assert 0.3 <= app.tally.latency_s <= 0.4


def test_a_token_is_given_for_the_right_secret_alone() -> None:
    form = {"grant_type": "client_credentials", "client_id": "any", "client_secret": TOKEN}
    with serving(misbehaving("token_expired@2")) as url, httpx.Client(base_url=url, trust_env=False) as http:
        given = http.post("/v1/token", data=form).json()["access_token"]
        assert given != TOKEN
        assert [http.get(MATCH, headers={"Authorization": f"Bearer {given}"}).status_code for _ in range(2)] == [401, 401]
        renewed = http.post("/v1/token", data=form).json()["access_token"]
        assert http.get(MATCH, headers={"Authorization": f"Bearer {renewed}"}).status_code == 200
        assert http.post("/v1/token", data={**form, "client_secret": "other"}).status_code == 401


def test_a_server_that_is_told_to_fail_says_nothing_on_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    """A web server complains of applications that break off, which here is what they are asked to do."""
    faults = ("error_502", "reset", "reset_midway", "hang", "truncated", "cut_chunks", "redirect", "bomb")
    with serving(misbehaving(", ".join(f"{fault}@{number}" for number, fault in enumerate(faults, 1)))) as url:
        for _ in faults:
            with suppress(httpx.HTTPError):
                get(url, timeout=0.3)
    assert capfd.readouterr().err == ""
