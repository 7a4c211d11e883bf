"""From a file in the inbox to merged contacts, beside a peer that only reads or loads the same file; and the same file a week later.

Each run is a process of its own with a database of its own. `python -m benchmarks imports` does the sizes that a laptop does in
minutes; `python -m benchmarks imports_million` does a million rows.
"""

import json
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import world
from benchmarks.measure import RUNS, figures, medians, seconds
from benchmarks.peers import require_peers
from liendea_assets.core.clock import SystemClock
from liendea_assets.core.home import Home, default_config
from liendea_assets.core.settings import load_settings
from liendea_assets.db.migrations import open_migrated
from liendea_assets.imports import landing
from liendea_assets.imports.companies import update_companies
from liendea_assets.imports.people import update_contacts
from liendea_assets.imports.settings import ImportSettings

CHANGED = 0.01


def import_inbox(inbox: Path, database: Path) -> dict[str, float]:
    """What materialising gtm_rows, companies and contacts does; seconds by step."""
    settings, clock = load_settings(ImportSettings, Home(default_config().parent), "imports.yaml"), SystemClock()
    db = open_migrated(database)
    moments = [time.perf_counter()]
    landing.take_in(db, inbox, ("gtm_workbook", "gtm_csv"), settings, clock, lambda _done, _total: None)
    moments.append(time.perf_counter())
    update_companies(db, settings, clock)
    moments.append(time.perf_counter())
    update_contacts(db, settings, clock)
    moments.append(time.perf_counter())
    db.conn.close()
    steps = {name: end - start for name, start, end in zip(("landing", "companies", "contacts"), moments, moments[1:], strict=False)}
    return steps | {"total": moments[-1] - moments[0]}


def _twice(folder: Path, first: Path, second: Path) -> tuple[dict[str, float], dict[str, float]]:
    """The first import and the one of the next version under the same name, in a new home."""
    home = Path(tempfile.mkdtemp(dir=folder))
    inbox = home / "inbox"
    inbox.mkdir()
    name = f"people{first.suffix}"
    shutil.copy(first, inbox / name)
    one = figures("benchmarks.imports", inbox, home / "data.db")
    shutil.copy(second, inbox / name)
    two = figures("benchmarks.imports", inbox, home / "data.db")
    shutil.rmtree(home)
    return one, two


def _measure(folder: Path, rows: int, suffix: str, peer: list[str] | None, runs: int) -> tuple[float, float, float, float]:
    """Medians: first import, second import, the peer (seconds), and the highest peak of memory (MiB)."""
    table, _ = world.make_rows(rows)
    first, second = folder / f"first{suffix}", folder / f"second{suffix}"
    write = world.write_csv if suffix == ".csv" else world.write_workbook
    write(table, first)
    write(world.change_some(table, CHANGED), second)
    del table
    command = [part.replace("FILE", str(first)) for part in peer or ()]

    def once() -> tuple[float, float, float, float]:
        one, two = _twice(folder, first, second)
        return one["total"], two["total"], seconds(command, dict(os.environ)) if command else 0.0, max(one["mib"], two["mib"])

    found = medians(once, runs)
    return found[0], found[1], found[2], found[3]


def _calamine() -> list[str]:
    return [
        sys.executable,
        "-c",
        "import python_calamine, sys; python_calamine.CalamineWorkbook.from_path(sys.argv[1]).get_sheet_by_index(0).to_python()",
        "FILE",
    ]


def _sqlite(folder: Path) -> list[str]:
    database = folder / "peer.db"
    return ["sh", "-c", f"rm -f {database}; sqlite3 {database} '.mode csv' '.import FILE people'"]


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for rows in (10_000, 100_000):
            first, second, peer, mib = _measure(folder, rows, ".csv", _sqlite(folder), RUNS)
            _print(f"CSV {rows:,} × 20", first, second, peer, mib, "sqlite3 .import", 8)


def main_workbook() -> None:
    require_peers("python_calamine")
    with tempfile.TemporaryDirectory() as name:
        first, second, peer, mib = _measure(Path(name), 100_000, ".xlsx", _calamine(), RUNS)
        _print("XLSX 100,000 × 20", first, second, peer, mib, "calamine only reading", 3)


def main_million() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        first, second, peer, mib = _measure(folder, 1_000_000, ".csv", _sqlite(folder), RUNS)
        _print("CSV 1,000,000 × 20", first, second, peer, mib, "sqlite3 .import", 8)


def _print(what: str, first: float, second: float, peer: float, mib: float, name: str, goal: float) -> None:
    print(
        f"{what} to merged contacts: {first:.1f} s = {first / peer:.1f} × {name} ({peer:.1f} s; goal {goal} ×), peak {mib:,.0f} MiB (goal 4,096)"
    )
    print(f"{what}, {CHANGED:.0%} changed, again: {second:.1f} s = {second / first:.2f} × the first import (goal 0.25)")


if __name__ == "__main__":
    print(json.dumps(import_inbox(Path(sys.argv[1]), Path(sys.argv[2]))))
