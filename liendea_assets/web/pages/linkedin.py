"""LinkedIn work: today's people with what to say and why, and what was done about them. Nothing here logs in at LinkedIn."""

from datetime import date

from starlette.responses import Response

from liendea_assets.clients.settings import RateLimits
from liendea_assets.core.errors import BadValue
from liendea_assets.core.settings import load_settings
from liendea_assets.outreach import linkedin_list
from liendea_assets.outreach.linkedin_budgets import read_budgets
from liendea_assets.outreach.linkedin_list import ACTIONS, Action
from liendea_assets.outreach.settings import LinkedInSettings, OutreachSettings
from liendea_assets.web.forms import Form
from liendea_assets.web.view import Done, View, get, post


def show(view: View) -> Response:
    """The list of today: what is open first, then what was done."""
    settings = _settings(view)
    people = linkedin_list.read_today(view.db, view.now.date(), settings)
    windows = load_settings(RateLimits, view.home, "rate_limits.yaml").linkedin.windows()
    budgets = read_budgets(view.db.conn, settings, windows, view.now)
    waits = {kind: budgets.why_wait(is_invitation=kind) for kind in (True, False)}
    return view.show(
        "linkedin.html",
        about=[person.contact_id for person in people],
        open=[person for person in people if person.is_open],
        closed=[person for person in people if not person.is_open],
        budgets=budgets.all(),
        waits=waits,
    )


def act(view: View, form: Form) -> Done:
    """Takes down what was done about one of them."""
    entry = form.number("entry")
    action: Action = form.one_of("action", *ACTIONS)  # type: ignore[assignment]  # one of ACTIONS
    is_new = linkedin_list.record_action(
        view.db,
        entry,
        action,
        view.session.by,
        view.now,
        _settings(view),
        until=_day(form.text("until")) if action in ("skip", "not_now") else None,
        has_note=_yes_or_no(form, "has_note") if action in ("done", "replied") else None,
    )
    return Done(f"Taken down: {action.replace('_', ' ')}." if is_new else "That stands already.", f"entry {entry} {action}")


def undo(view: View, form: Form) -> Done:
    """Takes back what was said last."""
    entry = form.number("entry")
    undone = linkedin_list.undo_action(view.db, entry, view.now)
    return Done("There is nothing to undo." if undone is None else f"Undone: {undone.replace('_', ' ')}.", f"entry {entry}")


def _settings(view: View) -> LinkedInSettings:
    return load_settings(OutreachSettings, view.home, "outreach.yaml").linkedin


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise BadValue("the day: a date such as 2026-11-23 is needed") from None


def _yes_or_no(form: Form, name: str) -> bool | None:
    return {"yes": True, "no": False}.get(form.text(name))


ROUTES = (get("/linkedin", show), post("/linkedin/act", act, "/linkedin"), post("/linkedin/undo", undo, "/linkedin"))
