"""`rate_limits.yaml`: how often each service may be called."""

from collections.abc import Mapping

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveInt, model_validator

from liendea_assets.clients.pacing import Pacing
from liendea_assets.core.settings import Settings

# service → (seconds, requests) of each of its windows; `service/action` → those of one of its actions
Windows = Mapping[str, tuple[tuple[int, int], ...]]
# Ends the name of a service in whose place the sandbox stands: its calls, limits and credits are not those of the service.
STAND_IN = "-sandbox"


class Window(Settings):
    """So many requests in any stretch of so many seconds."""

    seconds: PositiveInt
    requests: PositiveInt


class WindowLimits(Settings):
    """Sliding windows; all of them hold at once.

    Attributes:
        windows: of any length, besides those that have a name.
    """

    requests_per_minute: PositiveInt | None = None
    requests_per_hour: PositiveInt | None = None
    requests_per_day: PositiveInt | None = None
    windows_: tuple[Window, ...] = Field(default=(), alias="windows")

    @model_validator(mode="after")
    def _hold_something(self) -> "WindowLimits":
        found = [seconds for seconds, _ in self.windows()]
        if not found:
            raise ValueError("at least one window: requests_per_minute, requests_per_hour, requests_per_day, or a list of windows")
        if len(found) != len(set(found)):
            raise ValueError("one window for each length; requests_per_minute is that of 60 seconds")
        return self

    def windows(self) -> tuple[tuple[int, int], ...]:
        """(seconds, requests) per window, the shortest first."""
        named = ((60, self.requests_per_minute), (3_600, self.requests_per_hour), (86_400, self.requests_per_day))
        further = [(window.seconds, window.requests) for window in self.windows_]
        return tuple(sorted([*further, *((seconds, requests) for seconds, requests in named if requests)]))


class PacingSettings(Settings):
    """See `Pacing`."""

    minimum_gap_s: NonNegativeFloat = 0.0
    jitter_s: NonNegativeFloat = 0.0
    rest_after: NonNegativeInt = 0
    rest_s: NonNegativeFloat = 0.0


class ServiceLimits(WindowLimits):
    """Limits of a service.

    Attributes:
        actions: limits of single actions, which hold besides those of the service.
        pacing: how calls are spread out; None for as fast as the windows allow.
    """

    actions: dict[str, WindowLimits] = Field(default_factory=dict)
    pacing: PacingSettings | None = None


def _limits(minute: int, hour: int, day: int) -> ServiceLimits:
    return ServiceLimits(requests_per_minute=minute, requests_per_hour=hour, requests_per_day=day)


class RateLimits(Settings):
    """The file's keys and defaults."""

    linkedin: ServiceLimits = Field(default_factory=lambda: _limits(2, 50, 100))
    reach: ServiceLimits = Field(default_factory=lambda: _limits(10, 400, 5_000))
    email: ServiceLimits = Field(default_factory=lambda: _limits(5, 100, 500))
    sandbox: ServiceLimits = Field(default_factory=lambda: _limits(600, 10_000, 50_000))

    def in_force(self, *, is_sandbox: bool) -> Windows:
        """The windows of each service and action; of `reach-sandbox` while the sandbox stands in for Reach."""
        found: dict[str, tuple[tuple[int, int], ...]] = {}
        for service, limits in self._services(is_sandbox=is_sandbox).items():
            found[service] = limits.windows()
            found |= {f"{service}/{action}": of_action.windows() for action, of_action in limits.actions.items()}
        return found

    def pacing_in_force(self, *, is_sandbox: bool) -> dict[str, Pacing]:
        """How the calls to a service are spread out, of those where they are."""
        services = self._services(is_sandbox=is_sandbox)
        return {service: Pacing(**limits.pacing.model_dump()) for service, limits in services.items() if limits.pacing is not None}

    def _services(self, *, is_sandbox: bool) -> dict[str, ServiceLimits]:
        stand_ins = {f"reach{STAND_IN}": self.sandbox} if is_sandbox else {}
        return {"reach": self.reach, **stand_ins, "linkedin": self.linkedin, "email": self.email}
