"""What is asked of the limiter, what it may have to wait for, and what a server's word about its limits changes."""

from dataclasses import dataclass, replace

from liendea_assets.clients.ledger_time import US
from liendea_assets.clients.limit_headers import Quota
from liendea_assets.clients.store import ServiceState

# Two answers speak of the same allowance where the moments at which it starts anew are no further apart.
SAME_RESET_US = 2 * US

WHY = {
    "window": "every slot is taken, the next one is free",
    "people": "as many people were asked about as is allowed, the next slot is free",
    "block": "the server asked for a pause, the next slot is free",
    "allowance": "the server says that nothing is left, the next slot is free",
    "budget": "the calls that the budget allows are made, the next one is allowed",
    "pacing": "calls are spread out, the next slot is free",
    "circuit": "its circuit is open after failures in a row, it is tried again",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A slot, as `RateLimiter.begin` is asked for it."""

    service: str
    action: str
    longest_s: float
    is_retry: bool
    payer: str | None
    people: int


@dataclass(frozen=True, slots=True)
class Wait:
    """No slot before this moment, by what is known now."""

    until_us: int
    why: str


def allow(state: ServiceState, quota: Quota, under_way: int, now_us: int) -> ServiceState:
    """What the server says is left; what is under way may not be counted in it yet."""
    if quota.remaining is None or not quota.reset_s:
        return state
    left, until_us = max(0, quota.remaining - under_way), now_us + round(quota.reset_s * US)
    if state.allowance is not None and abs(until_us - state.allowance_until_us) <= SAME_RESET_US:
        # answers may overtake each other
        left = min(left, state.allowance)
    return replace(state, allowance=left, allowance_until_us=until_us)
