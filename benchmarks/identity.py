"""Who is who among 100,000 rows: quality, time and memory beside Splink on DuckDB on the same rows.

Splink is given our normalised names and our companies, blocking rules and comparisons that suit the data, weights trained by EM, and the
threshold that is best by F1, found with the truth beforehand in a process that is not measured. Its time is training, predicting and
clustering; ours is keys, companies and persons.
"""

import importlib
import json
import logging
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

from benchmarks.company_names import quality
from benchmarks.invented_people import make_rows
from benchmarks.measure import RUNS, figures, held_mib, medians
from benchmarks.peers import require_peers
from liendea_assets.core.home import Home, default_config
from liendea_assets.core.settings import load_settings
from liendea_assets.imports.company_identity import company_labels
from liendea_assets.imports.identity import person_labels
from liendea_assets.imports.name_keys import NameKeys
from liendea_assets.imports.row_keys import make_keys
from liendea_assets.imports.settings import ImportSettings

ROWS = 100_000
THRESHOLDS = (0.01, 0.1, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999, 0.9999)


def write_rows(path: Path) -> None:
    """The rows, and the columns that Splink is given: `name_key`, `last_name`, `company`, `unique_id`."""
    rows, settings = make_rows(ROWS), _settings()
    names, _ = NameKeys(settings).people(rows["full_name"])
    company = company_labels(make_keys(rows, settings), settings.free_mail_domains)["label"]
    last = rows["full_name"].str.split().str[-1].str.lower()
    rows.assign(name_key=names, last_name=last, company=company, unique_id=range(len(rows))).to_parquet(path)


def by_identity(rows: pd.DataFrame) -> list[int]:
    settings = _settings()
    keys = make_keys(rows, settings)
    keys["company"] = company_labels(keys, settings.free_mail_domains)["label"]
    labels: list[int] = person_labels(keys)["label"].tolist()
    return labels


def by_splink(rows: pd.DataFrame, thresholds: tuple[float, ...]) -> list[list[int]]:
    """The persons at each threshold."""
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    columns = ["unique_id", "name_key", "last_name", "linkedin_id", "work_email", "phone", "title", "company"]
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            cl.JaroWinklerAtThresholds("name_key", [0.95, 0.88]).configure(term_frequency_adjustments=True),
            cl.ExactMatch("linkedin_id"),
            cl.ExactMatch("work_email"),
            cl.ExactMatch("phone"),
            cl.ExactMatch("title"),
            cl.ExactMatch("company").configure(term_frequency_adjustments=True),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("linkedin_id"), block_on("work_email"), block_on("phone"), block_on("name_key", "company"), block_on("last_name", "company"),
        ],
        retain_matching_columns=False,
    )  # fmt: skip
    database = DuckDBAPI()
    linker = Linker(database.register(rows[columns]), settings, log_level=logging.ERROR)
    linker.training.estimate_probability_two_random_records_match([block_on("linkedin_id"), block_on("work_email")], recall=0.8)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for rule in (block_on("linkedin_id"), block_on("work_email"), block_on("name_key", "company")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    pairs = linker.inference.predict(threshold_match_probability=min(thresholds))
    found = []
    for threshold in thresholds:
        clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(pairs, threshold_match_probability=threshold)
        frame = clusters.as_pandas_dataframe().set_index("unique_id")["cluster_id"]
        found.append(frame.reindex(rows["unique_id"]).tolist())
    return found


def best_threshold(path: Path) -> dict[str, float]:
    """The threshold at which Splink's F1 is highest."""
    rows = pd.read_parquet(path)
    found = {
        threshold: quality(labels, rows["person"].tolist())["f1"]
        for threshold, labels in zip(THRESHOLDS, by_splink(rows, THRESHOLDS), strict=True)
    }
    return {"threshold": max(found, key=lambda threshold: found[threshold])}


def measure(who: str, path: Path, threshold: float) -> dict[str, float]:
    """Seconds and quality of one way, and what its process held before: the packages and the rows."""
    if who == "splink":
        importlib.import_module("splink.comparison_library")
    rows = pd.read_parquet(path)
    held = held_mib()
    started = time.perf_counter()
    labels = by_identity(rows) if who == "identity" else by_splink(rows, (threshold,))[0]
    return {"seconds": time.perf_counter() - started, "held": held} | quality(labels, rows["person"].tolist())


def main() -> None:
    require_peers("duckdb", "splink")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.parquet"
        figures("benchmarks.identity", "rows", path, 0)
        threshold = figures("benchmarks.identity", "threshold", path, 0)["threshold"]
        told = ("seconds", "mib", "held", "f1", "precision", "recall")

        def once() -> list[float]:
            found = [figures("benchmarks.identity", who, path, threshold) for who in ("identity", "splink")]
            return [one[name] for one in found for name in told]

        middle = medians(once)
    ours, peer = dict(zip(told, middle[:6], strict=True)), dict(zip(told, middle[6:], strict=True))
    for who, one in (("ours", ours), (f"Splink at {threshold}", peer)):
        print(
            f"identity of {ROWS:,} rows, {who}: F1 {one['f1']:.4f}, precision {one['precision']:.5f}, recall {one['recall']:.4f}, "
            f"{one['seconds']:.1f} s, {one['mib']:,.0f} MiB, of which packages and rows {one['held']:,.0f}"
        )
    own, others = ours["mib"] - ours["held"], peer["mib"] - peer["held"]
    print(
        f"identity against Splink, median of {RUNS}: {ours['seconds'] / peer['seconds']:.2f} × its time, {own / others:.2f} × its memory beyond "
        f"packages and rows, {ours['mib'] / peer['mib']:.2f} × that of the whole process (goals: 0.5 ×; F1 0.99 at precision 0.999)"
    )


def _settings() -> ImportSettings:
    return load_settings(ImportSettings, Home(default_config().parent), "imports.yaml")


if __name__ == "__main__":
    what, file, limit = sys.argv[1], Path(sys.argv[2]), float(sys.argv[3])
    if what == "rows":
        write_rows(file)
        result: dict[str, float] = {}
    else:
        result = best_threshold(file) if what == "threshold" else measure(what, file, limit)
    print(json.dumps(result))
