"""Calls to one service within its limits: every attempt takes a slot and is in the ledger, and is made again where that helps.

Made again, three times at most: what was never sent, 408, 425, 429, 500, 502, 503, 504, and an answer that broke off, unless a second
request could do something twice. Of all calls a tenth may be made again. A 401 is answered once by a new token.
"""

import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Literal

from liendea_assets.clients.http import Answer, NoAnswer
from liendea_assets.clients.limit_headers import read_quota
from liendea_assets.clients.rate_limit import Attempt, OnWait, RateLimiter, RetriesUsedUp
from liendea_assets.clients.server_time import read_wait_s, server_now
from liendea_assets.core.clock import Clock
from liendea_assets.core.errors import LimitReached, QuotaGone, ServiceUnavailable

MOST_ATTEMPTS = 3
# Waits of 1 and 2 s between attempts, where the server names none.
FIRST_PAUSE_S = 1.0
# A server that asks for more than this is not waited for within a run; the block is kept for later runs.
LONGEST_RETRY_AFTER_S = 86_400.0
# Where a server that says "not now" does not say until when.
UNKNOWN_RETRY_AFTER_S = 60.0
# Where it says that what was paid for is used up: looking again every hour costs little.
UNKNOWN_QUOTA_S = 3_600.0

_RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504})
# the server did nothing with the request, so a second one does nothing twice
_NOT_DONE = frozenset({408, 425, 429, 503})
_THROTTLED = frozenset({429, 503})
_TOO_MANY = 429
_NO_QUOTA = 402
_REFUSED = 401


@dataclass(frozen=True, slots=True)
class _Tried:
    """What one attempt came to.

    Attributes:
        told: what the ledger says of it.
        may_be_done: whether the server may have done what it was asked.
        is_circuit_open: whether it is now.
    """

    answer: Answer | None
    told: str
    may_be_done: bool
    is_circuit_open: bool

    @property
    def is_throttled(self) -> bool:
        """Whether the server said "not now"."""
        return self.answer is not None and self.answer.status in _THROTTLED

    @property
    def blame(self) -> Literal["service", "call", "circuit"]:
        """As of `ServiceUnavailable`; a server that cannot be reached, or that throttles, does so with everybody."""
        is_fault = self.may_be_done if self.answer is None else self.answer.status != _TOO_MANY
        return "service" if not is_fault else "circuit" if self.is_circuit_open else "call"


