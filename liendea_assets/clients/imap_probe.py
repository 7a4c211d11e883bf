"""Whether a mailbox can be read over IMAP: connects, logs in, looks at a folder without changing anything, and hangs up."""

import imaplib
import ipaddress
import socket
import ssl
from dataclasses import dataclass, field
from typing import Literal

from liendea_assets.core.errors import ServiceUnavailable

TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True)
class ImapServer:
    """Where mail is read.

    Attributes:
        password: with `xoauth2` the access token. security: `none` is for this machine alone.
    """

    host: str
    port: int
    username: str
    password: str = field(repr=False)
    security: Literal["starttls", "tls", "none"] = "tls"
    auth: Literal["password", "xoauth2"] = "password"


def count_messages(server: ImapServer, folder: str) -> int:
    """Messages in a folder.

    Raises:
        ServiceUnavailable: it cannot be read; the text says at which step.
    """
    step = "the connection"
    try:
        connection = _connect(server)
        try:
            if server.security == "starttls":
                step = "STARTTLS"
                connection.starttls(ssl.create_default_context())
            step = "the login"
            _log_in(connection, server)
            step = "the folder"
            kind, answer = connection.select(f'"{folder}"', readonly=True)
            if kind != "OK" or not answer[0]:
                raise ServiceUnavailable("imap: there is no such folder")
            return int(answer[0])
        finally:
            connection.shutdown()
    except (imaplib.IMAP4.error, OSError, ValueError) as error:
        # the server's own words may hold the user's name
        raise ServiceUnavailable(f"imap: {step} failed ({type(error).__name__})") from None


def _connect(server: ImapServer) -> imaplib.IMAP4:
    if server.security == "tls":
        return imaplib.IMAP4_SSL(server.host, server.port, ssl_context=ssl.create_default_context(), timeout=TIMEOUT_S)
    if server.security == "none" and not ipaddress.ip_address(socket.gethostbyname(server.host)).is_loopback:
        raise ServiceUnavailable("imap: without encryption only a server on this machine is used")
    return imaplib.IMAP4(server.host, server.port, timeout=TIMEOUT_S)


def _log_in(connection: imaplib.IMAP4, server: ImapServer) -> None:
    if server.auth == "xoauth2":
        bearer = f"user={server.username}\x01auth=Bearer {server.password}\x01\x01".encode()
        connection.authenticate("XOAUTH2", lambda _challenge: bearer)
    else:
        connection.login(server.username, server.password)
