"""A provider as its file describes it."""

import logging
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from liendea_assets.clients.outlook import Bound, Need
from liendea_assets.core.clock import Clock
from liendea_assets.core.errors import LimitReached, QuotaGone, RejectedAnswer, SettingsError, TransientError
from liendea_assets.enrichment.payment import Payment
from liendea_assets.enrichment.provider import PersonQuery, Plan, ProviderAnswer, TellAnswers
from liendea_assets.enrichment.providers.answers import AnswerReader
from liendea_assets.enrichment.providers.batch import fill_body
from liendea_assets.enrichment.providers.calls import Filled, ProviderCalls
from liendea_assets.enrichment.providers.jobs import JobRunner, Jobs
from liendea_assets.enrichment.providers.operations import Batch, Operation, Request
from liendea_assets.enrichment.providers.plan import action_of, is_batch, plan_calls
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
        # a batch larger than a window of people would wait for itself
        self._sizes = {
            operation.name: min(operation.batch_size, calls.most_people(operation.limits or settings.limits) or operation.batch_size)
            for operation in settings.operations
        }
        self.batch_size = max(self._sizes.values())
        self.concurrency = settings.concurrency
        self.wanted = frozenset(settings.wanted)
        self.allowance = allowance
        self.contacts_per_run = allowance.contacts_per_run
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
        return any(self._ways(query))

    def disclosed(self, query: PersonQuery) -> dict[str, str]:
        """What of a contact may be sent, by input."""
        return _disclosed(self._settings, query)

    def look_up(self, queries: Sequence[PersonQuery], tell: TellAnswers | None = None) -> list[ProviderAnswer]:
        """See `Provider.look_up`; a call about several people may take several requests, and of these one may come to nothing."""
        known = {query.contact_id: self.disclosed(query) for query in queries}
        statuses = {query.contact_id: query.email_status for query in queries}
        self._log_disclosures(queries, known)
        answers: dict[int, ProviderAnswer] = {}
        told: set[int] = set()

        def untold(to_ask: Sequence[int], later: Sequence[Operation]) -> list[ProviderAnswer]:
            """Those who are settled; a miss may still become a hit."""
            fresh = [answer for answer in answers.values() if answer.outcome != "miss" and answer.contact_id not in told]
            awaited = [contact for contact in known if any(_is_usable(one, known[contact], statuses[contact]) for one in later)]
            return [answer for answer in fresh if not _is_open(answer) or answer.contact_id not in {*to_ask, *awaited}]

        for number, operation in enumerate(self._settings.operations):
            later = self._settings.operations[number + 1 :]
            is_open = {contact: contact not in answers or _is_open(answers[contact]) for contact in known}
            left = [contact for contact in known if is_open[contact] and _is_usable(operation, known[contact], statuses[contact])]
            if self._misses is not None and left and later:
                for contact, cost in self._misses.read(operation.name, left, self._clock.now()).items():
                    answers[contact] = _better(self._reader.miss(contact, cost), answers.get(contact))
                    left.remove(contact)
            while left:
                if why := self._why_full(operation):
                    # the others go on; what earlier operations said of these is kept
                    for contact in left:
                        answers[contact] = _better(ProviderAnswer(contact, "waiting", cost=0.0, reason=why), answers.get(contact))
                    break
                settled = untold(left, later)
                if settled and tell is not None:
                    # paid for: it must not be lost with a request that comes after it
                    tell(settled)
                    told |= {answer.contact_id for answer in settled}
                try:
                    given = self._ask(operation, {contact: known[contact] for contact in left[: self._sizes[operation.name]]})
                except (TransientError, SettingsError) as problem:
                    if isinstance(problem, LimitReached | QuotaGone) and self._has_later_limits(number):
                        wait_s = problem.wait_s if isinstance(problem, LimitReached) else self._settings.retry_after.quota_s
                        self._full[operation.name] = (self._clock.uptime().seconds + wait_s, str(problem))
                        continue
                    if tell is None and settled:
                        return settled
                    raise
                left = left[len(given) :]
                may_be_found = [
                    answer
                    for answer in given
                    if answer.outcome == "miss"
                    and any(_is_usable(one, known[answer.contact_id], statuses[answer.contact_id]) for one in later)
                ]
                self._keep_misses(number, may_be_found)
                for answer in given:
                    answers[answer.contact_id] = _better(answer, answers.get(answer.contact_id))
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

    def plan(self, queries: Sequence[PersonQuery], most_in_batch: int | None) -> Plan:
        """See `PaidProvider.plan`."""
        batch_size = min(self.batch_size, most_in_batch or self.batch_size)
        return plan_calls(self._settings, self._sizes, [self._ways(query) for query in queries], batch_size, self.contacts_per_run)

    def look_ahead(self, plan: Plan) -> list[Bound]:
        """See `PaidProvider.look_ahead`."""
        keys = sorted({key for key, _ in plan.calls})
        by_action = {key: {action: calls for (one, action), calls in plan.calls.items() if one == key} for key in keys}
        return self._calls.look_ahead([Need(key, by_action[key], plan.people.get(key, 0)) for key in keys])

    def free_in_s(self) -> float:
        """See `PaidProvider.free_in_s`."""
        return max(self.calls_free_in_s(), self.allowance.purse.free_in_s(self._settings.credits.amount))

    def calls_free_in_s(self) -> float:
        """See `PaidProvider.calls_free_in_s`."""
        keys = {(operation.limits or self._settings.limits).key for operation in self._settings.operations}
        return min(self._calls.free_in_s(key) for key in keys)

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

    def _ways(self, query: PersonQuery) -> list[bool]:
        """Which operations can be used."""
        known = self.disclosed(query)
        return [_is_usable(operation, known, query.email_status) for operation in self._settings.operations]

    def _log_disclosures(self, queries: Sequence[PersonQuery], known: dict[int, dict[str, str]]) -> None:
        disclosed = sum(bool(query.linkedin_email) and known[query.contact_id].get("email") == query.linkedin_email for query in queries)
        if disclosed:
            log.info("%s: %d e-mail addresses from LinkedIn exports are disclosed to it, of %d people", self.name, disclosed, len(queries))

    def _ask(self, operation: Operation, people: dict[int, dict[str, str]]) -> list[ProviderAnswer]:
        """One call about these people, or about the first of them where the budget does not reach for all. An answer for each."""
        price = self._settings.credits
        amounts = {"per_person": price.amount, "per_call": 0.0} if price.per == "match" else {"per_person": 0.0, "per_call": price.amount}
        reserved = self._purse.reserve(operation.name, len(people), stop=self._calls.stopping, **amounts)
        payment = Payment(self._purse, operation.name, reserved, is_charged_once=self._settings.idempotency_header is not None)
        asked = dict(list(people.items())[: reserved.people])
        try:
            answers = self._ask_paid(operation, asked, payment)
        except (TransientError, SettingsError):
            payment.call_off()
            raise
        except BaseException:
            payment.leave()
            raise
        if any(answer.outcome == "pending" for answer in answers):
            payment.leave()
        else:
            payment.settle(self._spent(answers, price.amount if price.per == "match" else price.amount / len(answers)))
        return answers

    def _spent(self, answers: Sequence[ProviderAnswer], most_for_one: float) -> float:
        """What answers did cost; of one that cannot be read nobody knows, so that it counts as the most that is told."""
        return sum(max(most_for_one if answer.outcome == "rejected" else 0.0, answer.cost or 0.0) for answer in answers)

    def _ask_paid(self, operation: Operation, people: dict[int, dict[str, str]], payment: Payment) -> list[ProviderAnswer]:
        contacts = list(people)
        known = [{**people[contact], "ref": str(contact)} for contact in contacts]
        batch = operation.batch if is_batch(operation, len(contacts)) else None
        request = _fill_batch(operation, batch, known) if batch else _fill_single(operation, operation.request, known[0])
        if operation.job:
            return self._jobs.submit(operation, operation.job, contacts, replace(request, is_repeatable=False), payment)
        try:
            answer, verdict = self._calls.ask(request, operation.limits or self._settings.limits, payment)
        except RejectedAnswer as problem:
            return [self._reader.reject(contact, problem) for contact in contacts]
        if verdict == "pending":
            return [ProviderAnswer(contact, "pending") for contact in contacts]
        if batch:
            return self._reader.read_batch(operation, batch, contacts, known, answer)
        return [self._reader.read_single(operation, contacts[0], answer, verdict)]


