import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from liendea_assets.core.clock import to_text
from liendea_assets.core.settings import config_version
from liendea_assets.db.connection import Database, to_records
from liendea_assets.scoring import rescore as rescoring
from liendea_assets.scoring import store, target_store
from liendea_assets.scoring.retarget import retarget
from liendea_assets.scoring.rule_settings import Band, Component, RuleSettings
from liendea_assets.scoring.settings import ScoringSettings, TitleWeights, Weights
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.contacts import OWNER_ID, add_contact, change_contact

SHIPPED = ScoringSettings()
ACCOUNT = Component(
    name="account", rules=(RuleSettings(field="account_contacts", bands=(Band(min=2, points=10),)),
    RuleSettings(field="account_strength", bands=(Band(min=1, points=10),))),
)  # fmt: skip


def rescore(db: Database, clock: VirtualClock, settings: ScoringSettings = SHIPPED) -> str:
    """Scores and targets everybody a minute later. Returns when."""
    clock.sleep(60)
    now = to_text(clock.now())
    found = rescoring.rescore(db, settings, now)
    assert (found.unequal, found.outside) == (0, 0)
    retarget(db, settings, clock.now())
    return now


def changes(db: Database) -> list[tuple[int, int | None, int, str]]:
    rows = db.query("SELECT contact_id, old, new, cause FROM icp_score_changes ORDER BY id")
    return [(row["contact_id"], row["old"], row["new"], row["cause"]) for row in rows]


def scores(db: Database) -> list[dict[str, Any]]:
    return list(db.query("SELECT * FROM icp_scores ORDER BY contact_id"))


def detail(db: Database) -> str:
    """Of the last change."""
    return str(next(iter(db.query("SELECT detail FROM icp_score_changes ORDER BY id DESC LIMIT 1")))["detail"])


def targets(db: Database) -> list[dict[str, Any]]:
    return to_records(target_store.read_targets(db))


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
    assert [(row["icp_score"], row["score_max"], row["coverage"]) for row in scores(db)] == [(0, 100, 0.0)]


def test_first_score_is_counted_as_first_and_is_no_change(db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1)
    at = rescore(db, clock)
    assert changes(db) == []
    assert store.count_changes(db, at) == {"first": 1}


def test_same_scores_again_write_nothing(db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1, strength=7.0)
    rescore(db, clock)
    before, version, written = scores(db), store.content_version(db), db.conn.total_changes
    found = rescoring.rescore(db, SHIPPED, to_text(clock.now()))
    assert (found.scored, found.written) == (0, 0)
    assert db.conn.total_changes == written
    assert (scores(db), store.content_version(db)) == (before, version)


def test_everybody_is_looked_at_after_another_config_and_only_rows_that_differ_are_written(db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1)
    add_contact(db, 2, industry="Mining")
    rescore(db, clock)
    clock.sleep(60)
    found = rescoring.rescore(db, ScoringSettings(target_industries=("Software",)), to_text(clock.now()))
    assert (found.scored, found.written) == (2, 0)
    found = rescoring.rescore(db, ScoringSettings(target_industries=("Mining",)), to_text(clock.now()))
    assert (found.scored, found.written) == (2, 2)


def test_only_contacts_whose_data_changed_are_looked_at(db: Database, clock: VirtualClock) -> None:
    for contact_id in range(1, 11):
        add_contact(db, contact_id)
    rescore(db, clock)
    change_contact(db, 3, title="Sales Manager")
    change_contact(db, 4, work_phone="+1 202 555 0100")
    found = rescoring.rescore(db, SHIPPED, to_text(clock.now()))
    assert (found.scored, found.written) == (1, 1)


def test_a_tie_that_comes_and_goes_is_seen(db: Database, clock: VirtualClock) -> None:
    for contact_id in range(1, 11):
        add_contact(db, contact_id, strength=5.0 if contact_id == 1 else None)
    rescore(db, clock)
    db.conn.execute("UPDATE linkedin_connections SET is_current = 0 WHERE contact_id = 1")
    rescore(db, clock)
    assert changes(db) == [(1, 95, 90, "data")]


def test_part_scoring_gives_what_scoring_everybody_gives(db: Database, clock: VirtualClock) -> None:
    for contact_id in range(1, 21):
        add_contact(db, contact_id, strength=contact_id / 3 if contact_id % 2 else None, growth_rate=contact_id / 60)
    settings = ScoringSettings(components=(ACCOUNT,), weights=Weights(title=TitleWeights(decision_maker=5, influencer=0)))
    rescore(db, clock, settings)
    for contact_id in range(1, 5):
        company = {"id": 50 + contact_id, "name": f"C{contact_id}", "created_at": "t", "updated_at": "t"}
        db.table("companies").insert(company)
        change_contact(db, contact_id, company_id=51 if contact_id < 3 else 53, title="Chief of Staff")
        rescore(db, clock, settings)
    by_parts = [{name: value for name, value in row.items() if name != "scored_at"} for row in scores(db)]
    db.conn.execute("DELETE FROM icp_score_rows")
    db.conn.execute("UPDATE icp_scoring_runs SET rules_version = 'other'")
    rescore(db, clock, settings)
    assert [{name: value for name, value in row.items() if name != "scored_at"} for row in scores(db)] == by_parts


