import io
import re
import smtplib
from collections.abc import Iterator

import pytest
from rich.console import Console

from liendea_assets.cli.services import mail_sandbox_if_wanted
from liendea_assets.cli.week import show_week
from liendea_assets.core.environment import environment
from liendea_assets.core.home import Home
from liendea_assets.core.settings import load_settings
from liendea_assets.outreach.settings import OutreachSettings
from liendea_assets.resources import smtp_servers


@pytest.fixture
def former_home(home: Home) -> Iterator[Home]:
    """The week has a home of its own, and leaves this one alone."""
    before = sorted(path.name for path in home.data.rglob("*"))
    yield home
    assert sorted(path.name for path in home.data.rglob("*")) == before


@pytest.mark.soak
def test_week_of_the_sample_holds(former_home: Home) -> None:
    told = io.StringIO()
    assert show_week(0, Console(file=told, width=160, highlight=False)) == 0, told.getvalue()
    text = told.getvalue()
    assert len(re.findall(r"(?m)^ +sent ", text)) == 7
    sent = [int(found) for found in re.findall(r"sent +(\d+) first", text)]
    assert (sum(sent) > 20, sent[5:]) == (True, [0, 0])
    assert "WRONG" not in text
    assert environment("LIENDEA_HOME") == str(former_home.root)


def test_mailbox_whose_server_is_the_sandbox_gets_one(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTP_HOST", "sandbox")
    settings = load_settings(OutreachSettings, home, "outreach.yaml")
    with mail_sandbox_if_wanted(home) as sink:
        assert sink is not None
        (server,) = smtp_servers(settings).values()
        assert (server.host, server.security) == ("127.0.0.1", "none")
        with smtplib.SMTP(server.host, server.port, timeout=10) as client:
            client.sendmail("sam@northwind.example", ["robin@acme.example"], b"Subject: Hi\r\n\r\nHi\r\n")
    assert environment("SMTP_HOST") == "sandbox"
    assert (home.data / "sandbox_mail").stat().st_mode & 0o777 == 0o700


def test_own_mail_server_starts_nothing(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTP_HOST", "mail.example")
    with mail_sandbox_if_wanted(home) as sink:
        assert sink is None
