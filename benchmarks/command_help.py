"""`liendea --help` beside a process that only imports click."""

import os
import sys
from pathlib import Path

from benchmarks.measure import RUNS, medians, seconds

LIENDEA = str(Path(sys.executable).with_name("liendea"))


def main() -> None:
    env = dict(os.environ)

    def measure() -> tuple[float, float]:
        return seconds([LIENDEA, "--help"], env), seconds([sys.executable, "-c", "import click"], env)

    help_s, click_s = medians(measure, runs=3 * RUNS)
    print(f"liendea --help {help_s * 1000:.0f} ms, importing click {click_s * 1000:.0f} ms: ratio {help_s / click_s:.2f} (goal: at most 2)")
