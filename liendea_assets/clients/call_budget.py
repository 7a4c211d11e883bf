"""The most calls of a day and of a month, by the calendar: what is agreed with who pays, beside the windows of the server."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, slots=True)
class Period:
    """A day or a month of UTC.

    Attributes:
        most: calls or credits that may be spent in it.
    """

    name: str
    most: float
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class CallBudget:
    """Counts every attempt that is made for somebody, retries and requests for tokens too, whatever service it goes to.

    Attributes:
        payer: whose calls count.
        per_day, per_month: None for no bound.
    """

    payer: str
    per_day: int | None = None
    per_month: int | None = None


def periods(now: datetime, per_day: float | None, per_month: float | None) -> Iterator[Period]:
    """The day and the month that hold a moment, of those that have a bound."""
    day = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if per_day is not None:
        yield Period("day", per_day, day, day + timedelta(days=1))
    if per_month is not None:
        first = day.replace(day=1)
        yield Period("month", per_month, first, (first + timedelta(days=32)).replace(day=1))
