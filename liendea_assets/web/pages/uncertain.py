"""Messages that may have been sent, or not: nobody sends them again until somebody says what became of them."""

from starlette.responses import Response

from liendea_assets.core.settings import load_settings
from liendea_assets.outreach import sending_store
from liendea_assets.outreach.gate import Gate
from liendea_assets.outreach.settings import OutreachSettings
from liendea_assets.outreach.settling import settle_by_hand
from liendea_assets.web.forms import Form
from liendea_assets.web.pages import names_store as store
from liendea_assets.web.view import Done, View, get, post

_BECAUSE = {"sent": "the server's log has it", "not_sent": "the server's log does not have it"}


def show(view: View) -> Response:
    """The list, with what to look for in the mail server's log."""
    rows = [dict(row) for row in sending_store.read_uncertain(view.db.conn)]
    names = store.find_names(view.db, [row["contact_id"] for row in rows])
    return view.show("uncertain.html", about=names, rows=[{**row, "full_name": names.get(row["contact_id"])} for row in rows])


def settle(view: View, form: Form) -> Done:
    """Says what became of one."""
    id_, verdict = form.number("message"), form.one_of("verdict", "sent", "not_sent")
    because = form.text("because")[:300] or _BECAUSE[verdict]
    gate = Gate(load_settings(OutreachSettings, view.desk.home, "outreach.yaml"), view.desk.key)
    is_sent = verdict == "sent"
    settle_by_hand(view.db, [id_], gate.record_notice, is_sent=is_sent, by=view.session.by, because=because, clock=view.desk.clock)
    text = f"Message {id_} counts as sent." if verdict == "sent" else f"Message {id_} is queued again, with the same Message-ID."
    return Done(text, f"message {id_} {verdict}")


ROUTES = (get("/uncertain", show), post("/uncertain/settle", settle, "/uncertain"))
