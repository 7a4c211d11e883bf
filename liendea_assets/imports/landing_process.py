"""Landing many rows: another process normalises slices while this one stores what is done, and helps where it has to wait."""

import os
import pickle
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from typing import Self

from liendea_assets.core.environment import child_environment
from liendea_assets.core.errors import TransientError
from liendea_assets.imports import landing_child
from liendea_assets.imports.landing_slices import LandedSlice, Lander, Table

# Fewer are landed before another process has started, which takes a second.
WORTH_A_PROCESS = 200_000
# A text of so many bytes has as many rows: the process starts while the file is read.
WORTH_AN_EARLY_START = 100 * WORTH_A_PROCESS
# The one that the other process works on, and the one that it goes on with.
_ASKED = 2
# So many slices of 20 MiB are landed and not stored yet, but for one that is landed while another is waited for.
_AHEAD = 3


@contextmanager
def early_process(size_bytes: int) -> "Iterator[LandingProcess | None]":
    """A process that starts before a large text is read; none for a smaller one."""
    if size_bytes < WORTH_AN_EARLY_START or not _has_cores():
        yield None
        return
    with LandingProcess() as process:
        yield process


def land_tables(
    tables: Sequence[Table], lander: Lander, process: "LandingProcess | None" = None, least_rows: int = WORTH_A_PROCESS
) -> Iterator[LandedSlice]:
    """Every row of the tables, in order.

    Args:
        process: one that was started already.
        least_rows: so many are worth another process.

    Raises:
        TransientError: the other process was killed.
    """
    slices = (part for table in tables for part in table.slices())
    if sum(len(table.part.cells) for table in tables) < least_rows or not _has_cores():
        yield from map(lander.land, slices)
        return
    with nullcontext(process) if process is not None else LandingProcess() as helper:
        yield from helper.land(lander, slices)


def _has_cores() -> bool:
    return (os.cpu_count() or 1) > 1


class LandingProcess:
    """One process that lands the slices of one file. It ends when its standard input does, so it never outlives the one that started it."""

    def __init__(self) -> None:
        # -P keeps the current folder, which may be anybody's, out of the child's modules
        command = [sys.executable, "-P", "-s", "-m", landing_child.__name__]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=child_environment())
        # talks to the process
        self._thread = ThreadPoolExecutor(1)
        self._is_new = True

    @property
    def pid(self) -> int:
        """The other process's id."""
        return self._process.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._thread.shutdown(cancel_futures=True)
        self._process.communicate()

    def land(self, lander: Lander, slices: Iterable[Table]) -> Iterator[LandedSlice]:
        """The slices, landed, in their order. Called once, since the lander is told once."""
        landed: deque[Future[LandedSlice]] = deque()
        for part in slices:
            while len(landed) >= _AHEAD and landed[0].done():
                yield landed.popleft().result()
            if sum(not one.done() for one in landed) < _ASKED:
                landed.append(self._thread.submit(self._ask, lander, part))
            else:
                landed.append(Future())
                landed[-1].set_result(lander.land(part))
        while landed:
            yield landed.popleft().result()

    def _ask(self, lander: Lander, part: Table) -> LandedSlice:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            if self._is_new:
                pickle.dump(lander, self._process.stdin, protocol=pickle.HIGHEST_PROTOCOL)
                self._is_new = False
            pickle.dump(part, self._process.stdin, protocol=pickle.HIGHEST_PROTOCOL)
            self._process.stdin.flush()
            # what comes back was made by our own code from what we sent
            answer = pickle.load(self._process.stdout)  # noqa: S301
        except (OSError, EOFError, pickle.UnpicklingError):
            raise TransientError(f"the process that normalises rows ended with exit code {self._process.wait()}") from None
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, LandedSlice)
        return answer
