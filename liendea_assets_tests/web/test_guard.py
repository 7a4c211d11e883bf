import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp
from starlette.websockets import WebSocket
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from liendea_assets.sandbox.serving import serving
from liendea_assets.web.guard import Guard
from liendea_assets_tests.clients.servers import free_port

REFUSED = 403


async def _answer(request: Request) -> Response:
    own = {"content-security-policy": "default-src 'self'"} if request.url.path == "/own-policy" else {}
    return PlainTextResponse(f"{request.method} {request.url.path}", headers=own)


async def _echo(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_text(f"you said {await websocket.receive_text()}")
    await websocket.close()


def private_app() -> ASGIApp:
    """Stands for Dagster's web server: it answers anybody."""
    every = ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]
    return Starlette(routes=[WebSocketRoute("/graphql", _echo), Route("/{path:path}", _answer, methods=every)])


@contextmanager
def serving_with_websockets(app: ASGIApp, port: int) -> Iterator[str]:
    """As `serving`, with WebSockets. Yields the host and port."""
    listener = socket.create_server(("127.0.0.1", port))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off", ws="websockets-sansio"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        listener.close()


@pytest.fixture(scope="module")
def site() -> Iterator[httpx.Client]:
    """A browser's view of the guarded application, without the headers that a browser adds."""
    port = free_port()
    with serving(Guard(private_app(), port), port) as url, httpx.Client(base_url=url, trust_env=False) as client:
        yield client


def own(site: httpx.Client) -> str:
    return str(site.base_url).rstrip("/")


def test_page_that_the_user_opens_is_shown(site: httpx.Client) -> None:
    answer = site.get("/runs", headers={"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate"})
    assert (answer.status_code, answer.text) == (200, "GET /runs")


def test_program_of_the_user_may_read(site: httpx.Client) -> None:
    assert site.get("/server_info").status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_own_page_may_change_things(site: httpx.Client, method: str) -> None:
    answer = site.request(method, "/graphql", headers={"Origin": own(site), "Sec-Fetch-Site": "same-origin"})
    assert (answer.status_code, answer.text) == (200, f"{method} /graphql")


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "LOCALHOST", "[::1]"])
def test_names_of_this_machine_are_taken(site: httpx.Client, name: str) -> None:
    port = site.base_url.port
    answer = site.post("/graphql", headers={"Host": f"{name}:{port}", "Origin": f"http://{name}:{port}"})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:{port}",
        "127.0.0.1",
        "localhost:1",
        "127.0.0.1.evil.example:{port}",
        "localhost.evil.example:{port}",
        "0.0.0.0:{port}",
        "",
    ],
)
def test_foreign_host_is_refused(site: httpx.Client, host: str) -> None:
    """A name that was rebound to this machine."""
    answer = site.get("/runs", headers={"Host": host.format(port=site.base_url.port)})
    assert (answer.status_code, answer.text) == (REFUSED, "Refused: this host name is not one of this machine's own.\n")


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        "",
        "http://127.0.0.1:1",
        "http://localhost",
        "file://",
        "http://127.0.0.1:{port}.evil.example",
        "http://127.0.0.1:{port}@evil.example",
    ],
)
def test_foreign_origin_is_refused(site: httpx.Client, method: str, origin: str) -> None:
    answer = site.request(method, "/graphql", headers={"Origin": origin.format(port=site.base_url.port)})
    assert (answer.status_code, answer.text) == (REFUSED, "Refused: the request comes from another site.\n")


@pytest.mark.parametrize("where", ["cross-site", "same-site", "something new"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_request_that_another_site_caused_is_refused(site: httpx.Client, method: str, where: str) -> None:
    """Another port of this machine is the same site, and not us."""
    assert site.request(method, "/runs", headers={"Sec-Fetch-Site": where}).status_code == REFUSED
    assert site.request(method, "/runs", headers={"Sec-Fetch-Site": where, "Origin": own(site)}).status_code == REFUSED


@pytest.mark.parametrize(
    "path",
    [
        "/graphql?query=mutation{launch}",
        "/graphql/?query={runs}",
        "/graphql?operationName=x&query={runs}",
        "/graphql?query",
        "/graphql?%71uery=mutation{launch}",
        "/graphql?quer%79=x",
        "/%67raphql?query=x",
        "/some/prefix/graphql?query=x",
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_graphql_over_get_is_refused(site: httpx.Client, method: str, path: str) -> None:
    """Dagster runs a mutation that stands in an address, so an image of any site could launch a run."""
    assert site.request(method, path, headers={"Sec-Fetch-Site": "none"}).status_code == REFUSED


@pytest.mark.parametrize("path", ["/graphql", "/runs?query=tag", "/graphql?subquery=1"])
def test_other_gets_are_taken(site: httpx.Client, path: str) -> None:
    assert site.get(path).status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_request_that_changes_something_must_say_its_origin(site: httpx.Client, method: str) -> None:
    answer = site.request(method, "/graphql")
    assert (answer.status_code, answer.text) == (REFUSED, "Refused: a request that changes something must say its origin.\n")


def test_refused_request_does_not_reach_the_application() -> None:
    reached = []

    async def app(scope: object, receive: object, send: object) -> None:
        reached.append(scope)

    port = free_port()
    with serving(Guard(app, port), port) as url:
        assert httpx.post(url, headers={"Origin": "https://evil.example"}, trust_env=False).status_code == REFUSED
    assert reached == []


def test_answers_say_that_they_are_for_nobody_else(site: httpx.Client) -> None:
    headers = site.get("/runs").headers
    assert {name: headers[name] for name in sorted(headers) if name not in ("date", "server", "content-length", "content-type")} == {
        "content-security-policy": "frame-ancestors 'none'",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
    }


def test_policy_of_the_application_itself_stays(site: httpx.Client) -> None:
    assert site.get("/own-policy").headers.get_list("content-security-policy") == ["default-src 'self'"]


@pytest.fixture(scope="module")
def socket_host() -> Iterator[str]:
    port = free_port()
    with serving_with_websockets(Guard(private_app(), port), port) as host:
        yield host


def test_own_page_may_open_a_websocket(socket_host: str) -> None:
    with connect(f"ws://{socket_host}/graphql", origin=Origin(f"http://{socket_host}"), proxy=None) as websocket:
        websocket.send("hello")
        assert websocket.recv() == "you said hello"


@pytest.mark.parametrize("origin", [Origin("https://evil.example"), Origin("null"), Origin("http://127.0.0.1:1"), None])
def test_websocket_of_a_foreign_page_or_without_an_origin_is_refused(socket_host: str, origin: Origin | None) -> None:
    """A browser asks nobody before it opens one across sites; the origin is all there is."""
    with pytest.raises(InvalidStatus) as caught, connect(f"ws://{socket_host}/graphql", origin=origin, proxy=None):
        pass
    assert caught.value.response.status_code == REFUSED


def test_websocket_to_a_foreign_host_is_refused(socket_host: str) -> None:
    own_origin = Origin(f"http://{socket_host}")
    port = int(socket_host.partition(":")[2])
    with (
        socket.create_connection(("127.0.0.1", port)) as raw,
        pytest.raises(InvalidStatus) as caught,
        connect(f"ws://evil.example:{port}/graphql", sock=raw, origin=own_origin, proxy=None),
    ):
        pass
    assert caught.value.response.status_code == REFUSED
