"""Whether to ask on: a run ends with its share, its limits or its budget, and the next one may begin when there is room again."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

FIRST_PAUSE_S, LONGEST_PAUSE_S = 60.0, 3_600.0


@dataclass(frozen=True, slots=True)
class LastRun:
    """What the last run that came to its end says.

    Attributes:
        ended_at: seconds since 1970.
        asked: contacts that were answered for.
    """

    ended_at: float
    asked: int


@dataclass(frozen=True, slots=True)
class Backlog:
    """What there is to do, by provider; who is not asked at all is not named.

    Attributes:
        left: contacts that the last run left, or who became due since then.
        free_in_s: seconds until it may be asked, by its windows, pauses, circuit and budget.
        job_in_s: seconds until a job may be asked for; of those that have one. It is paid for, so the budget does not count.
        is_broken_off: whether the last run did not come to its end, or did not know one of the providers: who is left only a run can tell.
    """

    left: Mapping[str, int]
    free_in_s: Mapping[str, float]
    job_in_s: Mapping[str, float] = field(default_factory=dict)
    is_broken_off: bool = False


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


def look_at_backlog(state: Asked, last: LastRun | None, backlog: Backlog, now: float) -> Look:
    """Asks for a run where somebody is left or a job may be done, the provider has room, and runs are not in vain.

    Runs that answer nobody, since a provider is away or refuses, are asked for less and less often; one that answers somebody begins anew.

    Args:
        last: None where no run ever came to its end.
        now: seconds since 1970.
    """
    waits = [(backlog.job_in_s[name], f"A job of {name} is under way", "it may be asked for") for name in backlog.job_in_s]
    people = {name: left for name, left in backlog.left.items() if left and name in backlog.free_in_s}
    waits += [(backlog.free_in_s[name], f"{left} contacts are left", f"{name} has room again") for name, left in people.items()]
    if backlog.is_broken_off:
        waits += [(free_in_s, "The last run broke off", f"{name} has room again") for name, free_in_s in backlog.free_in_s.items()]
    ended_at = last.ended_at if last else 0.0
    if not waits:
        return Look(Asked(ended_at), False, "Nobody is left to ask about.")
    if last and last.asked and ended_at > state.ended_at:
        state = Asked(ended_at)
    wait_s, what, when = min(waits)
    if wait_s > 0:
        return Look(state, False, f"{what}; {when} in {wait_s:.0f} s.")
    if now < state.not_before:
        why = f"{state.in_vain} runs in a row answered nobody; the next one is asked for in {state.not_before - now:.0f} s."
        return Look(state, False, why)
    pause_s = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2**state.in_vain)
    asked = replace(state, ended_at=ended_at, in_vain=state.in_vain + 1, not_before=now + pause_s)
    return Look(asked, True, f"{sum(people.values())} contacts and {len(backlog.job_in_s)} providers' jobs are left.")
