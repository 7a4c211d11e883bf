"""Several calls at once, several processes at once, and runs that are stopped, against a real server."""

import json
import multiprocessing
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from liendea_assets.core.clock import SystemClock, Uptime
from liendea_assets.db.connection import Database
from liendea_assets.enrichment.provider import PersonQuery, ProviderAnswer, TellAnswers
from liendea_assets.enrichment.report import EnrichmentReport
from liendea_assets.enrichment.run import GRACE_S, enrich
from liendea_assets.enrichment.settings import EnrichmentSettings
from liendea_assets.sandbox.serving import serving
from liendea_assets_tests.clients.servers import reach_at
from liendea_assets_tests.enrichment.reach_runs import PeopleServer, add_people, run_and_tell
from liendea_assets_tests.enrichment.rows import answers

Told = list[tuple[int, int, float | None]]


def run(
    db: Database, server: PeopleServer, windows: tuple[tuple[int, int], ...], batch_size: int, minutes: int = 10, told: Told | None = None
) -> EnrichmentReport:
    settings = EnrichmentSettings(batch_size=batch_size, longest_run_minutes=minutes)
    tell: Told = told if told is not None else []
    with serving(server) as url, reach_at(url, db, SystemClock(), windows=windows) as reach:
        return enrich(db, reach, settings, SystemClock(), lambda *progress: tell.append(progress))


