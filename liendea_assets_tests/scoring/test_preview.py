"""What a preview tells is what a run then does, and the preview itself writes nothing."""

import json
import random
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from liendea_assets.core.clock import from_text, to_text
from liendea_assets.db.connection import Database, read_frame, to_records
from liendea_assets.db.migrations import open_migrated
from liendea_assets.scoring import account_store
from liendea_assets.scoring.account_scores import score_accounts
from liendea_assets.scoring.account_settings import AccountSettings, Condition, Segment
from liendea_assets.scoring.preview import ScoringPreview, preview_config
from liendea_assets.scoring.rescore import rescore
from liendea_assets.scoring.retarget import retarget
from liendea_assets.scoring.rule_settings import Band, Cap, Component, Disqualifier, RuleSettings, ValueList
from liendea_assets.scoring.settings import IndustryWeights, ScoringSettings, TitleWeights, Weights
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.contacts import CREATED_AT, OWNER_ID, add_contact, change_contact

SHIPPED = ScoringSettings()
OTHER_WEIGHT = ScoringSettings(weights=Weights(industry=IndustryWeights(target=20, secondary=15)))
CANDIDATES = (
    OTHER_WEIGHT,
    ScoringSettings(weights=Weights(title=TitleWeights(decision_maker=10, influencer=15))),
    ScoringSettings(minimum_score=70),
    ScoringSettings(priority_lines=(90, 70, 40, 20), target_industries=("Media",)),
    ScoringSettings(disqualifiers=(Disqualifier(name="rival", field="company_domain", any_of=("rival.example",), reason="a rival"),)),
    ScoringSettings(
        components=(
            Component(
                name="market",
                cap=Cap(max=12, min=-5),
                rules=(
                    RuleSettings(field="country", values=(ValueList(any_of=("DE",), points=10), ValueList(any_of=("FR",), points=-20))),
                    RuleSettings(field="account_contacts", bands=(Band(min=3, points=8),)),
                ),
            ),
        )
    ),
)


def make_world(db: Database, count: int, seed: int) -> random.Random:
    rng = random.Random(seed)
    for number in range(1, count + 1):
        add_contact(db, number, strength=rng.choice([None, None, 3.5, 9.0]), has_answer=rng.random() < 0.3, **facts(rng))
    return rng


def facts(rng: random.Random) -> dict[str, Any]:
    return {
        "title": rng.choice(["VP Sales", "Sales Manager", "Engineer", "Assistant to the VP", None]),
        "industry": rng.choice(["Software", "Media", "Mining", None]),
        "employee_count": rng.choice([5, 40, 620, 90_000, None]),
        "growth_rate": rng.choice([0.3, 0.15, -0.1, None]),
        "country": rng.choice(["DE", "FR", None]),
        "company_domain": rng.choice(["rival.example", "acme.example", None]),
    }


def run(db: Database, config: ScoringSettings, now: str) -> None:
    """What the assets icp_scores, icp_targets and icp_accounts do."""
    rescore(db, config, now)
    retarget(db, config, from_text(now))
    account_store.store_accounts(db, score_accounts(account_store.read_companies(db), account_store.read_people(db), config))


def accounts_of(db: Database) -> dict[int, tuple[object, ...]]:
    rows = db.conn.execute("SELECT company_id, icp_score, gtm_segment, is_target FROM icp_accounts")
    return {row["company_id"]: tuple(row)[1:] for row in rows}


def scores_of(db: Database) -> dict[int, tuple[int, int]]:
    rows = db.conn.execute("SELECT contact_id, icp_score, priority FROM icp_scores ORDER BY contact_id")
    return {row["contact_id"]: (row["icp_score"], row["priority"]) for row in rows}


def targets_of(db: Database) -> set[int]:
    return {row["contact_id"] for row in db.conn.execute("SELECT contact_id FROM icp_targets")}


def rows_of(frame: pd.DataFrame) -> list[tuple[object, ...]]:
    return [tuple(row) for row in frame.astype(object).where(frame.notna(), None).itertuples(index=False)]


