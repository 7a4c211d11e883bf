"""What became of contacts: meetings and replies, entered by hand. What a back-test of the scores rests on."""

import json
from datetime import date
from typing import Literal, get_args

from liendea_assets.core.clock import Clock, to_text
from liendea_assets.core.errors import BadValue, UnknownRecord
from liendea_assets.db.connection import Database
from liendea_assets.outreach import outcome_store as store
from liendea_assets.scoring.past_scores import score_at
from liendea_assets.scoring.retarget import settle_status

Kind = Literal["meeting", "positive_reply", "negative_reply"]
KINDS: tuple[Kind, ...] = get_args(Kind)


def add_outcome(db: Database, contact_id: int, kind: Kind, happened_on: date | None, noted_by: str, clock: Clock) -> int | None:
    """Notes an outcome with the score that the contact had; a target is `responded` at once. Returns its id, None where it stands already.

    The score is the one at the time of the first message, since somebody decided by it then; without a message that of the day of
    the outcome. It is kept, so that neither later data nor a suppression change what a back-test counts.

    Args:
        happened_on: None for today.

    Raises:
        UnknownRecord: there is no such contact. BadValue: a day that is still to come.
    """
    now = clock.now()
    day = happened_on or now.date()
    if day > now.date():
        raise BadValue(f"{day} is still to come; an outcome has happened on {now.date()} or before")
    found = store.find_contact(db, contact_id)
    if found is None:
        raise UnknownRecord(f"there is no contact {contact_id}")
    until = f"{day.isoformat()} 23:59:59.999999"
    as_of = store.first_message(db, found, until) or until
    past = score_at(db, found, as_of)
    outcome_id = store.add_outcome(
        db,
        {
            "contact_id": found,
            "kind": kind,
            "happened_on": day.isoformat(),
            "icp_score": past.icp_score if past else None,
            "points": json.dumps(past.points) if past and past.points is not None else None,
            "scored_as_of": as_of,
            "noted_by": noted_by,
            "now": to_text(now),
        },
    )
    if outcome_id is not None:
        settle_status(db, found)
    return outcome_id


def undo_outcome(db: Database, outcome_id: int, clock: Clock) -> bool:
    """Takes an outcome back; a target's status goes back to what the rest says. False where it was undone already.

    Raises:
        UnknownRecord: there is no such outcome.
    """
    contact_id = store.contact_of(db, outcome_id)
    if contact_id is None:
        raise UnknownRecord(f"there is no outcome {outcome_id}; `liendea outcome list` tells them")
    undone = store.undo_outcome(db, outcome_id, to_text(clock.now()))
    if undone:
        settle_status(db, contact_id)
    return undone
