"""Waits and moments as servers tell them, in headers and bodies, by the server's own clock where it tells that."""

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from liendea_assets.core.clock import Clock

# A number above this is no wait but a moment, in seconds since 1970.
_MOMENT_S = 1e9
# not isdigit(): "²" is a digit to Python, and no number
_SECONDS = re.compile(r"[0-9]+(?:\.[0-9]+)?")


def server_now(headers: Mapping[str, str], clock: Clock) -> datetime:
    """The server's own time where its Date header (names in lower case) tells it: its moments are on its clock, not on ours."""
    with suppress(ValueError, OverflowError):
        return _aware(parsedate_to_datetime(headers.get("date", "")))
    return clock.now()


def read_wait_s(told: str, now: datetime) -> float | None:
    """Seconds until what a text tells: a number of seconds, seconds since 1970, an HTTP date or a time of ISO 8601.

    Args:
        now: the server's time.

    Returns:
        Below 0 for a moment that is over; None where the text can be none of these.
    """
    told = told.strip()
    if _SECONDS.fullmatch(told):
        seconds = float(told)
        return seconds - now.timestamp() if seconds > _MOMENT_S else seconds
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        with suppress(ValueError, OverflowError):
            return (_aware(parse(told)) - now).total_seconds()
    return None


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
