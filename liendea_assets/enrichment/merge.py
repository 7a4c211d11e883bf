"""The best known value of each field of each contact, with its source and date. Pure: frames in, a frame out."""

import json
from collections.abc import Sequence

import pandas as pd

from liendea_assets.core.text import fold
from liendea_assets.enrichment.provider import FIELDS

# What counts for a complete profile; a telephone number may be either one.
COMPLETE_FIELDS = ("title", "company_name", "industry", "employee_count", "growth_rate", "work_email", "linkedin_url")

PROFILE_URL = "https://www.linkedin.com/in/"


# What an answer says of somebody's job; it holds only as long as they have that job.
_COMPANY_FACTS = ["industry", "employee_count", "revenue_range", "growth_rate"]
_JOB_FIELDS = ["title", "work_email", "work_phone", "company_name", "company_domain", *_COMPANY_FACTS]


def merge_answers(contacts: pd.DataFrame, answers: pd.DataFrame, source_order: Sequence[str]) -> pd.DataFrame:
    """One row per contact with the columns of enriched_contacts.

    A value is the first in source order, of a source the newest. The company's facts are those of the imports where they have any.
    What a provider says of a job at another employer is left out: a former job must not colour the present one.

    Args:
        contacts: as `store.read_contacts`. answers: as `store.read_answers`.
    """
    base = contacts.set_index("contact_id")
    known = pd.concat([_company_values(base), _answered_values(base, answers)], ignore_index=True)
    rank = known["source"].map({source: position for position, source in enumerate(source_order)}).fillna(len(source_order))
    known = known.assign(rank=rank).sort_values(["contact_id", "field", "rank"], kind="stable").drop_duplicates(["contact_id", "field"])
    wide = known.pivot(index="contact_id", columns="field", values="value").reindex(index=base.index, columns=list(FIELDS)).astype(object)
    enriched = base[["full_name", "first_name", "last_name", "company_id", "gtm_segment", "is_owner"]].join(wide)
    enriched["profile_completeness"] = _completeness(enriched)
    enriched["sources"] = _sources(known).reindex(base.index).fillna("{}")
    return enriched.reset_index()


def _company_values(base: pd.DataFrame) -> pd.DataFrame:
    company = base[["company_name", "company_domain", *_COMPANY_FACTS]]
    has_facts = company[_COMPANY_FACTS].notna().any(axis=1)
    of_workbooks, of_exports = company[has_facts], company[~has_facts]
    as_of = base["company_as_of"]
    return pd.concat([_long(of_workbooks, "gtm", as_of[has_facts]), _long(of_exports, "linkedin", as_of[~has_facts])])


def _answered_values(base: pd.DataFrame, answers: pd.DataFrame) -> pd.DataFrame:
    usable = answers.astype(dict.fromkeys(_JOB_FIELDS, object))
    usable.loc[_is_about_another_job(base, answers), _JOB_FIELDS] = None
    parts = [
        _long(group.set_index("contact_id")[list(FIELDS)], str(source), group.set_index("contact_id")["answered_at"])
        for source, group in usable.groupby("source", sort=True)
    ]
    return pd.concat(parts) if parts else _long(base[[]], "", base["contact_as_of"])


def _is_about_another_job(base: pd.DataFrame, answers: pd.DataFrame) -> pd.Series:
    """Whether an answer names another employer than the contact's: by domain, where there is none by the names' beginnings."""
    own = base.reindex(answers["contact_id"])[["company_domain", "company_name"]].astype(object)
    verdicts = [
        _is_other(own_domain, own_name, domain, name)
        for own_domain, own_name, domain, name in zip(
            own["company_domain"], own["company_name"], answers["company_domain"], answers["company_name"], strict=True
        )
    ]
    return pd.Series(verdicts, index=answers.index, dtype=bool)


def _is_other(own_domain: object, own_name: object, domain: object, name: object) -> bool:
    if isinstance(own_domain, str) and isinstance(domain, str):
        return own_domain != domain
    if isinstance(own_name, str) and isinstance(name, str):
        own_words, words = fold(own_name).split(), fold(name).split()
        shared = min(len(own_words), len(words))
        return own_words[:shared] != words[:shared]
    return False


def _long(wide: pd.DataFrame, source: str, as_of: pd.Series) -> pd.DataFrame:
    """`contact_id`, `field`, `value`, `source`, `as_of` for every known value."""
    frames = [
        pd.DataFrame({"contact_id": wide.index, "field": name, "value": wide[name].astype(object).array, "as_of": as_of.array})
        for name in wide.columns
    ]
    frame = pd.concat(frames) if frames else pd.DataFrame(columns=["contact_id", "field", "value", "as_of"])
    return frame.dropna(subset=["value"]).assign(source=source)


def _completeness(enriched: pd.DataFrame) -> pd.Series:
    known = enriched[list(COMPLETE_FIELDS)].notna().sum(axis=1)
    has_phone = enriched[["work_phone", "mobile_phone"]].notna().any(axis=1)
    return (100 * (known + has_phone) / (len(COMPLETE_FIELDS) + 1)).round().astype(int)


def _sources(known: pd.DataFrame) -> pd.Series:
    """JSON per contact: field → [source, date]."""
    by_contact: dict[int, dict[str, list[str]]] = {}
    for contact_id, field, source, as_of in known[["contact_id", "field", "source", "as_of"]].itertuples(index=False):
        by_contact.setdefault(contact_id, {})[field] = [source, str(as_of)[:10]]
    return pd.Series({contact_id: json.dumps(fields, sort_keys=True) for contact_id, fields in by_contact.items()}, dtype=object)
