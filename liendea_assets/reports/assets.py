"""The assets of the reports stage."""

import os

import dagster as dg

from liendea_assets.clients.settings import Windows
from liendea_assets.core.clock import Clock, to_text
from liendea_assets.core.home import Home
from liendea_assets.core.settings import load_settings
from liendea_assets.db.connection import Database, to_records
from liendea_assets.enrichment import assets as enrichment
from liendea_assets.imports import assets as imports
from liendea_assets.imports import file_account_store
from liendea_assets.materialized import table_result
from liendea_assets.outreach import assets as outreach
from liendea_assets.reports import store
from liendea_assets.reports.charts import as_markdown_image
from liendea_assets.reports.daily import DailyFacts, render_daily_report, score_chart
from liendea_assets.reports.metrics import METRICS
from liendea_assets.reports.settings import ReportSettings
from liendea_assets.scoring import assets as scoring
from liendea_assets.scoring.settings import ScoringSettings

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
    """One row per metric, dimension and day: the figures that reports show. Today's rows are replaced, former days stay."""
    now = clock.now()
    metrics = store.store_metrics(database, {metric.name: metric.sql for metric in METRICS}, now.date().isoformat(), to_text(now))
    funnel = metrics[metrics["metric"] == "funnel"]
    return table_result(
        database,
        "pipeline_metrics",
        shown=["metric", "dimension", "day", "value"],
        metadata={str(row["dimension"])[2:].replace(" ", "_").replace("-", "_"): row["value"] for row in to_records(funnel)},
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
    metrics = store.read_day(database, now.date().isoformat())
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
    path = home.make_private_folder(home.reports) / f"daily_report_{now.date().isoformat()}.html"
    temporary = path.with_suffix(".part")
    temporary.write_text(page, encoding="utf-8")
    os.replace(temporary, path)
    scores = metrics.loc[metrics["metric"] == "score_distribution", ["dimension", "value"]]
    image = as_markdown_image(score_chart(scores, scoring_settings.minimum_score), "Contacts by ICP score")
    return dg.MaterializeResult(
        metadata={"report": dg.MetadataValue.path(str(path)), "scores": dg.MetadataValue.md(image), "size_bytes": path.stat().st_size}
    )
