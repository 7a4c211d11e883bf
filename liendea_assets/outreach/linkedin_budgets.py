"""How much may still be done on LinkedIn by hand: people a day, invitations and notes a week, and the windows of rate_limits.yaml."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from sqlite3 import Connection

from liendea_assets.core.clock import from_text, to_text
from liendea_assets.outreach import linkedin_store as store
from liendea_assets.outreach.settings import LinkedInSettings

WEEK, DAY = timedelta(days=7), timedelta(days=1)
_NAMES = {60: "a minute", 3_600: "an hour", 86_400: "a day"}


@dataclass(frozen=True, slots=True)
class Budget:
    """So many in any stretch of so much time.

    Attributes:
        free_at: when the next one may follow; None for now.
    """

    name: str
    used: int
    most: int
    free_at: datetime | None

    @property
    def left(self) -> int:
        """How many may be done now."""
        return max(0, self.most - self.used)

    def __str__(self) -> str:
        """`invitations: 7 of 100 a week`."""
        wait = f", again from {self.free_at:%Y-%m-%d %H:%M} UTC" if self.free_at else ""
        return f"{self.name.partition(' ')[0]}: {self.used:,} of {self.most:,} {self.name.partition(' ')[2]}{wait}"


@dataclass(frozen=True, slots=True)
class Budgets:
    """All of them at one moment.

    Attributes:
        windows: of rate_limits.yaml for linkedin, which calls of LinkedIn's API count against as well.
    """

    people: Budget
    invitations: Budget
    notes: Budget
    windows: tuple[Budget, ...]

    def why_wait(self, *, is_invitation: bool) -> str | None:
        """Why nothing of the kind is to be done now; None where it may."""
        full = [budget for budget in (*self.windows, *([self.invitations] if is_invitation else [])) if not budget.left]
        return str(full[0]) if full else None

    def all(self) -> tuple[Budget, ...]:
        """Every budget, for people to read."""
        return (self.people, self.invitations, self.notes, *self.windows)

    def room_for_people(self) -> int:
        """How many people may be written to within a day from now."""
        long = [window.left for window in self.windows if " a day" in window.name or " days" in window.name]
        return min([self.people.left, *long])


def read_budgets(connection: Connection, settings: LinkedInSettings, windows: Sequence[tuple[int, int]], now: datetime) -> Budgets:
    """What is used at a moment.

    Args:
        windows: (seconds, requests) of linkedin in rate_limits.yaml.
    """
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    week = to_text(now - WEEK)
    used = store.count_acted(connection, week)
    today = store.count_acted(connection, to_text(midnight - timedelta(microseconds=1)))["people"]
    found = []
    for seconds, most in windows:
        times = store.read_acted_since(connection, to_text(now - timedelta(seconds=seconds)))
        free_at = from_text(times[most - 1]) + timedelta(seconds=seconds) if len(times) >= most else None
        name = _NAMES.get(seconds) or (f"in {seconds // 86_400} days" if seconds >= 86_400 else f"in {seconds:,} s")
        found.append(Budget(f"actions {name}", len(times), most, free_at))
    return Budgets(
        Budget("people a day", today, settings.people_per_day, midnight + DAY if today >= settings.people_per_day else None),
        _weekly(connection, "invitations", used["invitations"], settings.invitations_per_week, week),
        _weekly(connection, "notes", used["notes"], settings.notes_per_week, week),
        tuple(found),
    )


def _weekly(connection: Connection, kind: str, used: int, most: int, since: str) -> Budget:
    free_at = None
    if used >= most:
        times = store.read_weekly(connection, kind, since)
        # with a budget of none there is no next one
        free_at = from_text(times[most - 1]) + WEEK if most else None
    return Budget(f"{kind} a week", used, most, free_at)
