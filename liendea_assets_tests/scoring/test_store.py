from typing import Any

import pandas as pd
import pytest

from liendea_assets.core.clock import to_text
from liendea_assets.db.connection import Database, to_records
from liendea_assets.scoring import store
from liendea_assets.scoring.score import score_contacts
from liendea_assets.scoring.settings import ScoringSettings
from liendea_assets.scoring.targets import select_targets
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.contacts import OWNER_ID, add_contact, change_contact

SHIPPED = ScoringSettings()


def rescore(db: Database, clock: VirtualClock, version: str = "v1", settings: ScoringSettings = SHIPPED) -> str:
    """Scores and targets everybody a minute later. Returns when."""
    clock.sleep(60)
    now = to_text(clock.now())
    store.store_scores(db, score_contacts(store.read_contacts(db), settings), version, now)
    store.store_targets(db, select_targets(store.read_scores(db), store.read_contacts(db), settings.minimum_score), now)
    return now


def changes(db: Database) -> list[tuple[int, int | None, int, str]]:
    rows = db.query("SELECT contact_id, old, new, cause FROM icp_score_changes ORDER BY id")
    return [(row["contact_id"], row["old"], row["new"], row["cause"]) for row in rows]


def targets(db: Database) -> list[dict[str, Any]]:
    return to_records(store.read_targets(db))


def test_strongest_tie_is_read_once_and_a_lack_of_ties_is_unknown(db: Database) -> None:
    add_contact(db, 1, strength=3.5)
    add_contact(db, 2)
    add_contact(db, 901, is_owner=1)
    db.table("linkedin_connections").insert({"contact_id": 1, "connected_to_id": 901, "connection_degree": 1, "strength": 8.0})
    read = {row["contact_id"]: row["connection_strength"] for row in to_records(store.read_contacts(db))}
    assert read == {1: 8.0, 2: None, OWNER_ID: None, 901: None}


def test_what_is_known_of_nobody_scores_nothing(db: Database, clock: VirtualClock) -> None:
    """A column without any value has no type of its own."""
    add_contact(db, 1, title=None, industry=None, employee_count=None, growth_rate=None)
    rescore(db, clock)
    assert [(row["icp_score"], row["score_max"], row["coverage"]) for row in db.table("icp_scores").rows] == [(0, 100, 0.0)]


def test_first_score_is_recorded_as_first(db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1)
    at = rescore(db, clock)
    assert changes(db) == [(1, None, 90, "first")]
    assert store.count_changes(db, at) == {"first": 1}


def test_same_scores_again_write_nothing(db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1, strength=7.0)
    rescore(db, clock)
    before, written = list(db.table("icp_scores").rows), db.conn.total_changes
    now = to_text(clock.now())
    store.store_scores(db, score_contacts(store.read_contacts(db), SHIPPED), "v1", now)
    # what is left are the rows that are staged in a temporary table
    assert db.conn.total_changes - written <= len(before)
    assert list(db.table("icp_scores").rows) == before
    assert len(changes(db)) == 2


def test_other_data_are_recorded_as_data_with_the_former_parts(db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1)
    add_contact(db, 2)
    rescore(db, clock)
    change_contact(db, 1, title="Sales Manager")
    at = rescore(db, clock)
    assert changes(db)[2:] == [(1, 90, 80, "data")]
    assert store.count_changes(db, at) == {"data": 1}
    detail = next(iter(db.query("SELECT detail FROM icp_score_changes ORDER BY id DESC LIMIT 1")))["detail"]
    assert "VP Sales" in detail


def test_other_config_is_recorded_as_config(db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1)
    rescore(db, clock)
    at = rescore(db, clock, "v2", ScoringSettings(target_industries=("Mining",)))
    assert changes(db)[1:] == [(1, 90, 65, "config")]
    assert {row["config_version"] for row in db.table("icp_scores").rows} == {"v2"}
    assert store.count_changes(db, at) == {"config": 1}


