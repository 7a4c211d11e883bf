"""A million contacts scored, explained, compared with the scores that stand and written, beside a loop over dicts that only computes.

The peer goes contact by contact through Python dicts and keeps titles that it has classified, as one would write it first: the same five
parts with their sum, coverage, interval and priority; it explains, compares and writes nothing. Ours reads the database and writes to it.
"""

import json
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

from benchmarks.measure import figures, medians
from liendea_assets.core.text import fold
from liendea_assets.db.connection import Database, to_records, transaction
from liendea_assets.db.migrations import open_migrated
from liendea_assets.scoring import store
from liendea_assets.scoring.rescore import rescore
from liendea_assets.scoring.settings import IndustryWeights, ScoringSettings, Weights
from liendea_assets.scoring.titles import classify_titles

ROWS = 1_000_000
RUNS = 3
CHANGED = 1_000
SHIPPED = ScoringSettings()
# one weight is another one: a third of the contacts have another score, all of a target industry another part
OTHER = ScoringSettings(weights=Weights(industry=IndustryWeights(target=20, secondary=15)))
FIRST, SECOND, THIRD = (f"2026-11-{day:02} 08:00:00.000000" for day in (1, 2, 3))

RANKS = (
    "VP",
    "Director of",
    "Head of",
    "Chief",
    "Senior",
    "Junior",
    "Lead",
    "Principal",
    "Manager,",
    "Engineer,",
    "Analyst,",
    "Assistant to the VP",
)
FIELDS = ("Sales", "Marketing", "Finance", "Operations", "Product", "Data", "Security", "People", "Legal", "Procurement", "Research")
INDUSTRIES = ("Software", "SaaS", "Technology", "Media", "Mining", "Retail", "Financial Services", "Hospitals", "Logistics", None)
COUNTRIES = ("US", "DE", "FR", "GB", "IN", "BR", None)


