"""Time as an argument, so that tests need neither sleep nor patch."""

import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Uptime:
    """Time that nobody sets: it goes on when the wall clock is put back or forward.

    Attributes:
        boot: names the start of the machine from which it counts; empty where the system has no such name.
        seconds: since that start; with the time asleep where the system counts it.
    """

    boot: str
    seconds: float


class Clock(Protocol):
    """What the domain needs of time."""

    def now(self) -> datetime:
        """The current time, aware, in UTC."""
        ...

    def uptime(self) -> Uptime:
        """How long the machine has been running."""
        ...

    def sleep(self, seconds: float, until: threading.Event | None = None) -> None:
        """Waits, less long where the event is set meanwhile; a virtual clock only moves its hands."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The current time, aware, in UTC."""
        return datetime.now(UTC)

    def uptime(self) -> Uptime:
        """All processes of a machine read the same."""
        if hasattr(time, "CLOCK_BOOTTIME"):
            return Uptime(_boot(), time.clock_gettime(time.CLOCK_BOOTTIME))
        return Uptime("", time.monotonic())

    def sleep(self, seconds: float, until: threading.Event | None = None) -> None:
        """Blocks the thread."""
        if until is None:
            time.sleep(seconds)
        else:
            until.wait(seconds)


def to_text(moment: datetime) -> str:
    """UTC text that sorts, and that SQLite's date functions read: `2026-11-23 06:12:29.123456`."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def from_text(text: str) -> datetime:
    """The reverse of `to_text`."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S.%f").replace(tzinfo=UTC)


@cache
def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""
