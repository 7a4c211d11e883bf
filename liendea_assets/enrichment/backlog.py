"""Whether to ask on: a run ends with its share, its limits or its budget, and the next one may begin when there is room again."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

FIRST_PAUSE_S, LONGEST_PAUSE_S = 60.0, 3_600.0


@dataclass(frozen=True, slots=True)
class LastRun:
    """What the last run that came to its end says.

    Attributes:
        ended_at: seconds since 1970.
        asked: contacts that were answered for.
        left: provider → contacts that are still due.
    """

    ended_at: float
    asked: int
    left: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for so far; kept as the sensor's cursor.

    Attributes:
        ended_at: of the run that was looked at last.
        in_vain: runs in a row that were asked for and answered nobody.
        not_before: seconds since 1970.
    """

    ended_at: float = 0.0
    in_vain: int = 0
    not_before: float = 0.0


@dataclass(frozen=True, slots=True)
class Look:
    """What a look came to: whether to run now, and why or why not."""

    state: Asked
    is_wanted: bool
    why: str


def look_at_backlog(state: Asked, last: LastRun | None, free_in_s: Mapping[str, float], now: float) -> Look:
    """Asks for a run where somebody is left, a provider with such people has room, and runs are not in vain.

    Runs that answer nobody, since a provider is away or refuses, are asked for less and less often; one that answers somebody begins anew.

    Args:
        free_in_s: provider → seconds until it may be called, by its windows, pauses, circuit and budget.
        now: seconds since 1970.
    """
    if last is None:
        return Look(state, False, "Nobody was asked about yet; materialise the pipeline once.")
    waiting = {name: left for name, left in last.left.items() if left and name in free_in_s}
    if not waiting:
        return Look(Asked(last.ended_at), False, "Nobody is left to ask about.")
    if last.asked and last.ended_at > state.ended_at:
        state = Asked(last.ended_at)
    soonest = min(waiting, key=lambda name: free_in_s[name])
    if free_in_s[soonest] > 0:
        return Look(state, False, f"{waiting[soonest]} contacts are left; {soonest} has room again in {free_in_s[soonest]:.0f} s.")
    if now < state.not_before:
        why = f"{state.in_vain} runs in a row answered nobody; the next one is asked for in {state.not_before - now:.0f} s."
        return Look(state, False, why)
    pause_s = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2**state.in_vain)
    asked = replace(state, ended_at=last.ended_at, in_vain=state.in_vain + 1, not_before=now + pause_s)
    return Look(asked, True, f"{sum(waiting.values())} contacts are left.")
