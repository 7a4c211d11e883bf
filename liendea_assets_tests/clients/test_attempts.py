"""What is made again, what it may cost, and what servers tell of their limits; over a real server, with a clock that is told to move."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import pairwise

import pytest
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp

from liendea_assets.clients.attempts import UNKNOWN_QUOTA_S, LimitedCalls
from liendea_assets.clients.circuit_breaker import FAILURES_TO_OPEN, FIRST_PAUSE_US
from liendea_assets.clients.http import Answer, HttpClient
from liendea_assets.clients.ledger_time import US
from liendea_assets.clients.pacing import Pacing
from liendea_assets.clients.rate_limit import RateLimiter, RetriesUsedUp
from liendea_assets.clients.settings import Windows
from liendea_assets.core.errors import LimitReached, QuotaGone, ServiceUnavailable
from liendea_assets.db.connection import Database
from liendea_assets.sandbox.serving import serving
from liendea_assets_tests.clients.servers import Scripted, bare_server, free_port
from liendea_assets_tests.conftest import VirtualClock

WIDE = {"reach": ((60, 1_000),)}


class Way:
    """Calls to a server."""

    def __init__(self, url: str, db: Database, clock: VirtualClock, windows: Windows, deadline_s: float | None, max_wait_s: float) -> None:
        self.http = HttpClient(url, {}, 5)
        self.limiter = RateLimiter(db, clock, windows)
        self._calls = LimitedCalls("reach", self.limiter, clock, max_wait_s, deadline_s=deadline_s)

    def call(self, action: str = "match", **options: object) -> Answer:
        return self._calls.call(action, lambda: self.http.request("GET", "/"), longest_s=5, **options)  # type: ignore[arg-type]


@contextmanager
def way_at(
    url: str, db: Database, clock: VirtualClock, *, windows: Windows = WIDE, deadline_s: float | None = None, max_wait_s: float = 600.0
) -> Iterator[Way]:
    way = Way(url, db, clock, windows, deadline_s, max_wait_s)
    with closing(way.http):
        yield way


@contextmanager
def way_to(app: ASGIApp, db: Database, clock: VirtualClock, **options: object) -> Iterator[Way]:
    with serving(app) as url, way_at(url, db, clock, **options) as way:  # type: ignore[arg-type]
        yield way


def answer(status: int = 200, **headers: str) -> Response:
    return PlainTextResponse("", status, {name.replace("_", "-"): value for name, value in headers.items()})


def ledger(db: Database) -> list[tuple[str, int | None, int]]:
    return [(row["outcome"], row["success"], row["is_retry"]) for row in db.table("rate_limit_tracking").rows_where(order_by="id")]


class TestRetries:
    def test_are_marked_in_the_ledger(self, db: Database, clock: VirtualClock) -> None:
        with way_to(Scripted(answer(500), answer()), db, clock) as way:
            way.call()
        assert ledger(db) == [("status 500", 0, 0), ("status 200", 1, 1)]

    def test_are_a_tenth_of_all_calls_at_most(self, db: Database, clock: VirtualClock) -> None:
        """Ten are there to begin with; afterwards ten calls earn one."""
        calls, refused = 300, 0
        with way_to(Scripted(*(answer(500) if number % 2 else answer() for number in range(3 * calls))), db, clock) as way:
            for _ in range(calls):
                try:
                    way.call()
                except RetriesUsedUp:
                    refused += 1
        retries = sum(is_retry for _, _, is_retry in ledger(db))
        assert refused > 0
        assert retries <= 10 + (len(ledger(db)) - retries) / 10

    def test_of_what_could_be_done_twice_are_not_made(self, db: Database, clock: VirtualClock) -> None:
        with way_to(Scripted(answer(500)), db, clock) as way, pytest.raises(ServiceUnavailable, match="do it twice"):
            way.call(is_repeatable=False)
        assert len(ledger(db)) == 1

    def test_of_an_answer_that_broke_off_depend_on_what_it_could_have_done(self, db: Database, clock: VirtualClock) -> None:
        def hang_up(connection: socket.socket, stopped: threading.Event) -> None:
            return

        with bare_server(hang_up) as url, way_at(url, db, clock) as way:
            with pytest.raises(ServiceUnavailable, match="do it twice"):
                way.call(is_repeatable=False)
            with pytest.raises(ServiceUnavailable, match="3 attempts"):
                way.call()
        assert len(ledger(db)) == 1 + 3

    @pytest.mark.parametrize("status", [408, 425, 429, 503])
    def test_of_what_was_not_done_are_made_always(self, db: Database, clock: VirtualClock, status: int) -> None:
        with way_to(Scripted(answer(status), answer()), db, clock) as way:
            assert way.call(is_repeatable=False).status == 200

    def test_of_what_never_left_are_made_always(self, db: Database, clock: VirtualClock) -> None:
        with way_at(f"http://127.0.0.1:{free_port()}", db, clock) as way, pytest.raises(ServiceUnavailable, match="3 attempts"):
            way.call(is_repeatable=False)


class TestTheDeadline:
    def test_ends_a_call_before_an_attempt_that_could_pass_it(self, db: Database, clock: VirtualClock) -> None:
        began = clock.now()
        with (
            way_to(Scripted(*[answer(500)] * 3), db, clock, deadline_s=6.5) as way,
            pytest.raises(ServiceUnavailable, match=r"within 6\.5 s .*status 500"),
        ):
            way.call()
        # after the second pause 3 s are over, and an attempt may take 5
        assert (len(ledger(db)), (clock.now() - began).total_seconds()) == (2, 3)

    def test_ends_the_wait_for_a_slot(self, db: Database, clock: VirtualClock) -> None:
        with way_to(Scripted(answer()), db, clock, windows={"reach": ((60, 1),)}, deadline_s=30) as way:
            way.call()
            with pytest.raises(ServiceUnavailable, match="the call may take 30 s"):
                way.call()
        assert clock.slept == []


class TestATokenThatHasExpired:
    def test_is_renewed_once(self, db: Database, clock: VirtualClock) -> None:
        renewed: list[int] = []
        with way_to(Scripted(answer(401), answer()), db, clock) as way:
            assert way.call(refresh=lambda: renewed.append(1)).status == 200
        assert renewed == [1]
        assert ledger(db) == [("status 401", 0, 0), ("status 200", 1, 0)]

    def test_is_told_where_the_new_one_is_refused_too(self, db: Database, clock: VirtualClock) -> None:
        renewed: list[int] = []
        with way_to(Scripted(answer(401), answer(401)), db, clock) as way:
            assert way.call(refresh=lambda: renewed.append(1)).status == 401
        assert renewed == [1]

    def test_is_told_where_nothing_renews_it(self, db: Database, clock: VirtualClock) -> None:
        with way_to(Scripted(answer(401)), db, clock) as way:
            assert way.call().status == 401

    def test_may_be_renewed_by_a_call_that_is_in_the_ledger(self, db: Database, clock: VirtualClock) -> None:
        with way_to(Scripted(answer(401), answer(200), answer(404)), db, clock) as way:

            def renew() -> None:
                way.call("token")

            assert way.call(refresh=renew).status == 404
        assert [outcome for outcome, _, _ in ledger(db)] == ["status 401", "status 200", "status 404"]


class TestWhatServersTell:
    def test_nothing_left_stops_all_processes_until_the_reset(self, db: Database, clock: VirtualClock) -> None:
        with way_to(Scripted(answer(RateLimit='"d";r=0;t=40'), answer()), db, clock) as way:
            way.call()
            other = RateLimiter(db, clock, WIDE)
            with pytest.raises(LimitReached, match="nothing is left") as caught, other.attempt("reach", "x", longest_s=1, max_wait_s=0):
                pass
            assert caught.value.wait_s == 40
            way.call()
        assert clock.slept == [40]

    def test_what_is_left_is_counted_down(self, db: Database, clock: VirtualClock) -> None:
        """Somebody else uses the same key: the server says that two are left, our ledger knows of none."""
        with way_to(Scripted(answer(RateLimit='"d";r=2;t=40'), answer(), answer(), answer()), db, clock) as way:
            for _ in range(3):
                way.call()
            assert clock.slept == []
            way.call()
        assert clock.slept == [40]

    def test_a_tighter_window_holds_for_all_processes_for_a_day(self, db: Database, clock: VirtualClock) -> None:
        with way_to(Scripted(answer(RateLimit_Policy='"d";q=2;w=100'), *[answer()] * 5), db, clock, max_wait_s=200) as way:
            way.call()
            way.call()
            other = RateLimiter(db, clock, WIDE)
            with pytest.raises(LimitReached) as caught, other.attempt("reach", "x", longest_s=1, max_wait_s=0):
                pass
            assert caught.value.wait_s == pytest.approx(100.01)
            clock.sleep(86_401)
            for _ in range(3):
                way.call()
        assert clock.slept == [86_401]

    def test_a_wider_window_loosens_nothing(self, db: Database, clock: VirtualClock) -> None:
        windows = {"reach": ((100, 1),)}
        with way_to(Scripted(answer(RateLimit_Policy='"d";q=9;w=100'), answer()), db, clock, windows=windows) as way:
            way.call()
            way.call()
        assert clock.slept == [pytest.approx(100.01)]

    @pytest.mark.parametrize(("headers", "seconds"), [({}, UNKNOWN_QUOTA_S), ({"Retry_After": "70"}, 70)])
    def test_a_quota_that_is_used_up_stops_all_processes(
        self, db: Database, clock: VirtualClock, headers: dict[str, str], seconds: float
    ) -> None:
        with way_to(Scripted(answer(402, **headers)), db, clock, max_wait_s=10) as way:
            with pytest.raises(QuotaGone, match="used up"):
                way.call()
            with pytest.raises(LimitReached, match="pause") as caught:
                way.call()
        assert caught.value.wait_s == seconds

    def test_the_reset_of_a_429_is_when_to_ask_again(self, db: Database, clock: VirtualClock) -> None:
        with way_to(Scripted(answer(429, X_RateLimit_Remaining="0", X_RateLimit_Reset="33"), answer()), db, clock) as way:
            way.call()
        assert clock.slept == [33]


class TestTheCircuit:
    def test_is_open_after_failures_in_a_row_and_one_probe_closes_it(self, db: Database, clock: VirtualClock) -> None:
        app = Scripted(*[answer(500)] * FAILURES_TO_OPEN, *[answer()] * 3)
        with way_to(app, db, clock, max_wait_s=10) as way:
            for _ in range(2):
                with pytest.raises(ServiceUnavailable):
                    way.call()
            assert len(app.asked) == FAILURES_TO_OPEN
            with pytest.raises(ServiceUnavailable, match=r"circuit is open .* in 28 s"):
                way.call()
            assert len(app.asked) == FAILURES_TO_OPEN
            clock.sleep(FIRST_PAUSE_US / US)
            way.call()
            way.call()

    def test_lets_one_probe_through_over_all_processes(self, db: Database, clock: VirtualClock) -> None:
        one, other = RateLimiter(db, clock, WIDE), RateLimiter(db, clock, WIDE)
        for limiter in (one, other, one, other, one):
            with limiter.attempt("reach", "match", longest_s=5, max_wait_s=0) as attempt:
                attempt.is_up = False
        clock.sleep(30)
        with one.attempt("reach", "match", longest_s=5, max_wait_s=0) as probe:
            with pytest.raises(ServiceUnavailable, match="circuit"), other.attempt("reach", "match", longest_s=5, max_wait_s=0):
                pass
            probe.is_up = False
        with pytest.raises(ServiceUnavailable, match="in 60 s"), other.attempt("reach", "match", longest_s=5, max_wait_s=0):
            pass
        clock.sleep(60)
        with other.attempt("reach", "match", longest_s=5, max_wait_s=0) as probe:
            probe.is_up = True
        for limiter in (one, other):
            with limiter.attempt("reach", "match", longest_s=5, max_wait_s=0):
                pass

    def test_takes_another_probe_where_the_first_ones_process_died(self, db: Database, clock: VirtualClock) -> None:
        limiter = RateLimiter(db, clock, WIDE)
        for _ in range(FAILURES_TO_OPEN):
            with limiter.attempt("reach", "match", longest_s=5, max_wait_s=0) as attempt:
                attempt.is_up = False
        clock.sleep(30)
        dead = limiter.attempt("reach", "match", longest_s=5, max_wait_s=0)
        dead.__enter__()
        clock.sleep(6)
        with limiter.attempt("reach", "match", longest_s=5, max_wait_s=0) as probe:
            probe.is_up = True

    def test_is_kept_per_service(self, db: Database, clock: VirtualClock) -> None:
        limiter = RateLimiter(db, clock, {**WIDE, "email": ((60, 10),)})
        for _ in range(FAILURES_TO_OPEN):
            with limiter.attempt("reach", "match", longest_s=5, max_wait_s=0) as attempt:
                attempt.is_up = False
        with limiter.attempt("email", "send", longest_s=5, max_wait_s=0):
            pass


class TestActions:
    def test_have_windows_of_their_own_besides_those_of_the_service(self, db: Database, clock: VirtualClock) -> None:
        limiter = RateLimiter(db, clock, {"reach": ((60, 3),), "reach/batch": ((60, 1), (600, 2))})
        for action in ("batch", "match"):
            with limiter.attempt("reach", action, longest_s=1, max_wait_s=0):
                pass
        with pytest.raises(LimitReached), limiter.attempt("reach", "batch", longest_s=1, max_wait_s=0):
            pass
        with limiter.attempt("reach", "match", longest_s=1, max_wait_s=0):
            pass
        with pytest.raises(LimitReached), limiter.attempt("reach", "match", longest_s=1, max_wait_s=0):
            pass
        clock.sleep(61)
        with limiter.attempt("reach", "batch", longest_s=1, max_wait_s=0):
            pass
        clock.sleep(61)
        with pytest.raises(LimitReached) as caught, limiter.attempt("reach", "batch", longest_s=1, max_wait_s=0):
            pass
        assert caught.value.wait_s == pytest.approx(600.01 - 122)


class TestPacing:
    def starts(self, db: Database, clock: VirtualClock, pacing: Pacing, calls: int) -> list[float]:
        limiters = [RateLimiter(db, clock, WIDE, {"reach": pacing}) for _ in range(2)]
        began, starts = clock.now(), []
        for number in range(calls):
            with limiters[number % 2].attempt("reach", "match", longest_s=1, max_wait_s=100):
                starts.append((clock.now() - began).total_seconds())
        return starts

    def test_is_off_by_default(self, db: Database, clock: VirtualClock) -> None:
        assert self.starts(db, clock, Pacing(), 3) == [0, 0, 0]

    def test_keeps_a_gap_and_rests_over_all_processes(self, db: Database, clock: VirtualClock) -> None:
        assert self.starts(db, clock, Pacing(minimum_gap_s=2, rest_after=3, rest_s=10), 7) == [0, 2, 4, 16, 18, 20, 32]

    def test_adds_some_chance(self, db: Database, clock: VirtualClock) -> None:
        starts = self.starts(db, clock, Pacing(minimum_gap_s=2, jitter_s=1), 20)
        gaps = {round(later - former, 6) for former, later in pairwise(starts)}
        assert len(gaps) > 10
        assert all(2 <= gap <= 3 for gap in gaps)