class LimitedCalls:
    """The way to one service. Threads may share one.

    Args:
        max_wait_s: how long a call waits for a slot before it raises `LimitReached`.
        on_wait: told the seconds left while it waits.
        deadline_s: the longest that a call may take with its waits and all its attempts; None for no end but theirs.
        stop: once it is set, no attempt begins.
        payer: whose budget of calls these count for.
        waits_for_circuit: False where a call is given up as soon as the circuit opens, so that another one may be the probe.
    """

    def __init__(
        self,
        service: str,
        limiter: RateLimiter,
        clock: Clock,
        max_wait_s: float,
        on_wait: OnWait | None = None,
        deadline_s: float | None = None,
        stop: threading.Event | None = None,
        payer: str | None = None,
        *,
        waits_for_circuit: bool = True,
    ) -> None:
        self._service = service
        self._limiter = limiter
        self._clock = clock
        self._max_wait_s = max_wait_s
        self._on_wait = on_wait
        self._deadline_s = deadline_s
        self._stop = stop
        self._payer = payer
        self._waits_for_circuit = waits_for_circuit

    def call(
        self,
        action: str,
        send: Callable[[], Answer],
        *,
        longest_s: float,
        good: Collection[int] = (200,),
        is_repeatable: bool = True,
        refresh: Callable[[], None] | None = None,
        before_again: Callable[[], None] | None = None,
        people: int = 0,
    ) -> Answer:
        """The first answer that another attempt would not better; its status may be any other than those that are retried.

        Args:
            action: what the ledger says was done.
            longest_s: seconds after which one attempt is given up for certain.
            good: the statuses that the ledger counts as a success.
            is_repeatable: False where a second request could do something twice.
            refresh: gets a new token after a 401; a call that it makes is a call like any other.
            before_again: called before each attempt but the first waits for its slot; what it raises ends the call.
            people: how many the call is about, where a window counts them.

        Raises:
            ServiceUnavailable, LimitReached, QuotaGone, Stopped: try again later.
            RejectedAnswer: an answer larger than the cap.
        """
        until_s = None if self._deadline_s is None else self._clock.uptime().seconds + self._deadline_s
        tried: _Tried | None = None
        number, is_retry = 0, False
        while number < MOST_ATTEMPTS:
            number += 1
            if tried is not None and before_again is not None:
                before_again()
            tried = self._attempt(action, send, longest_s, good, until_s, tried, is_retry=is_retry, people=people)
            answer = tried.answer
            if answer is not None and answer.status == _REFUSED and refresh is not None:
                refresh()
                # the token was the reason, not the service: this attempt was none of the three
                refresh, number = None, number - 1
                continue
            if answer is not None and answer.status == _NO_QUOTA:
                self._obey(answer, UNKNOWN_QUOTA_S)
                raise QuotaGone(f"{self._service}: what may be asked is used up (status {_NO_QUOTA})")
            if answer is not None and answer.status not in _RETRIED:
                return answer
            if answer is not None and tried.is_throttled:
                self._obey(answer, UNKNOWN_RETRY_AFTER_S)
            if tried.may_be_done and not is_repeatable:
                raise ServiceUnavailable(
                    f"{self._service}: no answer, and asking again could do it twice ({tried.told})", blame=tried.blame
                )
            if tried.is_circuit_open and not self._waits_for_circuit:
                break
            is_retry = True
            if number < MOST_ATTEMPTS and not tried.is_throttled:
                self._clock.sleep(FIRST_PAUSE_S * 2 ** (number - 1), self._stop)
        assert tried is not None
        raise ServiceUnavailable(f"{self._service}: no answer in {number} attempts (the last one: {tried.told})", blame=tried.blame)

    def _attempt(
        self,
        action: str,
        send: Callable[[], Answer],
        longest_s: float,
        good: Collection[int],
        until_s: float | None,
        former: _Tried | None,
        *,
        is_retry: bool,
        people: int,
    ) -> _Tried:
        max_wait_s = self._max_wait_s
        if until_s is not None:
            # an attempt that could end after the deadline is not begun
            max_wait_s = min(max_wait_s, until_s - self._clock.uptime().seconds - longest_s)
            if max_wait_s < 0:
                raise ServiceUnavailable(f"{self._service}: no answer within {self._deadline_s:g} s{_told(former)}")
        try:
            with self._limiter.attempt(
                self._service,
                action,
                longest_s=longest_s,
                max_wait_s=max_wait_s,
                on_wait=self._on_wait,
                is_retry=is_retry,
                stop=self._stop,
                payer=self._payer,
                people=people,
            ) as attempt:
                answer, was_sent = self._send(send, attempt, good)
        except RetriesUsedUp as problem:
            raise RetriesUsedUp(f"{problem}{_told(former)}", blame=former.blame if former else "service") from None
        except LimitReached as problem:
            if max_wait_s < self._max_wait_s:
                raise ServiceUnavailable(f"{problem}; the call may take {self._deadline_s:g} s{_told(former)}") from None
            raise
        may_be_done = was_sent and not (answer is not None and answer.status in _NOT_DONE)
        return _Tried(answer, attempt.outcome, may_be_done, attempt.is_circuit_open)

    def _send(self, send: Callable[[], Answer], attempt: Attempt, good: Collection[int]) -> tuple[Answer | None, bool]:
        try:
            answer = send()
        except NoAnswer as problem:
            attempt.outcome, attempt.is_up = str(problem), False
            return None, problem.was_sent
        attempt.outcome = f"status {answer.status}"
        attempt.is_success = answer.status in good
        attempt.is_up = answer.status < 500
        attempt.quota = read_quota(answer.headers, self._clock)
        return answer, True

    def _obey(self, answer: Answer, unknown_s: float) -> None:
        """Stops all processes for as long as the server asks."""
        quota = read_quota(answer.headers, self._clock)
        if "retry-after" not in answer.headers and quota is not None and quota.reset_s:
            unknown_s = quota.reset_s
        told_s = read_wait_s(answer.headers.get("retry-after", ""), server_now(answer.headers, self._clock))
        seconds = unknown_s if told_s is None else max(0.0, told_s)
        self._limiter.block(self._service, min(seconds, LONGEST_RETRY_AFTER_S), f"status {answer.status}")


def _told(former: _Tried | None) -> str:
    return f" (the last attempt: {former.told})" if former else ""
