from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from liendea_assets.outreach.campaign_forecast import ForecastDay, Reader, forecast
from liendea_assets.outreach.settings import CapSettings, MailboxSettings, WindowSettings

MONDAY = date(2026, 10, 5)
BOX = MailboxSettings(name="main", email="sam@northwind.example")


def days(
    readers: list[Reader], *delays: int, daily_limit: int = 100, boxes: tuple[MailboxSettings, ...] = (BOX,), **changed: Any
) -> list[ForecastDay]:
    usual: dict[str, Any] = {"mailbox_days": {"main": 100}, "window": WindowSettings(), "caps": CapSettings(), "first_day": MONDAY}
    return forecast(readers, delays or (0,), daily_limit, boxes, **{**usual, **changed})


def people(count: int, company: object = None) -> list[Reader]:
    return [Reader(place, company) for place in range(count)]


def day(offset: int, first: int, follow_ups: int) -> ForecastDay:
    return ForecastDay(MONDAY + timedelta(days=offset), first, follow_ups)


def test_steps_follow_after_their_delays_on_working_days() -> None:
    assert days(people(3), 0, 4, 7) == [day(0, 3, 0), day(4, 0, 3), day(11, 0, 3)]
    assert days(people(3), 0, 5) == [day(0, 3, 0), day(7, 0, 3)]


def test_follow_ups_come_before_new_people() -> None:
    assert days(people(5), 0, 3, daily_limit=2) == [
        day(0, 2, 0), day(1, 2, 0), day(2, 1, 0), day(3, 0, 2), day(4, 0, 2), day(7, 0, 1),
    ]  # fmt: skip


def test_new_mailbox_is_ramped_up() -> None:
    assert [one.first for one in days(people(60), mailbox_days={})] == [5, 8, 11, 14, 17, 5]


def test_several_mailboxes_share_the_work_up_to_the_limit_of_the_service() -> None:
    other = BOX.model_copy(update={"name": "other", "daily_limit": 10})
    assert days(people(40), boxes=(BOX, other), mailbox_days={"main": 99, "other": 99}) == [day(0, 40, 0)]
    assert [one.first for one in days(people(40), boxes=(BOX, other), mailbox_days={"main": 99, "other": 99}, most_a_day=25)] == [25, 15]


def test_company_gets_two_new_people_in_seven_days() -> None:
    assert days(people(5, company=1)) == [day(0, 2, 0), day(7, 2, 0), day(14, 1, 0)]
    assert days([*people(3, company=1), Reader(9, company=2)])[0] == day(0, 3, 0)


def test_who_is_on_the_way_goes_on_from_there() -> None:
    readers = [Reader(1, sent=1, last_on=MONDAY - timedelta(days=3)), Reader(2, sent=2, last_on=MONDAY), Reader(3, sent=3)]
    assert days(readers, 0, 4, 7) == [day(1, 0, 1), day(7, 0, 1), day(8, 0, 1)]


def test_nothing_goes_out_after_the_last_day_or_without_a_limit() -> None:
    assert days(people(3), 0, 4, last_day=MONDAY + timedelta(days=3)) == [day(0, 3, 0)]
    assert days(people(3), daily_limit=0) == []
    assert days([]) == []


@settings(max_examples=10)
@given(st.integers(0, 40), st.lists(st.integers(0, 6), max_size=3), st.integers(1, 9), st.integers(1, 5))
def test_everybody_gets_every_step_and_no_day_has_too_many(count: int, delays: list[int], limit: int, companies: int) -> None:
    readers = [Reader(place, place % companies) for place in range(count)]
    found = days(readers, 0, *delays, daily_limit=limit)
    assert sum(one.first for one in found) == count
    assert sum(one.follow_ups for one in found) == count * len(delays)
    assert all(0 < one.first + one.follow_ups <= limit and one.day.weekday() < 5 for one in found)
