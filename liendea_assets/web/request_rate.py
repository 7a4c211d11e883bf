"""How many requests one client may make; in memory, since it protects this process alone."""

import threading
from datetime import datetime, timedelta

WINDOW = timedelta(minutes=1)
# clients that are remembered; whoever comes in larger numbers shares one count
MOST_CLIENTS = 10_000


class RequestRate:
    """Counts by client in windows of a minute.

    Args:
        most: requests of one client in a window.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._since: datetime | None = None
        self._counts: dict[str, int] = {}
        self._lock = threading.Lock()

    def is_over(self, client: str, now: datetime) -> bool:
        """Whether a client has used up its requests; nothing is counted."""
        with self._lock:
            self._turn(now)
            return self._counts.get(self._name(client), 0) >= self._most

    def count(self, client: str, now: datetime) -> None:
        """Counts one request."""
        with self._lock:
            self._turn(now)
            name = self._name(client)
            self._counts[name] = self._counts.get(name, 0) + 1

    def _turn(self, now: datetime) -> None:
        if self._since is None or not self._since <= now < self._since + WINDOW:
            self._since = now
            self._counts.clear()

    def _name(self, client: str) -> str:
        return client if client in self._counts or len(self._counts) < MOST_CLIENTS else "others"
