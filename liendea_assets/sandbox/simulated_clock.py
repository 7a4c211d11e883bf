"""A clock that goes on when it is told to, so that a week takes seconds."""

import threading
from datetime import datetime, timedelta

from liendea_assets.core.clock import Uptime


class SimulatedClock:
    """Begins at a moment; waiting moves it. Threads may share it."""

    def __init__(self, begin: datetime) -> None:
        self._began = self._moment = begin
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """The simulated time."""
        with self._lock:
            return self._moment

    def uptime(self) -> Uptime:
        """Simulated seconds since the beginning."""
        return Uptime("simulated", (self.now() - self._began).total_seconds())

    def sleep(self, seconds: float, until: threading.Event | None = None) -> None:  # noqa: ARG002 nobody is waited for
        """Goes on by so many seconds, at once."""
        with self._lock:
            self._moment += timedelta(seconds=seconds)

    def go_to(self, moment: datetime) -> None:
        """Goes on to a moment; never back."""
        with self._lock:
            self._moment = max(self._moment, moment)
