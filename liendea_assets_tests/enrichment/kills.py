"""Runs that are killed at random moments and started again, and what must hold of the database and the server afterwards."""

import json
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from liendea_assets.db.connection import Database
from liendea_assets.db.migrations import open_migrated
from liendea_assets.sandbox.serving import serving
from liendea_assets_tests.enrichment.reach_runs import PeopleServer, add_people

WINDOWS = ((1, 200), (60, 20_000))
# the default of a provider's file
MOST_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Figures:
    """What kills came to.

    Attributes:
        ended, broken_off: rows of the ledger whose attempt ended, and whose process died meanwhile.
        again: people who were asked about once more, since the answer was under way or not stored yet.
    """

    kills: int = 0
    arrivals: int = 0
    ended: int = 0
    broken_off: int = 0
    again: int = 0

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


def kill_and_start_again(folder: Path, people: int, batch_size: int, kills: int, longest_s: float, seed: int = 2026) -> Figures:
    """Runs of so many contacts; where one is done before all kills, another begins with a new database.

    Args:
        longest_s: a run is killed up to this long after its first call.
    """
    chance, total, number = random.Random(seed), Figures(), 0
    while total.kills < kills:
        path, number = folder / f"{number}.db", number + 1
        db = open_migrated(path)
        add_people(db, people)
        server = PeopleServer(WINDOWS, longest_s=0.1)
        with serving(server) as url:
            killed = _run_until_done(db, server, url, path, batch_size, kills - total.kills, lambda: chance.uniform(0, longest_s))
        total += _judge(db, server, people, batch_size, killed)
        db.conn.close()
    return total


def _run_until_done(
    db: Database, server: PeopleServer, url: str, path: Path, batch_size: int, most_kills: int, wait_s: Callable[[], float]
) -> int:
    """Returns how often it was killed."""
    command = [sys.executable, "-m", "liendea_assets_tests.enrichment.reach_runs", url, str(path), json.dumps(WINDOWS), str(batch_size)]
    killed = 0
    stored: dict[int, tuple[object, ...]] = {}
    asked: dict[int, int] = {}
    while True:
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
            assert process.stdout is not None
            # counted from the first line that it prints, since starting takes longer than the rest
            process.stdout.readline()
            try:
                process.communicate(timeout=wait_s() if killed < most_kills else None)
            except subprocess.TimeoutExpired:
                process.kill()
                killed += 1
        now: dict[int, tuple[object, ...]] = {}
        now |= {row["contact_id"]: (row["answered_at"], row["outcome"], row["title"]) for row in db.table("contact_enrichment").rows}
        assert {contact: now.get(contact) for contact in stored} == stored, "what was stored is neither lost nor written again"
        assert {contact: server.asked[contact] for contact in asked} == asked, "nobody is asked about whose answer was stored"
        stored, asked = now, {contact: server.asked[contact] for contact in now}
        if process.returncode == 0:
            return killed


def _judge(db: Database, server: PeopleServer, people: int, batch_size: int, killed: int) -> Figures:
    rows = {row["contact_id"]: row for row in db.table("contact_enrichment").rows}
    assert sorted(rows) == list(range(1, people + 1))
    assert {contact for contact, row in rows.items() if row["outcome"] == "miss"} == {contact for contact in rows if contact % 7 == 0}
    assert all(row["title"] == f"Title {contact}" for contact, row in rows.items() if row["outcome"] == "hit")
    outcomes = Counter(row["outcome"] for row in db.table("rate_limit_tracking").rows)
    broken_off = outcomes["in flight"]
    ended = outcomes.total() - broken_off
    again = sum(times - 1 for times in server.asked.values())
    # a row whose process died between the commit and the socket has no arrival, and there is no arrival without a row
    assert ended <= server.book.arrivals <= ended + broken_off
    assert server.book.violations == 0
    assert broken_off <= killed * MOST_AT_ONCE
    assert again <= broken_off * batch_size + killed * MOST_AT_ONCE * batch_size
    return Figures(killed, server.book.arrivals, ended, broken_off, again)
