"""The back-test as a whole: outcomes in, the table scoring_backtest and maybe a candidate config out."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from liendea_assets.core.home import Home
from liendea_assets.db.connection import Database, exclusive
from liendea_assets.scoring import backtest_store as store
from liendea_assets.scoring.backtest import backtest, one_per_contact, points_by_part
from liendea_assets.scoring.candidates import write_candidate
from liendea_assets.scoring.settings import ScoringSettings
from liendea_assets.scoring.weight_fit import SAMPLE_FLOOR, largest_points, suggest_weights


@dataclass(frozen=True, slots=True)
class Backtested:
    """What the back-test found.

    Attributes:
        found: the table scoring_backtest.
        positive, negative: contacts with a score of the time. unscored: those without, who do not count.
        suggestion: component, points now and suggested; empty where nothing is suggested. why: the reason for that, or for the suggestion.
        candidate: the file with the suggestion; None where there is none.
    """

    found: pd.DataFrame
    positive: int
    negative: int
    unscored: int
    suggestion: pd.DataFrame
    why: str
    candidate: Path | None


def run_backtest(db: Database, home: Home, settings: ScoringSettings) -> Backtested:
    """Compares outcomes with the scores of their time, and suggests weights above the sample floor. Nothing is applied."""
    with exclusive(db, "scoring_backtest"):
        cases = one_per_contact(store.read_outcomes(db))
        found = backtest(cases)
        store.store_backtest(db, found)
    scored = cases[cases["icp_score"].notna()]
    positive = int(scored["is_positive"].sum())
    negative = len(scored) - positive
    parts = points_by_part(scored)
    suggested = suggest_weights(parts, scored.loc[parts.index, "is_positive"], settings)
    most = largest_points(settings)
    rows = [{"part": name, "points": most[name], "suggested": points} for name, points in suggested.items()]
    basis = f"{positive} positive and {negative} negative outcomes"
    candidate = write_candidate(home, settings, suggested, basis) if suggested else None
    why = _why(suggested, candidate, basis, min(positive, negative) < SAMPLE_FLOOR)
    suggestion = pd.DataFrame(rows, columns=["part", "points", "suggested"])
    return Backtested(found, positive, negative, len(cases) - len(scored), suggestion, why, candidate)


def _why(suggested: dict[str, int], candidate: Path | None, basis: str, is_below_floor: bool) -> str:
    if is_below_floor:
        return f"nothing is suggested below {SAMPLE_FLOOR} positive and {SAMPLE_FLOOR} negative outcomes; there are {basis}"
    if not suggested:
        return f"no part tells positive from negative by {basis}, or too few outcomes have parts that add up"
    return f"by {basis}" if candidate else f"the weights in force are those that {basis} speak for"
