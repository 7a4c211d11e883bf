from liendea_assets.db.connection import Database
from liendea_assets.outreach import campaign_store, store
from liendea_assets_tests.contacts import add_target
from liendea_assets_tests.outreach.campaigns import make_campaign

FIRST, SECOND = "2026-10-05 09:00:00.000000", "2026-10-06 09:00:00.000000"


def test_message_that_went_on_meanwhile_is_neither_replaced_nor_withdrawn(db: Database) -> None:
    """Between reading the queue and writing to it, a sender may have taken a message."""
    add_target(db, 1)
    campaign_store.sync_campaigns(db, [make_campaign()], FIRST)
    store.update_queue(db, 1, "email", "v1", [store.QueuedMessage(1, "<1@x>", "first", "hash")], {}, {}, "2026-10-05", FIRST)
    for status in ("claimed", "sending"):
        db.table("outreach_log").update(1, {"status": status})
    before = list(db.table("outreach_log").rows)
    store.update_queue(db, 1, "email", "v2", [store.QueuedMessage(1, "<2@x>", "second", "other")], {1: "why"}, {}, "2026-10-06", SECOND)
    store.cancel(db, {1: "why"})
    assert list(db.table("outreach_log").rows) == before
