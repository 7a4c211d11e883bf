"""Which files in the inbox are whole and not imported yet; the sensor in automation.py asks here."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from liendea_assets.imports.inbox import InboxFile, find_regular_files, inspect_file

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
        nothing_new_in: hash of the version and the stamps in which everything was recorded, so that contents need not be read again.
    """

    stamps: Mapping[str, Stamp] = field(default_factory=dict)
    asked_for: Mapping[str, float] = field(default_factory=dict)
    nothing_new_in: str = ""


def look_at_inbox(
    inbox: Path, state: InboxState, is_recorded: Callable[[InboxFile], bool], version: str, now: float
) -> tuple[InboxState, list[InboxFile]]:
    """The state for the next look, and the files that a run each is wanted for; of one content, one file.

    A file counts once its size and time are the same on two looks: a copy under way is left alone.

    Args:
        is_recorded: whether an import of this file would take nothing in.
        version: changes when `is_recorded` may answer otherwise.
        now: seconds since any fixed moment.
    """
    # content is read only where something changed or a run is still owed
    found = {path: (info.st_size, info.st_mtime_ns) for path, info in find_regular_files(inbox)}
    stamps = {path.relative_to(inbox).as_posix(): stamp for path, stamp in found.items()}
    settled = {path: stamp for path, stamp in found.items() if state.stamps.get(path.relative_to(inbox).as_posix()) == stamp}
    key = hashlib.sha256(repr((version, sorted((str(path), stamp) for path, stamp in settled.items()))).encode()).hexdigest()
    if not settled or state.nothing_new_in == key:
        return InboxState(stamps, state.asked_for, state.nothing_new_in), []
    files = [file for path in settled if (file := inspect_file(path, inbox)) is not None]
    waiting = {file.sha256: file for file in reversed(files) if not is_recorded(file)}
    if not waiting:
        return InboxState(stamps, nothing_new_in=key), []
    wanted = [file for file in reversed(waiting.values()) if now - state.asked_for.get(file.sha256, -ASK_AGAIN_S) >= ASK_AGAIN_S]
    asked_for = {sha256: state.asked_for.get(sha256, now) for sha256 in waiting} | {file.sha256: now for file in wanted}
    return InboxState(stamps, asked_for), wanted
