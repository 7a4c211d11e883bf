"""Who is not to be written to on LinkedIn now, whatever the campaign, and why."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from liendea_assets.core.clock import from_text, to_text
from liendea_assets.db.connection import Database, to_records
from liendea_assets.outreach import linkedin_store as store
from liendea_assets.outreach.linkedin_budgets import WEEK
from liendea_assets.outreach.settings import CapSettings
from liendea_assets.outreach.store import read_suppressions
from liendea_assets.scoring.suppressed import find_suppressed
from liendea_assets.scoring.suppression_list import SuppressionList


def find_barred(db: Database, caps: CapSettings, key: bytes, now: datetime) -> dict[int, str]:
    """Contact id → why nobody writes to that person on LinkedIn now: all that does not depend on the campaign.

    What happened to either of two contacts that are one by now counts for that person.
    """
    found = {
        contact_id: f"left alone by a colleague until {until[:10]}" for contact_id, until in store.read_cool_downs(db, to_text(now)).items()
    }
    for row in to_records(store.read_contacted(db, to_text(now - WEEK))):
        reason = _contacted(row, caps, now)
        if reason is not None:
            found[row["contact_id"]] = reason
    found |= dict.fromkeys(store.read_in_sequence(db), "is in the middle of an e-mail sequence")
    found |= dict.fromkeys(store.read_stopped(db), "stopped: somebody answered or asked not to be contacted")
    return found | find_suppressed(db, SuppressionList(key, read_suppressions(db)))


def _contacted(row: Mapping[str, Any], caps: CapSettings, now: datetime) -> str | None:
    if row["has_answered"]:
        return "has answered already"
    if row["is_on_the_way"]:
        return "an e-mail is on its way"
    if row["sent_this_week"] and row["sent_this_week"] >= caps.messages_per_contact_per_week:
        return f"was written to {row['sent_this_week']} times within a week"
    last = row["last_sent_at"]
    free = from_text(last) + timedelta(days=caps.days_between_messages) if last else now
    return f"was written to on {last[:10]}" if free > now else None
