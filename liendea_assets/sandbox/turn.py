"""One request that is answered otherwise than the server would: what it would have said, and the connection to answer on."""

import asyncio
import os
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.types import Receive, Send

# The key of the ASGI scope's extensions under which `serving` gives the connection.
CONNECTION = "liendea.connection"
_JSON = {"Content-Type": "application/json"}
# Closed with this set, a connection is reset: nothing of what was written is waited for.
_LINGER = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)


@dataclass(frozen=True, slots=True)
class Honest:
    """What the server itself would have answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class Tokens:
    """Which credentials are none any more."""

    expired: set[str] = field(default_factory=set)
    is_revoked: bool = False

    def expire(self, authorization: str) -> None:
        """From now on this one is refused; another one is not."""
        self.expired.add(authorization)

    def revoke_all(self) -> None:
        """From now on every one is refused, and no new one given."""
        self.is_revoked = True

    def refuse(self, authorization: str) -> bool:
        """Whether who comes with this is to be sent away."""
        return self.is_revoked or authorization in self.expired


@dataclass(frozen=True, slots=True)
class Turn:
    """A request's turn.

    Attributes:
        number: of the arrival, from 1.
        authorization: the header of that name; empty where there is none.
    """

    number: int
    authorization: str
    honest: Honest
    tokens: Tokens
    connection: asyncio.Transport
    send: Send
    receive: Receive

    @property
    def half(self) -> bytes:
        """The first half of the honest body."""
        return self.honest.body[: len(self.honest.body) // 2]

    async def answer(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        """A whole answer, as JSON where the headers say nothing else."""
        await self.begin(status, body, len(body), headers)
        await self.end()

    async def refuse_token(self) -> None:
        """As the contract says it."""
        await self.answer(401, b'{"code": "unauthorized", "message": "the token has expired"}')

    async def begin(self, status: int, body: bytes, length: int | None = None, headers: Mapping[str, str] | None = None) -> None:
        """Status, headers and the first part of a body.

        Args:
            length: of the whole body as the headers have it; None for chunks.
        """
        shown = {**_JSON, **(headers or {}), **({} if length is None else {"Content-Length": str(length)})}
        pairs = [(name.lower().encode(), value.encode()) for name, value in shown.items()]
        await self.send({"type": "http.response.start", "status": status, "headers": pairs})
        await self.go_on(body)

    async def go_on(self, body: bytes) -> None:
        """A further part."""
        await self.send({"type": "http.response.body", "body": body, "more_body": True})

    async def end(self) -> None:
        """The body was whole."""
        await self.send({"type": "http.response.body", "body": b"", "more_body": False})

    async def break_off(self) -> None:
        """Closes the connection when what was written has left; a web server keeps to what its headers say."""
        self.connection.close()
        await self._until_gone()

    async def reset(self) -> None:
        """Resets the connection at once."""
        opened: socket.socket | None = self.connection.get_extra_info("socket")
        if opened is not None and not self.connection.is_closing():
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER)
        self.connection.abort()
        await self._until_gone()

    async def wait_until_gone(self, seconds: float) -> bool:
        """Waits so long, or until the client gives up. Returns whether it did."""
        try:
            await asyncio.wait_for(self._until_gone(), seconds)
        except TimeoutError:
            return False
        except asyncio.CancelledError:
            # the server is being ended, and waits for nobody
            await self.reset()
        return True

    async def _until_gone(self) -> None:
        while (await self.receive())["type"] != "http.disconnect":
            pass
