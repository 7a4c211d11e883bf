"""One provider's part of a run: who is left to be asked about, how many calls are made at once, why it ended."""

import logging
import traceback
from collections import deque
from collections.abc import Sequence
from datetime import datetime

from liendea_assets.core.errors import (
    BudgetUsedUp,
    LiendeaError,
    LimitReached,
    QuotaGone,
    RejectedAnswer,
    ServiceUnavailable,
    SettingsError,
    Stopped,
)
from liendea_assets.db.connection import is_locked
from liendea_assets.enrichment.provider import JobProvider, PersonQuery, Provider, ProviderAnswer
from liendea_assets.enrichment.report import EnrichmentReport
from liendea_assets.enrichment.waterfall import Due

log = logging.getLogger(__name__)

# So many batches in a row that were rejected whole: something is wrong that the next one would only meet again.
MOST_REJECTED_BATCHES = 2
# The same where people are asked about one by one, and two bad answers may well be about two odd people.
MOST_REJECTED_PEOPLE = 10
# So many calls in a row that came to nothing: it is the provider that fails, and not the server on this or that person.
MOST_FAILED_CALLS = 10
# The same of calls that were made alone and opened the circuit or were its probe. The next waits for half a minute, the one after it for a
# minute: those who are left are not kept from the next provider for longer.
MOST_PROBES = 3


class Lane:
    """A provider in a run.

    Attributes:
        under_way: calls, polls of jobs among them.
        changes: how often something changed for those who are asked next.
        began_s: when, in seconds of uptime.
        round: how often it was looked who is due; `looked_at_s` when, `look_took_s` how long that took, `seen_changes` how often
            something had changed for the earlier ones by then.
        is_asking: whether further people may be asked about; jobs are still asked for where not.
        is_stopped: nothing more is begun.
    """

    def __init__(self, provider: Provider, most_in_batch: int | None, began_s: float) -> None:
        self.provider = provider
        self.report = EnrichmentReport()
        self.began_s = self.looked_at_s = began_s
        self.look_took_s = 0.0
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
        # of calls that failed: asked about in smaller company
        self._parts: deque[list[PersonQuery]] = deque()
        # those for whom the run's share has no room
        self._spare: deque[PersonQuery] = deque()
        self._seen: set[int] = set()
        self._answered: set[int] = set()
        self._suspects: set[int] = set()
        self._failed_calls = self._probes = 0
        self._has_failed = False
        self._taken = 0
        # one call first: a refused key or a broken contract is then met once, and not as often as calls may be made at once
        self._at_once = 1
        self._rejected_batches = 0

    @property
    def left(self) -> int:
        """Contacts that are in no call yet."""
        return len(self._queries) + sum(len(part) for part in self._parts)

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
        self._spare.extend(fresh[len(queries) :])
        self._taken += len(queries)
        self._queries.extend(queries)
        self.report.unanswerable = due.unanswerable
        self.deferred = due.deferred if queries else 0
        self.round += 1

    def take_batch(self) -> list[PersonQuery]:
        """Whom the next call is about; nobody where none is left.

        After a call that failed it is about one person from the other end of the queue: an answer keeps the circuit closed, or closes it,
        and those on whom a server fails often stand together.
        """
        if self._has_failed and self.left:
            self._has_failed = False
            probe = [self._queries.pop() if self._queries else max(self._parts, key=len).pop()]
            self._parts = deque(part for part in self._parts if part)
            return probe
        if self._parts:
            return self._parts.popleft()
        return [self._queries.popleft() for _ in range(min(self._batch_size, len(self._queries)))]

    def settle(self, answers: Sequence[ProviderAnswer], *, is_job: bool, is_end: bool, is_split: bool = False) -> None:
        """A call has come to these answers, which are stored, or has ended without any.

        Args:
            is_split: they are what `split` has given.
        """
        self.under_way -= is_end
        self.changes += 1
        self.report.count(answers)
        waiting = [answer for answer in answers if answer.outcome == "waiting"]
        if waiting:
            self.report.stopped = self.report.stopped or waiting[0].reason
            # they take no share: others are asked about instead
            self._queries.extend(self._spare.popleft() for _ in range(min(len(waiting), len(self._spare))))
        self._answered.update(answer.contact_id for answer in answers)
        if is_split:
            return
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

    def split(self, batch: Sequence[PersonQuery], problem: ServiceUnavailable) -> list[ProviderAnswer] | None:
        """What becomes of the people of a call on which the server failed, while it may well answer others.

        They are asked about again by halves, until the one is found on whom it fails; nobody else waits for that one.

        Returns:
            A rejected answer about somebody who was asked about alone; else nothing yet. None where it is the provider that fails.
        """
        if problem.blame == "service":
            return None
        self._has_failed = True
        self._failed_calls += problem.blame == "call"
        if problem.blame == "circuit":
            # calls beside it tell of the same moment
            self._probes += self.under_way == 1
            self._at_once = 1
        people = [query for query in batch if query.contact_id not in self._answered]
        is_over = self._failed_calls >= MOST_FAILED_CALLS or self._probes >= MOST_PROBES
        if len(people) == 1 and (problem.blame == "call" or people[0].contact_id in self._suspects):
            if is_over and self.left:
                self.stop(str(problem), is_failure=True)
            return reject_all(self.provider.name, people, problem)
        if is_over:
            return None
        self._suspects.update(query.contact_id for query in people)
        half = -(-len(people) // 2)
        self._parts.extend(part for part in (people[:half], people[half:]) if part)
        return []

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
        if is_locked(problem):
            # the others meet the same, and nobody is found by asking the next
            self.stop(f"{self.provider.name}: another process was writing to the database all the time; the next run goes on")
            return
        # of a bug the place is told and no more: its text may hold the person it was about
        place = traceback.extract_tb(problem.__traceback__)[-1]
        log.error("%s: %s in %s, line %s", self.provider.name, type(problem).__name__, place.filename, place.lineno)
        self.report.needs_somebody = True
        self.stop(f"{self.provider.name}: an error of LIENDEA's own ({type(problem).__name__})", is_failure=True)

    def _judge(self, answers: Sequence[ProviderAnswer]) -> None:
        """Is it worth going on, and with more calls at once?"""
        self._failed_calls = self._probes = 0
        if all(answer.outcome == "rejected" for answer in answers):
            self._rejected_batches += 1
            self._at_once = 1
        else:
            self._rejected_batches = 0
            self._at_once = min(2 * self._at_once, self.provider.concurrency)
        if self._rejected_batches == (MOST_REJECTED_BATCHES if self._batch_size > 1 else MOST_REJECTED_PEOPLE):
            self.stop(f"{self._rejected_batches} batches in a row were rejected: {answers[-1].reason}", is_failure=True)


def reject_all(name: str, batch: Sequence[PersonQuery], problem: LiendeaError) -> list[ProviderAnswer]:
    """A batch that cannot be answered is recorded for each of its people, so that it does not stop the rest for ever."""
    log.warning("%s: a batch of %d was rejected: %s", name, len(batch), problem)
    answer_hash = problem.answer_hash if isinstance(problem, RejectedAnswer) else None
    return [ProviderAnswer(query.contact_id, "rejected", reason=str(problem), answer_hash=answer_hash) for query in batch]
