"""One connection for many messages: encrypted and logged in once, with deadlines, and without a doubt about when a message is out."""

import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from liendea_assets.clients.smtp import Deadlines, Envelope, SmtpConnection
from liendea_assets.clients.smtp import SmtpServer as Server
from liendea_assets.clients.smtp_session import encode
from liendea_assets.core.errors import ServiceUnavailable, UnsendableMessage
from liendea_assets_tests.clients.servers import bare_server
from liendea_assets_tests.clients.test_smtp import AUTHORITY
from liendea_assets_tests.outreach.misbehaving_smtp import Fault, SmtpServer, Step, once, running

ENVELOPE = Envelope("sam@northwind.example", "robin@acmelabs.example")
MESSAGE = b"From: Sam <sam@northwind.example>\r\nMessage-ID: <t1@northwind.example>\r\n\r\nHi\r\n"
SHORT = Deadlines(1.0, 1.0, 1.0)


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "authority.pem"
    AUTHORITY.cert_pem.write_to_path(str(path))
    monkeypatch.setenv("SSL_CERT_FILE", str(path))


def encrypting(**changed: Any) -> SmtpServer:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    AUTHORITY.issue_cert("127.0.0.1").configure_cert(context)
    return SmtpServer(context=context, **changed)


@contextmanager
def connected(server: SmtpServer, deadlines: Deadlines = SHORT, **changed: Any) -> Iterator[SmtpConnection]:
    with running(server) as port:
        connection = SmtpConnection(Server("127.0.0.1", port, **changed), deadlines)
        yield connection
        connection.close()


def send(connection: SmtpConnection, message: bytes = MESSAGE, envelope: Envelope = ENVELOPE) -> int:
    assert connection.transmit(envelope, message) is None
    reply = connection.finish()
    assert reply is not None
    return reply.code


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_encryption_and_login_are_once_a_connection_and_not_once_a_message(security: str) -> None:
    server = encrypting(is_tls_from_start=security == "tls")
    with connected(server, username="sam", password="pass-1234", security=security) as connection:
        assert [send(connection) for _ in range(50)] == [250] * 50
    assert (server.commands["connection"], server.commands["AUTH"], server.commands["MAIL"]) == (1, 1, 50)
    assert server.commands["STARTTLS"] == (1 if security == "starttls" else 0)
    assert server.credentials == [f"PLAIN {encode(chr(0) + 'sam' + chr(0) + 'pass-1234')}"]


@pytest.mark.usefixtures("trusted")
def test_access_token_is_sent_as_xoauth2_wants_it() -> None:
    server = encrypting()
    with connected(server, username="sam", password="token-1", security="starttls", auth="xoauth2") as connection:
        connection.make_ready()
    assert server.credentials == [f"XOAUTH2 {encode('user=sam' + chr(1) + 'auth=Bearer token-1' + chr(1) + chr(1))}"]


def test_server_without_encryption_is_refused_where_it_is_wanted() -> None:
    server = SmtpServer()
    with connected(server, security="starttls") as connection, pytest.raises(ServiceUnavailable, match="no TLS"):
        connection.make_ready()
    assert server.commands["MAIL"] == 0


@pytest.mark.usefixtures("trusted")
def test_what_was_written_before_the_encryption_is_not_believed() -> None:
    """Somebody on the way could write replies in the clear that would count as the server's own (CVE-2011-0411)."""

    def speak(connection: Any, _: Any) -> None:
        connection.sendall(b"220 hi\r\n")
        connection.recv(1_000)
        connection.sendall(b"250-hi\r\n250 STARTTLS\r\n")
        connection.recv(1_000)
        connection.sendall(b"220 go\r\n250-hi\r\n250 AUTH PLAIN\r\n")

    with bare_server(speak, reads_first=False) as url:
        connection = SmtpConnection(Server("127.0.0.1", int(url.rpartition(":")[2]), security="starttls"), SHORT)
        with pytest.raises(ServiceUnavailable, match="BrokenReply"):
            connection.make_ready()


def test_idle_connection_is_asked_and_opened_anew() -> None:
    server = SmtpServer(plan=once("NOOP", "hangup"))
    with connected(server, Deadlines(1.0, 1.0, 1.0, silence=0.0), security="none") as connection:
        assert [send(connection) for _ in range(3)] == [250] * 3
    assert (server.commands["connection"], server.commands["NOOP"]) == (2, 2)


@pytest.mark.parametrize("fault", ["leave", "hangup"])
def test_server_that_had_enough_of_a_connection_gets_the_message_over_another_one(fault: Fault) -> None:
    server = SmtpServer(plan=once("MAIL", fault, after=2))
    with connected(server, security="none") as connection:
        assert [send(connection) for _ in range(4)] == [250] * 4
    assert server.commands["connection"] == 2
    assert list(server.accepted.values()) == [4]


