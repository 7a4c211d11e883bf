"""`liendea sandbox` and the sandbox that misbehaves within a run, as a user types them."""

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import yaml

from liendea_assets.cli.services import sandbox_if_wanted
from liendea_assets.clients.settings import RateLimits
from liendea_assets.core.errors import SettingsError
from liendea_assets.core.home import Home
from liendea_assets.sandbox.faults import FAULTS
from liendea_assets_tests.cli.test_run import LIENDEA, liendea
from liendea_assets_tests.clients.servers import free_port


@contextmanager
def running(log: Path, *arguments: str) -> Iterator[str]:
    """The command until the block ends; yields its address. What it printed is in the log."""
    with log.open("wb") as out:
        process = subprocess.Popen(
            [LIENDEA, "sandbox", *arguments], stdout=out, stderr=subprocess.STDOUT, env={**os.environ, "PYTHONUNBUFFERED": "1"}
        )
    try:
        give_up_at = time.monotonic() + 60
        while not (found := re.search(r"Reach sandbox: (\S+)", log.read_text())) and time.monotonic() < give_up_at:
            assert process.poll() is None, log.read_text()
            time.sleep(0.05)
        assert found
        yield found.group(1)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def test_it_serves_says_how_to_use_it_and_counts_what_it_did(tmp_path: Path, home: Home) -> None:
    log = tmp_path / "log"
    with running(log, "--port", "0", "--faults", "unavailable@1, html@2", "--windows", "100/2,300/60", "--latency", "0-0.01") as url:
        text = log.read_text()
        lines = re.findall(r"^(REACH_\w+=\S+)$", text, re.MULTILINE)
        (home.root / ".env").write_text("\n".join(lines) + "\n")
        settings = yaml.safe_load(text[text.index("reach:\n") :])
        shipped = yaml.safe_load((home.config / "rate_limits.yaml").read_text())
        (home.config / "rate_limits.yaml").write_text(yaml.safe_dump({**shipped, **settings}))
        again = liendea("provider", "check", "reach", "--ask=reach_id=rch_000000", home=home)
        good = liendea("provider", "check", "reach", "--ask=reach_id=rch_000000", home=home)
        assert httpx.get(f"{url}/v1/usage", trust_env=False).json()["windows"][1] == {"seconds": 60, "limit": 300, "used": 3}
    assert RateLimits.model_validate_json(json.dumps({**shipped, **settings})).reach.windows() == ((2, 100), (60, 300))
    assert (again.returncode, good.returncode) == (1, 0), again.stdout + again.stderr + good.stderr
    assert "the answer is not proper JSON" in again.stdout
    assert "Ended: 3 requests arrived, 0 over a limit, 2 misbehaved (html 1, unavailable 1)" in log.read_text()


def test_it_lists_what_can_go_wrong() -> None:
    done = liendea("sandbox", "--list")
    assert done.returncode == 0
    assert set(re.findall(r"^  (\w+) ", done.stdout, re.MULTILINE)) == set(FAULTS)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--faults", "stormy"), "--faults: found stormy (did you mean storm?); allowed: throttle, "),
        (("--windows", "10"), "--windows: found 10; allowed: REQUESTS/SECONDS"),
        (("--latency", "fast"), "--latency: found fast; allowed: seconds"),
    ],
)
def test_an_option_that_cannot_be_read_is_told_with_what_is_allowed(arguments: tuple[str, ...], told: str) -> None:
    done = liendea("sandbox", *arguments)
    assert (done.returncode, told in done.stderr) == (1, True), done.stderr


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    port = str(free_port())
    with running(tmp_path / "log", "--port", port):
        done = liendea("sandbox", "--port", port)
    assert (done.returncode, done.stderr) == (1, f"liendea: port {port} is taken; give another one with --port\n")


def sandbox_env(home: Home, **values: str) -> None:
    with (home.root / ".env").open("a") as file:
        file.writelines(f"{name}={value}\n" for name, value in values.items())


def test_a_run_copes_with_a_sandbox_that_misbehaves_and_tells_what_it_did(sample_home: Home) -> None:
    sandbox_env(sample_home, SANDBOX_FAULTS="error_500@2,unavailable@4,truncated@6,strangers@8,reset@10", SANDBOX_LATENCY="0-0.02")
    done = liendea("run", home=sample_home)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"Sandbox +20 requests arrived, 0 over a limit, 5 misbehaved \(error_500 1, reset 1, strangers 1, ", done.stdout)
    stored = sqlite3.connect(sample_home.data / "liendea.db")
    [(rows,)] = stored.execute("SELECT count(*) FROM rate_limit_tracking")
    outcomes = dict(stored.execute("SELECT outcome, count(*) FROM contact_enrichment WHERE source = 'reach' GROUP BY outcome"))
    stored.close()
    assert (rows, "rejected" in outcomes) == (20, False)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("SANDBOX_FAULTS", "stormy:0.1", "SANDBOX_FAULTS: found stormy (did you mean storm?); allowed: throttle, "),
        ("SANDBOX_LATENCY", "slow", "SANDBOX_LATENCY: found slow; allowed: seconds"),
        ("SANDBOX_SEED", "lucky", "SANDBOX_SEED: found lucky; allowed: a whole number"),
    ],
)
def test_a_variable_that_cannot_be_read_starts_nothing(
    sample_home: Home, monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str
) -> None:
    monkeypatch.setenv("REACH_BASE_URL", "sandbox")
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=re.escape(told)), sandbox_if_wanted(sample_home):
        pytest.fail("a sandbox was started")


pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot send the signal that ends it")
