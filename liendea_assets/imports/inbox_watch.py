"""Which files in the inbox are whole and not imported yet; the sensor in automation.py asks here."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from liendea_assets.imports.inbox import list_files

# A run that did not record its files by then failed, and is asked for again.
ASK_AGAIN_S = 900.0

# size and time of change, as seen
Stamp = tuple[int, int]


@dataclass(frozen=True, slots=True)
class InboxState:
    """What the sensor remembers between two looks.

    Attributes:
        stamps: each file's stamp.
        asked_for: content hash → when a run was asked for it.
        nothing_new_in: hash of the stamps in which everything was recorded, so that contents need not be read again.
    """

    stamps: Mapping[str, Stamp] = field(default_factory=dict)
    asked_for: Mapping[str, float] = field(default_factory=dict)
    nothing_new_in: str = ""


def look_at_inbox(inbox: Path, state: InboxState, recorded: set[str], now: float) -> tuple[InboxState, list[str]]:
    """The state for the next look, and the names of files that a run is wanted for.

    A file counts once its size and time are the same on two looks: a copy under way is left alone.

    Args:
        recorded: content hashes in import_files.
        now: seconds since any fixed moment.
    """
    # content is read only where something changed or a run is still owed
    stamps = {path.relative_to(inbox).as_posix(): _stamp(path) for path in inbox.rglob("*") if path.is_file() and not path.is_symlink()}
    settled = {name for name, stamp in stamps.items() if state.stamps.get(name) == stamp}
    key = hashlib.sha256(repr(sorted((name, stamps[name]) for name in settled)).encode()).hexdigest()
    if not settled or state.nothing_new_in == key:
        return InboxState(stamps, state.asked_for, state.nothing_new_in), []
    files = [file for file in list_files(inbox) if file.name in settled]
    waiting = [file for file in files if file.sha256 not in recorded]
    if not waiting:
        return InboxState(stamps, nothing_new_in=key), []
    wanted = [file for file in waiting if now - state.asked_for.get(file.sha256, -ASK_AGAIN_S) >= ASK_AGAIN_S]
    asked_for = {file.sha256: state.asked_for.get(file.sha256, now) for file in waiting} | {file.sha256: now for file in wanted}
    return InboxState(stamps, asked_for), [file.name for file in wanted]


def _stamp(path: Path) -> Stamp:
    info = path.stat()
    return info.st_size, info.st_mtime_ns
