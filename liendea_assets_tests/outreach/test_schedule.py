from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liendea_assets.outreach.schedule import Schedule, find_time_zone
from liendea_assets.outreach.settings import WindowSettings

WEEKDAYS = WindowSettings()


def place(text: str, time_zone: str | None, country: str | None = None, window: WindowSettings = WEEKDAYS, mailbox: str = "UTC") -> str:
    """The moment found, in UTC."""
    earliest = datetime.fromisoformat(text).replace(tzinfo=UTC)
    return Schedule(window, mailbox).place(time_zone, country, earliest).send_after.strftime("%a %Y-%m-%d %H:%M")


def test_within_working_hours_it_is_at_once() -> None:
    assert place("2026-10-05 10:30", "UTC") == "Mon 2026-10-05 10:30"


@pytest.mark.parametrize(
    ("zone", "moment"),
    [
        ("Europe/Berlin", "Tue 2026-10-06 07:00"),
        ("America/New_York", "Mon 2026-10-05 18:00"),
        ("America/Los_Angeles", "Mon 2026-10-05 18:00"),
        ("Asia/Kolkata", "Tue 2026-10-06 03:30"),
        ("Pacific/Auckland", "Mon 2026-10-05 20:00"),
    ],
)
def test_hours_are_the_recipients(zone: str, moment: str) -> None:
    assert place("2026-10-05 18:00", zone) == moment


def test_end_of_the_window_is_not_within_it() -> None:
    assert place("2026-10-05 17:00", "UTC") == "Tue 2026-10-06 09:00"
    assert place("2026-10-05 16:59", "UTC") == "Mon 2026-10-05 16:59"


def test_weekend_is_left_out() -> None:
    assert place("2026-10-09 17:30", "Europe/Berlin") == "Mon 2026-10-12 07:00"


def test_where_friday_is_a_day_of_rest_it_is_left_out_too() -> None:
    assert place("2026-10-09 08:00", None, "SA") == "Mon 2026-10-12 06:00"


def test_window_of_days_of_rest_alone_is_meant_as_it_says() -> None:
    assert place("2026-10-05 08:00", None, "DE", WindowSettings(days=("sat",))) == "Sat 2026-10-10 07:00"


@pytest.mark.parametrize(("day", "hour"), [("2026-03-27", "08"), ("2026-03-30", "07"), ("2026-10-23", "07"), ("2026-10-26", "08")])
def test_hours_stay_when_the_clocks_change(day: str, hour: str) -> None:
    """09:00 in Berlin is 08:00 UTC in winter and 07:00 in summer."""
    assert place(f"{day} 00:00", "Europe/Berlin")[4:] == f"{day} {hour}:00"


def test_public_holiday_of_the_recipient_is_left_out_and_told() -> None:
    earliest = datetime(2026, 12, 24, 18, tzinfo=UTC)
    slot = Schedule(WEEKDAYS, "UTC").place("Europe/Berlin", "DE", earliest)
    assert slot.send_after == datetime(2026, 12, 28, 8, tzinfo=UTC)
    assert slot.reason == (
        "Mon 2026-12-28 09:00 Europe/Berlin (the recipient's); not on 2026-12-25, a public holiday in DE; not on days off"
    )
    # the same day is none where it is not theirs, or where nobody wants to know
    assert place("2026-11-26 15:00", "America/New_York", "US") == "Fri 2026-11-27 14:00"
    assert place("2026-11-26 15:00", "America/New_York", "DE") == "Thu 2026-11-26 15:00"
    assert place("2026-11-26 15:00", "America/New_York", "US", WindowSettings(holidays=False)) == "Thu 2026-11-26 15:00"


def test_country_without_a_list_of_holidays_has_none() -> None:
    assert place("2026-12-25 10:00", "UTC", "XX") == "Fri 2026-12-25 10:00"


@pytest.mark.parametrize(
    ("time_zone", "country", "found"),
    [
        ("America/Chicago", "DE", "America/Chicago"),
        (None, "DE", "Europe/Berlin"),
        (None, "de", "Europe/Berlin"),
        (None, "FR", "Europe/Paris"),
        (None, "US", None),
        (None, "ES", None),
        (None, "XX", None),
        (None, None, None),
        ("PST+8", "DE", "Europe/Berlin"),
        ("../etc/localtime", None, None),
        ("America", None, None),
    ],
)
def test_zone_is_the_recipients_else_that_of_a_country_with_one_clock(
    time_zone: str | None, country: str | None, found: str | None
) -> None:
    """Germany has two zones by name (Büsingen is the other one) and one clock."""
    known = find_time_zone(time_zone, country, 2026)
    assert (known[0] if known else None) == found


def test_unknown_zone_is_the_senders_and_says_so() -> None:
    earliest = datetime(2026, 10, 5, 5, tzinfo=UTC)
    slot = Schedule(WEEKDAYS, "Europe/Berlin").place(None, "US", earliest)
    assert slot.reason == "Mon 2026-10-05 09:00 Europe/Berlin (the sender's; the recipient's is not known)"
    assert place("2026-10-05 05:00", None, None, WindowSettings(default_time_zone="Asia/Tokyo"), "Europe/Berlin") == "Mon 2026-10-05 05:00"


@settings(max_examples=30)
@given(
    st.datetimes(datetime(2025, 1, 1), datetime(2028, 12, 31)),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns", None, "junk"]),
    st.sampled_from(["DE", "US", "SA", "NP", "AU", None, "XX"]),
)
def test_whatever_is_found_is_open_and_the_earliest_that_is(moment: datetime, time_zone: str | None, country: str | None) -> None:
    schedule, earliest = Schedule(WEEKDAYS, "UTC"), moment.replace(tzinfo=UTC)
    found = schedule.place(time_zone, country, earliest).send_after
    assert found >= earliest
    assert schedule.is_open(time_zone, country, found)
    zone = find_time_zone(time_zone, country, moment.year)
    local = found.astimezone(ZoneInfo(zone[0] if zone else "UTC"))
    assert local.weekday() < 5
    assert 9 <= local.hour < 17
    before = found - timedelta(microseconds=1)
    assert found == earliest or not schedule.is_open(time_zone, country, before)
