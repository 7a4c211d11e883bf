import pandas as pd
import pytest

from liendea_assets.core.home import Home
from liendea_assets.db.connection import Database, to_records
from liendea_assets.scoring import account_store, assets
from liendea_assets.scoring.account_scores import score_accounts
from liendea_assets.scoring.account_settings import AccountSettings, Condition, Segment
from liendea_assets.scoring.rule_settings import Disqualifier
from liendea_assets.scoring.settings import ScoringSettings
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.contacts import add_contact

SHIPPED = ScoringSettings()
SEGMENTS = (
    Segment(name="Enterprise", when=(Condition(field="employee_count", min=1_000),)),
    Segment(name="Growing", when=(Condition(field="growth_rate", min=0.2), Condition(field="industry", any_of=("Software",)))),
)


def companies(*rows: dict[str, object]) -> pd.DataFrame:
    blank = dict.fromkeys(["company_domain", "industry", "employee_count", "revenue_range", "growth_rate", "gtm_segment"])
    return pd.DataFrame([{"company_id": number, **blank, **row} for number, row in enumerate(rows, start=1)]).astype(object)


def people(*rows: tuple[int, int]) -> pd.DataFrame:
    """(company, score) of contacts."""
    return pd.DataFrame([{"company_id": at, "contact_id": number, "icp_score": score} for number, (at, score) in enumerate(rows, start=1)],
                        columns=["company_id", "contact_id", "icp_score"])  # fmt: skip


def one(company: dict[str, object], *scores: int, settings: ScoringSettings = SHIPPED) -> dict[str, object]:
    return to_records(score_accounts(companies(company), people(*((1, score) for score in scores)), settings))[0]


BEST: dict[str, object] = {"industry": "Software", "employee_count": 620, "growth_rate": 0.3}


def test_own_fit_is_a_share_of_what_company_rules_can_give() -> None:
    """65 of the shipped points are the company's: size, industry, growth."""
    assert one(BEST)["own_fit"] == 100
    assert one({"industry": "Software"})["own_fit"] == 38
    assert one({"industry": "Software"})["coverage"] == pytest.approx(25 / 65, abs=1e-4)


def test_account_is_own_fit_best_person_and_breadth() -> None:
    assert one(BEST)["icp_score"] == 50
    assert one(BEST, 90)["icp_score"] == 89  # 50 + half of (0.8 × 90 + 0.2 × a third of 100) = 89.3
    assert one(BEST, 90, 60, 50, 49)["icp_score"] == 96
    assert one(BEST, 90, 60, 50, 49)["breadth"] == 3


def test_shares_come_from_the_settings() -> None:
    settings = ScoringSettings(accounts=AccountSettings(own_fit_share=0, best_person_share=1))
    assert one(BEST, 70, 90, settings=settings)["icp_score"] == 90


def test_best_contact_is_the_first_of_the_best() -> None:
    assert one(BEST, 70, 90, 90)["best_contact_id"] == 2


def test_a_company_with_nobody_and_nothing_known_has_nothing() -> None:
    found = one({})
    assert (found["icp_score"], found["is_target"], found["best_contact_id"]) == (0, 0, None)


def test_a_disqualified_company_is_no_target() -> None:
    settings = ScoringSettings(
        disqualifiers=(Disqualifier(name="rival", field="company_domain", any_of=("rival.example",), reason="a competitor"),)
    )
    found = one(BEST | {"company_domain": "eu.rival.example"}, 90, settings=settings)
    assert (found["icp_score"], found["is_target"], found["disqualified_by"]) == (0, 0, "rival")


def test_segment_of_a_workbook_wins_then_the_first_rule_that_holds() -> None:
    settings = ScoringSettings(segments=SEGMENTS)
    rows = companies({"gtm_segment": "Strategic", "employee_count": 5_000}, {"employee_count": 1_000}, BEST, {"growth_rate": 0.5}, {})
    found = score_accounts(rows, people(), settings)
    assert [row["gtm_segment"] for row in to_records(found)] == ["Strategic", "Enterprise", "Growing", None, None]
    assert [row["segment_source"] for row in to_records(found)] == ["workbook", "rule", "rule", None, None]


def test_order_of_people_and_companies_changes_nothing() -> None:
    rows, staff = companies(BEST, {"industry": "Media"}), people((1, 40), (2, 80), (1, 90), (2, 10))
    straight = score_accounts(rows, staff, SHIPPED).sort_values("company_id", ignore_index=True)
    turned = score_accounts(rows.iloc[::-1], staff.iloc[::-1], SHIPPED).sort_values("company_id", ignore_index=True)
    pd.testing.assert_frame_equal(straight, turned)


def test_companies_are_filled_and_a_second_run_writes_nothing(home: Home, db: Database, clock: VirtualClock) -> None:
    (home.config / "icp_scoring.yaml").write_text("segments:\n- {name: Mid, when: [{field: employee_count, min: 100}]}\n")
    db.table("companies").insert({"id": 7, "name": "Acme", "employee_count": 620, "created_at": "t", "updated_at": "t"})
    add_contact(db, 1, company_id=7)
    assets.icp_scores(home=home, database=db, clock=clock)
    assets.icp_accounts(home=home, database=db)
    (company,) = list(db.query("SELECT icp_score, gtm_segment, is_segment_by_rule, updated_at FROM companies"))
    assert (company["gtm_segment"], company["is_segment_by_rule"], company["updated_at"]) == ("Mid", 1, "t")
    assert company["icp_score"] == to_records(account_store.read_accounts(db))[0]["icp_score"] == 89
    # a rule-made segment is never taken for a workbook's
    (home.config / "icp_scoring.yaml").write_text("minimum_score: 50\n")
    assets.icp_accounts(home=home, database=db)
    (company,) = list(db.query("SELECT gtm_segment, is_segment_by_rule FROM companies"))
    assert (company["gtm_segment"], company["is_segment_by_rule"]) == (None, 0)
    before = db.conn.total_changes
    account_store.store_accounts(db, score_accounts(account_store.read_companies(db), account_store.read_people(db), SHIPPED))
    # the list of those to keep is all that is written
    assert db.conn.total_changes - before == 1


def test_companies_of_which_nobody_is_known_are_accounts(db: Database) -> None:
    """And a home without companies has none."""
    for expected in ([], [(5, 0, "own fit 0 of 100; nobody known there")]):
        accounts = score_accounts(account_store.read_companies(db), account_store.read_people(db), SHIPPED)
        assert [(row["company_id"], row["icp_score"], row["reasons"]) for row in to_records(accounts)] == expected
        db.table("companies").insert({"id": 5, "name": "Acme", "created_at": "t", "updated_at": "t"}, ignore=True)
