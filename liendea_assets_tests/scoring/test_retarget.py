from typing import Any

import pandas as pd
import pytest

from liendea_assets.core.clock import to_text
from liendea_assets.db.connection import Database, to_records
from liendea_assets.scoring.rescore import rescore
from liendea_assets.scoring.retarget import assign_campaigns, retarget, settle_status
from liendea_assets.scoring.settings import ScoringSettings
from liendea_assets.scoring.targets import STATUSES, enrichment_order
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.contacts import CREATED_AT, OWNER_ID, add_answer, add_contact

SHIPPED = ScoringSettings()


def run(db: Database, clock: VirtualClock) -> dict[int, dict[str, Any]]:
    """Targets by contact, a day later."""
    clock.sleep(86_400)
    rescore(db, SHIPPED, to_text(clock.now()))
    return {row["contact_id"]: row for row in to_records(retarget(db, SHIPPED, clock.now()))}


def add_campaign(db: Database, name: str = "intro", *, audience: str = "{}", status: str = "active") -> int:
    row = {
        "name": name,
        "type": "email",
        "status": status,
        "daily_limit": 5,
        "created_at": CREATED_AT,
        "version": "v",
        "audience": audience,
    }
    return int(db.table("outreach_campaigns").insert(row).last_pk)  # type: ignore[arg-type]  # an integer key


def add_message(db: Database, contact_id: int, campaign_id: int, status: str, **changed: object) -> None:
    row = {"campaign_id": campaign_id, "contact_id": contact_id, "step": 1, "outreach_type": "email", "status": status, "message": "m"}
    row |= {"planned_on": "2026-10-05", "message_sha256": "h", "campaign_version": "v", "created_at": CREATED_AT}
    db.table("outreach_log").insert(row | changed)


def add_outcome(db: Database, contact_id: int, kind: str, happened_on: str = "2026-10-06") -> int:
    row = {
        "contact_id": contact_id,
        "kind": kind,
        "happened_on": happened_on,
        "scored_as_of": CREATED_AT,
        "noted_by": "me",
        "noted_at": "t",
    }
    return int(db.table("contact_outcomes").insert(row).last_pk)  # type: ignore[arg-type]


def test_status_goes_forward_with_what_happens(db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1)
    seen = [run(db, clock)[1]["status"]]
    add_answer(db, 1)
    seen.append(run(db, clock)[1]["status"])
    add_message(db, 1, add_campaign(db), "sent", sent_at=to_text(clock.now()))
    seen.append(run(db, clock)[1]["status"])
    db.conn.execute("UPDATE outreach_log SET status = 'responded', response_at = :at", {"at": to_text(clock.now())})
    found = run(db, clock)[1]
    assert [*seen, found["status"]] == list(STATUSES)
    assert found["status_reason"] == "email answered"


def test_queued_message_engages_nobody(db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1)
    add_message(db, 1, add_campaign(db), "queued")
    assert run(db, clock)[1]["status"] == "identified"


def add_visit(db: Database, kind: str, *, is_robot: int = 0, at: str = "2026-10-07 08:00:00.000000") -> None:
    log_id = next(db.query("SELECT max(id) AS id FROM outreach_log"))["id"]
    db.table("outreach_visits").insert({"outreach_log_id": log_id, "kind": kind, "visited_at": at, "is_robot": is_robot})


@pytest.mark.parametrize(
    ("kind", "is_robot", "expected"),
    [
        ("click", 0, ("engaged", "link followed on 2026-10-07")),
        ("click", 1, ("identified", None)),
        ("open", 0, ("identified", None)),
        ("open", 1, ("identified", None)),
    ],
)
def test_a_link_that_a_human_followed_engages_and_an_open_never(
    db: Database, clock: VirtualClock, kind: str, is_robot: int, expected: tuple[str, str | None]
) -> None:
    """Of a message whose sending was never confirmed, so that the visit alone tells."""
    add_contact(db, 1)
    add_message(db, 1, add_campaign(db), "uncertain")
    add_visit(db, kind, is_robot=is_robot)
    found = run(db, clock)[1]
    assert (found["status"], found["status_reason"]) == expected


def test_what_they_did_explains_a_status_before_what_we_did(db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1)
    add_message(db, 1, add_campaign(db), "sent", sent_at="2026-10-06 08:00:00.000000")
    assert run(db, clock)[1]["status_reason"] == "email sent"
    for at in ("2026-10-09 08:00:00.000000", "2026-10-07 08:00:00.000000"):
        add_visit(db, "click", at=at)
    found = run(db, clock)[1]
    assert (found["status"], found["status_reason"]) == ("engaged", "link followed on 2026-10-07")


