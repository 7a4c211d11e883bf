"""The command as a user types it, in a process of its own."""

import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from liendea_assets.core.home import Home
from liendea_assets_tests.builders import connections_csv, gtm_row, make_workbook
from liendea_assets_tests.conftest import made_home

LIENDEA = str(Path(sys.executable).with_name("liendea"))
GROWING = ("contacts", "companies", "linkedin_connections", "icp_targets", "outreach_log", "rate_limit_tracking", "contact_enrichment")


def liendea(*arguments: str, home: Home | None = None) -> subprocess.CompletedProcess[str]:
    env = {
        name: value
        for name, value in os.environ.items()
        if name not in {"REACH_BASE_URL", "DAGSTER_HOME", "LIENDEA_SANDBOX", "LIENDEA_HOME"}
    }
    if home is not None:
        env["LIENDEA_HOME"] = str(home.root)
    return subprocess.run([LIENDEA, *arguments], env=env, capture_output=True, text=True, timeout=120, check=False)


def counts(home: Home) -> dict[str, int]:
    connection = sqlite3.connect(home.data / "liendea.db")
    found = {table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in GROWING}
    connection.close()
    return found


@pytest.fixture(scope="module")
def sample_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, subprocess.CompletedProcess[str]]:
    """The home of the sample, and its first run."""
    with pytest.MonkeyPatch.context() as patch:
        home = made_home(tmp_path_factory.mktemp("ran") / "home", patch, with_sample=True)
        return home, liendea("run", home=home)


def test_the_sample_runs_and_its_numbers_add_up(sample_run: tuple[Home, subprocess.CompletedProcess[str]]) -> None:
    home, done = sample_run
    assert done.returncode == 0, done.stdout + done.stderr
    match = re.search(r"Source rows\s+([\d,]+) = ([\d,]+) imported \+ ([\d,]+) merged \+ ([\d,]+) rejected", done.stdout)
    assert match
    total, *parts = (int(number.replace(",", "")) for number in match.groups())
    assert total == sum(parts) == 872
    arrived = re.search(r"(\d+) requests arrived, 0 over a limit", done.stdout)
    assert arrived
    assert int(arrived.group(1)) == counts(home)["rate_limit_tracking"] > 0


def test_a_second_run_calls_nobody_and_adds_nothing(sample_run: tuple[Home, subprocess.CompletedProcess[str]]) -> None:
    home, _ = sample_run
    before = counts(home)
    assert before["contacts"] > 0
    done = liendea("run", home=home)
    assert done.returncode == 0
    assert "0 requests arrived" in done.stdout
    assert counts(home) == before


def test_bad_files_are_listed_with_their_reasons_and_the_good_ones_are_imported(home: Home) -> None:
    make_workbook(home.inbox / "good.xlsx", [gtm_row()])
    (home.inbox / "broken.xlsx").write_bytes((home.inbox / "good.xlsx").read_bytes()[:3000])
    (home.inbox / "renamed.xlsx").write_text("just text")
    (home.inbox / "empty.zip").write_bytes(b"PK\x05\x06" + bytes(18))
    (home.inbox / "headless.csv").write_text(connections_csv([["Robin", "Weaver", "", "", "", "", "08 Feb 2026"]], header=("a", "b", "c")))
    done = liendea("run", home=home)
    assert done.returncode == 3, done.stdout + done.stderr
    assert "1 imported, 4 not" in done.stdout
    for name, reason in (
        ("broken.xlsx", "damaged"),
        ("renamed.xlsx", "not an XLSX workbook"),
        ("empty.zip", "no LinkedIn connections found"),
        ("headless.csv", '"First Name" and "Connected On"'),
    ):
        assert re.search(rf"{re.escape(name)}: .*{re.escape(reason)}", done.stdout), (name, done.stdout)
    assert "check every_file_was_read of gtm_rows failed" in done.stdout
    assert counts(home)["contacts"] == 1


def test_an_empty_home_runs_and_says_that_nobody_was_asked_about(home: Home) -> None:
    done = liendea("run", home=home)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Source rows   0" in done.stdout
    assert "no Reach is configured (REACH_BASE_URL in .env)" in done.stdout


def test_a_reach_without_a_token_is_told(home: Home) -> None:
    (home.root / ".env").write_text("REACH_BASE_URL=http://127.0.0.1:9\nREACH_API_TOKEN=\n")
    done = liendea("run", home=home)
    assert done.returncode == 3
    assert "REACH_BASE_URL is set and REACH_API_TOKEN is not" in done.stdout
    assert "daily_report: done" in done.stderr, "imports, scores and reports go on"
    assert "passed" not in done.stdout


def test_a_suppression_line_that_is_not_understood_is_told_once_with_its_number(home: Home) -> None:
    (home.data / "suppressions.csv").write_text("value,reason\nsomebody at example\n")
    done = liendea("run", home=home)
    assert done.returncode == 1
    assert "1 failed:\n  - check every_line_was_understood of suppressions failed: lines [2]" in done.stdout


def test_a_config_mistake_starts_nothing_and_names_every_line(home: Home) -> None:
    (home.config / "database.yaml").write_text("database:\n  pfad: x\n")
    (home.config / "icp_scoring.yaml").write_text("minimum_score: lots\n")
    done = liendea("run", home=home)
    assert done.returncode == 1
    assert re.search(r"database\.yaml:2: database\.pfad: unknown key.*allowed here: path", done.stderr)
    assert re.search(r"icp_scoring\.yaml:1: minimum_score: found 'lots'", done.stderr)
    assert not (home.data / "liendea.db").exists()


def test_a_folder_that_is_no_home_is_refused_with_the_remedy(tmp_path: Path) -> None:
    done = liendea("run", "--home", str(tmp_path))
    assert done.returncode == 2
    assert f"liendea init {tmp_path}" in done.stderr


class TestInit:
    def test_makes_a_home_and_leaves_what_is_there(self, tmp_path: Path) -> None:
        assert liendea("init", str(tmp_path / "a")).returncode == 0
        path = tmp_path / "a" / "config" / "icp_scoring.yaml"
        path.write_text("minimum_score: 60\n")
        assert liendea("init", str(tmp_path / "a")).returncode == 0
        assert path.read_text() == "minimum_score: 60\n"

    def test_never_adds_the_sample_to_a_home_with_data(self, tmp_path: Path) -> None:
        home = Home(tmp_path / "b")
        assert liendea("init", str(home.root)).returncode == 0
        make_workbook(home.inbox / "own.xlsx", [gtm_row()])
        assert liendea("init", str(home.root), "--sample").returncode == 0
        assert [path.name for path in home.inbox.iterdir()] == ["own.xlsx"]

    @pytest.mark.skipif(sys.platform == "win32", reason="Windows has no file modes")
    def test_keeps_personal_data_from_other_users(self, tmp_path: Path) -> None:
        home = Home(tmp_path / "c")
        assert liendea("init", str(home.root)).returncode == 0
        assert home.data.stat().st_mode & 0o077 == 0
        assert (home.root / ".env").stat().st_mode & 0o077 == 0
