"""What `segments` and `accounts` of icp_scoring.yaml may say."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from liendea_assets.core.settings import Settings

Share = Annotated[float, Field(ge=0, le=1)]
Text = Annotated[str, Field(min_length=1)]


class Condition(Settings):
    """A field of the company, and the numbers (both ends belong to them) or the texts that it may be."""

    field: Literal["employee_count", "revenue", "growth_rate", "industry", "company_domain"]
    min: float | None = None
    max: float | None = None
    any_of: tuple[Text, ...] | None = None

    @model_validator(mode="after")
    def _fits_its_field(self) -> Self:
        is_text = self.field in ("industry", "company_domain")
        if is_text != (self.any_of is not None) or (is_text and (self.min is not None or self.max is not None)):
            raise ValueError(f"any_of for industry and company_domain, min and max for numbers (the field is {self.field})")
        if not is_text and self.min is None and self.max is None:
            raise ValueError("min, max, or both")
        if self.min is not None and self.max is not None and self.max < self.min:
            raise ValueError(f"max ({self.max:g}) must not be below min ({self.min:g})")
        return self


class Segment(Settings):
    """A segment, and what all has to hold of a company in it. The first segment that fits counts."""

    name: Text
    when: Annotated[tuple[Condition, ...], Field(min_length=1)]


class AccountSettings(Settings):
    """How the people of a company and the company itself make the account's score.

    The account's score = `own_fit_share` × the company's own fit, as a share of 100, + the rest × the people's;
    the people's = `best_person_share` × the best score + the rest × breadth, which is full with `breadth_contacts` contacts at or above
    `breadth_score`.
    """

    own_fit_share: Share = 0.5
    best_person_share: Share = 0.8
    breadth_contacts: Annotated[int, Field(ge=1, le=1000)] = 3
    breadth_score: Annotated[int, Field(ge=0, le=100)] = 50
    # accounts with at least this score are the account-level target list
    minimum_score: Annotated[int, Field(ge=0, le=100)] = 50
