"""Ties between the team's members and the people in their exports, and how strong each tie is."""

import numpy as np
import pandas as pd

# A reply half a year ago counts half of one today.
HALF_LIFE_DAYS = 180
# Without a single reply a tie stays weak, however many messages went out.
STRONGEST_WITHOUT_REPLY = 3.0

COLUMNS = ("contact_id", "connected_to_id", "connection_degree", "connection_date", "mutual_connections", "strength", "evidence")


def first_degree_ties(rows: pd.DataFrame) -> pd.DataFrame:
    """One row per contact and owner, with `COLUMNS`.

    Args:
        rows: one per row of a Connections.csv: `contact_id`, `owner_id`, `file_id`, `connected_on` (date or missing),
            `sent`, `received` (missing where the export has no messages), `last_received_on`, `as_of` (newest date in the file).

    Returns:
        `mutual_connections` is how many owners know the contact; `strength` 0–10, missing where the messages are not known.
    """
    if rows.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    ties = rows.sort_values("file_id", kind="stable").drop_duplicates(["contact_id", "owner_id"], keep="last").copy()
    ties["mutual_connections"] = ties.groupby("contact_id")["owner_id"].transform("nunique")
    ties["strength"] = strength(ties)
    ties["evidence"] = _evidence(ties)
    ties["connection_degree"] = 1
    ties = ties.rename(columns={"owner_id": "connected_to_id", "connected_on": "connection_date"})
    return ties[list(COLUMNS)].sort_values(["contact_id", "connected_to_id"], ignore_index=True)


def strength(ties: pd.DataFrame) -> pd.Series:
    """0–10 per tie: replies first, then how recent the last one is, then how much went both ways."""
    sent, received = (pd.to_numeric(ties[name]).astype(float) for name in ("sent", "received"))
    as_of, last = (pd.to_datetime(ties[name], format="%Y-%m-%d") for name in ("as_of", "last_received_on"))
    age = (as_of - last).dt.days.clip(lower=0)
    recency = np.power(0.5, age.fillna(np.inf) / HALF_LIFE_DAYS)
    answered = 4 + 4 * recency + np.minimum(2.0, np.log2(1 + np.minimum(sent, received)))
    shared = np.minimum(1.0, 0.5 * (ties["mutual_connections"].astype(float) - 1))
    unanswered = np.minimum(STRONGEST_WITHOUT_REPLY, 1 + (sent > 0) + shared)
    result = pd.Series(np.where(received > 0, answered, unanswered), index=ties.index).round(1)
    return result.where(sent.notna())


def _evidence(ties: pd.DataFrame) -> pd.Series:
    parts = []
    for sent, received, last in ties[["sent", "received", "last_received_on"]].itertuples(index=False):
        if pd.isna(sent):
            parts.append("connected; messages not in the export")
        elif received > 0:
            parts.append(f"{int(received)} received, the last on {last}; {int(sent)} sent")
        else:
            parts.append(f"connected; {int(sent)} sent, none received" if sent else "connected; no messages")
    return pd.Series(parts, index=ties.index)
