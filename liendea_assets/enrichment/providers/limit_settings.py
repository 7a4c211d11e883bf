"""Settings of a provider's limits."""

from pydantic import Field, PositiveInt, model_validator

from liendea_assets.clients.settings import PacingSettings
from liendea_assets.core.settings import Settings


class Window(Settings):
    """A sliding window over requests, or over the people that requests are about."""

    seconds: PositiveInt
    requests: PositiveInt | None = None
    entities: PositiveInt | None = None

    @model_validator(mode="after")
    def _counts_one_thing(self) -> "Window":
        if (self.requests is None) == (self.entities is None):
            raise ValueError("requests or entities, one of them")
        return self


class Limits(Settings):
    """All windows hold at once.

    Attributes:
        key: whoever names the same key shares its windows; a service of rate_limits.yaml brings those that stand there.
        pacing: how calls under the key are spread out; None for as fast as the windows allow.
    """

    key: str = Field(pattern=r"^[a-z][a-z0-9_-]*$")
    windows: tuple[Window, ...] = ()
    pacing: PacingSettings | None = None
