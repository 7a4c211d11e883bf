"""Accounts' scores: a company's own fit by the rules that look at companies, with its people rolled up. Pure: frames in, a frame out."""

import numpy as np
import pandas as pd

from liendea_assets.scoring.accounts import roll_up, segments
from liendea_assets.scoring.plan import profile_of
from liendea_assets.scoring.score import evaluate, possible_points
from liendea_assets.scoring.settings import ScoringSettings

# What is known of a company without looking at one of its people.
COMPANY_FIELDS = ("employee_count", "revenue", "growth_rate", "industry", "company_domain", "gtm_segment")


def score_accounts(companies: pd.DataFrame, people: pd.DataFrame, settings: ScoringSettings) -> pd.DataFrame:
    """One row per company with the columns of icp_accounts.

    A company's own fit is what the rules that look at companies give, of the most that they can give.

    Args:
        companies: `company_id` and the columns of COMPANY_FIELDS; `gtm_segment` where a workbook says it.
        people: as for `accounts.roll_up`.
    """
    own = company_settings(settings)
    vocabulary = profile_of(settings).vocabulary
    facts = companies.assign(contact_id=companies["company_id"])
    found = companies[["company_id"]].copy()
    found["gtm_segment"] = segments(companies, settings, vocabulary)
    told = companies["gtm_segment"].notna()
    found["segment_source"] = (
        pd.Series("rule", index=found.index, dtype=object).where(found["gtm_segment"].notna(), None).mask(told, "workbook")
    )
    found["own_fit"], found["coverage"], found["disqualified_by"] = 0, 0.0, None
    if own is not None:
        scored = evaluate(facts, own)
        most = possible_points(own)
        share = scored.frame["icp_score"] * 100 / most if most else scored.frame["icp_score"] * 0
        found["own_fit"] = np.floor(share.round(8) + 0.5).clip(0, 100).astype("int64").to_numpy()
        found["coverage"] = scored.frame["coverage"].to_numpy()
        found["disqualified_by"] = scored.frame["disqualified_by"].to_numpy()
    found["is_out"] = found["disqualified_by"].notna()
    found = roll_up(found, people, settings.accounts)
    found["is_target"] = ((found["icp_score"] >= settings.accounts.minimum_score) & ~found["is_out"]).astype("int64")
    found["reasons"] = _reasons(found, settings)
    return found


def company_settings(settings: ScoringSettings) -> ScoringSettings | None:
    """The rules that look at companies alone; None where there are none."""
    profile = profile_of(settings)
    kept = []
    for component in profile.components:
        rules = tuple(rule for rule in component.rules if rule.field in COMPANY_FIELDS)
        if rules and component.group == "fit":
            kept.append(component.model_copy(update={"rules": rules}))
    if not kept:
        return None
    disqualifiers = tuple(entry for entry in settings.disqualifiers if entry.field in COMPANY_FIELDS)
    # the plan's parts are among the components already
    return settings.model_copy(
        update={"weights": settings.weights.without_points(), "components": tuple(kept), "disqualifiers": disqualifiers}
    )


def _reasons(found: pd.DataFrame, settings: ScoringSettings) -> list[str]:
    broad = settings.accounts.breadth_score
    reasons = []
    for own, best, breadth, contacts, out in zip(
        found["own_fit"], found["best_score"], found["breadth"], found["contacts"], found["disqualified_by"], strict=True
    ):
        people = f"best person {best}; {breadth} of {contacts} contacts at {broad} or above" if contacts else "nobody known there"
        reasons.append(f"disqualified: {out}" if isinstance(out, str) else f"own fit {own} of 100; {people}")
    return reasons
