"""Calls in threads, whose ends come back to the one thread that began them and that alone writes to the database."""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

K = TypeVar("K")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ended(Generic[K, T]):
    """A call that has ended.

    Attributes:
        key: what it was begun with.
        result: what it returned; None where it failed.
        problem: what it raised.
    """

    key: K
    result: T | None
    problem: BaseException | None


class CallsUnderWay(Generic[K, T]):
    """A thread for each call under way. The threads end with the process: a call that hangs holds nobody up."""

    def __init__(self) -> None:
        self._ended: deque[Ended[K, T]] = deque()
        self._arrived = threading.Event()
        self._under_way = 0

    def __len__(self) -> int:
        """Calls that have not been taken from `ended` yet."""
        return self._under_way

    def begin(self, key: K, call: Callable[[], T]) -> None:
        """Makes a call in a thread of its own."""

        def make() -> None:
            try:
                ended: Ended[K, T] = Ended(key, call(), None)
            except BaseException as problem:  # noqa: BLE001 the thread that began it decides
                ended = Ended(key, None, problem)
            self._ended.append(ended)
            self._arrived.set()

        self._under_way += 1
        threading.Thread(target=make, name="enrichment", daemon=True).start()

    def ended(self, wait_s: float) -> Iterator[Ended[K, T]]:
        """The calls that have ended; waits so long where there is none.

        Each stays here until the next is asked for: whoever is interrupted while it works on one finds it again.
        """
        if not self._ended:
            self._arrived.wait(wait_s)
        self._arrived.clear()
        while self._ended:
            yield self._ended[0]
            self._ended.popleft()
            self._under_way -= 1
