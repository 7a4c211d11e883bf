"""Scores as sums of their parts, with what unknown values leave open, reasons in words, and the priority.

Everything is done once for each distinct value and then spread over the contacts, so that a million contacts cost a few look-ups each.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from liendea_assets.scoring.accounts import add_account_fields
from liendea_assets.scoring.fields import FIELDS, Known, Named, Values, Vocabulary
from liendea_assets.scoring.intervals import Caps, Integers, Outcomes, bounds
from liendea_assets.scoring.parts import FieldSources, Part, explain, with_source
from liendea_assets.scoring.plan import Profile, part_labels, part_names, profile_of
from liendea_assets.scoring.rule_settings import Cap
from liendea_assets.scoring.rules import KINDS, grade, probe_texts
from liendea_assets.scoring.settings import BEST_SCORE, ScoringSettings

_INFINITE = 1e9


@dataclass(frozen=True, slots=True)
class Scored:
    """Scores before they are put in words.

    Attributes:
        frame: `contact_id`, `icp_score` (0–100), `fit_score` and `relationship_score` (sums of their parts, before the limits of the
            whole), `coverage` (0–1), `score_min`, `score_max`, `priority`, `priority_best`, `priority_worst` (1–5), `disqualified_by`
            (a disqualifier's name, missing for most).
        parts: their points add up to `icp_score`.
        sources: where the values come from.
    """

    frame: pd.DataFrame
    parts: list[Part]
    sources: FieldSources


def score_contacts(contacts: pd.DataFrame, settings: ScoringSettings) -> pd.DataFrame:
    """One row per contact: `Scored.frame` with `parts` (JSON) and `reasons`.

    Args:
        contacts: `contact_id` and any of the columns of `fields.FIELDS`; `company_id` for what is counted per company, `sources` as in
            enriched_contacts. A missing column or value is unknown: it gives no points and costs none.
    """
    scored = evaluate(contacts, settings)
    contents, reasons = [[] for _ in range(len(contacts))], [[] for _ in range(len(contacts))]  # type: list[list[str]], list[list[str]]
    for part in scored.parts:
        explained = explain(part)
        for row, (code, source) in enumerate(zip(explained.codes.tolist(), scored.sources.codes.tolist(), strict=True)):
            if code >= 0:
                key, content = explained.keys[code], explained.contents[code]
                contents[row].append(content if key is None else with_source(content, scored.sources.told[source].get(key)))
                reasons[row].append(explained.reasons[code])
    frame = scored.frame.copy()
    frame.insert(2, "parts", pd.Series(["[" + ", ".join(row) + "]" for row in contents], index=frame.index, dtype=object))
    frame.insert(3, "reasons", pd.Series(["; ".join(row) for row in reasons], index=frame.index, dtype=object))
    return frame


def evaluate(contacts: pd.DataFrame, settings: ScoringSettings) -> Scored:
    """Scores without words; `contacts` as for `score_contacts`."""
    profile = profile_of(settings)
    needed = [*profile.fields(), *(disqualifier.field for disqualifier in settings.disqualifiers)]
    contacts = add_account_fields(contacts, needed, settings, profile.vocabulary)
    known = {field: profile.vocabulary.known(field, contacts) for field in dict.fromkeys(needed)}
    parts, sums = _parts_of_components(profile, known, len(contacts))
    total = sums.sum(axis=1)
    parts += _limits(total)
    names, out = _disqualify(settings, profile.vocabulary, known, np.clip(total, 0, BEST_SCORE), len(contacts))
    parts += [out] if out is not None else []
    is_out = np.array([name is not None for name in names], dtype=bool)
    score = np.where(is_out, 0, np.clip(total, 0, BEST_SCORE))
    least, most = _bounds(profile, settings, known, is_out, sums)
    frame = pd.DataFrame({"contact_id": contacts["contact_id"], "icp_score": score.astype(np.int64)}, index=contacts.index)
    for group in ("fit", "relationship"):
        frame[f"{group}_score"] = _sum([part for part in parts if part.group == group], len(contacts))
    frame["coverage"] = _coverage(profile, known, len(contacts))
    frame["score_min"], frame["score_max"] = least, most
    frame["priority"] = priorities(frame["icp_score"], settings.priority_lines)
    frame["priority_best"] = priorities(frame["score_max"], settings.priority_lines)
    frame["priority_worst"] = priorities(frame["score_min"], settings.priority_lines)
    frame["disqualified_by"] = pd.Series(names, index=contacts.index, dtype=object)
    keys = sorted({FIELDS[field].source for field in profile.fields() if not FIELDS[field].source.startswith("[")})
    return Scored(frame, parts, FieldSources(contacts, keys))


def priorities(scores: pd.Series, lines: Sequence[int]) -> pd.Series:
    """1 from the first line on, 2 from the second on …, one more than there are lines below all of them."""
    return 1 + sum(((scores < line).astype(int) for line in lines), start=pd.Series(0, index=scores.index))


def _parts_of_components(profile: Profile, known: dict[str, Known], count: int) -> tuple[list[Part], Integers]:
    """The parts, and per component the points with its cap."""
    parts, sums = [], np.zeros((count, len(profile.components)), dtype=np.int64)
    for place, component in enumerate(profile.components):
        rules = zip(component.rules, part_names(component), part_labels(component), strict=True)
        for rule, name, label in rules:
            field = known[rule.field]
            grades = grade(field.values, rule, component.weight, profile.vocabulary)
            part = Part(name, label, component.group, rule.field, field.codes, field.shown, grades.points, grades.words)
            parts.append(part)
            sums[:, place] += part.total()
        if component.cap is not None:
            low, high = _ends(component.cap)
            capped = np.clip(sums[:, place], low, high).astype(np.int64)
            label = component.label or component.name
            parts += _limit(f"{component.name}.cap", f"{label}: cap", component.group, capped - sums[:, place], _cap_words(component.cap))
            sums[:, place] = capped
    return parts, sums


def _limits(total: Integers) -> list[Part]:
    """What keeps scores within 0 and the best."""
    return [
        *_limit("ceiling", "Ceiling", "limit", np.minimum(BEST_SCORE - total, 0), f"no score is above {BEST_SCORE}"),
        *_limit("floor", "Floor", "limit", np.maximum(-total, 0), "no score is below 0"),
    ]


def _limit(name: str, label: str, group: str, points: Integers, words: str) -> list[Part]:
    """A part for those of whom a limit takes or to whom it gives something; none where that is nobody."""
    codes, distinct = pd.factorize(np.where(points == 0, np.nan, points.astype(float)))
    if not len(distinct):
        return []
    return [
        Part(name, label, group, "", codes.astype(np.int64), [None] * len(distinct), distinct.astype(np.int64), [words] * len(distinct))
    ]


def _disqualify(
    settings: ScoringSettings, vocabulary: Vocabulary, known: dict[str, Known], scores: Integers, count: int
) -> tuple[list[str | None], Part | None]:
    """Per contact the first disqualifier that holds; the part that takes all points."""
    verdicts = np.full(count, -1, dtype=np.int64)
    for place, disqualifier in enumerate(settings.disqualifiers):
        field = known[disqualifier.field]
        holds = _holds(field.values, vocabulary.wanted(disqualifier.field, disqualifier.any_of))
        verdicts = np.where((verdicts < 0) & np.append(holds, False)[field.codes], place, verdicts)
    if not (verdicts >= 0).any():
        return [None] * count, None
    rows = np.flatnonzero(verdicts >= 0)
    codes = np.full(count, -1, dtype=np.int64)
    found: dict[tuple[int, int, int], int] = {}
    for row in rows.tolist():
        value = int(known[settings.disqualifiers[verdicts[row]].field].codes[row])
        codes[row] = found.setdefault((int(verdicts[row]), value, int(scores[row])), len(found))
    shown = [
        f"{FIELDS[settings.disqualifiers[place].field].label} {known[settings.disqualifiers[place].field].shown[value]}"
        for place, value, _ in found
    ]
    words = [f"disqualified: {settings.disqualifiers[place].reason} ({text})" for (place, _, _), text in zip(found, shown, strict=True)]
    points = np.array([-score for _, _, score in found], dtype=np.int64)
    part = Part("disqualified", "Disqualified", "limit", "", codes, list(shown), points, words)
    names = [settings.disqualifiers[place].name if place >= 0 else None for place in verdicts.tolist()]
    return names, part


def _holds(values: Values, wanted: frozenset[str]) -> npt.NDArray[np.bool_]:
    return np.array([isinstance(value, Named) and bool(value.names & wanted) for value in values], dtype=bool)


def _bounds(
    profile: Profile, settings: ScoringSettings, known: dict[str, Known], is_out: npt.NDArray[np.bool_], sums: Integers
) -> tuple[Integers, Integers]:
    """A capped component of several fields is a dimension of its own; all else is one sum, in which a cap concerns one field."""
    own = [
        place for place, component in enumerate(profile.components) if component.cap and len({rule.field for rule in component.rules}) > 1
    ]
    count = len(is_out)
    by_dimension = np.zeros((count, 1 + len(own)), dtype=np.int64)
    low, high = np.full(1 + len(own), -_INFINITE), np.full(1 + len(own), _INFINITE)
    for place, component in enumerate(profile.components):
        if place not in own:
            by_dimension[:, 0] += sums[:, place]
            continue
        dimension = 1 + own.index(place)
        assert component.cap is not None
        low[dimension], high[dimension] = _ends(component.cap)
        for rule in component.rules:
            field = known[rule.field]
            points = grade(field.values, rule, component.weight, profile.vocabulary).points
            by_dimension[:, dimension] += np.append(points, 0)[field.codes]
    is_unknown = np.column_stack([field.codes < 0 for field in known.values()]) if known else np.zeros((count, 0), dtype=bool)
    outcomes = [_outcomes(field, profile, settings, own) for field in known]
    return bounds(by_dimension, Caps(low, high), is_unknown, outcomes, is_out, BEST_SCORE)


def _outcomes(field: str, profile: Profile, settings: ScoringSettings, own: list[int]) -> Outcomes:
    """All that the field can add, by grading its probes."""
    probes = _probes(field, profile, settings)
    added = np.zeros((len(probes), 1 + len(own)), dtype=np.int64)
    for place, component in enumerate(profile.components):
        points = np.zeros(len(probes), dtype=np.int64)
        for rule in component.rules:
            if rule.field == field:
                points += grade(probes, rule, component.weight, profile.vocabulary).points
        if component.cap is not None and place not in own:
            points = np.clip(points, *_ends(component.cap)).astype(np.int64)
        added[:, 1 + own.index(place) if place in own else 0] += points
    is_out = np.zeros(len(probes), dtype=bool)
    for disqualifier in settings.disqualifiers:
        if disqualifier.field == field:
            is_out |= _holds(probes, profile.vocabulary.wanted(field, disqualifier.any_of))
    stays_unknown = np.zeros((1, 1 + len(own)), dtype=np.int64)
    return Outcomes(np.unique(np.concatenate([stays_unknown, added[~is_out]]), axis=0), bool(is_out.any()))


def _probes(field: str, profile: Profile, settings: ScoringSettings) -> Values:
    """Values of a field that show every combination of outcomes of all that looks at it."""
    rules = [rule for component in profile.components for rule in component.rules if rule.field == field]
    found = [KINDS[rule.kind()].probes(rule, profile.vocabulary) for rule in rules]
    listed = [entry.any_of for entry in settings.disqualifiers if entry.field == field]
    if FIELDS[field].is_text:
        texts = [value for probes in found for value in probes if isinstance(value, Named)]
        return [*texts, *(value for names in listed for value in probe_texts(field, names, profile.vocabulary))]
    return np.concatenate([np.asarray(probes, dtype=float) for probes in found])


def open_points(settings: ScoringSettings) -> dict[str, tuple[int, int]]:
    """Per part the fewest and the most points that a value of its field could give, before caps; what unknown fields leave open."""
    profile, found = profile_of(settings), {}
    for component in profile.components:
        for rule, name in zip(component.rules, part_names(component), strict=True):
            probes = KINDS[rule.kind()].probes(rule, profile.vocabulary)
            points = grade(probes, rule, component.weight, profile.vocabulary).points
            found[name] = (int(points.min(initial=0)), int(points.max(initial=0)))
    return found


def possible_points(settings: ScoringSettings) -> int:
    """The most that a contact of whom everything is known can have."""
    nobody = pd.DataFrame({"contact_id": [0]})
    return int(evaluate(nobody, settings).frame["score_max"].iloc[0])


def _coverage(profile: Profile, known: dict[str, Known], count: int) -> npt.NDArray[np.float64]:
    """The share of the points, those that can be given and those that can be taken, whose value is known."""
    covered, everything = np.zeros(count), 0.0
    for component in profile.components:
        for rule in component.rules:
            probes = KINDS[rule.kind()].probes(rule, profile.vocabulary)
            points = grade(probes, rule, component.weight, profile.vocabulary).points
            span = float(max(points.max(initial=0), 0) - min(points.min(initial=0), 0))
            covered += span * (known[rule.field].codes >= 0)
            everything += span
    return (covered / everything).round(4) if everything else np.ones(count)


def _sum(parts: Sequence[Part], count: int) -> Integers:
    return sum((part.total() for part in parts), start=np.zeros(count, dtype=np.int64))


def _ends(cap: Cap) -> tuple[float, float]:
    return (cap.min if cap.min is not None else -_INFINITE, cap.max if cap.max is not None else _INFINITE)


def _cap_words(cap: Cap) -> str:
    words = [f"no more than {cap.max}" if cap.max is not None else "", f"no less than {cap.min}" if cap.min is not None else ""]
    return " and ".join(word for word in words if word) + " points together"
