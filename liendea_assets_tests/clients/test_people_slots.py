"""Windows that count the people a call is about."""

import pytest

from liendea_assets.clients.pacing import Pacing
from liendea_assets.clients.rate_limit import RateLimiter
from liendea_assets.clients.usage import describe_waiting
from liendea_assets.clients.windows import MARGIN_S
from liendea_assets.core.errors import LimitReached
from liendea_assets.db.connection import Database
from liendea_assets_tests.conftest import VirtualClock

WINDOWS = {"reach": ((60, 2),), "reach entities": ((100, 10),)}


def ask(limiter: RateLimiter, people: int, *, max_wait_s: float = 0, takes_s: float = 0, clock: VirtualClock | None = None) -> None:
    with limiter.attempt("reach", "match", longest_s=30, max_wait_s=max_wait_s, people=people):
        if clock is not None:
            clock.sleep(takes_s)


def rows(db: Database) -> list[tuple[str, str]]:
    return [(row["service"], row["outcome"]) for row in db.table("rate_limit_tracking").rows]


def test_people_that_have_no_room_leave_nothing_in_the_ledger(db: Database, clock: VirtualClock) -> None:
    limiter = RateLimiter(db, clock, WINDOWS)
    ask(limiter, 7)
    before = rows(db)
    with pytest.raises(LimitReached, match="people") as caught:
        ask(limiter, 4)
    assert caught.value.wait_s == pytest.approx(100 + MARGIN_S)
    assert rows(db) == before
    ask(limiter, 3)


def test_a_call_that_has_no_room_takes_no_slot_of_people(db: Database, clock: VirtualClock) -> None:
    limiter = RateLimiter(db, clock, WINDOWS)
    for _ in range(2):
        ask(limiter, 1)
    with pytest.raises(LimitReached, match="every slot"):
        ask(limiter, 1)
    assert len(rows(db)) == 4


def test_slots_of_people_are_held_until_the_call_has_ended(db: Database, clock: VirtualClock) -> None:
    limiter = RateLimiter(db, clock, WINDOWS)
    ask(limiter, 10, takes_s=20, clock=clock)
    began = clock.now()
    ask(limiter, 1, max_wait_s=200)
    assert (clock.now() - began).total_seconds() == pytest.approx(100 + MARGIN_S)
    assert {outcome for service, outcome in rows(db) if service == "reach entities"} == {"counted"}


def test_who_waits_for_people_is_told_when_one_has_room(db: Database, clock: VirtualClock) -> None:
    limiter = RateLimiter(db, clock, WINDOWS, {"reach": Pacing()})
    ask(limiter, 10)
    assert limiter.free_in_s("reach") == pytest.approx(100 + MARGIN_S)
    assert (limiter.most_people("reach"), limiter.most_people("email")) == (10, None)
    told = describe_waiting(limiter.usage("reach"), "reach", 100.0, clock)
    assert told.endswith("used 1 of 2 a minute, 10 of 10 people a 100 s")


def test_people_of_a_process_that_died_count_until_their_latest_end(db: Database, clock: VirtualClock) -> None:
    limiter = RateLimiter(db, clock, WINDOWS)
    limiter.begin("reach", "match", longest_s=30, max_wait_s=0, people=10)
    began = clock.now()
    ask(RateLimiter(db, clock, WINDOWS), 10, max_wait_s=1_000)
    assert (clock.now() - began).total_seconds() == pytest.approx(131 + MARGIN_S, abs=0.1)
