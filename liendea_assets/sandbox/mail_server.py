"""A mail server on loopback that takes mail for anybody, keeps it, and answers by itself. Nothing ever leaves the machine."""

import asyncio
import hashlib
import json
import mailbox
import os
import socket
import ssl
import threading
import weakref
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from liendea_assets.core.clock import Clock, from_text, to_text
from liendea_assets.sandbox.correspondents import Correspondents
from liendea_assets.sandbox.mail_answers import Answer, Taken

HOST = "127.0.0.1"
# How often answers that are due are looked for while a server runs by the machine's clock.
LOOK_EVERY_S = 1.0
STOP_WITHIN_S = 10.0
_OK = "250 2.0.0 Ok: queued"


class MailSink:
    """What the server took, and what is to come back, in a folder that outlives the process.

    `mail/<address>/` is a Maildir per recipient, `answers/<address>/` one per address of the sender that something came back to,
    `due/` what is still to come, by its moment.
    """

    def __init__(self, folder: Path, correspondents: Correspondents, clock: Clock) -> None:
        self.folder = folder
        self._people = correspondents
        self._clock = clock
        self._lock = threading.Lock()
        for name in ("mail", "answers", "due", "tries"):
            (folder / name).mkdir(parents=True, exist_ok=True)

    def rcpt(self, address: str) -> str | None:
        """The refusal of a recipient; None where mail for it is taken."""
        with self._lock:
            now = self._clock.now()
            tried = self._tried(address)
            first = from_text(str(tried["first"])) if tried else now
            if not tried:
                self._keep_tried(address, now, 0)
            refused = self._people.at_rcpt(address, first, now)
        return None if refused is None else str(refused)

    def data(self, sender: str, recipient: str, content: bytes) -> str | None:
        """The refusal of a message; None where it was taken."""
        with self._lock:
            now = self._clock.now()
            tried = self._tried(recipient)
            tries = (int(str(tried["tries"])) if tried else 0) + 1
            self._keep_tried(recipient, from_text(str(tried["first"])) if tried else now, tries)
            refused = self._people.at_data(recipient, tries)
            if refused is not None:
                return str(refused)
            number = self._deliver("mail", recipient, sender, content)
            told = self._people.answer(Taken(content, sender, recipient, now), number)
            if told is not None:
                delay, answer = told
                self._post(answer, now + delay)
        return None

    def deliver_due(self) -> int:
        """Puts the answers whose moment has come into their Maildirs. Returns how many."""
        with self._lock:
            now = to_text(self._clock.now()).replace(" ", "T").replace(":", "")
            due = sorted(path for path in (self.folder / "due").glob("*.json") if path.name.partition("_")[0] <= now)
            for path in due:
                told = json.loads(path.read_text(encoding="ascii"))
                content = bytes.fromhex(told["content"])
                self._deliver("answers", told["recipient"], told["sender"], content)
                path.unlink()
        return len(due)

    def taken(self) -> list[tuple[str, bytes]]:
        """(recipient, message) of everything that was taken, as it came, below the two lines of its delivery."""
        return [
            (folder.name, bytes(kept.get_bytes(key)))
            for folder in sorted((self.folder / "mail").iterdir())
            for kept in [mailbox.Maildir(folder, create=False)]
            for key in sorted(kept.keys())
        ]

    def recipients(self) -> set[str]:
        """Everybody who ever got something."""
        return {folder.name for folder in (self.folder / "mail").iterdir()}

    def answered(self) -> list[bytes]:
        """Everything that has come back, as it was written."""
        return [
            bytes(kept.get_bytes(key))
            for folder in sorted((self.folder / "answers").iterdir())
            for kept in [mailbox.Maildir(folder, create=False)]
            for key in sorted(kept.keys())
        ]

    def waiting(self) -> int:
        """Answers that are still to come."""
        return sum(1 for _ in (self.folder / "due").glob("*.json"))

    def answers_to(self, address: str) -> Path:
        """The Maildir of what comes back to an address of the sender."""
        path = self.folder / "answers" / _folder(address)
        if not path.exists():
            mailbox.Maildir(path)
        return path

    def _deliver(self, kind: str, recipient: str, sender: str, content: bytes) -> int:
        """Returns how many messages this recipient has by now."""
        kept = mailbox.Maildir(self.folder / kind / _folder(recipient))
        head = f"Return-Path: <{sender}>\r\nDelivered-To: {recipient}\r\n".encode()
        # as bytes: a parsed message would be written in another way than it came
        kept.add(head + content)
        return len(kept)

    def _post(self, answer: Answer, at: datetime) -> None:
        moment = to_text(at).replace(" ", "T").replace(":", "")
        told = {"sender": answer.sender, "recipient": answer.recipient, "content": answer.content.hex()}
        path = self.folder / "due" / f"{moment}_{hashlib.sha256(answer.content).hexdigest()[:16]}.json"
        draft = path.with_suffix(".part")
        draft.write_text(json.dumps(told), encoding="ascii")
        os.replace(draft, path)

    def _tried(self, address: str) -> dict[str, object]:
        path = self.folder / "tries" / _key(address)
        found: dict[str, object] = json.loads(path.read_text(encoding="ascii")) if path.is_file() else {}
        return found

    def _keep_tried(self, address: str, first: datetime, tries: int) -> None:
        path = self.folder / "tries" / _key(address)
        path.write_text(json.dumps({"first": to_text(first), "tries": tries}), encoding="ascii")


