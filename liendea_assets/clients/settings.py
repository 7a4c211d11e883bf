"""`rate_limits.yaml`: how often each service may be called."""

from collections.abc import Mapping

from pydantic import Field, PositiveInt

from liendea_assets.core.settings import Settings

# service → (seconds, requests) of each of its windows
Windows = Mapping[str, tuple[tuple[int, int], ...]]


class ServiceLimits(Settings):
    """Sliding windows; all of them hold at once."""

    requests_per_minute: PositiveInt
    requests_per_hour: PositiveInt
    requests_per_day: PositiveInt

    def windows(self) -> tuple[tuple[int, int], ...]:
        """(seconds, requests) per window."""
        return ((60, self.requests_per_minute), (3_600, self.requests_per_hour), (86_400, self.requests_per_day))


def _limits(minute: int, hour: int, day: int) -> ServiceLimits:
    return ServiceLimits(requests_per_minute=minute, requests_per_hour=hour, requests_per_day=day)


class RateLimits(Settings):
    """The file's keys and defaults."""

    linkedin: ServiceLimits = Field(default_factory=lambda: _limits(2, 50, 100))
    reach: ServiceLimits = Field(default_factory=lambda: _limits(10, 400, 5_000))
    email: ServiceLimits = Field(default_factory=lambda: _limits(5, 100, 500))
    sandbox: ServiceLimits = Field(default_factory=lambda: _limits(600, 10_000, 50_000))

    def in_force(self, *, is_sandbox: bool) -> Windows:
        """The windows of each service; the sandbox has limits of its own for Reach."""
        reach = self.sandbox if is_sandbox else self.reach
        return {"reach": reach.windows(), "linkedin": self.linkedin.windows(), "email": self.email.windows()}
