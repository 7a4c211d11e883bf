"""Invented people as rows land: of two GTM workbooks and three LinkedIn exports, with the person behind each row.

Names are as unevenly spread as in life, so namesakes occur, some at one company. A workbook's row has an address three times in four
and a profile every other time, sometimes a nickname; an export's row has the profile, seldom an address, and for one in twelve another
employer. One last name in 200 is misspelt. Companies are spelt as `invented_companies` does.
"""

import random
from collections.abc import Iterator

import pandas as pd

from benchmarks.invented_companies import SURNAMES, Company, make_companies, spell
from benchmarks.world import FIRST, NICK, SYLLABLES, TITLES

# Rows per person, on average: workbooks 0.7 × 1.03 + 0.25, three exports 0.4 each.
ROWS_PER_PERSON = 2.17
PEOPLE_PER_COMPANY = 12
_COLUMNS = ("full_name", "linkedin_id", "work_email", "phone", "title", "company_name", "company_domain", "person")


def make_rows(count: int, seed: int = 1) -> pd.DataFrame:
    """About `count` rows in any order: text columns (missing where empty), and `person` (int64)."""
    rng = random.Random(seed)
    people = int(count / ROWS_PER_PERSON)
    companies = make_companies(max(people // PEOPLE_PER_COMPANY, 3), rng)
    rows = [row for number in range(people) for row in _rows_of(number, companies, rng)]
    rng.shuffle(rows)
    frame = pd.DataFrame(rows, columns=list(_COLUMNS))
    texts = {name: frame[name].astype("str") for name in _COLUMNS if name != "person"}
    return frame.assign(**texts)


def _rows_of(number: int, companies: list[Company], rng: random.Random) -> Iterator[tuple[object, ...]]:
    first, last = rng.choice(FIRST), _last_name(rng)
    # a few companies employ many
    at = int(len(companies) * rng.random() ** 2)
    domain = f"company{at}.example"
    email, slug, title = f"{first}.{last}.{number}@{domain}".lower(), f"{first}-{last}-{number}".lower(), rng.choice(TITLES)
    phone = f"+1202{rng.randrange(10**7):07}"
    for chance in (0.7, 0.021, 0.25):
        if rng.random() < chance:
            given = NICK.get(first, first) if rng.random() < 0.2 else first
            yield (
                f"{given} {_typed(last, rng)}", _or_none(slug, 0.55, rng), _or_none(email, 0.75, rng), _or_none(phone, 0.5, rng), title,
                spell(companies[at], rng), _or_none(domain, 0.85, rng), number,
            )  # fmt: skip
    for _ in range(3):
        if rng.random() < 0.4:
            employer = companies[at] if rng.random() >= 0.08 else rng.choice(companies)
            yield f"{first} {_typed(last, rng)}", slug, _or_none(email, 0.06, rng), None, title, spell(employer, rng), None, number


def _last_name(rng: random.Random) -> str:
    """One in three bears one of a hundred names, the others one of 64,000."""
    return rng.choice(SURNAMES) if rng.random() < 0.33 else "".join(rng.choices(SYLLABLES, k=3)).capitalize()


def _typed(name: str, rng: random.Random) -> str:
    if rng.random() >= 0.005:
        return name
    place = rng.randrange(1, len(name))
    return name[:place] + rng.choice("aeinorst") + name[place + 1 :]


def _or_none(value: str, share: float, rng: random.Random) -> str | None:
    return value if rng.random() < share else None
