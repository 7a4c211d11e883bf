from dataclasses import replace

from liendea_assets.db.connection import Database
from liendea_assets.outreach import campaign_store
from liendea_assets.outreach import queue_store as store
from liendea_assets_tests.contacts import add_target
from liendea_assets_tests.outreach.campaigns import make_campaign
from liendea_assets_tests.outreach.messages_sent import mark

FIRST, SECOND = "2026-10-05 09:00:00.000000", "2026-10-06 09:00:00.000000"


def make_message(text: str) -> store.QueuedMessage:
    return store.QueuedMessage(1, 1, f"<{text}@x>", text, "hash", None, "en", "main", "robin@acmelabs.example", "m1token", SECOND, "soon")


def test_message_that_went_on_meanwhile_is_neither_replaced_nor_withdrawn(db: Database) -> None:
    """Between reading the queue and writing to it, a sender may have taken a message."""
    add_target(db, 1)
    campaign_store.sync_campaigns(db, [make_campaign()], FIRST)
    store.update_queue(db, 1, "v1", [make_message("first")], {}, {}, FIRST)
    mark(db, 1, "sending")
    before = list(db.table("outreach_log").rows)
    store.update_queue(db, 1, "v2", [make_message("second")], {1: "why"}, {}, SECOND)
    store.cancel(db, {1: "why"})
    assert list(db.table("outreach_log").rows) == before


def test_links_of_a_message_that_is_written_anew_are_those_of_the_new_text(db: Database) -> None:
    add_target(db, 1)
    campaign_store.sync_campaigns(db, [make_campaign()], FIRST)
    for url in ("https://first.example", "https://second.example"):
        store.update_queue(db, 1, "v1", [replace(make_message("text"), links=(("k1token", url),))], {}, {}, FIRST)
    assert list(db.table("outreach_links").rows) == [{"token": "k1token", "outreach_log_id": 1, "url": "https://second.example"}]
