"""The assets of the operations stage."""

import dagster as dg

from liendea_assets.clients.settings import Windows
from liendea_assets.core.clock import Clock
from liendea_assets.core.home import Home
from liendea_assets.core.settings import load_settings
from liendea_assets.db.connection import Database, exclusive
from liendea_assets.enrichment import assets as enrichment
from liendea_assets.materialized import as_markdown_table, check, table_result
from liendea_assets.operations import store
from liendea_assets.operations.backup import back_up
from liendea_assets.operations.limits import calls_chart, look_at_limits
from liendea_assets.operations.settings import DatabaseSettings
from liendea_assets.outreach import assets as outreach

SHOWN = [
    "service", "action_type", "seconds", "requests", "is_learned", "used", "left_now", "free_at", "violations", "circuit", "since_us",
    "read_at",
]  # fmt: skip
GROUP = "operations"
OWNERS = ["team:revops"]


@dg.asset(group_name=GROUP, kinds={"sqlite"}, owners=OWNERS, deps=[outreach.email_queue, outreach.linkedin_queue], pool="database_backup")
def database_backup(
    home: dg.ResourceParam[Home], database: dg.ResourceParam[Database], clock: dg.ResourceParam[Clock]
) -> dg.MaterializeResult:
    """One checked copy of the database a day in data/backups; copies older than the retention of database.yaml are deleted."""
    settings = load_settings(DatabaseSettings, home, "database.yaml")
    if not settings.backup_enabled:
        return dg.MaterializeResult(metadata={"enabled": False})
    with exclusive(database, "backup"):
        report = back_up(database, home.make_private_folder(home.data / "backups"), clock.now().date(), settings.backup_retention_days)
    return dg.MaterializeResult(
        metadata={
            "dagster/row_count": report.rows,
            "backup": dg.MetadataValue.path(str(report.path)),
            "size_bytes": report.path.stat().st_size,
            "is_new": report.is_new,
            "deleted": report.deleted,
        }
    )


@dg.asset(
    group_name=GROUP,
    kinds={"sqlite"},
    owners=OWNERS,
    deps=[enrichment.contact_enrichment],
    pool="rate_limit_usage",
    check_specs=[
        dg.AssetCheckSpec(
            "no_window_over",
            asset="rate_limit_usage",
            description="No window of rate_limits.yaml, and none that a server told, was over its limit in the last seven days.",
        )
    ],
)
def rate_limit_usage(
    database: dg.ResourceParam[Database], clock: dg.ResourceParam[Clock], rate_limits: dg.ResourceParam[Windows]
) -> dg.MaterializeResult:
    """One row per service (or action of it) and window: how much of it is used, when it has room again, and its circuit breaker.

    Read from the ledger of calls; rebuilt each time. The chart shows the calls of the last day.
    """
    usage = look_at_limits(database, clock, rate_limits)
    table = store.read_usage_table(database)
    over = {f"{window.service} {window.action} {window.seconds} s".replace("  ", " "): window.violations for window in usage}
    return table_result(
        database,
        "rate_limit_usage",
        shown=SHOWN,
        content=table.drop(columns=["free_at"]),
        metadata={
            "windows": dg.MetadataValue.md(as_markdown_table(table)),
            "calls": dg.MetadataValue.md(calls_chart(database, clock.now())),
            "circuits_not_closed": sum(window.circuit != "closed" for window in usage),
        },
        checks=[
            check("no_window_over", not any(over.values()), over={name: count for name, count in over.items() if count}),
        ],
    )
