"""Landing many rows: another process normalises the next slice while this one stores the last, so that two cores are used."""

import os
import pickle
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Self

from liendea_assets.core.environment import child_environment
from liendea_assets.core.errors import TransientError
from liendea_assets.imports import landing_child
from liendea_assets.imports.landing_slices import LandedSlice, Lander, Table

# Fewer are landed before another process has started, which takes a second.
WORTH_A_PROCESS = 200_000


def land_tables(tables: Sequence[Table], lander: Lander, least_rows: int = WORTH_A_PROCESS) -> Iterator[LandedSlice]:
    """Every row of the tables, in order.

    Args:
        least_rows: so many are worth another process.

    Raises:
        TransientError: the other process was killed.
    """
    slices = (part for table in tables for part in table.slices())
    if sum(len(table.part.cells) for table in tables) < least_rows or (os.cpu_count() or 1) < 2:
        yield from map(lander.land, slices)
        return
    with LandingProcess(lander) as process:
        yield from process.land(slices)


class LandingProcess:
    """One process that lands slices. It ends when its standard input does, so it never outlives the one that started it."""

    def __init__(self, lander: Lander) -> None:
        # -P keeps the current folder, which may be anybody's, out of the child's modules
        command = [sys.executable, "-P", "-s", "-m", landing_child.__name__]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=child_environment())
        self._send(lander)

    @property
    def pid(self) -> int:
        """The other process's id."""
        return self._process.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def land(self, slices: Iterable[Table]) -> Iterator[LandedSlice]:
        """The slices, landed; the process has the next one before the caller gets the last."""
        is_owed = False
        for part in slices:
            landed = self._receive() if is_owed else None
            self._send(part)
            is_owed = True
            if landed is not None:
                yield landed
        if is_owed:
            yield self._receive()

    def _send(self, value: Lander | Table) -> None:
        assert self._process.stdin is not None
        try:
            pickle.dump(value, self._process.stdin, protocol=pickle.HIGHEST_PROTOCOL)
            self._process.stdin.flush()
        except OSError:
            raise self._died() from None

    def _receive(self) -> LandedSlice:
        assert self._process.stdout is not None
        try:
            # what comes back was made by our own code from what we sent
            answer = pickle.load(self._process.stdout)  # noqa: S301
        except (EOFError, pickle.UnpicklingError):
            raise self._died() from None
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, LandedSlice)
        return answer

    def _died(self) -> TransientError:
        return TransientError(f"the process that normalises rows ended with exit code {self._process.wait()}")
