import dagster as dg

from liendea_assets.core.home import Home
from liendea_assets.db.connection import Database
from liendea_assets.reports import assets
from liendea_assets.reports.calibration import calibration_chart, describe_bands, describe_parts
from liendea_assets.scoring.backtest import backtest
from liendea_assets_tests.scoring.test_backtest import world
from liendea_assets_tests.scoring.test_run_backtest import fill


def test_chart_shows_each_band_with_its_cases_and_readable_on_any_ground() -> None:
    found = backtest(world(500, seed=8))
    chart = calibration_chart(found)
    bands = found[found["kind"] == "band"]
    assert all(f">{name}</text>" in chart for name in bands["name"])
    assert all(f">{cases}</text>" in chart for cases in bands["outcomes"])
    assert "currentColor" in chart


def test_tables_tell_rate_interval_and_lift() -> None:
    found = backtest(world(500, seed=8))
    title = found[(found["name"] == "title") & (found["points"] == 25)].iloc[0]
    row = next(line for line in describe_parts(found).splitlines() if line.startswith("| title | 25 |"))
    assert row == (
        f"| title | 25 | {title['outcomes']} | {title['positive']} | {title['rate'] * 100:.0f} % "
        f"| {title['rate_low'] * 100:.0f}–{title['rate_high'] * 100:.0f} % | {title['lift']:.2f} |"
    )


def test_asset_tells_what_it_found_and_where_the_suggestion_is(home: Home, db: Database) -> None:
    fill(db, 300)
    result = assets.scoring_backtest(home=home, database=db)
    assert isinstance(result, dg.MaterializeResult)
    assert result.metadata is not None
    assert result.metadata["positive"] + result.metadata["negative"] == 300  # type: ignore[operator]  # both are numbers
    assert "data:image/svg+xml" in result.metadata["calibration"].value  # type: ignore[union-attr, operator]
    assert result.metadata["candidate"].value.endswith(".yaml")  # type: ignore[union-attr]
    assert "Robin" not in repr(result)


def test_no_outcomes_say_how_to_note_one(home: Home, db: Database) -> None:
    result = assets.scoring_backtest(home=home, database=db)
    assert isinstance(result, dg.MaterializeResult)
    assert "liendea outcome add" in describe_bands(backtest(world(10, seed=1).iloc[:0]))
    assert "candidate" not in (result.metadata or {})
