import sqlite3
from pathlib import Path

import pytest

from liendea_assets.db.connection import Database, to_records
from liendea_assets.reports.metric_store import compute_metrics, read_day
from liendea_assets.reports.metrics import METRICS
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.contacts import add_contact, add_target
from liendea_assets_tests.reports.tables import fill_tables


def take(db: Database, clock: VirtualClock) -> dict[str, dict[str, float]]:
    """Metric → dimension → value, of the clock's day."""
    now = clock.now()
    taken: dict[str, dict[str, float]] = {}
    compute_metrics(db, now)
    for row in to_records(read_day(db, now.date().isoformat())):
        taken.setdefault(row["metric"], {})[row["dimension"]] = row["value"]
    return taken


def count(db: Database, sql: str) -> int:
    return int(db.conn.execute(sql).fetchone()[0])


def test_every_metric_has_a_sentence_and_a_name_of_its_own() -> None:
    assert len({metric.name for metric in METRICS}) == len(METRICS)
    assert all(metric.sentence.endswith(".") for metric in METRICS)


def test_sums_are_those_of_the_tables(db: Database, clock: VirtualClock) -> None:
    fill_tables(db, clock)
    taken = take(db, clock)
    assert sum(taken["source_rows"].values()) == count(db, "SELECT sum(rows) FROM import_files") == 15
    assert sum(taken["score_distribution"].values()) == count(db, "SELECT count(*) FROM icp_scores") == 9
    assert sum(taken["priorities"].values()) == count(db, "SELECT count(*) FROM icp_scores")
    assert sum(taken["targets"].values()) == count(db, "SELECT count(*) FROM icp_targets")
    assert sum(taken["not_queued"].values()) == count(db, "SELECT count(*) FROM outreach_exclusions")
    answers = {name: value for name, value in taken["enrichment"].items() if name != "not asked yet"}
    assert sum(answers.values()) == count(db, "SELECT count(*) FROM contact_enrichment")


def test_funnel_counts_people_and_not_the_team(db: Database, clock: VirtualClock) -> None:
    fill_tables(db, clock)
    assert take(db, clock)["funnel"] == {
        "1 contacts": 10,
        "2 enriched": 1,
        "3 with e-mail": 8,
        "4 targets": 9,
        "5 e-mails queued": 2,
        "6 LinkedIn listed": 1,
        "7 reached": 0,
        "8 answered": 0,
    }


def test_band_holds_both_its_ends(db: Database, clock: VirtualClock) -> None:
    fill_tables(db, clock)
    assert take(db, clock)["score_distribution"] == {
        "00–9": 2, "10–19": 1, "20–29": 0, "30–39": 0, "40–49": 1, "50–59": 1, "60–69": 0, "70–79": 0, "80–89": 1, "90–100": 3,
    }  # fmt: skip


def test_calls_are_those_of_the_window_up_to_now(db: Database, clock: VirtualClock) -> None:
    fill_tables(db, clock)
    assert take(db, clock)["calls"] == {"reach/60": 2, "reach/3600": 4, "reach/86400": 6}


def test_contact_whose_answer_has_expired_is_not_asked_yet(db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1)
    add_contact(db, 2, has_answer=True)
    assert take(db, clock)["enrichment"]["not asked yet"] == 1
    clock.sleep(4 * 365 * 86_400)
    assert take(db, clock)["enrichment"]["not asked yet"] == 2


def test_reasons_are_counted_by_campaign(db: Database, clock: VirtualClock) -> None:
    fill_tables(db, clock)
    assert take(db, clock)["not_queued"] == {"spring: no e-mail address is known": 2, "list: beyond today's 2": 1}


def test_todays_rows_are_replaced_and_former_days_stay(db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1)
    monday = take(db, clock)
    clock.sleep(86_400)
    add_contact(db, 2)
    take(db, clock)
    add_contact(db, 3)
    tuesday = take(db, clock)
    assert (monday["funnel"]["1 contacts"], tuesday["funnel"]["1 contacts"]) == (1, 3)
    kept = {row["dimension"]: row["value"] for row in to_records(read_day(db, "2026-10-05")) if row["metric"] == "funnel"}
    assert kept == monday["funnel"]
    days = [row["day"] for row in db.query("SELECT DISTINCT day FROM pipeline_metrics ORDER BY day")]
    assert days == ["2026-10-05", "2026-10-06"]


def test_what_is_no_more_leaves_todays_rows(db: Database, clock: VirtualClock) -> None:
    fill_tables(db, clock)
    take(db, clock)
    db.conn.execute("DELETE FROM outreach_exclusions")
    assert "not_queued" not in take(db, clock)


def test_failing_count_leaves_all_figures_as_they_were(db: Database, clock: VirtualClock) -> None:
    fill_tables(db, clock)
    take(db, clock)
    before = db.conn.execute("SELECT * FROM pipeline_metrics").fetchall()
    add_target(db, 60)
    db.conn.execute("ALTER TABLE merge_reviews RENAME TO elsewhere")
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        compute_metrics(db, clock.now())
    assert db.conn.execute("SELECT * FROM pipeline_metrics").fetchall() == before
    db.conn.execute("ALTER TABLE elsewhere RENAME TO merge_reviews")
    assert take(db, clock)["funnel"]["4 targets"] == 10


def test_empty_database_has_figures_of_nothing(db: Database, clock: VirtualClock) -> None:
    taken = take(db, clock)
    assert set(taken["funnel"].values()) == {0}
    assert set(taken["source_rows"].values()) == {0}
    assert len(taken["score_distribution"]) == 10


def test_every_metric_stands_in_the_docs_with_its_sentence_and_unit() -> None:
    lines = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text(encoding="utf-8").splitlines()
    told = [line for line in lines if line.startswith("| `")]
    assert told == [f"| `{one.name}` | {one.sentence} | {one.unit} | {one.dimensions} |" for one in METRICS]


def test_calls_of_a_day_that_is_over_stay(db: Database, clock: VirtualClock) -> None:
    db.table("call_days").insert_all({"payer": "reach", "day": day, "calls": 5} for day in ("2026-10-01", "2026-10-04", "2026-10-05"))
    take(db, clock)
    db.conn.execute("UPDATE call_days SET calls = 7")
    take(db, clock)
    calls = db.execute("SELECT day, value FROM pipeline_metrics WHERE metric = 'calls_by_day' ORDER BY day").fetchall()
    assert [tuple(row) for row in calls] == [("2026-10-01", 5), ("2026-10-04", 7), ("2026-10-05", 7)]


def test_success_metrics_are_held_against_their_goals(db: Database, clock: VirtualClock) -> None:
    fill_tables(db, clock)
    taken = take(db, clock)
    assert taken["success"]["imported"] == pytest.approx(12 / 14)
    assert (taken["success"]["targets"], taken["success_goal"]["targets"], taken["success_met"]["targets"]) == (9, 500, 0)
    assert taken["success_met"]["limit violations"] == 1
    assert "e-mail response" not in taken["success"]
