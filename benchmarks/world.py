"""An invented world of people in GTM rows, as large as wanted, with the truth behind every row.

Rows are spelt as in real exports: nicknames, legal forms, capitals, e-mail with `mailto:`, five spellings of a profile's address,
employees as `1,200` or `620 employees`, growth as fraction or percentage, cells that are empty or say n/a. One row in 40 is of somebody
who is in the file twice already, one in 200 has no name.
"""

from pathlib import Path

import numpy as np
import pandas as pd

COLUMNS = (
    "Account Name", "Website", "Industry", "# Employees", "Annual Revenue", "YoY Growth", "GTM Segment", "First Name", "Last Name",
    "Job Title", "Business Email", "Direct Phone", "Mobile", "LinkedIn Profile", "Country", "Account Owner", "Notes", "Region", "Lead Score",
    "Last Activity",
)  # fmt: skip
FIRST = [
    "James",
    "Mary",
    "Robert",
    "Patricia",
    "John",
    "Jennifer",
    "Michael",
    "Linda",
    "David",
    "Elizabeth",
    "William",
    "Barbara",
    "Richard",
    "Susan",
    "Joseph",
    "Jessica",
    "Thomas",
    "Sarah",
    "Christopher",
    "Karen",
    "Charles",
    "Lisa",
    "Daniel",
    "Nancy",
    "Matthew",
    "Betty",
    "Anthony",
    "Sandra",
    "Mark",
    "Margaret",
    "Donald",
    "Ashley",
    "Steven",
    "Kimberly",
    "Andrew",
    "Emily",
    "Paul",
    "Donna",
    "Joshua",
    "Michelle",
    "Kenneth",
    "Carol",
    "Kevin",
    "Amanda",
    "Brian",
    "Melissa",
    "George",
    "Deborah",
    "Timothy",
    "Stephanie",
    "José",
    "Zoë",
    "Jörg",
    "Åsa",
    "Łukasz",
]
NICK = {"Robert": "Bob", "William": "Bill", "Michael": "Mike", "Elizabeth": "Liz", "Jennifer": "Jen", "Thomas": "Tom", "James": "Jim"}
SYLLABLES = [
    "ba",
    "be",
    "bo",
    "da",
    "de",
    "do",
    "fa",
    "fe",
    "ga",
    "go",
    "ha",
    "he",
    "ja",
    "ka",
    "ke",
    "ko",
    "la",
    "le",
    "lo",
    "ma",
    "me",
    "mo",
    "na",
    "ne",
    "no",
    "pa",
    "pe",
    "ra",
    "re",
    "ro",
    "sa",
    "se",
    "so",
    "ta",
    "te",
    "to",
    "va",
    "ve",
    "wa",
    "za",
]
INDUSTRIES = [
    "Technology",
    "Software",
    "SaaS",
    "Financial Services",
    "Healthcare",
    "Manufacturing",
    "Retail",
    "Logistics",
    "Energy",
    "Media",
]
LEGAL = ["Inc.", "LLC", "Ltd", "GmbH", "Corp.", "AB", "Pty Ltd", ""]
TITLES = ["VP Sales", "Chief Revenue Officer", "CEO", "Director of Engineering", "Head of Growth", "Engineering Manager", "Data Analyst"]


