"""A database with a little of everything that the reports count."""

from datetime import timedelta

from liendea_assets.core.clock import to_text
from liendea_assets.db.connection import Database
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.contacts import CREATED_AT, add_answer, add_contact, add_target


def fill_tables(db: Database, clock: VirtualClock) -> None:
    """Nine targets and another contact, answers, two campaigns with their messages and exclusions, two files, seven calls."""
    for contact_id, score in enumerate([0, 9, 10, 49, 50, 89, 90, 99, 100], start=1):
        add_target(db, contact_id, score=score, priority=1 + contact_id % 5, work_email=None if contact_id == 3 else "a@b.example")
    add_answer(db, 1)
    add_answer(db, 1, source="gtm")
    add_answer(db, 2, outcome="miss")
    add_answer(db, 3, outcome="rejected")
    add_contact(db, 50, strength=5.0, work_email=None)
    campaign = {"type": "email", "status": "active", "daily_limit": 5, "created_at": CREATED_AT, "version": "v1"}
    db.table("outreach_campaigns").insert_all([{"id": 1, "name": "spring", **campaign}, {"id": 2, "name": "list", **campaign}])
    kinds = ["email", "email", "linkedin_message", "email"]
    for contact_id, (kind, status) in enumerate(zip(kinds, ["queued", "cancelled", "queued", "queued"], strict=True), start=1):
        db.table("outreach_log").insert(
            {
                "campaign_id": 1, "contact_id": contact_id, "step": 1, "outreach_type": kind, "status": status, "planned_on": "2026-10-05",
                "message": "x", "message_sha256": "x", "campaign_version": "v1", "created_at": CREATED_AT,
            }
        )  # fmt: skip
    excluded = [(1, 5, "no e-mail address is known"), (1, 6, "no e-mail address is known"), (2, 5, "beyond today's 2")]
    db.table("outreach_exclusions").insert_all(dict(zip(("campaign_id", "contact_id", "reason"), row, strict=True)) for row in excluded)
    for name, rows in (("a.xlsx", (10, 4, 3, 2, 1)), ("b.zip", (5, 5, 0, 0, 0))):
        figures = dict(zip(("rows", "imported", "merged", "rejected", "blank"), rows, strict=True))
        db.table("import_files").insert(
            {
                "name": name,
                "kind": "gtm_workbook",
                "sha256": name,
                "size_bytes": 1,
                "read_at": CREATED_AT,
                "dated_at": CREATED_AT,
                **figures,
            }
        )
    for seconds in (1, 59, 61, 3_599, 3_601, 86_399, 86_401):
        at = to_text(clock.now() - timedelta(seconds=seconds))
        db.table("rate_limit_tracking").insert({"service": "reach", "action_type": "match", "timestamp": at, "outcome": "hit"})
