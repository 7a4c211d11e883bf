"""Runs of 1,000 contacts, killed at random: nobody whose answer is stored is asked about again, and no answer is lost."""

import logging
import os
from pathlib import Path

import pytest

from liendea_assets_tests.enrichment.kills import kill_and_start_again

pytestmark = pytest.mark.soak
log = logging.getLogger(__name__)

KILLS = int(os.environ.get("SOAK_ENRICHMENT_KILLS", "100"))


def test_killed_runs_of_a_thousand_contacts_end_complete(tmp_path: Path) -> None:
    figures = kill_and_start_again(tmp_path, people=1_000, batch_size=5, kills=KILLS, longest_s=0.7)
    log.info(
        "%d kills, %d arrivals, %d ended and %d broken-off rows of the ledger, %d people asked about once more",
        *(figures.kills, figures.arrivals, figures.ended, figures.broken_off, figures.again),
    )
    assert figures.kills == KILLS
