"""The best known value of each field of each contact, with its source and date. Pure: frames in, a frame out."""

import json
from collections.abc import Sequence

import pandas as pd

from liendea_assets.core.text import fold
from liendea_assets.enrichment.provider import ANSWER_FIELDS, COMPANY_FACTS, FIELDS
from liendea_assets.enrichment.settings import Survivorship

# What counts for a complete profile; a telephone number may be either one.
COMPLETE_FIELDS = ("title", "company_name", "industry", "employee_count", "growth_rate", "work_email", "linkedin_url")

PROFILE_URL = "https://www.linkedin.com/in/"


# What an answer says of somebody's job; it holds only as long as they have that job.
_FACTS = list(COMPANY_FACTS)
_JOB_FIELDS = ["title", "work_email", "work_phone", "company_name", "company_domain", *_FACTS]
# What a person entered is never overwritten.
_MANUAL = "manual"
# By what the value that is taken is chosen, the first of these first; the newest and the surest come first.
_OF_PERSON: dict[Survivorship, list[str]] = {
    "source_order": ["rank"],
    "newest": ["turn", "as_of", "rank"],
    "highest_confidence": ["turn", "doubt", "rank"],
}
_OF_COMPANY: dict[Survivorship, list[str]] = {
    "source_order": ["rank", "doubt", "as_of"],
    "newest": ["as_of", "rank", "doubt"],
    "highest_confidence": ["doubt", "rank", "as_of"],
}


def merge_answers(
    contacts: pd.DataFrame,
    answers: pd.DataFrame,
    source_order: Sequence[str],
    verdicts: pd.DataFrame | None = None,
    survivorship: Survivorship = "source_order",
) -> pd.DataFrame:
    """One row per contact with the columns of enriched_contacts.

    A value is the first in source order, of a source the newest; an address that is said not to work comes after all others. The
    company's facts are those of the imports where they have any, else what an answer about any contact of the company says of it, of
    a source the surest and then the newest. What a provider says of a job at another employer is left out: a former job must not
    colour the present one.

    Args:
        contacts: as `store.read_contacts`. answers: as `store.read_answers`. verdicts: as `store.read_email_verdicts`.
        survivorship: whether the newest or the surest value is taken instead, whatever its source; what a person entered comes before both.
    """
    known = _best_values(contacts, answers, source_order, verdicts, survivorship)
    base = contacts.set_index("contact_id")
    enriched = base[["full_name", "first_name", "last_name", "company_id", "gtm_segment", "is_owner"]].join(_wide(known, base.index))
    enriched["profile_completeness"] = _completeness(enriched)
    enriched["sources"] = _sources(known).reindex(base.index).fillna("{}")
    return enriched.reset_index()


def known_values(
    contacts: pd.DataFrame,
    answers: pd.DataFrame,
    source_order: Sequence[str],
    verdicts: pd.DataFrame,
    survivorship: Survivorship = "source_order",
) -> pd.DataFrame:
    """By `contact_id`: `company_id`, and the values that `merge_answers` gives, without telling where they are from: that takes as long."""
    base = contacts.set_index("contact_id")
    return base[["company_id"]].join(_wide(_best_values(contacts, answers, source_order, verdicts, survivorship), base.index))


def _best_values(
    contacts: pd.DataFrame,
    answers: pd.DataFrame,
    source_order: Sequence[str],
    verdicts: pd.DataFrame | None,
    survivorship: Survivorship,
) -> pd.DataFrame:
    """`contact_id`, `field`, `value`, `source`, `as_of` of each value that is taken."""
    base = contacts.set_index("contact_id")
    told = _same_job(base, answers)
    known = pd.concat([_company_values(base), _facts_of_colleagues(base, told, source_order, survivorship), _answered_values(base, told)])
    known = _with_status(known.reset_index(drop=True), verdicts)
    # after every source of the order, and after those that stand in none
    is_entered = known["source"] == _MANUAL
    is_late = known["is_invalid"] & ~is_entered
    known = known.assign(rank=_rank(known["source"], source_order) + (len(source_order) + 1) * is_late)
    if survivorship != "source_order":
        known = known.assign(turn=~is_entered + 1 * is_late)
    known = _sorted(known, ["contact_id", "field", *_OF_PERSON[survivorship]]).drop_duplicates(["contact_id", "field"])
    return pd.concat([known, _statuses(known)], ignore_index=True)


def _wide(known: pd.DataFrame, contact_ids: pd.Index) -> pd.DataFrame:
    wide = known.pivot(index="contact_id", columns="field", values="value")
    return wide.reindex(index=contact_ids, columns=list(ANSWER_FIELDS)).astype(object)


