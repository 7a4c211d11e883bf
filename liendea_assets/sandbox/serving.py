"""Running an ASGI application on a free loopback port for as long as a block lasts."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from liendea_assets.sandbox.turn import CONNECTION

# An answer that is held back does not hold up the end for longer.
STOP_WITHIN_S = 2


@contextmanager
def serving(app: ASGIApp, port: int = 0) -> Iterator[str]:
    """Serves the application in a thread and yields its base URL; the server is gone when the block ends.

    Raises:
        OSError: the port is taken.
    """
    listener = socket.create_server(("127.0.0.1", port))
    # no lifespan, no signals: it lives inside somebody else's process
    config = uvicorn.Config(app, http=_Telling, log_level="warning", lifespan="off", ws="none", timeout_graceful_shutdown=STOP_WITHIN_S)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="sandbox", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        listener.close()


class _Telling(H11Protocol):
    """Gives the application its connection: what uvicorn guards against, an answer that breaks off, is what a sandbox may be for."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        app = self.app

        async def with_connection(scope: Scope, receive: Receive, send: Send) -> None:
            await app({**scope, "extensions": {**scope.get("extensions", {}), CONNECTION: transport}}, receive, send)

        self.app = with_connection