def test_a_slow_server_is_asked_several_times_at_once(db: Database) -> None:
    people = add_people(db, 200)
    server = PeopleServer(((60, 1_000),), 0.2, is_even=True)
    began = time.monotonic()
    report = run(db, server, ((60, 1_000),), 5)
    # one after another they would take eight seconds
    assert time.monotonic() - began < 4
    assert 8 <= server.most_under_way <= 16
    assert (report.asked, report.misses, sorted(answers(db))) == (200, len(people) // 7, people)
    assert set(server.asked.values()) == {1}


def test_one_call_is_made_before_many_are(db: Database) -> None:
    """A refused key or a broken contract is met once, and not sixteen times."""
    add_people(db, 100)
    server = PeopleServer(((60, 1_000),), 0)
    with serving(server) as url, reach_at(url, db, SystemClock(), token="wrong") as reach:
        server.refuses = True
        report = enrich(db, reach, EnrichmentSettings(batch_size=1), SystemClock(), lambda *_: None)
    assert (server.book.arrivals, report.asked, report.needs_somebody) == (1, 0, True)
    assert "refuses the credentials" in str(report.stopped)


class Watched:
    """A provider that is asked in threads and sees the database at each call, as another process would."""

    name = "reach"
    batch_size = 1
    concurrency = 4
    contacts_per_run: int | None = None
    wanted: frozenset[str] = frozenset()

    def __init__(self, path: Path) -> None:
        self.threads: set[int] = set()
        self.missing: list[set[int]] = []
        self._path = path
        self._answered: set[int] = set()
        self._lock = threading.Lock()

    def allow_calls(self) -> None:
        pass

    def stop_calls(self) -> None:
        pass

    def can_ask(self, query: PersonQuery) -> bool:
        return True

    def look_up(self, queries: Sequence[PersonQuery], tell: TellAnswers | None = None) -> list[ProviderAnswer]:
        with self._lock:
            answered = set(self._answered)
        connection = sqlite3.connect(self._path)
        stored = {contact for (contact,) in connection.execute("SELECT contact_id FROM contact_enrichment")}
        connection.close()
        with self._lock:
            self.threads.add(threading.get_ident())
            self.missing.append(answered - stored)
            self._answered |= {query.contact_id for query in queries}
        return [ProviderAnswer(query.contact_id, "miss") for query in queries]


def test_an_answer_is_stored_before_further_calls_are_begun(db: Database, tmp_path: Path) -> None:
    """By the thread that owns the connection; at most the calls that were under way beside it have not been stored yet."""
    add_people(db, 60)
    source = Watched(tmp_path / "test.db")
    report = enrich(db, source, EnrichmentSettings(), SystemClock(), lambda *_: None)
    assert report.misses == 60
    assert threading.get_ident() not in source.threads
    assert max(len(missing) for missing in source.missing) <= source.concurrency


def test_progress_is_told_while_the_limits_are_waited_for(db: Database) -> None:
    add_people(db, 6)
    told: Told = []
    report = run(db, PeopleServer(((2, 3),), 0.0), ((2, 3),), 1, told=told)
    assert report.asked == 6
    # every half second, and not at each answer alone
    assert Counter(done for done, *_ in told)[3] >= 3
    assert told[-1] == (6, 6, 0.0)
    assert all(left_s is None or left_s >= 0 for _, _, left_s in told)


class HurriedClock(SystemClock):
    """The machine's, on which the run's time is over after the given seconds."""

    def __init__(self, seconds: float) -> None:
        self._ends_at = time.monotonic() + seconds

    def uptime(self) -> Uptime:
        told = super().uptime()
        return replace(told, seconds=told.seconds + (660 if time.monotonic() > self._ends_at else 0))


def test_the_time_limit_ends_a_run_that_waits_for_slots(db: Database) -> None:
    add_people(db, 20)
    server = PeopleServer(((3_600, 4),), 0.0)
    with serving(server) as url, reach_at(url, db, SystemClock(), windows=((3_600, 4),), max_wait_s=7_200) as reach:
        began = time.monotonic()
        report = enrich(db, reach, EnrichmentSettings(batch_size=1), HurriedClock(1.5), lambda *_: None)
        assert time.monotonic() - began < 5
        assert (report.asked, report.stopped, report.is_failure) == (4, "the run's 10 minutes are over", False)
    assert server.book.arrivals == db.table("rate_limit_tracking").count == 4


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_stopped_ends_soon_and_keeps_what_is_on_its_way(db: Database, tmp_path: Path, sent: signal.Signals) -> None:
    """Some calls are under way, the others wait for slots: those are stored, these are not made."""
    add_people(db, 100)
    windows = ((120, 8),)
    server = PeopleServer(windows, 1.5, is_even=True)
    with serving(server) as url:
        command = [
            sys.executable, "-m", "liendea_assets_tests.enrichment.reach_runs", url, str(tmp_path / "test.db"), json.dumps(windows), "1",
        ]  # fmt: skip
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            while server.under_way < 4:
                time.sleep(0.05)
                assert process.poll() is None
            began = time.monotonic()
            process.send_signal(sent)
            process.communicate(timeout=GRACE_S + 10)
        assert time.monotonic() - began < GRACE_S, "nobody waits for those who wait for slots"
        assert process.returncode != 0
    assert set(server.asked) == set(answers(db)), "the answer of each call that was made is kept"
    assert {row["outcome"] for row in db.table("rate_limit_tracking").rows} <= {"status 200", "status 404"}
    assert 7 <= server.book.arrivals == db.table("rate_limit_tracking").count <= 8


def test_several_processes_never_do_the_same_work(tmp_path: Path, db: Database) -> None:
    people = add_people(db, 300)
    windows = ((1, 100),)
    server = PeopleServer(windows, 0.05)
    spawn = multiprocessing.get_context("spawn")
    told = [tmp_path / f"told-{number}.json" for number in range(3)]
    with serving(server) as url:
        workers = [spawn.Process(target=run_and_tell, args=(url, tmp_path / "test.db", windows, 2, file)) for file in told]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    reports = [json.loads(file.read_text()) for file in told]
    assert sum(report["asked"] for report in reports) == len(people)
    assert set(server.asked.values()) == {1}
    assert sorted(answers(db)) == people
    assert server.book.violations == 0
    assert server.book.arrivals == db.table("rate_limit_tracking").count
