"""Handing mail to a server: one connection for many messages, and the end of each message as a step of its own."""

import email.policy
import ipaddress
import re
import ssl
import time
from dataclasses import dataclass, field
from email.headerregistry import AddressHeader
from email.message import EmailMessage
from typing import Literal

import idna

from liendea_assets.clients.smtp_session import Reply, SmtpSession, encode, read_features
from liendea_assets.core.errors import ServiceUnavailable, UnsendableMessage

_LONE_LINE_END = re.compile(rb"\r(?!\n)|(?<!\r)\n")
_LINE_END = re.compile(rb"\r\n|\r|\n")
_NOT_IN_AN_ADDRESS = re.compile(r"[<>\s\x00-\x1f\x7f]")
_DOT = re.compile(rb"^\.", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Seconds that the whole of a step may take. RFC 5321 4.5.3.2 wants minutes of patience, most of all after the final dot.

    Attributes:
        silence: after it a server may have hung up, and is asked first.
    """

    opening: float = 60.0
    transmitting: float = 300.0
    finishing: float = 600.0
    silence: float = 5.0


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where mail is handed in; an empty user name means no login.

    Attributes:
        password: with `xoauth2` the access token.
        security: `starttls` and `tls` insist on encryption, `offered` takes it where it is offered, `none` is for this machine alone.
    """

    host: str
    port: int
    username: str = ""
    password: str = field(default="", repr=False)
    security: Literal["starttls", "tls", "none", "offered"] = "offered"
    auth: Literal["password", "xoauth2"] = "password"


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who a message is from, for bounces, and whom it is for."""

    sender: str
    recipient: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """A server's no.

    Attributes:
        to: which command it answered.
    """

    to: Literal["MAIL", "RCPT", "DATA", "message"]
    reply: Reply


class SmtpConnection:
    """A connection that is opened when it is needed, logged in once, and used for one message after the other.

    A message takes two calls: `transmit` sends everything but the final dot, without which no server delivers it (RFC 5321 4.1.1.4);
    `finish` sends the dot. What must be on record before a message can be out is written down between the two.
    """

    def __init__(self, server: SmtpServer, deadlines: Deadlines = Deadlines()) -> None:
        self._server = server
        self._deadlines = deadlines
        self._session: SmtpSession | None = None
        self._features: dict[str, str] = {}
        self._used_at = 0.0
        self._is_fresh = True
        self._needs_reset = False
        self._awaits_dot = False

    def make_ready(self) -> None:
        """Opens the connection where there is none, or none that answers any more.

        Raises:
            ServiceUnavailable: the server cannot be used.
        """
        if self._session is not None and time.monotonic() - self._used_at > self._deadlines.silence:
            try:
                self._session.deadline = time.monotonic() + self._deadlines.opening
                if not self._session.command("NOOP").is_positive:
                    self.close()
            except OSError:
                self.close()
        if self._session is None:
            self._open()
        self._used_at = time.monotonic()

    def transmit(self, envelope: Envelope, content: bytes) -> Refusal | None:
        """Sends a message but for its final dot. Returns None when the server waits for it, else why it does not.

        Args:
            content: with CRLF at each line's end.

        Raises:
            ServiceUnavailable: the connection was lost; the message is not out.
            UnsendableMessage: the server lacks what the message needs.
        """
        if _LONE_LINE_END.search(content):
            raise ValueError("a line that does not end with CRLF")
        self.make_ready()
        is_second_try = self._is_fresh
        while True:
            assert self._session is not None
            self._session.deadline = time.monotonic() + self._deadlines.transmitting
            try:
                refusal = self._begin(self._session, envelope, content)
            except OSError as error:
                self.close()
                if is_second_try:
                    raise ServiceUnavailable(f"smtp: the connection was lost ({type(error).__name__})") from None
                refusal = None
            else:
                self._used_at = time.monotonic()
                if refusal is None:
                    self._send_body(self._session, content)
                    return None
                if refusal.reply.code == 421:
                    self.close()
                if refusal.reply.code != 421 or refusal.to != "MAIL" or is_second_try:
                    return refusal
            # the server had enough of the connection, and not of the message
            is_second_try = True
            self._open()

    def finish(self) -> Reply | None:
        """Sends the final dot. Returns the server's answer; None where there was none: it may have taken the message, or not.

        Raises:
            ServiceUnavailable: the connection was lost before the dot; the message is not out.
        """
        session = self._session
        if session is None or not self._awaits_dot:
            raise ServiceUnavailable("smtp: the connection was lost before the end of the message")
        self._awaits_dot = False
        session.deadline = time.monotonic() + self._deadlines.finishing
        try:
            # an answer that is there before the question would be taken for the next one's
            has_input = session.has_input()
        except OSError:
            has_input = True
        if has_input:
            self.close()
            raise ServiceUnavailable("smtp: the server broke off before the end of the message")
        try:
            session.send(b".\r\n")
            reply = session.read_reply()
        except OSError:
            self.close()
            return None
        self._used_at, self._is_fresh = time.monotonic(), False
        if reply.code == 421 or 300 <= reply.code < 400:
            self.close()
        return None if 300 <= reply.code < 400 else reply

    def close(self) -> None:
        """Hangs up; a message that has no final dot yet is not delivered."""
        if self._session is not None:
            self._session.close()
        self._session, self._awaits_dot, self._needs_reset = None, False, False

    def _open(self) -> None:
        server = self._server
        try:
            session = SmtpSession(server.host, server.port, time.monotonic() + self._deadlines.opening)
        except OSError as error:
            raise ServiceUnavailable(f"smtp: no connection ({type(error).__name__})") from None
        try:
            self._greet(session)
        except OSError as error:
            session.close()
            raise ServiceUnavailable(f"smtp: no connection ({type(error).__name__})") from None
        except BaseException:
            session.close()
            raise
        self._session, self._is_fresh, self._needs_reset = session, True, False
        self._used_at = time.monotonic()

    def _greet(self, session: SmtpSession) -> None:
        server = self._server
        if server.security == "none" and not ipaddress.ip_address(session.peer).is_loopback:
            raise ServiceUnavailable("smtp: without encryption only a server on this machine is used")
        if server.security == "tls":
            session.start_tls(ssl.create_default_context())
        is_encrypted = server.security == "tls"
        _expect(session.read_reply(), "its greeting")
        self._say_hello(session)
        if server.security == "starttls" and "STARTTLS" not in self._features:
            raise ServiceUnavailable("smtp: the server offers no TLS, which the settings want")
        if server.security in ("starttls", "offered") and "STARTTLS" in self._features:
            _expect(session.command("STARTTLS"), "STARTTLS")
            session.start_tls(ssl.create_default_context())
            is_encrypted = True
            # what was said before the encryption does not count
            self._say_hello(session)
        if server.username:
            if not is_encrypted:
                raise ServiceUnavailable("smtp: the server offers no TLS, and a password is not sent in the clear")
            _log_in(session, server, self._features.get("AUTH", "").upper().split())

    def _say_hello(self, session: SmtpSession) -> None:
        reply = session.command(f"EHLO {session.own_name}")
        if reply.is_positive:
            self._features = read_features(reply.text.split("\n")[1:])
            return
        self._features = {}
        _expect(reply if reply.is_temporary else session.command(f"HELO {session.own_name}"), "EHLO")

    def _begin(self, session: SmtpSession, envelope: Envelope, content: bytes) -> Refusal | None:
        sender, recipient = _ascii_domain(envelope.sender), _ascii_domain(envelope.recipient)
        command = f"MAIL FROM:<{sender}>{self._parameters(sender + recipient, content)}"
        if self._needs_reset:
            self._needs_reset = False
            reply = session.command("RSET")
            if not reply.is_positive:
                return Refusal("MAIL", Reply(421, None, reply.text))
        if "PIPELINING" in self._features:
            return self._begin_at_once(session, command, f"RCPT TO:<{recipient}>")
        reply = session.command(command)
        if not reply.is_positive:
            return Refusal("MAIL", reply)
        self._needs_reset = True
        reply = session.command(f"RCPT TO:<{recipient}>")
        if not reply.is_positive:
            return Refusal("RCPT", reply)
        return self._to_data(session.command("DATA"))

    def _begin_at_once(self, session: SmtpSession, mail: str, rcpt: str) -> Refusal | None:
        """All three commands in one go, and their answers after it (RFC 2920): one way to the server and back in place of three."""
        session.commands(mail, rcpt, "DATA")
        self._needs_reset = True
        refusal: Refusal | None = None
        to: Literal["MAIL", "RCPT"]
        for to in ("MAIL", "RCPT"):
            reply = session.read_reply()
            if not reply.is_positive and refusal is None:
                refusal = Refusal(to, reply)
            if reply.code == 421:
                # it hangs up, and may say no more
                return refusal
        data = session.read_reply()
        if refusal is None:
            return self._to_data(data)
        if data.code == 354:
            # it waits for a message that nobody is to get
            self.close()
        return refusal

    @staticmethod
    def _to_data(reply: Reply) -> Refusal | None:
        if reply.code == 354:
            return None
        if reply.is_positive:
            raise ConnectionError("the answer to DATA is none")
        return Refusal("DATA", reply)

    def _send_body(self, session: SmtpSession, content: bytes) -> None:
        try:
            session.send(_DOT.sub(b"..", content) + (b"" if content.endswith(b"\r\n") else b"\r\n"))
        except OSError as error:
            self.close()
            raise ServiceUnavailable(f"smtp: the connection was lost ({type(error).__name__})") from None
        # the answer to the message ends the transaction
        self._awaits_dot, self._needs_reset = True, False

    def _parameters(self, addresses: str, content: bytes) -> str:
        found = []
        if "SIZE" in self._features:
            limit = self._features["SIZE"]
            if limit.isdecimal() and 0 < int(limit) < len(content):
                raise UnsendableMessage(f"the message has {len(content):,} bytes; the mail server takes {int(limit):,}")
            found.append(f"SIZE={len(content)}")
        if not content.isascii():
            if "8BITMIME" not in self._features:
                raise UnsendableMessage("the message has 8-bit text, which the mail server does not take (8BITMIME)")
            found.append("BODY=8BITMIME")
        if not addresses.isascii() or not content.partition(b"\r\n\r\n")[0].isascii():
            if "SMTPUTF8" not in self._features:
                raise UnsendableMessage("the address has letters that the mail server does not take (SMTPUTF8)")
            found.append("SMTPUTF8")
        return "".join(f" {parameter}" for parameter in found)


def to_wire(content: bytes) -> bytes:
    """The same lines, each with CRLF at its end."""
    lines = _LINE_END.sub(b"\r\n", content)
    return lines if lines.endswith(b"\r\n") else lines + b"\r\n"


def hand_in(server: SmtpServer, message: EmailMessage, deadlines: Deadlines = Deadlines(20.0, 20.0, 20.0)) -> None:
    """Sends one message that is no campaign's, to each of its recipients.

    Raises:
        ServiceUnavailable: the server did not take it.
    """
    content = to_wire(message.as_bytes(policy=email.policy.SMTP))
    sender, recipients = message["From"], message["To"]
    assert isinstance(sender, AddressHeader)
    assert isinstance(recipients, AddressHeader)
    connection = SmtpConnection(server, deadlines)
    try:
        for recipient in recipients.addresses:
            refusal = connection.transmit(Envelope(sender.addresses[0].addr_spec, recipient.addr_spec), content)
            reply = refusal.reply if refusal else connection.finish()
            if reply is None or not reply.is_positive:
                raise ServiceUnavailable(f"smtp: the message was not taken ({reply or 'no answer'})")
    except UnsendableMessage as problem:
        raise ServiceUnavailable(f"smtp: the message was not taken ({problem})") from None
    finally:
        connection.close()


def _expect(reply: Reply, what: str) -> None:
    if not reply.is_positive:
        raise ServiceUnavailable(f"smtp: the server answered {reply} to {what}")


def _log_in(session: SmtpSession, server: SmtpServer, offered: list[str]) -> None:
    """One mechanism, once: a server may lock an account after a few wrong passwords."""
    if server.auth == "xoauth2":
        bearer = encode(f"user={server.username}\x01auth=Bearer {server.password}\x01\x01")
        reply = session.command(f"AUTH XOAUTH2 {bearer}")
        if reply.code == 334:
            # the reason, which has to be answered before the server says no
            reply = session.command("")
    elif "PLAIN" in offered:
        both = encode(f"\x00{server.username}\x00{server.password}")
        reply = session.command(f"AUTH PLAIN {both}")
    elif "LOGIN" in offered:
        reply = session.command("AUTH LOGIN")
        for answer in (server.username, server.password):
            if reply.code == 334:
                reply = session.command(encode(answer))
    else:
        raise ServiceUnavailable("smtp: the server offers no login with a password (AUTH PLAIN or LOGIN)")
    if not reply.is_positive:
        raise ServiceUnavailable(f"smtp: the login was refused ({reply})")


def _ascii_domain(address: str) -> str:
    """With the domain as DNS writes it, so that only a name before the @ can need SMTPUTF8."""
    if _NOT_IN_AN_ADDRESS.search(address):
        raise UnsendableMessage("the address has a character that would end it in a command of SMTP")
    if address.isascii():
        return address
    name, _, domain = address.rpartition("@")
    try:
        return f"{name}@{idna.encode(domain, uts46=True).decode('ascii')}"
    except idna.IDNAError:
        raise UnsendableMessage("the domain of the address is none that DNS could have") from None
