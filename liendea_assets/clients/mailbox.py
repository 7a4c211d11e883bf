"""Reading a mailbox without changing it: Maildir and mbox by the standard library; IMAP stands in imap.py.

Nothing is marked as seen, moved or deleted, and no message is larger in memory than the cap.
"""

import mailbox
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from liendea_assets.core.errors import ServiceUnavailable

# A person's answer with its attachments; what is beyond is cut off, and the text stands before the attachments.
LARGEST_MESSAGE = 10 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Position:
    """Up to where a mailbox was read.

    Attributes:
        uid_validity: another one means that the numbers begin anew.
        last_uid: the highest that was read.
    """

    uid_validity: str
    last_uid: int


@dataclass(frozen=True, slots=True)
class RawMail:
    """A message as it lies in a mailbox.

    Attributes:
        source: mailbox and number or file name, to find it again.
        content: its bytes, up to the cap.
        received_at: when the mailbox got it; None where it does not say.
        position: to go on from once this message is dealt with; None where a mailbox has no numbers.
        problem: why the content is missing or cut off.
    """

    source: str
    content: bytes
    received_at: datetime | None = None
    position: Position | None = None
    problem: str | None = None


class MailSource(Protocol):
    """Something that mail is read from."""

    @property
    def name(self) -> str:
        """As outreach.yaml names it."""
        ...

    def read(self, since: Position | None) -> Iterator[RawMail]:
        """The messages that came since then, the oldest first; all of them where it is not known since when.

        Raises:
            ServiceUnavailable: the mailbox cannot be read now; what was given out before is good.
        """
        ...


class MaildirFolder:
    """A Maildir, with what stands in new and cur."""

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        self._path = path

    def read(self, since: Position | None) -> Iterator[RawMail]:  # noqa: ARG002 files have no numbers: who reads knows what was read
        """All messages, by the time in their names."""
        if not any((self._path / folder).is_dir() for folder in ("cur", "new")):
            raise ServiceUnavailable(f"mailbox {self.name}: the path holds no Maildir")
        try:
            files = [
                file for folder in ("cur", "new") for file in (self._path / folder).glob("*") if file.is_file() and not file.is_symlink()
            ]
        except OSError as error:
            raise ServiceUnavailable(f"mailbox {self.name}: cannot be listed ({type(error).__name__})") from None
        for file in sorted(files, key=lambda file: (_number(file.name), file.name)):
            source = f"{self.name}/{file.name.partition(':')[0]}"
            try:
                with file.open("rb") as opened:
                    content = opened.read(LARGEST_MESSAGE + 1)
                moment = datetime.fromtimestamp(file.stat().st_mtime, UTC)
            except FileNotFoundError:
                # another program has moved it meanwhile; it is read next time
                continue
            except OSError as error:
                yield RawMail(source, b"", problem=f"the file cannot be read ({type(error).__name__})")
                continue
            yield cut(RawMail(source, content, moment))


class MboxFile:
    """One file with many messages."""

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        self._path = path

    def read(self, since: Position | None) -> Iterator[RawMail]:  # noqa: ARG002 as above
        """All messages in their order."""
        if not self._path.is_file():
            raise ServiceUnavailable(f"mailbox {self.name}: there is no such file")
        try:
            box = mailbox.mbox(self._path, create=False)
        except (OSError, mailbox.Error) as error:
            raise ServiceUnavailable(f"mailbox {self.name}: cannot be opened ({type(error).__name__})") from None
        try:
            for number, key in enumerate(box.iterkeys(), start=1):
                with box.get_file(key) as opened:
                    yield cut(RawMail(f"{self.name}/{number}", opened.read(LARGEST_MESSAGE + 1)))
        except OSError as error:
            raise ServiceUnavailable(f"mailbox {self.name}: cannot be read ({type(error).__name__})") from None
        finally:
            box.close()


def cut(mail: RawMail) -> RawMail:
    """The message within the cap."""
    if len(mail.content) <= LARGEST_MESSAGE:
        return mail
    return RawMail(
        mail.source, mail.content[:LARGEST_MESSAGE], mail.received_at, mail.position, f"only the first {LARGEST_MESSAGE} bytes were read"
    )


def _number(name: str) -> int:
    found = re.match(r"\d{1,18}", name)
    return int(found.group()) if found else 0
