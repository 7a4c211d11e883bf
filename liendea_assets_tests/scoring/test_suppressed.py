from pathlib import Path

import dagster as dg
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from liendea_assets.core.clock import to_text
from liendea_assets.core.errors import SettingsError
from liendea_assets.core.home import Home
from liendea_assets.core.keyed_hash import load_key
from liendea_assets.db.connection import Database
from liendea_assets.scoring import assets, rescore, store, suppressed_store, target_store
from liendea_assets.scoring.settings import ScoringSettings
from liendea_assets.scoring.suppressed import exclude_suppressed
from liendea_assets.scoring.suppression_list import ADDRESS, DOMAIN, KEY_CHECK, PROFILE, SuppressionList, suppression_hash
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.contacts import CREATED_AT, add_contact, change_contact


@pytest.fixture
def key_path(tmp_path: Path) -> Path:
    return tmp_path / "secret.key"


def suppress(db: Database, key_path: Path, kind: str, value: str) -> None:
    key = load_key(key_path)
    for entry in ((DOMAIN, KEY_CHECK), (kind, value)):
        row = {"kind": entry[0], "key_hash": suppression_hash(key, *entry), "reason": "asked for it", "created_at": CREATED_AT}
        db.table("suppressions").insert(row, ignore=True)


def score(db: Database, clock: VirtualClock, key_path: Path) -> rescore.Rescored:
    clock.sleep(60)
    exclude_suppressed(db, key_path)
    return rescore.rescore(db, ScoringSettings(), to_text(clock.now()))


def scored(db: Database) -> list[int]:
    return [int(contact_id) for contact_id in store.read_scores(db)["contact_id"]]


@pytest.mark.parametrize(
    ("kind", "value"), [(ADDRESS, "robin.weaver.1@acmelabs.example"), (DOMAIN, "acmelabs.example"), (PROFILE, "robin-weaver-1")]
)
def test_who_is_suppressed_has_no_score(db: Database, clock: VirtualClock, key_path: Path, kind: str, value: str) -> None:
    add_contact(db, 1)
    add_contact(db, 2, work_email="alex@other.example")
    suppress(db, key_path, kind, value)
    score(db, clock, key_path)
    assert scored(db) == [2]
    assert store.count_unscored(db) == 0


def test_who_is_suppressed_later_leaves_scores_and_targets_at_once(home: Home, db: Database, clock: VirtualClock) -> None:
    for contact_id in (1, 2):
        add_contact(db, contact_id)
    assets.icp_scores(home=home, database=db, clock=clock)
    assets.icp_targets(home=home, database=db, clock=clock)
    version = store.content_version(db)
    suppress(db, home.data / "secret.key", ADDRESS, "robin.weaver.1@acmelabs.example")
    assert exclude_suppressed(db, home.data / "secret.key") == 1
    assert scored(db) == [2]
    assert target_store.read_targets(db)["contact_id"].tolist() == [2]
    assert store.content_version(db) != version
    clock.sleep(60)
    result = assets.icp_scores(home=home, database=db, clock=clock)
    assert isinstance(result, dg.MaterializeResult)
    assert all(check.passed for check in result.check_results or [])
    assert scored(db) == [2]


def test_whose_former_address_is_suppressed_has_no_score(db: Database, clock: VirtualClock, key_path: Path) -> None:
    add_contact(db, 1)
    answer = {"contact_id": 1, "source": "reach", "work_email": "robin@old.example", "outcome": "hit", "answered_at": CREATED_AT}
    db.table("contact_enrichment").insert({**answer, "last_enriched": CREATED_AT})
    suppress(db, key_path, ADDRESS, "robin@old.example")
    score(db, clock, key_path)
    assert scored(db) == []


