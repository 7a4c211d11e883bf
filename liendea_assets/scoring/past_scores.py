"""The score that a contact had at a time, out of what changed since."""

import json
from dataclasses import dataclass

from liendea_assets.db.connection import Database, to_records
from liendea_assets.scoring import past_score_store as store


@dataclass(frozen=True, slots=True)
class PastScore:
    """A score as it stood.

    Attributes:
        points: part → points; None where what is kept does not add up to the score, as with changes of before parts were kept.
    """

    icp_score: int
    points: dict[str, int] | None


def score_at(db: Database, contact_id: int, at: str) -> PastScore | None:
    """The contact's score at a time, as `clock.to_text` writes it; None where they had none then, or it is not kept.

    Changes since then are taken back, the newest first. A suppressed contact has no score any more, so nothing can be taken back.
    """
    since = store.scored_since(db, contact_id)
    current = store.read_current(db, contact_id)
    if since is None or at < since or current is None:
        return None
    score, parts = current
    points: dict[str, int] = {}
    for part in json.loads(parts):
        points[part["name"]] = points.get(part["name"], 0) + int(part["points"])
    for change in to_records(store.read_changes_after(db, contact_id, at)):
        if change["old"] is None:
            # scored for the first time, or again after a while without a score
            return None
        score = int(change["old"])
        points |= {piece["part"]: int(piece["old"]) for piece in json.loads(change["detail"] or "[]")}
    return PastScore(score, points if sum(points.values()) == score else None)