def assert_came_true(db: Database, found: ScoringPreview, config: ScoringSettings, now: str) -> None:
    before, targets_before = scores_of(db), targets_of(db)
    run(db, config, now)
    after, targets_after = scores_of(db), targets_of(db)
    told = {row["contact_id"]: row for row in to_records(found.people)}
    for contact_id in before.keys() | after.keys():
        old, new = before.get(contact_id), after.get(contact_id)
        moves = (contact_id in targets_before, contact_id in targets_after)
        assert (contact_id in told) == (old != new or moves[0] != moves[1])
        if contact_id in told:
            row = told[contact_id]
            assert (None if row["old"] is None else (row["old"], row["old_priority"])) == old
            assert (None if row["new"] is None else (row["new"], row["new_priority"])) == new
            assert (row["was_target"], row["is_target"]) == moves
    assert set(found.entering()["contact_id"]) == targets_after - targets_before
    assert set(found.leaving()["contact_id"]) == targets_before - targets_after
    columns = ["contact_id", "old", "new", "cause", "detail"]
    recorded = read_frame(db, f"SELECT {', '.join(columns)} FROM icp_score_changes WHERE changed_at = :now ORDER BY id", {"now": now})
    assert rows_of(found.changed()[columns]) == rows_of(recorded)
    matrix = found.tiers.set_index("from")
    for old_priority in range(1, 6):
        for new_priority in range(1, 6):
            moved = sum((before[one][1], after[one][1]) == (old_priority, new_priority) for one in before.keys() & after.keys())
            assert matrix.loc[str(old_priority), str(new_priority)] == moved


@pytest.mark.parametrize("candidate", CANDIDATES)
def test_a_run_gives_row_for_row_what_the_preview_told(db: Database, clock: VirtualClock, candidate: ScoringSettings) -> None:
    make_world(db, 150, seed=3)
    run(db, SHIPPED, to_text(clock.now()))
    found = preview_config(db, candidate)
    assert found.contacts == db["enriched_contacts"].count
    assert len(found.people)
    clock.sleep(60)
    assert_came_true(db, found, candidate, to_text(clock.now()))


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000), first=st.sampled_from([SHIPPED, *CANDIDATES]), second=st.sampled_from([SHIPPED, *CANDIDATES]))
def test_with_data_that_changed_too(
    tmp_path_factory: pytest.TempPathFactory, seed: int, first: ScoringSettings, second: ScoringSettings
) -> None:
    """New contacts, other values and contacts that are gone since the last run; the same config again among the candidates."""
    db, clock = open_migrated(tmp_path_factory.mktemp("world") / "test.db"), VirtualClock()
    rng = make_world(db, 60, seed)
    run(db, first, to_text(clock.now()))
    for contact_id in rng.sample(range(1, 61), 15):
        change_contact(db, contact_id, **facts(rng))
    for contact_id in (101, 102):
        add_contact(db, contact_id, **facts(rng))
    with db.conn:
        db.conn.execute("DELETE FROM enriched_contacts WHERE contact_id IN (7, 8)")
    found = preview_config(db, second)
    clock.sleep(60)
    assert_came_true(db, found, second, to_text(clock.now()))
    db.conn.close()


def test_a_preview_writes_nothing(db: Database, clock: VirtualClock) -> None:
    make_world(db, 30, seed=1)
    run(db, SHIPPED, to_text(clock.now()))
    before = list(db.conn.iterdump())
    preview_config(db, OTHER_WEIGHT)
    assert list(db.conn.iterdump()) == before


def test_before_the_first_run_everybody_is_scored_for_the_first_time(db: Database) -> None:
    make_world(db, 20, seed=1)
    found = preview_config(db, SHIPPED)
    assert found.old_version is None
    assert set(found.people["cause"]) == {"first"}
    assert found.tiers.set_index("from").loc["not scored"].sum() == found.contacts


def test_nobody_to_score_is_no_error(db: Database) -> None:
    found = preview_config(db, SHIPPED)
    assert (found.contacts, len(found.people), len(found.by_key()), found.by_cause()) == (0, 0, 0, {})


