"""`liendea run` on a fresh sample home, and again on the same home: seconds, and what the second run added."""

import os
import sqlite3
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import RUNS, medians, seconds

TABLES = ("contacts", "companies", "linkedin_connections", "icp_targets", "outreach_log", "rate_limit_tracking")
LIENDEA = str(Path(sys.executable).with_name("liendea"))


def main() -> None:
    added: dict[str, int] = dict.fromkeys(TABLES, 0)

    def measure() -> tuple[float, float]:
        with tempfile.TemporaryDirectory() as folder:
            env = {**os.environ, "LIENDEA_HOME": folder}
            seconds([LIENDEA, "init", folder, "--sample"], env)
            first = seconds([LIENDEA, "run"], env)
            before = _counts(Path(folder))
            second = seconds([LIENDEA, "run"], env)
            for table, rows in _counts(Path(folder)).items():
                added[table] += rows - before[table]
        return first, second

    first, second = medians(measure)
    print(f"liendea run on a fresh sample home   median of {RUNS}: {first:5.1f} s   (goal: at most 30 s)")
    print(f"liendea run on the same home again   median of {RUNS}: {second:5.1f} s   (goal: at most 10 s)")
    print(f"rows that the second runs added      {added}   (goal: 0 each)")


def _counts(home: Path) -> dict[str, int]:
    connection = sqlite3.connect(home / "data" / "liendea.db")
    counts = {table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in TABLES}
    connection.close()
    return counts
