"""Which of day and month comes first in the dates of a column: 13/02/2024 can only be the one, 02/13/2024 the other."""

import re

import pandas as pd

from liendea_assets.imports.model import SourcePart
from liendea_assets.imports.settings import ImportSettings

_SLASHED = re.compile(r"%([dm])/%(?!\1)[dm]/%[yY]")
_DAY_AND_MONTH = r"^\s*(\d{1,2})/(\d{1,2})/(?:\d{2}|\d{4})(?: 00:00:00)?\s*$"


def settle_date_formats(part: SourcePart, settings: ImportSettings) -> tuple[str, ...]:
    """The formats of imports.yaml in the order in which this table's dates are tried.

    A date that can only be read with the day (or the month) first decides for the column. Where dates of both kinds stand in it, or
    none of either, the first format with slashes in imports.yaml does.
    """
    formats = settings.linkedin_date_formats
    slashed = [form for form in formats if _SLASHED.fullmatch(form)]
    if not slashed:
        return formats
    day_first, month_first, _ = _look_at(part)
    first = _first(slashed[0]) if day_first == month_first else "d" if day_first else "m"
    both = dict.fromkeys([*slashed, *map(_swapped, slashed)])
    ordered = sorted(both, key=lambda form: _first(form) != first)
    place = formats.index(slashed[0])
    return (
        *(form for form in formats[:place] if form not in both),
        *ordered,
        *(form for form in formats[place:] if form not in both),
    )


def note_date_order(part: SourcePart, settings: ImportSettings) -> str | None:
    """What the user should know where the order of day and month could not be told from the dates; None where it could."""
    slashed = [form for form in settings.linkedin_date_formats if _SLASHED.fullmatch(form)]
    day_first, month_first, ambiguous = _look_at(part)
    if not slashed or not ambiguous or day_first != month_first:
        return None
    why = "some dates have the day first and others the month" if day_first else "no date tells whether day or month comes first"
    read = "the day" if _first(slashed[0]) == "d" else "the month"
    return f"ambiguous dates in {part.part} (rows: {ambiguous}) were read with {read} first: {why} (linkedin_date_formats in imports.yaml)"


def _look_at(part: SourcePart) -> tuple[bool, bool, int]:
    """Whether a date can only have the day first, whether one can only have the month first, and how many rows' dates could be either."""
    dates = part.fields().get("connected_on")
    if dates is None:
        return False, False, 0
    dates = dates.drop(index=list(part.faults)).dropna()
    found = dates.str.extract(_DAY_AND_MONTH).dropna()
    one, two = (pd.to_numeric(found[column]) for column in found.columns)
    can_be_month, can_be_day = one.between(1, 12), two.between(1, 12)
    return (
        bool((one.between(13, 31) & can_be_day).any()),
        bool((can_be_month & two.between(13, 31)).any()),
        int((can_be_month & can_be_day & (one != two)).sum()),
    )


def _first(form: str) -> str:
    return form[1]


def _swapped(form: str) -> str:
    return f"%{form[4]}/%{form[1]}{form[5:]}"
