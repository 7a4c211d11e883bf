"""A run that is killed at any moment and started again ends as one that was never killed, with nobody asked about twice."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from liendea_assets.cli.init import make_home
from liendea_assets.core.home import Home
from liendea_assets.sandbox.reach_server import TOKEN, create_app, sample_people
from liendea_assets.sandbox.serving import serving

pytestmark = pytest.mark.soak

LIENDEA = str(Path(sys.executable).with_name("liendea"))
KILLS = int(os.environ.get("SOAK_KILLS", "40"))
SAME = {
    "files": "SELECT name, rows, imported, merged, rejected, blank, pending FROM import_files ORDER BY name",
    "people": "SELECT full_name, linkedin_id, title FROM contacts WHERE merged_into IS NULL ORDER BY full_name, linkedin_id, title",
    "scores": "SELECT c.full_name, s.icp_score FROM icp_scores s JOIN contacts c ON c.id = s.contact_id ORDER BY 1, 2",
    "queue": "SELECT l.outreach_type, c.full_name FROM outreach_log l JOIN contacts c ON c.id = l.contact_id WHERE l.outreach_type = 'email' ORDER BY 1, 2",
    "answers": "SELECT source, outcome, count(*) FROM contact_enrichment GROUP BY source, outcome ORDER BY source, outcome",
}


def outcome(home: Home) -> dict[str, list[tuple[object, ...]]]:
    connection = sqlite3.connect(home.data / "liendea.db")
    found = {name: connection.execute(sql).fetchall() for name, sql in SAME.items()}
    connection.close()
    return found


def start(home: Home, url: str) -> "subprocess.Popen[bytes]":
    env = {**os.environ, "LIENDEA_HOME": str(home.root), "REACH_BASE_URL": url, "REACH_API_TOKEN": TOKEN, "LIENDEA_SANDBOX": "1"}
    env.pop("DAGSTER_HOME", None)
    return subprocess.Popen([LIENDEA, "run"], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)


def test_killed_runs_end_as_runs_that_were_never_killed(tmp_path: Path) -> None:
    chance = random.Random(2026)
    windows = [(60, 600), (3_600, 10_000)]
    undisturbed = Home(tmp_path / "undisturbed")
    list(make_home(undisturbed, with_sample=True))
    with serving(create_app(sample_people(), windows)) as url:
        began = time.monotonic()
        assert start(undisturbed, url).wait(timeout=120) == 0
        whole_s = time.monotonic() - began
    wanted = outcome(undisturbed)

    killed, home, number = 0, Home(tmp_path / "home-0"), 0
    while killed < KILLS:
        home, number = Home(tmp_path / f"home-{number}"), number + 1
        list(make_home(home, with_sample=True))
        app = create_app(sample_people(), windows)
        with serving(app) as url:
            for _ in range(8):
                process = start(home, url)
                try:
                    process.wait(timeout=chance.uniform(0.3, 1.1) * whole_s)
                    break
                except subprocess.TimeoutExpired:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()
                    killed += 1
            assert start(home, url).wait(timeout=120) == 0
        assert outcome(home) == wanted
        connection = sqlite3.connect(home.data / "liendea.db")
        [(ledger,)] = connection.execute("SELECT count(*) FROM rate_limit_tracking")
        [(verdict,)] = connection.execute("PRAGMA integrity_check")
        connection.close()
        # every request that arrived is in the ledger; a kill between the ledger and the socket leaves a row without an arrival
        assert app.state.book.arrivals <= ledger
        assert app.state.book.violations == 0
        assert verdict == "ok"
        # two kills cannot make more than one call each be made again
        assert ledger <= 16 + 8
