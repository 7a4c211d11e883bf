"""The parts of scores: what each rule gives, what caps and limits take, and how a part is written down."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from liendea_assets.scoring.fields import FIELDS

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a score for all contacts, by its distinct outcomes.

    Attributes:
        name: of the component, with a word more where it has several parts.
        label: as people call it.
        group: `fit`, `relationship`, or `limit` for what keeps the whole within its limits.
        field: what was looked at, empty for caps and limits.
        codes: per contact the position of its outcome; -1 where the field is not known, or where a cap or limit takes nothing.
        shown: per outcome the value.
        points: per outcome whole points; unknown is 0 points.
        words: per outcome why.
    """

    name: str
    label: str
    group: str
    field: str
    codes: Integers
    shown: list[object]
    points: Integers
    words: list[str]

    def total(self) -> Integers:
        """Points per contact."""
        # -1 picks the last one, which is the unknown
        return np.append(self.points, 0)[self.codes]


@dataclass(frozen=True, slots=True)
class Explained:
    """A part in words.

    Attributes:
        codes: per contact the position of a text, -1 where there is no part.
        contents: JSON per distinct outcome. Where a value came from is not in it, or there were as many texts as contacts; see `keys`.
        reasons: per distinct outcome in plain words.
        keys: per distinct outcome the key of `FieldSources` that tells the value's source; None where the content tells it.
        points: per distinct outcome.
    """

    codes: Integers
    contents: list[str]
    reasons: list[str]
    keys: list[str | None]
    points: Integers


def explain(part: Part) -> Explained:
    """Writes each distinct outcome once; unknown is the last one."""
    count = len(part.points)
    places = list(range(count)) if not part.field else [*range(count), -1]
    codes = part.codes if not part.field else np.where(part.codes < 0, count, part.codes)
    contents, reasons, keys = [], [], []
    source = FIELDS[part.field].source if part.field else None
    for place in places:
        value = part.shown[place] if place >= 0 else None
        given = int(part.points[place]) if place >= 0 else 0
        words = part.words[place] if place >= 0 else "unknown"
        content: dict[str, object] = {"name": part.name, "label": part.label, "group": part.group, "value": value, "points": given}
        content |= {"rule": words, "field": part.field or None}
        is_told = source is None or place < 0 or source.startswith("[")
        if is_told:
            content |= {"source": [source.strip("[]"), None] if source is not None and place >= 0 else None}
        contents.append(_encode(content))
        reasons.append(reason(part.label, part.field, value, given, words))
        keys.append(None if is_told else source)
    return Explained(codes, contents, reasons, keys, np.append(part.points, 0)[: len(places)])


def with_source(content: str, source: Sequence[str] | None) -> str:
    """A content with the source that its key tells: [source, date], None where it is not told."""
    return f"{content[:-1]}, {_encode({'source': source})[1:]}"


# made once: a million contents take half of the time
_encode = json.JSONEncoder(ensure_ascii=False).encode


def reason(label: str, field: str, value: object, points: int, words: str) -> str:
    """A part in plain words: `Title VP Sales: a decision maker by "VP" (+25)`."""
    if not field:
        return f"{label}: {words} ({points:+d})"
    return f"{label} {show_value(field, value)}" + ("" if value is None else f": {words} ({points:+d})")


def show_value(field: str, value: object) -> str:
    """A part's value as people write it."""
    if value is None:
        return "unknown"
    if field == "growth_rate" and isinstance(value, float):
        return f"{value * 100:.3g} %"
    return f"{value:,}" if isinstance(value, int) else f"{value:g}" if isinstance(value, float) else str(value)


def parts_total(parts_json: str) -> int:
    """The sum of the points that stored parts show."""
    return sum(part["points"] for part in json.loads(parts_json))


class FieldSources:
    """Where the values of contacts come from, out of the column `sources` of enriched_contacts: field → [source, date].

    Attributes:
        codes: per contact the position of its sources.
        told: the distinct ones, with the fields that are asked about.
    """

    def __init__(self, contacts: pd.DataFrame, keys: Sequence[str]) -> None:
        given = contacts["sources"].astype(object) if "sources" in contacts else pd.Series([None] * len(contacts), dtype=object)
        codes, distinct = pd.factorize(given)
        parsed = [json.loads(text) for text in distinct]
        told = [{key: sources[key] for key in keys if key in sources} for sources in parsed]
        # the last one is for contacts of whom no sources are kept
        self.told: list[dict[str, list[str]]] = [*told, {}]
        self.codes: Integers = np.where(codes < 0, len(told), codes)
