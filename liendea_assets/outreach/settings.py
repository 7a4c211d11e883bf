"""`outreach.yaml` and `campaigns/*.yaml`."""

from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, NonNegativeInt, model_validator

from liendea_assets.core.errors import SettingsError, TemplateProblem
from liendea_assets.core.home import Home
from liendea_assets.core.settings import Settings, config_version, load_file
from liendea_assets.outreach.templates import MessageTemplate

Text = Annotated[str, Field(min_length=1)]
# what stands in a header line
Line = Annotated[str, Field(min_length=1, pattern=r"^[^\x00-\x1f\x7f]+$")]


class Sender(Settings):
    """Who signs, and for whom."""

    name: Line
    title: str = ""
    company: Line
    email: Annotated[str, Field(pattern=r"^[\x21-\x3f\x41-\x7e]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}$")]
    postal_address: Text


class OutreachSettings(Settings):
    """The file's keys."""

    sender: Sender
    unsubscribe_mailbox: Annotated[str, Field(pattern=r"^[\x21-\x3f\x41-\x7e]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}$")]
    footer: Text


class Audience(Settings):
    """Which targets a campaign is for."""

    priorities: tuple[Annotated[int, Field(ge=1, le=5)], ...] = (1, 2, 3, 4, 5)


class Step(Settings):
    """One message. `body` names a file below config/, `subject` is the text itself."""

    subject: str = ""
    body: Text


class CampaignSettings(Settings):
    """A campaign's keys; its name is the file's."""

    type: Literal["email", "linkedin_message"]
    status: Literal["draft", "active", "paused", "completed"] = "draft"
    start_date: date | None = None
    end_date: date | None = None
    daily_limit: NonNegativeInt
    audience: Audience = Audience()
    steps: tuple[Step, ...] = Field(min_length=1, max_length=1)

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.start_date and self.end_date and self.end_date < self.start_date:
            raise ValueError("end_date on or after start_date")
        if self.type == "email" and not all(step.subject for step in self.steps):
            raise ValueError("a subject in each step of an email campaign")
        return self

    def is_running(self, day: date) -> bool:
        """Whether it fills its queue on this day."""
        has_begun = self.start_date is None or self.start_date <= day
        return self.status == "active" and has_begun and (self.end_date is None or day <= self.end_date)


class Campaign(Settings):
    """A campaign with its templates' text.

    Attributes:
        version: changes with anything that it says, templates included.
    """

    name: str
    settings: CampaignSettings
    subject: str
    body: str
    version: str


def load_campaigns(home: Home) -> list[Campaign]:
    """Every campaign of the home, by name.

    Raises:
        SettingsError: every problem of every file, one line each: a key that is not right, a template that does not exist or is no
            template, a file whose name does not end in .yaml.
    """
    campaigns, problems = [], []
    for path in sorted((home.config / "campaigns").glob("*.y*ml")):
        try:
            campaigns.append(_load_campaign(home, path))
        except SettingsError as problem:
            problems.append(str(problem))
    if problems:
        raise SettingsError("\n".join(problems))
    return campaigns


def _load_campaign(home: Home, path: Path) -> Campaign:
    if path.suffix != ".yaml":
        raise SettingsError(f"{path}: not read, since its name does not end in .yaml")
    settings = load_file(CampaignSettings, path)
    step = settings.steps[0]
    template = (home.config / step.body).resolve()
    if not template.is_relative_to(home.config.resolve()) or not template.is_file():
        raise SettingsError(f"{path}: steps.0.body: found {step.body!r}; allowed: a file below {home.config}")
    try:
        body = template.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise SettingsError(f"{template}: not UTF-8 text; save it as UTF-8") from None
    _check_template(f"{path}: steps.0.subject", step.subject)
    _check_template(str(template), body)
    campaign = Campaign(name=path.stem, settings=settings, subject=step.subject, body=body, version="unknown")
    return campaign.model_copy(update={"version": config_version(campaign)})


def _check_template(where: str, text: str) -> None:
    try:
        MessageTemplate(text)
    except TemplateProblem as problem:
        raise SettingsError(f"{where}: {problem}") from None
