"""Who the targets are, by segment, industry, level and function; and who came, went and moved since the list before."""

from collections.abc import Mapping

import pandas as pd

from liendea_assets.core.clock import Clock, to_text
from liendea_assets.core.text import fold
from liendea_assets.db.connection import Database, exclusive
from liendea_assets.scoring import target_analysis_store as store
from liendea_assets.scoring.plan import profile_of
from liendea_assets.scoring.settings import ScoringSettings
from liendea_assets.scoring.titles import classify_titles

DIMENSIONS = ("segment", "industry", "level", "function")
UNKNOWN = "unknown"
_NO_FUNCTION = "none named"
_COUNTS = ["contacts", "targets", "came", "gone", "moved_up", "moved_down"]


def update_analysis(db: Database, settings: ScoringSettings, clock: Clock) -> pd.DataFrame:
    """Keeps the targets as a list where they differ from the last one, and analyses them. Returns the table icp_target_analysis."""
    with exclusive(db, "icp_target_analysis"):
        store.note_list(db, to_text(clock.now()))
        store.store_analysis(db, analyse(store.read_values(db), store.read_members(db), settings))
    return store.read_analysis(db)


def analyse(values: Mapping[str, pd.DataFrame], members: pd.DataFrame, settings: ScoringSettings) -> pd.DataFrame:
    """The columns of icp_target_analysis.

    Args:
        values: as `target_analysis_store.read_values`. members: as `target_analysis_store.read_members`.
    """
    titles = pd.concat([values["title"]["value"], members["title"]]).dropna().drop_duplicates()
    words = settings.decision_maker_titles, settings.influencer_titles, settings.titles
    classified = classify_titles(titles.astype("str").reset_index(drop=True), *words)
    levels = dict(zip(titles, classified["level"], strict=True))
    functions = {
        title: name if isinstance(name, str) and name else _NO_FUNCTION for title, name in zip(titles, classified["function"], strict=True)
    }
    named = {
        "segment": ("segment", dict[str, str]()),
        "industry": ("industry", _industries(pd.concat([values["industry"]["value"], members["industry"]]), settings)),
        "level": ("title", levels),
        "function": ("title", functions),
    }
    moves = _moves(members)
    every = pd.DataFrame({"contacts": [values["title"]["contacts"].sum()], "score": [values["title"]["score"].sum()]}, index=[""])
    tables = [_table("all", every, moves.groupby(pd.Series("", index=moves.index)).sum())]
    for dimension in DIMENSIONS:
        column, names = named[dimension]
        counted = values[column].groupby(_named(values[column]["value"], names))[["contacts", "score"]].sum()
        tables.append(_table(dimension, counted, moves.groupby(_named(members[column], names)).sum()))
    return pd.concat(tables, ignore_index=True)


def _moves(members: pd.DataFrame) -> pd.DataFrame:
    """Per contact 1 or 0 for each of what is counted."""
    now, before = members["priority"].astype("Int64"), members["former_priority"].astype("Int64")
    moves = pd.DataFrame(
        {
            "targets": now.notna(),
            "came": now.notna() & before.isna(),
            "gone": now.isna() & before.notna(),
            "moved_up": (now < before).fillna(value=False),
            "moved_down": (now > before).fillna(value=False),
        }
    )
    return moves.astype("int64")


def _table(dimension: str, counted: pd.DataFrame, moves: pd.DataFrame) -> pd.DataFrame:
    joined = counted.astype("float64").join(moves, how="outer").rename_axis("value").reset_index()
    joined[_COUNTS] = joined[_COUNTS].fillna(0).astype("int64")
    # nobody has no mean
    joined["mean_score"] = (joined["score"] / joined["contacts"].where(joined["contacts"] > 0)).round(1)
    joined.insert(0, "dimension", dimension)
    return joined[list(store.ANALYSIS_COLUMNS)]


def _named(values: pd.Series, names: Mapping[str, str]) -> pd.Series:
    """By the names that values go by; what has none goes by its own."""
    shown = {value: names.get(value, str(value)) for value in values.dropna().unique()}
    return values.astype(object).map(shown).astype(object).fillna(UNKNOWN).rename("value")


def _industries(industries: pd.Series, settings: ScoringSettings) -> dict[str, str]:
    """Spelling → the industry's name in the taxonomy; without one, spellings that differ in case or punctuation go by the first."""
    taxonomy = profile_of(settings).vocabulary.taxonomy
    found: dict[str, str] = {}
    first: dict[str, str] = {}
    for industry in sorted(industries.dropna().unique()):
        name = taxonomy.one_name(industry)
        found[industry] = taxonomy.shown.get(name) or first.setdefault(name or fold(industry), industry)
    return found
