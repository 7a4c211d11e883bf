"""`reports.yaml`."""

from typing import Self

from pydantic import PositiveInt, model_validator

from liendea_assets.core.settings import Settings


class AlertSettings(Settings):
    """Who is told of failures by e-mail; nobody where no address is given."""

    email_to: str | None = None
    email_from: str | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if (self.email_to is None) != (self.email_from is None):
            raise ValueError("email_to and email_from together, or neither")
        return self


class ReportSettings(Settings):
    """The file's keys and defaults."""

    best_targets: PositiveInt = 20
    alerts: AlertSettings = AlertSettings()
