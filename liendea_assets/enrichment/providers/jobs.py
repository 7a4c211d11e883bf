"""Jobs that a provider works on for a while: submitted once, asked for until they are done, also by a later run."""

import threading
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from liendea_assets.clients.http import Answer
from liendea_assets.core.clock import Clock
from liendea_assets.core.errors import RejectedAnswer, ServiceUnavailable
from liendea_assets.enrichment.payment import Payment
from liendea_assets.enrichment.provider import ProviderAnswer
from liendea_assets.enrichment.providers.answers import AnswerReader
from liendea_assets.enrichment.providers.calls import Filled, ProviderCalls
from liendea_assets.enrichment.providers.job_store import StoredJob
from liendea_assets.enrichment.providers.limit_settings import Limits
from liendea_assets.enrichment.providers.operations import Job, Operation
from liendea_assets.enrichment.providers.paths import find, holds
from liendea_assets.enrichment.providers.templates import fill_path, fill_query
from liendea_assets.enrichment.providers.verdicts import hash_answer
from liendea_assets.enrichment.spending import Purse

# the last two would lead to another path
_NO_REFERENCE = frozenset({"", ".", ".."})


class Jobs(Protocol):
    """Where jobs are kept; `job_store.JobStore` tells of each method."""

    def add(self, operation: str, contact_ids: Sequence[int], now: datetime, deadline_at: datetime, spending_id: int, /) -> int:
        """Notes that a job is about to be submitted."""
        ...

    def open(self, job_id: int, reference: str, next_poll_at: datetime, /) -> None:
        """Notes that the provider has taken it."""
        ...

    def postpone(self, job_id: int, next_poll_at: datetime, /) -> None:
        """Notes when it is asked for next."""
        ...

    def close(self, job_id: int, outcome: str, /) -> None:
        """Notes that nothing more will come of it."""
        ...

    def read(self) -> list[StoredJob]:
        """Those that are not closed."""
        ...


