"""A provider as its file describes it."""

import logging
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from liendea_assets.core.clock import Clock
from liendea_assets.core.errors import LimitReached, QuotaGone, RejectedAnswer, SettingsError, TransientError, Unsettled
from liendea_assets.enrichment.provider import PersonQuery, Plan, ProviderAnswer, TellAnswers
from liendea_assets.enrichment.providers.answers import AnswerReader
from liendea_assets.enrichment.providers.batch import fill_body
from liendea_assets.enrichment.providers.calls import Filled, ProviderCalls, counts_people
from liendea_assets.enrichment.providers.jobs import JobRunner, Jobs
from liendea_assets.enrichment.providers.operations import Batch, Operation, Request
from liendea_assets.enrichment.providers.settings import ProviderSettings
from liendea_assets.enrichment.providers.templates import fill_object, fill_query
from liendea_assets.enrichment.spending import Allowance

log = logging.getLogger(__name__)


class Misses(Protocol):
    """Where it is kept whom an operation did not find; `miss_store.MissStore` tells of each method."""

    def add(self, operation: str, costs: Mapping[int, float], now: datetime, days: int | None, /) -> None:
        """Notes whom an operation did not find."""
        ...

    def read(self, operation: str, contact_ids: Collection[int], now: datetime, /) -> dict[int, float]:
        """Who of these need not be asked about again."""
        ...