def test_a_click_moves_nobody_back_who_answered(db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1)
    add_outcome(db, 1, "meeting")
    add_message(db, 1, add_campaign(db), "sent", sent_at="2026-10-06 08:00:00.000000")
    add_visit(db, "click")
    assert run(db, clock)[1]["status"] == "responded"


def test_tie_that_comes_after_becoming_a_target_engages(db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1, strength=2.0)
    db.conn.execute("UPDATE linkedin_connections SET connection_date = '2020-01-01'")
    assert run(db, clock)[1]["status"] == "identified"
    db.conn.execute("UPDATE linkedin_connections SET connection_date = '2026-10-20' WHERE connected_to_id = ?", [OWNER_ID])
    found = run(db, clock)[1]
    assert (found["status"], found["status_reason"]) == ("engaged", "connected on LinkedIn on 2026-10-20")


@pytest.mark.parametrize("kind", ["meeting", "positive_reply", "negative_reply"])
def test_outcome_entered_by_hand_is_a_response(db: Database, clock: VirtualClock, kind: str) -> None:
    add_contact(db, 1)
    add_outcome(db, 1, kind)
    found = run(db, clock)[1]
    assert (found["status"], found["status_reason"]) == ("responded", f"{kind.replace('_', ' ')} on 2026-10-06")


def test_status_goes_back_only_where_its_outcome_is_undone(db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1, has_answer=True)
    outcome = add_outcome(db, 1, "meeting")
    assert run(db, clock)[1]["status"] == "responded"
    db.conn.execute("UPDATE contact_outcomes SET undone_at = 't' WHERE id = ?", [outcome])
    assert run(db, clock)[1]["status"] == "responded"
    settle_status(db, 1)
    assert run(db, clock)[1]["status"] == "enriched"


def test_lost_tie_and_expired_answer_move_nobody_back(db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1, has_answer=True)
    run(db, clock)
    db.conn.execute("DELETE FROM contact_enrichment")
    assert run(db, clock)[1]["status"] == "enriched"


def test_response_of_a_contact_that_was_merged_counts_for_the_other(db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1)
    add_contact(db, 2)
    add_outcome(db, 2, "meeting")
    db.conn.execute("UPDATE contacts SET merged_into = 1 WHERE id = 2")
    db.conn.execute("DELETE FROM enriched_contacts WHERE contact_id = 2")
    assert {id_: row["status"] for id_, row in run(db, clock).items()} == {1: "responded"}


def test_campaigns_are_assigned_with_targets_and_again_when_campaigns_change(db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1)
    add_campaign(db, "everybody")
    assert run(db, clock)[1]["assigned_campaign"] == "everybody"
    add_campaign(db, "the_best", audience='{"priorities": [1]}')
    assert assign_campaigns(db, clock.now().date()) == 1
    assert assign_campaigns(db, clock.now().date()) == 0
    assert run(db, clock)[1]["assigned_campaign"] == "the_best"


def test_same_again_writes_nothing(db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1, growth_rate=None)
    add_campaign(db)
    run(db, clock)
    before = list(db.table("icp_targets").rows)
    run(db, clock)
    assert list(db.table("icp_targets").rows) == before


def test_asking_comes_first_where_the_priority_is_open_then_by_priority_score_and_what_is_least_known() -> None:
    rows = [
        # place, coverage, best, worst, priority, score
        (4, 0.5, 2, 2, 2, 70),
        (None, 1.0, 1, 1, 1, 90),
        (2, 0.7, 1, 3, 2, 66),
        (1, 0.7, 1, 2, 1, 80),
        (3, 0.9, 1, 3, 3, 60),
        (5, 0.6, 2, 2, 2, 70),
        (5, 0.6, 2, 2, 2, 70),
    ]
    frame = pd.DataFrame(rows, columns=["place", "coverage", "priority_best", "priority_worst", "priority", "icp_score"])
    found = enrichment_order(frame)
    assert [None if pd.isna(place) else int(place) for place in found] == [row[0] for row in rows]


def test_nobody_to_ask_about_has_no_place() -> None:
    columns = ["coverage", "priority_best", "priority_worst", "priority", "icp_score"]
    assert enrichment_order(pd.DataFrame(columns=columns)).empty


def test_least_known_target_is_asked_about_first_in_the_table(db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1, strength=5.0)
    add_contact(db, 2, growth_rate=None, strength=5.0)
    found = run(db, clock)
    assert [found[1]["enrichment_priority"], found[2]["enrichment_priority"]] == [None, 1]
