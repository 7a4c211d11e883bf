"""Which spellings name one company: identity by name alone, beside what cleanco leaves of the same names."""

import json
import random
import sys
import time
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence

import pandas as pd

from benchmarks.invented_companies import make_companies, spell
from benchmarks.measure import RUNS, figures, medians
from benchmarks.peers import require_peers
from liendea_assets.core.home import Home, default_config
from liendea_assets.core.settings import load_settings
from liendea_assets.core.text import fold
from liendea_assets.imports.company_identity import company_labels
from liendea_assets.imports.row_keys import make_keys
from liendea_assets.imports.settings import ImportSettings

COMPANIES = 20_000


def make_names(seed: int) -> tuple[list[str], list[int]]:
    """Spellings, one to six for each company, and the company behind each."""
    rng = random.Random(seed)
    names, truth = [], []
    for number, company in enumerate(make_companies(COMPANIES, rng)):
        for _ in range(rng.choice([1, 2, 2, 3, 3, 4, 6])):
            names.append(spell(company, rng))
            truth.append(number)
    return names, truth


def by_identity(names: Sequence[str]) -> list[int]:
    """Our companies of rows that have nothing but a company's name."""
    settings = load_settings(ImportSettings, Home(default_config().parent), "imports.yaml")
    keys = make_keys(pd.DataFrame({"company_name": pd.Series(names, dtype="str")}), settings)
    labels: list[int] = company_labels(keys, settings.free_mail_domains)["label"].tolist()
    return labels


def by_cleanco(names: Sequence[str]) -> list[str]:
    """What cleanco leaves of each name; twice, for there may be several forms in a row; then without case, accents and punctuation."""
    from cleanco import basename

    return [fold(basename(basename(name.strip()))) for name in names]


def quality(labels: Sequence[Hashable], truth: Sequence[Hashable]) -> dict[str, float]:
    """Precision, recall and F1 over all pairs of rows."""
    right, made, true = (pairs_within(groups) for groups in (zip(labels, truth, strict=True), labels, truth))
    precision, recall = right / made, right / true
    return {"precision": precision, "recall": recall, "f1": 2 * precision * recall / (precision + recall)}


def pairs_within(groups: Iterable[Hashable]) -> int:
    return sum(size * (size - 1) // 2 for size in Counter(groups).values())


def measure(who: str, seed: int) -> dict[str, float]:
    """Seconds and quality of one way over the names of a seed."""
    names, truth = make_names(seed)
    started = time.perf_counter()
    labels: Sequence[Hashable] = by_identity(names) if who == "identity" else by_cleanco(names)
    return {"seconds": time.perf_counter() - started} | quality(labels, truth)


def main() -> None:
    require_peers("cleanco")
    told = ("f1", "precision", "recall", "seconds")
    seeds = iter(range(1, RUNS + 1))

    def once() -> list[float]:
        seed = next(seeds)
        found = {who: figures("benchmarks.company_names", who, seed) for who in ("identity", "cleanco")}
        return [found[who][name] for who in found for name in told]

    medians_of = medians(once)
    for who, (f1, precision, recall, took) in (("identity by name", medians_of[:4]), ("cleanco", medians_of[4:])):
        goal = " (goal 0.95)" if who != "cleanco" else ""
        print(f"company names, {who}: F1 {f1:.3f}{goal}, precision {precision:.4f}, recall {recall:.3f}, {took:.2f} s")


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], int(sys.argv[2]))))
