"""What a run did with one provider, and why it ended."""

from collections.abc import Sequence
from dataclasses import dataclass

from liendea_assets.enrichment.provider import ProviderAnswer


@dataclass(slots=True)
class EnrichmentReport:
    """What one run did.

    Attributes:
        due: contacts without a good answer that can be asked about.
        unanswerable: contacts of whom too little is known to ask.
        pending: contacts whose answer the provider still owes.
        cost: credits.
        stopped: why the run ended before everybody was asked; None when it did not.
        is_failure: whether it was not for want of slots, credits or time; whoever was left is left to the next provider.
        needs_somebody: whether it will not pass by itself: a refused key, or an error of our own.
    """

    due: int = 0
    unanswerable: int = 0
    hits: int = 0
    misses: int = 0
    rejected: int = 0
    pending: int = 0
    cost: float = 0.0
    stopped: str | None = None
    is_failure: bool = False
    needs_somebody: bool = False

    @property
    def asked(self) -> int:
        """Contacts that were answered for."""
        return self.hits + self.misses + self.rejected

    @property
    def left(self) -> int:
        """Contacts that could have been asked about and were not."""
        return max(0, self.due - self.asked - self.pending)

    def count(self, answers: Sequence[ProviderAnswer]) -> None:
        """Adds the answers of a call."""
        self.hits += sum(answer.outcome == "hit" for answer in answers)
        self.misses += sum(answer.outcome == "miss" for answer in answers)
        self.rejected += sum(answer.outcome == "rejected" for answer in answers)
        self.pending += sum(answer.outcome == "pending" for answer in answers)
        self.cost += sum(answer.cost or 0.0 for answer in answers)
