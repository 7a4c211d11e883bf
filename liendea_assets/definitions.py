"""The table of contents: where a contact goes, stage by stage, and what starts the way.

files in data/inbox → imports → enrichment → scoring → outreach → reports; operations keeps it all safe.
"""

import dagster as dg

from liendea_assets import automation, preview_jobs, resources
from liendea_assets.enrichment import assets as enrichment
from liendea_assets.imports import assets as imports
from liendea_assets.operations import assets as operations
from liendea_assets.outreach import assets as outreach
from liendea_assets.reports import assets as reports
from liendea_assets.scoring import assets as scoring

STAGES: dict[str, list[dg.AssetsDefinition | dg.AssetSpec]] = {
    "imports": [
        imports.gtm_rows,
        imports.linkedin_rows,
        imports.companies,
        imports.contacts,
        imports.linkedin_connections,
        imports.merge_reviews,
        imports.network_changes,
    ],
    "enrichment": [enrichment.contact_enrichment, enrichment.enriched_contacts],
    "scoring": [scoring.icp_scoring_config, scoring.icp_scores, scoring.icp_targets, scoring.icp_accounts, scoring.icp_target_analysis],
    "outreach": [
        outreach.inbox_messages,
        outreach.suppressions,
        outreach.outreach_campaigns,
        outreach.email_queue,
        outreach.linkedin_queue,
        outreach.email_deliveries,
    ],
    "reports": [reports.pipeline_metrics, reports.daily_report, reports.target_report, reports.scoring_backtest],
    "operations": [operations.database_backup, operations.rate_limit_usage],
}

defs = dg.Definitions(
    assets=[automation.rerun_when_data_changed(asset) for stage in STAGES.values() for asset in stage],
    jobs=[
        automation.pipeline,
        automation.refresh,
        automation.enrichment_job,
        automation.rescoring,
        preview_jobs.preview_file,
        preview_jobs.scoring_preview,
        automation.linkedin_fetch,
    ],
    schedules=[automation.nightly],
    sensors=[
        automation.scoring_config_changed,
        automation.inbox_changed,
        automation.enrichment_backlog,
        automation.data_changed,
        automation.run_failed,
        automation.complaint_came,
    ],
    resources={
        "home": resources.home,
        "database": resources.database,
        "clock": resources.clock,
        "rate_limits": resources.rate_limits,
        "providers": resources.providers,
        "mailboxes": resources.mailboxes,
        "mail_sources": resources.mail_sources,
    },
    # a step in its own process costs two to three seconds, in the run's process a tenth of one
    executor=dg.in_process_executor,
)
