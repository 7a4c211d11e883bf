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


def roll_up(companies: pd.DataFrame, people: pd.DataFrame, settings: AccountSettings) -> pd.DataFrame:
    """The companies with `icp_score` (0–100), `best_score`, `best_contact_id`, `breadth` (contacts from breadth_score on), `contacts`.

    Args:
        companies: `company_id`, `own_fit` (0–100), `is_out` (disqualified, and so 0).
        people: `company_id`, `contact_id`, `icp_score` of contacts who can be targets.
    """
    ranked = people.sort_values(["company_id", "icp_score", "contact_id"], ascending=[True, False, True], kind="stable")
    grouped = ranked.groupby("company_id")
    is_broad = ranked["icp_score"] >= settings.breadth_score
    rolled = pd.DataFrame(
        {
            "best_score": grouped["icp_score"].first(),
            "best_contact_id": grouped["contact_id"].first(),
            "contacts": grouped.size(),
            "breadth": is_broad.groupby(ranked["company_id"]).sum(),
        }
    )
    found = companies.merge(rolled.rename_axis("company_id").reset_index(), on="company_id", how="left", validate="one_to_one")
    found = found.fillna({"best_score": 0, "contacts": 0, "breadth": 0})
    found = found.astype({"best_score": "int64", "contacts": "int64", "breadth": "int64", "best_contact_id": "Int64"})
    breadth = (found["breadth"] / settings.breadth_contacts).clip(upper=1) * 100
    of_people = settings.best_person_share * found["best_score"] + (1 - settings.best_person_share) * breadth
    whole = settings.own_fit_share * found["own_fit"] + (1 - settings.own_fit_share) * of_people
    # in hundred-millionths, so that a half is a half whatever the shares
    found["icp_score"] = np.floor(whole.round(8) + 0.5).clip(0, 100).where(~found["is_out"], 0).astype("int64")
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
