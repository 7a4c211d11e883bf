"""Settings of how an answer becomes our fields."""

from typing import Any, Literal

from pydantic import Field, model_validator

from liendea_assets.core.settings import Settings
from liendea_assets.enrichment.provider import EMAIL_STATUSES
from liendea_assets.enrichment.providers.paths import JmesPath

FieldName = Literal[
    "work_email", "work_phone", "mobile_phone", "linkedin_url", "reach_id", "title", "country", "time_zone",
    "company_name", "company_domain", "industry", "employee_count", "revenue_range", "growth_rate",
    "email_status",
]  # fmt: skip
Cleaning = Literal["lower", "upper", "domain", "email", "profile", "number"]


class FieldRule(Settings):
    """Where a value stands and how it is cleaned; a path alone may be written without `path:`.

    Attributes:
        required, required_if: an answer without it breaks the contract, always or where the expression holds.
        clean: lower, upper, domain (host of an address), email, profile (URL of a LinkedIn profile), number (text that is one).
        drop_if: patterns with * of values that say nothing, such as placeholder addresses; compared without case.
        values: what the provider says → what we say; compared without case. other_values: what happens to any other.
    """

    path: JmesPath
    required: bool = False
    required_if: JmesPath | None = None
    clean: tuple[Cleaning, ...] = ()
    drop_if: tuple[str, ...] = ()
    values: dict[str, str] = Field(default_factory=dict)
    other_values: Literal["keep", "drop"] = "keep"

    @model_validator(mode="before")
    @classmethod
    def _from_path(cls, given: Any) -> Any:
        if isinstance(given, str):
            return {"path": given}
        # what a validator has seen is no JSON any more, of which a list would do for a tuple
        return (
            {key: tuple(value) if isinstance(value, list) else value for key, value in given.items()} if isinstance(given, dict) else given
        )


class ConfidenceRule(Settings):
    """How sure the provider is, as 0 to 1.

    Attributes:
        scale: its numbers for 0 and for 1.
        values: its words instead of numbers → 0 to 1, `otherwise` for any other word.
        required: whether an answer without it breaks the contract.
    """

    path: JmesPath
    scale: tuple[float, float] = (0.0, 1.0)
    values: dict[str, float] = Field(default_factory=dict)
    otherwise: float | None = Field(default=None, ge=0, le=1)
    required: bool = False

    @model_validator(mode="after")
    def _is_a_scale(self) -> "ConfidenceRule":
        if self.scale[0] >= self.scale[1] or any(not 0 <= value <= 1 for value in self.values.values()):
            raise ValueError("a scale that rises, and values from 0 to 1")
        return self


class AnswerMapping(Settings):
    """What an answer about one person means.

    Attributes:
        must_have: what every match holds; an answer without it breaks the contract.
    """

    must_have: tuple[JmesPath, ...] = ()
    confidence: ConfidenceRule | None = None
    fields: dict[FieldName, FieldRule] = Field(min_length=1)

    @model_validator(mode="after")
    def _speaks_our_words(self) -> "AnswerMapping":
        rule = self.fields.get("email_status")
        if rule is not None and ("work_email" not in self.fields or not set(rule.values.values()) <= set(EMAIL_STATUSES)):
            raise ValueError(f"email_status beside work_email, with values that are {', '.join(EMAIL_STATUSES)}")
        return self
