"""The start: what waits for somebody."""

from datetime import timedelta

from starlette.responses import Response

from liendea_assets.core.clock import to_text
from liendea_assets.web.pages import start_store as store
from liendea_assets.web.view import View, get

SHOWN_DAYS = 14


def show(view: View) -> Response:
    """The page."""
    waiting = store.count_waiting(view.db, view.now.date().isoformat())
    sent = store.sent_by_day(view.db, to_text(view.now - timedelta(days=SHOWN_DAYS)))
    return view.show("start.html", waiting=waiting, sent=sent)


ROUTES = (get("/", show),)
