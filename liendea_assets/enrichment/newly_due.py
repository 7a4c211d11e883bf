"""Who became due since a run looked at everybody: what the sensor of the backlog can afford to ask every half minute."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from liendea_assets.db.connection import Database
from liendea_assets.enrichment import backlog_store
from liendea_assets.enrichment.backlog import Backlog
from liendea_assets.enrichment.provider import JobProvider, PaidProvider, Provider
from liendea_assets.enrichment.settings import EnrichmentSettings
from liendea_assets.enrichment.store import to_queries
from liendea_assets.enrichment.waterfall import lacking, usable

# So many are looked at; where there are more, one of them will be worth a run.
MOST_LOOKED_AT = 200


@dataclass(frozen=True, slots=True)
class Seen:
    """How far a run looked that came to its end.

    Attributes:
        contact_id: the newest contact that it saw.
        at: when; an answer that expired later is news.
    """

    contact_id: int
    at: str


def count_newly_due(
    db: Database, providers: Sequence[Provider], settings: EnrichmentSettings, now: str, seen: Mapping[str, Seen]
) -> dict[str, int]:
    """Provider → contacts that became due, `MOST_LOOKED_AT` at most; each with the first provider that would be asked.

    By what enriched_contacts holds, and without the finer rules of `waterfall.find_due`, which take long: now and then a run finds nobody.

    Args:
        seen: provider → what the last run saw; one that is not named is passed over, since of it only a run can tell.
    """
    counts: dict[str, int] = {}
    taken: set[int] = set()
    for provider in providers:
        if provider.name not in seen:
            counts[provider.name] = 0
            continue
        due = _read_newly_due(db, provider, now, seen[provider.name])
        if len(due) < MOST_LOOKED_AT:
            due = _still_lacking(db, provider, due)
            queries = to_queries(due, disclose_linkedin_email=settings.disclose_linkedin_email)
            found = {query.contact_id for query in queries if provider.can_ask(query)}
        else:
            found = set(due["contact_id"])
        counts[provider.name] = len(found - taken)
        taken |= found
    return counts


def find_backlog(providers: Sequence[Provider], left: Mapping[str, int], now: datetime, *, is_broken_off: bool = False) -> Backlog:
    """What is left with each provider, when it may be asked, and when for its jobs."""
    paid = [provider for provider in providers if isinstance(provider, PaidProvider)]
    jobs = {}
    for provider in paid:
        if isinstance(provider, JobProvider) and (next_poll_at := provider.next_poll_at()) is not None:
            jobs[provider.name] = max((next_poll_at - now).total_seconds(), provider.calls_free_in_s())
    return Backlog(left, {provider.name: provider.free_in_s() for provider in paid}, jobs, is_broken_off)


def _read_newly_due(db: Database, provider: Provider, now: str, seen: Seen) -> pd.DataFrame:
    due = backlog_store.read_new(db, provider.name, now, seen.contact_id, MOST_LOOKED_AT)
    if len(due) == MOST_LOOKED_AT:
        return due
    expired = backlog_store.read_expired(db, provider.name, now, seen.at, MOST_LOOKED_AT - len(due))
    return pd.concat([due, expired]).drop_duplicates("contact_id") if len(expired) else due


def _still_lacking(db: Database, provider: Provider, due: pd.DataFrame) -> pd.DataFrame:
    if not provider.wanted or due.empty:
        return due
    ids = [int(contact) for contact in due["contact_id"]]
    known = usable(backlog_store.read_known(db, ids).set_index("contact_id"))
    return lacking(due, provider, known.reindex(pd.Index(ids, name="contact_id")))
