"""Each hostile file through the real import, with a healthy one beside it."""

import logging
import os
import re
import time
from pathlib import Path

import pytest

from liendea_assets.db.migrations import open_migrated
from liendea_assets.imports import file_account_store, store
from liendea_assets.imports.companies import update_companies
from liendea_assets.imports.landing import take_in
from liendea_assets.imports.people import update_contacts
from liendea_assets.imports.settings import ImportSettings
from liendea_assets_tests.builders import GTM_HEADER, csv_text, gtm_row
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.imports.hostile import HOSTILE, NO_FILES

KINDS = ("gtm_workbook", "linkedin_export", "gtm_csv", "merge_decisions", "unknown")
# of work, by the import and the processes that read for it: on a busy machine the same work takes longer
LONGEST_S = 10.0
LONGEST_WAIT_S = 60.0
HEALTHY = ["" if cell is None else str(cell) for cell in gtm_row(first="Healthy", last="Neighbour")]
# what Linux counts as a process's memory includes code that processes share
MOST_MIB = 512


def test_the_set_is_as_large_as_it_is_meant_to_be() -> None:
    assert len(HOSTILE) >= 60


def worked_s() -> float:
    """Seconds of processor time that this process and those that it waited for have used."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_every_row_is_accounted_for_or_one_reason_says_why_not(
    name: str, tmp_path: Path, import_settings: ImportSettings, caplog: pytest.LogCaptureFixture
) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    HOSTILE[name](inbox)
    (inbox / "zz healthy.csv").write_text(csv_text([GTM_HEADER, HEALTHY]), encoding="utf-8")
    caplog.set_level(logging.INFO, "liendea_assets.imports.guarded_reading")
    db = open_migrated(tmp_path / "test.db")
    started, worked_before = time.monotonic(), worked_s()
    take_in(db, inbox, KINDS, import_settings, VirtualClock(), lambda done, total: None)
    took, worked = time.monotonic() - started, worked_s() - worked_before
    files = {row["name"]: dict(row) for row in db.conn.execute("SELECT * FROM import_files")}
    update_companies(db, import_settings, VirtualClock())
    update_contacts(db, import_settings, VirtualClock())
    assert file_account_store.miscounted_files(db) == []
    assert store.count_duplicate_contacts(db) == 0
    db.conn.close()

    healthy = files.pop("zz healthy.csv")
    assert (healthy["error"], healthy["pending"]) == (None, 1)
    assert worked < LONGEST_S
    assert took < LONGEST_WAIT_S
    assert all(int(peak) <= MOST_MIB for peak in re.findall(r"(\d+) MiB at its peak", caplog.text))
    assert len(files) == (0 if name in NO_FILES else 1)
    for file in files.values():
        if file["error"] is None:
            assert file["rows"] == file["pending"] + file["rejected"] + file["blank"] > 0
        else:
            assert re.match(r"[a-zA-Z].{15,}", file["error"], re.DOTALL)
            assert "Robin" not in file["error"]
            assert "an error in LIENDEA" not in file["error"]
        kept = list((tmp_path / "archive").rglob(f"{file['sha256']}*"))
        apart = list((tmp_path / "quarantine").glob(f"{file['sha256']}.txt"))
        assert bool(apart) == (file["error"] is not None)
        assert kept or file["error"] is not None
