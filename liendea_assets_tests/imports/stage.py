"""The stage's assets in their order, called as functions: what `liendea run` does with the inbox."""

import dagster as dg

from liendea_assets.core.clock import Clock
from liendea_assets.core.home import Home
from liendea_assets.db.connection import Database
from liendea_assets.imports import assets


def import_inbox(home: Home, db: Database, clock: Clock) -> dict[str, bool]:
    """Runs all assets of the stage. Returns whether each of their checks passed."""
    context = dg.build_asset_context()
    results = [
        assets.gtm_rows(context, home=home, database=db, clock=clock),
        assets.linkedin_rows(context, home=home, database=db, clock=clock),
        assets.companies(home=home, database=db, clock=clock),
        assets.contacts(home=home, database=db, clock=clock),
        assets.linkedin_connections(home=home, database=db),
        assets.network_changes(home=home, database=db),
    ]
    checks: dict[str, bool] = {}
    for result in results:
        assert isinstance(result, dg.MaterializeResult)
        checks |= {str(check.check_name): check.passed and checks.get(str(check.check_name), True) for check in result.check_results or ()}
    return checks
