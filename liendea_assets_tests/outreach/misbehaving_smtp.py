"""An SMTP server that fails at any point of the protocol, as it is told for each connection and message; it remembers what it accepted."""

import random
import socket
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from typing import Literal

Step = Literal["greeting", "EHLO", "STARTTLS", "AUTH", "NOOP", "RSET", "MAIL", "RCPT", "DATA", "body", "dot", "taken"]
# hang up; hang up in the middle of a reply; write what is no reply; answer 4xx, 5xx, 421; write a byte now and then; say nothing
Fault = Literal["hangup", "half", "garbage", "temporary", "permanent", "leave", "drip", "silence", "early"]

STEPS: tuple[Step, ...] = ("greeting", "EHLO", "MAIL", "RCPT", "DATA", "body", "dot", "taken")
TLS_STEPS: tuple[Step, ...] = ("STARTTLS", "AUTH")
FAULTS: tuple[Fault, ...] = ("hangup", "half", "garbage", "temporary", "permanent", "leave", "drip", "silence", "early")

# What goes wrong at a step; None for nothing.
Plan = Callable[[Step], Fault | None]


class _Gone(Exception):
    """This connection is over."""


@dataclass
class SmtpServer:
    """The server's side.

    Attributes:
        accepted: Message-ID → how often the server took responsibility for it, whatever it could still say about that.
        told: Message-IDs that the server answered 250 for. wholes: the accepted messages as they came.
        commands: how often each came. met: (step, fault) → how often.
    """

    plan: Plan = lambda step: None
    context: ssl.SSLContext | None = None
    is_tls_from_start: bool = False
    features: tuple[str, ...] = ("SIZE 1000000", "8BITMIME", "ENHANCEDSTATUSCODES")
    patience_s: float = 0.6
    accepted: Counter[str] = field(default_factory=Counter)
    told: Counter[str] = field(default_factory=Counter)
    wholes: list[bytes] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    commands: Counter[str] = field(default_factory=Counter)
    credentials: list[str] = field(default_factory=list)
    met: Counter[tuple[Step, Fault]] = field(default_factory=Counter)
    mail_answer: str = "250 2.1.0 ok"
    rcpt_answer: str = "250 2.1.5 ok"
    taken_answer: str = "250 2.0.0 taken"

    def serve(self, connection: socket.socket) -> None:
        """One connection, to its end."""
        self.commands["connection"] += 1
        with suppress(_Gone, OSError), connection:
            connection.settimeout(10)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.is_tls_from_start and self.context:
                connection = self.context.wrap_socket(connection, server_side=True)
            talk = _Talk(self, connection)
            with closing(talk):
                talk.run()


