"""The Dagster UI as a user has it: `liendea dev` in a process of its own, the scoring config edited while it runs."""

import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from liendea_assets.cli.init import make_home
from liendea_assets.core.home import Home
from liendea_assets_tests.test_definitions import BELOW_THE_SCORES

pytestmark = pytest.mark.soak

LIENDEA = str(Path(sys.executable).with_name("liendea"))
RUNS = """{ runsOrError(limit: 50) { ... on Runs { results { runId jobName status startTime assetSelection { path } } } } }"""


class Live:
    """A running UI and its home."""

    def __init__(self, home: Home, port: int) -> None:
        self.home = home
        self.base = f"http://127.0.0.1:{port}"
        self.config = home.config / "icp_scoring.yaml"

    def graphql(self, query: str) -> Any:
        answer = httpx.post(f"{self.base}/graphql", json={"query": query}, headers={"Origin": self.base}, timeout=20)
        answer.raise_for_status()
        return answer.json()["data"]

    def runs(self) -> dict[str, dict[str, Any]]:
        return {run["runId"]: run for run in self.graphql(RUNS)["runsOrError"]["results"]}

    def stale(self) -> dict[str, tuple[str, list[str]]]:
        """Asset → its status as the UI shows it, and the reasons."""
        nodes = self.graphql("{ assetNodes { assetKey { path } staleStatus staleCauses { reason } } }")["assetNodes"]
        return {
            node["assetKey"]["path"][0]: (node["staleStatus"], [cause["reason"] for cause in node["staleCauses"]])
            for node in nodes
            if node["staleStatus"]
        }

    def materialize(self, name: str) -> None:
        """As its button in the UI does."""
        mutation = """mutation Launch($params: ExecutionParams!) {
            launchPipelineExecution(executionParams: $params) { __typename ... on PythonError { message } }
        }"""
        selector = {"repositoryLocationName": "liendea_assets", "repositoryName": "__repository__", "pipelineName": "__ASSET_JOB"}
        selector["assetSelection"] = [{"path": [name]}]  # type: ignore[assignment]  # GraphQL's own shape
        variables = {"params": {"selector": selector, "mode": "default", "runConfigData": {}}}
        answer = httpx.post(
            f"{self.base}/graphql", json={"query": mutation, "variables": variables}, headers={"Origin": self.base}, timeout=20
        )
        assert answer.json()["data"]["launchPipelineExecution"]["__typename"] == "LaunchRunSuccess", answer.text

    def edit(self, old: str, new: str) -> float:
        text = self.config.read_text()
        assert old in text
        part = self.config.with_suffix(".part")
        part.write_text(text.replace(old, new))
        part.replace(self.config)
        return time.time()

    def new_runs(self, known: set[str], count: int, within_s: float) -> list[dict[str, Any]]:
        """Waits until so many further runs have ended."""
        give_up_at = time.monotonic() + within_s
        while True:
            found = [run for run_id, run in self.runs().items() if run_id not in known]
            if len(found) >= count and all(run["status"] in ("SUCCESS", "FAILURE") for run in found):
                return found
            assert time.monotonic() < give_up_at, found
            time.sleep(0.5)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        connection = sqlite3.connect(self.home.data / "liendea.db")
        rows = connection.execute(sql).fetchall()
        connection.close()
        return rows


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    home = Home(tmp_path_factory.mktemp("live") / "home")
    list(make_home(home, with_sample=True))
    env = {name: value for name, value in os.environ.items() if name not in {"REACH_BASE_URL", "DAGSTER_HOME", "LIENDEA_SANDBOX"}}
    env["LIENDEA_HOME"] = str(home.root)
    subprocess.run([LIENDEA, "run"], env=env, check=True, capture_output=True)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    log = (home.root / "dev.log").open("w")
    # in the home, as after `liendea init .`: Dagster looks for a .env in the current folder
    process = subprocess.Popen([LIENDEA, "dev", "--port", str(port)], env=env, stdout=log, stderr=log, cwd=home.root)
    running = Live(home, port)
    try:
        give_up_at = time.monotonic() + 60
        while True:
            try:
                if httpx.get(f"{running.base}/server_info").status_code == 200:
                    break
            except httpx.TransportError:
                pass
            assert process.poll() is None, (home.root / "dev.log").read_text()
            assert time.monotonic() < give_up_at
            time.sleep(0.5)
        # the sensors' first ticks
        time.sleep(15)
        yield running
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)
        log.close()


def assert_is_a_rescoring(run: dict[str, Any]) -> None:
    assert run["status"] == "SUCCESS"
    assert {part["path"][0] for part in run["assetSelection"]} == BELOW_THE_SCORES


def test_nothing_starts_by_itself_when_nothing_changed(live: Live) -> None:
    assert len(live.runs()) == 1


