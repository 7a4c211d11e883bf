"""A million rows of twenty realistic columns from text to landed columns: seconds by step and memory beyond the input.

Usage: python -m benchmarks.landing [rows]
"""

import cProfile
import pstats
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

from liendea_assets.core.home import Home
from liendea_assets.core.settings import load_settings
from liendea_assets.imports.headers import field_of_alias, match_columns
from liendea_assets.imports.model import SourcePart
from liendea_assets.imports.normalize import land_gtm
from liendea_assets.imports.settings import ImportSettings

HEADER = (
    "Account Name", "Website", "Industry", "# Employees", "Annual Revenue", "YoY Growth", "GTM Segment", "First Name", "Last Name",
    "Full Name", "Job Title", "Business Email", "Direct Phone", "Mobile", "LinkedIn Profile", "Reach ID", "Country", "Account Owner",
    "Notes", "Internal Score",
)  # fmt: skip


def make_columns(rows: int, seed: int = 1) -> dict[str, list[str | None]]:
    """Invented people: seven tenths of the addresses, numbers and profiles are distinct, a few of every column are odd or empty."""
    random = np.random.default_rng(seed)
    person = random.integers(0, max(1, int(rows * 1.2)), rows)
    company = random.integers(0, max(1, rows // 25), rows)
    first = [
        f"{a}{b}"
        for a in ("Ro", "An", "Li", "Zoë", "Mar", "Jon", "Ste", "Ka")
        for b in ("bin", "na", "sa", "tin", "as", "ven", "rel", "ko")
    ]
    last = [
        f"{a}{b}{c}"
        for a in ("Wea", "Mül", "Lind", "Nata", "Mor", "Sul")
        for b in ("ver", "ler", "qvi", "raj", "gan", "li")
        for c in ("", "son", "an", "ski", "ez")
    ]
    titles = [
        f"{a} {b}"
        for a in ("VP", "Director of", "Head of", "Senior", "Chief")
        for b in ("Sales", "Marketing", "Engineering", "Operations", "Data", "Finance")
    ]
    countries = ["US", "Germany", "UK", "France", "USA", "United Kingdom", "DE", "Spain"]
    phones = ["+1 {}", "+1-{}", "({a}) {b}-{c}", "+1 {a} {b} {c}"]
    odd = random.random(rows)

    def phone(number: int, style: int) -> str:
        digits = f"{201 + number % 788}{200 + number // 788 % 800:03d}{number // 7 % 10000:04d}"
        return phones[style % 4].format(digits, a=digits[:3], b=digits[3:6], c=digits[6:])

    firsts = [first[number % len(first)] for number in person]
    lasts = [last[number // 7 % len(last)] for number in person]
    domains = [f"acme{number}.example" for number in company]
    return {
        "Account Name": [f"Acme {number} Inc." for number in company],
        "Website": [f"https://www.{domain}/" if number % 3 else domain for number, domain in zip(company, domains, strict=True)],
        "Industry": [f"Industry {number % 20}" for number in company],
        "# Employees": [("1,200", "51-200", "5000+", str(number % 9000))[number % 4] for number in company],
        "Annual Revenue": [("$10M - $50M", "€5m+", "1B+", "<$1M")[number % 4] for number in company],
        "YoY Growth": [f"{number % 400 / 10}%" for number in company],
        "GTM Segment": [("Enterprise", "Mid-Market", "SMB")[number % 3] for number in company],
        "First Name": firsts,
        "Last Name": [f"{name}, MBA" if chance < 0.02 else name for name, chance in zip(lasts, odd, strict=True)],
        "Full Name": [f"{a} {b}" for a, b in zip(firsts, lasts, strict=True)],
        "Job Title": [titles[number % len(titles)] for number in person],
        "Business Email": [
            None
            if chance < 0.1
            else "n/a"
            if chance < 0.12
            else f"mailto:{a}{number}@{domain}"
            if chance < 0.14
            else f"p.{number}@{domain}"
            for a, number, domain, chance in zip(firsts, person, domains, odd, strict=True)
        ],
        "Direct Phone": [
            phone(number, style) if chance > 0.1 else None for number, style, chance in zip(person, company, odd, strict=True)
        ],
        "Mobile": [phone(number + 7, style) if chance < 0.9 else None for number, style, chance in zip(person, company, odd, strict=True)],
        "LinkedIn Profile": [f"https://www.linkedin.com/in/p-{number}/" for number in person],
        "Reach ID": [f"r{number}" for number in person],
        "Country": [countries[number % len(countries)] for number in company],
        "Account Owner": [f"Owner {number % 30}" for number in company],
        "Notes": [f"follow  up {number % 5000}" if chance > 0.5 else None for number, chance in zip(person, odd, strict=True)],
        "Internal Score": [str(number % 100) for number in person],
    }


def make_part(rows: int, settings: ImportSettings) -> SourcePart:
    """The same as a reader hands it on."""
    columns = make_columns(rows)
    cells = pd.DataFrame({position: pd.Series(columns[name], dtype="str") for position, name in enumerate(HEADER)})
    fields = match_columns(HEADER, field_of_alias(settings.gtm_columns))
    return SourcePart("Data", HEADER, fields, cells, pd.Series(range(2, rows + 2), dtype="int64"), 0)


def _memory(name: str) -> int:
    """KiB; asking for what is held now also forgets the highest mark so far (Linux)."""
    if name == "VmRSS":
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1])


def main() -> None:
    """Prints the figures."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    settings = load_settings(ImportSettings, Home(Path("/nowhere")), "imports.yaml")
    part = make_part(rows, settings)
    land_gtm(SourcePart(part.part, part.header, part.columns, part.cells.head(10), part.numbers.head(10), 0), settings)
    before = _memory("VmRSS")
    start = time.perf_counter()
    profile = cProfile.Profile()
    landed = profile.runcall(land_gtm, part, settings) if "--profile" in sys.argv else land_gtm(part, settings)
    seconds = time.perf_counter() - start
    peak = _memory("VmHWM") - before
    print(f"{rows:,} rows landed in {seconds:.2f} s, {peak / 1024:.0f} MiB beyond its input; {len(landed.rejections):,} refusals")
    if "--profile" in sys.argv:
        pstats.Stats(profile).sort_stats("cumulative").print_stats(45)


if __name__ == "__main__":
    main()
