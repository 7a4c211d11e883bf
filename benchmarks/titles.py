"""How many distinct titles are read in a second, and how many of the labelled ones are read rightly."""

import csv
import json
import random
import time
from pathlib import Path

import pandas as pd

from benchmarks.measure import figures, medians
from liendea_assets.scoring.settings import ScoringSettings
from liendea_assets.scoring.titles import classify_titles

TITLES = 200_000
ROWS = 1_000_000
_LISTS = Path(__file__).parents[1] / "liendea_assets_tests" / "scoring"
_WORDS = ("Acme", "Globex", "Initech", "Umbrella", "Hooli", "Soylent", "Vandelay", "Wonka", "Cyberdyne", "Tyrell")
_PLACES = ("", " EMEA", " - Germany", ", North America", " (Berlin)", " | Speaker", " & Advisor", " II", " 🚀")


def labelled(name: str) -> pd.DataFrame:
    """A list with the columns title, level, function."""
    with (_LISTS / name).open(encoding="utf-8", newline="") as file:
        return pd.DataFrame(list(csv.DictReader(file)))


def make_titles(titles: int, seed: int) -> list[str]:
    """Distinct titles as people write them: a labelled one, a place or a remark, and a company of two words out of thousands."""
    rng = random.Random(seed)
    base = [*labelled("titles.csv")["title"], *labelled("titles_held_out.csv")["title"]]
    made: set[str] = set()
    while len(made) < titles:
        company = f"{rng.choice(_WORDS)} {rng.choice(_WORDS)}{rng.randrange(300)}"
        made.add(f"{rng.choice(base)}{rng.choice(_PLACES)}{rng.choice((' at ', ' @ ', ', ', ' - '))}{company}")
    return sorted(made)


def measure() -> dict[str, float]:
    """Seconds for distinct titles, and for a million rows of them."""
    settings = ScoringSettings()
    titles = make_titles(TITLES, seed=1)
    found: dict[str, float] = {}
    for name, column in (("distinct_s", titles), ("rows_s", titles * (ROWS // TITLES))):
        started = time.perf_counter()
        classify_titles(pd.Series(column, dtype="str"), settings.decision_maker_titles, settings.influencer_titles)
        found[name] = time.perf_counter() - started
    started = time.process_time()
    classify_titles(pd.Series(titles, dtype="str"), settings.decision_maker_titles, settings.influencer_titles)
    return found | {"cpu_s": time.process_time() - started}


def accuracy(name: str) -> tuple[float, float]:
    """The shares of a list whose level is right, and whose level and function are."""
    settings, expected = ScoringSettings(), labelled(name)
    read = classify_titles(expected["title"], settings.decision_maker_titles, settings.influencer_titles)
    is_level = read["level"] == expected["level"]
    return float(is_level.mean()), float((is_level & (read["function"] == expected["function"])).mean())


def main() -> None:
    def once() -> list[float]:
        taken = figures("benchmarks.titles")
        return [TITLES / taken["distinct_s"], TITLES / taken["cpu_s"], taken["rows_s"], taken["mib"]]

    per_second, per_cpu_second, rows_s, mib = medians(once, runs=3)
    print(
        f"titles: {per_second:,.0f} distinct ones a second (goal 20,000), {per_cpu_second:,.0f} a second of CPU; "
        f"{ROWS:,} rows with {TITLES:,} distinct ones in {rows_s:.1f} s, {mib:.0f} MiB"
    )
    for name in ("titles.csv", "titles_held_out.csv"):
        level, both = accuracy(name)
        print(f"titles: {name}: level {level:.3f}, level and function {both:.3f} (goal 0.95)")


if __name__ == "__main__":
    print(json.dumps(measure()))
