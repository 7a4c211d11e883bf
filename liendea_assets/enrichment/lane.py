"""One provider's part of a run: who is left to be asked about, how many calls are made at once, why it ended."""

import logging
import traceback
from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import islice

from liendea_assets.core.errors import (
    BudgetUsedUp,
    LiendeaError,
    LimitReached,
    PermanentError,
    QuotaGone,
    RejectedAnswer,
    SettingsError,
    Stopped,
)
from liendea_assets.enrichment.provider import JobProvider, PersonQuery, Provider, ProviderAnswer
from liendea_assets.enrichment.report import EnrichmentReport
from liendea_assets.enrichment.waterfall import Due

log = logging.getLogger(__name__)

# So many batches in a row that were rejected whole: something is wrong that the next one would only meet again.
MOST_REJECTED_BATCHES = 2
# The same where people are asked about one by one, and two bad answers may well be about two odd people.
MOST_REJECTED_PEOPLE = 10


class Lane:
    """A provider in a run.

    Attributes:
        under_way: calls, polls of jobs among them.
        changes: how often something changed for those who are asked next.
        round: how often it was looked who is due; `looked_at` when, `look_took` how long that took, `seen_changes` how often something
            had changed for the earlier ones by then.
        is_asking: whether further people may be asked about; jobs are still asked for where not.
        is_stopped: nothing more is begun.
    """

    def __init__(self, provider: Provider, most_in_batch: int | None, began: datetime) -> None:
        self.provider = provider
        self.report = EnrichmentReport()
        self.began = self.looked_at = began
        self.look_took = timedelta()
        self.under_way = 0
        self.changes = 0
        self.round = 0
        self.seen_changes = 0
        self.deferred = 0
        self.is_polling = False
        self.has_polled = False
        self.is_asking = True
        self.is_stopped = False
        self._batch_size = min(provider.batch_size, most_in_batch or provider.batch_size)
        self._queries: deque[PersonQuery] = deque()
        self._seen: set[int] = set()
        self._taken = 0
        # one call first: a refused key or a broken contract is then met once, and not as often as calls may be made at once
        self._at_once = 1
        self._rejected_batches = 0

    @property
    def left(self) -> int:
        """Contacts that are in no call yet."""
        return len(self._queries)

    @property
    def has_room(self) -> bool:
        """Whether another call may be made now."""
        return self.under_way < min(self._at_once, self.provider.concurrency)

    @property
    def is_idle(self) -> bool:
        """Whether nobody is asked about for now."""
        return not self.under_way and not (self.is_asking and (self.left or self.deferred))

    def next_poll_at(self) -> datetime | None:
        """When a job is to be asked for; None where there is none."""
        return self.provider.next_poll_at() if isinstance(self.provider, JobProvider) else None

    def add(self, due: Due) -> None:
        """Further people to ask about, in their order. Nobody is asked about twice in a run, whatever came of it."""
        fresh = [query for query in due.queries if query.contact_id not in self._seen]
        self._seen.update(query.contact_id for query in fresh)
        self.report.due += len(fresh)
        share = self.provider.contacts_per_run
        queries = fresh if share is None else fresh[: max(0, share - self._taken)]
        if len(queries) < len(fresh):
            self.report.stopped = self.report.stopped or f"the run's share of {share} contacts ends it; the next run goes on"
        self._taken += len(queries)
        self._queries.extend(queries)
        self.report.unanswerable = due.unanswerable
        self.deferred = due.deferred if queries else 0
        self.round += 1

    def next_batch(self) -> list[PersonQuery]:
        """The people of the next call; they are not taken out yet."""
        return list(islice(self._queries, self._batch_size))

    def take(self, batch: Sequence[PersonQuery]) -> None:
        """The next batch is asked about."""
        for _ in batch:
            self._queries.popleft()

    def settle(self, answers: Sequence[ProviderAnswer], *, is_job: bool, is_end: bool) -> None:
        """A call has come to these answers, which are stored, or has ended without any."""
        self.under_way -= is_end
        self.changes += 1
        self.report.count(answers)
        if is_job:
            self.is_polling = False
            self.report.pending = max(0, self.report.pending - len(answers))
        elif answers:
            self._judge(answers)

    def pause(self, reason: str) -> None:
        """Nobody more is asked about in this run; whoever is left waits for this provider."""
        self.report.stopped = self.report.stopped or reason
        self.is_asking = False

    def end(self, minutes: int) -> None:
        """The run's time is over."""
        if self.left or self.deferred or self.under_way:
            self.stop(f"the run's {minutes} minutes are over")
        elif self.next_poll_at() is not None:
            self.stop(f"{self.report.pending} contacts are still being worked on; the next run asks for them")
        else:
            self.is_stopped = True

    def stop(self, reason: str, *, is_failure: bool = False) -> None:
        """Nothing more is begun; calls under way go on.

        Args:
            is_failure: those who are left are left to the next provider.
        """
        if not self.is_stopped:
            self.report.stopped = reason if is_failure else self.report.stopped or reason
            self.report.is_failure = is_failure
        self.changes += 1
        self.is_asking, self.is_stopped = False, True
        self.provider.stop_calls()

    def fail(self, problem: Exception, *, is_job: bool = False) -> None:
        """A call came to nothing.

        Args:
            is_job: whether it was to ask for a job; these are asked for where nobody more can be asked about, since they are paid for.
        """
        if isinstance(problem, Stopped):
            return
        if isinstance(problem, LiendeaError):
            self.report.needs_somebody |= isinstance(problem, SettingsError)
            is_want_of_room = isinstance(problem, BudgetUsedUp | LimitReached | QuotaGone)
            if is_want_of_room and not is_job:
                self.pause(str(problem))
            else:
                self.stop(str(problem), is_failure=not is_want_of_room)
            return
        # of a bug the place is told and no more: its text may hold the person it was about
        place = traceback.extract_tb(problem.__traceback__)[-1]
        log.error("%s: %s in %s, line %s", self.provider.name, type(problem).__name__, place.filename, place.lineno)
        self.report.needs_somebody = True
        self.stop(f"{self.provider.name}: an error of LIENDEA's own ({type(problem).__name__})", is_failure=True)

    def _judge(self, answers: Sequence[ProviderAnswer]) -> None:
        """Is it worth going on, and with more calls at once?"""
        if all(answer.outcome == "rejected" for answer in answers):
            self._rejected_batches += 1
            self._at_once = 1
        else:
            self._rejected_batches = 0
            self._at_once = min(2 * self._at_once, self.provider.concurrency)
        if self._rejected_batches == (MOST_REJECTED_BATCHES if self._batch_size > 1 else MOST_REJECTED_PEOPLE):
            self.stop(f"{self._rejected_batches} batches in a row were rejected: {answers[-1].reason}", is_failure=True)


def reject_all(name: str, batch: Sequence[PersonQuery], problem: PermanentError) -> list[ProviderAnswer]:
    """A batch that cannot be answered is recorded for each of its people, so that it does not stop the rest for ever."""
    log.warning("%s: a batch of %d was rejected: %s", name, len(batch), problem)
    answer_hash = problem.answer_hash if isinstance(problem, RejectedAnswer) else None
    return [ProviderAnswer(query.contact_id, "rejected", reason=str(problem), answer_hash=answer_hash) for query in batch]
