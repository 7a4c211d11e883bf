"""Asking a provider about everybody who is due, batch by batch; each batch's answers are committed before the next is asked."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from liendea_assets.core.clock import Clock, to_text
from liendea_assets.core.errors import PermanentError, TransientError
from liendea_assets.db.connection import Database
from liendea_assets.enrichment import store
from liendea_assets.enrichment.provider import PersonQuery, Provider, ProviderAnswer
from liendea_assets.enrichment.settings import EnrichmentSettings

log = logging.getLogger(__name__)

# A rejected answer is asked for again soon: what was wrong was the answer, not the person.
REJECTED_TTL_DAYS = 1
# So many batches in a row that were rejected whole: something is wrong that the next one would only meet again.
MOST_REJECTED_BATCHES = 2

# (asked so far, due in all, seconds left or None)
Progress = Callable[[int, int, float | None], None]


@dataclass(slots=True)
class EnrichmentReport:
    """What one run did.

    Attributes:
        due: contacts without a good answer at the start that can be asked about.
        unanswerable: contacts of whom too little is known to ask.
        stopped: why the run ended before everybody was asked; None when it did not.
    """

    due: int = 0
    unanswerable: int = 0
    hits: int = 0
    misses: int = 0
    rejected: int = 0
    stopped: str | None = None

    @property
    def asked(self) -> int:
        """Contacts that were answered for."""
        return self.hits + self.misses + self.rejected


def enrich(db: Database, provider: Provider, settings: EnrichmentSettings, clock: Clock, progress: Progress) -> EnrichmentReport:
    """Asks about who is due until nobody is left, the time is up or the provider cannot answer for now.

    Killed at any moment it loses at most the answers of one call that were not committed yet.
    """
    started = clock.now()
    queries = store.to_queries(
        store.read_due(db, provider.name, to_text(started)), disclose_linkedin_email=settings.disclose_linkedin_email
    )
    report = EnrichmentReport()
    rejected_batches = 0
    answerable = [query for query in queries if query.is_answerable]
    report.due, report.unanswerable = len(answerable), len(queries) - len(answerable)
    for first in range(0, len(answerable), settings.batch_size):
        elapsed = clock.now() - started
        if elapsed > timedelta(minutes=settings.longest_run_minutes):
            report.stopped = f"the run's {settings.longest_run_minutes} minutes are over"
            break
        left_s = elapsed.total_seconds() / first * (len(answerable) - first) if first else None
        progress(first, len(answerable), left_s)
        try:
            answers = _ask(provider, answerable[first : first + settings.batch_size])
        except TransientError as problem:
            report.stopped = str(problem)
            break
        _store(db, provider.name, answers, settings, clock)
        _count(report, answers)
        rejected_batches = rejected_batches + 1 if all(answer.outcome == "rejected" for answer in answers) else 0
        if rejected_batches == MOST_REJECTED_BATCHES:
            report.stopped = f"{rejected_batches} batches in a row were rejected: {answers[-1].reason}"
            break
    progress(report.asked, len(answerable), 0.0)
    return report


def _ask(provider: Provider, batch: Sequence[PersonQuery]) -> list[ProviderAnswer]:
    try:
        return provider.look_up(batch)
    except PermanentError as problem:
        # recorded for each of them, so that a batch that cannot be answered does not stop the rest for ever
        log.warning("%s: a batch of %d was rejected: %s", provider.name, len(batch), problem)
        return [ProviderAnswer(query.contact_id, "rejected", reason=str(problem)) for query in batch]


def _store(db: Database, source: str, answers: Sequence[ProviderAnswer], settings: EnrichmentSettings, clock: Clock) -> None:
    now = clock.now()
    days = {"hit": settings.hit_ttl_days, "miss": settings.miss_ttl_days, "rejected": REJECTED_TTL_DAYS}
    store.store_answers(db, source, answers, to_text(now), {outcome: to_text(now + timedelta(days=ttl)) for outcome, ttl in days.items()})


def _count(report: EnrichmentReport, answers: Sequence[ProviderAnswer]) -> None:
    report.hits += sum(answer.outcome == "hit" for answer in answers)
    report.misses += sum(answer.outcome == "miss" for answer in answers)
    report.rejected += sum(answer.outcome == "rejected" for answer in answers)
