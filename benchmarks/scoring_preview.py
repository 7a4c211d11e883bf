"""A preview of another weight for 100,000 contacts: what `liendea preview-scoring` does, up to both files.

The peer is the run itself: scoring everybody by the candidate and writing what differs.
"""

import json
import shutil
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import scores
from benchmarks.measure import figures, medians
from liendea_assets.core.clock import from_text
from liendea_assets.db.migrations import open_for_reading, open_migrated
from liendea_assets.scoring import store
from liendea_assets.scoring.preview import preview_config
from liendea_assets.scoring.preview_files import write_preview
from liendea_assets.scoring.rescore import rescore
from liendea_assets.scoring.retarget import retarget
from liendea_assets.scoring.settings import ScoringSettings

ROWS = 100_000
RUNS = 3
# as the command's default
LIMIT = 20


def prepare(database: Path) -> None:
    """Contacts with scores and targets by the shipped weights."""
    scores.prepare(database, ROWS)
    _run(database, scores.SHIPPED, scores.FIRST)


def measure_preview(database: Path) -> dict[str, float]:
    """Seconds to the figures, and to the end of both files."""
    db = open_for_reading(database)
    started = time.perf_counter()
    found = preview_config(db, scores.OTHER)
    told = time.perf_counter() - started
    write_preview(db, found, database.parent / "out", "other.yaml", LIMIT, datetime.now(UTC))
    took = time.perf_counter() - started
    db.conn.close()
    return {"seconds": took, "told": told, "changed": len(found.changed()), "people": len(found.people)}


def measure_run(database: Path) -> dict[str, float]:
    """Seconds of the scores alone, and how many changed."""
    return _run(database, scores.OTHER, scores.SECOND)


def _run(database: Path, settings: ScoringSettings, now: str) -> dict[str, float]:
    db = open_migrated(database)
    started = time.perf_counter()
    rescore(db, settings, now)
    took = time.perf_counter() - started
    retarget(db, settings, from_text(now))
    changed = sum(count for cause, count in store.count_changes(db, now).items() if cause != "first")
    db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.conn.close()
    return {"seconds": took, "changed": changed}


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        database = Path(name) / "scores.db"
        figures("benchmarks.scoring_preview", "prepare", database)

        def once() -> list[float]:
            preview = figures("benchmarks.scoring_preview", "preview", database)
            shutil.copy(database, database.with_name("now.db"))
            run = figures("benchmarks.scoring_preview", "run", database.with_name("now.db"))
            if preview["changed"] != run["changed"]:
                raise SystemExit(f"the preview told of {preview['changed']} changed scores, the run changed {run['changed']}")
            return [preview["seconds"], preview["told"], preview["mib"], preview["people"], run["seconds"]]

        seconds, told, mib, people, run = medians(once, RUNS)
        print(
            f"preview of another weight, {ROWS:,} contacts, median of {RUNS}: {seconds:.1f} s, {mib:,.0f} MiB, with a page and a workbook "
            f"of {people:,.0f} people (goal 20 s); {told:.1f} s of it to the figures = {told / run:.2f} × scoring by it ({run:.1f} s)"
        )


if __name__ == "__main__":
    task, file = sys.argv[1], Path(sys.argv[2])
    if task == "prepare":
        prepare(file)
        print(json.dumps({}))
    else:
        print(json.dumps(measure_preview(file) if task == "preview" else measure_run(file)))
