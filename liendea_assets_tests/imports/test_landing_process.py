"""Rows that another process normalises are the same rows, and nothing of it is left behind."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from liendea_assets.core.errors import TransientError
from liendea_assets.imports.landing_process import WORTH_AN_EARLY_START, LandingProcess, early_process, land_tables
from liendea_assets.imports.landing_slices import ROWS_AT_ONCE, Lander, Table
from liendea_assets.imports.model import SourcePart
from liendea_assets.imports.settings import ImportSettings

FIELDS = ("full_name", "title", "work_email", "growth_rate")


def table(rows: int) -> Table:
    """People with a number each; every third has no name, every fifth an odd address."""
    numbers = pd.Series(range(rows)).astype("str")
    cells = {
        0: ("Robin Weaver " + numbers).where(pd.Series(range(rows)) % 3 != 0).astype("str"),
        1: pd.Series("VP", index=range(rows), dtype="str"),
        2: ("robin" + numbers + "@acme.example").mask(pd.Series(range(rows)) % 5 == 0, "odd").astype("str"),
        3: pd.Series("1.5", index=range(rows), dtype="str"),
    }
    part = SourcePart("Data", FIELDS, dict(enumerate(FIELDS)), pd.DataFrame(cells), pd.Series(range(2, rows + 2)), blank=0)
    return Table(part, None, in_percent=True)


@pytest.fixture
def lander(import_settings: ImportSettings) -> Lander:
    return Lander("gtm_csv", "people.csv", import_settings)


def test_another_process_lands_the_same_rows_in_the_same_order(lander: Lander) -> None:
    tables = [table(ROWS_AT_ONCE + 7), table(0), table(3)]

    here, there = (list(land_tables(tables, lander, least_rows=least_rows)) for least_rows in (10**9, 1))

    assert [len(one.landed.rows) for one in there] == [ROWS_AT_ONCE, 7, 0, 3]
    for one, other in zip(here, there, strict=True):
        pd.testing.assert_frame_equal(one.landed.rows, other.landed.rows)
        pd.testing.assert_frame_equal(one.landed.rejections, other.landed.rejections)
        pd.testing.assert_frame_equal(one.keys, other.keys)


def test_process_that_was_started_early_lands_them_and_ends_with_the_block(lander: Lander) -> None:
    tables = [table(ROWS_AT_ONCE + 7), table(3)]

    with early_process(WORTH_AN_EARLY_START) as process:
        assert process is not None
        early = list(land_tables(tables, lander, process, least_rows=1))

    for one, other in zip(early, map(lander.land, [part for whole in tables for part in whole.slices()]), strict=True):
        pd.testing.assert_frame_equal(one.landed.rows, other.landed.rows)
        pd.testing.assert_frame_equal(one.keys, other.keys)
    assert not is_running(process.pid)


def test_none_is_started_for_a_text_of_few_rows_nor_stays_where_it_was_not_needed(lander: Lander) -> None:
    with early_process(WORTH_AN_EARLY_START - 1) as process:
        assert process is None

    with early_process(WORTH_AN_EARLY_START) as unused:
        assert unused is not None
        list(land_tables([table(3)], lander, unused))
    assert not is_running(unused.pid)


def test_what_goes_wrong_there_is_raised_here(lander: Lander) -> None:
    good = table(1)
    broken = replace(good, part=replace(good.part, cells=good.part.cells.drop(columns=0)))

    with LandingProcess() as process, pytest.raises(KeyError):
        list(process.land(lander, [broken]))


def test_a_process_that_is_killed_is_no_fault_of_the_file(lander: Lander) -> None:
    with LandingProcess() as process:
        os.kill(process.pid, signal.SIGKILL)

        with pytest.raises(TransientError, match="exit code -9"):
            list(process.land(lander, [table(10), table(10), table(10)]))


def test_it_never_outlives_the_one_that_started_it() -> None:
    starts_one = (
        "import os, signal\n"
        "from liendea_assets.imports.landing_process import LandingProcess\n"
        "from liendea_assets.imports.landing_slices import Lander\n"
        "from liendea_assets.core.home import Home, default_config\n"
        "from liendea_assets.core.settings import load_settings\n"
        "from liendea_assets.imports.settings import ImportSettings\n"
        "settings = load_settings(ImportSettings, Home(default_config().parent), 'imports.yaml')\n"
        "print(LandingProcess().pid, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    child = int(subprocess.run([sys.executable, "-c", starts_one], check=False, capture_output=True, text=True).stdout)

    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and is_running(child):
        time.sleep(0.05)
    assert not is_running(child)


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # one that nobody has waited for yet is dead all the same
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
