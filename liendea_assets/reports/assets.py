"""The assets of the reports stage."""

import os
from pathlib import Path

import dagster as dg

from liendea_assets.clients.settings import Windows
from liendea_assets.core.clock import Clock
from liendea_assets.core.home import Home
from liendea_assets.core.settings import load_settings
from liendea_assets.db.connection import Database
from liendea_assets.enrichment import assets as enrichment
from liendea_assets.imports import assets as imports
from liendea_assets.imports import file_account_store
from liendea_assets.materialized import as_markdown_table, table_result
from liendea_assets.outreach import assets as outreach
from liendea_assets.reports import metric_store, metric_summary, store
from liendea_assets.reports.calibration import describe_bands, describe_parts
from liendea_assets.reports.charts import as_markdown_image
from liendea_assets.reports.daily import DailyFacts, render_daily_report, score_chart
from liendea_assets.reports.settings import ReportSettings
from liendea_assets.reports.target_report import HEADINGS, MOST_BARS, TargetFacts, render_target_report, target_chart
from liendea_assets.scoring import assets as scoring
from liendea_assets.scoring.load import load_scoring_settings
from liendea_assets.scoring.run_backtest import run_backtest
from liendea_assets.scoring.settings import ScoringSettings
from liendea_assets.scoring.target_analysis_store import list_dates, read_analysis

GROUP = "reports"
OWNERS = ["team:revops"]


@dg.asset(
    group_name=GROUP,
    kinds={"sqlite"},
    owners=OWNERS,
    deps=[
        imports.contacts,
        enrichment.contact_enrichment,
        scoring.icp_scores,
        scoring.icp_targets,
        outreach.email_queue,
        outreach.linkedin_queue,
    ],
    pool="pipeline_metrics",
)
def pipeline_metrics(database: dg.ResourceParam[Database], clock: dg.ResourceParam[Clock]) -> dg.MaterializeResult:
    """One row per metric, dimension and day: the figures that reports show, each defined with its sentence and unit in docs/metrics.md.

    Key: metric, dimension and day. How things stand is written for today, former days stay. Figures of messages belong to the day of the
    message; a day is counted again once anything of it changed. `version` changes with the definition of the metric.
    """
    now = clock.now()
    counted = metric_store.compute_metrics(database, now)
    metrics = metric_store.read_day(database, now.date().isoformat())
    return table_result(
        database,
        "pipeline_metrics",
        shown=["metric", "dimension", "day", "value", "version"],
        metadata={
            **metric_summary.numbers(metrics),
            "contacts_counted_anew": counted.contacts,
            "days_counted_anew": counted.days,
            "funnel": dg.MetadataValue.md(metric_summary.funnel_image(metrics)),
            "success_metrics": dg.MetadataValue.md(metric_summary.success_table(metrics)),
        },
    )


@dg.asset(group_name=GROUP, kinds={"html"}, owners=OWNERS, deps=[pipeline_metrics], pool="daily_report")
def daily_report(
    home: dg.ResourceParam[Home],
    database: dg.ResourceParam[Database],
    clock: dg.ResourceParam[Clock],
    rate_limits: dg.ResourceParam[Windows],
) -> dg.MaterializeResult:
    """One HTML page a day in data/reports: funnel, best targets, scores, enrichment, limits, imports. It needs no network to be read."""
    settings = load_settings(ReportSettings, home, "reports.yaml")
    scoring_settings = load_settings(ScoringSettings, home, "icp_scoring.yaml")
    now = clock.now()
    metrics = metric_store.read_day(database, now.date().isoformat())
    page = render_daily_report(
        DailyFacts(
            metrics=metrics,
            targets=store.read_best_targets(database, settings.best_targets),
            files=file_account_store.list_files(database),
            rejections=store.read_rejections(database),
            windows=rate_limits,
            minimum_score=scoring_settings.minimum_score,
            now=now,
        )
    )
    path = _write_page(home, f"daily_report_{now.date().isoformat()}.html", page)
    scores = metrics.loc[metrics["metric"] == "score_distribution", ["dimension", "value"]]
    image = as_markdown_image(score_chart(scores, scoring_settings.minimum_score), "Contacts by ICP score")
    return dg.MaterializeResult(
        metadata={"report": dg.MetadataValue.path(str(path)), "scores": dg.MetadataValue.md(image), "size_bytes": path.stat().st_size}
    )


@dg.asset(group_name=GROUP, kinds={"html"}, owners=OWNERS, deps=[scoring.icp_target_analysis], pool="target_report")
def target_report(
    home: dg.ResourceParam[Home], database: dg.ResourceParam[Database], clock: dg.ResourceParam[Clock]
) -> dg.MaterializeResult:
    """One HTML page a day in data/reports: targets by segment, industry, level and function; new, lost and moved. Nobody is named."""
    analysis = read_analysis(database)
    minimum, now = load_scoring_settings(home).minimum_score, clock.now()
    page = render_target_report(TargetFacts(analysis, list_dates(database), minimum, now))
    path = _write_page(home, f"target_report_{now.date().isoformat()}.html", page)
    tables = [
        f"{heading}\n\n{as_markdown_table(analysis[analysis['dimension'] == dimension].drop(columns=['dimension']).head(MOST_BARS))}"
        for dimension, heading in HEADINGS.items()
    ]
    charts = [as_markdown_image(target_chart(analysis, dimension), f"Targets by {dimension}") for dimension in HEADINGS]
    return dg.MaterializeResult(
        metadata={
            "report": dg.MetadataValue.path(str(path)),
            "analysis": dg.MetadataValue.md("\n\n".join(tables)),
            "charts": dg.MetadataValue.md("\n\n".join(charts)),
            "size_bytes": path.stat().st_size,
        }
    )


@dg.asset(group_name=GROUP, kinds={"pandas", "sqlite"}, owners=OWNERS, deps=[scoring.icp_scores], pool="scoring_backtest")
def scoring_backtest(home: dg.ResourceParam[Home], database: dg.ResourceParam[Database]) -> dg.MaterializeResult:
    """One row per score band, and per part and its points: positive outcomes with 95 % Wilson interval and lift.

    Key: kind, name and points. Outcomes are entered by hand (`liendea outcome add`); of each counts the score that the contact had at the
    first message, or on the day. From 20 positive and 20 negative outcomes on, weights are suggested as a file in config/candidates.
    """
    tested = run_backtest(database, home, load_scoring_settings(home))
    candidate = {"candidate": dg.MetadataValue.path(str(tested.candidate))} if tested.candidate else {}
    return table_result(
        database,
        "scoring_backtest",
        shown=list(tested.found.columns),
        content=tested.found,
        metadata={
            "positive": tested.positive,
            "negative": tested.negative,
            "without_a_score_then": tested.unscored,
            "calibration": dg.MetadataValue.md(describe_bands(tested.found)),
            "parts": dg.MetadataValue.md(describe_parts(tested.found)),
            "suggestion": dg.MetadataValue.md(f"{as_markdown_table(tested.suggestion)}\n\n{tested.why}"),
            **candidate,
        },
    )


def _write_page(home: Home, name: str, page: str) -> Path:
    """The page appears whole or not at all."""
    path = home.make_private_folder(home.reports) / name
    temporary = path.with_suffix(".part")
    temporary.write_text(page, encoding="utf-8")
    os.replace(temporary, path)
    return path
