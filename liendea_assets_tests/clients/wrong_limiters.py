"""Limiters with one wrong step each. What tests the limiter has to find every one of them."""

from collections.abc import Iterator
from dataclasses import replace
from sqlite3 import Connection
from typing import Any

from liendea_assets.clients.circuit_breaker import Circuit
from liendea_assets.clients.ledger_time import Reading
from liendea_assets.clients.rate_limit import RateLimiter
from liendea_assets.clients.slots import Wait
from liendea_assets.clients.store import ServiceState, UnderWay


class StampsTheStart(RateLimiter):
    """Counts an attempt from when it began, as most limiters do."""

    _began: dict[int, int]

    def _begun(self, service: str, state: ServiceState, row_id: int, now_us: int, *, is_retry: bool) -> ServiceState:
        self.__dict__.setdefault("_began", {})[row_id] = now_us
        return super()._begun(service, state, row_id, now_us, is_retry=is_retry)

    def _end_us(self, row_id: int, now_us: int) -> int:
        return self._began[row_id]


class ForgetsWhatIsUnderWay(RateLimiter):
    def _settle(self, connection: Connection, service: str, now_us: int) -> list[UnderWay]:
        super()._settle(connection, service, now_us)
        return []


class GrantsOneTooMany(RateLimiter):
    def _wait_for_window(
        self, connection: Connection, service: str, action: str | None, seconds: int, requests: int, under_way: int, now_us: int
    ) -> Wait:
        return super()._wait_for_window(connection, service, action, seconds, requests + 1, under_way, now_us)


class TrustsTheWallClock(RateLimiter):
    def _read_clocks(self, last: Reading | None, at_least_us: int) -> Reading:
        moment = super()._read_clocks(last, at_least_us)
        return replace(moment, ledger_us=moment.wall_us)


class WaitsForTheWallClock(RateLimiter):
    """Never goes back, and so stands still for an hour."""

    def _read_clocks(self, last: Reading | None, at_least_us: int) -> Reading:
        moment = super()._read_clocks(last, at_least_us)
        return replace(moment, ledger_us=max(moment.wall_us, last.ledger_us if last else 0))


class TakesTheDeadForDone(RateLimiter):
    def _latest_end_us(self, now_us: int, longest_s: float) -> int:
        return now_us


class LooksAtTheLongestWindowAlone(RateLimiter):
    def _waits(
        self, connection: Connection, service: str, action: str, state: ServiceState, under_way: list[UnderWay], now_us: int
    ) -> Iterator[Wait]:
        seconds, requests = self._windows[service][-1]
        yield self._wait_for_window(connection, service, None, seconds, requests, len(under_way), now_us)


class _Leaves(RateLimiter):
    """Leaves out one reason to wait."""

    reason: str

    def _waits(self, *arguments: Any) -> Iterator[Wait]:
        for wait in super()._waits(*arguments):
            yield replace(wait, until_us=0) if wait.why == self.reason else wait


class ForgetsPauses(_Leaves):
    reason = "block"


class ForgetsTheCircuit(_Leaves):
    reason = "circuit"


class EndsWindowsEarly(RateLimiter):
    def _length_us(self, seconds: int) -> int:
        return super()._length_us(seconds) * 9 // 10


class ForgetsActions(RateLimiter):
    def _waits(
        self, connection: Connection, service: str, action: str, state: ServiceState, under_way: list[UnderWay], now_us: int
    ) -> Iterator[Wait]:
        yield from super()._waits(connection, service, "other", state, under_way, now_us)


class LetsEverybodyProbe(RateLimiter):
    def _begun(self, service: str, state: ServiceState, row_id: int, now_us: int, *, is_retry: bool) -> ServiceState:
        begun = super()._begun(service, state, row_id, now_us, is_retry=is_retry)
        return replace(begun, circuit=replace(begun.circuit, probe_id=None))


class NeverOpens(RateLimiter):
    """Counts failures, and goes on."""

    def _keep(self, connection: Connection, service: str, before: ServiceState, after: ServiceState) -> None:
        super()._keep(connection, service, before, replace(after, circuit=Circuit()) if after.circuit.openings else after)


WRONG = (
    StampsTheStart,
    ForgetsWhatIsUnderWay,
    GrantsOneTooMany,
    TrustsTheWallClock,
    WaitsForTheWallClock,
    TakesTheDeadForDone,
    LooksAtTheLongestWindowAlone,
    ForgetsPauses,
    ForgetsTheCircuit,
    EndsWindowsEarly,
    ForgetsActions,
    LetsEverybodyProbe,
    NeverOpens,
)