def make_rows(count: int, seed: int = 1) -> tuple[pd.DataFrame, np.ndarray]:
    """`COLUMNS` as text (missing where empty), and the person behind each row (-1: a row without a name)."""
    rng = np.random.default_rng(seed)
    people, companies = int(count / 1.35) + 1, max(count // 25, 3)
    words = np.array(
        ["".join(SYLLABLES[(number // len(SYLLABLES) ** place) % len(SYLLABLES)] for place in range(4)) for number in range(companies)]
    )
    core = np.char.capitalize(words) + np.array([" Labs", " Systems", " & Sons", "ware"])[rng.integers(0, 4, companies)]
    domain = np.char.add(words, ".example")
    employees = rng.integers(1, 60_000, companies)
    employer = rng.integers(0, companies, people)
    first = np.array(FIRST)[rng.integers(0, len(FIRST), people)]
    syllable = np.array(SYLLABLES)
    last = np.char.capitalize(
        syllable[rng.integers(0, 40, people)] + syllable[rng.integers(0, 40, people)] + syllable[rng.integers(0, 40, people)]
    )
    slug = np.char.add(np.char.add(np.char.lower(last), "-"), np.arange(people).astype(str))
    # nobody has another's address: the number makes it one's own
    email = np.char.add(np.char.add(np.char.lower(last), np.char.add(np.arange(people).astype(str), "@")), domain[employer])
    who = np.concatenate([np.arange(people), rng.integers(0, people, count - people)])
    rng.shuffle(who)
    at = employer[who]
    nick = pd.Series(first).map(NICK).fillna(pd.Series(first)).to_numpy(dtype=str)

    def some(values: np.ndarray, share: float) -> np.ndarray:
        chosen: np.ndarray = np.where(rng.random(count) < share, values.astype(object), np.array(None, dtype=object))
        return chosen

    def one_of(*choices: np.ndarray) -> np.ndarray:
        return np.choose(rng.integers(0, len(choices), count), [np.asarray(choice, dtype=object) for choice in choices])

    legal = np.array(LEGAL)[np.arange(companies) % len(LEGAL)][at]
    staff = employees[at]
    growth = np.round((np.arange(companies) % 80 - 20) / 100, 2)[at]
    number = who.astype(str)
    named = rng.random(count) >= 0.005
    link = np.char.add("linkedin.com/in/", slug[who])
    frame = {
        "Account Name": one_of(np.char.add(np.char.add(core[at], " "), legal), core[at], np.char.upper(core[at]), core[at]),
        "Website": one_of(domain[at], np.char.add("https://www.", domain[at]), np.char.add(np.char.add("http://", domain[at]), "/about")),
        "Industry": np.array(INDUSTRIES)[at % len(INDUSTRIES)],
        "# Employees": one_of(
            staff.astype(str), np.char.add(staff.astype(str), " employees"), np.array([f"{one:,}" for one in staff.tolist()])
        ),
        "Annual Revenue": np.array(["$1M-$10M", "$10M-$50M", "$50M-$100M", "$100M-$500M", "$1B+"])[at % 5],
        "YoY Growth": one_of(growth.astype(str), np.char.add(np.round(growth * 100).astype(int).astype(str), "%")),
        "GTM Segment": np.array(["SMB", "Mid-Market", "Enterprise"])[at % 3],
        "First Name": np.where(named, np.where(rng.random(count) < 0.2, nick[who], first[who]).astype(object), None),
        "Last Name": np.where(named, last[who].astype(object), None),
        "Job Title": np.array(TITLES)[who % len(TITLES)],
        "Business Email": some(
            one_of(email[who], email[who], email[who], np.char.add("mailto:", email[who]), np.char.upper(email[who])), 0.75
        ),
        "Direct Phone": some(np.char.add("+1 202-555-", np.char.zfill(np.char.mod("%d", who % 10_000), 4)), 0.5),
        "Mobile": some(np.char.add("+49 1512 ", np.char.zfill(number, 7)), 0.3),
        "LinkedIn Profile": some(one_of(np.char.add("https://www.", link), np.char.add(np.char.add("https://uk.", link), "/"), link), 0.55),
        "Country": one_of(np.full(count, "US"), np.full(count, "United States"), np.full(count, "Germany"), np.full(count, None)),
        "Account Owner": np.array(["Ana", "Ben", "Chloe"])[at % 3],
        "Notes": some(np.full(count, "met at a fair; follow up"), 0.2),
        "Region": np.array(["EMEA", "AMER", "APAC"])[at % 3],
        "Lead Score": (who % 100).astype(str),
        "Last Activity": np.char.add("2026-0", (1 + who % 9).astype(str)),
    }
    rows = pd.DataFrame({name: pd.Series(frame[name], dtype="str") for name in COLUMNS})
    return rows, np.where(named, who, -1)


def change_some(rows: pd.DataFrame, share: float, seed: int = 2) -> pd.DataFrame:
    """The same rows, some of them with another title: what a file of the next week looks like."""
    is_changed = np.random.default_rng(seed).random(len(rows)) < share
    return rows.assign(**{"Job Title": rows["Job Title"].where(~is_changed, "Chief of Staff")})


def write_csv(rows: pd.DataFrame, path: Path) -> None:
    """As a spreadsheet would save it."""
    import pyarrow as pa
    import pyarrow.csv as pc

    pc.write_csv(pa.Table.from_pandas(rows, preserve_index=False), path, pc.WriteOptions(quoting_style="needed"))


def write_workbook(rows: pd.DataFrame, path: Path) -> None:
    """One sheet, numbers as text."""
    from openpyxl import Workbook

    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet("Data")
    sheet.append(list(rows.columns))
    for row in rows.astype(object).where(rows.notna(), None).itertuples(index=False, name=None):
        sheet.append(row)
    workbook.save(path)
