import gzip
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse

from liendea_assets.clients.http import LARGEST_BODY, HttpClient, NoAnswer, strict_json
from liendea_assets.core.errors import RejectedAnswer, SettingsError
from liendea_assets.sandbox.serving import serving
from liendea_assets_tests.clients.servers import Scripted, Speak, bare_server, free_port

DEADLINE_S = 0.3
# A deadline that is only checked between reads would take as long as the servers here drip: twice this.
PATIENCE_S = 3.0


def drip(connection: socket.socket, stopped: threading.Event, data: bytes) -> None:
    """The data again and again, a byte every 20 ms."""
    until = time.monotonic() + 2 * PATIENCE_S
    while time.monotonic() < until:
        for position in range(len(data)):
            connection.sendall(data[position : position + 1])
            if stopped.wait(0.02):
                return


def drip_body(connection: socket.socket, stopped: threading.Event) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    drip(connection, stopped, b" ")


def drip_headers(connection: socket.socket, stopped: threading.Event) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    drip(connection, stopped, b"X-More: yes\r\n")


def say_nothing(connection: socket.socket, stopped: threading.Event) -> None:
    stopped.wait(2 * PATIENCE_S)


def cut_short(connection: socket.socket, stopped: threading.Event) -> None:
    connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"half": ')


def hang_up(connection: socket.socket, stopped: threading.Event) -> None:
    return


def speak_nonsense(connection: socket.socket, stopped: threading.Event) -> None:
    connection.sendall(b"220 mail.example ESMTP\r\n")


@pytest.mark.parametrize("speak", [drip_body, drip_headers, say_nothing])
def test_an_exchange_ends_at_the_total_deadline_however_the_server_drips(speak: Speak) -> None:
    with bare_server(speak) as url, closing(HttpClient(url, {}, DEADLINE_S)) as client:
        began = time.monotonic()
        with pytest.raises(NoAnswer, match=r"within 0\.3 s"):
            client.request("GET", "/")
        assert DEADLINE_S <= time.monotonic() - began < PATIENCE_S


@pytest.mark.parametrize("speak", [cut_short, hang_up, speak_nonsense])
def test_an_answer_that_breaks_off_is_no_answer(speak: Speak) -> None:
    with bare_server(speak) as url, closing(HttpClient(url, {}, 5)) as client, pytest.raises(NoAnswer):
        client.request("GET", "/", params={"email": "robin.weaver@acmelabs.example"})


def test_a_client_can_be_used_again_after_no_answer() -> None:
    served = 0

    def fail_once(connection: socket.socket, stopped: threading.Event) -> None:
        nonlocal served
        served += 1
        if served > 1:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    with bare_server(fail_once) as url, closing(HttpClient(url, {}, 5)) as client:
        with pytest.raises(NoAnswer):
            client.request("GET", "/")
        assert client.request("GET", "/").json() == {}


def test_a_refused_connection_is_told_without_address_or_query() -> None:
    port = free_port()
    with closing(HttpClient(f"http://127.0.0.1:{port}", {}, 5)) as client, pytest.raises(NoAnswer) as caught:
        client.request("GET", "/v1/people/match", params={"email": "robin.weaver@acmelabs.example"})
    assert caught.value.__cause__ is None
    for private in ("127.0.0.1", str(port), "match", "robin", "acmelabs"):
        assert private not in str(caught.value)


def test_a_body_over_the_cap_is_refused_while_it_streams() -> None:
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        while True:
            sent += 65_536
            yield b" " * 65_536

    app = Scripted(StreamingResponse(endless()))
    with serving(app) as url, closing(HttpClient(url, {}, 20)) as client, pytest.raises(RejectedAnswer, match=str(LARGEST_BODY)):
        client.request("GET", "/")
    assert sent < 8 * LARGEST_BODY


def test_the_cap_counts_the_body_as_it_unpacks() -> None:
    bomb = gzip.compress(b" " * (LARGEST_BODY + 1))
    answer = Response(bomb, headers={"Content-Encoding": "gzip"})
    with serving(Scripted(answer)) as url, closing(HttpClient(url, {}, 20)) as client, pytest.raises(RejectedAnswer):
        client.request("GET", "/")
    assert len(bomb) < LARGEST_BODY / 100


