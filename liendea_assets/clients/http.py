"""One HTTP exchange with bounds: a total deadline, a cap on the body, no redirects, strict JSON."""

import asyncio
import json
import logging
import ssl
import threading
from collections.abc import Coroutine, Mapping
from concurrent.futures import CancelledError
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx

from liendea_assets.core.errors import RejectedAnswer, SettingsError, TransientError

# It tells every request with its whole address at INFO: whom it is about, and a key where one stands in the query.
logging.getLogger("httpx").setLevel(logging.WARNING)

# Reading timeouts restart with every byte: a server that drips held a call for 18 s at timeout=2. Only a total deadline ends it.
DEADLINE_S = 30.0
LARGEST_BODY = 8 * 1024 * 1024

_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)

T = TypeVar("T")


class NoAnswer(TransientError):
    """The exchange broke off: no connection, a reset, or the deadline; the text says which, without the address.

    Attributes:
        was_sent: whether the server may have seen the request.
    """

    def __init__(self, message: str, *, was_sent: bool = True) -> None:
        super().__init__(message)
        self.was_sent = was_sent


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer; header names are lower-case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON.

        Raises:
            RejectedAnswer: not JSON, with a key twice, with NaN, or nested too deep.
        """
        return strict_json(self.body)


class HttpClient:
    """Exchanges with one server, which threads may make at the same time.

    Args:
        headers: sent with every request, the credentials among them.
        largest_body: bytes of an answer's body, unpacked.

    Raises:
        SettingsError: a base URL or a header that cannot be used.
    """

    def __init__(self, base_url: str, headers: Mapping[str, str], deadline_s: float = DEADLINE_S, largest_body: int = LARGEST_BODY) -> None:
        if not base_url.startswith(("http://", "https://")):
            raise SettingsError("the base URL of a service must begin with http:// or https://")
        _check_headers(headers)
        self.base_url = base_url
        self.deadline_s = deadline_s
        self._largest_body = largest_body
        verify: ssl.SSLContext | bool = ssl.create_default_context() if base_url.startswith("https://") else False
        self._client = httpx.AsyncClient(
            base_url=base_url, headers=dict(headers), follow_redirects=False, timeout=deadline_s, verify=verify, trust_env=False
        )
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="http", daemon=True)
        self._thread.start()

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        json_body: object = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Sends one request and reads its whole answer.

        Args:
            form: the fields of a form, as a browser posts them; a secret in them stays out of every URL.
            headers: of this request alone, besides those of all.

        Raises:
            NoAnswer: no complete answer within the deadline.
            RejectedAnswer: an answer larger than the cap.
            SettingsError: a header that cannot be used.
        """
        _check_headers(headers or {})
        return self._run(self._exchange(method, path, params, json_body, form, headers))

    def close(self) -> None:
        """Closes the connections; an exchange that is under way in another thread breaks off."""
        self._run(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        """Runs it in the thread of the connections, and gives it up where the caller is interrupted."""
        try:
            future = asyncio.run_coroutine_threadsafe(work, self._loop)
        except RuntimeError:
            work.close()
            raise NoAnswer("the client was closed", was_sent=False) from None
        try:
            return future.result()
        except CancelledError:
            raise NoAnswer("the client was closed") from None
        except BaseException:
            future.cancel()
            raise

    async def _end(self) -> None:
        under_way = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
        await self._client.aclose()

    async def _exchange(
        self,
        method: str,
        path: str,
        params: Mapping[str, str] | None,
        json_body: object,
        form: Mapping[str, str] | None,
        headers: Mapping[str, str] | None,
    ) -> Answer:
        try:
            async with asyncio.timeout(self.deadline_s):
                async with self._client.stream(method, path, params=params, json=json_body, data=form, headers=headers) as response:
                    body = bytearray()
                    async for chunk in response.aiter_bytes():
                        body += chunk
                        if len(body) > self._largest_body:
                            raise RejectedAnswer(f"the answer is larger than {self._largest_body} bytes")
                    return Answer(response.status_code, {k.lower(): v for k, v in response.headers.items()}, bytes(body))
        except TimeoutError:
            raise NoAnswer(f"no complete answer within {self.deadline_s:g} s") from None
        except httpx.HTTPError as error:
            # the error's own text may hold the URL with a person in its query
            raise NoAnswer(type(error).__name__, was_sent=not isinstance(error, _NOT_SENT)) from None


def _check_headers(headers: Mapping[str, str]) -> None:
    """Left to httpx, a request fails only when it is sent, and as if the server were away: an empty token looked like an outage."""
    for name, value in headers.items():
        if not (value.isascii() and value.isprintable() and value == value.strip()):
            raise SettingsError(f"the header {name} cannot be sent: its secret is empty, or holds more than printable ASCII")


def strict_json(body: bytes) -> Any:
    """JSON that means the same to everybody. Raises `RejectedAnswer` otherwise."""
    try:
        return json.loads(body.decode("utf-8"), object_pairs_hook=_unique_keys, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise RejectedAnswer(f"the answer is not proper JSON ({type(error).__name__})") from None


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a key stands twice")
    return result


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")
