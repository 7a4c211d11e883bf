"""The parts of scores: what each rule gives, what caps and limits take, and how a part is written down."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from liendea_assets.scoring.fields import FIELDS

Integers = npt.NDArray[np.int64]
Source = tuple[str | None, str | None]


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
    """A part in words: per contact the position of a text, -1 where there is no part; the texts as JSON and as reasons."""

    codes: Integers
    contents: list[str]
    reasons: list[str]
    points: Integers


def explain(part: Part, sources: "FieldSources") -> Explained:
    """Writes each distinct outcome, with the source of its value, once."""
    is_unknown = part.codes < 0
    if not part.field:
        return Explained(part.codes, *_write(part, [(place, (None, None)) for place in range(len(part.points))]))
    source_codes, named = sources.of(FIELDS[part.field].source)
    pairs = np.where(is_unknown, -1, part.codes * max(len(named), 1) + source_codes)
    codes, distinct = pd.factorize(pairs)
    outcomes = [(int(pair) // max(len(named), 1), named[int(pair) % max(len(named), 1)]) if pair >= 0 else (-1, (None, None)) for pair in distinct]
    return Explained(codes.astype(np.int64), *_write(part, outcomes))


def _write(part: Part, outcomes: Sequence[tuple[int, Source]]) -> tuple[list[str], list[str], Integers]:
    contents, reasons, points = [], [], []
    for place, (source, source_on) in outcomes:
        value = part.shown[place] if place >= 0 else None
        given = int(part.points[place]) if place >= 0 else 0
        words = part.words[place] if place >= 0 else "unknown"
        content = {"name": part.name, "label": part.label, "group": part.group, "value": value, "points": given, "rule": words}
        content |= {"field": part.field or None, "source": source, "source_on": source_on}
        contents.append(json.dumps(content, ensure_ascii=False))
        reasons.append(reason(part.label, part.field, value, given, words))
        points.append(given)
    return contents, reasons, np.array(points, dtype=np.int64)


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
    """Where the values of contacts come from, out of the column `sources` of enriched_contacts: field → [source, date]."""

    def __init__(self, contacts: pd.DataFrame) -> None:
        self._count = len(contacts)
        given = contacts["sources"].astype(object) if "sources" in contacts else pd.Series([None] * self._count, dtype=object)
        self._codes, distinct = pd.factorize(given)
        self._distinct: list[dict[str, list[str]]] = [json.loads(text) for text in distinct]

    def of(self, key: str) -> tuple[Integers, list[Source]]:
        """Per contact the position of its source; a key in brackets is itself the source."""
        if key.startswith("["):
            return np.zeros(self._count, dtype=np.int64), [(key.strip("[]"), None)]
        found: dict[Source, int] = {(None, None): 0}
        positions = [found.setdefault(_source(sources.get(key)), len(found)) for sources in self._distinct]
        return np.array([*positions, 0], dtype=np.int64)[self._codes], list(found)


def _source(told: Sequence[str] | None) -> Source:
    return (told[0], told[1]) if told else (None, None)
