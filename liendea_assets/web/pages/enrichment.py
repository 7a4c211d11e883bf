"""Enrichment: what asking everybody who is due would take, what was spent, how much of the limits is left."""

from starlette.responses import Response

from liendea_assets.db.connection import to_records
from liendea_assets.enrichment.forecast import COLUMNS, as_table
from liendea_assets.enrichment.spending_store import read_days
from liendea_assets.web.view import View, get

SHOWN_DAYS = 14


def show(view: View) -> Response:
    """The page. Nobody is asked for it."""
    forecasts, unusable = view.desk.forecast(view.db)
    spent = read_days(view.db)
    recent = spent[spent["day"].isin(sorted(spent["day"].unique())[-SHOWN_DAYS:])] if len(spent) else spent
    return view.show(
        "enrichment.html",
        columns=[name for name in COLUMNS if name != "provider"],
        forecasts=to_records(as_table(forecasts)),
        sentences=[str(one) for one in forecasts],
        unusable=unusable,
        windows=view.desk.usage(view.db),
        spent=to_records(recent)[::-1],
    )


ROUTES = (get("/enrichment", show),)
