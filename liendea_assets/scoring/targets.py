"""Who is worth working: contacts at or above the minimum score. Pure: frames in, a frame out."""

import pandas as pd


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
