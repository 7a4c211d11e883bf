import dagster as dg

from liendea_assets.clients.rate_limit import RateLimiter
from liendea_assets.clients.settings import Windows
from liendea_assets.db.connection import Database
from liendea_assets.operations import assets
from liendea_assets_tests.conftest import VirtualClock

WINDOWS = {"reach": ((60, 3), (3_600, 40)), "reach/batch": ((60, 1),)}


def look(db: Database, clock: VirtualClock, windows: Windows = WINDOWS) -> tuple[bool, dict[str, object]]:
    """Whether no window was over, and the metadata."""
    result = assets.rate_limit_usage(database=db, clock=clock, rate_limits=windows)
    assert isinstance(result, dg.MaterializeResult)
    (checked,) = result.check_results or ()
    return checked.passed, dict(result.metadata or {})


def spend(limiter: RateLimiter, times: int) -> None:
    for _ in range(times):
        with limiter.attempt("reach", "match", longest_s=10, max_wait_s=0):
            pass


def text(value: object) -> str:
    assert isinstance(value, dg.MarkdownMetadataValue)
    return str(value.value)


def test_there_is_a_row_for_each_window(db: Database, clock: VirtualClock) -> None:
    spend(RateLimiter(db, clock, WINDOWS), 2)
    passed, metadata = look(db, clock)
    rows = [(row["service"], row["action_type"], row["seconds"], row["used"], row["left_now"]) for row in db.table("rate_limit_usage").rows]
    assert passed
    assert rows == [("reach", "", 60, 2, 1), ("reach", "", 3_600, 2, 38), ("reach", "batch", 60, 0, 1)]
    assert metadata["circuits_not_closed"] == 0
    assert "image/svg+xml" in text(metadata["calls"])
    assert "| reach |  | 60 | 3 |" in text(metadata["windows"])


def test_without_calls_there_is_no_chart(db: Database, clock: VirtualClock) -> None:
    passed, metadata = look(db, clock)
    assert passed
    assert text(metadata["calls"]) == "No calls in the last day."


def test_a_window_that_was_over_fails_the_check(db: Database, clock: VirtualClock) -> None:
    spend(RateLimiter(db, clock, {"reach": ((60, 9),)}), 5)
    assert look(db, clock)[0] is False


def test_a_limit_that_was_lowered_is_no_violation_of_what_was_allowed_before(db: Database, clock: VirtualClock) -> None:
    wide, tight = {"reach": ((60, 9),)}, {"reach": ((60, 3),)}
    spend(RateLimiter(db, clock, wide), 5)
    assert look(db, clock, wide)[0]
    clock.sleep(100)
    assert look(db, clock, tight)[0]
    clock.sleep(1)
    spend(RateLimiter(db, clock, wide), 5)
    assert look(db, clock, tight)[0] is False


def test_nothing_is_written_to_the_ledger(db: Database, clock: VirtualClock) -> None:
    spend(RateLimiter(db, clock, WINDOWS), 1)
    before = [tuple(row) for row in db.conn.execute("SELECT * FROM ledger_clock")]
    clock.sleep(5)
    look(db, clock)
    assert [tuple(row) for row in db.conn.execute("SELECT * FROM ledger_clock")] == before