def test_other_data_are_recorded_with_the_field_and_both_values(db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1)
    add_contact(db, 2)
    rescore(db, clock)
    change_contact(db, 1, title="Sales Manager")
    at = rescore(db, clock)
    assert changes(db) == [(1, 90, 80, "data")]
    assert store.count_changes(db, at) == {"data": 1}
    (piece,) = json.loads(detail(db))
    assert (piece["field"], piece["old"], piece["new"]) == ("title", 25, 15)
    assert (piece["old_value"], piece["new_value"], piece["cause"], piece["keys"]) == ("VP Sales", "Sales Manager", ["data"], [])


def test_other_config_is_recorded_with_its_keys(db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1)
    rescore(db, clock)
    settings = ScoringSettings(target_industries=("Mining",), minimum_score=40)
    at = rescore(db, clock, settings)
    assert changes(db) == [(1, 90, 65, "config")]
    assert {row["config_version"] for row in scores(db)} == {config_version(settings)}
    assert store.count_changes(db, at) == {"config": 1}
    (piece,) = json.loads(detail(db))
    assert (piece["part"], piece["cause"], piece["keys"]) == ("industry", ["config"], ["target_industries"])
    assert store.read_config(db, config_version(SHIPPED)) == SHIPPED.model_dump(mode="json")


def test_data_and_config_at_once_are_both_told(db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1)
    rescore(db, clock)
    change_contact(db, 1, title="Sales Manager")
    rescore(db, clock, ScoringSettings(target_industries=("Mining",)))
    assert changes(db) == [(1, 90, 55, "both")]
    assert {piece["part"]: piece["cause"] for piece in json.loads(detail(db))} == {"title": ["data"], "industry": ["config"]}


def test_other_config_that_changes_no_score_is_no_change_but_the_scores_name_it(db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1)
    rescore(db, clock)
    settings = ScoringSettings(minimum_score=51)
    rescore(db, clock, settings)
    assert changes(db) == []
    assert [row["config_version"] for row in scores(db)] == [config_version(settings)]


def test_contact_who_is_gone_has_no_score(db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1)
    add_contact(db, 2)
    rescore(db, clock)
    db.table("enriched_contacts").delete(1)
    rescore(db, clock)
    assert store.read_scores(db)["contact_id"].tolist() == [2]
    assert [target["contact_id"] for target in targets(db)] == [2]


def test_a_score_that_is_not_the_sum_of_its_stored_parts_is_found(db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1)
    rescore(db, clock)
    (row,) = list(db.table("icp_score_rows").rows)
    first = np.array([0])
    numbers = [(np.array([part_id]), first) for part_id in json.loads(row["part_ids"])]
    assert rescoring.count_unequal(db.conn, pd.DataFrame({"icp_score": [90]}), numbers) == 0
    assert rescoring.count_unequal(db.conn, pd.DataFrame({"icp_score": [91]}), numbers) == 1
    assert rescoring.count_unequal(db.conn, pd.DataFrame({"icp_score": [90]}), [*numbers, (np.array([999]), first)]) == 1


def test_wrong_scores_are_not_kept(db: Database, clock: VirtualClock) -> None:
    """A part that says something else than it was made for: nothing is written, and the next run has it still to do."""
    add_contact(db, 1)
    rescore(db, clock)
    before = scores(db)
    change_contact(db, 1, title="Sales Manager")
    spoil = "UPDATE icp_score_parts SET content = replace(content, '\"points\": 15', '\"points\": 14') WHERE points = 15"
    db.conn.execute(f"CREATE TEMP TRIGGER spoil AFTER INSERT ON icp_scoring_runs BEGIN {spoil}; END")
    assert rescoring.rescore(db, SHIPPED, to_text(clock.now())).unequal == 1
    assert scores(db) == before
    db.conn.execute("DROP TRIGGER spoil")
    rescore(db, clock)
    assert changes(db) == [(1, 90, 80, "data")]


def test_parts_that_nobody_has_any_more_are_forgotten(db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1, title="VP of a long gone past")
    rescore(db, clock)
    change_contact(db, 1, title="CEO")
    rescore(db, clock)
    assert not [row for row in db.table("icp_score_parts").rows if "long gone" in row["content"]]


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
    rescore(db, clock)
    first, scored = target_store.read_targets(db)[columns], store.read_scores(db).drop(columns="scored_at")
    rescore(db, clock, ScoringSettings(target_industries=("Mining",), minimum_score=90))
    assert target_store.read_targets(db)["contact_id"].tolist() != first["contact_id"].tolist()
    rescore(db, clock)
    pd.testing.assert_frame_equal(target_store.read_targets(db)[columns], first)
    pd.testing.assert_frame_equal(store.read_scores(db).drop(columns="scored_at"), scored)
