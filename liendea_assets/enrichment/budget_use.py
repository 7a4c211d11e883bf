"""How much of what the user allows to be spent on each provider is spent: calls and credits, by day and by month of UTC."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from liendea_assets.clients import store
from liendea_assets.clients.call_budget import periods
from liendea_assets.core.clock import Clock
from liendea_assets.db.connection import Database
from liendea_assets.enrichment import spending_store
from liendea_assets.enrichment.settings import BudgetSettings


@dataclass(frozen=True, slots=True)
class BudgetUse:
    """One budget at a moment.

    Attributes:
        of: calls or credits. period: day or month.
        used: credits of calls that are not settled count as the most that they may cost.
        ends: when it starts anew.
    """

    provider: str
    of: str
    period: str
    most: float
    used: float
    ends: datetime

    @property
    def left(self) -> float:
        """What may be spent until then."""
        return max(0.0, self.most - self.used)


def read_budget_use(db: Database, budgets: Mapping[str, BudgetSettings], clock: Clock) -> list[BudgetUse]:
    """Every bound that is set, by provider, calls first.

    Args:
        budgets: by the name for whom calls and credits count.
    """
    return [use for provider, budget in budgets.items() for use in _of_provider(db, provider, budget, clock.now())]


def _of_provider(db: Database, provider: str, budget: BudgetSettings, now: datetime) -> Iterator[BudgetUse]:
    for period in periods(now, budget.calls_per_day, budget.calls_per_month):
        used = store.count_calls(db.conn, provider, period.start, period.end)
        yield BudgetUse(provider, "calls", period.name, period.most, used, period.end)
    for period in periods(now, budget.credits_per_day, budget.credits_per_month):
        spent = spending_store.spent_between(db.conn, provider, period.start, period.end)
        yield BudgetUse(provider, "credits", period.name, period.most, spent, period.end)
