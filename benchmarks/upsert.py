"""A million contacts written over a million: sorted and only where a value differs, beside a plain upsert of the rows as they come.

The peer has the same table, connection and transaction, and `INSERT … ON CONFLICT DO UPDATE` of every column by `executemany`.
"""

import json
import shutil
import sqlite3
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.measure import figures, medians
from liendea_assets.db.connection import Database, to_rows, transaction
from liendea_assets.db.migrations import open_migrated
from liendea_assets.imports.store import store_contacts

ROWS = 1_000_000
# a run of the peer takes a minute
RUNS = 3
# What a week changes, and what a changed order of sources does.
SHARES = (0.01, 1.0)
COLUMNS = (
    "id", "linkedin_id", "reach_id", "full_name", "first_name", "last_name", "title", "company_id", "industry", "country", "is_owner",
)  # fmt: skip
PLAIN = f"""
    INSERT INTO contacts ({", ".join(COLUMNS)}, created_at, updated_at)
    VALUES ({", ".join("?" * (len(COLUMNS) + 2))})
    ON CONFLICT (id) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in (*COLUMNS[1:], "updated_at"))}
"""
NOTHING = np.array(None, dtype=object)
BEFORE, NOW = "2026-10-01T00:00:00Z", "2026-10-08T00:00:00Z"


def make_contacts(count: int, share: float = 0.0, seed: int = 1) -> pd.DataFrame:
    """Contacts in the order in which rows happen to name them; of a share of them the title is another one."""
    rng = np.random.default_rng(seed)
    number = rng.permutation(count) + 1
    text = number.astype(str).astype(object)
    first, last = np.array(["Ana", "Ben", "Chloe", "Dan"], dtype=object)[number % 4], "Weaver" + text
    titles = np.array(["VP Sales", "CEO", "Data Analyst"], dtype=object)[number % 3]
    values = {
        "linkedin_id": np.where(number % 2, "person-" + text, NOTHING),
        "reach_id": np.where(number % 5, NOTHING, "r" + text),
        "full_name": first + " " + last,
        "first_name": first,
        "last_name": last,
        "title": np.where(rng.random(count) < share, "Chief of Staff", titles),
        "industry": np.array(["Software", "Retail"], dtype=object)[number % 2],
        "country": np.array(["US", "DE", None], dtype=object)[number % 3],
    }
    frame = pd.DataFrame({name: pd.Series(column, dtype="str") for name, column in values.items()})
    return frame.assign(id=number, is_owner=0, company_id=pd.array([pd.NA] * count, dtype="Int64"))[list(COLUMNS)]


def ours(connection: sqlite3.Connection, contacts: pd.DataFrame) -> None:
    store_contacts(connection, contacts.sort_values("id"), {}, NOW)


def plain(connection: sqlite3.Connection, contacts: pd.DataFrame) -> None:
    connection.executemany(PLAIN, to_rows(contacts.assign(created_at=NOW, updated_at=NOW), (*COLUMNS, "created_at", "updated_at")))


def prepare(database: Path) -> None:
    """A database with the contacts as they were."""
    db = open_migrated(database)
    with transaction(db) as connection:
        store_contacts(connection, make_contacts(ROWS).sort_values("id"), {}, BEFORE)
    _close(db)


def measure(who: str, database: Path, share: float) -> dict[str, float]:
    """Seconds from the frame of contacts to the commit."""
    contacts, db = make_contacts(ROWS, share), open_migrated(database)
    started = time.perf_counter()
    with transaction(db) as connection:
        {"ours": ours, "plain": plain}[who](connection, contacts)
    took = time.perf_counter() - started
    changed = db.conn.execute("SELECT count(*) FROM contacts WHERE title = 'Chief of Staff'").fetchone()[0]
    _close(db)
    return {"seconds": took, "changed": changed}


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        figures("benchmarks.upsert", "prepare", folder / "before.db", 0)
        for share in SHARES:

            def once(share: float = share) -> list[float]:
                found = []
                for who in ("ours", "plain"):
                    shutil.copy(folder / "before.db", folder / "now.db")
                    found.append(figures("benchmarks.upsert", who, folder / "now.db", share))
                assert found[0]["changed"] == found[1]["changed"]
                return [one[figure] for one in found for figure in ("seconds", "mib")]

            took, mib, peer, peer_mib = medians(once)
            print(
                f"upsert of {ROWS:,} contacts, {share:.0%} changed, median of {RUNS}: {took:.1f} s, {mib:,.0f} MiB = {took / peer:.2f} × "
                f"an unsorted executemany upsert ({peer:.1f} s, {peer_mib:,.0f} MiB; goal 0.7 ×)"
            )


def _close(db: Database) -> None:
    db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.conn.close()


if __name__ == "__main__":
    what, file, changed_share = sys.argv[1], Path(sys.argv[2]), float(sys.argv[3])
    if what == "prepare":
        prepare(file)
    print(json.dumps({} if what == "prepare" else measure(what, file, changed_share)))
