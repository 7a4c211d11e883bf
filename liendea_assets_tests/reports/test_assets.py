from typing import Any

import dagster as dg

from liendea_assets.clients.settings import RateLimits
from liendea_assets.core.home import Home
from liendea_assets.db.connection import Database
from liendea_assets.reports import assets
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.contacts import add_target


def materialize(home: Home, db: Database, clock: VirtualClock) -> tuple[dg.MaterializeResult[Any], dg.MaterializeResult[Any]]:
    """Metrics, then the report."""
    metrics = assets.pipeline_metrics(database=db, clock=clock)
    windows = RateLimits().in_force(is_sandbox=False)
    report = assets.daily_report(home=home, database=db, clock=clock, rate_limits=windows)
    assert isinstance(metrics, dg.MaterializeResult)
    assert isinstance(report, dg.MaterializeResult)
    return metrics, report


def test_there_is_one_report_a_day(home: Home, db: Database, clock: VirtualClock) -> None:
    materialize(home, db, clock)
    add_target(db, 1, full_name="Robin Weaver")
    materialize(home, db, clock)
    clock.sleep(86_400)
    materialize(home, db, clock)
    names = sorted(path.name for path in home.reports.iterdir())
    assert names == ["daily_report_2026-10-05.html", "daily_report_2026-10-06.html"]
    assert "Robin Weaver" in (home.reports / names[0]).read_text(encoding="utf-8")
    assert home.reports.stat().st_mode & 0o777 == 0o700


def test_funnel_stands_in_the_metadata_and_nobody_by_name(home: Home, db: Database, clock: VirtualClock) -> None:
    add_target(db, 1)
    metrics, report = materialize(home, db, clock)
    assert metrics.metadata is not None
    assert (metrics.metadata["contacts"], metrics.metadata["targets"], metrics.metadata["e_mails_queued"]) == (1, 1, 0)
    assert "Robin" not in repr((metrics, report))


def test_how_many_targets_are_named_is_a_setting(home: Home, db: Database, clock: VirtualClock) -> None:
    for contact_id in (1, 2, 3):
        add_target(db, contact_id, full_name=f"Robin {contact_id}")
    (home.config / "reports.yaml").write_text("best_targets: 2\n")
    materialize(home, db, clock)
    page = next(home.reports.iterdir()).read_text(encoding="utf-8")
    assert ["Robin 1" in page, "Robin 2" in page, "Robin 3" in page] == [True, True, False]
