"""Asking a provider about everybody who is due, batch by batch; each batch's answers are committed before the next is asked."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from liendea_assets.core.clock import Clock, to_text
from liendea_assets.core.errors import PermanentError, RejectedAnswer, TransientError
from liendea_assets.db.connection import Database
from liendea_assets.enrichment import store
from liendea_assets.enrichment.merge import merge_answers
from liendea_assets.enrichment.provider import JobProvider, PersonQuery, Provider, ProviderAnswer
from liendea_assets.enrichment.settings import EnrichmentSettings

log = logging.getLogger(__name__)

# A rejected answer is asked for again soon: what was wrong was the answer, not the person.
REJECTED_TTL_DAYS = 1
# So many batches in a row that were rejected whole: something is wrong that the next one would only meet again.
MOST_REJECTED_BATCHES = 2
# The same where people are asked about one by one, and two bad answers may well be about two odd people.
MOST_REJECTED_PEOPLE = 10

# (asked so far, due in all, seconds left or None)
Progress = Callable[[int, int, float | None], None]


@dataclass(slots=True)
class EnrichmentReport:
    """What one run did.

    Attributes:
        due: contacts without a good answer at the start that can be asked about.
        unanswerable: contacts of whom too little is known to ask.
        pending: contacts whose answer the provider still owes.
        cost: credits.
        stopped: why the run ended before everybody was asked; None when it did not.
    """

    due: int = 0
    unanswerable: int = 0
    hits: int = 0
    misses: int = 0
    rejected: int = 0
    pending: int = 0
    cost: float = 0.0
    stopped: str | None = None

    @property
    def left(self) -> int:
        """Contacts that could have been asked about and were not."""
        return max(0, self.due - self.asked - self.pending)

    @property
    def asked(self) -> int:
        """Contacts that were answered for."""
        return self.hits + self.misses + self.rejected


def enrich(
    db: Database,
    provider: Provider,
    settings: EnrichmentSettings,
    clock: Clock,
    progress: Progress,
    acceptance: Mapping[str, float] | None = None,
) -> EnrichmentReport:
    """Asks about who is due until nobody is left, the time is up or the provider cannot answer for now.

    Killed at any moment it loses at most the answers of one batch that were not committed yet; jobs that the provider works on are
    asked for by the next run.

    Args:
        acceptance: source → the confidence from which on its answers are used, where it has one of its own.
    """
    report = EnrichmentReport()
    started = clock.now()
    ends_at = started + timedelta(minutes=settings.longest_run_minutes)
    try:
        _collect_jobs(db, provider, settings, clock, report)
        _ask_everybody(db, provider, find_due(db, provider, settings, started, acceptance), settings, clock, report, progress)
        _wait_for_jobs(db, provider, settings, clock, report, ends_at)
    except TransientError as problem:
        report.stopped = str(problem)
    progress(report.asked, max(report.due, report.asked), 0.0)
    return report


def _ask_everybody(
    db: Database,
    provider: Provider,
    queries: Sequence[PersonQuery],
    settings: EnrichmentSettings,
    clock: Clock,
    report: EnrichmentReport,
    progress: Progress,
) -> None:
    started = clock.now()
    answerable = [query for query in queries if provider.can_ask(query)]
    report.due, report.unanswerable = len(answerable), len(queries) - len(answerable)
    left = answerable[: provider.contacts_per_run]
    share = len(left)
    size = min(settings.batch_size, provider.batch_size)
    rejected_batches = 0
    while left:
        elapsed = clock.now() - started
        if elapsed > timedelta(minutes=settings.longest_run_minutes):
            report.stopped = f"the run's {settings.longest_run_minutes} minutes are over"
            return
        done = share - len(left)
        progress(done, share, elapsed.total_seconds() / done * len(left) if done else None)
        answers = _ask(provider, left[:size])
        # whoever was not answered for is asked about again, which tells why
        answered = {answer.contact_id for answer in answers}
        left = [query for query in left if query.contact_id not in answered]
        _store(db, provider.name, answers, settings, clock)
        _count(report, answers)
        is_rejected = bool(answers) and all(answer.outcome == "rejected" for answer in answers)
        rejected_batches = rejected_batches + 1 if is_rejected else 0
        if rejected_batches == (MOST_REJECTED_BATCHES if size > 1 else MOST_REJECTED_PEOPLE):
            report.stopped = f"{rejected_batches} batches in a row were rejected: {answers[-1].reason}"
            return


def find_due(
    db: Database, provider: Provider, settings: EnrichmentSettings, now: datetime, acceptance: Mapping[str, float] | None
) -> list[PersonQuery]:
    """Who has no good answer, and lacks a field that this provider is asked for; the most valuable first."""
    due = store.read_due(db, provider.name, to_text(now))
    if provider.wanted:
        answers = store.read_answers(db, settings.accept_confidence, acceptance)
        known = merge_answers(store.read_contacts(db), answers, settings.source_order)
        lacks = known.set_index("contact_id")[sorted(provider.wanted)].isna().any(axis=1)
        due = due[due["contact_id"].isin(lacks.index[lacks])]
    return store.to_queries(due, disclose_linkedin_email=settings.disclose_linkedin_email)


def _collect_jobs(db: Database, provider: Provider, settings: EnrichmentSettings, clock: Clock, report: EnrichmentReport) -> None:
    if isinstance(provider, JobProvider):
        for answers in provider.finished_jobs():
            _store(db, provider.name, answers, settings, clock)
            report.pending = max(0, report.pending - len(answers))
            _count(report, answers)


def _wait_for_jobs(
    db: Database, provider: Provider, settings: EnrichmentSettings, clock: Clock, report: EnrichmentReport, ends_at: datetime
) -> None:
    """Asks for jobs until all are done or the run's time is up."""
    while isinstance(provider, JobProvider) and (next_poll_at := provider.next_poll_at()) is not None:
        if next_poll_at > ends_at:
            report.stopped = report.stopped or f"{report.pending} contacts are still being worked on; the next run asks for them"
            return
        clock.sleep(max(0.0, (next_poll_at - clock.now()).total_seconds()))
        _collect_jobs(db, provider, settings, clock, report)


def _ask(provider: Provider, batch: Sequence[PersonQuery]) -> list[ProviderAnswer]:
    try:
        return provider.look_up(batch)
    except PermanentError as problem:
        # recorded for each of them, so that a batch that cannot be answered does not stop the rest for ever
        log.warning("%s: a batch of %d was rejected: %s", provider.name, len(batch), problem)
        answer_hash = problem.answer_hash if isinstance(problem, RejectedAnswer) else None
        return [ProviderAnswer(query.contact_id, "rejected", reason=str(problem), answer_hash=answer_hash) for query in batch]


def _store(db: Database, source: str, answers: Sequence[ProviderAnswer], settings: EnrichmentSettings, clock: Clock) -> None:
    days = {"hit": settings.hit_ttl_days, "miss": settings.miss_ttl_days, "rejected": REJECTED_TTL_DAYS}
    store.store_answers(db, source, answers, clock.now(), days)


def _count(report: EnrichmentReport, answers: Sequence[ProviderAnswer]) -> None:
    report.hits += sum(answer.outcome == "hit" for answer in answers)
    report.misses += sum(answer.outcome == "miss" for answer in answers)
    report.rejected += sum(answer.outcome == "rejected" for answer in answers)
    report.pending += sum(answer.outcome == "pending" for answer in answers)
    report.cost += sum(answer.cost or 0.0 for answer in answers)
