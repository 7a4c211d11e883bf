"""Reading over IMAP: EXAMINE and BODY.PEEK, so that nothing changes, from the last number on."""

import imaplib
import re
import ssl
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from typing import Literal

from imap_tools import BaseMailBox, ImapToolsError, MailBox, MailBoxStartTls, MailBoxUnencrypted

from liendea_assets.clients.mailbox import LARGEST_MESSAGE, Position, RawMail
from liendea_assets.core.errors import ServiceUnavailable, SettingsError

TIMEOUT_S = 30.0
LOOPBACK = ("localhost", "127.0.0.1", "::1")
_PLAIN_ID = re.compile(r"<[^<>\s\"\\]+>", re.ASCII)
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
_ERRORS = (ImapToolsError, imaplib.IMAP4.error, OSError, EOFError, ValueError)


@dataclass(frozen=True, slots=True)
class ImapFolder:
    """A folder on a server.

    Attributes:
        password: or the access token, where `auth` is xoauth2.
        context: how the server's certificate is checked; None for the machine's own authorities.
    """

    name: str
    host: str
    port: int
    username: str
    password: str
    folder: str = "INBOX"
    security: Literal["starttls", "tls", "none"] = "tls"
    auth: Literal["password", "xoauth2"] = "password"
    context: ssl.SSLContext | None = None

    def __repr__(self) -> str:
        """Without the password."""
        return f"ImapFolder({self.name!r})"

    def read(self, since: Position | None) -> Iterator[RawMail]:
        """Messages with a higher number than the last one; all of them where the server has numbered anew.

        Raises:
            ServiceUnavailable: the server cannot be reached, or refuses. SettingsError: a password would go over the net in the clear.
        """
        box = self._open()
        try:
            yield from self._read(box, since)
        except _ERRORS as error:
            raise ServiceUnavailable(f"mailbox {self.name}: reading failed ({type(error).__name__})") from None
        finally:
            self._close(box)

    def find(self, message_ids: Collection[str]) -> set[str]:
        """Those of some Message-IDs whose messages lie in the folder.

        Raises:
            ServiceUnavailable: the server cannot be reached, or refuses. SettingsError: a password would go over the net in the clear.
        """
        box = self._open()
        try:
            box.folder.set(self.folder, readonly=True)
            return {id_ for id_ in message_ids if _holds(box.client, id_)}
        except _ERRORS as error:
            raise ServiceUnavailable(f"mailbox {self.name}: searching failed ({type(error).__name__})") from None
        finally:
            self._close(box)

    def _open(self) -> BaseMailBox:
        if self.security == "none" and self.host not in LOOPBACK:
            raise SettingsError(f"mailbox {self.name}: security none is for this machine alone; allowed elsewhere: tls, starttls")
        context = self.context or ssl.create_default_context()
        try:
            box: BaseMailBox
            if self.security == "tls":
                box = MailBox(self.host, self.port, timeout=TIMEOUT_S, ssl_context=context)
            elif self.security == "starttls":
                box = MailBoxStartTls(self.host, self.port, timeout=TIMEOUT_S, ssl_context=context)
            else:
                box = MailBoxUnencrypted(self.host, self.port, timeout=TIMEOUT_S)
        except _ERRORS as error:
            raise ServiceUnavailable(f"mailbox {self.name}: the server cannot be reached ({type(error).__name__})") from None
        try:
            if self.auth == "xoauth2":
                box.xoauth2(self.username, self.password, initial_folder=None)
            else:
                box.login(self.username, self.password, initial_folder=None)
        except _ERRORS as error:
            self._close(box)
            # the server's own words may quote the login
            raise ServiceUnavailable(f"mailbox {self.name}: the login was refused ({type(error).__name__})") from None
        return box

    def _read(self, box: BaseMailBox, since: Position | None) -> Iterator[RawMail]:
        box.folder.set(self.folder, readonly=True)
        _, answer = box.client.response("UIDVALIDITY")
        validity = answer[0].decode("ascii") if answer and isinstance(answer[0], bytes) else "0"
        last = since.last_uid if since is not None and since.uid_validity == validity else 0
        # `n:*` names the last message too where there is none from n on
        uids = sorted(number for uid in box.uids(f"UID {last + 1}:*") if (number := int(uid)) > last)
        for uid in uids:
            content, received_at, size = _fetch(box.client, uid)
            position = Position(validity, uid)
            source = f"{self.name}/{self.folder}/{validity}/{uid}"
            if content is None:
                yield RawMail(source, b"", received_at, position, "the server gave no content")
                continue
            problem = (
                f"only the first {LARGEST_MESSAGE} bytes were read" if size > len(content) and len(content) >= LARGEST_MESSAGE else None
            )
            yield RawMail(source, content, received_at, position, problem)

    @staticmethod
    def _close(box: BaseMailBox) -> None:
        try:
            box.logout()
        except _ERRORS:
            return


def _holds(client: imaplib.IMAP4, message_id: str) -> bool:
    """By the header as it stands: a server searches for parts of it."""
    if not _PLAIN_ID.fullmatch(message_id):
        return False
    status, answer = client.uid("search", "HEADER", "Message-ID", f'"{message_id}"')
    if status != "OK":
        raise ImapToolsError("no answer to a search")
    uids = [uid for part in answer if isinstance(part, bytes) for uid in part.split()]
    return any(_message_id(client, uid.decode("ascii")) == message_id for uid in uids)


def _message_id(client: imaplib.IMAP4, uid: str) -> str:
    _, answer = client.uid("fetch", uid, "(BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])")
    head = next((part[1] for part in answer if isinstance(part, tuple)), b"")
    return str(message_from_bytes(head)["Message-ID"]).strip()


def _fetch(client: imaplib.IMAP4, uid: int) -> tuple[bytes | None, datetime | None, int]:
    """Content up to the cap, when the server got it, and its whole size."""
    status, answer = client.uid("fetch", str(uid), f"(RFC822.SIZE INTERNALDATE BODY.PEEK[]<0.{LARGEST_MESSAGE}>)")
    if status != "OK":
        return None, None, 0
    content, received_at, size = None, None, 0
    for part in answer:
        head = part[0] if isinstance(part, tuple) else part
        if not isinstance(head, bytes):
            continue
        if isinstance(part, tuple):
            content = part[1]
        found = _SIZE.search(head)
        size = int(found.group(1)) if found else size
        if b"INTERNALDATE" in head:
            received_at = _moment(head)
    return content, received_at, size


def _moment(head: bytes) -> datetime | None:
    found = re.search(rb'INTERNALDATE "([^"]+)"', head)
    if found is None:
        return None
    try:
        return datetime.strptime(found.group(1).decode("ascii").strip(), "%d-%b-%Y %H:%M:%S %z").astimezone(UTC)
    except ValueError:
        return None
