"""`liendea desk`, as a user types it."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from liendea_assets.core.home import Home
from liendea_assets_tests.clients.servers import free_port

LIENDEA = str(Path(sys.executable).with_name("liendea"))


@contextmanager
def desk(home: Home, port: int, public_port: int) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The running command and its first line."""
    command = [LIENDEA, "desk", "--home", str(home.root), "--port", str(port), "--public-port", str(public_port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=os.environ.copy()) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline()
        finally:
            if process.poll() is None:
                process.kill()


def log_in(link: str, client: httpx.Client) -> int:
    own = link.partition("/login")[0]
    token = link.partition("token=")[2]
    return client.post(f"{own}/login", data={"token": token, "name": "Kim Doe"}, headers={"origin": own}).status_code


def test_desk_prints_a_link_that_logs_in_and_ends_when_told(home: Home) -> None:
    port, public_port = free_port(), free_port()
    with desk(home, port, public_port) as (process, line), httpx.Client(trust_env=False) as client:
        link = re.search(r"http://\S+", line)
        assert link, line
        assert log_in(link.group(0), client) == 303
        assert "What waits for you" in client.get(f"http://127.0.0.1:{port}/").text
        # the public pages know nothing of the desk, and the desk nothing of them
        assert client.get(f"http://127.0.0.1:{public_port}/").status_code == 404
        assert client.get(f"http://127.0.0.1:{public_port}/u/x").status_code == 404
        assert client.get(f"http://127.0.0.1:{port}/u/x").status_code == 404
        another = subprocess.run(
            [LIENDEA, "desk", "--home", str(home.root), "--port", str(port), "--link"], capture_output=True, text=True, check=True
        )
        assert log_in(another.stdout.strip(), client) == 303
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
        assert time.monotonic() - began < 10


def test_port_that_is_taken_is_told(home: Home) -> None:
    port, public_port = free_port(), free_port()
    with desk(home, port, public_port), desk(home, port, free_port()) as (second, line):
        assert second.wait(timeout=30) == 1
        assert f"port {port} is taken; give another one with --port" in line
