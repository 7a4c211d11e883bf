"""Who is asked about: whoever lacks something that a provider knows, once those before it have had their turn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from liendea_assets.db.connection import Database
from liendea_assets.enrichment import store
from liendea_assets.enrichment.merge import known_values
from liendea_assets.enrichment.provider import COMPANY_FACTS, PersonQuery, Provider
from liendea_assets.enrichment.settings import EnrichmentSettings


@dataclass(frozen=True, slots=True)
class Due:
    """Who is to be asked about, in the order in which they are.

    Attributes:
        unanswerable: contacts of whom too little is known to ask.
        deferred: contacts who lack only facts of a company that a colleague is asked about.
    """

    queries: Sequence[PersonQuery]
    unanswerable: int
    deferred: int


def find_due(
    db: Database,
    provider: Provider,
    earlier: Sequence[Provider],
    settings: EnrichmentSettings,
    now: str,
    acceptance: Mapping[str, float] | None,
    *,
    working: Sequence[str] = (),
    colleagues: int = 1,
) -> Due:
    """Who has no good answer of this provider, lacks a field that it is asked for, and waits for none of the earlier ones.

    Args:
        earlier: the providers that are asked first and may still answer. Whoever is due with one of them is not asked about here:
            a credit might go for what the other would have told.
        working: the names of providers whose jobs may still answer; whoever is part of one waits for it.
        acceptance: source → the confidence from which on its answers are used, where it has one of its own.
        colleagues: of so many contacts of a company at a time who lack facts of that company alone.
    """
    one_of_them_is_wanted = any(one.wanted for one in (provider, *earlier))
    verdicts = store.read_email_verdicts(db)
    statuses = _newest_statuses(verdicts)
    known = _known(db, settings, acceptance, verdicts) if one_of_them_is_wanted else None
    due = lacking(store.read_due(db, provider.name, now), provider, known)
    for one in earlier:
        waiting = lacking(store.read_due(db, one.name, now), one, known)
        due = due[~due["contact_id"].isin([query.contact_id for query in _queries(waiting, settings, statuses) if one.can_ask(query)])]
    for name in working:
        due = due[~due["contact_id"].isin(store.read_contacts_in_jobs(db, name))]
    queries = _queries(due, settings, statuses)
    answerable = [query for query in queries if provider.can_ask(query)]
    chosen = _without_colleagues(answerable, provider, known, colleagues)
    return Due(chosen, len(queries) - len(answerable), len(answerable) - len(chosen))


def _known(db: Database, settings: EnrichmentSettings, acceptance: Mapping[str, float] | None, verdicts: pd.DataFrame) -> pd.DataFrame:
    answers = store.read_answers(db, settings.accept_confidence, acceptance)
    known = known_values(store.read_contacts(db), answers, settings.source_order, verdicts, settings.survivorship)
    return usable(known)


def usable(known: pd.DataFrame) -> pd.DataFrame:
    """What is known, without addresses that do not work."""
    return known.assign(work_email=known["work_email"].where(known["email_status"] != "invalid", None))


def lacking(due: pd.DataFrame, provider: Provider, known: pd.DataFrame | None) -> pd.DataFrame:
    """Those of the due who lack a field that a provider is asked for; `known` by contact_id."""
    if known is None or not provider.wanted:
        return due
    lacks = known[sorted(provider.wanted)].isna().any(axis=1)
    return due[due["contact_id"].isin(lacks.index[lacks])]


def _newest_statuses(verdicts: pd.DataFrame) -> dict[tuple[int, str], str]:
    """(contact, address) → the newest word of it."""
    addresses = verdicts["work_email"].str.casefold()
    # the newest stands first, and the last one that is put in stays
    return dict(zip(zip(verdicts["contact_id"][::-1], addresses[::-1], strict=True), verdicts["email_status"][::-1], strict=True))


def _queries(due: pd.DataFrame, settings: EnrichmentSettings, statuses: Mapping[tuple[int, str], str]) -> list[PersonQuery]:
    return store.to_queries(due, disclose_linkedin_email=settings.disclose_linkedin_email, email_statuses=statuses)


def _without_colleagues(
    queries: Sequence[PersonQuery], provider: Provider, known: pd.DataFrame | None, colleagues: int
) -> Sequence[PersonQuery]:
    """What one of them is answered about the company counts for the others, so that they need not be asked about."""
    facts = provider.wanted & set(COMPANY_FACTS)
    if known is None or not facts:
        return queries
    of_person = sorted(provider.wanted - facts)
    asked = pd.Index([query.contact_id for query in queries])
    companies = known["company_id"].reindex(asked)
    is_only_facts = known[of_person].notna().all(axis=1).reindex(asked).astype(bool) & companies.notna()
    is_late = is_only_facts & (companies[is_only_facts].groupby(companies[is_only_facts]).cumcount() >= colleagues).reindex(
        asked, fill_value=False
    )
    return [query for query, late in zip(queries, is_late, strict=True) if not late]
