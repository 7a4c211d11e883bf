"""The kinds of rules. A kind says which points each distinct value of a field gives, and at which values that changes.

To add one: a function from the distinct values to `Grades`, one to the values at which the points change (`probes`), an entry in
`KINDS`, a key in `rule_settings.RuleSettings`, and a test.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import numpy.typing as npt

from liendea_assets.core.text import fold
from liendea_assets.scoring.fields import FIELDS, LEVELS, Named, Values, Vocabulary
from liendea_assets.scoring.rule_settings import Band, RuleSettings

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Grades:
    """What a rule gives each distinct value: whole points, and in words why."""

    points: Integers
    words: list[str]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of rule.

    Attributes:
        grade: distinct known values → grades.
        probes: values of the field such that every outcome that a known value can have is the outcome of one of them.
    """

    grade: Callable[[Values, RuleSettings, Vocabulary], Grades]
    probes: Callable[[RuleSettings, Vocabulary], Values]


def grade(values: Values, rule: RuleSettings, weight: float, vocabulary: Vocabulary) -> Grades:
    """The grades of a rule; its weight multiplies the points, halves are rounded up."""
    grades = KINDS[rule.kind()].grade(values, rule, vocabulary)
    return Grades(np.floor(grades.points * weight + 0.5).astype(np.int64), grades.words)


def grade_bands(values: Values, rule: RuleSettings, vocabulary: Vocabulary) -> Grades:  # noqa: ARG001 one signature for all kinds
    """The first band that holds the number."""
    numbers, bands = cast(npt.NDArray[np.float64], values), rule.bands or ()
    held = [_holds(band, numbers) for band in bands]
    return _first(len(numbers), held, [band.points for band in bands], [band.words or _ends(band, rule.field) for band in bands], rule)


def probe_bands(rule: RuleSettings, vocabulary: Vocabulary) -> Values:  # noqa: ARG001
    """Each end of a band, and the nearest number on both sides of it."""
    return _around([end for band in rule.bands or () for end in (band.low(), band.high()) if end is not None], rule.field)


def grade_scale(values: Values, rule: RuleSettings, vocabulary: Vocabulary) -> Grades:  # noqa: ARG001
    """The share of the points that the number's place between start and end is."""
    assert rule.scale is not None
    numbers, scale = cast(npt.NDArray[np.float64], values), rule.scale
    share = np.clip((numbers - scale.start) / (scale.end - scale.start), 0, 1)
    words = scale.words or f"share of {scale.points} points between {scale.start:g} and {scale.end:g}"
    return Grades(np.floor(share * scale.points + 0.5).astype(np.int64), [words] * len(numbers))


def probe_scale(rule: RuleSettings, vocabulary: Vocabulary) -> Values:  # noqa: ARG001
    """The numbers at which one more point is given."""
    assert rule.scale is not None
    scale = rule.scale
    steps = [(step + 0.5) / max(abs(scale.points), 1) for step in range(abs(scale.points))]
    return _around([scale.start, scale.end, *(scale.start + share * (scale.end - scale.start) for share in steps)], rule.field)


def grade_values(values: Values, rule: RuleSettings, vocabulary: Vocabulary) -> Grades:
    """The first list that has one of the value's names."""
    named, lists = cast(list[Named], values), rule.values or ()
    wanted = [vocabulary.wanted(rule.field, entry.any_of) for entry in lists]
    held = [np.array([bool(names & value.names) for value in named], dtype=bool) for names in wanted]
    words = [entry.words or f"one of {', '.join(entry.any_of)}" for entry in lists]
    grades = _first(len(named), held, [entry.points for entry in lists], words, rule)
    return Grades(grades.points, [text + value.note for text, value in zip(grades.words, named, strict=True)])


def probe_values(rule: RuleSettings, vocabulary: Vocabulary) -> Values:
    """Each value of the lists, and one that is in none."""
    return probe_texts(rule.field, [name for entry in rule.values or () for name in entry.any_of], vocabulary)


def probe_texts(field: str, names: Sequence[str], vocabulary: Vocabulary) -> list[Named]:
    """The names, all that the vocabulary puts together with others, and one that nothing names."""
    if field == "title":
        return [Named(frozenset([fold(level)])) for level in (*LEVELS, "")]
    taxonomy = list(vocabulary.taxonomy.shown.values()) if field == "industry" else []
    if field == "function":
        return [Named(frozenset([fold(name)])) for name in (*names, "")]
    return [*vocabulary.named(field, [*names, *taxonomy]), Named(frozenset())]


KINDS: dict[str, Kind] = {
    "bands": Kind(grade_bands, probe_bands),
    "scale": Kind(grade_scale, probe_scale),
    "values": Kind(grade_values, probe_values),
}


def _first(count: int, held: Sequence[npt.NDArray[np.bool_]], points: Sequence[int], words: Sequence[str], rule: RuleSettings) -> Grades:
    """The first of the grades that holds a value, else what the rule gives otherwise."""
    if not held:
        return Grades(np.full(count, rule.otherwise), [rule.otherwise_words or "any other"] * count)
    which = np.select(list(held), list(range(len(held))), default=len(held)) if count else np.zeros(0, dtype=int)
    texts = [*words, rule.otherwise_words or "any other"]
    return Grades(np.array([*points, rule.otherwise], dtype=np.int64)[which], [texts[place] for place in which])


def _holds(band: Band, numbers: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    held = np.ones(len(numbers), dtype=bool)
    for end, compare in ((band.min, np.greater_equal), (band.above, np.greater), (band.max, np.less_equal), (band.below, np.less)):
        if end is not None:
            held &= compare(numbers, end)
    return held


def _ends(band: Band, field: str) -> str:
    factor, unit = (100, " %") if field == "growth_rate" else (1, "")
    named = (("from", band.min), ("above", band.above), ("up to", band.max), ("below", band.below))
    return " ".join(f"{word} {end * factor:,.12g}{unit}" for word, end in named if end is not None)


def _around(ends: Sequence[float], field: str) -> npt.NDArray[np.float64]:
    known = FIELDS[field]
    if known.is_whole:
        found = {float(near) for end in ends for near in (np.floor(end), np.floor(end) - 1, np.ceil(end), np.ceil(end) + 1)}
    else:
        # a step is wider than what a computed end can be off by
        found = {float(near) for end in ends for near in (end, end - _step(end), end + _step(end))}
    found |= {known.low if known.low is not None else 0.0}
    found |= {known.high} if known.high is not None else set()
    low, high = known.low, known.high
    within = [number for number in sorted(found) if (low is None or number >= low) and (high is None or number <= high)]
    return np.array(within, dtype=float)


def _step(end: float) -> float:
    return max(abs(end), 1e-3) * 1e-9
