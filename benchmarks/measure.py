"""Timing whole processes."""

import statistics
import subprocess
import time
from collections.abc import Callable, Sequence

RUNS = 5


def seconds(command: Sequence[str], env: dict[str, str]) -> float:
    """Wall time of one run; a command that fails ends the benchmark."""
    started = time.perf_counter()
    subprocess.run(command, env=env, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - started


def medians(measure: Callable[[], Sequence[float]], runs: int = RUNS) -> list[float]:
    """The median of each figure over several runs, which take turns so that a drifting machine hits all alike."""
    return [statistics.median(figures) for figures in zip(*(measure() for _ in range(runs)), strict=True)]