class JobRunner:
    """The jobs of one provider. Threads may share one."""

    def __init__(
        self,
        name: str,
        operations: Sequence[Operation],
        limits: Limits,
        calls: ProviderCalls,
        reader: AnswerReader,
        store: Jobs,
        purse: Purse,
        clock: Clock,
    ) -> None:
        self._name = name
        self._operations = {operation.name: operation for operation in operations if operation.job}
        self._limits = limits
        self._calls = calls
        self._reader = reader
        self._store = store
        self._purse = purse
        self._clock = clock
        # of this process; a job that another one was handing in has broken off, since one process at a time asks a provider
        self._being_submitted: set[int] = set()
        self._looking = threading.Lock()

    def submit(self, operation: Operation, job: Job, contact_ids: Sequence[int], request: Filled, payment: Payment) -> list[ProviderAnswer]:
        """Hands a job in; the contacts are pending until it is done.

        The intent is kept before the call: killed in between, nobody can say whether the provider took it, and handing it in again
        may cost twice.

        Args:
            payment: what was set aside for it; settled when its answers come.
        """
        now = self._clock.now()
        with self._looking:
            job_id = self._store.add(operation.name, contact_ids, now, now + timedelta(seconds=job.deadline_s), payment.id)
            self._being_submitted.add(job_id)
        try:
            return self._hand_in(job_id, operation, job, contact_ids, request, payment)
        finally:
            with self._looking:
                self._being_submitted.discard(job_id)

    def _hand_in(
        self, job_id: int, operation: Operation, job: Job, contact_ids: Sequence[int], request: Filled, payment: Payment
    ) -> list[ProviderAnswer]:
        try:
            answer, _ = self._calls.ask(request, operation.limits or self._limits, payment)
            reference = find(job.reference, answer.json())
            if not isinstance(reference, str | int) or isinstance(reference, bool) or reference in _NO_REFERENCE:
                raise RejectedAnswer(f"{self._name}: the answer to a job has no {job.reference}", hash_answer(answer))
        except RejectedAnswer as problem:
            self._store.close(job_id, "rejected")
            return [self._reader.reject(contact_id, problem) for contact_id in contact_ids]
        except Exception:
            # refused before it was taken: the contacts stay due
            self._store.close(job_id, "not submitted")
            raise
        self._store.open(job_id, str(reference), self._clock.now() + timedelta(seconds=job.interval_s))
        return [ProviderAnswer(contact_id, "pending") for contact_id in contact_ids]

    def next_poll_at(self) -> datetime | None:
        """When to ask again; None where no job is open."""
        return min((job.next_poll_at for job in self._read_settled()), default=None)

    def finished(self) -> Iterator[list[ProviderAnswer]]:
        """The answers of each job that came to its end. A job is closed when the next one is asked for: store its answers first.

        Raises:
            TransientError: try again later.
        """
        for stored in self._read_settled():
            if stored.reference is None:
                yield self._give_up(stored, "a job's submission broke off; whether it was taken is not known")
                self._store.close(stored.id, "submission broke off")
            elif stored.operation not in self._operations:
                yield self._give_up(stored, f"its file has no job named {stored.operation} any more")
                self._store.close(stored.id, "operation gone")
            elif stored.next_poll_at <= self._clock.now():
                answers = self._poll(stored, self._operations[stored.operation])
                if answers is not None:
                    yield answers
                    # of answers that cannot be read nobody knows what they did cost
                    if stored.spending_id is not None and all(answer.outcome != "rejected" for answer in answers):
                        self._purse.settle(stored.spending_id, sum(answer.cost or 0.0 for answer in answers))
                    self._store.close(stored.id, "done")

    def _read_settled(self) -> list[StoredJob]:
        with self._looking:
            return [stored for stored in self._store.read() if stored.id not in self._being_submitted]

    def _poll(self, stored: StoredJob, operation: Operation) -> list[ProviderAnswer] | None:
        """The job's answers; None where it is to be asked for again."""
        job = operation.job
        assert job is not None
        known = {"job": str(stored.reference)}
        poll = Filled(
            f"{operation.name}_poll",
            job.poll.method,
            fill_path(job.poll.path, known),
            fill_query(job.poll.query, known),
            job.poll.body,
            may_miss=False,
        )
        try:
            answer, verdict = self._calls.ask(poll, operation.limits or self._limits)
            if verdict == "pending":
                return self._ask_later(stored, job, "a job had no result before its deadline")
            if job.failed_if is not None and holds(job.failed_if, answer.json()):
                raise RejectedAnswer(f"{self._name}: a job failed", hash_answer(answer))
        except RejectedAnswer as problem:
            return [self._reader.reject(contact_id, problem) for contact_id in stored.contact_ids]
        except ServiceUnavailable as problem:
            if problem.blame != "call":
                raise
            # the server may fail on this job alone, which must not keep everybody else waiting
            return self._ask_later(stored, job, str(problem))
        return self._read(operation, stored.contact_ids, answer)

    def _ask_later(self, stored: StoredJob, job: Job, reason: str) -> list[ProviderAnswer] | None:
        """None, or that it is given up for this reason where its time is over."""
        now = self._clock.now()
        if now >= stored.deadline_at:
            return self._give_up(stored, reason)
        self._store.postpone(stored.id, min(now + timedelta(seconds=job.interval_s), stored.deadline_at))
        return None

    def _read(self, operation: Operation, contact_ids: Sequence[int], answer: Answer) -> list[ProviderAnswer]:
        if operation.batch is None:
            return [self._reader.read_single(operation, contact_ids[0], answer, "hit")]
        known = [{"ref": str(contact_id)} for contact_id in contact_ids]
        return self._reader.read_batch(operation, operation.batch, contact_ids, known, answer)

    def _give_up(self, stored: StoredJob, reason: str) -> list[ProviderAnswer]:
        return [self._reader.reject(contact_id, RejectedAnswer(reason)) for contact_id in stored.contact_ids]
