"""Calls that are spread out more than the limits ask for: a gap, some chance, a rest now and then. Off unless it is configured."""

import random
from dataclasses import dataclass

from liendea_assets.clients.ledger_time import US


@dataclass(frozen=True, slots=True)
class Pacing:
    """How the starts of calls to a service are spread, over all processes.

    Attributes:
        minimum_gap_s: between two starts.
        jitter_s: up to this much is added to each gap.
        rest_after: so many starts are followed by a rest; 0 for none.
    """

    minimum_gap_s: float = 0.0
    jitter_s: float = 0.0
    rest_after: int = 0
    rest_s: float = 0.0

    def next_start_us(self, now_us: int, starts: int, chance: random.Random) -> int:
        """When the next call may start, after the `starts`-th one started now."""
        gap_s = self.minimum_gap_s + chance.uniform(0.0, self.jitter_s)
        if self.rest_after and starts % self.rest_after == 0:
            gap_s += self.rest_s
        return now_us + round(gap_s * US)
