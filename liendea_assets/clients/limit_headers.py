"""What a server tells of its limits in the headers of an answer.

Forms, seen 2026: `RateLimit` and `RateLimit-Policy` of draft-ietf-httpapi-ratelimit-headers (10: `"name";q=100;w=60` and
`"name";r=50;t=30`; 07: `limit=100, remaining=50, reset=30` and `100;w=60`), `RateLimit-Limit/-Remaining/-Reset` of its versions 00 to
06, the older `X-RateLimit-*` with a moment or seconds as reset, names that hold a window (`X-RateLimit-Limit-Minute` of Kong,
`x-rate-limit-hourly` with `x-hourly-requests-left` of Apollo), and values that do (`{'minute': 100}` of People Data Labs, with a moment of
ISO 8601 as reset). What cannot be read is left out: a header is no reason to fail.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from liendea_assets.clients.server_time import read_wait_s, server_now
from liendea_assets.core.clock import Clock

# Of what a server asks for; a moment further away is a mistake of its, or ours.
LONGEST_RESET_S = 86_400.0
_SPANS = {
    "second": 1, "minute": 60, "minutely": 60, "hour": 3_600, "hourly": 3_600, "day": 86_400, "daily": 86_400, "24-hour": 86_400,
}  # fmt: skip
_SPAN = "(" + "|".join(_SPANS) + ")"
_LIMIT_OF_SPAN = re.compile(rf"x-rate-?limit-(?:limit-)?{_SPAN}")
_LEFT_OF_SPAN = re.compile(rf"(?:x-{_SPAN}-requests-left|x-rate-?limit-remaining-{_SPAN})")
_OF_SPAN = re.compile(rf"""['"]{_SPAN}['"]: *([0-9]{{1,15}})""")
_NUMBER = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,9})?")


@dataclass(frozen=True, slots=True)
class Quota:
    """The limits of a service as its last answer tells them.

    Attributes:
        windows: (seconds, requests) that hold besides those of rate_limits.yaml.
        remaining: requests that are still allowed within `reset_s`; None where nothing is told.
        reset_s: seconds, at most a day.
    """

    windows: tuple[tuple[int, int], ...] = ()
    remaining: int | None = None
    reset_s: float | None = None


def read_quota(headers: Mapping[str, str], clock: Clock) -> Quota | None:
    """What the headers (names in lower case) tell; None where they tell nothing."""
    windows = dict(_windows(headers))
    remaining, reset_s = _tightest(headers, server_now(headers, clock))
    if not windows and remaining is None:
        return None
    return Quota(tuple(sorted(windows.items())), remaining, reset_s)


def _windows(headers: Mapping[str, str]) -> Iterator[tuple[int, int]]:
    for name in ("ratelimit-policy", "ratelimit-limit"):
        for item, parameters in _items(headers.get(name, "")):
            requests, seconds = _whole(parameters.get("q", item)), _whole(parameters.get("w", ""))
            if requests and seconds:
                yield seconds, requests
    for span, requests_text in _OF_SPAN.findall(headers.get("x-ratelimit-limit", "")):
        if int(requests_text):
            yield _SPANS[span], int(requests_text)
    for name, value in headers.items():
        named = _LIMIT_OF_SPAN.fullmatch(name)
        if named and (requests := _whole(value)):
            yield _SPANS[named.group(1)], requests


def _tightest(headers: Mapping[str, str], now: datetime) -> tuple[int | None, float | None]:
    """The smallest number of requests left, with the time after which it starts anew."""
    told: list[tuple[int, float]] = []
    for _name, parameters in _items(headers.get("ratelimit", "")):
        left, reset = _whole(parameters.get("r", "")), _seconds(parameters.get("t", ""), now)
        if left is not None and reset is not None:
            told.append((left, reset))
    old = dict(part.strip().partition("=")[::2] for part in headers.get("ratelimit", "").split(","))
    pairs = [(old.get("remaining", ""), old.get("reset", ""))]
    prefixes = ("ratelimit", "x-ratelimit", "x-rate-limit")
    pairs += [(headers.get(f"{prefix}-remaining", ""), headers.get(f"{prefix}-reset", "")) for prefix in prefixes]
    pairs += [
        (left_text, headers.get("x-ratelimit-reset", "")) for _, left_text in _OF_SPAN.findall(headers.get("x-ratelimit-remaining", ""))
    ]
    for left_text, reset_text in pairs:
        left, reset = _whole(left_text), _seconds(reset_text, now)
        if left is not None and reset is not None:
            told.append((left, reset))
    for name, value in headers.items():
        named, left = _LEFT_OF_SPAN.fullmatch(name), _whole(value)
        if named and left == 0:
            # nothing says when that window ends; a server's window may slide, so it may be its whole length
            told.append((0, float(_SPANS[named.group(1) or named.group(2)])))
    return min(told, key=lambda one: (one[0], -one[1]), default=(None, None))


def _items(header: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The members of a structured list: each with its parameters."""
    for member in header.split(","):
        item, *parameters = member.split(";")
        yield item.strip(), {name.strip(): value.strip() for name, _, value in (one.partition("=") for one in parameters)}


def _whole(text: str) -> int | None:
    return int(float(text)) if _NUMBER.fullmatch(text.strip()) else None


def _seconds(text: str, now: datetime) -> float | None:
    seconds = read_wait_s(text, now)
    return None if seconds is None else min(max(0.0, seconds), LONGEST_RESET_S)
