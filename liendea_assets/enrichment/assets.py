"""The assets of the enrichment stage."""

import time
from collections.abc import Sequence

import dagster as dg

from liendea_assets.core.clock import Clock, to_text
from liendea_assets.core.home import Home
from liendea_assets.core.settings import load_settings
from liendea_assets.db.connection import Database, exclusive
from liendea_assets.enrichment import backlog_store, merge, store
from liendea_assets.enrichment.file_values import best_file_values
from liendea_assets.enrichment.forecast import as_table, forecast_all
from liendea_assets.enrichment.provider import Provider
from liendea_assets.enrichment.providers.load import read_acceptance
from liendea_assets.enrichment.run import ProgressOfAll, enrich_all
from liendea_assets.enrichment.settings import EnrichmentSettings
from liendea_assets.imports import assets as imports
from liendea_assets.imports import store as imports_store
from liendea_assets.materialized import as_markdown_table, check, table_result

GROUP = "enrichment"
OWNERS = ["team:revops"]
# A log line costs 6 ms and a row; a person reads no faster than this.
LOG_EVERY_S = 2.0
LOG_AT_LEAST_EVERY_S = 30.0
# Metadata that the sensor of the backlog reads.
ASKED_NOW, LEFT = "asked_now", "left_{provider}"
LOOKED_AT, NEWEST_CONTACT = "looked_at", "newest_contact"


@dg.asset(
    group_name=GROUP,
    kinds={"sqlite"},
    owners=OWNERS,
    deps=[imports.contacts, imports.companies],
    pool="contact_enrichment",
    check_specs=[
        dg.AssetCheckSpec(
            "everybody_was_asked_about",
            asset="contact_enrichment",
            description="Each configured provider has answered for every contact that can be looked up; why one stopped, if it did. "
            "A warning where it goes on by itself, an error where somebody has to look.",
        )
    ],
)
def contact_enrichment(
    context: dg.AssetExecutionContext,
    home: dg.ResourceParam[Home],
    database: dg.ResourceParam[Database],
    clock: dg.ResourceParam[Clock],
    providers: dg.ResourceParam[Sequence[Provider]],
) -> dg.MaterializeResult:
    """One row per contact and source (gtm, linkedin, reach …): what that source says about the contact, or that it knows nothing.

    Asks the providers of config/providers, within their limits and budgets, about contacts without a good answer: the most valuable first,
    several batches at once, each committed as soon as it is answered. A run ends with its share, its limits or its budget, and the
    sensor enrichment_backlog asks for the next one when there is room again. What stops one provider stops no other. Who was answered
    for, misses too, is not asked again before the answer expires.
    """
    settings = load_settings(EnrichmentSettings, home, "enrichment.yaml")
    looked_at, newest_contact = to_text(clock.now()), backlog_store.newest_contact(database)
    store.store_file_values(database, best_file_values(imports_store.read_source_values(database)))
    acceptance = read_acceptance(home)
    forecasts = forecast_all(database, providers, settings, clock, acceptance)
    for one in forecasts:
        context.log.info("%s", one)
    reports = enrich_all(database, providers, settings, clock, _logging(context.log), acceptance)
    if not reports:
        context.log.warning("No provider is configured: nobody was asked about. Set REACH_BASE_URL in .env (sandbox to try it).")
    imports_store.set_reach_ids(database, store.read_reach_ids(database, settings.accept_confidence, acceptance))
    stopped = {name: report.stopped for name, report in reports.items() if report.stopped}
    is_failure = any(report.needs_somebody for report in reports.values())
    counts = {f"{source}_{outcome}": contacts for (source, outcome), contacts in store.count_answers(database).items()}
    return table_result(
        database,
        "contact_enrichment",
        shown=["id", "contact_id", "source", "outcome", "confidence", "cost", "reason", "answered_at", "expires_at", "industry"],
        content=store.read_answers(database, settings.accept_confidence, acceptance),
        metadata={
            **counts,
            LOOKED_AT: looked_at,
            NEWEST_CONTACT: newest_contact,
            ASKED_NOW: sum(report.asked for report in reports.values()),
            **{LEFT.format(provider=name): report.left for name, report in reports.items()},
            "forecast_before_the_run": dg.MetadataValue.md(as_markdown_table(as_table(forecasts))),
            "credits_now": sum(report.cost for report in reports.values()),
        },
        checks=[
            check(
                "everybody_was_asked_about",
                not stopped,
                severity=dg.AssetCheckSeverity.ERROR if is_failure else dg.AssetCheckSeverity.WARN,
                **stopped,
            )
        ],
    )


@dg.asset(group_name=GROUP, kinds={"pandas", "sqlite"}, owners=OWNERS, deps=[contact_enrichment], pool="enriched_contacts")
def enriched_contacts(home: dg.ResourceParam[Home], database: dg.ResourceParam[Database]) -> dg.MaterializeResult:
    """One row per contact with the best known value of each field; `sources` names the source and date of each.

    Rebuilt from contacts, companies and contact_enrichment, by the source order and the survivorship of enrichment.yaml.
    """
    settings = load_settings(EnrichmentSettings, home, "enrichment.yaml")
    with exclusive(database, "enriched_contacts"):
        answers = store.read_answers(database, settings.accept_confidence, read_acceptance(home))
        verdicts = store.read_email_verdicts(database)
        enriched = merge.merge_answers(store.read_contacts(database), answers, settings.source_order, verdicts, settings.survivorship)
        store.store_enriched(database, enriched)
    return table_result(
        database,
        "enriched_contacts",
        shown=["contact_id", "company_id", "industry", "employee_count", "revenue_range", "growth_rate", "gtm_segment", "country",
               "time_zone", "email_status", "is_owner", "profile_completeness", "sources"],
        content=enriched,
        metadata={
            "with_email": int(enriched["work_email"].notna().sum()),
            "mean_profile_completeness": float(enriched["profile_completeness"].mean()) if len(enriched) else 0.0,
        },
    )  # fmt: skip


def _logging(log: dg.DagsterLogManager) -> ProgressOfAll:
    """Tells how far each provider is: soon after something has changed, and now and then while its limits are waited for."""
    told: dict[str, tuple[int, int]] = {}
    told_at: dict[str, float] = {}

    def progress(name: str, done: int, total: int, left_s: float | None) -> None:
        is_new = told.get(name) != (done, total)
        waited_s = time.monotonic() - told_at.get(name, -LOG_AT_LEAST_EVERY_S)
        is_last = is_new and done == total
        if not total or (waited_s < (LOG_EVERY_S if is_new else LOG_AT_LEAST_EVERY_S) and not is_last):
            return
        told[name], told_at[name] = (done, total), time.monotonic()
        rate = f", {(total - done) / left_s:.1f} a second, about {left_s:.0f} s left" if left_s else ""
        log.info("%s: %d of %d contacts asked about%s", name, done, total, rate)

    return progress
