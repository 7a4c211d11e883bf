"""Twenty thousand invented people in one spreadsheet: who is one is found, and nobody is joined wrongly."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from benchmarks import world
from liendea_assets.db.migrations import open_migrated
from liendea_assets.imports import landing
from liendea_assets.imports.companies import update_companies
from liendea_assets.imports.people import update_contacts
from liendea_assets.imports.settings import ImportSettings
from liendea_assets_tests.conftest import VirtualClock

pytestmark = pytest.mark.soak


@pytest.mark.parametrize("seed", [11, 12])
def test_in_a_large_world_nobody_is_joined_wrongly_and_hardly_anybody_is_missed(
    tmp_path: Path, import_settings: ImportSettings, clock: VirtualClock, seed: int
) -> None:
    rows, people = world.make_rows(43_000, seed)
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    world.write_csv(rows, inbox / "people.csv")
    db = open_migrated(tmp_path / "liendea.db")
    landing.take_in(db, inbox, ("gtm_csv",), import_settings, clock, lambda _done, _total: None)
    update_companies(db, import_settings, clock)
    update_contacts(db, import_settings, clock)

    found = db.conn.execute(
        "SELECT g.row_number, s.contact_id FROM gtm_rows g JOIN contact_sources s ON s.source = 'gtm' AND s.row_id = g.id"
    )
    pairs = [(int(people[row - 1]), contact) for row, contact in map(tuple, found)]
    right, made, true = (_pairs(groups) for groups in (pairs, (contact for _, contact in pairs), (person for person, _ in pairs)))
    assert len({person for person, _ in pairs}) > 19_000
    assert right / made >= 0.9995
    assert right / true >= 0.992
    db.conn.close()


def _pairs(groups: Iterable[object]) -> int:
    return sum(size * (size - 1) // 2 for size in Counter(groups).values())
