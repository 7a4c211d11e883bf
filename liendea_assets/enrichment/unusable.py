"""A provider that cannot be asked as it is set up; the others can."""

from collections.abc import Sequence
from dataclasses import dataclass

from liendea_assets.core.errors import SettingsError
from liendea_assets.enrichment.provider import PersonQuery, ProviderAnswer, TellAnswers


@dataclass(frozen=True, slots=True)
class UnusableProvider:
    """Stands in for a provider whose secret is missing, say, so that a run tells of it and goes on.

    Attributes:
        problem: why; somebody has to look at it.
    """

    name: str
    problem: SettingsError
    batch_size: int = 1
    concurrency: int = 1
    wanted: frozenset[str] = frozenset()
    contacts_per_run: int | None = None

    def can_ask(self, _query: PersonQuery) -> bool:
        """Nobody can be asked about."""
        return False

    def look_up(self, _queries: Sequence[PersonQuery], _tell: TellAnswers | None = None) -> list[ProviderAnswer]:
        """Raises the problem."""
        raise self.problem

    def allow_calls(self) -> None:
        """None are ever made."""

    def stop_calls(self) -> None:
        """None are ever made."""
