"""What asking everybody who is due would take: contacts, calls, windows, minutes, credits. Nobody is asked for it."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import pandas as pd

from liendea_assets.clients.call_budget import CallBudget, periods
from liendea_assets.clients.settings import Windows
from liendea_assets.clients.usage import ledger_now_us, read_usage
from liendea_assets.clients.usage_store import count_calls
from liendea_assets.core.clock import Clock, to_text
from liendea_assets.db.connection import Database
from liendea_assets.enrichment import store
from liendea_assets.enrichment.provider import PaidProvider, Provider
from liendea_assets.enrichment.settings import EnrichmentSettings
from liendea_assets.enrichment.waterfall import Due, find_due

# At the most, each colleague at a company has to be asked about.
EVERYBODY = 2**62
COLUMNS = ("provider", "contacts", "cannot be asked about", "calls", "at least", "tightest limit", "credits at most", "credits left")


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is to come from one provider.

    Attributes:
        contacts: due, and enough is known of them to ask. unanswerable: due, and too little is known.
        calls: at most, should each way to ask about somebody be needed; without calls that are made again.
        seconds: until the last of these calls may begin, by the limits and what is used of them.
        tightest: the limit that decides on that; empty where none makes anybody wait.
        credits_most: should everybody be found.
        credits_likely: by the share of those who were found so far; None where nobody was asked about yet.
        credits_left: of the budget; None where there is none.
    """

    provider: str
    contacts: int
    unanswerable: int
    calls: int
    seconds: float
    tightest: str
    credits_most: float
    credits_likely: float | None
    credits_left: float | None

    def __str__(self) -> str:
        """For the event log."""
        if not self.contacts:
            unanswerable = f"; of {self.unanswerable:,} too little is known to ask" if self.unanswerable else ""
            return f"{self.provider}: nobody is due{unanswerable}"
        likely = f", {self.credits_likely:,.0f} by the share found so far" if self.credits_likely is not None else ""
        left = f"; {self.credits_left:,.0f} credits of the budget are left" if self.credits_left is not None else ""
        why = f" ({self.tightest})" if self.tightest else ""
        return (
            f"{self.provider}: {self.contacts:,} contacts are due: at most {self.calls:,} calls, at least {show_time(self.seconds)}{why}, "
            f"at most {self.credits_most:,.0f} credits{likely}{left}"
        )


@dataclass(frozen=True, slots=True)
class Limit:
    """A window or a budget.

    Attributes:
        left: calls that it has room for now.
        seconds: in which it has room for `requests` calls.
    """

    name: str
    requests: int
    left: int
    seconds: float


def forecast_all(
    db: Database,
    providers: Sequence[Provider],
    settings: EnrichmentSettings,
    clock: Clock,
    windows: Windows,
    acceptance: Mapping[str, float],
) -> list[Forecast]:
    """A forecast for each provider. What an earlier one finds, a later one may not be asked for: its numbers are the most.

    Args:
        acceptance: as in `run.enrich`.
    """
    counts = store.count_answers(db)
    found = []
    for provider in providers:
        if not isinstance(provider, PaidProvider):
            continue
        due = find_due(db, provider, [], settings, to_text(clock.now()), acceptance, colleagues=EVERYBODY)
        hits, misses = counts.get((provider.name, "hit"), 0), counts.get((provider.name, "miss"), 0)
        limits = read_limits(db, clock, provider.limit_keys, windows, provider.allowance.calls)
        found.append(forecast(provider, due, limits, hits / (hits + misses) if hits + misses else None))
    return found


def forecast(provider: PaidProvider, due: Due, limits: Sequence[Limit], share_found: float | None) -> Forecast:
    """What asking about these contacts would take."""
    plan = provider.plan(due.queries)
    seconds, tightest = max(((_seconds(plan.calls, limit), limit.name) for limit in limits), default=(0.0, ""))
    likely = plan.credits * (1.0 if provider.is_paid_by_call else share_found) if share_found is not None else None
    return Forecast(
        provider.name,
        len(due.queries),
        due.unanswerable,
        plan.calls,
        seconds,
        tightest if seconds else "",
        plan.credits,
        likely,
        provider.allowance.purse.left(),
    )


def read_limits(db: Database, clock: Clock, keys: Iterable[str], windows: Windows, budget: CallBudget) -> list[Limit]:
    """The windows of services, and the budget of their calls, with what is left of them."""
    of_keys = {key: windows[key] for key in keys if key in windows}
    usage = read_usage(db, clock, of_keys, {})
    limits = [Limit(f"{one.requests:,} in {show_time(one.seconds)}", one.requests, one.left, one.seconds) for one in usage]
    now = clock.now()
    for period in periods(now, budget.per_day, budget.per_month):
        since_us = ledger_now_us(db, clock) - (now - period.start) // timedelta(microseconds=1)
        most = int(period.most)
        left = max(0, most - count_calls(db.conn, budget.services, since_us))
        limits.append(Limit(f"budget of {most:,} a {period.name}", most, left, (period.end - period.start).total_seconds()))
    return limits


def as_table(forecasts: Sequence[Forecast]) -> pd.DataFrame:
    """A row for each provider, as people read it."""
    rows = [
        (
            one.provider,
            f"{one.contacts:,}",
            f"{one.unanswerable:,}",
            f"{one.calls:,}",
            show_time(one.seconds),
            one.tightest or "none",
            f"{one.credits_most:,.0f}",
            "no bound" if one.credits_left is None else f"{one.credits_left:,.0f}",
        )
        for one in forecasts
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def show_time(seconds: float) -> str:
    """`40 s`, `12 min`, `3.5 h`, `2.0 days`."""
    if math.isinf(seconds):
        return "never"
    for unit, length in (("days", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length or (seconds >= length and unit == "min"):
            return f"{seconds / length:.{0 if unit == 'min' else 1}f} {unit}"
    return f"{seconds:.0f} s"


def _seconds(calls: int, limit: Limit) -> float:
    """Until the limit has had room for so many calls."""
    waiting = calls - limit.left
    if waiting <= 0:
        return 0.0
    return math.ceil(waiting / limit.requests) * limit.seconds if limit.requests else math.inf