def prepare(database: Path, rows: int, seed: int = 1) -> None:
    """Contacts of companies of twelve, one value in ten unknown, some 30,000 distinct titles, four in ten with a tie."""
    rng, db = random.Random(seed), open_migrated(database)
    titles = [f"{rng.choice(RANKS)} {rng.choice(FIELDS)} {number}" for number in range(min(rows // 30, 30_000) + 10)]
    sources = [_sources(rng) for _ in range(400)]
    owner = rows + 1
    companies = max(rows // 12, 1)
    facts = [_facts(number, rng) for number in range(companies)]
    with transaction(db) as connection:
        connection.executemany(
            "INSERT INTO companies (id, name, domain, created_at, updated_at) VALUES (?, ?, ?, 't', 't')",
            ((number + 1, f"Company {number}", f"company{number}.example") for number in range(companies)),
        )
        connection.executemany(
            "INSERT INTO contacts (id, full_name, created_at, updated_at) VALUES (?, ?, 't', 't')",
            ((number, f"Ana Weaver{number}") for number in (*range(1, rows + 1), owner)),
        )
        connection.executemany(
            """
            INSERT INTO enriched_contacts (
                contact_id, full_name, title, company_id, company_name, company_domain, industry, employee_count, revenue_range,
                growth_rate, gtm_segment, country, work_email, linkedin_url, is_owner, profile_completeness, sources
            )
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 80, ?)
            """,
            (_contact(number, rng, companies, facts, titles, sources) for number in range(1, rows + 1)),
        )
        connection.executemany(
            "INSERT INTO linkedin_connections (id, contact_id, connected_to_id, connection_degree, strength) VALUES (?, ?, ?, 1, ?)",
            ((number, number, owner, round(rng.random() * 10, 1)) for number in range(1, rows + 1) if rng.random() < 0.4),
        )
    _close(db)


def _facts(number: int, rng: random.Random) -> tuple[object, ...]:
    growth = round(rng.random() - 0.3, 3) if rng.random() < 0.9 else None
    return (
        f"Company {number}", f"company{number}.example", rng.choice(INDUSTRIES), int(10 ** rng.uniform(0, 5)) if rng.random() < 0.9 else None,
        rng.choice(("$1M-$10M", "$10M-$50M", "€5M+", None)), growth, rng.choice(("Enterprise", "Mid-Market", None)),
    )  # fmt: skip


def _contact(
    number: int, rng: random.Random, companies: int, facts: list[tuple[object, ...]], titles: list[str], sources: list[str]
) -> tuple[object, ...]:
    company = rng.randrange(companies)
    name, domain, industry, employees, revenue, growth, segment = facts[company]
    title = rng.choice(titles) if rng.random() < 0.9 else None
    return (
        number, f"Ana Weaver{number}", title, company + 1, name, domain, industry, employees, revenue, growth, segment, rng.choice(COUNTRIES),
        f"ana.{number}@{domain}", f"https://www.linkedin.com/in/ana-{number}", rng.choice(sources),
    )  # fmt: skip


def _sources(rng: random.Random) -> str:
    day = f"2026-{rng.randrange(1, 11):02}-{rng.randrange(1, 29):02}"
    names = (
        "title",
        "industry",
        "employee_count",
        "growth_rate",
        "revenue_range",
        "country",
        "company_name",
        "company_domain",
        "work_email",
    )
    return json.dumps({name: [rng.choice(("gtm", "reach", "linkedin")), day] for name in names}, sort_keys=True)


def ours(db: Database, what: str) -> dict[str, float]:
    """Seconds from opening the tables to the commit."""
    settings, now = {"first": (SHIPPED, FIRST), "other_weight": (OTHER, SECOND), "few_changed": (OTHER, THIRD)}[what]
    if what == "few_changed":
        db.conn.execute("UPDATE enriched_contacts SET title = 'Chief of Staff' WHERE contact_id % 1000 = 7 AND contact_id <= 1000000")
    started, cpu = time.perf_counter(), time.process_time()
    found = rescore(db, settings, now)
    took, cpu = time.perf_counter() - started, time.process_time() - cpu
    assert (found.unequal, found.outside) == (0, 0)
    changes = sum(store.count_changes(db, now).values()) - (found.first if what == "first" else 0)
    return {"seconds": took, "cpu": cpu, "scored": found.scored, "written": found.written, "changes": changes}


def peer(db: Database) -> dict[str, float]:
    """Seconds of computing alone: the dicts are there."""
    people = to_records(pd.DataFrame(store.read_contacts(db)))
    started, cpu = time.perf_counter(), time.process_time()
    distinct = pd.Series(list({str(person["title"]) for person in people if person["title"] is not None}))
    titles = dict(zip(distinct, classify_titles(distinct, SHIPPED.decision_maker_titles, SHIPPED.influencer_titles)["level"], strict=True))
    targets, secondary = {fold(name) for name in SHIPPED.target_industries}, {fold(name) for name in SHIPPED.secondary_industries}
    scores = [_score(person, titles, targets, secondary) for person in people]
    took, cpu = time.perf_counter() - started, time.process_time() - cpu
    return {"seconds": took, "cpu": cpu, "mean": sum(score["icp_score"] for score in scores) / len(scores)}


def _score(person: dict[str, object], titles: dict[str, str], targets: set[str], secondary: set[str]) -> dict[str, float]:
    total = known = 0
    if (employees := person["employee_count"]) is not None:
        known += 25
        total += 25 if 50 <= employees <= 5_000 else 15 if 10 <= employees <= 10_000 else 0  # type: ignore[operator]
    if (industry := person["industry"]) is not None:
        known += 25
        name = fold(str(industry))
        total += 25 if name in targets else 15 if name in secondary else 0
    if (title := person["title"]) is not None:
        known += 25
        level = titles[str(title)]
        total += 25 if level == "decision_maker" else 15 if level == "influencer" else 0
    if (growth := person["growth_rate"]) is not None:
        known += 15
        total += 15 if growth > 0.2 else 8 if growth > 0.1 else 0  # type: ignore[operator]
    if (strength := person["connection_strength"]) is not None:
        known += 10
        total += int(float(strength) + 0.5)  # type: ignore[arg-type]
    priority = next((place for place, line in enumerate(SHIPPED.priority_lines, start=1) if total >= line), 5)
    return {
        "icp_score": total,
        "coverage": round(known / 100, 4),
        "score_min": total,
        "score_max": total + 100 - known,
        "priority": priority,
    }


def measure(what: str, database: Path) -> dict[str, float]:
    db = open_migrated(database)
    found = peer(db) if what == "peer" else ours(db, what)
    _close(db)
    return found


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database = folder / "scores.db"
        for rows in (10_000, 100_000, ROWS):
            shutil.rmtree(folder)
            folder.mkdir()
            figures("benchmarks.scores", "prepare", database, rows)
            runs = RUNS if rows == ROWS else 1

            def once() -> list[float]:
                shutil.copy(database, folder / "now.db")
                found = [
                    figures("benchmarks.scores", what, folder / "now.db", 0) for what in ("peer", "first", "other_weight", "few_changed")
                ]
                return [one[figure] for one in found for figure in ("seconds", "mib", "cpu")]

            loop, _, loop_cpu, first, first_mib, first_cpu, other, other_mib, other_cpu, few, few_mib, few_cpu = medians(once, runs)
            print(
                f"{rows:,} contacts, median of {runs}: first scored, explained and written {first:.2f} s, {first_mib:,.0f} MiB = {first / loop:.2f} × "
                f"a loop over dicts that only computes ({loop:.2f} s; goal 3 ×); after another weight, with the comparison and the history "
                f"{other:.2f} s, {other_mib:,.0f} MiB = {other / loop:.2f} ×; {min(CHANGED, rows // 1000):,} contacts changed {few:.3f} s, "
                f"{few_mib:,.0f} MiB = {few / first:.3f} × the first scoring (goal 0.1 ×). Of the processor alone: {first_cpu / loop_cpu:.2f} ×, "
                f"{other_cpu / loop_cpu:.2f} ×, {few_cpu / first_cpu:.3f} × ({loop_cpu:.1f}, {first_cpu:.1f}, {other_cpu:.1f}, {few_cpu:.2f} s)"
            )


def _close(db: Database) -> None:
    db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.conn.close()


if __name__ == "__main__":
    task, file = sys.argv[1], Path(sys.argv[2])
    if task == "prepare":
        prepare(file, int(sys.argv[3]))
        print(json.dumps({}))
    else:
        print(json.dumps(measure(task, file)))
