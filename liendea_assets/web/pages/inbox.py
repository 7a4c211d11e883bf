"""What came back: replies, bounces, opt-outs, complaints; what belongs to nobody known stays in sight."""

from starlette.responses import Response

from liendea_assets.core.clock import to_text
from liendea_assets.core.errors import UnknownRecord
from liendea_assets.core.settings import load_settings
from liendea_assets.outreach.inbox import KINDS, correct
from liendea_assets.outreach.settings import OutreachSettings
from liendea_assets.scoring.suppressed import exclude_suppressed
from liendea_assets.web.forms import Form
from liendea_assets.web.pages import inbox_page_store as store
from liendea_assets.web.view import Done, View, get, post


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


def mark_seen(view: View, _form: Form) -> Done:
    """Takes a message off the list of those that wait for somebody."""
    id_ = view.path_number("id")
    if store.read_message(view.db, id_) is None:
        raise UnknownRecord(f"there is no message {id_}")
    store.mark_seen(view.db, id_, view.session.by, to_text(view.now))
    return Done(f"Message {id_} is looked at.", f"message {id_}")


def correct_kind(view: View, form: Form) -> Done:
    """Says what a message is: what followed from the former kind is taken back, what follows from this one is done."""
    id_, kind = view.path_number("id"), form.one_of("kind", *KINDS)
    settings = load_settings(OutreachSettings, view.home, "outreach.yaml")
    former = correct(view.db, id_, kind, view.session.by, settings, view.desk.key, view.desk.clock)
    exclude_suppressed(view.db, view.home.data / "secret.key")
    store.mark_seen(view.db, id_, view.session.by, to_text(view.now))
    text = "That is its kind already." if former == kind else f"Message {id_} is {kind.replace('_', ' ')} now."
    return Done(text, f"message {id_} {former} {kind}", f"/inbox/{id_}")


ROUTES = (
    get("/inbox", show),
    get("/inbox/{id}", show_one),
    post("/inbox/{id}/seen", mark_seen, "/inbox"),
    post("/inbox/{id}/kind", correct_kind, "/inbox"),
)
