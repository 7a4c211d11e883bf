"""Parsing a workbook in a process of its own, with limits, so that no file can hang, fill or kill the one that imports.

Measured: a 1.6 MB bomb took a parser 25 s of CPU, shared strings 2.3 GB, and a single cell at XFD1048576 aborts calamine's process.
"""

import io
import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from liendea_assets.core.environment import child_environment
from liendea_assets.core.errors import UnreadableFile
from liendea_assets.imports import workbook_child
from liendea_assets.imports.limits import WorkbookLimits
from liendea_assets.imports.workbook_child import MIB, NO_MEMORY, PEAK_MARK, REFUSED

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger(__name__)

# more text than this is no table of people; 1,000,000 rows of 20 columns are a fifth of it
LARGEST_RESULT = 1024 * MIB
_LONGEST_REASON = 2_000


@dataclass(frozen=True, slots=True)
class SheetGrid:
    """A sheet with all its cells.

    Attributes:
        cells: text (`str`, missing where empty) from the sheet's first row on, columns 0 … n-1; empty for a hidden sheet other than
            `ORIGIN_SHEET`.
    """

    name: str
    is_visible: bool
    cells: "pd.DataFrame"


@dataclass(frozen=True, slots=True)
class _Ended:
    """How a child ended. `peak_mib` is None where the system does not tell."""

    code: int
    output: bytes
    reason: str
    is_late: bool
    peak_mib: int | None


def read_sheets(path: Path, limits: WorkbookLimits, search_rows: int) -> list[SheetGrid]:
    """The sheets of a workbook that `inbox.check_workbook` has passed.

    Where the fast reader needs more memory than is allowed, which one stray cell far from the table is enough for, the workbook is
    read again row by row, within what is left of the time.

    Args:
        search_rows: rows among which a header may stand; columns beyond the last one that they fill are left out.

    Raises:
        UnreadableFile: damaged, or beyond the limits.
    """
    deadline = time.monotonic() + limits.seconds
    ended = _run_child(path, limits, search_rows, deadline, by_rows=False)
    if ended.code == NO_MEMORY and not ended.is_late:
        ended = _run_child(path, limits, search_rows, deadline, by_rows=True)
    if ended.is_late:
        raise UnreadableFile(
            f"reading the workbook takes longer than {limits.seconds:g} s (workbook_limits in imports.yaml); "
            "save the table alone in a new workbook, or as CSV"
        )
    if ended.code == NO_MEMORY:
        raise UnreadableFile(
            f"reading the workbook needs more than {limits.memory_mib} MiB of memory (workbook_limits in imports.yaml); "
            "save the table alone in a new workbook, or as CSV"
        )
    if ended.code == REFUSED:
        raise UnreadableFile(ended.reason)
    if ended.code != 0:
        raise UnreadableFile(f"the workbook is damaged (its reader ended with {_death(ended.code)})")
    if len(ended.output) > LARGEST_RESULT:
        raise UnreadableFile(f"the workbook holds more than {LARGEST_RESULT // MIB} MiB of text")
    return list(_unpacked(ended.output))


def _run_child(path: Path, limits: WorkbookLimits, search_rows: int, deadline: float, *, by_rows: bool) -> _Ended:
    started = time.monotonic()
    options = {"memory_mib": limits.memory_mib, "seconds": limits.seconds, "search_rows": search_rows, "by_rows": by_rows}
    # -P keeps the current folder, which may be anybody's, out of the child's modules
    command = [sys.executable, "-P", "-s", "-m", workbook_child.__name__, str(path.resolve()), json.dumps(options)]
    with tempfile.TemporaryFile() as last_words:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=last_words,
            # Arrow's own allocators reserve memory that they do not use, which would count
            env=child_environment() | {"ARROW_DEFAULT_MEMORY_POOL": "system", "OMP_NUM_THREADS": "1"},
            start_new_session=True,
        )
        is_late = threading.Event()
        timer = threading.Timer(max(0.0, deadline - started), _kill, (process, is_late))
        timer.start()
        try:
            assert process.stdout is not None
            output = process.stdout.read(LARGEST_RESULT + 1)
            process.stdout.close()
        finally:
            process.wait()
            timer.cancel()
        last_words.seek(0)
        reason, _, peak = last_words.read(MIB).decode(errors="replace").partition(PEAK_MARK)
    # missing where the child died, or the system does not tell
    peak_mib = int(peak) // 1024 if peak.strip().isdigit() else None
    code = NO_MEMORY if _is_short_of_memory(process.returncode, reason) else process.returncode
    log.info("workbook reader: exit code %d after %.2f s, %s MiB at its peak", code, time.monotonic() - started, peak_mib)
    return _Ended(code, output, reason.strip()[-_LONGEST_REASON:], is_late.is_set(), peak_mib)


def _kill(process: "subprocess.Popen[bytes]", is_late: threading.Event) -> None:
    is_late.set()
    if os.name == "posix":
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()


def _is_short_of_memory(code: int, reason: str) -> bool:
    """A library in Rust or C++ aborts where Python would raise."""
    return code == NO_MEMORY or (
        code not in (0, REFUSED) and any(text in reason for text in ("memory allocation of", "bad_alloc", "MemoryError"))
    )


def _death(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"


def _unpacked(output: bytes) -> Iterator[SheetGrid]:
    import pandas as pd
    import pyarrow as pa

    source = io.BytesIO(output)
    while source.tell() < len(output):
        with pa.ipc.open_stream(source) as stream:
            about = json.loads(stream.schema.metadata[b"sheet"])
            table = stream.read_all()
        columns = {position: pd.Series(table.column(position), dtype="str") for position in range(table.num_columns)}
        yield SheetGrid(about["name"], about["is_visible"], pd.DataFrame(columns, index=range(about["rows"])))
