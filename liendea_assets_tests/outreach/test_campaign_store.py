import json

import pytest

from liendea_assets.core.errors import UnknownRecord
from liendea_assets.db.connection import Database, to_records
from liendea_assets.outreach import campaign_store
from liendea_assets_tests.contacts import add_target
from liendea_assets_tests.outreach.campaigns import make_campaign, make_step

FIRST, SECOND, THIRD = "2026-10-05 09:00:00.000000", "2026-10-06 09:00:00.000000", "2026-10-07 09:00:00.000000"


def campaigns(db: Database) -> list[dict[str, object]]:
    return to_records(campaign_store.read_campaigns(db))


def test_campaigns_say_what_their_files_say(db: Database) -> None:
    campaign_store.sync_campaigns(db, [make_campaign(daily_limit=3)], FIRST)
    campaign_store.sync_campaigns(db, [make_campaign(daily_limit=4, status="paused").model_copy(update={"version": "v2"})], SECOND)
    (row,) = campaigns(db)
    assert (row["id"], row["daily_limit"], row["status"], row["version"], row["created_at"]) == (1, 4, "paused", "v2", FIRST)


def test_campaign_without_a_file_is_completed_and_keeps_its_id_when_it_returns(db: Database) -> None:
    campaign_store.sync_campaigns(db, [make_campaign(name="a"), make_campaign(name="b")], FIRST)
    campaign_store.sync_campaigns(db, [make_campaign(name="b")], SECOND)
    assert [(row["name"], row["status"]) for row in campaigns(db)] == [("a", "completed"), ("b", "active")]
    campaign_store.sync_campaigns(db, [make_campaign(name="a"), make_campaign(name="b")], SECOND)
    assert [(row["id"], row["name"], row["status"]) for row in campaigns(db)] == [(1, "a", "active"), (2, "b", "active")]


def test_same_campaigns_again_change_nothing(db: Database) -> None:
    campaign_store.sync_campaigns(db, [make_campaign()], FIRST)
    before = campaigns(db)
    campaign_store.sync_campaigns(db, [make_campaign()], SECOND)
    assert campaigns(db) == before


def names_and_numbers(db: Database, *names: str) -> dict[str, int]:
    follow_ups = tuple(make_step(name, 3) for name in names[1:])
    first = make_campaign(follow_ups=follow_ups).steps[0].model_copy(update={"name": names[0]})
    campaign = make_campaign(follow_ups=follow_ups)
    campaign_store.sync_campaigns(db, [campaign.model_copy(update={"steps": (first, *campaign.steps[1:])})], FIRST)
    return campaign_store.step_numbers(db, 1)


def test_steps_are_numbered_in_their_order_at_first(db: Database) -> None:
    assert names_and_numbers(db, "intro", "follow-up", "last") == {"intro": 1, "follow-up": 2, "last": 3}


def test_step_keeps_its_number_when_others_come_go_and_change_places(db: Database) -> None:
    names_and_numbers(db, "intro", "follow-up")
    assert names_and_numbers(db, "case", "follow-up", "intro", "last") == {"intro": 1, "follow-up": 2, "case": 3, "last": 4}
    assert names_and_numbers(db, "last", "new") == {"intro": 1, "follow-up": 2, "case": 3, "last": 4, "new": 5}
    assert names_and_numbers(db, "follow-up", "intro")["follow-up"] == 2


def test_messages_from_before_steps_had_names_are_the_first_steps(db: Database) -> None:
    add_target(db, 1)
    campaign_store.sync_campaigns(db, [make_campaign()], FIRST)
    add_message(db, 1)
    db.conn.execute("DELETE FROM outreach_steps")
    assert names_and_numbers(db, "intro", "last") == {"intro": 1, "last": 2}


def test_each_version_is_kept_as_it_was(db: Database) -> None:
    for version, body in (("v1", "one"), ("v2", "two"), ("v1", "never another text under this name")):
        campaign = make_campaign(version=version).model_copy(update={"content": json.dumps({"body": body})})
        campaign_store.sync_campaigns(db, [campaign], FIRST)
    assert [campaign_store.read_version(db, 1, version) for version in ("v1", "v2", "v3")] == [{"body": "one"}, {"body": "two"}, None]


def test_approval_is_for_one_version(db: Database) -> None:
    campaign_store.sync_campaigns(db, [make_campaign()], FIRST)
    assert not campaign_store.is_approved(db, 1, "v1")
    campaign_store.approve(db, 1, "v1", "kim", FIRST)
    campaign_store.approve(db, 1, "v1", "lee", SECOND)
    assert campaign_store.is_approved(db, 1, "v1")
    assert not campaign_store.is_approved(db, 1, "v2")
    assert not campaign_store.is_approved(db, 2, "v1")
    assert to_records(campaign_store.read_approvals(db)[["version", "approved_by", "approved_at", "revoked_at"]]) == [
        {"version": "v1", "approved_by": "kim", "approved_at": FIRST, "revoked_at": None}
    ]