class _Talk:
    """One connection."""

    def __init__(self, server: SmtpServer, connection: socket.socket) -> None:
        self._server, self._socket = server, connection
        self._file = connection.makefile("rb")

    def run(self) -> None:
        """Answers until one side hangs up."""
        self._answer("greeting", "220 mail.example ESMTP")
        recipient = ""
        while line := self._file.readline():
            command, _, argument = line.decode("utf-8", "replace").strip().partition(" ")
            name = command.upper()
            self._server.commands[name] += 1
            if name in ("EHLO", "HELO"):
                is_plain = self._server.context and not isinstance(self._socket, ssl.SSLSocket)
                offered = [*self._server.features, "STARTTLS" if is_plain else "AUTH PLAIN LOGIN XOAUTH2"]
                self._answer("EHLO", "\r\n".join(["250-mail.example", *(f"250-{one}" for one in offered[:-1]), f"250 {offered[-1]}"]))
            elif name == "STARTTLS":
                if self._answer("STARTTLS", "220 go ahead"):
                    assert self._server.context is not None
                    self._file.close()
                    self._socket = self._server.context.wrap_socket(self._socket, server_side=True)
                    self._file = self._socket.makefile("rb")
            elif name == "AUTH":
                self._server.credentials.append(argument)
                self._answer("AUTH", "235 2.7.0 welcome")
            elif name == "MAIL":
                self._answer("MAIL", self._server.mail_answer)
            elif name == "RCPT":
                recipient = argument.partition("<")[2].partition(">")[0]
                self._answer("RCPT", self._server.rcpt_answer)
            elif name == "DATA":
                if self._answer("DATA", "354 go ahead"):
                    self._take(recipient)
            elif name == "QUIT":
                self._write("221 bye\r\n")
                return
            else:
                self._answer("RSET" if name == "RSET" else "NOOP", "250 2.0.0 ok")

    def close(self) -> None:
        """Hangs up."""
        self._file.close()
        self._socket.close()

    def _take(self, recipient: str) -> None:
        fault = self._server.plan("body")
        if fault in ("hangup", "half", "garbage", "leave"):
            # in the middle of the message
            self._server.met["body", fault] += 1
            self._socket.recv(10)
            if fault == "leave":
                self._write("421 4.3.2 shutting down\r\n")
            raise _Gone
        if fault == "early":
            # an answer before the end of the message is a lie, whatever it says
            self._server.met["body", fault] += 1
            self._write("250 2.0.0 taken\r\n")
        lines = []
        while (line := self._file.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        if not line:
            raise _Gone
        whole = b"".join(lines)
        message_id = str(message_from_bytes(whole)["Message-ID"])
        # before the message is taken: hung up, or refused
        fault = self._server.plan("dot")
        if fault is not None and fault != "early":
            self._fail("dot", fault, "250 2.0.0 taken")
            return
        answer = self._server.taken_answer
        if answer.startswith("2"):
            self._server.accepted[message_id] += 1
            self._server.wholes.append(whole)
            self._server.recipients.append(recipient)
        fault = self._server.plan("taken")
        if fault in ("temporary", "permanent", "leave", "early"):
            # no server takes a message and refuses it
            fault = None
        if fault is not None:
            self._fail("taken", fault, answer)
        self._server.told[message_id] += answer.startswith("2")
        self._write(f"{answer}\r\n")

    def _answer(self, step: Step, answer: str) -> bool:
        """Returns whether the step went well; where it was only refused the connection goes on."""
        fault = self._server.plan(step)
        if fault is None or fault == "early":
            self._write(f"{answer}\r\n")
            return True
        self._fail(step, fault, answer)
        return False

    def _fail(self, step: Step, fault: Fault, answer: str) -> None:
        self._server.met[step, fault] += 1
        match fault:
            case "temporary":
                self._write("451 4.3.0 later\r\n")
                return
            case "permanent":
                self._write("554 5.7.1 never\r\n")
                return
            case "half":
                self._write(answer.splitlines()[0].replace(" ", "-", 1)[:5])
            case "garbage":
                self._write("HTTP/1.1 400 Bad Request\r\n")
            case "leave":
                self._write("421 4.3.2 shutting down\r\n")
            case "drip":
                for letter in answer * 20:
                    self._write(letter if letter not in "\r\n" else " ")
                    threading.Event().wait(self._server.patience_s / 10)
            case "silence":
                threading.Event().wait(self._server.patience_s * 2)
        raise _Gone

    def _write(self, text: str) -> None:
        self._socket.sendall(text.encode())


def random_plan(seed: int, share: float, slow: float = 0.02) -> Plan:
    """Any fault at any step, each step failing with this share; of the faults that take time, this share."""
    chance = random.Random(seed)
    quick = [fault for fault in FAULTS if fault not in ("drip", "silence")]

    def plan(_: Step) -> Fault | None:
        if chance.random() >= share:
            return None
        return chance.choice(("drip", "silence")) if chance.random() < slow else chance.choice(quick)

    return plan


def once(step: Step, fault: Fault, *, after: int = 0) -> Plan:
    """This fault at this step, once, after the step went well so many times."""
    passed = Counter[str]()

    def plan(met: Step) -> Fault | None:
        passed[met] += 1
        return fault if met == step and passed[met] == after + 1 else None

    return plan


@contextmanager
def running(server: SmtpServer) -> Iterator[int]:
    """The server on a port of this machine, a thread for each connection. Yields the port."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    listener.settimeout(0.05)
    stopped = threading.Event()
    threads: list[threading.Thread] = []

    def accept() -> None:
        while not stopped.is_set():
            with suppress(OSError):
                connection, _ = listener.accept()
                threads.append(threading.Thread(target=server.serve, args=(connection,), daemon=True))
                threads[-1].start()

    acceptor = threading.Thread(target=accept, daemon=True)
    acceptor.start()
    try:
        yield listener.getsockname()[1]
    finally:
        stopped.set()
        acceptor.join()
        listener.close()
        for thread in threads:
            thread.join(5)