def first_operation(settings: ProviderSettings, query: PersonQuery) -> Operation | None:
    """The operation that would be tried first; None where none has what it needs."""
    known = _disclosed(settings, query)
    return next((operation for operation in settings.operations if _is_usable(operation, known, query.email_status)), None)


def _disclosed(settings: ProviderSettings, query: PersonQuery) -> dict[str, str]:
    email = query.email or (query.linkedin_email if settings.disclose_linkedin_email else "")
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
    return {name: value for name, value in known.items() if value and name in settings.disclose}


def _is_usable(operation: Operation, known: dict[str, str], email_status: str) -> bool:
    """Whether all that it needs is known, and it can tell something new."""
    is_new = not (operation.verifies_email and email_status)
    return is_new and any(all(name in known for name in needed) for needed in operation.needs)


def _is_open(answer: ProviderAnswer) -> bool:
    """Whether the next operation may do better: nobody was found, or an address that does not work."""
    return answer.outcome == "miss" or answer.values.get("email_status") == "invalid"


def _better(answer: ProviderAnswer, former: ProviderAnswer | None) -> ProviderAnswer:
    """The answer of the later operation where it tells more, with the cost of both."""
    if former is None:
        return answer
    kept = former if former.outcome == "hit" and answer.outcome in ("miss", "rejected", "waiting") else answer
    return replace(kept, cost=(answer.cost or 0.0) + (former.cost or 0.0))


def _fill_batch(operation: Operation, batch: Batch, known: Sequence[dict[str, str]]) -> Filled:
    query = fill_query(batch.query, {})
    return Filled(
        action_of(operation, len(known)), batch.method, batch.path, query, fill_body(batch, known), about=len(known), may_miss=False
    )


def _fill_single(operation: Operation, request: Request | None, known: dict[str, str]) -> Filled:
    assert request is not None
    body = fill_object(request.body, known) if request.body is not None else None
    return Filled(operation.name, request.method, request.path, fill_query(request.query, known), body)
