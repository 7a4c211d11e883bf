from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from liendea_assets.cli.main import liendea
from liendea_assets.clients.dns_records import DnsRecords
from liendea_assets.clients.imap import ImapFolder
from liendea_assets.clients.mailbox import MaildirFolder, MailSource, MboxFile
from liendea_assets.clients.smtp import SmtpServer
from liendea_assets.core.errors import SettingsError
from liendea_assets.core.home import Home
from liendea_assets.db.connection import Database
from liendea_assets.operations.doctor import Diagnosis, examine, is_well
from liendea_assets.operations.doctor_mail import check_dns, check_gate, check_inbox, check_smtp
from liendea_assets.outreach.settings import MailboxSettings
from liendea_assets_tests.clients.dns_server import dns_server
from liendea_assets_tests.clients.imap_server import imap_server
from liendea_assets_tests.clients.servers import free_port
from liendea_assets_tests.clients.test_smtp import Mailbox as ServedMailbox
from liendea_assets_tests.clients.test_smtp import mail_server
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.outreach.gate.worlds import World, make_settings
from liendea_assets_tests.outreach.test_dns_preflight import GOOD, without

MAILBOX = MailboxSettings(name="sam", email="sam.rivera@northwind.example", security="none")


def test_check_that_breaks_down_keeps_no_other_from_being_made() -> None:
    def broken() -> Iterator[Diagnosis]:
        yield Diagnosis("first", "ok", "fine")
        raise KeyError("robin@acmelabs.example")

    def refused() -> Iterator[Diagnosis]:
        raise SettingsError("SMTP_PORT: found x")

    found = list(examine({"a": broken, "b": refused, "c": lambda: [Diagnosis("last", "warning", "old")]}))
    assert [(name, one.level) for name, one in found] == [("a", "ok"), ("a", "failed"), ("b", "failed"), ("c", "warning")]
    assert found[1][1].found == "the check broke down (KeyError)"
    assert found[2][1].found == "SMTP_PORT: found x"
    assert not is_well(one for _, one in found)
    assert is_well([found[0][1], found[3][1]])


def test_mail_server_that_answers_is_well_and_one_that_does_not_has_a_remedy() -> None:
    with mail_server(ServedMailbox()) as port:
        [good] = check_smtp([MAILBOX], {"sam": SmtpServer("127.0.0.1", port, security="none")})
        [unsafe] = check_smtp([MAILBOX], {"sam": SmtpServer("127.0.0.1", port, security="starttls")})
        [secret] = check_smtp([MAILBOX], {"sam": SmtpServer("127.0.0.1", port, "sam", "pass-1234", security="none")})
    [gone] = check_smtp([MAILBOX], {"sam": SmtpServer("127.0.0.1", free_port(), security="none")})
    [missing] = check_smtp([MAILBOX], {})
    assert [one.level for one in (good, unsafe, secret, gone, missing)] == ["ok", "failed", "failed", "failed", "warning"]
    assert "no TLS" in unsafe.found
    assert "pass-1234" not in secret.found
    assert all("SMTP_HOST" in one.remedy for one in (unsafe, gone, missing))


def test_places_where_answers_are_read(tmp_path: Path) -> None:
    (tmp_path / "mail" / "new").mkdir(parents=True)
    with imap_server() as port:

        def folder(name: str, folder: str, password: str) -> ImapFolder:
            return ImapFolder(name, "127.0.0.1", port, "sam", password, folder, security="none")

        mailboxes: dict[str, MailSource | None] = {
            "main": folder("main", "INBOX", "pass-1234"),
            "other": folder("other", "Archive", "pass-1234"),
            "locked": folder("locked", "INBOX", "wrong"),
            "unset": None,
            "folder": MaildirFolder("folder", tmp_path / "mail"),
            "file": MboxFile("file", tmp_path / "mail"),
            "far": ImapFolder("far", "mail.example", 143, "sam", "pass-1234", security="none"),
        }
        found = list(check_inbox(mailboxes))
    assert [one.subject for one in found if one.level == "ok"] == ["main", "folder"]
    assert [one.subject for one in found if one.level == "failed"] == ["other", "locked", "unset", "file", "far"]
    assert [one.found for one in found if one.level == "ok"] == ["it can be read; there is mail", "it can be read; it is empty"]
    assert all(one.remedy for one in found if one.level != "ok")
    assert not [one for one in found if "pass-1234" in one.found or "not you" in one.found]
    assert [one.level for one in check_inbox({})] == ["warning"]


@pytest.mark.parametrize(("is_required", "level"), [(True, "failed"), (False, "warning")])
@pytest.mark.parametrize("kind", ["spf", "dkim", "dmarc", "mx"])
def test_record_that_is_missing_has_a_remedy(db: Database, clock: VirtualClock, kind: str, is_required: bool, level: str) -> None:
    world = World(db, clock.now(), dns={"selectors": {"northwind.example": "s1"}, "required": is_required})
    with dns_server(without(kind)) as server:
        found = list(check_dns(db, world.settings, {}, DnsRecords(server.resolver()), world.now))
    assert [one.subject.split()[0] for one in found if one.level != "ok"] == [kind]
    assert [one.level for one in found if one.level != "ok"] == [level]
    assert all(bool(one.remedy) == (one.level != "ok") for one in found)


def test_records_that_are_right_are_well(db: Database, clock: VirtualClock) -> None:
    world = World(db, clock.now())
    with dns_server(GOOD) as server:
        assert is_well(check_dns(db, world.settings, {}, DnsRecords(server.resolver()), world.now))


@pytest.mark.parametrize(
    ("assessed_on", "level"), [(None, "warning"), ("2026-10-05", "ok"), ("2025-10-05", "ok"), ("2025-10-04", "failed")]
)
def test_assessment_that_the_gate_needs(clock: VirtualClock, assessed_on: str | None, level: str) -> None:
    interest = assessed_on and {"purpose": "p", "assessed_on": assessed_on, "document": "d"}
    assert [one.level for one in check_gate(make_settings(legitimate_interest=interest), clock.now())] == [level]


def test_command_tells_each_finding_and_its_exit_code(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    config = home.config / "outreach.yaml"
    text = config.read_text().replace("mailboxes: []", "mailboxes: [{name: sam, email: sam.rivera@northwind.example, security: none}]")
    config.write_text(text.replace("exempt_loopback: false", "exempt_loopback: true"))
    monkeypatch.setenv("SMTP_HOST", "127.0.0.1")
    with mail_server(ServedMailbox()) as port:
        monkeypatch.setenv("SMTP_PORT", str(port))
        well = CliRunner().invoke(liendea, ["doctor", "--home", str(home.root)])
    ill = CliRunner().invoke(liendea, ["doctor", "--home", str(home.root)])
    assert (well.exit_code, ill.exit_code) == (0, 1)
    assert "ok       smtp   sam: the server answers" in well.output
    assert "none failed" in well.output
    assert "FAILED   smtp   sam: smtp: no connection" in ill.output
    assert "SMTP_HOST" in ill.output
    monkeypatch.setenv("SMTP_PORT", "none")
    assert "SMTP_PORT: found none" in CliRunner().invoke(liendea, ["doctor", "--home", str(home.root)]).output
