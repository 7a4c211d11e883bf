import json
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from liendea_assets.cli.main import liendea
from liendea_assets.core.home import Home
from liendea_assets.resources import open_home_database
from liendea_assets_tests.outreach.letters import add_campaign, queue_letters, settings_text, states
from liendea_assets_tests.outreach.misbehaving_smtp import SmtpServer, once, running


def run_command(home: Home, *arguments: str) -> Result:
    return CliRunner().invoke(liendea, [*arguments, "--home", str(home.root)])


@pytest.fixture
def ready(home: Home, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home with five messages that are due."""
    settings = json.loads(settings_text())
    settings["mailboxes"] = [{**settings["mailboxes"][0], "security": "none"}]
    (home.config / "outreach.yaml").write_text(json.dumps(settings))
    (home.config / "rate_limits.yaml").write_text("email: {requests_per_minute: 10000}\n")
    db = open_home_database(home)
    add_campaign(db)
    queue_letters(db, 5)
    db.conn.close()
    return home


def statuses(home: Home) -> Counter[str]:
    db = open_home_database(home)
    found = Counter(states(db).values())
    db.conn.close()
    return found


def set_server(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    monkeypatch.setenv("SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("SMTP_PORT", str(port))
    for name in ("USERNAME", "PASSWORD"):
        monkeypatch.delenv(f"SMTP_{name}", raising=False)


def test_without_live_nothing_goes_out(ready: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    server = SmtpServer()
    with running(server) as port:
        set_server(monkeypatch, port)
        result = run_command(ready, "send")
    assert result.output.startswith("5 e-mails would be sent now.\n")
    assert (statuses(ready), server.commands.total()) == (Counter(queued=5), 0)


def test_live_sends_within_the_limit(ready: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    server = SmtpServer()
    with running(server) as port:
        set_server(monkeypatch, port)
        result = run_command(ready, "send", "--live", "--campaign", "intro", "--limit", "3")
        assert "3 sent" in result.output
        assert run_command(ready, "send", "--live", "--campaign", "another").output.startswith("0 sent")
    assert (statuses(ready), server.accepted.total()) == (Counter(sent=3, queued=2), 3)
    assert "acmelabs" not in result.output


def test_no_server_is_told_with_the_variable_to_set(ready: Home) -> None:
    result = run_command(ready, "send", "--live")
    assert (result.exit_code, result.output) == (1, "liendea: no mailbox has a mail server: set SMTP_HOST in .env\n")


def test_uncertain_message_is_listed_and_settled_by_hand(ready: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    server = SmtpServer(plan=once("taken", "hangup"))
    with running(server) as port:
        set_server(monkeypatch, port)
        result = run_command(ready, "send", "--live")
    assert result.exit_code == 1
    assert "1 may be out or not: liendea uncertain list" in result.output
    assert "1: intro, step 1, contact 1, mailbox main" in run_command(ready, "uncertain", "list").output
    assert run_command(ready, "uncertain", "settle", "1", "sent").exit_code == 2
    settled = run_command(ready, "uncertain", "settle", "1", "sent", "--by", "Sam", "--because", "it is in the sent folder")
    assert settled.output == "Noted as sent.\n"
    assert run_command(ready, "uncertain", "list").output == "None.\n"
    assert run_command(ready, "uncertain", "settle", "1", "sent", "--because", "again").exit_code == 1
    assert statuses(ready) == Counter(sent=5)


def test_message_that_a_complete_log_lacks_is_queued_again(ready: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    server = SmtpServer(plan=once("dot", "hangup"))
    with running(server) as port:
        set_server(monkeypatch, port)
        run_command(ready, "send", "--live")
    log = tmp_path / "mail.log"
    log.write_text("nothing about it\n")
    assert run_command(ready, "uncertain", "settle", "--from-log", str(log)).output.startswith("0 were sent, 0 were not")
    assert statuses(ready) == Counter(sent=4, uncertain=1)
    assert run_command(ready, "uncertain", "settle", "--from-log", str(log), "--complete").output.startswith("0 were sent, 1 were not")
    assert statuses(ready) == Counter(sent=4, queued=1)


def test_signal_ends_it_after_the_message_under_way(ready: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    (ready.config / "rate_limits.yaml").write_text("email: {requests_per_minute: 2}\n")
    with running(SmtpServer()) as port:
        set_server(monkeypatch, port)
        command = [sys.executable, "-m", "liendea_assets.cli", "send", "--live", "--home", str(ready.root)]
        code = "from liendea_assets.cli.main import liendea; liendea()"
        with subprocess.Popen([sys.executable, "-c", code, *command[3:]], stdout=subprocess.PIPE, text=True) as process:
            deadline = time.monotonic() + 60
            while statuses(ready)["sent"] < 2 and time.monotonic() < deadline:
                time.sleep(0.1)
            process.send_signal(signal.SIGTERM)
            told, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "Ended early: stopped." in told
    assert statuses(ready) == Counter(sent=2, queued=3)
