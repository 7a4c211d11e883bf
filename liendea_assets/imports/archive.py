"""Originals by the hash of their content: what is hashed is what is read, and what cannot be read lies apart with its reason."""

import hashlib
import os
import re
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from liendea_assets.core.errors import UnreadableFile
from liendea_assets.imports.inbox import MIB, InboxFile, open_regular_file

# an ending is told to programs that open the copy; anything odder is part of a name, not a kind of file
_ENDING = re.compile(r"\.[a-z0-9]{1,8}")


@dataclass(frozen=True, slots=True)
class Archive:
    """Two private folders.

    Attributes:
        originals: every file that was looked into, `<first two hex digits>/<sha256><ending>`; never changed, never removed by the product.
        quarantine: copies of what could not be read, `<sha256><ending>`, each with its reason in `<sha256>.txt`.
    """

    originals: Path
    quarantine: Path

    def keep(self, file: InboxFile) -> Path:
        """The original's copy, to read from; see `keep_original`."""
        return keep_original(file.path, file.sha256, self.originals)

    def set_apart(self, file: InboxFile, reason: str, now: str) -> None:
        """Copies a file that could not be read into quarantine, and says why beside it. The file in the inbox stays."""
        _make_private(self.quarantine)
        with suppress(UnreadableFile, OSError):
            # without the copy, the reason is still worth having
            _copy(self.originals / _place(file.path, file.sha256), file.sha256, self.quarantine / f"{file.sha256}{_ending(file.path)}")
        _write(self.quarantine / f"{file.sha256}.txt", f"file: {file.name!r}\nread: {now}\nreason: {reason}\n".encode())

    def release(self, file: InboxFile) -> None:
        """Removes from quarantine what could be read after all."""
        for path in self.quarantine.glob(f"{file.sha256}*"):
            path.unlink(missing_ok=True)


def archive_beside(inbox: Path) -> Archive:
    """The archive of the home whose inbox it is."""
    return Archive(inbox.parent / "archive", inbox.parent / "quarantine")


def keep_original(path: Path, sha256: str, archive: Path) -> Path:
    """Copies a file to `<archive>/<first two hex digits>/<sha256><ending>`, whole or not at all. A sound copy that is there stays.

    Raises:
        UnreadableFile: a link or no regular file, or its content is not the one that was hashed.
        OSError: it cannot be opened, or the disk is full.
    """
    kept = archive / _place(path, sha256)
    _make_private(archive)
    _make_private(kept.parent)
    _copy(path, sha256, kept)
    return kept


def _copy(path: Path, sha256: str, copy: Path) -> None:
    if _holds(copy, sha256):
        return
    digest = hashlib.sha256()
    with open_regular_file(path) as source, tempfile.NamedTemporaryFile(dir=copy.parent, prefix=".copying-", delete=False) as target:
        try:
            while chunk := source.read(MIB):
                digest.update(chunk)
                target.write(chunk)
            if digest.hexdigest() != sha256:
                raise UnreadableFile("the file changed while it was read; it is read again at the next run")
            target.flush()
            os.fsync(target.fileno())
            Path(target.name).replace(copy)
        except BaseException:
            Path(target.name).unlink(missing_ok=True)
            raise


def _holds(copy: Path, sha256: str) -> bool:
    """Whether the copy is there with that content; a disk may have lost some of it since."""
    try:
        with open_regular_file(copy) as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except (UnreadableFile, OSError):
        return False


def _write(path: Path, content: bytes) -> None:
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".writing-", delete=False) as target:
        target.write(content)
        Path(target.name).replace(path)


def _make_private(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if os.name == "posix":
        folder.chmod(0o700)


def _place(path: Path, sha256: str) -> str:
    return f"{sha256[:2]}/{sha256}{_ending(path)}"


def _ending(path: Path) -> str:
    ending = path.suffix.lower()
    return ending if _ENDING.fullmatch(ending) else ""
