"""`icp_scoring.yaml`: the ideal customer profile."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from liendea_assets.core.settings import Settings
from liendea_assets.core.text import fold
from liendea_assets.scoring.account_settings import AccountSettings, Segment
from liendea_assets.scoring.rule_settings import Component, Disqualifier
from liendea_assets.scoring.taxonomy import IndustrySettings
from liendea_assets.scoring.title_words import TitleWords

Points = Annotated[int, Field(ge=0, le=100)]

BEST_SCORE = 100

PLAN_PARTS = ("company_size", "industry", "title", "growth", "connection_strength")
# names of parts that no component may bear
RESERVED = (*PLAN_PARTS, "ceiling", "floor", "disqualified")


class EmployeeRange(Settings):
    """Both ends belong to it."""

    min: int = Field(ge=0)
    max: int = Field(ge=0)

    @model_validator(mode="after")
    def _is_ordered(self) -> Self:
        if self.max < self.min:
            raise ValueError(f"max ({self.max}) must not be below min ({self.min})")
        return self


class SizeWeights(Settings):
    target: Points = 25
    acceptable: Points = 15


class IndustryWeights(Settings):
    target: Points = 25
    secondary: Points = 15


class TitleWeights(Settings):
    decision_maker: Points = 25
    influencer: Points = 15


class GrowthLine(Settings):
    """Points for a yearly growth above a fraction."""

    above: float
    points: Points


class Weights(Settings):
    """Points per part; together at most 100."""

    company_size: SizeWeights = SizeWeights()
    industry: IndustryWeights = IndustryWeights()
    title: TitleWeights = TitleWeights()
    growth: tuple[GrowthLine, ...] = (GrowthLine(above=0.20, points=15), GrowthLine(above=0.10, points=8))
    connection_strength: Points = 10

    def largest(self) -> dict[str, int]:
        """The most points that each part can give."""
        return {
            "company_size": max(self.company_size.target, self.company_size.acceptable),
            "industry": max(self.industry.target, self.industry.secondary),
            "title": max(self.title.decision_maker, self.title.influencer),
            "growth": max((line.points for line in self.growth), default=0),
            "connection_strength": self.connection_strength,
        }

    def without_points(self) -> "Weights":
        """Weights that give nothing."""
        return Weights(
            company_size=SizeWeights(target=0, acceptable=0),
            industry=IndustryWeights(target=0, secondary=0),
            title=TitleWeights(decision_maker=0, influencer=0),
            growth=(),
            connection_strength=0,
        )

    @model_validator(mode="after")
    def _lines_of_growth_differ(self) -> Self:
        lines = [line.above for line in self.growth]
        twice = next((line for line in lines if lines.count(line) > 1), None)
        if twice is not None:
            raise ValueError(f"growth with one line above each fraction ({twice:g} stands twice)")
        return self

    @model_validator(mode="after")
    def _fit_into_the_best_score(self) -> Self:
        total = sum(self.largest().values())
        if total > BEST_SCORE:
            raise ValueError(f"weights whose largest points add up to 1 to {BEST_SCORE} (these add up to {total})")
        return self


class ScoringSettings(Settings):
    """The file's keys and defaults."""

    target_industries: tuple[str, ...] = ("Technology", "Software", "SaaS")
    secondary_industries: tuple[str, ...] = ("Financial Services", "Professional Services", "Telecommunications", "Media")
    target_employee_range: EmployeeRange = EmployeeRange(min=50, max=5_000)
    acceptable_employee_range: EmployeeRange = EmployeeRange(min=10, max=10_000)
    decision_maker_titles: tuple[str, ...] = ("VP", "Director", "Chief", "Head of")
    influencer_titles: tuple[str, ...] = ("Manager", "Lead", "Principal", "Chief of Staff")
    weights: Weights = Weights()
    priority_lines: tuple[Points, Points, Points, Points] = (80, 65, 50, 35)
    minimum_score: Points = 50
    # from titles.yaml (load.py); a part of these settings, so that their version is one
    titles: TitleWords = TitleWords()
    industry_taxonomy: IndustrySettings = IndustrySettings()
    components: tuple[Component, ...] = ()
    disqualifiers: tuple[Disqualifier, ...] = ()
    segments: tuple[Segment, ...] = ()
    accounts: AccountSettings = AccountSettings()

    @model_validator(mode="after")
    def _gives_points(self) -> Self:
        if not self.components and not sum(self.weights.largest().values()):
            raise ValueError(f"weights whose largest points add up to 1 to {BEST_SCORE}, or components (these add up to 0)")
        return self

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        taken = list(RESERVED)
        for component in self.components:
            if component.name in taken:
                raise ValueError(
                    f"components with names of their own ({component.name!r} is taken; taken by the plan: {', '.join(RESERVED)})"
                )
            taken.append(component.name)
        names = [disqualifier.name for disqualifier in self.disqualifiers]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"disqualifiers with names of their own ({name!r} stands twice)")
        return self

    @model_validator(mode="after")
    def _levels_of_titles_differ(self) -> Self:
        influencers = {fold(title) for title in self.influencer_titles}
        twice = next((title for title in self.decision_maker_titles if fold(title) in influencers), None)
        if twice is not None:
            raise ValueError(f"each title in one of decision_maker_titles and influencer_titles ({twice!r} stands in both)")
        return self

    @model_validator(mode="after")
    def _lines_descend(self) -> Self:
        if list(self.priority_lines) != sorted(set(self.priority_lines), reverse=True):
            raise ValueError("four priority_lines, each below the one before")
        return self
