"""What `components` and `disqualifiers` of icp_scoring.yaml may say. What a kind of rule does stands in rules.py."""

import math
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from liendea_assets.core.settings import Settings
from liendea_assets.core.text import fold
from liendea_assets.scoring.fields import FIELDS, LEVELS, FieldName

SignedPoints = Annotated[int, Field(ge=-100, le=100)]
Text = Annotated[str, Field(min_length=1)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]


class Band(Settings):
    """A range of a number: `min`, `max` belong to it, `above`, `below` do not. Fractions for growth, 0.2 being 20 %."""

    min: float | None = None
    above: float | None = None
    max: float | None = None
    below: float | None = None
    points: SignedPoints
    words: Text | None = None

    @model_validator(mode="after")
    def _has_ends(self) -> Self:
        if (self.min is not None and self.above is not None) or (self.max is not None and self.below is not None):
            raise ValueError("one lower end (min or above) and one upper end (max or below) at most")
        low, high = self.low(), self.high()
        if low is None and high is None:
            raise ValueError("a band with at least one of min, above, max, below")
        is_open = self.above is not None or self.below is not None
        if low is not None and high is not None and (high < low or (is_open and high == low)):
            raise ValueError(f"a band whose upper end ({high:g}) is not below its lower one ({low:g})")
        return self

    def covers(self, other: "Band") -> bool:
        """Whether it holds every number that the other one holds."""
        (low, high), (other_low, other_high) = self.outer_ends(), other.outer_ends()
        return low <= other_low and high >= other_high

    def ends(self) -> str:
        """The keys that say where it ends, as in the file."""
        return ", ".join(f"{key}: {end:g}" for key in ("min", "above", "max", "below") if (end := getattr(self, key)) is not None)

    def outer_ends(self) -> tuple[tuple[float, int], tuple[float, int]]:
        """Both ends so that they compare; an end that does not belong to the band lies further in."""
        low, high = self.low(), self.high()
        first = (low, int(self.above is not None)) if low is not None else (-math.inf, 0)
        return first, (high, -int(self.below is not None)) if high is not None else (math.inf, 0)

    def low(self) -> float | None:
        """The lower end, whether or not it belongs to the band."""
        return self.min if self.min is not None else self.above

    def high(self) -> float | None:
        """The upper end."""
        return self.max if self.max is not None else self.below


class ValueList(Settings):
    """Points for any of these values."""

    any_of: Annotated[tuple[Text, ...], Field(min_length=1)]
    points: SignedPoints
    words: Text | None = None


class Scale(Settings):
    """A share of the points: none at `start` or below, all of them at `end` or above. Halves are rounded up."""

    start: float = 0
    end: float
    points: SignedPoints
    words: Text | None = None

    @model_validator(mode="after")
    def _rises(self) -> Self:
        if self.end <= self.start:
            raise ValueError(f"an end ({self.end:g}) above the start ({self.start:g})")
        return self


class RuleSettings(Settings):
    """One rule: a field, and bands, values or a scale for it."""

    field: FieldName
    bands: tuple[Band, ...] | None = None
    values: tuple[ValueList, ...] | None = None
    scale: Scale | None = None
    # for known values that no band and no list holds
    otherwise: SignedPoints = 0
    otherwise_words: Text | None = None

    def kind(self) -> str:
        """The key that says what kind of rule it is."""
        return next(name for name in ("bands", "values", "scale") if getattr(self, name) is not None)

    @model_validator(mode="after")
    def _is_of_one_kind(self) -> Self:
        kinds = [name for name in ("bands", "values", "scale") if getattr(self, name) is not None]
        if len(kinds) != 1:
            raise ValueError(f"exactly one of bands, values, scale (this rule has {', '.join(kinds) or 'none'})")
        if (kinds[0] == "values") != FIELDS[self.field].is_text:
            texts = ", ".join(name for name, field in FIELDS.items() if field.is_text)
            raise ValueError(f"values for a text ({texts}), bands or scale for a number ({self.field} has {kinds[0]})")
        if self.values is not None:
            _check_levels(self.field, [name for entry in self.values for name in entry.any_of])
        return self

    @model_validator(mode="after")
    def _each_can_be_reached(self) -> Self:
        # the first one that holds counts, so another order or other ends were meant
        bands, lists = self.bands or (), self.values or ()
        for place, band in enumerate(bands):
            if any(former.covers(band) for former in bands[:place]):
                raise ValueError(f"bands that can be reached (the first that holds a number counts; {band.ends()} is within one before it)")
        before: set[str] = set()
        for entry in lists:
            names = {fold(name) for name in entry.any_of}
            if names <= before:
                raise ValueError(f"lists that can be reached (the first that has a value counts; {', '.join(entry.any_of)} stand before)")
            before |= names
        return self


class Cap(Settings):
    """The most and the least that a component's rules may give together."""

    max: SignedPoints | None = None
    min: SignedPoints | None = None

    @model_validator(mode="after")
    def _holds_nothing(self) -> Self:
        # unknown is nothing, and must never be lifted or cut by a cap
        if (self.max is not None and self.max < 0) or (self.min is not None and self.min > 0):
            raise ValueError("max of 0 or more and min of 0 or less")
        return self


class Component(Settings):
    """A named part of the score: rules, a weight that multiplies their points, a cap on their sum."""

    name: Name
    label: Text | None = None
    group: Literal["fit", "relationship"] = "fit"
    weight: Annotated[float, Field(ge=0, le=100)] = 1.0
    cap: Cap | None = None
    rules: Annotated[tuple[RuleSettings, ...], Field(min_length=1)]


class Disqualifier(Settings):
    """Whoever has one of these values has the score 0, with the reason."""

    name: Name
    field: FieldName
    any_of: Annotated[tuple[Text, ...], Field(min_length=1)]
    reason: Text

    @model_validator(mode="after")
    def _looks_at_a_text(self) -> Self:
        if not FIELDS[self.field].is_text:
            raise ValueError(f"a field that is a text ({self.field} is a number)")
        _check_levels(self.field, list(self.any_of))
        return self


def _check_levels(field: str, names: list[str]) -> None:
    wrong = [name for name in names if field == "title" and name not in LEVELS]
    if wrong:
        raise ValueError(
            f"levels of titles: {', '.join(LEVELS)} (found {wrong[0]!r}; words of titles go to decision_maker_titles and influencer_titles)"
        )
