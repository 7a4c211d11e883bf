import pandas as pd

from liendea_assets.scoring.score import score_contacts
from liendea_assets.scoring.settings import ScoringSettings
from liendea_assets.scoring.targets import select_targets
from liendea_assets_tests.builders import scoring_contacts

SIZE_AND_INDUSTRY: dict[str, object] = {"employee_count": 620, "industry": "Software"}


def select(rows: list[dict[str, object]], minimum: int, **flags: list[int]) -> pd.DataFrame:
    contacts = scoring_contacts(*rows)
    contacts = contacts.assign(is_owner=flags.get("is_owner", [0] * len(rows)), has_answer=flags.get("has_answer", [0] * len(rows)))
    return select_targets(score_contacts(contacts, ScoringSettings()), contacts, minimum)


def test_exactly_the_minimum_is_enough() -> None:
    assert select([SIZE_AND_INDUSTRY], 50)["contact_id"].tolist() == [1]
    assert select([SIZE_AND_INDUSTRY], 51)["contact_id"].tolist() == []


def test_the_teams_own_members_are_no_targets() -> None:
    assert select([SIZE_AND_INDUSTRY, SIZE_AND_INDUSTRY], 0, is_owner=[1, 0])["contact_id"].tolist() == [2]


def test_best_come_first_and_equals_by_id() -> None:
    better = SIZE_AND_INDUSTRY | {"title": "CEO"}
    assert select([SIZE_AND_INDUSTRY, better, SIZE_AND_INDUSTRY], 0)["contact_id"].tolist() == [2, 1, 3]


def test_whom_a_provider_found_is_enriched() -> None:
    found = select([SIZE_AND_INDUSTRY, SIZE_AND_INDUSTRY], 0, has_answer=[1, 0])
    assert found["status"].tolist() == ["enriched", "identified"]


def test_reason_is_the_scores() -> None:
    assert "Employees 620: within the target range 50–5000 (+25)" in select([SIZE_AND_INDUSTRY], 0)["targeting_reason"].iloc[0]


def test_nobody_scored_is_nobody_targeted() -> None:
    assert select([], 0).empty
