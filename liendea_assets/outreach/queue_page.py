"""What the page of the queue shows: who is next, when and why, and what holds messages back. Ids and counts, no names."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from liendea_assets.core.clock import to_text
from liendea_assets.db.connection import Database, to_records
from liendea_assets.outreach import queue_store as store
from liendea_assets.outreach.caps import find_free
from liendea_assets.outreach.gate import Gate
from liendea_assets.outreach.settings import OutreachSettings

SHOWN = 25
FREE = "free to go"


@dataclass(frozen=True, slots=True)
class QueuePage:
    """Small tables.

    Attributes:
        next: the first messages in the order of sending: `message`, `campaign`, `contact`, `step`, `mailbox`, `not_before`, `because`
            and `now`, which says what would hold the message back at this moment.
        held_back: `reason`, `messages`: what the gate says of all that is queued.
        days: `earliest_day`, `messages`: from when on messages may go out. Caps and limits, which are looked at when a message is sent, let
            them go then or later.
    """

    next: pd.DataFrame
    held_back: pd.DataFrame
    days: pd.DataFrame


def describe_queue(db: Database, settings: OutreachSettings, gate: Gate, limits: Sequence[tuple[int, int]], now: datetime) -> QueuePage:
    """Asks the gate about every queued message, and the caps about those that are shown. Changes nothing.

    Args:
        limits: (seconds, messages) of `email` in rate_limits.yaml.
    """
    queued = to_records(store.read_queued(db).drop(columns=["message"]))
    bench = gate.prepare(db.conn, queued, now)
    verdicts = {row["id"]: bench.judge_before_message(row).reason for row in queued}
    counted = Counter(reason for reason in verdicts.values() if reason is not None)
    upcoming = [
        _line(db, row, verdicts.get(row["id"]), settings, limits, now) for row in to_records(store.read_next(db, to_text(now), SHOWN))
    ]
    columns = ["message", "campaign", "contact", "step", "mailbox", "not_before", "because", "now"]
    return QueuePage(
        pd.DataFrame(upcoming, columns=columns, dtype=object),
        pd.DataFrame(counted.most_common(), columns=["reason", "messages"], dtype=object),
        store.count_days(db),
    )


def _line(
    db: Database, row: dict[str, Any], verdict: str | None, settings: OutreachSettings, limits: Sequence[tuple[int, int]], now: datetime
) -> dict[str, object]:
    is_due = row["send_after"] <= to_text(now)
    held = verdict or (find_free(db.conn, row, settings, now, limits) if is_due else "its moment has not come")
    return {
        "message": row["id"],
        "campaign": row["campaign"],
        "contact": row["contact_id"],
        "step": f"{row['step_name']}{' (follow-up)' if row['is_follow_up'] else ''}",
        "mailbox": row["mailbox"],
        "not_before": row["send_after"][:16],
        "because": row["schedule_reason"],
        "now": held or FREE,
    }
