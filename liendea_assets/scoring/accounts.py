"""Companies as accounts: what is counted over a company's people, its segment, and the account's score. Pure: frames in, frames out."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from liendea_assets.scoring.account_settings import AccountSettings, Condition
from liendea_assets.scoring.fields import FIELDS, Named, Vocabulary
from liendea_assets.scoring.settings import ScoringSettings


def add_account_fields(contacts: pd.DataFrame, fields: Sequence[str], settings: ScoringSettings, vocabulary: Vocabulary) -> pd.DataFrame:
    """The contacts with those of `account_contacts`, `account_strength` and segments by rule that are needed.

    Args:
        contacts: whole companies: all contacts of each company that one of them has.
    """
    added = contacts
    has_company = "company_id" in contacts
    if "account_contacts" in fields and has_company:
        counts = contacts.groupby("company_id")["contact_id"].transform("size").astype("Float64")
        added = added.assign(account_contacts=counts.where(contacts["company_id"].notna()))
    if "account_strength" in fields and has_company and "connection_strength" in contacts:
        strongest = contacts["connection_strength"].astype("Float64").groupby(contacts["company_id"]).transform("max")
        added = added.assign(account_strength=strongest.where(contacts["company_id"].notna()))
    if "gtm_segment" in fields and settings.segments:
        added = added.assign(gtm_segment=segments(contacts, settings, vocabulary))
    return added


def segments(companies: pd.DataFrame, settings: ScoringSettings, vocabulary: Vocabulary) -> pd.Series:
    """`gtm_segment` where a workbook says it, else the first of `segments` whose conditions all hold; missing where none does."""
    told = companies["gtm_segment"].astype(object) if "gtm_segment" in companies else pd.Series(None, index=companies.index, dtype=object)
    found = told.where(told.notna(), None)
    for segment in settings.segments:
        holds = np.ones(len(companies), dtype=bool)
        for condition in segment.when:
            holds &= _holds(condition, companies, vocabulary)
        found = found.where(found.notna() | ~holds, segment.name)
    return found


def score_accounts(companies: pd.DataFrame, people: pd.DataFrame, settings: AccountSettings) -> pd.DataFrame:
    """The companies with `icp_score` (0–100), `best_score`, `breadth` (contacts at or above breadth_score), `contacts`, `best_contact_id`.

    Args:
        companies: `company_id`, `own_fit` (0–100, the company's own fit as a share of what its fields can give).
        people: `company_id`, `contact_id`, `icp_score` of contacts who can be targets.
    """
    ranked = people.sort_values(["company_id", "icp_score", "contact_id"], ascending=[True, False, True], kind="stable")
    grouped = ranked.groupby("company_id")
    rolled = pd.DataFrame(
        {
            "best_score": grouped["icp_score"].first(),
            "best_contact_id": grouped["contact_id"].first(),
            "contacts": grouped.size(),
            "breadth": ranked[ranked["icp_score"] >= settings.breadth_score].groupby("company_id").size(),
        }
    )
    found = companies.merge(rolled.reset_index(), on="company_id", how="left", validate="one_to_one")
    for name in ("best_score", "contacts", "breadth"):
        found[name] = found[name].fillna(0).astype(int)
    found["best_contact_id"] = found["best_contact_id"].astype("Int64")
    breadth = (found["breadth"] / settings.breadth_contacts).clip(upper=1) * 100
    of_people = settings.best_person_share * found["best_score"] + (1 - settings.best_person_share) * breadth
    own = settings.own_fit_share
    found["icp_score"] = np.floor(own * found["own_fit"] + (1 - own) * of_people + 0.5).astype(int).clip(0, 100)
    return found


def _holds(condition: Condition, companies: pd.DataFrame, vocabulary: Vocabulary) -> npt.NDArray[np.bool_]:
    """Unknown never holds."""
    known = vocabulary.known(condition.field, companies)
    if FIELDS[condition.field].is_text:
        wanted = vocabulary.wanted(condition.field, condition.any_of or ())
        verdicts = np.array([isinstance(value, Named) and bool(value.names & wanted) for value in known.values], dtype=bool)
    else:
        numbers = np.asarray(known.values, dtype=float)
        low = -np.inf if condition.min is None else condition.min
        high = np.inf if condition.max is None else condition.max
        verdicts = (numbers >= low) & (numbers <= high)
    return np.append(verdicts, False)[known.codes]
