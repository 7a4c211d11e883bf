"""Time as an argument, so that tests need neither sleep nor patch."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What the domain needs of time."""

    def now(self) -> datetime:
        """The current time, aware, in UTC."""
        ...

    def sleep(self, seconds: float) -> None:
        """Waits; a virtual clock only moves its hands."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The current time, aware, in UTC."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Blocks the thread."""
        time.sleep(seconds)


def to_text(moment: datetime) -> str:
    """UTC text that sorts, and that SQLite's date functions read: `2026-11-23 06:12:29.123456`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def from_text(text: str) -> datetime:
    """The reverse of `to_text`."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S.%f").replace(tzinfo=UTC)
