from typing import Any

from liendea_assets.core.clock import to_text
from liendea_assets.db.connection import Database, to_records
from liendea_assets.scoring import target_analysis_store
from liendea_assets.scoring.rescore import rescore
from liendea_assets.scoring.retarget import retarget
from liendea_assets.scoring.settings import ScoringSettings
from liendea_assets.scoring.target_analysis import update_analysis
from liendea_assets.scoring.taxonomy import IndustrySettings
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.contacts import add_contact, change_contact

SHIPPED = ScoringSettings()
Found = dict[tuple[str, str], dict[str, Any]]


def run(db: Database, clock: VirtualClock, settings: ScoringSettings = SHIPPED) -> Found:
    """The analysis by dimension and value, a day later."""
    clock.sleep(86_400)
    rescore(db, settings, to_text(clock.now()))
    retarget(db, settings, clock.now())
    return {(row["dimension"], row["value"]): row for row in to_records(update_analysis(db, settings, clock))}


def moves(found: Found, dimension: str = "all", value: str = "") -> tuple[int, ...]:
    return tuple(found[dimension, value][name] for name in ("targets", "came", "gone", "moved_up", "moved_down"))


def test_targets_are_counted_by_each_dimension_beside_all_contacts(db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1, gtm_segment="Enterprise")
    add_contact(db, 2, title="Sales Manager", gtm_segment="Enterprise")
    add_contact(db, 3, title=None, industry="Mining", employee_count=None, growth_rate=None)
    found = run(db, clock)
    counted = {key: (row["contacts"], row["targets"]) for key, row in found.items()}
    assert counted == {
        ("all", ""): (3, 2),
        ("segment", "Enterprise"): (2, 2),
        ("segment", "unknown"): (1, 0),
        ("industry", "Software"): (2, 2),
        ("industry", "Mining"): (1, 0),
        ("level", "decision_maker"): (1, 1),
        ("level", "influencer"): (1, 1),
        ("level", "unknown"): (1, 0),
        ("function", "sales"): (2, 2),
        ("function", "unknown"): (1, 0),
    }
    assert found["level", "influencer"]["mean_score"] == 80.0


def test_who_came_went_and_moved_since_the_list_before(db: Database, clock: VirtualClock) -> None:
    for contact_id in (1, 2, 3, 4):
        add_contact(db, contact_id)
    change_contact(db, 4, industry="Mining", employee_count=3)
    assert moves(run(db, clock)) == (3, 0, 0, 0, 0)
    change_contact(db, 1, title=None)
    change_contact(db, 2, industry="Mining", employee_count=3)
    change_contact(db, 4, industry="Software", employee_count=620)
    found = run(db, clock)
    assert moves(found) == (3, 1, 1, 0, 1)
    assert moves(found, "industry", "Mining") == (0, 0, 1, 0, 0)
    change_contact(db, 1, title="VP Sales")
    assert moves(run(db, clock)) == (3, 0, 0, 1, 0)


def test_looking_again_tells_the_same(db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1)
    run(db, clock)
    add_contact(db, 2)
    first = run(db, clock)
    assert moves(first) == (2, 1, 0, 0, 0)
    assert run(db, clock) == first
    assert len(target_analysis_store.list_dates(db)) == 2


def test_industries_go_by_the_name_of_the_taxonomy(db: Database, clock: VirtualClock) -> None:
    for contact_id, industry in enumerate(("SaaS", "Computer Software", "software"), start=1):
        add_contact(db, contact_id, industry=industry)
    found = run(db, clock, ScoringSettings(industry_taxonomy=IndustrySettings(use_shipped=True)))
    assert found["industry", "Software"]["contacts"] == 3


def test_spellings_that_differ_in_case_are_one_industry(db: Database, clock: VirtualClock) -> None:
    for contact_id, industry in enumerate(("Software", "software", "SOFTWARE "), start=1):
        add_contact(db, contact_id, industry=industry)
    assert [key for key in run(db, clock) if key[0] == "industry"] == [("industry", "SOFTWARE ")]


def test_colleagues_are_not_counted(db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1, is_owner=1)
    assert moves(run(db, clock)) == (0, 0, 0, 0, 0)


def test_nobody_is_no_error(db: Database, clock: VirtualClock) -> None:
    found = run(db, clock)
    assert found["all", ""]["mean_score"] is None
