"""An invented world for the reports: contacts, answers, scores, targets, messages and what came back, drawn from a seed."""

import random
from datetime import datetime, timedelta

from liendea_assets.core.clock import to_text
from liendea_assets.db.connection import Database
from liendea_assets_tests.contacts import CREATED_AT, add_contact, add_score, make_target

STATUSES = ("queued", "claimed", "sending", "sent", "sent", "sent", "responded", "failed", "uncertain", "held", "cancelled")
KINDS = ("human_reply", "human_reply", "auto_reply", "auto_permanent", "unsubscribe", "bounce_soft", "complaint", "other")


def make_world(db: Database, seed: int, now: datetime, contacts: int = 40) -> random.Random:
    """Fills the tables; everything may be missing, and everything may have happened."""
    draw = random.Random(seed)
    _add_people(db, draw, now, contacts)
    campaign = {"status": "active", "daily_limit": 5, "created_at": CREATED_AT, "version": "v1"}
    for number, (name, kind) in enumerate([("spring", "email"), ("list", "linkedin_message")], start=1):
        db.table("outreach_campaigns").insert({"id": number, "name": name, "type": kind, **campaign})
        db.table("outreach_steps").insert_all({"campaign_id": number, "step": step, "name": f"step-{step}"} for step in (1, 2))
    for contact in range(1, contacts + 1):
        for step in range(1, draw.randint(0, 3) + 1):
            add_message(db, draw, now, contact, step)
    for number in range(1, draw.randint(1, 4)):
        figures = dict.fromkeys(("imported", "merged", "rejected", "blank", "pending"), 0) | {
            draw.choice(("imported", "blank")): number,
            "merged": 3,
        }
        row = {
            "name": f"{number}.csv",
            "kind": "gtm_csv",
            "sha256": str(number),
            "size_bytes": 1,
            "read_at": CREATED_AT,
            "dated_at": CREATED_AT,
        }
        db.table("import_files").insert({**row, **figures, "rows": sum(figures.values())})
    for number in range(draw.randint(0, 9)):
        at = to_text(now - timedelta(seconds=draw.randint(0, 100_000)))
        db.table("rate_limit_tracking").insert(
            {"service": "reach", "action_type": "match", "timestamp": at, "outcome": "hit", "ends_us": number}
        )
    usage = {"is_learned": 0, "left_now": 1, "free_at": CREATED_AT, "circuit": "closed", "since_us": 0, "read_at": CREATED_AT}
    for action in ("", "match"):
        limit = {
            "service": "reach",
            "action_type": action,
            "seconds": 60,
            "requests": 5,
            "used": draw.randint(0, 5),
            "violations": draw.randint(0, 1),
        }
        db.table("rate_limit_usage").insert({**limit, **usage})
    review = {"probability": 0.5, "evidence": "name"}
    db.table("merge_reviews").insert_all(
        {"entity": "contact", "left_id": 1, "right_id": n, **review} for n in range(2, 2 + draw.randint(1, 3))
    )
    return draw


def _add_people(db: Database, draw: random.Random, now: datetime, contacts: int) -> None:
    for contact in range(1, contacts + 1):
        changed = {
            field: value
            for field, value in {
                "title": None, "industry": draw.choice(["Software", "Banking", None]), "work_email": None, "employee_count": None,
                "country": "DE", "mobile_phone": "+49 30 1", "gtm_segment": draw.choice(["SaaS", "Fintech"]), "linkedin_url": None,
                "email_status": draw.choice(["verified", "risky", "invalid", "unknown"]), "is_owner": 1, "company_domain": "a.example",
            }.items()
            if draw.random() < (0.1 if field == "is_owner" else 0.5)
        }  # fmt: skip
        add_contact(db, contact, **changed)  # type: ignore[arg-type]  # keywords of its own among the columns
        if draw.random() < 0.1 and contact > 1:
            db.table("contacts").update(contact, {"merged_into": 1})
        for source in draw.sample(["reach", "apollo", "gtm"], draw.randint(0, 3)):
            add_reply(db, draw, now, contact, source)
        if draw.random() < 0.7:
            score, priority = draw.randint(0, 100), draw.randint(1, 5)
            add_score(db, contact, score=score, priority=priority)
            if draw.random() < 0.6:
                make_target(db, contact, score=score, priority=priority)


def add_reply(db: Database, draw: random.Random, now: datetime, contact: int, source: str) -> None:
    """A provider's answer, of any outcome and age, that may have expired."""
    at = to_text(now - timedelta(days=draw.randint(0, 500)))
    ends = None if source == "gtm" else to_text(now + timedelta(days=draw.randint(-100, 100)))
    outcome = draw.choice(["hit", "miss", "rejected"])
    row = {"contact_id": contact, "source": source, "outcome": outcome, "last_enriched": at, "answered_at": at, "expires_at": ends}
    db.table("contact_enrichment").insert(row)


def add_message(db: Database, draw: random.Random, now: datetime, contact: int, step: int) -> None:
    """A message in any state with whatever may have come of it."""
    campaign = draw.choice([1, 1, 2])
    status = draw.choice(STATUSES)
    sent = now - timedelta(hours=draw.randint(0, 200)) if status in {"sent", "responded"} else None
    row = {
        "campaign_id": campaign, "contact_id": contact, "step": step, "outreach_type": "email" if campaign == 1 else "linkedin_message",
        "status": status, "sent_at": to_text(sent) if sent else None, "planned_on": (now - timedelta(days=draw.randint(-3, 8))).date().isoformat(),
        "message": "x", "message_sha256": "x", "campaign_version": "v1", "created_at": CREATED_AT, "variant": draw.choice(["A", "B", None]),
        "bounce": draw.choice(["hard", "soft"]) if status in {"sent", "failed"} and draw.random() < 0.3 else None,
        "response_at": to_text(now) if status == "responded" else None,
        "unsubscribed_at": to_text(now) if sent and draw.random() < 0.1 else None,
        "complained_at": to_text(now) if sent and draw.random() < 0.1 else None,
    }  # fmt: skip
    if db.execute("SELECT 1 FROM outreach_log WHERE (campaign_id, contact_id, step) = (?, ?, ?)", [campaign, contact, step]).fetchone():
        return
    db.table("outreach_log").insert(row)
    number = int(db.execute("SELECT max(id) FROM outreach_log").fetchone()[0])
    for _ in range(draw.randint(0, 2)):
        add_letter(db, draw, now, number, draw.choice(KINDS))
        visit = {"kind": draw.choice(["open", "click"]), "visited_at": to_text(now), "is_robot": draw.randint(0, 1)}
        db.table("outreach_visits").insert({"outreach_log_id": number, **visit})


def add_letter(db: Database, draw: random.Random, now: datetime, number: int, kind: str) -> None:
    """A letter that came back for a message."""
    row = {
        "source": "box",
        "fingerprint": str(draw.random()),
        "received_at": to_text(now),
        "read_at": to_text(now),
        "kind": kind,
        "why": "x",
    }
    sentiment = draw.choice(["positive", "negative", None]) if kind == "human_reply" else None
    db.table("inbox_messages").insert({**row, "outreach_log_id": number, "sentiment": sentiment, "matched_by": "token", "confidence": 1.0})
