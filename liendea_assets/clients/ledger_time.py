"""The ledger's own time: microseconds that only go forward, over all processes, clock changes and restarts of the machine.

While the machine runs, time is its uptime, which nobody sets: a wall clock that is put back or forward, by daylight saving or by hand,
changes nothing. Over a restart only the wall clock knows how long the machine was off; put back, it tells nothing, and then the time
off does not count. So the one way to be wrong is a wall clock that is put forward while the machine is off.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from liendea_assets.core.clock import Clock

US = 1_000_000


@dataclass(frozen=True, slots=True)
class Reading:
    """How the clocks stood at a moment of the ledger's time."""

    boot: str
    uptime_us: int
    wall_us: int
    ledger_us: int


def read_clocks(clock: Clock, last: Reading | None, at_least_us: int = 0) -> Reading:
    """The present moment.

    Args:
        last: the reading that the ledger was last written with; None for a ledger that never was.
        at_least_us: the newest time in such a ledger.
    """
    uptime = clock.uptime()
    uptime_us, wall_us = round(uptime.seconds * US), round(clock.now().timestamp() * US)
    if last is None:
        return Reading(uptime.boot, uptime_us, wall_us, max(wall_us, at_least_us))
    has_run_on = uptime.boot == last.boot and uptime_us >= last.uptime_us
    passed_us = uptime_us - last.uptime_us if has_run_on else max(0, wall_us - last.wall_us)
    return Reading(uptime.boot, uptime_us, wall_us, last.ledger_us + passed_us)


def ledger_us_at(moment: datetime, now: datetime, now_us: int) -> int:
    """The ledger's time at a moment of the wall clock.

    Args:
        now, now_us: the same moment on the wall clock and in the ledger's time.
    """
    return now_us - (now - moment) // timedelta(microseconds=1)


def is_same_run(reading: Reading, last: Reading | None) -> bool:
    """Whether the machine has not been started anew since the last reading."""
    return last is not None and reading.boot == last.boot and reading.uptime_us >= last.uptime_us
