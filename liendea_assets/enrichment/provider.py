"""What the stage needs of a provider, and the form in which answers are kept."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

from liendea_assets.clients.outlook import Bound
from liendea_assets.enrichment.spending import Allowance

# The fields of contact_enrichment that an answer may fill.
PERSON_FIELDS = ("work_email", "work_phone", "mobile_phone", "linkedin_url", "reach_id", "title", "country", "time_zone")
# What is true of all who work there.
COMPANY_FACTS = ("industry", "employee_count", "revenue_range", "growth_rate")
COMPANY_FIELDS = ("company_name", "company_domain", *COMPANY_FACTS)
FIELDS = PERSON_FIELDS + COMPANY_FIELDS
# Whether mail to `work_email` arrives, as a provider says: verified; risky (guessed, or its server takes mail for anybody); invalid;
# unknown (it could not be checked). It is a word about an address and no value of its own.
EMAIL_STATUSES = ("verified", "risky", "invalid", "unknown")
ANSWER_FIELDS = (*FIELDS, "email_status")


@dataclass(frozen=True, slots=True)
class PersonQuery:
    """What is known of a contact; empty text is not known. A provider's file says what of it may be disclosed.

    Attributes:
        email_status: what some provider has said of the address, one of `EMAIL_STATUSES`.
        linkedin_email: the address of a colleague's LinkedIn export, where no other one is known. It was shown to the colleague
            alone; it is `email` as well where enrichment.yaml lets it be disclosed to every provider.
    """

    contact_id: int
    reach_id: str = ""
    email: str = ""
    linkedin_url: str = ""
    first_name: str = ""
    last_name: str = ""
    company: str = ""
    domain: str = ""
    linkedin_email: str = ""
    email_status: str = ""


@dataclass(frozen=True, slots=True)
class ProviderAnswer:
    """One source's answer about one contact.

    Attributes:
        outcome: hit, miss, rejected (with its reason), or pending: to be asked for later, and not stored until then. waiting is no answer:
            a part of the provider has no room for now, and its reason says why; the contact stays due.
        confidence: 0–1; None where the source gives none.
        values: those of `ANSWER_FIELDS` that are known.
        cost: credits; None where nothing is known of it: then a hit counts as one.
        answer_hash: SHA-256 of the raw answer, of a batch that of the whole; None where none came.
        good_for_days: until it is asked for again; None for what enrichment.yaml says.
    """

    contact_id: int
    outcome: str
    confidence: float | None = None
    values: Mapping[str, object] = field(default_factory=dict)
    reason: str | None = None
    cost: float | None = None
    answer_hash: str | None = None
    good_for_days: int | None = None


TellAnswers = Callable[[list[ProviderAnswer]], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What it takes to ask about some people, should each way to ask be needed, and everybody be found.

    Attributes:
        calls: (service, action) → how many. people: service → whom these are about.
    """

    calls: Mapping[tuple[str, str], int]
    people: Mapping[str, int]
    credits: float

    @property
    def calls_in_all(self) -> int:
        """Of all services and actions."""
        return sum(self.calls.values())


class Provider(Protocol):
    """A source that can be asked."""

    @property
    def name(self) -> str:
        """The `source` of its answers."""
        ...

    @property
    def batch_size(self) -> int:
        """The most people in one call."""
        ...

    @property
    def concurrency(self) -> int:
        """The most calls at once, each in a thread of its own."""
        ...

    @property
    def wanted(self) -> frozenset[str]:
        """Whoever has all of these fields already is not asked about; empty for everybody."""
        ...

    @property
    def contacts_per_run(self) -> int | None:
        """The most people whom one run asks about; None for no bound."""
        ...

    def can_ask(self, query: PersonQuery) -> bool:
        """Whether enough is known to find somebody; asking otherwise is a wasted call."""
        ...

    def look_up(self, queries: Sequence[PersonQuery], tell: TellAnswers | None = None) -> list[ProviderAnswer]:
        """An answer for each query; fewer where the provider could not go on with the rest, who stay due. Called by threads.

        Args:
            tell: given answers that stand already while others are still asked for; the result is then the rest.

        Raises:
            TransientError: nobody was answered; try again later.
            PermanentError: this batch cannot be answered.
        """
        ...

    def allow_calls(self) -> None:
        """Calls may be made, also after `stop_calls`."""
        ...

    def stop_calls(self) -> None:
        """No call begins any more: `look_up` raises `Stopped` where it would have to begin one."""
        ...


@runtime_checkable
class JobProvider(Protocol):
    """A source that answers some queries later, also in another run."""

    def next_poll_at(self) -> datetime | None:
        """When the jobs that are under way are to be asked for; None where there is none."""
        ...

    def finished_jobs(self) -> Iterator[list[ProviderAnswer]]:
        """The answers of jobs that are done; each job is closed when the next is asked for.

        Raises:
            TransientError: try again later.
        """
        ...


@runtime_checkable
class PaidProvider(Provider, Protocol):
    """A source of which it can be told beforehand what asking it takes."""

    @property
    def allowance(self) -> Allowance:
        """What may be spent on it."""
        ...

    @property
    def is_paid_by_call(self) -> bool:
        """Whether a call costs the same whoever is found."""
        ...

    def free_in_s(self) -> float:
        """Seconds until it may be asked, by limits and budgets; 0 for at once."""
        ...

    def calls_free_in_s(self) -> float:
        """The same by its limits alone, for what is paid for."""
        ...

    def plan(self, queries: Sequence[PersonQuery], most_in_batch: int | None) -> Plan:
        """The calls and credits that it takes to ask about these.

        Args:
            most_in_batch: the most people in one call, by enrichment.yaml; None for as many as it takes.
        """
        ...

    def look_ahead(self, plan: Plan) -> list[Bound]:
        """Until when each limit makes the last of these calls wait."""
        ...