def test_only_the_version_in_force_can_be_approved(db: Database) -> None:
    """Somebody looked at a page, and the template changed before they pressed the button."""
    campaign_store.sync_campaigns(db, [make_campaign()], FIRST)
    campaign_store.sync_campaigns(db, [make_campaign(version="v2")], SECOND)
    with pytest.raises(UnknownRecord, match="not the one in force"):
        campaign_store.approve(db, 1, "v1", "kim", SECOND)


def test_changed_version_revokes_and_going_back_does_not_restore(db: Database) -> None:
    campaign_store.sync_campaigns(db, [make_campaign()], FIRST)
    campaign_store.approve(db, 1, "v1", "kim", FIRST)
    campaign_store.sync_campaigns(db, [make_campaign()], SECOND)
    assert campaign_store.is_approved(db, 1, "v1")
    campaign_store.sync_campaigns(db, [make_campaign(version="v2")], THIRD)
    campaign_store.sync_campaigns(db, [make_campaign()], THIRD)
    assert not campaign_store.is_approved(db, 1, "v1")
    campaign_store.approve(db, 1, "v1", "kim", THIRD)
    assert campaign_store.is_approved(db, 1, "v1")


def test_approval_ends_by_hand_and_with_the_file(db: Database) -> None:
    campaign_store.sync_campaigns(db, [make_campaign()], FIRST)
    assert not campaign_store.revoke(db, 1, FIRST)
    campaign_store.approve(db, 1, "v1", "kim", FIRST)
    assert campaign_store.revoke(db, 1, SECOND)
    assert not campaign_store.is_approved(db, 1, "v1")
    campaign_store.approve(db, 1, "v1", "kim", SECOND)
    campaign_store.sync_campaigns(db, [], THIRD)
    assert not campaign_store.is_approved(db, 1, "v1")


def add_message(db: Database, contact_id: int, *, status: str = "sent", **changed: object) -> None:
    sent_at = FIRST if status in ("sent", "responded") else None
    row = {"campaign_id": 1, "contact_id": contact_id, "step": 1, "outreach_type": "email", "status": status, "sent_at": sent_at}
    row |= {"planned_on": "2026-10-05", "message": "x", "message_sha256": "x", "campaign_version": "v1", "created_at": FIRST}
    db.table("outreach_log").insert({**row, **changed})


def test_variants_count_what_arrived_and_was_answered(db: Database) -> None:
    campaign_store.sync_campaigns(db, [make_campaign()], FIRST)
    for contact_id in range(1, 13):
        add_target(db, contact_id)
    for contact_id in range(1, 5):
        add_message(db, contact_id, variant="a", bounce="hard" if contact_id == 1 else None)
    add_message(db, 5, variant="a", status="responded", response_at=SECOND)
    for contact_id in (6, 7):
        add_message(db, contact_id, variant="b", status="responded", response_at=SECOND, unsubscribed_at=SECOND)
    for contact_id, status in ((8, "uncertain"), (9, "queued"), (10, "failed"), (11, "sending"), (12, "cancelled")):
        add_message(db, contact_id, variant="b", status=status)
    a, b = to_records(campaign_store.read_variants(db, 1))
    assert (a["step_name"], a["variant"], a["sent"], a["bounced"], a["replied"], a["rate"]) == ("step-1", "a", 5, 1, 1, 0.25)
    assert 0 < a["rate_low"] < 0.25 < a["rate_high"] < 1
    assert (b["variant"], b["sent"], b["replied"], b["unsubscribed"], b["rate"], b["rate_high"]) == ("b", 2, 2, 2, 1.0, 1.0)


def test_no_messages_are_no_rate(db: Database) -> None:
    campaign_store.sync_campaigns(db, [make_campaign()], FIRST)
    assert campaign_store.read_variants(db, 1).empty
    add_target(db, 1)
    add_message(db, 1, bounce="hard")
    (row,) = to_records(campaign_store.read_variants(db, 1))
    assert (row["variant"], row["rate"], row["rate_low"]) == (None, None, None)


def test_overview_says_what_is_approved_and_what_became_of_it(db: Database) -> None:
    campaign_store.sync_campaigns(db, [make_campaign(name="a"), make_campaign(name="b")], FIRST)
    campaign_store.approve(db, 1, "v1", "kim", FIRST)
    add_target(db, 1)
    add_target(db, 2)
    add_message(db, 1)
    add_message(db, 2, status="queued")
    a, b = to_records(campaign_store.read_overview(db))
    assert (a["name"], a["approved_by"], a["queued"], a["sent"], a["replied"]) == ("a", "kim", 1, 1, 0)
    assert (b["name"], b["approved_by"], b["queued"], b["sent"]) == ("b", None, 0, 0)
