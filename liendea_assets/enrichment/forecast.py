"""What asking everybody who is due would take: contacts, calls, windows, minutes, credits. Nobody is asked for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from liendea_assets.core.clock import Clock, to_text
from liendea_assets.core.durations import show_time
from liendea_assets.db.connection import Database
from liendea_assets.enrichment import store
from liendea_assets.enrichment.provider import PaidProvider, Provider
from liendea_assets.enrichment.settings import EnrichmentSettings
from liendea_assets.enrichment.waterfall import Due, find_due

# Each colleague at a company is counted, though what one is answered may spare the others.
EVERYBODY = 2**62
COLUMNS = ("provider", "contacts", "cannot be asked about", "calls", "about", "tightest limit", "credits for all", "credits left")


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is to come from one provider.

    Attributes:
        contacts: due, and enough is known of them to ask. unanswerable: due, and too little is known.
        calls: should each way to ask about somebody be needed; without calls that are made again.
        seconds: until the last of these calls may begin, by the limits and what is used of them; about.
        tightest: the limit that decides on that; empty where none makes anybody wait.
        credits_for_all: should everybody be found.
        credits_likely: by the share of those who were found so far; None where nobody was asked about yet.
        credits_left: of the budget; None where there is none.
    """

    provider: str
    contacts: int
    unanswerable: int
    calls: int
    seconds: float
    tightest: str
    credits_for_all: float
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
            f"{self.provider}: {self.contacts:,} contacts are due: about {self.calls:,} calls in {show_time(self.seconds)}{why}, "
            f"{self.credits_for_all:,.0f} credits if all are found{likely}{left}"
        )


def forecast_all(
    db: Database,
    providers: Sequence[Provider],
    settings: EnrichmentSettings,
    clock: Clock,
    acceptance: Mapping[str, float],
) -> list[Forecast]:
    """A forecast for each provider. What an earlier one finds, a later one may not be asked for.

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
        found.append(forecast(provider, due, settings.batch_size, hits / (hits + misses) if hits + misses else None))
    return found


def forecast(provider: PaidProvider, due: Due, most_in_batch: int | None, share_found: float | None) -> Forecast:
    """What asking about these contacts would take."""
    plan = provider.plan(due.queries, most_in_batch)
    seconds, tightest = max(((bound.wait_s, bound.name) for bound in provider.look_ahead(plan)), default=(0.0, ""))
    likely = plan.credits * (1.0 if provider.is_paid_by_call else share_found) if share_found is not None else None
    return Forecast(
        provider.name,
        len(due.queries),
        due.unanswerable,
        plan.calls_in_all,
        seconds,
        tightest if seconds else "",
        plan.credits,
        likely,
        provider.allowance.purse.left(),
    )


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
            f"{one.credits_for_all:,.0f}",
            "no bound" if one.credits_left is None else f"{one.credits_left:,.0f}",
        )
        for one in forecasts
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))
