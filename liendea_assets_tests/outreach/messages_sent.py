"""Messages straight in outreach_log, in the state that they came to."""

import hashlib
from datetime import datetime

from liendea_assets.core.clock import to_text
from liendea_assets.db.connection import Database

CREATED_AT = "2026-09-01 08:00:00.000000"
_ON_THE_WAY = ("claimed", "sending", "uncertain")


def add_campaign_row(db: Database, campaign_id: int, *, daily_limit: int = 1_000, kind: str = "email") -> int:
    """A campaign that nobody reads the file of. Returns its id."""
    fixed = {"type": kind, "status": "active", "created_at": CREATED_AT, "version": "v1"}
    db.table("outreach_campaigns").insert({"id": campaign_id, "name": f"campaign-{campaign_id}", "daily_limit": daily_limit, **fixed})
    return campaign_id


def add_message(
    db: Database,
    contact_id: int,
    status: str = "sent",
    moment: datetime | None = None,
    *,
    campaign_id: int = 1,
    step: int = 1,
    mailbox: str = "main",
    kind: str = "email",
    **changed: object,
) -> int:
    """A message in a state. Returns its id.

    Args:
        moment: when it was sent, or claimed where nobody knows that it was sent.
    """
    at = None if moment is None else to_text(moment)
    values = {
        "campaign_id": campaign_id,
        "contact_id": contact_id,
        "step": step,
        "outreach_type": kind,
        "status": status,
        "sent_at": None if status in (*_ON_THE_WAY, "queued") else at,
        "claimed_at": at,
        "planned_on": "2026-09-01",
        "message_id": f"<{campaign_id}.{contact_id}.{step}@northwind.example>",
        "message": "a message",
        "message_sha256": hashlib.sha256(b"a message").hexdigest(),
        "campaign_version": "v1",
        "created_at": CREATED_AT,
        "mailbox": mailbox,
        **changed,
    }
    return int(db.table("outreach_log").insert(values).last_pk)


def merge_contact(db: Database, contact_id: int, into: int) -> None:
    """As the imports do when two contacts turn out to be one person, and the enrichment after them."""
    db.execute("DELETE FROM icp_targets WHERE contact_id = ?", [contact_id])
    db.execute("DELETE FROM enriched_contacts WHERE contact_id = ?", [contact_id])
    db.table("contacts").update(contact_id, {"merged_into": into, "full_name": ""})
