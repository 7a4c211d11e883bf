"""What came back: replies, bounces, opt-outs, complaints; what belongs to nobody known stays in sight."""

from starlette.responses import Response

from liendea_assets.core.errors import UnknownRecord
from liendea_assets.web.pages import inbox_page_store as store
from liendea_assets.web.view import View, get

KINDS = ("human_reply", "auto_reply", "auto_permanent", "unsubscribe", "bounce_hard", "bounce_soft", "complaint", "other")


def show(view: View) -> Response:
    """Messages of one kind, or those that wait."""
    chosen = view.query("show")
    kind = "human_reply" if chosen == "replies" else chosen if chosen in KINDS else ""
    rows = store.read_inbox(view.db, kind, view.window(), unmatched=chosen == "unmatched", is_open=chosen in ("replies", "unmatched"))
    listed = view.pages(rows)
    return view.show("inbox.html", about=listed.ids(), listed=listed, counts=store.count_kinds(view.db), chosen=chosen)


def show_one(view: View) -> Response:
    """One message in the person's own words, beside what it answers."""
    id_ = view.path_number("id")
    found = store.read_message(view.db, id_)
    if found is None:
        raise UnknownRecord(f"there is no message {id_}")
    return view.show("inbox_message.html", about=[found["contact_id"]] if found["contact_id"] else [], message=found, kinds=KINDS)


ROUTES = (get("/inbox", show), get("/inbox/{id}", show_one))
