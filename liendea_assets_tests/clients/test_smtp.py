import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from liendea_assets.clients.smtp import SmtpServer, hand_in
from liendea_assets.core.errors import ServiceUnavailable
from liendea_assets_tests.clients.servers import bare_server, free_port

AUTHORITY = trustme.CA()


@dataclass
class Mailbox:
    """The server's side: what it took, and how it answers."""

    answer: str = "250 taken"
    rcpt_answer: str = ""
    taken: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)

    async def handle_RCPT(self, server: object, session: object, envelope: Any, address: str, options: list[str]) -> str:
        if self.rcpt_answer:
            return self.rcpt_answer
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:
        if self.answer.startswith("250"):
            self.taken.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return self.answer

    def authenticate(self, server: object, session: object, envelope: object, mechanism: str, login: Any) -> AuthResult:
        self.logins.append((login.login, login.password))
        return AuthResult(success=login.password == b"pass-1234", handled=False)


@contextmanager
def mail_server(mailbox: Mailbox, *, tls: bool = False) -> Iterator[int]:
    """A mail server; with TLS it wants a login. Yields its port."""
    extra: dict[str, Any] = {}
    if tls:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        AUTHORITY.issue_cert("127.0.0.1").configure_cert(context)
        extra = {"tls_context": context, "authenticator": mailbox.authenticate, "auth_required": True}
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port(), **extra)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The machine trusts the certificate authority of the tests."""
    path = tmp_path / "authority.pem"
    AUTHORITY.cert_pem.write_to_path(str(path))
    monkeypatch.setenv("SSL_CERT_FILE", str(path))


def message() -> EmailMessage:
    made = EmailMessage()
    made["From"] = "liendea@acmelabs.example"
    made["To"] = "ops@acmelabs.example"
    made["Subject"] = "A run failed"
    made.set_content("Step contact_enrichment failed.")
    return made


def test_a_message_is_handed_in() -> None:
    mailbox = Mailbox()
    with mail_server(mailbox) as port:
        hand_in(SmtpServer("127.0.0.1", port), message())
    ((sender, recipients, content),) = mailbox.taken
    assert (sender, recipients) == ("liendea@acmelabs.example", ["ops@acmelabs.example"])
    assert b"Subject: A run failed" in content
    assert b"contact_enrichment failed" in content


@pytest.mark.parametrize("answer", ["451 try again later", "554 not wanted"])
def test_a_server_that_refuses_the_message_is_unavailable(answer: str) -> None:
    with mail_server(Mailbox(answer=answer)) as port, pytest.raises(ServiceUnavailable, match=answer[:3]):
        hand_in(SmtpServer("127.0.0.1", port), message())


def test_a_server_that_refuses_the_recipient_is_unavailable_and_no_address_is_told() -> None:
    with mail_server(Mailbox(rcpt_answer="550 no such user")) as port, pytest.raises(ServiceUnavailable) as caught:
        hand_in(SmtpServer("127.0.0.1", port), message())
    assert "@" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_server_that_is_away_is_unavailable() -> None:
    with pytest.raises(ServiceUnavailable, match="ConnectionRefusedError"):
        hand_in(SmtpServer("127.0.0.1", free_port()), message())


def test_a_server_that_speaks_something_else_is_unavailable() -> None:
    with bare_server(lambda connection, stopped: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n"), reads_first=False) as url:
        port = int(url.rpartition(":")[2])
        with pytest.raises(ServiceUnavailable):
            hand_in(SmtpServer("127.0.0.1", port), message())


def test_a_password_is_not_sent_without_tls() -> None:
    mailbox = Mailbox()
    with mail_server(mailbox) as port, pytest.raises(ServiceUnavailable, match="no TLS"):
        hand_in(SmtpServer("127.0.0.1", port, "liendea", "pass-1234"), message())
    assert mailbox.logins == []
    assert mailbox.taken == []


@pytest.mark.usefixtures("trusted")
def test_a_login_is_made_over_tls() -> None:
    mailbox = Mailbox()
    with mail_server(mailbox, tls=True) as port:
        hand_in(SmtpServer("127.0.0.1", port, "liendea", "pass-1234"), message())
    assert mailbox.logins == [(b"liendea", b"pass-1234")]
    assert len(mailbox.taken) == 1


@pytest.mark.usefixtures("trusted")
def test_a_wrong_password_is_told_without_it() -> None:
    mailbox = Mailbox()
    with mail_server(mailbox, tls=True) as port, pytest.raises(ServiceUnavailable, match="login was refused") as caught:
        hand_in(SmtpServer("127.0.0.1", port, "liendea", "wrong-1234"), message())
    assert "1234" not in str(caught.value)
    assert mailbox.taken == []


def test_a_certificate_that_nobody_vouches_for_gets_no_password() -> None:
    mailbox = Mailbox()
    with mail_server(mailbox, tls=True) as port, pytest.raises(ServiceUnavailable, match="SSLCertVerificationError"):
        hand_in(SmtpServer("127.0.0.1", port, "liendea", "pass-1234"), message())
    assert mailbox.logins == []
