import json
from datetime import date, timedelta
from typing import Any

import pytest

from liendea_assets.core.clock import to_text
from liendea_assets.core.errors import BadValue, UnknownRecord
from liendea_assets.db.connection import Database
from liendea_assets.outreach.outcomes import add_outcome, undo_outcome
from liendea_assets.scoring.rescore import rescore
from liendea_assets.scoring.retarget import retarget
from liendea_assets.scoring.settings import ScoringSettings
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.contacts import CREATED_AT, add_contact, change_contact

SHIPPED = ScoringSettings()


def score(db: Database, clock: VirtualClock, settings: ScoringSettings = SHIPPED) -> None:
    """A day later."""
    clock.sleep(86_400)
    rescore(db, settings, to_text(clock.now()))
    retarget(db, settings, clock.now())


def note(db: Database, clock: VirtualClock, kind: Any = "meeting", days_ago: int = 0, contact_id: int = 1) -> dict[str, Any]:
    """The row that was made."""
    made = add_outcome(db, contact_id, kind, clock.now().date() - timedelta(days=days_ago), "user", clock)
    assert made is not None
    return dict(db.table("contact_outcomes").get(made))


def status(db: Database) -> object:
    return next(iter(db.table("icp_targets").rows))["status"]


def test_score_that_counts_is_the_one_of_the_day_and_not_todays(db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1)
    score(db, clock)
    change_contact(db, 1, title="Sales Manager")
    score(db, clock)
    score(db, clock, ScoringSettings(target_industries=("Mining",)))
    found = [note(db, clock, days_ago=days_ago) for days_ago in (2, 1, 0)]
    assert [row["icp_score"] for row in found] == [90, 80, 55]
    points = [json.loads(row["points"]) for row in found]
    assert [(part["title"], part["industry"], part["company_size"]) for part in points] == [(25, 25, 25), (15, 25, 25), (15, 0, 25)]
    assert [sum(part.values()) for part in points] == [90, 80, 55]


def test_score_of_the_first_message_counts_where_there_was_one(db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1)
    score(db, clock)
    db.table("outreach_campaigns").insert(
        {"id": 1, "name": "a", "type": "email", "status": "active", "daily_limit": 1, "created_at": "t", "version": "v"}
    )
    message = {"campaign_id": 1, "contact_id": 1, "step": 1, "outreach_type": "email", "status": "sent", "message": "m", "created_at": "t"}
    message |= {"planned_on": "d", "message_sha256": "h", "campaign_version": "v", "sent_at": to_text(clock.now())}
    db.table("outreach_log").insert(message)
    change_contact(db, 1, title="Sales Manager")
    score(db, clock)
    found = note(db, clock)
    assert (found["icp_score"], found["scored_as_of"]) == (90, message["sent_at"])


def test_outcome_of_before_the_first_scores_has_none(db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1)
    score(db, clock)
    assert note(db, clock, days_ago=30)["icp_score"] is None


def test_contact_that_came_later_had_no_score_then(db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1)
    score(db, clock)
    score(db, clock)
    add_contact(db, 2)
    db.conn.execute("UPDATE contacts SET created_at = :now WHERE id = 2", {"now": to_text(clock.now())})
    score(db, clock)
    assert note(db, clock, days_ago=2, contact_id=2)["icp_score"] is None
    assert note(db, clock, contact_id=2)["icp_score"] == 90


def test_score_stays_with_the_outcome_when_the_contact_is_suppressed(db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1)
    score(db, clock)
    made = note(db, clock, "negative_reply")
    db.table("suppressed_contacts").insert({"contact_id": 1, "reason": "the address is suppressed"})
    assert db.table("contact_outcomes").get(made["id"])["icp_score"] == 90
    assert note(db, clock, "meeting")["icp_score"] is None


def test_target_responded_at_once_and_undoing_takes_it_back(db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1)
    score(db, clock)
    made = note(db, clock)
    assert status(db) == "responded"
    assert undo_outcome(db, made["id"], clock)
    assert not undo_outcome(db, made["id"], clock)
    assert status(db) == "identified"
    score(db, clock)
    assert status(db) == "identified"


def test_same_outcome_is_noted_once_and_again_after_it_was_undone(db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1)
    made = note(db, clock)
    assert add_outcome(db, 1, "meeting", None, "user", clock) is None
    undo_outcome(db, made["id"], clock)
    assert add_outcome(db, 1, "meeting", None, "user", clock) is not None


def test_outcome_of_a_merged_contact_is_the_survivors(db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1)
    db.table("contacts").insert({"id": 2, "full_name": "R W", "merged_into": 1, "created_at": CREATED_AT, "updated_at": CREATED_AT})
    score(db, clock)
    assert note(db, clock, contact_id=2)["contact_id"] == 1


def test_nobody_and_tomorrow_are_refused(db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1)
    with pytest.raises(UnknownRecord, match="no contact 7"):
        add_outcome(db, 7, "meeting", None, "user", clock)
    with pytest.raises(BadValue, match="still to come"):
        add_outcome(db, 1, "meeting", date(2026, 10, 6), "user", clock)
    with pytest.raises(UnknownRecord, match="no outcome 9"):
        undo_outcome(db, 9, clock)