def test_an_address_that_comes_later_is_looked_at(db: Database, clock: VirtualClock, key_path: Path) -> None:
    """Only the contacts of whom it became known, not everybody."""
    for contact_id in range(1, 11):
        add_contact(db, contact_id)
    suppress(db, key_path, ADDRESS, "robin@hidden.example")
    score(db, clock, key_path)
    assert len(scored(db)) == 10
    change_contact(db, 3, work_email="robin@hidden.example")
    assert suppressed_store.read_due(db)[1] == [3]
    score(db, clock, key_path)
    assert 3 not in scored(db)
    assert suppressed_store.read_due(db)[1] == []


def test_who_is_suppressed_stays_so_once_the_address_is_known_no_more(db: Database, clock: VirtualClock, key_path: Path) -> None:
    """A provider's newer answer replaces the former one."""
    for contact_id in (1, 2):
        add_contact(db, contact_id)
    suppress(db, key_path, ADDRESS, "robin.weaver.1@acmelabs.example")
    score(db, clock, key_path)
    change_contact(db, 1, work_email="robin@new.example")
    score(db, clock, key_path)
    assert scored(db) == [2]
    suppress(db, key_path, ADDRESS, "somebody@else.example")
    score(db, clock, key_path)
    assert scored(db) == [2]


def test_an_entry_that_goes_brings_the_score_back(db: Database, clock: VirtualClock, key_path: Path) -> None:
    for contact_id in range(1, 11):
        add_contact(db, contact_id)
    suppress(db, key_path, ADDRESS, "robin.weaver.1@acmelabs.example")
    score(db, clock, key_path)
    db.table("suppressions").delete_where("kind = 'address'")
    found = score(db, clock, key_path)
    assert (found.scored, found.first) == (1, 1)
    assert 1 in scored(db)


def test_suppressed_count_for_no_account(db: Database, clock: VirtualClock, key_path: Path) -> None:
    db.table("companies").insert({"id": 5, "name": "Acme", "created_at": "t", "updated_at": "t"})
    for contact_id in (1, 2):
        add_contact(db, contact_id, company_id=5)
    suppress(db, key_path, PROFILE, "robin-weaver-2")
    score(db, clock, key_path)
    assert store.read_contacts(db, None, ["company_id"])["contact_id"].tolist() == [1]


def test_nothing_suppressed_costs_no_look_and_no_key(db: Database, clock: VirtualClock, key_path: Path) -> None:
    add_contact(db, 1)
    assert exclude_suppressed(db, key_path) == 0
    assert suppressed_store.read_due(db) == (0, [])
    assert not key_path.exists()


def test_another_key_stops_the_scores(home: Home, db: Database, clock: VirtualClock) -> None:
    """A gate that cannot decide blocks."""
    add_contact(db, 1)
    suppress(db, home.data / "secret.key", PROFILE, "robin-weaver-1")
    (home.data / "secret.key").unlink()
    with pytest.raises(SettingsError, match="is not the key"):
        assets.icp_scores(home=home, database=db, clock=clock)


@hypothesis_settings(max_examples=10)
@given(st.sets(st.sampled_from(["a@x.example", "b@x.example", "c@sub.y.example"])), st.sets(st.sampled_from(["x.example", "y.example"])))
def test_columns_find_whom_one_by_one_finds(addresses: set[str], domains: set[str]) -> None:
    key = bytes(range(32))
    entries = [(DOMAIN, KEY_CHECK), *((ADDRESS, address) for address in addresses), *((DOMAIN, domain) for domain in domains)]
    suppressed = SuppressionList(key, [(kind, suppression_hash(key, kind, value)) for kind, value in entries])
    emails = ["a@x.example", "B@x.example", "c@sub.y.example", None]
    known = pd.DataFrame({"contact_id": [1, 2, 3, 4], "work_email": emails, "linkedin_url": [None] * 4}, dtype=object)
    singly = {id_: reason for id_, email in enumerate(emails, start=1) if (reason := suppressed.reason({"work_email": email}))}
    assert suppressed.find(known) == singly
