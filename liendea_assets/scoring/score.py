"""Scores as sums of their parts, with the interval that unknown values leave, reasons in words, and the priority."""

import json
from collections.abc import Callable, Sequence

import pandas as pd

from liendea_assets.scoring.rules import RULES, Part
from liendea_assets.scoring.settings import ScoringSettings

LABELS = {
    "company_size": "Employees",
    "industry": "Industry",
    "title": "Title",
    "growth": "Yearly growth",
    "connection_strength": "Connection strength",
}


def score_contacts(contacts: pd.DataFrame, settings: ScoringSettings) -> pd.DataFrame:
    """One row per contact.

    Args:
        contacts: `contact_id`, `employee_count`, `industry`, `title`, `growth_rate` (fraction), `connection_strength` (0–10);
            missing means unknown.

    Returns:
        `contact_id`, `icp_score` (the sum of the parts' points), `parts` (JSON), `reasons`, `coverage` (0–1, the share of the points
        whose value is known), `score_min` and `score_max` (with the unknown at their worst and best), `priority` (1–5),
        `priority_best` and `priority_worst` (those of `score_max` and `score_min`).
    """
    parts = [rule(contacts, settings) for rule in RULES]
    largest = settings.weights.largest()
    known = {part.name: part.value.notna() for part in parts}
    total = sum((part.points for part in parts), start=pd.Series(0, index=contacts.index))
    covered = sum((is_known * largest[name] for name, is_known in known.items()), start=pd.Series(0, index=contacts.index))
    all_points = sum(largest.values())
    scores = pd.DataFrame({"contact_id": contacts["contact_id"], "icp_score": total.astype(int)})
    scores["parts"] = _parts_json(parts)
    scores["reasons"] = _reasons(parts)
    scores["coverage"] = (covered / all_points).round(4)
    scores["score_min"] = scores["icp_score"]
    scores["score_max"] = (total + all_points - covered).astype(int)
    scores["priority"] = priorities(scores["icp_score"], settings.priority_lines)
    scores["priority_best"] = priorities(scores["score_max"], settings.priority_lines)
    scores["priority_worst"] = priorities(scores["score_min"], settings.priority_lines)
    return scores


def priorities(scores: pd.Series, lines: Sequence[int]) -> pd.Series:
    """1 from the first line on, 2 from the second on …, one more than there are lines below all of them."""
    return 1 + sum(((scores < line).astype(int) for line in lines), start=pd.Series(0, index=scores.index))


def parts_total(parts_json: str) -> int:
    """The sum of the points that the stored parts show."""
    return sum(part["points"] for part in json.loads(parts_json))


def show_value(name: str, value: object) -> str:
    """A part's value as people write it."""
    if value is None:
        return "unknown"
    if name == "growth" and isinstance(value, float):
        return f"{value * 100:.3g} %"
    return f"{value:,}" if isinstance(value, int) else f"{value:g}" if isinstance(value, float) else str(value)


def _parts_json(parts: Sequence[Part]) -> pd.Series:
    """A JSON list of the parts; each distinct part is written once."""
    return "[" + _joined(parts, ", ", _part_json) + "]"


def _reasons(parts: Sequence[Part]) -> pd.Series:
    return _joined(parts, "; ", _reason)


def _joined(parts: Sequence[Part], separator: str, write: Callable[[Part, object, int, str], str]) -> pd.Series:
    columns = []
    for part in parts:
        frame = pd.DataFrame({"value": part.value.astype(object), "points": part.points, "rule": part.rule})
        values = frame["value"].where(frame["value"].notna(), None)
        keys = pd.Series(list(zip(values, frame["points"], frame["rule"], strict=True)), index=frame.index)
        texts = {key: write(part, *key) for key in dict.fromkeys(keys)}
        columns.append(keys.map(texts).astype(object))
    joined = columns[0]
    for column in columns[1:]:
        joined = joined + separator + column
    return joined


def _part_json(part: Part, value: object, points: int, rule: str) -> str:
    plain = value.item() if hasattr(value, "item") else value
    content = {"name": part.name, "value": plain, "points": int(points), "rule": rule, "field": part.source_field}
    return json.dumps(content, ensure_ascii=False)


def _reason(part: Part, value: object, points: int, rule: str) -> str:
    label = LABELS.get(part.name, part.name)
    return f"{label} {show_value(part.name, value)}" + ("" if value is None else f": {rule} (+{points})")
