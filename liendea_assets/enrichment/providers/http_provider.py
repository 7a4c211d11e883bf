"""A provider as its file describes it."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from liendea_assets.core.clock import Clock
from liendea_assets.core.errors import RejectedAnswer, SettingsError, TransientError
from liendea_assets.enrichment.provider import PersonQuery, ProviderAnswer, TellAnswers
from liendea_assets.enrichment.providers.answers import AnswerReader
from liendea_assets.enrichment.providers.batch import fill_body
from liendea_assets.enrichment.providers.calls import Filled, ProviderCalls, counts_people
from liendea_assets.enrichment.providers.jobs import JobRunner, Jobs
from liendea_assets.enrichment.providers.operations import Batch, Operation, Request
from liendea_assets.enrichment.providers.settings import ProviderSettings
from liendea_assets.enrichment.providers.templates import fill_object, fill_query

log = logging.getLogger(__name__)


class HttpProvider:
    """Asks with each operation in turn, until somebody is found or none is left that has what it needs."""

    def __init__(self, name: str, settings: ProviderSettings, calls: ProviderCalls, jobs: Jobs, clock: Clock) -> None:
        self.name = name
        self.batch_size = max(operation.batch_size for operation in settings.operations)
        # slots of people are held while those after them are waited for: two batches could wait for each other's
        takes_turns = any(counts_people(operation.limits or settings.limits) for operation in settings.operations)
        self.concurrency = 1 if takes_turns else settings.concurrency
        self.wanted = frozenset(settings.wanted)
        self._settings = settings
        self._calls = calls
        self._reader = AnswerReader(name, settings)
        self._jobs = JobRunner(name, settings.operations, settings.limits, calls, self._reader, jobs, clock)

    def can_ask(self, query: PersonQuery) -> bool:
        """Whether one of the operations has what it needs."""
        known = self.disclosed(query)
        return any(_has_needed(operation, known) for operation in self._settings.operations)

    def disclosed(self, query: PersonQuery) -> dict[str, str]:
        """What of a contact may be sent, by input."""
        email = query.email or (query.linkedin_email if self._settings.disclose_linkedin_email else "")
        known = {
            "reach_id": query.reach_id,
            "email": email,
            "linkedin_url": query.linkedin_url,
            "linkedin_id": query.linkedin_url.rstrip("/").rpartition("/")[2],
            "first_name": query.first_name,
            "last_name": query.last_name,
            "company": query.company,
            "domain": query.domain,
        }
        return {name: value for name, value in known.items() if value and name in self._settings.disclose}

    def look_up(self, queries: Sequence[PersonQuery], tell: TellAnswers | None = None) -> list[ProviderAnswer]:
        """See `Provider.look_up`; where an operation cannot answer for now, only those who are settled already are in the result."""
        known = {query.contact_id: self.disclosed(query) for query in queries}
        self._log_disclosures(queries, known)
        answers: dict[int, ProviderAnswer] = {}
        told: set[int] = set()
        for operation, part in self._parts(known, answers):
            # paid for: it must not be lost with a call that comes after it
            settled = [answer for answer in answers.values() if answer.outcome != "miss" and answer.contact_id not in told]
            if settled and tell is not None:
                tell(settled)
                told |= {answer.contact_id for answer in settled}
            try:
                given = self._ask(operation, {contact: known[contact] for contact in part})
            except (TransientError, SettingsError):
                # a miss may still become a hit
                if not settled and not told:
                    raise
                return [answer for answer in settled if answer.contact_id not in told]
            for answer in given:
                former = answers.get(answer.contact_id)
                answers[answer.contact_id] = replace(answer, cost=(answer.cost or 0.0) + (former.cost or 0.0)) if former else answer
        return [answers.get(contact, ProviderAnswer(contact, "miss", cost=0.0)) for contact in known if contact not in told]

    def _parts(self, known: dict[int, dict[str, str]], answers: Mapping[int, ProviderAnswer]) -> Iterator[tuple[Operation, list[int]]]:
        """Each call that is to be made: an operation and whom it is about, those whom no former one has found."""
        for operation in self._settings.operations:
            open_ids = [contact for contact in known if contact not in answers or answers[contact].outcome == "miss"]
            asked = [contact for contact in open_ids if _has_needed(operation, known[contact])]
            for first in range(0, len(asked), operation.batch_size):
                yield operation, asked[first : first + operation.batch_size]

    def next_poll_at(self) -> datetime | None:
        """When the jobs that are under way are to be asked for; None where there is none."""
        return self._jobs.next_poll_at()

    def finished_jobs(self) -> Iterator[list[ProviderAnswer]]:
        """The answers of jobs that are done; each job is closed when the next is asked for."""
        return self._jobs.finished()

    def allow_calls(self) -> None:
        """Calls may be made, also after `stop_calls`."""
        self._calls.allow()

    def stop_calls(self) -> None:
        """No call begins any more: whoever waits to make one is told so (`Stopped`)."""
        self._calls.stop()

    def close(self) -> None:
        """Closes the connections."""
        self._calls.close()

    def _log_disclosures(self, queries: Sequence[PersonQuery], known: dict[int, dict[str, str]]) -> None:
        disclosed = sum(bool(query.linkedin_email) and known[query.contact_id].get("email") == query.linkedin_email for query in queries)
        if disclosed:
            log.info("%s: %d e-mail addresses from LinkedIn exports are disclosed to it, of %d people", self.name, disclosed, len(queries))

    def _ask(self, operation: Operation, people: dict[int, dict[str, str]]) -> list[ProviderAnswer]:
        contacts = list(people)
        known = [{**people[contact], "ref": str(contact)} for contact in contacts]
        batch = operation.batch if operation.batch and (len(contacts) > 1 or operation.request is None) else None
        request = _fill_batch(operation, batch, known) if batch else _fill_single(operation, operation.request, known[0])
        if operation.job:
            return self._jobs.submit(operation, operation.job, contacts, replace(request, is_repeatable=False))
        try:
            answer, verdict = self._calls.ask(request, operation.limits or self._settings.limits)
        except RejectedAnswer as problem:
            return [self._reader.reject(contact, problem) for contact in contacts]
        if verdict == "pending":
            return [ProviderAnswer(contact, "pending") for contact in contacts]
        if batch:
            return self._reader.read_batch(operation, batch, contacts, known, answer)
        return [self._reader.read_single(operation, contacts[0], answer, verdict)]


def _has_needed(operation: Operation, known: dict[str, str]) -> bool:
    return any(all(name in known for name in needed) for needed in operation.needs)


def _fill_batch(operation: Operation, batch: Batch, known: Sequence[dict[str, str]]) -> Filled:
    query = fill_query(batch.query, {})
    return Filled(f"{operation.name}_batch", batch.method, batch.path, query, fill_body(batch, known), about=len(known), may_miss=False)


def _fill_single(operation: Operation, request: Request | None, known: dict[str, str]) -> Filled:
    assert request is not None
    body = fill_object(request.body, known) if request.body is not None else None
    return Filled(operation.name, request.method, request.path, fill_query(request.query, known), body)
