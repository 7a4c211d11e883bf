"""`liendea linkedin …` as a user types it, in processes of their own, against a LinkedIn on loopback."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from liendea_assets.core.home import Home
from liendea_assets.sandbox.linkedin_server import CLIENT_ID, CLIENT_SECRET, LinkedIn, Member, create_app
from liendea_assets.sandbox.serving import serving
from liendea_assets_tests.clients.servers import free_port
from liendea_assets_tests.linkedin_members import full_domains

LIENDEA = str(Path(sys.executable).with_name("liendea"))
LIMITS = "linkedin:\n  requests_per_minute: {}\n  requests_per_hour: 1000\n  requests_per_day: 1000\n"


@dataclass(slots=True)
class Shell:
    """A user with a home, a port for the redirect, and a LinkedIn."""

    home: Home
    port: int
    server: LinkedIn
    url: str

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        env = {name: value for name, value in os.environ.items() if name not in {"LIENDEA_SANDBOX", "DAGSTER_HOME"}}
        env |= {"LIENDEA_HOME": str(self.home.root), "LINKEDIN_AUTH_URL": self.url, "LINKEDIN_API_URL": self.url}
        # a session of its own: a question about a password goes to standard input then, and not to the terminal of who runs the tests
        return subprocess.Popen(
            [LIENDEA, "linkedin", *arguments],
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            start_new_session=True,
        )

    def run(self, *arguments: str, answer: str = "") -> subprocess.CompletedProcess[str]:
        process = self.start(*arguments)
        out, err = process.communicate(answer, timeout=60)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def limit(self, per_minute: int) -> None:
        (self.home.config / "rate_limits.yaml").write_text(LIMITS.format(per_minute))


@pytest.fixture
def shell(home: Home) -> Iterator[Shell]:
    port = free_port()
    (home.root / ".env").write_text(f"LINKEDIN_CLIENT_ID={CLIENT_ID}\nLINKEDIN_CLIENT_SECRET={CLIENT_SECRET}\n")
    server = LinkedIn(Member(full_domains(connections=5)), [f"http://127.0.0.1:{port}/callback"], page_rows=1)
    with serving(create_app(server)) as url:
        shell = Shell(home, port, server, url)
        shell.limit(1_000)
        yield shell


def test_authorise_fetch_forget(shell: Shell) -> None:
    process = shell.start("authorise", "--account", "alex", "--no-browser", "--port", str(shell.port))
    assert process.stdout
    assert f"http://127.0.0.1:{shell.port}/callback" in process.stdout.readline()
    assert "Open this address" in process.stdout.readline()
    assert httpx.get(process.stdout.readline().strip(), follow_redirects=True, trust_env=False).status_code == 200
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert re.search(r"alex is authorised until \d{4}-\d\d-\d\d\. Next: liendea linkedin fetch --account alex", out)

    fetched = shell.run("fetch", "--account", "alex")
    assert fetched.returncode == 0, fetched.stderr
    assert re.search(r"CONNECTIONS +5 rows", fetched.stdout)
    assert "linkedin_api_alex.zip: it is imported by the next liendea run" in fetched.stdout.replace("\n", "")
    assert "CONNECTIONS: 5 pages, 5 rows" in fetched.stderr
    assert [path.name for path in shell.home.inbox.iterdir()] == ["linkedin_api_alex.zip"]
    assert "Zoë" not in fetched.stdout + fetched.stderr

    assert "The token of alex is deleted" in shell.run("forget", "--account", "alex").stdout
    assert "There was no token of alex" in shell.run("forget", "--account", "alex").stdout
    refused = shell.run("fetch", "--account", "alex")
    assert refused.returncode == 1
    assert "Authorise it: liendea linkedin authorise --account alex" in refused.stderr


def test_a_fetch_that_is_killed_goes_on_where_it_stopped(shell: Shell) -> None:
    """SIGKILL amid the pages, while it waits for the limits; no page is asked for twice."""
    shell.limit(3)
    token = shell.server.give_token()
    pasted = shell.run("authorise", "--paste-token", answer=f"{token}\n")
    assert pasted.returncode == 0, pasted.stderr
    assert token not in pasted.stdout + pasted.stderr
    process = shell.start("fetch")
    assert process.stderr
    lines = []
    for line in process.stderr:
        lines.append(line)
        if "limits of rate_limits.yaml are used up" in line:
            break
    process.kill()
    process.communicate(timeout=60)
    assert "CONNECTIONS: 3 pages, 3 rows" in lines[-1]
    assert shell.server.asked == ["CONNECTIONS 0", "CONNECTIONS 1", "CONNECTIONS 2"]
    assert not list(shell.home.inbox.iterdir())

    shell.limit(1_000)
    done = shell.run("fetch")
    assert done.returncode == 0, done.stderr
    assert re.search(r"CONNECTIONS +5 rows", done.stdout)
    assert len(shell.server.asked) == len(set(shell.server.asked))
    assert not list((shell.home.data / "linkedin_pages").iterdir())


def test_an_error_says_that_what_was_fetched_is_kept(shell: Shell) -> None:
    assert shell.run("authorise", "--paste-token", answer=f"{shell.server.give_token()}\n").returncode == 0
    shell.server.member.domains = {**full_domains(), "PROFILE": [{"First Name": str(n)} for n in range(2)]}
    shell.server.member.may_be_read = False
    done = shell.run("fetch")
    assert done.returncode == 1
    assert "EEA or Switzerland" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_app_that_is_not_configured_is_told(shell: Shell) -> None:
    (shell.home.root / ".env").write_text("")
    done = shell.run("authorise", "--no-browser", "--port", str(shell.port))
    assert done.returncode == 1
    assert "LINKEDIN_CLIENT_ID and LINKEDIN_CLIENT_SECRET are not set" in done.stderr


def test_a_name_that_is_unsafe_in_a_path_is_refused(shell: Shell) -> None:
    done = shell.run("fetch", "--account", "../../etc/passwd")
    assert done.returncode == 1
    assert "allowed are 1 to 40" in done.stderr


def test_every_variable_is_in_the_template_of_a_home_s_env() -> None:
    template = (Path(__file__).parents[2] / ".env.example").read_text(encoding="utf-8")
    for name in ("LINKEDIN_CLIENT_ID", "LINKEDIN_CLIENT_SECRET", "LINKEDIN_SCOPE"):
        assert f"\n{name}=" in template
