import sqlite3
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from liendea_assets.core.clock import SystemClock, from_text, to_text

MOMENTS = st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(9998, 1, 1), timezones=st.timezones())


def test_text_is_utc_to_the_microsecond() -> None:
    assert to_text(datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)) == "2026-01-02 03:04:05.000006"
    assert to_text(datetime(2026, 1, 2, 1, 0, tzinfo=timezone(timedelta(hours=2)))) == "2026-01-01 23:00:00.000000"


@given(MOMENTS)
def test_a_moment_survives_its_text(moment: datetime) -> None:
    assert from_text(to_text(moment)) == moment.astimezone(UTC)


@given(MOMENTS, MOMENTS)
def test_texts_sort_as_their_moments_do(first: datetime, second: datetime) -> None:
    assert (to_text(first) < to_text(second)) == (first.astimezone(UTC) < second.astimezone(UTC))


def test_sqlite_reads_the_text_as_a_time() -> None:
    connection = sqlite3.connect(":memory:")
    next_day = connection.execute("SELECT datetime(?, '+1 day')", ("2026-12-31 23:59:59.123456",)).fetchone()[0]
    connection.close()

    assert next_day == "2027-01-01 23:59:59"


def test_the_systems_clock_is_aware_and_in_utc() -> None:
    assert SystemClock().now().tzinfo is UTC
