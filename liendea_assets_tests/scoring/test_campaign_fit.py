import json
from datetime import date

import pandas as pd

from liendea_assets.scoring.campaign_fit import suggest_campaigns
from liendea_assets.scoring.plan import profile_of
from liendea_assets.scoring.settings import ScoringSettings

DAY = date(2026, 10, 5)
VOCABULARY = profile_of(ScoringSettings()).vocabulary


def campaigns(*rows: dict[str, object]) -> pd.DataFrame:
    usual = {"type": "email", "status": "active", "start_date": None, "end_date": None, "audience": "{}"}
    return pd.DataFrame([usual | row for row in rows], columns=["name", *usual], dtype=object)


def audience(*priorities: int) -> str:
    return json.dumps({"priorities": priorities})


def suggest(offered: pd.DataFrame, **changed: object) -> object:
    target = {"priority": 1, "status": "identified", "has_email": 1, "has_profile": 1, "written_by": None} | changed
    found = suggest_campaigns(pd.DataFrame([target]), offered, DAY, VOCABULARY).iloc[0]
    return None if pd.isna(found) else found


def test_narrowest_audience_wins() -> None:
    offered = campaigns({"name": "all"}, {"name": "best", "audience": audience(1)}, {"name": "good", "audience": audience(1, 2)})
    assert suggest(offered) == "best"
    assert suggest(offered, priority=2) == "good"
    assert suggest(offered, priority=5) == "all"


def test_of_equal_priorities_the_one_that_asks_for_more_is_narrower() -> None:
    offered = campaigns({"name": "a_all"}, {"name": "b_software", "audience": json.dumps({"industries": ["Software"]})})
    assert suggest(offered, industry="Software") == "b_software"
    assert suggest(offered, industry="Mining") == "a_all"


def test_email_comes_before_linkedin_where_there_is_an_address() -> None:
    offered = campaigns({"name": "by_hand", "type": "linkedin_message"}, {"name": "mail"})
    assert suggest(offered) == "mail"
    assert suggest(offered, has_email=0) == "by_hand"
    assert suggest(offered, has_email=0, has_profile=0) is None


def test_campaign_that_does_not_run_is_not_suggested() -> None:
    offered = campaigns(
        {"name": "draft", "status": "draft"},
        {"name": "over", "end_date": "2026-10-04"},
        {"name": "later", "start_date": "2026-10-06"},
    )
    assert suggest(offered) is None
    assert suggest(campaigns({"name": "today", "start_date": "2026-10-05", "end_date": "2026-10-05"})) == "today"


def test_campaign_that_wrote_already_stays() -> None:
    assert suggest(campaigns({"name": "mail"}), written_by="former") == "former"


def test_who_responded_is_left_to_a_human() -> None:
    assert suggest(campaigns({"name": "mail"}), status="responded") is None


def test_no_campaign_at_all_is_no_error() -> None:
    assert suggest(campaigns()) is None
