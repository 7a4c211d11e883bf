"""`enrichment.yaml`."""

from typing import Literal

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveInt

from liendea_assets.core.settings import Settings

# Whose value is taken where several know one: of the first source of the order, the newest, or the surest.
Survivorship = Literal["source_order", "newest", "highest_confidence"]


class BudgetSettings(Settings):
    """The most that is spent on a provider in a day and in a month of UTC; what is left out has no bound."""

    calls_per_day: NonNegativeInt | None = None
    calls_per_month: NonNegativeInt | None = None
    credits_per_day: NonNegativeFloat | None = None
    credits_per_month: NonNegativeFloat | None = None


class EnrichmentSettings(Settings):
    """The file's keys and defaults.

    Attributes:
        batch_size: the most people in a call of any provider; None for as many as each takes.
    """

    batch_size: PositiveInt | None = None
    accept_confidence: float = Field(default=0.6, ge=0, le=1)
    hit_ttl_days: PositiveInt = 180
    miss_ttl_days: PositiveInt = 30
    longest_run_minutes: PositiveInt = 10
    contacts_per_run: PositiveInt | None = 50
    budgets: dict[str, BudgetSettings] = Field(default_factory=dict)
    provider_order: tuple[str, ...] = ("reach", "peopledatalabs", "apollo", "hunter")
    source_order: tuple[str, ...] = ("manual", "gtm", "reach", "peopledatalabs", "apollo", "hunter", "linkedin")
    survivorship: Survivorship = "source_order"
    disclose_linkedin_email: bool = False
