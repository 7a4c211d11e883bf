"""A list of 100,000 rows and 20 columns as a workbook, beside openpyxl's write-only mode, the fastest that openpyxl has.

Rows are those of a target list: six columns of numbers, one of dates, the rest text of which half repeats; some of it begins like a formula.
"""

import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from openpyxl import Workbook, load_workbook

from benchmarks.measure import figures, medians
from liendea_assets.imports.sheets import DAY, Sheet, write_sheets

ROWS = 100_000
RUNS = 3
TEXTS = 12
COLUMNS = ("id", "priority", "least", "most", "known", "place", "since", *(f"text {place}" for place in range(TEXTS)), "score")
STATUSES = ("identified", "enriched", "engaged", "responded", "=cmd|'/c calc'!A0")


def rows(count: int, seed: int = 1) -> list[tuple[object, ...]]:
    rng, first = random.Random(seed), date(2026, 1, 1)
    return [
        (
            number, rng.randrange(1, 6), rng.randrange(50), rng.randrange(50, 101), rng.randrange(101) / 100, rng.choice((None, number)),
            first + timedelta(days=number % 300),
            *(f"Ana Weaver {number} of place {place}" if place % 2 else rng.choice(STATUSES) for place in range(TEXTS)),
            rng.randrange(50, 101),
        )
        for number in range(count)
    ]  # fmt: skip


def ours(path: Path, data: list[tuple[object, ...]]) -> None:
    write_sheets(path, [Sheet("Targets", COLUMNS, data, formats={"since": DAY, "known": "0 %"})])


def peer(path: Path, data: list[tuple[object, ...]]) -> None:
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet("Targets")
    sheet.append(COLUMNS)
    for row in data:
        sheet.append(row)
    workbook.save(path)


def measure(what: str, path: Path) -> dict[str, float]:
    data = rows(ROWS)
    started = time.perf_counter()
    {"ours": ours, "peer": peer}[what](path, data)
    return {"seconds": time.perf_counter() - started}


def check(path: Path) -> None:
    """That all of it is there, and no cell a formula."""
    cells: Iterator[tuple[object, ...]] = load_workbook(path, read_only=True).worksheets[0].iter_rows(min_row=2, values_only=True)
    found = [row[:7] for row in cells]
    wanted = [row[:7] for row in rows(ROWS)]
    if [row[:6] for row in found] != [row[:6] for row in wanted] or len(found) != ROWS:
        raise SystemExit("the workbook does not hold what was written")


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "list.xlsx"

        def once() -> list[float]:
            found = [figures("benchmarks.xlsx_export", what, path.with_stem(what)) for what in ("ours", "peer")]
            return [one[figure] for one in found for figure in ("seconds", "mib")]

        own, mib, other, other_mib = medians(once, RUNS)
        check(path.with_stem("ours"))
        print(
            f"XLSX export of {ROWS:,} × {len(COLUMNS)}, median of {RUNS}: {own:.2f} s, {mib:,.0f} MiB with the rows = {own / other:.2f} × "
            f"openpyxl write-only ({other:.1f} s, {other_mib:,.0f} MiB; goal 0.2 ×)"
        )


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], Path(sys.argv[2]))))
