import io

from rich.console import Console

from liendea_assets.cli.person_scores import show_score
from liendea_assets.core.clock import to_text
from liendea_assets.db.connection import Database
from liendea_assets.scoring.rescore import rescore
from liendea_assets.scoring.rule_settings import Disqualifier
from liendea_assets.scoring.settings import ScoringSettings
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.contacts import add_contact, change_contact


def shown(db: Database, contact_id: int = 1) -> str:
    out = io.StringIO()
    show_score(db, contact_id, Console(file=out, width=220))
    return out.getvalue()


def test_who_was_never_scored_is_told_so(db: Database) -> None:
    add_contact(db, 1)
    assert "Not scored yet" in shown(db)


def test_who_is_suppressed_is_told_why_there_is_no_score(db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1)
    rescore(db, ScoringSettings(), to_text(clock.now()))
    db.table("suppressed_contacts").insert({"contact_id": 1, "reason": "the address is suppressed"})
    assert "Not scored, and no target: the address is suppressed." in shown(db)


def test_score_shows_its_parts_with_sources_and_what_is_open(db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1, growth_rate=None, sources='{"title": ["reach", "2026-09-30"]}')
    rescore(db, ScoringSettings(), to_text(clock.now()))
    page = shown(db)
    title = next(line for line in page.splitlines() if "VP Sales" in line)
    assert all(text in title for text in ("Title", "+25", 'a decision maker by "VP"', "reach", "2026-09-30"))
    assert "Score 75, priority 2" in page
    assert "fit 75 and relationship 0; 75% of the points rest on known values; with the rest known it could be 75 to 100" in page
    assert "Changes" not in page


def test_history_tells_what_changed_and_why(db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1)
    rescore(db, ScoringSettings(), to_text(clock.now()))
    clock.sleep(60)
    change_contact(db, 1, title="Sales Manager")
    rescore(db, ScoringSettings(target_industries=("Mining",)), to_text(clock.now()))
    page = shown(db)
    assert "90 → 55" in page
    assert "the data and the config" in page
    assert "Title +25 → +15: title was VP Sales, is Sales Manager" in page
    assert "Industry +25 → +0: changed in icp_scoring.yaml: target_industries" in page


def test_disqualified_says_by_what(db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1, company_domain="rival.example")
    rival = Disqualifier(name="competitor", field="company_domain", any_of=("rival.example",), reason="a competitor")
    rescore(db, ScoringSettings(disqualifiers=(rival,)), to_text(clock.now()))
    page = shown(db)
    assert "Score 0, priority 5" in page
    assert "disqualified: a competitor" in page
    assert "Disqualified by competitor." in page
