"""Calls to one service within its limits: every attempt takes a slot and is in the ledger, and is made again where that helps."""

import email.utils
import re
from collections.abc import Callable, Collection
from datetime import UTC

from liendea_assets.clients.http import Answer, NoAnswer
from liendea_assets.clients.rate_limit import Attempt, OnWait, RateLimiter
from liendea_assets.core.clock import Clock
from liendea_assets.core.errors import ServiceUnavailable

MOST_ATTEMPTS = 3
# Waits of 1 and 2 s between attempts, where the server names none.
FIRST_PAUSE_S = 1.0
# A server that asks for more than this is not waited for within a run; the block is kept for later runs.
LONGEST_RETRY_AFTER_S = 86_400.0

_RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504})


class LimitedCalls:
    """The way to one service.

    Args:
        max_wait_s: how long a call waits for a slot before it raises `LimitReached`.
        on_wait: told the seconds left while it waits.
    """

    def __init__(self, service: str, limiter: RateLimiter, clock: Clock, max_wait_s: float, on_wait: OnWait | None = None) -> None:
        self._service = service
        self._limiter = limiter
        self._clock = clock
        self._max_wait_s = max_wait_s
        self._on_wait = on_wait

    def call(self, action: str, send: Callable[[], Answer], *, longest_s: float, good: Collection[int] = (200,)) -> Answer:
        """The first answer that another attempt would not better; its status may be any other than those that are retried.

        Args:
            action: what the ledger says was done.
            longest_s: seconds after which one attempt is given up for certain.
            good: the statuses that the ledger counts as a success.

        Raises:
            ServiceUnavailable, LimitReached: try again later.
            RejectedAnswer: an answer larger than the cap.
        """
        problem = ""
        for number in range(1, MOST_ATTEMPTS + 1):
            with self._limiter.attempt(
                self._service, action, longest_s=longest_s, max_wait_s=self._max_wait_s, on_wait=self._on_wait
            ) as attempt:
                answer = _send(send, attempt, good)
            if answer is not None and answer.status not in _RETRIED:
                return answer
            problem = attempt.outcome
            if answer is not None and answer.status in (429, 503):
                self._obey(answer)
            elif number < MOST_ATTEMPTS:
                self._clock.sleep(FIRST_PAUSE_S * 2 ** (number - 1))
        raise ServiceUnavailable(f"{self._service}: no answer in {MOST_ATTEMPTS} attempts (the last one: {problem})")

    def _obey(self, answer: Answer) -> None:
        """Stops all processes for as long as the server asks."""
        seconds = retry_after_s(answer.headers.get("retry-after", ""), self._clock)
        self._limiter.block(self._service, min(seconds, LONGEST_RETRY_AFTER_S), f"status {answer.status}")


def retry_after_s(header: str, clock: Clock) -> float:
    """Seconds of a Retry-After header, which holds seconds or an HTTP date; 60 where it holds neither."""
    # not isdigit(): "²" is a digit to Python, and no number
    seconds = re.fullmatch(r"[ \t]*([0-9]+)[ \t]*", header)
    if seconds:
        return float(seconds.group(1))
    try:
        moment = email.utils.parsedate_to_datetime(header)
    except (ValueError, OverflowError):
        return 60.0
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - clock.now()).total_seconds())


def _send(send: Callable[[], Answer], attempt: Attempt, good: Collection[int]) -> Answer | None:
    try:
        answer = send()
    except NoAnswer as problem:
        attempt.outcome = str(problem)
        return None
    attempt.outcome = f"status {answer.status}"
    attempt.is_success = answer.status in good
    return answer
