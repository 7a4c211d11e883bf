"""How strong a tie is, 0–10, and what that rests on. docs/network.md explains the formula."""

import numpy as np
import pandas as pd

# A message of theirs half a year ago counts half of one today.
HALF_LIFE_DAYS = 180
# Without a single message of theirs a tie stays weak, whatever else there is.
STRONGEST_WITHOUT_REPLY = 3.0

FIRST_REPLY = 3.5
MOST_FOR_REPLIES = 1.5
MOST_FOR_RECENCY = 2.5
MOST_FOR_BOTH_WAYS = 0.5
# 31 messages give all that messages can give.
DOUBLINGS = 5

CONNECTED = 0.5
WROTE = 0.5
THEY_INVITED, OWNER_INVITED = 0.3, 0.1
ENDORSED_OWNER, OWNER_ENDORSED = 0.3, 0.1
RECOMMENDED_OWNER, OWNER_RECOMMENDED = 0.5, 0.3
SAME_EMPLOYER = 0.3
MOST_FOR_YEARS, YEARS = 0.1, 5

COLUMNS = (
    "connected_on",
    "as_of",
    "has_messages",
    "sent",
    "received",
    "last_received_on",
    "invited_by",
    "invited_on",
    "endorsements_given",
    "endorsements_received",
    "recommendations_given",
    "recommendations_received",
    "same_employer",
)


def strength(ties: pd.DataFrame) -> pd.Series:
    """0–10 per tie; missing where the messages are not known.

    Args:
        ties: `COLUMNS`. Counts are missing where nothing is known of the contact; `has_messages` tells unknown from none. Dates are
            `YYYY-MM-DD` or missing; `as_of` is the day that recency counts to; `same_employer` is text or missing.
    """
    sent, received = _count(ties, "sent"), _count(ties, "received")
    recency = 0.5 ** (_days(ties, "last_received_on").fillna(np.inf) / HALF_LIFE_DAYS)
    # a message to ten people is a tenth of a reply
    share = received.clip(upper=1)
    answered = (
        STRONGEST_WITHOUT_REPLY
        + (FIRST_REPLY - STRONGEST_WITHOUT_REPLY) * share
        + MOST_FOR_REPLIES * _volume(received)
        + MOST_FOR_RECENCY * recency * share
        + MOST_FOR_BOTH_WAYS * _volume(sent.where(sent < received, received))
        + _extras(ties)
    )
    unanswered = (CONNECTED + WROTE * (sent > 0) + _extras(ties)).clip(upper=STRONGEST_WITHOUT_REPLY)
    # less than one is a share of messages to many at once, and no reply
    result = answered.where(received >= 1, unanswered).clip(0, 10).round(1)
    known: pd.Series = result.where(ties["has_messages"].astype(bool)).astype(float)
    return known


def evidence(ties: pd.DataFrame) -> pd.Series:
    """What speaks for each tie, the strongest first: a JSON list of sentences without names. Columns as for `strength`."""
    sent, received = _count(ties, "sent"), _count(ties, "received")
    is_known = ties["has_messages"].astype(bool)
    last = _text(ties, "last_received_on")
    invited_on = (" on " + _text(ties, "invited_on")).fillna("")
    since = _text(ties, "connected_on")
    sentences: list[tuple[pd.Series, pd.Series | str]] = [
        (~is_known, "messages not in the export"),
        (is_known & (received > 0), "wrote " + _number(received) + (", last on " + last).fillna("")),
        (is_known & (received <= 0), "never wrote"),
        (is_known & (sent > 0), "was written to " + _number(sent)),
        (ties["invited_by"].eq("contact"), "invited the colleague" + invited_on),
        (ties["invited_by"].eq("owner"), "was invited" + invited_on),
        (_count(ties, "recommendations_received") > 0, "recommended the colleague"),
        (_count(ties, "recommendations_given") > 0, "was recommended"),
        (_count(ties, "endorsements_received") > 0, "endorsed the colleague"),
        (_count(ties, "endorsements_given") > 0, "was endorsed"),
        (ties["same_employer"].notna(), "works where the colleague worked" + _text(ties, "same_employer").fillna("")),
        (since.notna(), "connected since " + since.fillna("")),
    ]
    joined = pd.Series("", index=ties.index, dtype=object)
    for is_so, sentence in sentences:
        text = sentence if isinstance(sentence, str) else sentence.astype(object)
        joined = joined + (pd.Series(', "', index=ties.index, dtype=object) + text + '"').where(is_so, "")
    return "[" + joined.str[2:] + "]"


def _extras(ties: pd.DataFrame) -> pd.Series:
    """What else ties two people, 0–2."""
    years = (_days(ties, "connected_on") / 365.25).clip(0, YEARS).fillna(0)
    total: pd.Series = (
        THEY_INVITED * ties["invited_by"].eq("contact")
        + OWNER_INVITED * ties["invited_by"].eq("owner")
        + ENDORSED_OWNER * (_count(ties, "endorsements_received") > 0)
        + OWNER_ENDORSED * (_count(ties, "endorsements_given") > 0)
        + RECOMMENDED_OWNER * (_count(ties, "recommendations_received") > 0)
        + OWNER_RECOMMENDED * (_count(ties, "recommendations_given") > 0)
        + SAME_EMPLOYER * ties["same_employer"].notna()
        + MOST_FOR_YEARS * years / YEARS
    )
    return total


def _count(ties: pd.DataFrame, column: str) -> pd.Series:
    return pd.to_numeric(ties[column]).astype(float).fillna(0.0)


def _volume(messages: pd.Series) -> pd.Series:
    volume: pd.Series = (np.log2(1 + messages) / DOUBLINGS).clip(upper=1)
    return volume


def _days(ties: pd.DataFrame, column: str) -> pd.Series:
    """Days from a date to `as_of`; none below 0."""
    as_of, day = (pd.to_datetime(ties[name], format="%Y-%m-%d") for name in ("as_of", column))
    days: pd.Series = (as_of - day).dt.days.clip(lower=0)
    return days


def _text(ties: pd.DataFrame, column: str) -> pd.Series:
    return ties[column].astype(object)


def _number(counts: pd.Series) -> pd.Series:
    """`once`, `3 times`, and to one decimal where messages to several people are shared out."""
    distinct = {count: "once" if count == 1 else f"{round(count, 1):g} times" for count in counts.unique()}
    return counts.map(distinct).astype(object)
