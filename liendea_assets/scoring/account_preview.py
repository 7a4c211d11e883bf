"""What a scoring config would do to accounts: their scores, segments, and which of them are targets. Nothing is written."""

from typing import Any

import pandas as pd

from liendea_assets.db.connection import Database
from liendea_assets.scoring import account_store, preview_store
from liendea_assets.scoring.account_scores import score_accounts
from liendea_assets.scoring.settings import ScoringSettings

_COMPARED = ["company_id", "icp_score", "gtm_segment", "is_target"]


def preview_accounts(db: Database, scores: pd.DataFrame, settings: ScoringSettings) -> pd.DataFrame:
    """Accounts whose score, segment or place among the targets differs from icp_accounts, in order of company.

    `company_id`, `old`, `new` (Int64; missing for an account that is not there now, or then), `old_segment`, `new_segment`, `was_target`,
    `is_target`.

    Args:
        scores: `contact_id`, `icp_score`, `disqualified_by` of everybody by these settings.
    """
    counted = scores.loc[scores["disqualified_by"].isna(), ["contact_id", "icp_score"]]
    people = preview_store.read_company_people(db).merge(counted, on="contact_id")
    then = score_accounts(account_store.read_companies(db), people, settings)[_COMPARED].astype({"company_id": "int64"})
    now = preview_store.read_standing_accounts(db)
    both = now.merge(then, on="company_id", how="outer", suffixes=("_old", "_new")).sort_values("company_id", ignore_index=True)
    found = pd.DataFrame({"company_id": both["company_id"]})
    for side in ("old", "new"):
        found[side] = both[f"icp_score_{side}"].astype("Int64")
        segment: pd.Series[Any] = both[f"gtm_segment_{side}"].astype(object)
        found[f"{side}_segment"] = segment.where(segment.notna(), None)
    found["was_target"], found["is_target"] = both["is_target_old"].eq(1), both["is_target_new"].eq(1)
    is_other = found["old"].fillna(-1).ne(found["new"].fillna(-1)) | found["old_segment"].fillna("").ne(found["new_segment"].fillna(""))
    return found[is_other | (found["was_target"] != found["is_target"])].reset_index(drop=True)


def largest_account_changes(accounts: pd.DataFrame) -> pd.DataFrame:
    """Those who enter or leave the target list first, then by how far the score moves."""
    is_moved = accounts["was_target"] != accounts["is_target"]
    far = (accounts["new"].fillna(0) - accounts["old"].fillna(0)).abs()
    order = accounts.assign(is_moved=is_moved, far=far).sort_values(["is_moved", "far", "company_id"], ascending=[False, False, True])
    return order.drop(columns=["is_moved", "far"])
