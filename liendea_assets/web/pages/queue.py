"""The e-mail queue: who is next, when and why; who was left out and why."""

from starlette.responses import Response

from liendea_assets.web.pages import queue_store as store
from liendea_assets.web.view import View, get

STATES = ("queued", "held", "claimed", "sending", "sent", "responded", "failed", "cancelled")


def show(view: View) -> Response:
    """E-mails of one state."""
    status = view.query("show") if view.query("show") in STATES else "queued"
    listed = view.pages(store.read_queue(view.db, status, view.query("campaign"), view.window()))
    counts = store.count_states(view.db)
    return view.show("queue.html", about=listed.ids(), listed=listed, counts=counts, state=status, states=STATES)


def show_skipped(view: View) -> Response:
    """Who was left out."""
    listed = view.pages(store.read_skipped(view.db, view.query("campaign"), view.query("reason"), view.window()))
    return view.show("skipped.html", about=listed.ids(), listed=listed, reasons=store.count_skipped(view.db))


ROUTES = (get("/queue", show), get("/queue/skipped", show_skipped))
