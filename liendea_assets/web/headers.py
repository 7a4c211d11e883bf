"""Headers that every response has, unless it says otherwise itself."""

from collections.abc import Mapping

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class WithHeaders:
    """ASGI middleware.

    Args:
        headers: lower-case name → value.
    """

    def __init__(self, app: ASGIApp, headers: Mapping[str, str]) -> None:
        self._app = app
        self._headers = [(name.encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes one request on."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name.lower() for name, _ in message["headers"]}
                message = {**message, "headers": [*message["headers"], *(pair for pair in self._headers if pair[0] not in present)]}
            await send(message)

        await self._app(scope, receive, send_with_headers)
