"""All that an export tells about the owner and each other person, in one row per person: counts and dates, never a text or a name."""

from collections.abc import Sequence

import pandas as pd

from liendea_assets.imports.linkedin_people import find_rows
from liendea_assets.imports.model import ACTIVITY_COLUMNS

_COUNTS = ("endorsements_given", "endorsements_received", "recommendations_given", "recommendations_received")
_WHEN = {"first_sent_on": "min", "last_sent_on": "max", "last_received_on": "max"}


def join_activity(messages: pd.DataFrame | None, signals: Sequence[pd.DataFrame], connections: pd.DataFrame) -> pd.DataFrame:
    """One row per person, `ACTIVITY_COLUMNS`, in order of slug and row.

    A person without a profile who is no connection by name, or could be several, has no row.

    Args:
        messages: as `linkedin_messages.count_messages` gives them; None where the messages are not known.
        signals: frames of `linkedin_signals`, in any order.
        connections: as `linkedin_people.connections_of` gives them.
    """
    parts = []
    for frame in signals if messages is None else [messages, *signals]:
        rows = find_rows(frame, connections)
        slug_of_row = connections.drop_duplicates("row_number").set_index("row_number")["linkedin_id"]
        known = frame["linkedin_id"].astype(object)
        parts.append(frame.assign(row_number=rows, linkedin_id=known.where(known.notna(), rows.map(slug_of_row))))
    columns = [column for column in ACTIVITY_COLUMNS if column not in ("linkedin_id", "row_number")]
    people = pd.concat([part.reindex(columns=[*ACTIVITY_COLUMNS]).astype(object) for part in parts], ignore_index=True) if parts else None
    if people is None or people.empty:
        return pd.DataFrame(columns=list(ACTIVITY_COLUMNS), dtype=object)
    people = people[people["linkedin_id"].notna() | people["row_number"].notna()]
    people = people.astype(dict.fromkeys(("sent", "received", *_COUNTS), float) | dict.fromkeys((*_WHEN, "invited_on"), "str"))
    # one profile of a row, whichever file told it
    key = ("row:" + people["row_number"].astype("Int64").astype("str")).where(people["row_number"].notna(), "in:" + people["linkedin_id"])
    key = key.rename("person")
    last_invitation = people.sort_values("invited_on", na_position="first", kind="stable").groupby(key)[["invited_by", "invited_on"]].last()
    how: dict[str, str] = {"linkedin_id": "first", "row_number": "first", "sent": "sum", "received": "sum", **_WHEN}
    joined = people.groupby(key).agg(how | dict.fromkeys(_COUNTS, "sum")).join(last_invitation)
    joined = joined.astype(dict.fromkeys(_COUNTS, "int64"))
    if messages is None:
        joined[["sent", "received"]] = float("nan")
    joined = joined.astype(object).where(joined.notna(), None)[["linkedin_id", "row_number", *columns]]
    return joined.sort_values(["linkedin_id", "row_number"], na_position="last", ignore_index=True)