def _sorted(known: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    return known.sort_values(keys, ascending=[key != "as_of" for key in keys], kind="stable")


def _rank(sources: pd.Series, source_order: Sequence[str]) -> pd.Series:
    return sources.map({source: position for position, source in enumerate(source_order)}).fillna(len(source_order)).astype(int)


def _company_values(base: pd.DataFrame) -> pd.DataFrame:
    company = base[["company_name", "company_domain", *_FACTS]]
    has_facts = company[_FACTS].notna().any(axis=1)
    of_workbooks, of_exports = company[has_facts], company[~has_facts]
    as_of = base["company_as_of"]
    return pd.concat([_long(of_workbooks, "gtm", as_of[has_facts]), _long(of_exports, "linkedin", as_of[~has_facts])])


def _same_job(base: pd.DataFrame, answers: pd.DataFrame) -> pd.DataFrame:
    """The answers without what they say of a job elsewhere; `is_about_company` where they name the contact's own company."""
    told = answers.astype(dict.fromkeys(_JOB_FIELDS, object))
    told.loc[_is_about_another_job(base, answers), _JOB_FIELDS] = None
    names_one = told["company_domain"].notna() | told["company_name"].notna()
    return told.assign(is_about_company=names_one & base["company_id"].reindex(told["contact_id"]).notna().to_numpy())


def _answered_values(base: pd.DataFrame, told: pd.DataFrame) -> pd.DataFrame:
    parts = [
        _long(group[list(FIELDS)], str(source), group["answered_at"], _doubt(group))
        for source, group in told.set_index("contact_id").groupby("source", sort=True)
    ]
    return pd.concat(parts) if parts else _long(base[[]], "", base["contact_as_of"])


def _doubt(told: pd.DataFrame) -> pd.Series:
    """0 for the surest answers; who gives no confidence is sure."""
    return (1 - told["confidence"].astype("Float64").fillna(1.0)).astype(float)


def _facts_of_colleagues(base: pd.DataFrame, told: pd.DataFrame, source_order: Sequence[str], survivorship: Survivorship) -> pd.DataFrame:
    """What answers say of a company, for each of its contacts: one value of each fact, the same for all of them."""
    about = told[told["is_about_company"]]
    about = about.assign(
        company_id=base["company_id"].reindex(about["contact_id"]).to_numpy(),
        rank=_rank(about["source"], source_order),
        doubt=_doubt(about),
        as_of=about["answered_at"],
    )
    about = _sorted(about, [*_OF_COMPANY[survivorship], "contact_id"])
    employed = base.reset_index()[["contact_id", "company_id"]].dropna()
    frames = []
    for name in _FACTS:
        best = about.dropna(subset=[name]).drop_duplicates("company_id")[["company_id", name, "source", "as_of", "doubt"]]
        shared = employed.merge(best.rename(columns={name: "value"}), on="company_id")
        frames.append(shared.assign(field=name)[["contact_id", "field", "value", "as_of", "source", "doubt"]])
    return pd.concat(frames)


def _with_status(known: pd.DataFrame, verdicts: pd.DataFrame | None) -> pd.DataFrame:
    """The newest verdict beside each address: `status`, `status_source`, `status_as_of`, and `is_invalid`."""
    columns = ["status", "status_source", "status_as_of"]
    if verdicts is None or verdicts.empty:
        return known.assign(**dict.fromkeys(columns, None), is_invalid=False)
    said = verdicts.assign(address=verdicts["work_email"].str.casefold()).drop_duplicates(["contact_id", "address"])
    said = said.set_index(["contact_id", "address"])[["email_status", "source", "answered_at"]].set_axis(columns, axis=1)
    addresses = known["value"].where(known["field"] == "work_email", None).map(lambda value: value.casefold(), na_action="ignore")
    beside = said.reindex(pd.MultiIndex.from_arrays([known["contact_id"], addresses])).astype(object).set_axis(known.index)
    return known.join(beside).assign(is_invalid=(beside["status"] == "invalid").astype(bool))


def _statuses(known: pd.DataFrame) -> pd.DataFrame:
    """`email_status` of the addresses that are taken, as a field of its own."""
    checked = known[(known["field"] == "work_email") & known["status"].notna()]
    return checked.assign(field="email_status", value=checked["status"], source=checked["status_source"], as_of=checked["status_as_of"])


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


def _long(wide: pd.DataFrame, source: str, as_of: pd.Series, doubt: pd.Series | None = None) -> pd.DataFrame:
    """`contact_id`, `field`, `value`, `source`, `as_of`, `doubt` for every known value."""
    doubts = 0.0 if doubt is None else doubt.array
    frames = [
        pd.DataFrame(
            {"contact_id": wide.index, "field": name, "value": wide[name].astype(object).array, "as_of": as_of.array, "doubt": doubts}
        )
        for name in wide.columns
    ]
    frame = pd.concat(frames) if frames else pd.DataFrame(columns=["contact_id", "field", "value", "as_of", "doubt"])
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
