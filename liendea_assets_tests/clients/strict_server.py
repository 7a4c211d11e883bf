"""A server that nothing escapes: it counts arrivals on its own clock, takes its time before and after that, and fails now and then."""

from collections.abc import Sequence

from liendea_assets.sandbox.fault_plan import parse_plan
from liendea_assets.sandbox.misbehaving import Misbehaving
from liendea_assets.sandbox.reach_server import create_app

# each is over with the attempt; those that ask for a pause would be obeyed by all, and are tried elsewhere
PASSING = "error_500, error_502, unavailable, reset, truncated, cut_chunks"


def strict_server(windows: Sequence[tuple[int, int]], latency_s: tuple[float, float], faults: float = 0.0, seed: int = 2026) -> Misbehaving:
    """Knows nobody.

    Args:
        latency_s: an answer takes between these, and the arrival is counted somewhere within that time.
        faults: the share of requests that fail: an error, an answer that breaks off, none at all.
    """
    return Misbehaving(create_app([], windows), parse_plan(PASSING, "faults", faults, seed, latency_s))


def fastest_s(windows: Sequence[tuple[int, int]], calls: int, hold_s: float = 0.0) -> float:
    """Seconds from the first to the last of so many calls at the pace that the windows allow.

    Args:
        hold_s: how long an attempt holds its slot before the window begins to run.
    """
    starts: list[float] = []
    for number in range(calls):
        held = [starts[number - requests] + hold_s + seconds for seconds, requests in windows if number >= requests]
        starts.append(max([*held, *starts[-1:]], default=0.0))
    return starts[-1]
