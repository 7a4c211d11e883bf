"""Contacts straight in the database, for the stages that begin at enriched_contacts."""

import json

from liendea_assets.db.connection import Database

CREATED_AT = "2026-10-01 08:00:00.000000"
OWNER_ID = 900


def add_contact(db: Database, contact_id: int, *, strength: float | None = None, has_answer: bool = False, **changed: object) -> int:
    """A contact as enrichment leaves it, by default one with 90 points: all known and best, without a tie. Returns its id.

    Args:
        strength: of the tie to the colleague `OWNER_ID`, who is added where there is a tie.
        has_answer: whether a provider found the contact.
        changed: columns of enriched_contacts.
    """
    values: dict[str, object] = {
        "contact_id": contact_id,
        "full_name": "Robin Weaver",
        "first_name": "Robin",
        "last_name": "Weaver",
        "title": "VP Sales",
        "company_name": "Acme Labs",
        "industry": "Software",
        "employee_count": 620,
        "growth_rate": 0.25,
        "work_email": f"robin.weaver.{contact_id}@acmelabs.example",
        "linkedin_url": f"https://www.linkedin.com/in/robin-weaver-{contact_id}",
        "is_owner": 0,
        "profile_completeness": 100,
        "sources": "{}",
        **changed,
    }
    person = {"id": contact_id, "full_name": values["full_name"], "is_owner": values["is_owner"], "created_at": CREATED_AT}
    db.table("contacts").insert({**person, "updated_at": CREATED_AT})
    db.table("enriched_contacts").insert(values)
    if has_answer:
        add_answer(db, contact_id)
    if strength is not None:
        if not db.execute("SELECT 1 FROM contacts WHERE id = ?", [OWNER_ID]).fetchone():
            add_contact(db, OWNER_ID, full_name="Alex Morgan", first_name="Alex", last_name="Morgan", is_owner=1)
        tie = {"contact_id": contact_id, "connected_to_id": OWNER_ID, "connection_degree": 1, "strength": strength}
        db.table("linkedin_connections").insert(tie)
    return contact_id


def change_contact(db: Database, contact_id: int, **changed: object) -> None:
    """What the next enrichment would say of a contact."""
    db.table("enriched_contacts").update(contact_id, changed)


def add_answer(db: Database, contact_id: int, *, source: str = "reach", outcome: str = "hit") -> None:
    """An answer of a provider, good for long."""
    db.table("contact_enrichment").insert(
        {
            "contact_id": contact_id,
            "source": source,
            "outcome": outcome,
            "cost": 1.0 if outcome == "hit" else 0.0,
            "last_enriched": CREATED_AT,
            "answered_at": CREATED_AT,
            "expires_at": "2030-01-01 00:00:00.000000",
        }
    )


def add_target(db: Database, contact_id: int, *, score: int = 90, priority: int = 1, **changed: object) -> int:
    """A contact who is a target already, with a score that stands. Returns its id."""
    add_contact(db, contact_id, **changed)  # type: ignore[arg-type]  # keywords of its own among the columns
    add_score(db, contact_id, score=score, priority=priority)
    make_target(db, contact_id, score=score, priority=priority)
    return contact_id


def add_score(db: Database, contact_id: int, *, score: int = 90, priority: int = 1, text: str = "a decision maker") -> None:
    """A score that stands, of one part."""
    db.conn.execute("INSERT INTO icp_scoring_configs VALUES ('v1', '{}', :at) ON CONFLICT DO NOTHING", {"at": CREATED_AT})
    db.conn.execute("INSERT INTO icp_scoring_runs VALUES (1, 'v1', '', :at, 1, 1) ON CONFLICT DO NOTHING", {"at": CREATED_AT})
    part = {"name": "title", "label": "Title", "group": "fit", "value": "VP Sales", "points": score, "rule": text, "field": "title"}
    reason = f"Title VP Sales: {text} (+{score})"
    found = {"content": json.dumps(part, ensure_ascii=False), "points": score, "reason": reason}
    insert = "INSERT INTO icp_score_parts (content, points, reason) VALUES (:content, :points, :reason)"
    part_id = db.conn.execute(f"{insert} ON CONFLICT (content) DO UPDATE SET points = points RETURNING id", found).fetchone()["id"]
    row = {"icp_score": score, "fit_score": score, "relationship_score": 0, "part_ids": f"[{part_id}]", "coverage": 1.0, "score_min": score}
    row |= {"score_max": score, "priority": priority, "priority_best": priority, "priority_worst": priority, "source_id": 1, "run_id": 1}
    db.table("icp_score_rows").upsert({"contact_id": contact_id, **row}, pk="contact_id")


def make_target(db: Database, contact_id: int, *, score: int = 90, priority: int = 1) -> None:
    """Puts a scored contact among the targets."""
    db.table("icp_targets").insert(
        {
            "contact_id": contact_id,
            "icp_score": score,
            "targeting_reason": "Title VP Sales: a decision maker (+25)",
            "status": "identified",
            "priority": priority,
            "created_at": CREATED_AT,
        }
    )


def drop_target(db: Database, contact_id: int) -> None:
    """As a score below the minimum does."""
    with db.conn:
        db.conn.execute("DELETE FROM icp_targets WHERE contact_id = ?", [contact_id])
