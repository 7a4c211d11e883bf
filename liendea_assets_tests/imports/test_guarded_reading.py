"""The process that parses workbooks: its limits, its death, and what it is told."""

import logging
import os
import re
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from openpyxl import Workbook

from liendea_assets.core.errors import UnreadableFile
from liendea_assets.imports import workbook_child
from liendea_assets.imports.guarded_reading import read_sheets
from liendea_assets.imports.limits import WorkbookLimits
from liendea_assets_tests.builders import gtm_row, make_workbook
from liendea_assets_tests.imports.hostile import HOSTILE

LIMITS = WorkbookLimits(seconds=60)
LEAST_MEMORY = WorkbookLimits(memory_mib=192, seconds=60)
SEARCH_ROWS = 20
needs_proc = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="Linux alone says which children there are")


def readers() -> list[int]:
    """Process ids of the readers that this process has started and that still run."""
    found = []
    for task in Path("/proc/self/task").iterdir():
        try:
            children = (task / "children").read_text().split()
        except FileNotFoundError:
            continue
        for child in children:
            try:
                command = Path(f"/proc/{child}/cmdline").read_bytes()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if workbook_child.__name__.encode() in command:
                found.append(int(child))
    return found


@contextmanager
def killing_the_reader() -> Iterator[list[int]]:
    """Kills the first reader that is started meanwhile, as the system does when memory runs out; yields whom it killed."""
    killed: list[int] = []
    until = time.monotonic() + 30

    def watch() -> None:
        while not killed and time.monotonic() < until:
            for process in readers()[:1]:
                os.kill(process, signal.SIGKILL)
                killed.append(process)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield killed
    finally:
        watcher.join()


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole table that needs more memory than the least there can be."""
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet("Data")
    for row in range(40_000):
        sheet.append([f"a text of its own in row {row} and column {column}" for column in range(10)])
    path = tmp_path_factory.mktemp("large") / "large.xlsx"
    workbook.save(path)
    return path


def test_all_cells_of_visible_sheets_come_back(tmp_path: Path) -> None:
    path = make_workbook(tmp_path / "a.xlsx", [gtm_row(), [], gtm_row(first="Ann")])

    (sheet,) = read_sheets(path, LIMITS, SEARCH_ROWS)

    assert (sheet.name, sheet.is_visible, sheet.cells.shape) == ("Data", True, (4, 12))
    assert sheet.cells[6].fillna("").tolist() == ["First Name", "Robin", "", "Ann"]


def test_a_table_beyond_the_memory_is_refused_with_what_to_do(large: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"needs more than 192 MiB of memory \(workbook_limits in imports\.yaml\); save the table"):
        read_sheets(large, LEAST_MEMORY, SEARCH_ROWS)
    assert len(read_sheets(large, LIMITS, SEARCH_ROWS)[0].cells) == 40_000


def test_a_stray_cell_far_away_costs_no_table(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The fast reader would hold 17 billion cells; the workbook is read again row by row."""
    caplog.set_level(logging.INFO)
    HOSTILE["far cell"](tmp_path)

    (sheet,) = read_sheets(tmp_path / "a.xlsx", LEAST_MEMORY, SEARCH_ROWS)

    assert sheet.cells[6].dropna().tolist() == ["First Name", "Robin", "Ann"]
    assert len(re.findall("workbook reader: exit code", caplog.text)) == 2


@needs_proc
def test_a_reader_that_takes_too_long_is_stopped_and_gone(large: Path) -> None:
    started = time.monotonic()

    with pytest.raises(UnreadableFile, match=r"takes longer than 0\.2 s \(workbook_limits in imports\.yaml\)"):
        read_sheets(large, WorkbookLimits(seconds=0.2), SEARCH_ROWS)
    assert time.monotonic() - started < 5
    assert readers() == []


@needs_proc
def test_a_reader_that_is_killed_is_told_as_a_death(tmp_path: Path) -> None:
    path = make_workbook(tmp_path / "a.xlsx", [gtm_row()])

    with killing_the_reader() as killed, pytest.raises(UnreadableFile, match=r"the workbook is damaged \(its reader ended with SIGKILL\)"):
        read_sheets(path, LIMITS, SEARCH_ROWS)
    assert len(killed) == 1
    assert readers() == []
    assert len(read_sheets(path, LIMITS, SEARCH_ROWS)) == 1


def test_a_workbook_that_changes_into_none_is_refused_by_the_reader(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"no archive")

    with pytest.raises(UnreadableFile, match=r"the workbook is damaged \(BadZipFile while opening it\)"):
        read_sheets(path, LIMITS, SEARCH_ROWS)


@needs_proc
def test_the_reader_is_told_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REACH_API_TOKEN", "a-secret")
    path = make_workbook(tmp_path / "a.xlsx", [gtm_row()])
    seen: list[bytes] = []
    is_over = threading.Event()

    def watch() -> None:
        while not is_over.is_set():
            for process in readers():
                try:
                    seen.append(Path(f"/proc/{process}/environ").read_bytes())
                except (FileNotFoundError, ProcessLookupError):
                    continue

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        read_sheets(path, LIMITS, SEARCH_ROWS)
    finally:
        is_over.set()
        watcher.join()
    assert any(b"PYTHONPATH" in environment for environment in seen)
    assert not any(b"a-secret" in environment for environment in seen)
