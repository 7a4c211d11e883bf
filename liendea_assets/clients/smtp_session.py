"""SMTP on a socket: commands, replies, TLS, and one deadline for all of it. What the commands mean stands in `smtp`."""

import base64
import re
import socket
import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

# RFC 5321 4.5.3.1.5 says 512 octets a reply line; servers write more, but none writes this much.
MOST_REPLY_BYTES = 65_536
_CHUNK = 8_192
_LINE = re.compile(rb"([2345]\d\d)(?:([- ])(.*))?")
_STATUS = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})\b")


class BrokenReply(ConnectionError):
    """The server wrote something that is no reply of SMTP."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server answered.

    Attributes:
        status: the enhanced status code (RFC 3463), such as `5.1.1`; None where there is none.
        text: may hold addresses, so it is never logged or stored.
    """

    code: int
    status: str | None = None
    text: str = field(default="", repr=False)

    @property
    def is_positive(self) -> bool:
        """Whether it is done."""
        return 200 <= self.code < 300

    @property
    def is_temporary(self) -> bool:
        """Whether another try may do."""
        return 400 <= self.code < 500

    def __str__(self) -> str:
        """The codes alone."""
        return f"{self.code} {self.status}" if self.status else str(self.code)


class SmtpSession:
    """One connection.

    Every method raises OSError (TimeoutError past the deadline, BrokenReply where the server does not speak SMTP).

    Attributes:
        deadline: of everything that is read and written, on the clock of `time.monotonic`. A deadline for each read would let a server
            that sends a byte now and then hold a message for ever.
    """

    def __init__(self, host: str, port: int, deadline: float) -> None:
        self.deadline = deadline
        self._host = host
        self._buffer = bytearray()
        self._socket: socket.socket = socket.create_connection((host, port), timeout=self._left_s())
        # commands are short and wait for their replies
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    @property
    def peer(self) -> str:
        """The server's address."""
        return str(self._socket.getpeername()[0])

    @property
    def own_name(self) -> str:
        """What this machine calls itself: its full name, else its address as RFC 5321 writes it. DNS is not asked: it can take minutes."""
        name = socket.gethostname()
        if "." in name and name.isascii() and " " not in name:
            return name
        address = str(self._socket.getsockname()[0])
        return f"[IPv6:{address}]" if ":" in address else f"[{address}]"

    def start_tls(self, context: ssl.SSLContext) -> None:
        """What comes from now on is encrypted, by a server whose certificate is valid for the host."""
        if self._buffer:
            # somebody on the way who wrote replies before the encryption would be believed after it
            raise BrokenReply("text before the encryption began")
        self._socket.settimeout(self._left_s())
        self._socket = context.wrap_socket(self._socket, server_hostname=self._host)

    def command(self, line: str) -> Reply:
        """Sends a line and reads its reply."""
        if "\r" in line or "\n" in line or "\x00" in line:
            raise ValueError("a command is one line")
        self.send(line.encode() + b"\r\n")
        return self.read_reply()

    def commands(self, *lines: str) -> None:
        """Sends lines in one go, to a server that offers PIPELINING; each has a reply to be read."""
        if any(sign in line for line in lines for sign in "\r\n\x00"):
            raise ValueError("a command is one line")
        self.send("".join(f"{line}\r\n" for line in lines).encode())

    def send(self, data: bytes) -> None:
        """Sends all of it."""
        self._socket.settimeout(self._left_s())
        self._socket.sendall(data)

    def read_reply(self) -> Reply:
        """The next reply, whole: a first line without the last one is none."""
        texts: list[str] = []
        code, size = b"", 0
        while True:
            line = self._read_line()
            size += len(line)
            found = _LINE.fullmatch(line)
            if found is None or (code and found[1] != code) or size > MOST_REPLY_BYTES:
                raise BrokenReply("no reply of SMTP")
            code = found[1]
            texts.append((found[3] or b"").decode("utf-8", "replace"))
            if found[2] != b"-":
                return _reply(int(code), texts)

    def has_input(self) -> bool:
        """Whether the server wrote, or hung up, though it was not asked. TLS's own records do not count."""
        if self._buffer:
            return True
        self._socket.settimeout(0)
        try:
            self._buffer += self._socket.recv(_CHUNK)
        except (BlockingIOError, ssl.SSLWantReadError):
            return False
        return True

    def close(self) -> None:
        """Hangs up without a word."""
        self._socket.close()

    def _read_line(self) -> bytes:
        while (end := self._buffer.find(b"\n")) < 0:
            if len(self._buffer) > MOST_REPLY_BYTES:
                raise BrokenReply("an endless line")
            self._socket.settimeout(self._left_s())
            part = self._socket.recv(_CHUNK)
            if not part:
                raise ConnectionResetError("the server hung up")
            self._buffer += part
        line = bytes(self._buffer[:end]).removesuffix(b"\r")
        del self._buffer[: end + 1]
        return line

    def _left_s(self) -> float:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the deadline is over")
        return left


def read_features(texts: Iterable[str]) -> dict[str, str]:
    """What a server's answer to EHLO offers: keyword → its parameters."""
    pairs = (text.strip().partition(" ") for text in texts)
    # AUTH=PLAIN is how servers of the nineties wrote it
    return {name.upper().replace("=", " ").partition(" ")[0]: rest.strip() for name, _, rest in pairs if name}


def encode(text: str) -> str:
    """Base64, as AUTH wants it."""
    return base64.b64encode(text.encode()).decode("ascii")


def _reply(code: int, texts: list[str]) -> Reply:
    found = _STATUS.match(texts[-1].lstrip())
    # a status of another class than the code is a mistake of the server's; the code counts
    status = found[0] if found and found[1] == str(code)[0] else None
    return Reply(code, status, "\n".join(texts))
