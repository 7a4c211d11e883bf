"""How a server can misbehave: each fault is a name, what it does in a few words, and what it makes of one request.

A fault gets the answer that the server would have given and sends another one, or none. When it is its turn is `fault_plan`'s matter.
"""

import asyncio
import gzip
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from liendea_assets.sandbox.turn import Turn

# Nobody waits longer than this for an answer that does not come.
LONGEST_SILENCE_S = 600.0
DRIP_EVERY_S = 0.25
# Larger than any answer that a client should read (8 MiB by default).
HUGE_BYTES = 12 * 1024 * 1024
STORM_REQUESTS = 6
HOUR_S = 3_600
# Nobody may ever be sent there: names below .invalid lead nowhere.
ELSEWHERE = "http://elsewhere.invalid/collect"

Act = Callable[[Turn], Awaitable[None]]
Fits = Callable[[Turn], bool]


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to misbehave.

    Attributes:
        group: throttling, outages and nonsense pass by themselves; stops ends a run, and some need a person.
        tells: what it does, for people.
        act: answers the request, or does not.
        fits: whether it can be done to this request at all.
        lasts: so many requests in a row, once it has begun.
    """

    name: str
    group: str
    tells: str
    act: Act
    fits: Fits = lambda _turn: True
    lasts: int = 1


def _says(status: int, code: str, headers: Mapping[str, str] | None = None) -> Act:
    """A problem as the contract has them."""

    async def act(turn: Turn) -> None:
        await turn.answer(status, json.dumps({"code": code, "message": "the sandbox was told to"}).encode(), headers)

    return act


def _shows(status: int, body: bytes, headers: Mapping[str, str] | None = None) -> Act:
    async def act(turn: Turn) -> None:
        await turn.answer(status, body, headers)

    return act


def _rewrites(change: Callable[[Any], Any]) -> Act:
    """The honest answer with its content changed; what its headers tell of limits and costs stays."""

    async def act(turn: Turn) -> None:
        headers = {name: value for name, value in turn.honest.headers.items() if not name.startswith("content-")}
        await turn.answer(200, json.dumps(change(json.loads(turn.honest.body))).encode(), headers)

    return act


async def _throttle_until_a_date(turn: Turn) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
    await _says(429, "throttled", {"Retry-After": date})(turn)


async def _storm(turn: Turn) -> None:
    """By turns in seconds and as a date."""
    await (_says(429, "throttled", {"Retry-After": "1"}) if turn.number % 2 else _throttle_until_a_date)(turn)


async def _reset(turn: Turn) -> None:
    await turn.reset()


async def _reset_midway(turn: Turn) -> None:
    await turn.begin(200, turn.half, len(turn.honest.body))
    # what was written must have left before the connection is reset
    await asyncio.sleep(0.05)
    await turn.reset()


async def _hang(turn: Turn) -> None:
    await turn.wait_until_gone(LONGEST_SILENCE_S)
    await turn.reset()


async def _drip(turn: Turn) -> None:
    """A client whose deadline starts anew with every byte waits for all of them."""
    await turn.begin(200, b"", len(turn.honest.body))
    for byte in turn.honest.body:
        await turn.go_on(bytes([byte]))
        if await turn.wait_until_gone(DRIP_EVERY_S):
            return
    await turn.end()


async def _truncate(turn: Turn) -> None:
    await turn.begin(200, turn.half, len(turn.honest.body))
    await turn.break_off()


async def _cut_chunks(turn: Turn) -> None:
    await turn.begin(200, turn.half)
    await turn.break_off()


async def _half(turn: Turn) -> None:
    await turn.answer(200, turn.half)


async def _expire_token(turn: Turn) -> None:
    turn.tokens.expire(turn.authorization)
    await turn.refuse_token()


async def _revoke_token(turn: Turn) -> None:
    turn.tokens.revoke_all()
    await turn.refuse_token()


def _spoil(content: Any) -> Any:
    """Texts become lists and numbers texts; who is spoken of stays."""
    if isinstance(content, dict):
        return {name: value if name == "ref" else _spoil(value) for name, value in content.items()}
    if isinstance(content, list):
        return [_spoil(value) for value in content]
    if isinstance(content, str):
        return [content]
    return content if content is None else str(content)


def _forget_some(content: Any) -> Any:
    matches = content["matches"]
    return {**content, "matches": matches[: len(matches) // 2]}


def _add_strangers(content: Any) -> Any:
    """Each with what is true of another one, so that taken for an answer it is a wrong one."""
    matches = content["matches"]
    others = [*matches[1:], *matches[:1]]
    strangers = [{**other, "ref": f"stranger-{match['ref']}"} for match, other in zip(matches, others, strict=True)]
    return {**content, "matches": [*matches, *strangers]}


def _is_found(turn: Turn) -> bool:
    return turn.honest.status == 200


def _is_batch(turn: Turn) -> bool:
    return _is_found(turn) and b'"matches":[{' in turn.honest.body


def _has_token(turn: Turn) -> bool:
    return bool(turn.authorization)


_PAGE = b"<!doctype html><html><body><h1>We will be back soon</h1></body></html>"
_HTML = {"Content-Type": "text/html"}
_PACKED = {"Content-Encoding": "gzip"}


def _bomb() -> bytes:
    return gzip.compress(b'{"matches":"' + b" " * HUGE_BYTES + b'"}')


_ALL = (
    Fault("throttle", "throttling", "429 with Retry-After in seconds", _says(429, "throttled", {"Retry-After": "1"})),
    Fault("throttle_date", "throttling", "429 with Retry-After as an HTTP date", _throttle_until_a_date),
    Fault("throttle_silent", "throttling", "429 without Retry-After", _says(429, "throttled")),
    Fault("unavailable", "throttling", "503 with Retry-After: 0", _says(503, "unavailable", {"Retry-After": "0"})),
    Fault("storm", "throttling", f"429 for {STORM_REQUESTS} requests in a row", _storm, lasts=STORM_REQUESTS),
    Fault("error_500", "outages", "500", _says(500, "internal")),
    Fault("error_502", "outages", "502 with the page of a gateway", _shows(502, _PAGE, _HTML)),
    Fault("error_503", "outages", "503 without Retry-After", _says(503, "unavailable")),
    Fault("reset", "outages", "the connection is reset before an answer", _reset),
    Fault("reset_midway", "outages", "the connection is reset in the middle of the answer", _reset_midway),
    Fault("hang", "outages", "no answer at all", _hang),
    Fault("drip", "outages", f"the answer comes byte by byte, one in {DRIP_EVERY_S:g} s", _drip),
    Fault("truncated", "outages", "less comes than Content-Length says", _truncate),
    Fault("cut_chunks", "outages", "a chunked answer ends without its last chunk", _cut_chunks),
    Fault("malformed", "nonsense", "200 with half of the JSON", _half),
    Fault("empty", "nonsense", "200 with nothing", _shows(200, b"")),
    Fault("html", "nonsense", "200 with an HTML page", _shows(200, _PAGE, _HTML)),
    Fault("wrong_types", "nonsense", "texts as lists, numbers as texts", _rewrites(_spoil), _is_found),
    Fault("huge", "nonsense", f"200 with {HUGE_BYTES // 1024**2} MiB", lambda turn: turn.answer(200, b" " * HUGE_BYTES)),
    Fault("bomb", "nonsense", "the same, packed into a few KiB", lambda turn: turn.answer(200, _bomb(), _PACKED)),
    Fault("short_batch", "nonsense", "a batch comes back with half of those who were found", _rewrites(_forget_some), _is_batch),
    Fault("strangers", "nonsense", "a batch also tells of people nobody asked about", _rewrites(_add_strangers), _is_batch),
    Fault("throttle_hour", "stops", "429, come back in an hour", _says(429, "throttled", {"Retry-After": str(HOUR_S)})),
    Fault("quota", "stops", "402: what was paid for is used up", _says(402, "quota_gone")),
    Fault("redirect", "stops", "302 to another host", _shows(302, b"", {"Location": ELSEWHERE})),
    Fault("token_expired", "stops", "401 from here on, until a new token is fetched", _expire_token, _has_token),
    Fault("token_revoked", "stops", "401 from here on, whatever the token", _revoke_token, _has_token),
)

FAULTS: Mapping[str, Fault] = {fault.name: fault for fault in _ALL}
GROUPS: Mapping[str, tuple[Fault, ...]] = {
    group: tuple(fault for fault in _ALL if fault.group == group) for group in dict.fromkeys(fault.group for fault in _ALL)
}
