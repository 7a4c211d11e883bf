import email.utils
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liendea_assets.clients.server_time import read_wait_s, server_now
from liendea_assets_tests.conftest import VirtualClock

NOW = VirtualClock().now()


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("90", 90),
        (" 90\t", 90),
        ("1.5", 1.5),
        (f"{NOW.timestamp() + 90:.0f}", 90),
        (email.utils.format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90),
        ((NOW + timedelta(seconds=90)).isoformat(), 90),
        ((NOW + timedelta(seconds=90)).replace(tzinfo=None).isoformat(), 90),
        (email.utils.format_datetime(NOW - timedelta(hours=1), usegmt=True), -3_600),
    ],
)
def test_every_form_is_read(told: str, seconds: float) -> None:
    assert read_wait_s(told, NOW) == pytest.approx(seconds)


@pytest.mark.parametrize("told", ["soon", "", "-5", "²", "²³", "Wed, 99 Foo 2026"])
def test_what_means_nothing_is_none(told: str) -> None:
    assert read_wait_s(told, NOW) is None


@given(st.text() | st.text("0123456789 :,+-.TZGMTMonOct"))
def test_no_text_fails(told: str) -> None:
    seconds = read_wait_s(told, NOW)
    assert seconds is None or isinstance(seconds, float)


@pytest.mark.parametrize("date", ["", "soon", "Wed, 99 Foo 2026"])
def test_where_the_server_tells_no_time_it_is_ours(date: str, clock: VirtualClock) -> None:
    assert server_now({"date": date}, clock) == clock.now()


def test_the_servers_own_time_counts(clock: VirtualClock) -> None:
    theirs = clock.now().replace(microsecond=0) + timedelta(hours=1)
    assert server_now({"date": email.utils.format_datetime(theirs, usegmt=True)}, clock) == theirs
