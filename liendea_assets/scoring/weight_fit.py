"""Weights that former outcomes speak for: how much each part raises the odds of a positive answer, as points. Pure."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from liendea_assets.scoring.plan import profile_of
from liendea_assets.scoring.rule_settings import Component
from liendea_assets.scoring.settings import BEST_SCORE, PLAN_PARTS, ScoringSettings

Floats = npt.NDArray[np.float64]

# Below this many of either kind nothing is suggested: the intervals are wider than any difference between weights.
SAMPLE_FLOOR = 20
# Pulls weights together where cases are few, in cases of prior evidence.
RIDGE = 1.0
_STEPS = 50


def suggest_weights(parts: pd.DataFrame, is_positive: npt.ArrayLike, settings: ScoringSettings) -> dict[str, int]:
    """Component → the most points that it should give; empty below the sample floor, or where no component tells anything.

    A logistic regression of the outcome on the share that each component gave of its most points. What lowers the odds gets nothing; the
    points that the fitted components have in all stay the same. A component that gave everybody the same is not fitted, and keeps its own.

    Args:
        parts: as `backtest.points_by_part`. is_positive: 1 or 0 per row.
    """
    outcome = np.asarray(is_positive, dtype=float)
    if min(outcome.sum(), len(outcome) - outcome.sum()) < SAMPLE_FLOOR:
        return {}
    most = largest_points(settings)
    shares = {name: _points_of(parts, name) / points for name, points in most.items() if points > 0}
    fitted = [name for name, share in shares.items() if np.ptp(share) > 0]
    if not fitted:
        return {}
    effects = positive_effects(np.column_stack([shares[name] for name in fitted]), outcome)
    if not effects.sum():
        return {}
    points = effects / effects.sum() * sum(most[name] for name in fitted)
    return dict(zip(fitted, _whole(points * _room(fitted, points, most)), strict=True))


def largest_points(settings: ScoringSettings) -> dict[str, int]:
    """Component → the most points that it can give."""
    return {component.name: _most(component) for component in profile_of(settings).components}


def positive_effects(shares: Floats, outcome: Floats) -> Floats:
    """Per column what a full share adds to the log odds; 0 where that is less than nothing.

    Args:
        shares: per case and column 0 to 1. outcome: 1 or 0 per case.
    """
    kept = np.ones(shares.shape[1], dtype=bool)
    effects = np.zeros(shares.shape[1])
    while kept.any():
        found = _logistic(shares[:, kept], outcome)
        effects[:] = 0
        effects[kept] = found
        if (found > 0).all():
            break
        # the others are fitted anew without what lowers the odds
        kept &= effects > 0
    return effects.clip(min=0)


def _logistic(shares: Floats, outcome: Floats) -> Floats:
    """The slopes of a ridge logistic regression, by Newton's method; the intercept bears no ridge."""
    design = np.column_stack([np.ones(len(shares)), shares])
    ridge = np.diag([0.0] + [RIDGE] * shares.shape[1])
    beta = np.zeros(design.shape[1])
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-(design @ beta).clip(-30, 30)))
        gradient = design.T @ (outcome - chance) - ridge @ beta
        hessian = (design * (chance * (1 - chance)).clip(min=1e-9)[:, None]).T @ design + ridge
        step = np.linalg.solve(hessian, gradient)
        beta = beta + step
        if np.abs(step).max() < 1e-8:
            break
    slopes: Floats = beta[1:]
    return slopes


def _room(fitted: Sequence[str], points: Floats, most: Mapping[str, int]) -> float:
    """What all points have to be multiplied with, so that the parts of the plan stay within the best score."""
    kept = sum(most.get(name, 0) for name in PLAN_PARTS if name not in fitted)
    given = sum(given for name, given in zip(fitted, points, strict=True) if name in PLAN_PARTS)
    return float(min(1.0, (BEST_SCORE - kept) / given)) if given else 1.0


def _points_of(parts: pd.DataFrame, component: str) -> Floats:
    """What the component gave, its rules and its cap together."""
    own = [name for name in parts.columns if str(name).partition(".")[0] == component]
    total: Floats = parts[own].sum(axis=1).to_numpy(dtype=float)
    return total


def _most(component: Component) -> int:
    most = 0
    for rule in component.rules:
        given: Mapping[str, list[int]] = {
            "bands": [band.points for band in rule.bands or ()],
            "values": [entry.points for entry in rule.values or ()],
            "scale": [rule.scale.points] if rule.scale else [],
        }
        best = max([*given[rule.kind()], rule.otherwise, 0])
        most += int(np.floor(best * component.weight + 0.5))
    return most if component.cap is None or component.cap.max is None else min(most, component.cap.max)


def _whole(points: Floats) -> list[int]:
    """Whole numbers with the same sum, the largest remainders rounded up."""
    whole = np.floor(points).astype(int)
    short = round(points.sum()) - int(whole.sum())
    whole[np.argsort(whole - points, kind="stable")[:short]] += 1
    return [int(number) for number in whole]