def test_message_is_not_out_without_its_dot() -> None:
    server = SmtpServer()
    with connected(server, security="none") as connection:
        assert connection.transmit(ENVELOPE, MESSAGE) is None
        connection.close()
        assert send(connection, MESSAGE.replace(b"t1", b"t2")) == 250
    assert list(server.accepted) == ["<t2@northwind.example>"]


def test_answer_before_the_dot_is_not_taken_for_the_answer_to_it() -> None:
    server = SmtpServer(plan=once("body", "early"))
    with connected(server, security="none") as connection:
        assert connection.transmit(ENVELOPE, MESSAGE) is None
        time.sleep(0.1)
        with pytest.raises(ServiceUnavailable, match="broke off before the end"):
            connection.finish()
    assert not server.accepted


@pytest.mark.parametrize("step", ["greeting", "MAIL", "DATA", "taken"])
@pytest.mark.parametrize("fault", ["drip", "silence"])
def test_server_that_answers_too_slowly_is_not_waited_for(step: Step, fault: Fault) -> None:
    """A byte now and then renews the timeout of a socket each time, and would hold a message for ever."""
    server = SmtpServer(plan=once(step, fault), patience_s=2.0)
    began = time.monotonic()
    with connected(server, security="none") as connection:
        if step == "taken":
            assert connection.transmit(ENVELOPE, MESSAGE) is None
            assert connection.finish() is None
        else:
            with pytest.raises(ServiceUnavailable):
                connection.transmit(ENVELOPE, MESSAGE)
        assert time.monotonic() - began < 1.9


def test_refused_recipient_is_followed_by_a_reset() -> None:
    server = SmtpServer(plan=once("RCPT", "permanent"))
    with connected(server, security="none") as connection:
        refusal = connection.transmit(ENVELOPE, MESSAGE)
        assert refusal is not None
        assert (refusal.to, refusal.reply.code, refusal.reply.status) == ("RCPT", 554, "5.7.1")
        assert send(connection) == 250
    assert (server.commands["connection"], server.commands["RSET"]) == (1, 1)


def test_dots_at_the_beginning_of_lines_arrive_as_they_are() -> None:
    server = SmtpServer()
    message = MESSAGE + b".\r\n..\r\n.a\r\n\r\n.\r\n"
    with connected(server, security="none") as connection:
        send(connection, message)
    assert server.wholes == [message]


@pytest.mark.parametrize("message", [MESSAGE + b"a\nb\r\n", MESSAGE + b"a\rb\r\n", MESSAGE + b"a\r\n.\nb\r\n"])
def test_lines_that_could_be_read_in_two_ways_are_refused(message: bytes) -> None:
    """Where servers disagree about what ends a line, a second message can be hidden in one (SMTP smuggling)."""
    with connected(SmtpServer(), security="none") as connection, pytest.raises(ValueError, match="CRLF"):
        connection.transmit(ENVELOPE, message)


@pytest.mark.parametrize("recipient", ["a@b.example> SIZE=1", "a b@c.example", "a@b.example\r\nRCPT TO:<x@y.example", "<a@b.example"])
def test_address_that_would_end_in_a_command_is_refused(recipient: str) -> None:
    with connected(SmtpServer(), security="none") as connection, pytest.raises(UnsendableMessage):
        connection.transmit(Envelope("sam@northwind.example", recipient), MESSAGE)


def test_message_that_the_server_finds_too_large_is_not_begun() -> None:
    server = SmtpServer(features=("SIZE 50",))
    with connected(server, security="none") as connection, pytest.raises(UnsendableMessage, match="the mail server takes 50"):
        connection.transmit(ENVELOPE, MESSAGE)
    assert server.commands["MAIL"] == 0


def test_letters_beyond_ascii_go_where_they_are_taken_and_nowhere_else() -> None:
    envelope = Envelope("sam@northwind.example", "zoë@bücher.example")
    message = "To: zoë@bücher.example\r\nMessage-ID: <t1@northwind.example>\r\n\r\nHi\r\n".encode()
    taking, refusing = SmtpServer(features=("8BITMIME", "SMTPUTF8")), SmtpServer(features=("8BITMIME",))
    with connected(taking, security="none") as connection:
        assert send(connection, message, envelope) == 250
    assert taking.recipients == ["zoë@xn--bcher-kva.example"]
    with connected(refusing, security="none") as connection, pytest.raises(UnsendableMessage, match="SMTPUTF8"):
        connection.transmit(envelope, message)
