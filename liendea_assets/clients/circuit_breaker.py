"""When a service that fails is left alone: closed, open, half-open. The state is kept in the database, for all processes.

Five failures in a row open the circuit. When its pause is over it is half-open: one attempt of one process is let through as a probe,
and its end closes the circuit, or opens it for twice as long.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace

from liendea_assets.clients.ledger_time import US

# Of a service that fails one call in ten, five in a row happen once in 100,000 calls.
FAILURES_TO_OPEN = 5
FIRST_PAUSE_US = 30 * US
LONGEST_PAUSE_US = 600 * US
# Nobody can know when another process's probe will end.
PROBE_LOOK_US = US // 4


@dataclass(frozen=True, slots=True)
class Circuit:
    """The state of a service's circuit, between two events.

    Attributes:
        failures: in a row, while closed.
        openings: how often it was opened since it was last closed; 0 is closed.
        probe_id: the attempt that tries whether the service is back.
    """

    failures: int = 0
    openings: int = 0
    open_until_us: int = 0
    probe_id: int | None = None

    def name(self, now_us: int) -> str:
        """closed, open or half-open."""
        if self.openings == 0:
            return "closed"
        return "open" if now_us < self.open_until_us else "half-open"

    def free_us(self, now_us: int, under_way: Collection[int]) -> int:
        """When an attempt may begin at the earliest, by what is known now; not after `now_us` where it may begin at once.

        Args:
            under_way: the ids of the attempts that have not ended.
        """
        state = self.name(now_us)
        if state == "open":
            return self.open_until_us
        if state == "half-open" and self.probe_id in under_way:
            return now_us + PROBE_LOOK_US
        return now_us

    def begin(self, attempt_id: int, now_us: int) -> "Circuit":
        """An attempt was let through."""
        return replace(self, probe_id=attempt_id) if self.name(now_us) == "half-open" else self

    def end(self, attempt_id: int, now_us: int, *, is_up: bool | None) -> "Circuit":
        """An attempt has ended.

        Args:
            is_up: whether the service works, as far as this attempt tells; None where it tells nothing.
        """
        if self.openings == 0:
            if is_up is None:
                return self
            failures = 0 if is_up else self.failures + 1
            return self._open(now_us) if failures >= FAILURES_TO_OPEN else replace(self, failures=failures)
        if attempt_id != self.probe_id:
            # it began before the circuit was opened
            return self
        if is_up is None:
            return replace(self, probe_id=None)
        return Circuit() if is_up else self._open(now_us)

    def _open(self, now_us: int) -> "Circuit":
        pause_us = min(FIRST_PAUSE_US << min(self.openings, 16), LONGEST_PAUSE_US)
        return Circuit(0, self.openings + 1, now_us + pause_us)
