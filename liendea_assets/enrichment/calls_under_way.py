"""Calls in threads, whose ends come back to the one thread that began them and that alone writes to the database."""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

K = TypeVar("K")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class News(Generic[K, T]):
    """What a call has come to, so far or in the end.

    Attributes:
        key: what it was begun with.
        result: what it told or returned; None where it failed.
        problem: what it raised.
        is_end: whether it has ended.
    """

    key: K
    result: T | None
    problem: BaseException | None
    is_end: bool


class CallsUnderWay(Generic[K, T]):
    """A thread for each call under way. The threads end with the process: a call that hangs holds nobody up."""

    def __init__(self) -> None:
        self._news: deque[News[K, T]] = deque()
        self._arrived = threading.Event()
        self._under_way = 0

    def __len__(self) -> int:
        """Calls whose end has not been taken from `news` yet."""
        return self._under_way

    def begin(self, key: K, call: Callable[[Callable[[T], None]], T]) -> None:
        """Makes a call in a thread of its own; it is given whom it may tell what it has before its end."""

        def make() -> None:
            try:
                end: News[K, T] = News(key, call(tell), None, is_end=True)
            except BaseException as problem:  # noqa: BLE001 the thread that began it decides
                end = News(key, None, problem, is_end=True)
            self._put(end)

        def tell(result: T) -> None:
            self._put(News(key, result, None, is_end=False))

        self._under_way += 1
        threading.Thread(target=make, name="enrichment", daemon=True).start()

    def news(self, wait_s: float) -> Iterator[News[K, T]]:
        """What calls have come to; waits so long where there is nothing.

        Each piece stays here until the next is asked for: whoever is interrupted while it works on one finds it again.
        """
        if not self._news:
            self._arrived.wait(wait_s)
        self._arrived.clear()
        while self._news:
            yield self._news[0]
            self._under_way -= self._news.popleft().is_end

    def _put(self, news: News[K, T]) -> None:
        self._news.append(news)
        self._arrived.set()
