"""The assets of the operations stage."""

import dagster as dg

from liendea_assets.core.clock import Clock
from liendea_assets.core.home import Home
from liendea_assets.core.settings import load_settings
from liendea_assets.db.connection import Database, exclusive
from liendea_assets.operations.backup import back_up
from liendea_assets.operations.settings import DatabaseSettings
from liendea_assets.outreach import assets as outreach

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
