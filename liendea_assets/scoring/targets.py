"""Who is worth working, how far that went, and whom asking about is worthwhile first. Pure: frames in, frames out."""

import numpy as np
import pandas as pd

# In their order; a target goes forward only.
STATUSES = ("identified", "enriched", "engaged", "responded")


def select_targets(scores: pd.DataFrame, contacts: pd.DataFrame, minimum_score: int) -> pd.DataFrame:
    """`contact_id`, `icp_score`, `targeting_reason`, `status`, `priority`, the best first. The team's own members are no targets.

    Args:
        scores: as `score.score_contacts`. contacts: `contact_id`, `is_owner`, `has_answer` (whether a provider found the contact).
    """
    joined = scores.merge(contacts[["contact_id", "is_owner", "has_answer"]], on="contact_id", validate="one_to_one")
    chosen = joined[(joined["icp_score"] >= minimum_score) & (joined["is_owner"] == 0)]
    status = chosen["has_answer"].map({1: "enriched", 0: "identified"})
    targets = chosen.assign(targeting_reason=chosen["reasons"], status=status)
    targets = targets.sort_values(["icp_score", "contact_id"], ascending=[False, True], ignore_index=True)
    return targets[["contact_id", "icp_score", "targeting_reason", "status", "priority"]]


def advance(targets: pd.DataFrame, former: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """The targets with the `status` that events and the former one give, and `status_reason`; no status goes back.

    Args:
        former: `contact_id`, `status`, `status_reason` of those who are targets already.
        events: `contact_id`, `status`, `status_reason`, `at`, `is_theirs` of what happened. Of those that gave the furthest status the
            first one counts that they did themselves; without any, the first that we did.
    """
    own = targets[["contact_id", "status"]].assign(status_reason=None, at="", place=3)
    happened = events.drop(columns="is_theirs").assign(place=1 - events["is_theirs"].astype("int64"))
    told = pd.concat([own, former.assign(at="", place=2), happened], ignore_index=True).astype({"status_reason": object})
    told["rank"] = told["status"].map({status: rank for rank, status in enumerate(STATUSES)})
    # an event explains a status that was kept without one
    told = told.sort_values(["contact_id", "rank", "place", "at"], ascending=[True, False, True, True], kind="stable")
    furthest = told.drop_duplicates("contact_id").set_index("contact_id").reindex(targets["contact_id"])
    reasons = furthest["status_reason"].where(furthest["status_reason"].notna(), None)
    return targets.assign(status=furthest["status"].to_numpy(), status_reason=reasons.to_numpy(dtype=object))


def enrichment_order(scores: pd.DataFrame) -> pd.Series:
    """Per row the place in which asking is worthwhile, 1 first; missing where everything is known. Who is equal has one place.

    First whose priority could become another one, then by priority, score, and least known.

    Args:
        scores: `icp_score`, `coverage`, `priority`, `priority_best`, `priority_worst`.
    """
    asked = scores[scores["coverage"] < 1]
    keys = pd.DataFrame(
        {
            "is_certain": (asked["priority_best"] == asked["priority_worst"]).astype("int64"),
            "priority": asked["priority"].astype("int64"),
            "below": -asked["icp_score"].astype("int64"),
            "coverage": asked["coverage"].astype("float64"),
        }
    ).sort_values(["is_certain", "priority", "below", "coverage"], kind="stable")
    values = keys.to_numpy()
    is_next = np.append(np.full(min(len(keys), 1), fill_value=True), (values[1:] != values[:-1]).any(axis=1))
    return pd.Series(is_next.cumsum(), index=keys.index, dtype="Int64").reindex(scores.index)
