import pandas as pd
import pytest

from liendea_assets.db.connection import Database
from liendea_assets.scoring.audience import in_audience, vocabulary_in_force
from liendea_assets.scoring.plan import profile_of
from liendea_assets.scoring.settings import ScoringSettings
from liendea_assets.scoring.taxonomy import IndustrySettings

VOCABULARY = profile_of(ScoringSettings(industry_taxonomy=IndustrySettings(use_shipped=True))).vocabulary
PEOPLE = pd.DataFrame(
    {
        "priority": [1, 2, 3],
        "gtm_segment": ["Enterprise", "mid-market", None],
        "industry": ["Computer Software", "Banking", None],
        "country": ["US", "DE", None],
        "title": ["VP Sales", "Marketing Manager", None],
        "connection_strength": [8.0, 3.0, None],
    }
)


@pytest.mark.parametrize(
    ("audience", "places"),
    [
        ({}, [0, 1, 2]),
        ({"priorities": [1, 3]}, [0, 2]),
        ({"segments": ["enterprise", "Mid-Market"]}, [0, 1]),
        ({"industries": ["Software"]}, [0]),
        ({"countries": ["DE"]}, [1]),
        ({"functions": ["sales"]}, [0]),
        ({"levels": ["decision_maker"]}, [0]),
        ({"levels": ["influencer", "decision_maker"], "countries": ["DE", "FR"]}, [1]),
        ({"min_strength": 5}, [0]),
        ({"min_strength": 3.0}, [0, 1]),
        ({"min_strength": None, "segments": None}, [0, 1, 2]),
        ({"countries": ["JP"]}, []),
    ],
)
def test_all_that_is_asked_for_has_to_hold(audience: dict[str, object], places: list[int]) -> None:
    held = in_audience(PEOPLE, audience, VOCABULARY)
    assert held.index[held].tolist() == places


def test_column_that_is_not_there_is_known_of_nobody() -> None:
    assert not in_audience(PEOPLE[["priority"]], {"countries": ["US"]}, VOCABULARY).any()
    assert not in_audience(PEOPLE[["priority"]], {"min_strength": 0}, VOCABULARY).any()


def test_nobody_at_all_is_no_error() -> None:
    assert in_audience(PEOPLE.iloc[:0], {"countries": ["US"], "levels": ["influencer"], "min_strength": 1}, VOCABULARY).tolist() == []


def test_words_of_the_last_scores_count(db: Database) -> None:
    """A home that calls growth hackers decision makers reaches them by this level."""
    growth = PEOPLE.assign(title="Growth Hacker")
    audience = {"levels": ["decision_maker"]}
    assert not in_audience(growth, audience, vocabulary_in_force(db)).any()
    content = ScoringSettings(decision_maker_titles=("Growth Hacker",)).model_dump_json()
    db.conn.execute("INSERT INTO icp_scoring_configs VALUES ('v1', :content, '2026-10-01')", {"content": content})
    db.conn.execute("INSERT INTO icp_scoring_runs VALUES (1, 'v1', '', '2026-10-01', 1, 1)")
    assert in_audience(growth, audience, vocabulary_in_force(db)).all()