def test_an_edited_weight_starts_one_run_within_20_seconds_and_sends_nothing(live: Live) -> None:
    known = set(live.runs())
    calls, files = live.query("SELECT count(*) FROM rate_limit_tracking"), live.query("SELECT id, read_at FROM import_files ORDER BY id")
    saved = live.edit("influencer: 15", "influencer: 14")
    [run] = live.new_runs(known, 1, within_s=40)
    # the figure of docs/performance.md; shown with -s
    sys.stdout.write(f"from save to start of the run: {run['startTime'] - saved:.1f} s\n")
    assert run["startTime"] - saved <= 20
    assert_is_a_rescoring(run)
    time.sleep(10)
    assert len(set(live.runs()) - known) == 1
    assert live.query("SELECT count(*) FROM rate_limit_tracking") == calls
    assert live.query("SELECT id, read_at FROM import_files ORDER BY id") == files
    assert live.query("SELECT count(*) FROM outreach_log WHERE sent_at IS NOT NULL OR status NOT IN ('queued', 'cancelled')") == [(0,)]
    assert live.query("SELECT DISTINCT cause FROM icp_score_changes") == [("config",)]


def test_edited_words_of_titles_start_one_run_too(live: Live) -> None:
    known = set(live.runs())
    words = live.home.config / "titles.yaml"
    words.write_text("roles:\n  bid_manager: {level: influencer, function: sales, words: {en: [tender lead]}}\n")
    [run] = live.new_runs(known, 1, within_s=40)
    assert_is_a_rescoring(run)
    time.sleep(10)
    assert len(set(live.runs()) - known) == 1


def test_what_is_stale_is_told_with_the_reason_until_it_is_rebuilt(live: Live) -> None:
    """And one asset materialised alone, with other data, brings what is below it up to date by itself."""
    assert all(status == "FRESH" for name, (status, _) in live.stale().items() if name != "email_deliveries")
    known = set(live.runs())
    connection = sqlite3.connect(live.home.data / "liendea.db")
    with connection:
        connection.execute(
            "UPDATE contact_enrichment SET title = 'Chief Executive Officer' WHERE source = 'reach' AND title LIKE '%Manager%'"
        )
    connection.close()
    live.materialize("contact_enrichment")
    give_up_at = time.monotonic() + 60
    while "enriched_contacts" not in {name for name, (status, _) in live.stale().items() if status == "STALE"}:
        assert time.monotonic() < give_up_at
        time.sleep(0.2)
    assert live.stale()["enriched_contacts"][1] == ["has a new data version"]
    runs = live.new_runs(known, 2, within_s=120)
    assert all(run["status"] == "SUCCESS" for run in runs)
    # what only the nightly run makes, and what nothing makes by itself
    left = {name: told for name, told in live.stale().items() if told[0] != "FRESH"}
    assert left.keys() <= {"database_backup", "rate_limit_usage", "email_deliveries"}, left


def test_a_comment_and_the_order_of_keys_start_nothing(live: Live) -> None:
    known = set(live.runs())
    live.edit("minimum_score: 50\n", "")
    live.config.write_text("minimum_score: 50  # the line stands elsewhere now\n" + live.config.read_text())
    time.sleep(15)
    assert set(live.runs()) == known


def test_an_edit_saved_while_a_run_is_under_way_is_not_lost(live: Live) -> None:
    known = set(live.runs())
    live.edit("influencer: 14", "influencer: 13")
    give_up_at = time.monotonic() + 30
    while not set(live.runs()) - known:
        assert time.monotonic() < give_up_at
        time.sleep(0.1)
    live.edit("influencer: 13", "influencer: 12")
    runs = live.new_runs(known, 2, within_s=60)
    for run in runs:
        assert_is_a_rescoring(run)
    points = live.query(
        """
        SELECT DISTINCT json_extract(value, '$.points')
        FROM icp_scores, json_each(parts)
        WHERE json_extract(value, '$.rule') LIKE 'an influencer by%'
        """
    )
    assert points == [(12,)]


def test_going_there_and_back_again_reruns_both_times(live: Live) -> None:
    before = live.query("SELECT contact_id, icp_score FROM icp_scores ORDER BY contact_id")
    for old, new in (("influencer: 12", "influencer: 11"), ("influencer: 11", "influencer: 12")):
        known = set(live.runs())
        live.edit(old, new)
        [run] = live.new_runs(known, 1, within_s=40)
        assert_is_a_rescoring(run)
    assert live.query("SELECT contact_id, icp_score FROM icp_scores ORDER BY contact_id") == before


def test_a_file_dropped_into_the_inbox_is_imported_by_itself(live: Live) -> None:
    from liendea_assets_tests.builders import gtm_row, make_workbook

    known = set(live.runs())
    made = make_workbook(live.home.data / "dropped.xlsx", [gtm_row()])
    shutil.move(made, live.home.inbox / "dropped.xlsx")
    [run] = live.new_runs(known, 1, within_s=90)
    assert run["status"] == "SUCCESS"
    assert live.query("SELECT imported, merged, error FROM import_files WHERE name = 'dropped.xlsx'") == [(1, 0, None)]


def test_the_guard_stands_before_the_ui(live: Live) -> None:
    assert httpx.get(live.base, headers={"Host": "evil.example"}).status_code == 403
    assert httpx.post(f"{live.base}/graphql", json={"query": "{version}"}, headers={"Origin": "https://evil.example"}).status_code == 403
    assert httpx.get(f"{live.base}/graphql", params={"query": "{version}"}).status_code == 403
