"""One person: what is known and from where, why this score, why it changed, what was written and what came back."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from starlette.responses import RedirectResponse, Response

from liendea_assets.core.clock import to_text
from liendea_assets.core.errors import BadValue, SettingsError, UnknownRecord
from liendea_assets.core.settings import load_settings
from liendea_assets.db.connection import to_records, transaction
from liendea_assets.imports import provenance
from liendea_assets.imports.settings import ImportSettings
from liendea_assets.outreach import consents
from liendea_assets.outreach.outcomes import KINDS, Kind, add_outcome, undo_outcome
from liendea_assets.outreach.suppression_store import read_suppressions, suppress
from liendea_assets.scoring import store as scoring_store
from liendea_assets.scoring.changes import describe
from liendea_assets.scoring.config_history import load_version
from liendea_assets.scoring.parts import show_value
from liendea_assets.scoring.score import open_points
from liendea_assets.scoring.suppressed import exclude_suppressed
from liendea_assets.scoring.suppression_list import ADDRESS, PROFILE, SuppressionList
from liendea_assets.web.forms import Form
from liendea_assets.web.pages import people_store
from liendea_assets.web.pages import person_store as store
from liendea_assets.web.view import Done, View, get, post

CAUSES = {"data": "the data", "config": "the config", "both": "the data and the config", "first": "scored for the first time"}
# of enriched_contacts, in the order of the page
_FIELDS = (
    "full_name", "title", "company_name", "company_domain", "industry", "employee_count", "revenue_range", "growth_rate", "gtm_segment",
    "country", "time_zone", "work_email", "email_status", "work_phone", "mobile_phone", "linkedin_url",
)  # fmt: skip


def show(view: View) -> Response:
    """The page; an id that is part of another one leads there."""
    asked = view.path_number("id")
    found = people_store.find_id(view.db, asked)
    if found is None:
        raise UnknownRecord(f"there is no contact {asked}")
    if found != asked:
        return RedirectResponse(f"/people/{found}", status_code=303)
    known = store.read_person(view.db, found)
    assert known is not None
    explained = provenance.explain_contact(view.db, found, load_settings(ImportSettings, view.home, "imports.yaml"))
    return view.show(
        "person.html",
        about=[found],
        person=known,
        values=_values(known),
        imported=to_records(explained.values),
        rows=to_records(explained.rows),
        score=_score(view, found),
        changes=_changes(view, found),
        fields=provenance.FIELDS_BY_HAND,
        kinds=KINDS,
        today=view.now.date().isoformat(),
        history=store.read_history(view.db, found),
    )


def set_value(view: View, form: Form) -> Done:
    """A value that no import overwrites; empty takes it back."""
    contact_id = view.path_number("id")
    settings = load_settings(ImportSettings, view.home, "imports.yaml")
    field = form.one_of("field", *provenance.FIELDS_BY_HAND)
    provenance.set_by_hand(view.db, contact_id, field, form.text("value") or None, settings, view.desk.clock)
    text = "Noted. In force when contacts are materialised the next time."
    return Done(text, f"contact {contact_id} {field}", f"/people/{contact_id}")


def note_outcome(view: View, form: Form) -> Done:
    """A meeting or a reply."""
    contact_id = view.path_number("id")
    kind: Kind = form.one_of("kind", *KINDS)  # type: ignore[assignment]  # one of KINDS
    made = add_outcome(view.db, contact_id, kind, _day(form.text("happened_on")), view.session.by, view.desk.clock)
    text = "Noted." if made is not None else "That stands already."
    return Done(text, f"contact {contact_id} outcome {made or ''}".strip(), f"/people/{contact_id}")


def take_back_outcome(view: View, form: Form) -> Done:
    """Takes an outcome back."""
    outcome_id = form.number("outcome")
    undone = undo_outcome(view.db, outcome_id, view.desk.clock)
    return Done("Taken back." if undone else "That was taken back already.", f"outcome {outcome_id}")


def record_consent(view: View, form: Form) -> Done:
    """A consent to be written to, with its evidence."""
    contact_id, given_on = view.path_number("id"), form.text("given_on")
    day = _day(given_on) if given_on else None
    made = consents.add_consent(view.db, contact_id, form.text("evidence")[:500], day, view.session.by, view.desk.clock)
    return Done("The consent is noted.", f"contact {contact_id} consent {made}", f"/people/{contact_id}")


def withdraw_consent(view: View, _form: Form) -> Done:
    """Ends every consent of the person."""
    contact_id = view.path_number("id")
    ended = consents.withdraw_consent(view.db, contact_id, view.desk.clock)
    text = "Withdrawn: nothing that needs their consent is sent any more." if ended else "There was no consent in force."
    return Done(text, f"contact {contact_id} consents {ended}", f"/people/{contact_id}")


def suppress_person(view: View, form: Form) -> Done:
    """Suppresses every address and profile that is known of a person now."""
    contact_id = view.path_number("id")
    known = store.read_person(view.db, contact_id)
    values = [(kind, known[column]) for kind, column in ((ADDRESS, "work_email"), (PROFILE, "linkedin_url")) if known and known[column]]
    if not values:
        raise UnknownRecord(f"neither an address nor a profile is known of contact {contact_id}")
    reason, withdrawn = form.text("reason")[:200] or "asked for it, noted at the desk", 0
    if "@" in reason:
        raise BadValue("the reason holds an address; allowed is what names nobody")
    SuppressionList(view.desk.key, read_suppressions(view.db))
    with transaction(view.db) as connection:
        for kind, value in values:
            withdrawn += suppress(connection, kind, value, reason, view.desk.key, to_text(view.now)).withdrawn
    exclude_suppressed(view.db, view.home.data / "secret.key")
    return Done(f"Never contacted again; messages withdrawn: {withdrawn}.", f"contact {contact_id}", f"/people/{contact_id}")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadValue("the day: a date such as 2026-11-23 is needed") from None


def _values(known: Mapping[str, Any]) -> list[dict[str, object]]:
    sources = json.loads(known["sources"]) if known["sources"] else {}
    return [
        {"field": field, "value": show_value(field, known[field]), "source": " ".join(told for told in sources.get(field) or () if told)}
        for field in _FIELDS
        if known[field] is not None
    ]


def _score(view: View, contact_id: int) -> dict[str, object] | None:
    """The score with its parts as people read them; None where there is none."""
    found = to_records(scoring_store.read_score(view.db, contact_id))
    if not found:
        return None
    parts, could_give = [], _could_give(view, found[0]["config_version"])
    for part in json.loads(found[0]["parts"]):
        field = part["field"]
        is_open = field and part["value"] is None
        parts.append(
            {
                "label": part.get("label", part["name"]),
                "value": show_value(field, part["value"]) if field else part["value"] or "",
                "points": part["points"],
                "open": could_give.get(part["name"]) if is_open else None,
                "why": part["rule"],
                "source": " ".join(told for told in part.get("source") or () if told),
            }
        )
    return {**found[0], "parts": parts}


def _could_give(view: View, version: str) -> dict[str, tuple[int, int]]:
    """What each part could give by the config that somebody was scored by; nothing where that was not kept."""
    try:
        return open_points(load_version(view.home, view.db, version))
    except SettingsError:
        return {}


def _changes(view: View, contact_id: int) -> list[dict[str, object]]:
    history = to_records(scoring_store.read_history(view.db, contact_id))
    return [
        {
            **change,
            "cause": CAUSES[change["cause"]],
            "what": describe(change["detail"]) if change["detail"].startswith("[") else [],
        }
        for change in history[:50]
    ]


ROUTES = (
    get("/people/{id}", show),
    post("/people/{id}/value", set_value),
    post("/people/{id}/outcome", note_outcome),
    post("/people/{id}/consent", record_consent),
    post("/people/{id}/consent/withdraw", withdraw_consent),
    post("/people/{id}/suppress", suppress_person),
    post("/people/{id}/outcome/undo", take_back_outcome),
)
