"""Enrichment: what asking everybody who is due would take, what was spent, how much of the limits is left."""

from collections.abc import Sequence

from starlette.responses import Response

from liendea_assets.clients.usage import WindowUsage
from liendea_assets.core.settings import load_settings
from liendea_assets.db.connection import to_records
from liendea_assets.enrichment.budget_use import BudgetUse
from liendea_assets.enrichment.forecast import COLUMNS, as_table
from liendea_assets.enrichment.settings import EnrichmentSettings
from liendea_assets.enrichment.spending_store import read_days
from liendea_assets.web.view import View, get

SHOWN_DAYS = 14
DAY_S = 86_400


def show(view: View) -> Response:
    """The page. Nobody is asked for it."""
    forecasts, unusable = view.desk.forecast(view.db)
    spent = read_days(view.db)
    windows, budgets = view.desk.usage(view.db), view.desk.budgets(view.db)
    recent = spent[spent["day"].isin(sorted(spent["day"].unique())[-SHOWN_DAYS:])] if len(spent) else spent
    return view.show(
        "enrichment.html",
        columns=[name for name in COLUMNS if name != "provider"],
        forecasts=to_records(as_table(forecasts)),
        sentences=[str(one) for one in forecasts],
        unusable=unusable,
        windows=windows,
        left_today=_left_today(windows, budgets),
        budgets=budgets,
        most_in_run=load_settings(EnrichmentSettings, view.home, "enrichment.yaml").contacts_per_run,
        spent=to_records(recent)[::-1],
    )


def _left_today(windows: Sequence[WindowUsage], budgets: Sequence[BudgetUse]) -> dict[str, int]:
    """Service → calls that may still be made today: the least that a window of a day, or a budget of calls, has left."""
    left = [(window.service, window.left) for window in windows if window.seconds == DAY_S and not window.action]
    left += [(budget.provider, int(budget.left)) for budget in budgets if budget.of == "calls"]
    return {service: min(number for name, number in left if name == service) for service in dict.fromkeys(name for name, _ in left)}


ROUTES = (get("/enrichment", show),)