class _Handler:
    """What aiosmtpd asks; its names are aiosmtpd's."""

    def __init__(self, sink: MailSink) -> None:
        self._sink = sink

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: ARG002
        """A recipient, one a message: what is refused after DATA is refused for that one."""
        if envelope.rcpt_tos:
            return "452 4.5.3 One recipient a message"
        refused = self._sink.rcpt(address)
        if refused is not None:
            return refused
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: ARG002
        """A message."""
        content = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content).encode()
        return self._sink.data(envelope.mail_from or "", envelope.rcpt_tos[0], content) or _OK


@contextmanager
def serving_mail(sink: MailSink, *, tls: ssl.SSLContext | None = None, looks: bool = False) -> Iterator[int]:
    """Serves in a thread and yields the port; the server is gone when the block ends.

    Args:
        tls: offers STARTTLS.
        looks: delivers what is due by itself, every second; without it who moves the clock calls `deliver_due`.
    """
    loop = asyncio.new_event_loop()
    listener = socket.create_server((HOST, 0))
    handler, opened = _Handler(sink), weakref.WeakSet[SMTP]()

    def factory() -> SMTP:
        protocol = SMTP(handler, hostname="sandbox.invalid", enable_SMTPUTF8=True, tls_context=tls, loop=loop)
        opened.add(protocol)
        return protocol

    server = loop.run_until_complete(loop.create_server(factory, sock=listener))
    serving = threading.Thread(target=loop.run_forever, name="sandbox mail", daemon=True)
    serving.start()
    ends = threading.Event()
    looking = threading.Thread(target=_look, args=(sink, ends), name="sandbox answers", daemon=True)
    if looks:
        looking.start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        ends.set()
        if looks:
            looking.join(timeout=STOP_WITHIN_S)
        loop.call_soon_threadsafe(loop.stop)
        serving.join(timeout=STOP_WITHIN_S)
        loop.run_until_complete(_close(server, opened))
        loop.close()


async def _close(server: asyncio.Server, opened: Iterable[SMTP]) -> None:
    """Hangs up on who is still there, and waits until the last of it has ended."""
    server.close()
    for protocol in opened:
        if protocol.transport is not None:
            protocol.transport.close()
    own = asyncio.current_task()
    left = [task for task in asyncio.all_tasks() if task is not own]
    for task in left:
        task.cancel()
    if left:
        await asyncio.wait(left, timeout=STOP_WITHIN_S)
    await asyncio.sleep(0)


def _look(sink: MailSink, ends: threading.Event) -> None:
    while not ends.wait(LOOK_EVERY_S):
        sink.deliver_due()


def _folder(address: str) -> str:
    """An address as the name of a folder."""
    kept = "".join(char if char.isalnum() or char in "@.+-_" else "_" for char in address.lower())
    return kept if kept.strip(".") and len(kept) < 120 else _key(address)


def _key(address: str) -> str:
    return hashlib.sha256(address.lower().encode()).hexdigest()[:32]
