from liendea_assets.db.connection import Database, to_records
from liendea_assets.outreach import store
from liendea_assets_tests.contacts import add_target
from liendea_assets_tests.outreach.campaigns import make_campaign

FIRST, SECOND = "2026-10-05 09:00:00.000000", "2026-10-06 09:00:00.000000"


def campaigns(db: Database) -> list[dict[str, object]]:
    return to_records(store.read_campaigns(db))


def test_campaigns_say_what_their_files_say(db: Database) -> None:
    store.sync_campaigns(db, [make_campaign(daily_limit=3)], FIRST)
    store.sync_campaigns(db, [make_campaign(daily_limit=4, status="paused").model_copy(update={"version": "v2"})], SECOND)
    (row,) = campaigns(db)
    assert (row["id"], row["daily_limit"], row["status"], row["version"], row["created_at"]) == (1, 4, "paused", "v2", FIRST)


def test_campaign_without_a_file_is_completed_and_keeps_its_id_when_it_returns(db: Database) -> None:
    store.sync_campaigns(db, [make_campaign(name="a"), make_campaign(name="b")], FIRST)
    store.sync_campaigns(db, [make_campaign(name="b")], SECOND)
    assert [(row["name"], row["status"]) for row in campaigns(db)] == [("a", "completed"), ("b", "active")]
    store.sync_campaigns(db, [make_campaign(name="a"), make_campaign(name="b")], SECOND)
    assert [(row["id"], row["name"], row["status"]) for row in campaigns(db)] == [(1, "a", "active"), (2, "b", "active")]


def test_same_campaigns_again_change_nothing(db: Database) -> None:
    store.sync_campaigns(db, [make_campaign()], FIRST)
    before = campaigns(db)
    store.sync_campaigns(db, [make_campaign()], SECOND)
    assert campaigns(db) == before


def test_message_that_went_on_meanwhile_is_neither_replaced_nor_withdrawn(db: Database) -> None:
    """Between reading the queue and writing to it, a sender may have taken a message."""
    add_target(db, 1)
    store.sync_campaigns(db, [make_campaign()], FIRST)
    store.update_queue(db, 1, "email", "v1", [store.QueuedMessage(1, "<1@x>", "first", "hash")], {}, {}, "2026-10-05", FIRST)
    db.table("outreach_log").update(1, {"status": "sending"})
    before = list(db.table("outreach_log").rows)
    store.update_queue(db, 1, "email", "v2", [store.QueuedMessage(1, "<2@x>", "second", "other")], {1: "why"}, {}, "2026-10-06", SECOND)
    store.cancel(db, {1: "why"})
    assert list(db.table("outreach_log").rows) == before
