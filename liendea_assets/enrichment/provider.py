"""What the stage needs of a provider, and the form in which answers are kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

# The fields of contact_enrichment that an answer may fill.
PERSON_FIELDS = ("work_email", "work_phone", "mobile_phone", "linkedin_url", "reach_id", "title", "country", "time_zone")
COMPANY_FIELDS = ("company_name", "company_domain", "industry", "employee_count", "revenue_range", "growth_rate")
FIELDS = PERSON_FIELDS + COMPANY_FIELDS


@dataclass(frozen=True, slots=True)
class PersonQuery:
    """What is known of a contact and may be disclosed to a provider; empty text is not known."""

    contact_id: int
    reach_id: str = ""
    email: str = ""
    linkedin_url: str = ""
    first_name: str = ""
    last_name: str = ""
    company: str = ""
    domain: str = ""

    @property
    def is_answerable(self) -> bool:
        """Whether this can identify somebody at all; asking otherwise is a wasted call."""
        has_name = bool(self.first_name and self.last_name and (self.company or self.domain))
        return bool(self.reach_id or self.email or self.linkedin_url or has_name)


@dataclass(frozen=True, slots=True)
class ProviderAnswer:
    """One source's answer about one contact.

    Attributes:
        outcome: hit, miss or rejected (with its reason).
        confidence: 0–1; None where the source gives none.
        values: those of `FIELDS` that are known.
    """

    contact_id: int
    outcome: str
    confidence: float | None = None
    values: Mapping[str, object] = field(default_factory=dict)
    reason: str | None = None


class Provider(Protocol):
    """A source that can be asked."""

    @property
    def name(self) -> str:
        """The `source` of its answers."""
        ...

    def look_up(self, queries: Sequence[PersonQuery]) -> list[ProviderAnswer]:
        """An answer for each query.

        Raises:
            TransientError: nobody was answered; try again later.
            PermanentError: this batch cannot be answered.
        """
        ...
