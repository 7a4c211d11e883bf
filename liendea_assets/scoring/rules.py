"""The rules of the ideal customer profile. A rule is a function from contacts to a `Part`; add it to `RULES`, and write its test."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from liendea_assets.core.text import fold
from liendea_assets.scoring.settings import ScoringSettings
from liendea_assets.scoring.titles import DECISION_MAKER, INFLUENCER, classify_titles


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a score, for all contacts; the index is the contacts'.

    Attributes:
        value: what was looked at; missing where it is not known. Unknown gives no points and costs none.
        points: whole numbers, 0 where the value is missing.
        rule: in plain words, why these points.
        source_field: the column of enriched_contacts that the value comes from.
    """

    name: str
    value: pd.Series
    points: pd.Series
    rule: pd.Series
    source_field: str


Rule = Callable[[pd.DataFrame, ScoringSettings], Part]


def company_size(contacts: pd.DataFrame, settings: ScoringSettings) -> Part:
    """Employees of the company: target range, acceptable range, or neither."""
    target, acceptable, weights = settings.target_employee_range, settings.acceptable_employee_range, settings.weights.company_size
    employees = pd.to_numeric(contacts["employee_count"]).astype(float)
    return _graded(
        "company_size",
        contacts["employee_count"],
        "employee_count",
        [
            (employees.between(target.min, target.max), weights.target, f"within the target range {target.min}–{target.max}"),
            (
                employees.between(acceptable.min, acceptable.max),
                weights.acceptable,
                f"within the acceptable range {acceptable.min}–{acceptable.max}",
            ),
        ],
        "outside both ranges",
    )


def industry(contacts: pd.DataFrame, settings: ScoringSettings) -> Part:
    """The company's industry: a target, a secondary one, or neither."""
    weights = settings.weights.industry
    folded = contacts["industry"].map({name: fold(str(name)) for name in contacts["industry"].dropna().unique()})
    return _graded(
        "industry",
        contacts["industry"],
        "industry",
        [
            (folded.isin([fold(name) for name in settings.target_industries]), weights.target, "a target industry"),
            (folded.isin([fold(name) for name in settings.secondary_industries]), weights.secondary, "a secondary industry"),
        ],
        "neither a target nor a secondary industry",
    )


def title(contacts: pd.DataFrame, settings: ScoringSettings) -> Part:
    """The person's seniority by title."""
    weights = settings.weights.title
    classified = classify_titles(contacts["title"], settings.decision_maker_titles, settings.influencer_titles, settings.titles)
    part = _graded(
        "title",
        contacts["title"],
        "title",
        [
            (classified["level"] == DECISION_MAKER, weights.decision_maker, "a decision maker"),
            (classified["level"] == INFLUENCER, weights.influencer, "an influencer"),
        ],
        "neither a decision maker nor an influencer",
    )
    # by hand: a column that is missing throughout has a dtype that takes no text
    words = [f' by "{phrase}"' if isinstance(phrase, str) and phrase else "" for phrase in classified["phrase"]]
    return Part(part.name, part.value, part.points, part.rule + pd.Series(words, index=part.rule.index, dtype=object), part.source_field)


def growth(contacts: pd.DataFrame, settings: ScoringSettings) -> Part:
    """The company's yearly growth: the highest line that it exceeds."""
    rate = pd.to_numeric(contacts["growth_rate"]).astype(float)
    lines = sorted(settings.weights.growth, key=lambda line: -line.above)
    grades = [(rate > line.above, line.points, f"growth above {line.above * 100:g} %") for line in lines]
    lowest = f"growth of {lines[-1].above * 100:g} % or less" if lines else "growth does not count"
    return _graded("growth", contacts["growth_rate"], "growth_rate", grades, lowest)


def connection_strength(contacts: pd.DataFrame, settings: ScoringSettings) -> Part:
    """The strongest tie of a colleague (0–10), as a share of the points; unknown where nobody's export shows one."""
    most = settings.weights.connection_strength
    strength = pd.to_numeric(contacts["connection_strength"]).astype(float)
    # halves are rounded up, as people do
    points = pd.Series(np.floor(strength.fillna(0) / 10 * most + 0.5), index=contacts.index).astype(int)
    rule = pd.Series(np.where(strength.isna(), "unknown", "strongest tie of a colleague, of 10"), index=contacts.index)
    return Part("connection_strength", contacts["connection_strength"], points, rule, "connection_strength")


RULES: tuple[Rule, ...] = (company_size, industry, title, growth, connection_strength)


def _graded(name: str, value: pd.Series, source_field: str, grades: list[tuple[pd.Series, int, str]], otherwise: str) -> Part:
    """The first grade whose condition holds; 0 points where none does or the value is missing."""
    is_known = value.notna()
    conditions = [~is_known, *(condition.fillna(False).astype(bool) for condition, _, _ in grades)]
    points = np.select(conditions, [0, *(points for _, points, _ in grades)], default=0)
    rule = np.select(conditions, ["unknown", *(text for _, _, text in grades)], default=otherwise)
    return Part(name, value, pd.Series(points, index=value.index), pd.Series(rule, index=value.index, dtype=object), source_field)
