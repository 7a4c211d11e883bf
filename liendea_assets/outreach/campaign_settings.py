"""`campaigns/*.yaml`: who is written to, in which steps, with which texts."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, NonNegativeInt, model_validator

from liendea_assets.core.settings import Settings

Text = Annotated[str, Field(min_length=1)]
# what stands in a header line
Line = Annotated[str, Field(min_length=1, pattern=r"^[^\x00-\x1f\x7f]+$")]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
Language = Annotated[str, Field(pattern=r"^[a-z]{2}$")]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
Level = Literal["decision_maker", "influencer", "individual_contributor", "not_a_prospect"]
Choices = Annotated[tuple[Text, ...], Field(min_length=1)]


class Audience(Settings):
    """Which targets a campaign is for: those for whom all that is named holds. What is not named does not matter.

    Attributes:
        segments, industries: as contacts have them, whatever the case.
        countries: ISO 3166, two letters. functions, levels: what titles say (docs/titles.md).
        min_strength: of the strongest tie to a colleague, 0 to 10.
    """

    priorities: tuple[Annotated[int, Field(ge=1, le=5)], ...] = (1, 2, 3, 4, 5)
    segments: Choices | None = None
    industries: Choices | None = None
    countries: Annotated[tuple[Country, ...], Field(min_length=1)] | None = None
    functions: Choices | None = None
    levels: Annotated[tuple[Level, ...], Field(min_length=1)] | None = None
    min_strength: Annotated[float, Field(ge=0, le=10)] | None = None


class TextFiles(Settings):
    """Texts that stand in the place of a step's. `body` and `html` name files below config/; naming one of them replaces both."""

    subject: Text | None = None
    body: Text | None = None
    html: Text | None = None


class Variant(TextFiles):
    """One of several ways to say a step, with its share of the people. Without texts of its own it is the step as it is.

    Attributes:
        languages: the variant in other languages than the default one.
    """

    name: Name
    share: Annotated[float, Field(gt=0, le=1000)] = 1
    languages: Mapping[Language, TextFiles] = {}


class Step(Settings):
    """One message.

    Attributes:
        name: what the step keeps its number by when steps are added or reordered; None for `step-1` and so on, by its place.
        delay_days: after the step before it was sent. None for 0 in the first step, and 3 in the others.
        subject: the text itself. A follow-up without one goes into the thread of the step before.
        body: the text's template, a file below config/. html: the HTML part's; without a `body` the text is made from it.
        languages: the step in other languages than the default one.
    """

    name: Name | None = None
    delay_days: NonNegativeInt | None = None
    subject: str = ""
    body: Text | None = None
    html: Text | None = None
    variants: tuple[Variant, ...] = ()
    languages: Mapping[Language, TextFiles] = {}

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.body is None and self.html is None:
            raise ValueError("a body, an html, or both")
        names = [variant.name for variant in self.variants]
        if len(names) == 1 or len(set(names)) < len(names):
            raise ValueError("two or more variants, each with a name of its own")
        for texts in self.languages.values():
            if (texts.body is None and texts.html is None) or (self.subject and not texts.subject):
                raise ValueError("a body or an html, and a subject where the step has one, in each language")
        if any(language not in self.languages for variant in self.variants for language in variant.languages):
            raise ValueError("languages of a variant that the step has, too")
        return self


class CampaignSettings(Settings):
    """A campaign's keys; its name is the file's.

    Attributes:
        mailboxes: names of those in outreach.yaml that may send it; all where none is named.
    """

    type: Literal["email", "linkedin_message", "inmail"]
    status: Literal["draft", "active", "paused", "completed"] = "draft"
    start_date: date | None = None
    end_date: date | None = None
    daily_limit: NonNegativeInt
    audience: Audience = Audience()
    mailboxes: tuple[Name, ...] = ()
    steps: tuple[Step, ...] = Field(min_length=1, max_length=20)

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.start_date and self.end_date and self.end_date < self.start_date:
            raise ValueError("end_date on or after start_date")
        if self.type == "email" and not self.steps[0].subject:
            raise ValueError("a subject in the first step of an email campaign")
        if self.type != "email" and any(step.html or any(texts.html for texts in _all_texts(step)) for step in self.steps):
            raise ValueError("no html outside of email campaigns")
        if len(set(self.step_names)) < len(self.steps):
            raise ValueError("a name of its own for each step")
        return self

    @property
    def step_names(self) -> tuple[str, ...]:
        """The steps' names in the order of the sequence."""
        return tuple(step.name or f"step-{place}" for place, step in enumerate(self.steps, start=1))

    @property
    def delays(self) -> tuple[int, ...]:
        """Days from each step to the one before it."""
        return tuple((3 if place else 0) if step.delay_days is None else step.delay_days for place, step in enumerate(self.steps))

    def is_running(self, day: date) -> bool:
        """Whether it fills its queue on this day."""
        has_begun = self.start_date is None or self.start_date <= day
        return self.status == "active" and has_begun and (self.end_date is None or day <= self.end_date)


def _all_texts(step: Step) -> tuple[TextFiles, ...]:
    return (*step.variants, *step.languages.values(), *(texts for variant in step.variants for texts in variant.languages.values()))