def test_a_body_of_the_cap_is_read() -> None:
    with serving(Scripted(Response(b" " * LARGEST_BODY))) as url, closing(HttpClient(url, {}, 20)) as client:
        assert len(client.request("GET", "/").body) == LARGEST_BODY


def test_a_redirect_is_an_answer_and_not_followed() -> None:
    elsewhere = Scripted(JSONResponse({}))
    with serving(elsewhere) as other_url:
        app = Scripted(RedirectResponse(f"{other_url}/v1/people/match", 302))
        with serving(app) as url, closing(HttpClient(url, {"Authorization": "Bearer t"}, 5)) as client:
            assert client.request("GET", "/v1/people/match").status == 302
    assert len(app.asked) == 1
    assert elsewhere.asked == []


def test_no_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    with serving(Scripted(JSONResponse({}))) as url, closing(HttpClient(url, {}, 5)) as client:
        assert client.request("GET", "/").status == 200


def test_a_request_carries_headers_parameters_and_body() -> None:
    app = Scripted(JSONResponse({"a": 1}, headers={"Retry-After": "5"}))
    with serving(app) as url, closing(HttpClient(url, {"Authorization": "Bearer t"}, 5)) as client:
        answer = client.request("POST", "/v1/x", params={"q": "a&b=c"}, json_body={"ref": "ä"})
    assert (answer.status, answer.headers["retry-after"], answer.json()) == (200, "5", {"a": 1})
    asked = app.asked[0]
    assert (asked.method, asked.path, asked.query, asked.headers["authorization"]) == ("POST", "/v1/x", {"q": "a&b=c"}, "Bearer t")
    assert json.loads(asked.body) == {"ref": "ä"}


@pytest.mark.parametrize("base_url", ["", "reach.example", "ftp://reach.example", "file:///etc/passwd"])
def test_a_base_url_without_http_is_a_wrong_setting(base_url: str) -> None:
    with pytest.raises(SettingsError, match="http"):
        HttpClient(base_url, {})


@pytest.mark.parametrize("token", ["", "sëcret-1234", "secret-1234\nX-Evil: 1", "secret-1234 "])
def test_a_token_that_no_header_can_carry_is_a_wrong_setting_and_not_told(token: str) -> None:
    """An empty REACH_API_TOKEN was taken for a server that does not answer, three attempts in the ledger."""
    with pytest.raises(SettingsError, match="Authorization") as caught:
        HttpClient("http://127.0.0.1:9", {"Authorization": f"Bearer {token}"})
    assert "1234" not in str(caught.value)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<!doctype html><title>Sign in</title>",
        b'{"confidence": NaN}',
        b'{"confidence": Infinity}',
        b'{"confidence": -Infinity}',
        b'{"a": 1, "a": 2}',
        b'{"outer": {"a": 1, "a": 1}}',
        b"[" * 200_000 + b"]" * 200_000,
        b'{"a":' * 200_000 + b"1" + b"}" * 200_000,
        b'{"a": 1} {"b": 2}',
        b'{"a": "\xff"}',
        b'\xef\xbb\xbf{"a": 1}',
        b'{"a": ' + b"9" * 5_000 + b"}",
        '{"a": 1}'.encode("utf-16"),
    ],
    ids=lambda body: repr(body[:24]),
)
def test_what_is_not_proper_json_is_rejected(body: bytes) -> None:
    with pytest.raises(RejectedAnswer, match="not proper JSON"):
        strict_json(body)


def test_the_message_about_bad_json_holds_nothing_of_the_body() -> None:
    with pytest.raises(RejectedAnswer) as caught:
        strict_json(b'{"work_email": "robin.weaver@acmelabs.example", "work_email": 1}')
    assert "robin" not in str(caught.value)
    assert caught.value.__cause__ is None


# a surrogate without its other half is no text
text = st.text(st.characters(exclude_categories=["Cs"]))
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | text,
    lambda inner: st.lists(inner) | st.dictionaries(text, inner),
    max_leaves=20,
)


@given(values)
def test_proper_json_means_what_was_written(value: object) -> None:
    assert strict_json(json.dumps(value).encode()) == value
