"""Whom a campaign's audience names, read as the scores read industries and titles. Pure but for reading the config in force."""

import json
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from liendea_assets.db.connection import Database
from liendea_assets.scoring import store
from liendea_assets.scoring.fields import FIELDS, Named, Vocabulary
from liendea_assets.scoring.plan import profile_of
from liendea_assets.scoring.settings import ScoringSettings

ALL_PRIORITIES = (1, 2, 3, 4, 5)

# keys of an audience, and the field that each is about
FILTERS = {"segments": "gtm_segment", "industries": "industry", "countries": "country", "functions": "function", "levels": "title"}


def vocabulary_in_force(db: Database) -> Vocabulary:
    """What the last scores were made by; the defaults where nobody was ever scored."""
    last = store.read_last_run(db)
    content = last.content if last else None
    return profile_of(ScoringSettings.model_validate_json(json.dumps(content)) if content else ScoringSettings()).vocabulary


def in_audience(targets: pd.DataFrame, audience: Mapping[str, object], vocabulary: Vocabulary) -> pd.Series:
    """Whether each target is one of those whom an audience names; who lacks a value that is asked for is not.

    Args:
        targets: `priority`; as far as the audience asks for them `gtm_segment`, `industry`, `country`, `title` (text or missing) and
            `connection_strength` (of the strongest tie, 0 to 10). A column that is not there is known of nobody.
        audience: as outreach_campaigns keeps it: `priorities`, `segments`, `industries`, `countries`, `functions`, `levels`,
            `min_strength`; what is missing or None is not asked for.
    """
    holds = targets["priority"].isin(_names(audience.get("priorities")) or ALL_PRIORITIES).to_numpy(dtype=bool)
    for key, field in FILTERS.items():
        names = [str(name) for name in _names(audience.get(key))]
        if names:
            holds = holds & _has_one_of(targets, field, names, vocabulary)
    least = audience.get("min_strength")
    if least is not None:
        holds = holds & _is_at_least(targets, float(str(least)))
    return pd.Series(holds, index=targets.index)


def breadth(audience: Mapping[str, object]) -> tuple[int, int]:
    """Less for a narrower audience: how many priorities it has, then how little else it asks for."""
    asked = sum(bool(_names(audience.get(key))) for key in FILTERS) + (audience.get("min_strength") is not None)
    return len(_names(audience.get("priorities")) or ALL_PRIORITIES), -asked


def _has_one_of(targets: pd.DataFrame, field: str, names: list[str], vocabulary: Vocabulary) -> npt.NDArray[np.bool_]:
    known = vocabulary.known(field, targets)
    wanted = vocabulary.wanted(field, names)
    # the last place is taken by -1, the unknown
    fits = [bool(value.names & wanted) for value in known.values if isinstance(value, Named)]
    return np.array([*fits, False])[known.codes]


def _is_at_least(targets: pd.DataFrame, least: float) -> npt.NDArray[np.bool_]:
    column = FIELDS["connection_strength"].column
    if column not in targets:
        return np.zeros(len(targets), dtype=bool)
    strength = pd.to_numeric(targets[column]).astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    return np.asarray(strength >= least)


def _names(value: object) -> tuple[object, ...]:
    return tuple(value) if isinstance(value, list | tuple) else ()