def test_other_config_that_changes_no_score_is_no_change_but_the_scores_name_it(db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1)
    rescore(db, clock)
    rescore(db, clock, "v2")
    assert changes(db) == [(1, None, 90, "first")]
    assert [row["config_version"] for row in db.table("icp_scores").rows] == ["v2"]


def test_contact_who_is_gone_has_no_score(db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1)
    add_contact(db, 2)
    rescore(db, clock)
    db.table("enriched_contacts").delete(1)
    rescore(db, clock)
    assert store.read_scores(db)["contact_id"].tolist() == [2]
    assert [target["contact_id"] for target in targets(db)] == [2]


def test_failing_write_leaves_the_former_scores(db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1)
    rescore(db, clock)
    before = list(db.table("icp_scores").rows)
    wrong = score_contacts(store.read_contacts(db), SHIPPED).assign(icp_score=101)
    with pytest.raises(Exception, match="CHECK constraint failed"):
        store.store_scores(db, wrong, "v2", to_text(clock.now()))
    assert list(db.table("icp_scores").rows) == before
    # and the next one finds nothing left over
    rescore(db, clock, "v2")


def test_target_who_stays_keeps_id_and_date_and_gets_the_new_score(db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1)
    add_contact(db, 2)
    rescore(db, clock)
    before = {target["contact_id"]: target for target in targets(db)}
    change_contact(db, 1, title="Sales Manager")
    rescore(db, clock)
    after = {target["contact_id"]: target for target in targets(db)}
    assert [after[1][name] for name in ("id", "created_at")] == [before[1][name] for name in ("id", "created_at")]
    assert (before[1]["icp_score"], after[1]["icp_score"]) == (90, 80)
    assert 'influencer by "Manager"' in str(after[1]["targeting_reason"])
    assert after[2] == before[2]


@pytest.mark.parametrize("status", ["engaged", "responded"])
def test_status_that_outreach_advanced_is_kept(db: Database, clock: VirtualClock, status: str) -> None:
    add_contact(db, 1)
    rescore(db, clock)
    db.table("icp_targets").update(targets(db)[0]["id"], {"status": status})
    rescore(db, clock)
    assert targets(db)[0]["status"] == status


def test_target_whom_a_provider_finds_becomes_enriched(db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1)
    rescore(db, clock)
    assert targets(db)[0]["status"] == "identified"
    db.table("contact_enrichment").insert(
        {"contact_id": 1, "source": "reach", "outcome": "hit", "cost": 1.0, "last_enriched": "x", "answered_at": "x"}
    )
    rescore(db, clock)
    assert targets(db)[0]["status"] == "enriched"


def test_target_below_the_minimum_leaves(db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1)
    add_contact(db, 2)
    rescore(db, clock)
    change_contact(db, 1, title=None, industry=None)
    rescore(db, clock)
    assert [target["contact_id"] for target in targets(db)] == [2]


def test_the_team_is_scored_and_never_targeted(db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1, strength=5.0)
    rescore(db, clock)
    assert OWNER_ID in store.read_scores(db)["contact_id"].tolist()
    assert [target["contact_id"] for target in targets(db)] == [1]


def test_config_there_and_back_gives_the_same_targets(db: Database, clock: VirtualClock) -> None:
    for contact_id, title in enumerate(["CEO", "Sales Manager", "Chef", "VP Sales", None], start=1):
        add_contact(db, contact_id, title=title, industry="Software" if contact_id % 2 else "Mining")
    columns = ["contact_id", "icp_score", "targeting_reason", "status", "priority"]
    rescore(db, clock, "a")
    first, scores = store.read_targets(db)[columns], store.read_scores(db).drop(columns="scored_at")
    rescore(db, clock, "b", ScoringSettings(target_industries=("Mining",), minimum_score=90))
    assert store.read_targets(db)["contact_id"].tolist() != first["contact_id"].tolist()
    rescore(db, clock, "a")
    pd.testing.assert_frame_equal(store.read_targets(db)[columns], first)
    pd.testing.assert_frame_equal(store.read_scores(db).drop(columns="scored_at"), scores)