def test_keys_and_fields_are_counted_with_the_direction(db: Database, clock: VirtualClock) -> None:
    for contact_id in (1, 2, 3):
        add_contact(db, contact_id)
    run(db, SHIPPED, to_text(clock.now()))
    change_contact(db, 3, title="Sales Manager")
    found = preview_config(db, OTHER_WEIGHT)
    assert rows_of(found.by_key()) == [("weights.industry.target", 3, 0, 3), ("data: title", 1, 0, 1)]
    assert found.by_cause() == {"both": 1, "config": 2}
    assert found.keys == ["weights.industry.target"]


def test_who_would_leave_with_a_message_queued_or_sent_is_told(db: Database, clock: VirtualClock) -> None:
    for contact_id in (1, 2, 3):
        add_contact(db, contact_id, employee_count=None, growth_rate=None)
    run(db, SHIPPED, to_text(clock.now()))
    campaign = {"id": 1, "name": "spring", "type": "email", "status": "active", "daily_limit": 5, "created_at": CREATED_AT, "version": "v"}
    db.table("outreach_campaigns").insert(campaign)
    for contact_id, status in ((1, "sent"), (2, "cancelled"), (3, "queued")):
        message = {"campaign_id": 1, "contact_id": contact_id, "step": 1, "outreach_type": "email", "status": status}
        message |= {"planned_on": "2026-10-02", "message": "m", "message_sha256": "h", "campaign_version": "v", "created_at": CREATED_AT}
        db.table("outreach_log").insert(message)
    found = preview_config(db, OTHER_WEIGHT)
    assert set(found.leaving()["contact_id"]) == {1, 2, 3}
    assert [(row["contact_id"], row["campaign"], row["status"]) for row in found.messages.to_dict("records")] == [
        (1, "spring", "sent"),
        (3, "spring", "queued"),
    ]


def test_the_teams_own_members_are_no_targets_before_and_after(db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1, strength=9.0, employee_count=None)
    run(db, ScoringSettings(minimum_score=90), to_text(clock.now()))
    found = preview_config(db, ScoringSettings(minimum_score=10))
    assert OWNER_ID not in set(found.entering()["contact_id"])
    assert set(found.entering()["contact_id"]) == {1}
    assert json.loads(found.people["detail"].dropna().to_json()) == {}


SEGMENTED = ScoringSettings(
    segments=(Segment(name="Big", when=(Condition(field="employee_count", min=500),)),),
    accounts=AccountSettings(own_fit_share=0.2, breadth_contacts=2, minimum_score=60),
)


@pytest.mark.parametrize("config", [*CANDIDATES, SEGMENTED])
def test_accounts_become_what_the_preview_tells_and_no_others(db: Database, clock: VirtualClock, config: ScoringSettings) -> None:
    rng = make_world(db, 40, seed=5)
    companies = [
        {"id": number, "name": f"Company {number}", "industry": rng.choice(["Software", "Mining"]), "employee_count": rng.choice([20, 800])}
        for number in range(1, 9)
    ]
    # the last one has nobody
    db.table("companies").insert_all([row | {"created_at": CREATED_AT, "updated_at": CREATED_AT} for row in companies])
    db.conn.execute("UPDATE enriched_contacts SET company_id = 1 + contact_id % 7")
    run(db, SHIPPED, to_text(clock.now()))
    before = accounts_of(db)
    found = preview_config(db, config).accounts
    clock.sleep(60)
    run(db, config, to_text(clock.now()))
    after = accounts_of(db)
    told = {row["company_id"]: row for row in to_records(found)}
    assert set(told) == {number for number in after if after[number] != before[number]}
    for number, row in told.items():
        assert (row["old"], row["old_segment"], row["was_target"]) == before[number]
        assert (row["new"], row["new_segment"], row["is_target"]) == after[number]
    if config == SEGMENTED:
        assert {row["new_segment"] for row in told.values()} == {"Big", None}


def test_accounts_that_were_never_scored_are_new(db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1)
    db.table("companies").insert({"id": 5, "name": "Acme", "created_at": CREATED_AT, "updated_at": CREATED_AT})
    rescore(db, SHIPPED, to_text(clock.now()))
    [row] = to_records(preview_config(db, SHIPPED).accounts)
    assert (row["company_id"], row["old"], row["new"], row["was_target"]) == (5, None, 0, False)