class HttpProvider:
    """Asks with each operation in turn, until somebody is found or none is left that has what it needs.

    Args:
        misses: None where nobody is asked about again.
    """

    def __init__(
        self,
        name: str,
        settings: ProviderSettings,
        calls: ProviderCalls,
        jobs: Jobs,
        allowance: Allowance,
        clock: Clock,
        misses: Misses | None = None,
    ) -> None:
        self.name = name
        self.batch_size = max(operation.batch_size for operation in settings.operations)
        # slots of people are held while those after them are waited for: two batches could wait for each other's
        takes_turns = any(counts_people(operation.limits or settings.limits) for operation in settings.operations)
        self.concurrency = 1 if takes_turns else settings.concurrency
        self.wanted = frozenset(settings.wanted)
        self.allowance = allowance
        self.contacts_per_run = allowance.contacts_per_run
        self.limit_keys = allowance.calls.services
        self.is_paid_by_call = settings.credits.per == "request"
        self._settings = settings
        self._calls = calls
        self._purse = allowance.purse
        self._clock = clock
        self._misses = misses
        # operation → until when it need not be tried, in seconds of uptime, and why
        self._full: dict[str, tuple[float, str]] = {}
        self._reader = AnswerReader(name, settings)
        self._jobs = JobRunner(name, settings.operations, settings.limits, calls, self._reader, jobs, allowance.purse, clock)

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
        """See `Provider.look_up`; a call about several people may take several requests, and of these one may come to nothing."""
        known = {query.contact_id: self.disclosed(query) for query in queries}
        self._log_disclosures(queries, known)
        answers: dict[int, ProviderAnswer] = {}
        told: set[int] = set()

        def untold() -> list[ProviderAnswer]:
            """Those who are settled; a miss may still become a hit."""
            return [answer for answer in answers.values() if answer.outcome != "miss" and answer.contact_id not in told]

        for number, operation in enumerate(self._settings.operations):
            is_open = {contact: contact not in answers or answers[contact].outcome == "miss" for contact in known}
            left = [contact for contact in known if is_open[contact] and _has_needed(operation, known[contact])]
            later = self._settings.operations[number + 1 :]
            if self._misses is not None and left and later:
                for contact, cost in self._misses.read(operation.name, left, self._clock.now()).items():
                    former = answers.get(contact)
                    answers[contact] = self._reader.miss(contact, cost + ((former.cost or 0.0) if former else 0.0))
                    left.remove(contact)
            while left:
                if why := self._why_full(operation):
                    # the others go on; what earlier operations said of these is kept
                    answers |= {contact: ProviderAnswer(contact, "waiting", reason=why) for contact in left}
                    break
                settled = untold()
                if settled and tell is not None:
                    # paid for: it must not be lost with a request that comes after it
                    tell(settled)
                    told |= {answer.contact_id for answer in settled}
                try:
                    given = self._ask(operation, {contact: known[contact] for contact in left[: operation.batch_size]})
                except (TransientError, SettingsError) as problem:
                    if isinstance(problem, LimitReached | QuotaGone) and self._has_later_limits(number):
                        wait_s = problem.wait_s if isinstance(problem, LimitReached) else self._settings.retry_after.quota_s
                        self._full[operation.name] = (self._clock.uptime().seconds + wait_s, str(problem))
                        continue
                    if tell is None and settled:
                        return settled
                    raise
                left = left[len(given) :]
                self._keep_misses(number, [answer for answer in given if _may_be_found_later(answer, known, later)])
                for answer in given:
                    former = answers.get(answer.contact_id)
                    answers[answer.contact_id] = replace(answer, cost=(answer.cost or 0.0) + (former.cost or 0.0)) if former else answer
        return [answers.get(contact, ProviderAnswer(contact, "miss", cost=0.0)) for contact in known if contact not in told]

    def _has_later_limits(self, number: int) -> bool:
        """Whether the limits of an operation are none of those of the operations before it."""
        keys = [(operation.limits or self._settings.limits).key for operation in self._settings.operations]
        return number > 0 and keys[number] not in keys[:number]

    def _why_full(self, operation: Operation) -> str:
        until_s, why = self._full.get(operation.name, (0.0, ""))
        return why if self._clock.uptime().seconds < until_s else ""

    def _keep_misses(self, number: int, misses: Sequence[ProviderAnswer]) -> None:
        """Notes whom an operation did not find, before a later one is asked: should that one fail or wait, this one is not asked again."""
        if self._misses is None or not misses:
            return
        costs = {answer.contact_id: answer.cost or 0.0 for answer in misses}
        try:
            self._misses.add(self._settings.operations[number].name, costs, self._clock.now(), self._settings.time_to_live.miss_days)
        except sqlite3.Error as problem:
            # they are asked about again, which is better than to lose what was answered beside them
            log.warning("%s: %d misses are not noted (%s)", self.name, len(costs), type(problem).__name__)

    def plan(self, queries: Sequence[PersonQuery]) -> Plan:
        """See `PaidProvider.plan`."""
        operations = self._settings.operations
        known = [self.disclosed(query) for query in queries]
        people = [sum(_has_needed(operation, one) for one in known) for operation in operations]
        calls = sum(-(-asked // operation.batch_size) for asked, operation in zip(people, operations, strict=True))
        paid = calls if self.is_paid_by_call else sum(any(_has_needed(operation, one) for operation in operations) for one in known)
        return Plan(calls, paid * self._settings.credits.amount)

    def free_in_s(self) -> float:
        """See `PaidProvider.free_in_s`."""
        soonest_s = min(self._calls.free_in_s(key) for key in self.limit_keys)
        return max(soonest_s, self.allowance.purse.free_in_s(self._settings.credits.amount))

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
        """One call about these people, or about the first of them where the budget does not reach for all. An answer for each."""
        price = self._settings.credits
        amounts = {"per_person": price.amount, "per_call": 0.0} if price.per == "match" else {"per_person": 0.0, "per_call": price.amount}
        reserved = self._purse.reserve(operation.name, len(people), **amounts)
        asked = dict(list(people.items())[: reserved.people])
        try:
            answers = self._ask_paid(operation, asked, reserved.id)
        except Unsettled:
            raise
        except (TransientError, SettingsError):
            # nobody was told anything, and nothing is charged for that
            self._settle(reserved.id, 0.0)
            raise
        if all(answer.outcome != "pending" for answer in answers):
            self._settle(reserved.id, self._spent(answers, price.amount if price.per == "match" else price.amount / len(answers)))
        return answers

    def _settle(self, spending_id: int, spent: float) -> None:
        try:
            self._purse.settle(spending_id, spent)
        except sqlite3.Error as problem:
            # what was answered must not be lost with it; the most that it may cost counts
            log.warning("%s: what call %d did cost is not noted (%s)", self.name, spending_id, type(problem).__name__)

    def _spent(self, answers: Sequence[ProviderAnswer], most_for_one: float) -> float:
        """What answers did cost; of one that cannot be read nobody knows, so that it counts as the most that is told."""
        return sum(max(most_for_one if answer.outcome == "rejected" else 0.0, answer.cost or 0.0) for answer in answers)

    def _ask_paid(self, operation: Operation, people: dict[int, dict[str, str]], spending_id: int) -> list[ProviderAnswer]:
        contacts = list(people)
        known = [{**people[contact], "ref": str(contact)} for contact in contacts]
        batch = operation.batch if operation.batch and (len(contacts) > 1 or operation.request is None) else None
        request = _fill_batch(operation, batch, known) if batch else _fill_single(operation, operation.request, known[0])
        if operation.job:
            return self._jobs.submit(operation, operation.job, contacts, replace(request, is_repeatable=False), spending_id)
        try:
            answer, verdict = self._calls.ask(request, operation.limits or self._settings.limits)
        except RejectedAnswer as problem:
            return [self._reader.reject(contact, problem) for contact in contacts]
        if verdict == "pending":
            return [ProviderAnswer(contact, "pending") for contact in contacts]
        if batch:
            return self._reader.read_batch(operation, batch, contacts, known, answer)
        return [self._reader.read_single(operation, contacts[0], answer, verdict)]


def _may_be_found_later(answer: ProviderAnswer, known: Mapping[int, dict[str, str]], later: Sequence[Operation]) -> bool:
    return answer.outcome == "miss" and any(_has_needed(operation, known[answer.contact_id]) for operation in later)


def _has_needed(operation: Operation, known: dict[str, str]) -> bool:
    return any(all(name in known for name in needed) for needed in operation.needs)


def _fill_batch(operation: Operation, batch: Batch, known: Sequence[dict[str, str]]) -> Filled:
    query = fill_query(batch.query, {})
    return Filled(f"{operation.name}_batch", batch.method, batch.path, query, fill_body(batch, known), about=len(known), may_miss=False)


def _fill_single(operation: Operation, request: Request | None, known: dict[str, str]) -> Filled:
    assert request is not None
    body = fill_object(request.body, known) if request.body is not None else None
    return Filled(operation.name, request.method, request.path, fill_query(request.query, known), body)
