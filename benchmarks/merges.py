"""Precision and recall of merges on the sample, against the truth behind every row."""

import csv
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from liendea_assets.cli.init import make_home
from liendea_assets.core.clock import SystemClock
from liendea_assets.core.home import Home
from liendea_assets.core.settings import load_settings
from liendea_assets.db.migrations import open_migrated
from liendea_assets.imports import landing
from liendea_assets.imports.companies import update_companies
from liendea_assets.imports.people import update_contacts
from liendea_assets.imports.reviews import update_reviews
from liendea_assets.imports.settings import ImportSettings

TRUTH = Path(__file__).resolve().parents[1] / "liendea_assets_tests" / "fixtures" / "sample_truth.csv"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        list(make_home(home, with_sample=True))
        settings = load_settings(ImportSettings, home, "imports.yaml")
        db = open_migrated(home.data / "liendea.db")
        landing.take_in(db, home.inbox, ("gtm_workbook", "linkedin_export"), settings, SystemClock(), lambda _done, _total: None)
        update_companies(db, settings, SystemClock())
        update_contacts(db, settings, SystemClock())
        update_reviews(db, settings)
        contact_of = {
            (row["name"], row["part"], row["row_number"]): row["contact_id"]
            for table, source in (("gtm_rows", "gtm"), ("linkedin_rows", "linkedin"))
            for row in db.conn.execute(
                f"SELECT f.name, r.part, r.row_number, s.contact_id FROM {table} r JOIN import_files f ON f.id = r.file_id "
                "JOIN contact_sources s ON s.source = ? AND s.row_id = r.id",
                (source,),
            )
        }
        db.conn.close()
    with TRUTH.open(newline="") as file:
        fit = [row for row in csv.DictReader(file) if row["fit"] == "True"]
    pairs = [(row["person"], contact_of[row["file"], row["part"], int(row["row"])]) for row in fit]
    right = _pairs(pairs)
    made = _pairs(contact for _, contact in pairs)
    true = _pairs(person for person, _ in pairs)
    print(f"merges on the sample: {len(fit)} fit rows, precision {right / made:.4f} (goal: 1.000), recall {right / true:.4f} (goal: 0.99)")


def _pairs(groups: Iterable[object]) -> int:
    return sum(size * (size - 1) // 2 for size in Counter(groups).values())
