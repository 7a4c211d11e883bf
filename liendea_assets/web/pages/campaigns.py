"""Campaigns: what they would write to whom, and whether exactly this version may be sent."""

from typing import Any
from urllib.parse import quote

from starlette.responses import HTMLResponse, Response

from liendea_assets.core.clock import to_text
from liendea_assets.core.errors import BadValue, LiendeaError, UnknownRecord
from liendea_assets.core.settings import load_settings
from liendea_assets.db.connection import to_records
from liendea_assets.outreach import campaign_store
from liendea_assets.outreach.campaigns import Campaign, load_campaigns
from liendea_assets.outreach.messages import Composer, Rendered, Thread
from liendea_assets.outreach.settings import OutreachSettings
from liendea_assets.web.forms import Form, to_number
from liendea_assets.web.pages import campaigns_store as store
from liendea_assets.web.rendering import PREVIEW_POLICY
from liendea_assets.web.view import Done, View, get, post


def show_all(view: View) -> Response:
    """Every campaign, and what is wrong with its files."""
    files: dict[str, Campaign] = {}
    problem = ""
    try:
        files = {campaign.name: campaign for campaign in load_campaigns(view.home)}
    except LiendeaError as error:
        problem = str(error)
    known = {row["name"]: row for row in to_records(campaign_store.read_overview(view.db))}
    new = [campaign for name, campaign in files.items() if name not in known]
    return view.show("campaigns.html", rows=list(known.values()), files=files, new=new, problem=problem)


def show(view: View) -> Response:
    """One campaign: its steps, a preview for one person, and its approval."""
    campaign = _campaign(view)
    known = store.find_campaign(view.db, campaign.name)
    approvals, versions = store.read_history(view.db, known["id"]) if known else ([], [])
    examples = store.read_examples(view.db)
    person, previews = _previews(view, campaign, examples[0]["contact_id"] if examples else None)
    return view.show(
        "campaign.html",
        about=[row["contact_id"] for row in examples] + ([person["contact_id"]] if person else []),
        campaign=campaign,
        known=known,
        approved=next((row for row in approvals if row["version"] == campaign.version and not row["revoked_at"]), None),
        approvals=approvals,
        versions=versions,
        variants=to_records(campaign_store.read_variants(view.db, known["id"])) if known else [],
        examples=examples,
        person=person,
        previews=previews,
    )


def show_html(view: View) -> Response:
    """The HTML part alone, for the frame of the preview: no script, no picture, no link of it does anything."""
    campaign = _campaign(view)
    person, previews = _previews(view, campaign, None)
    step, variant, language = view.query("step"), view.query("variant"), view.query("language")
    for one in previews:
        found = one["rendered"]
        if found and one["step"] == step and (one["variant"] or "") == variant and (one["language"] or "") == language and found.html:
            headers = {"content-security-policy": PREVIEW_POLICY, "x-frame-options": "SAMEORIGIN"}
            return HTMLResponse(found.html, headers=headers)
    raise UnknownRecord("there is no such part of the message" if person else "nobody is named to preview it for")


def approve(view: View, form: Form) -> Done:
    """Says that exactly the version that was looked at may be sent."""
    campaign, version = _campaign(view), form.text("version")
    if version != campaign.version:
        raise BadValue("the campaign has changed since this page was opened; look at it as it is now")
    now = to_text(view.now)
    campaign_store.sync_campaigns(view.db, load_campaigns(view.home), now)
    campaign_id = campaign_store.campaign_ids(view.db)[campaign.name]
    campaign_store.approve(view.db, campaign_id, version, view.session.by, now)
    return Done(f"{campaign.name} is approved as it is now (version {version}).", f"campaign {campaign_id} {version}", _address(campaign))


def revoke(view: View, _form: Form) -> Done:
    """Takes the approval back: nothing more of it is sent."""
    name = str(view.request.path_params["name"])
    known = store.find_campaign(view.db, name)
    if known is None:
        raise UnknownRecord(f"no campaign {name} was ever approved")
    revoked = campaign_store.revoke(view.db, known["id"], to_text(view.now))
    return Done("Revoked: nothing more of it is sent." if revoked else "It was not approved.", f"campaign {known['id']}", "/campaigns")


def _campaign(view: View) -> Campaign:
    name = str(view.request.path_params["name"])
    found = next((campaign for campaign in load_campaigns(view.home) if campaign.name == name), None)
    if found is None:
        raise UnknownRecord(f"config/campaigns has no {name}.yaml")
    return found


def _previews(view: View, campaign: Campaign, otherwise: int | None) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
    """The person, and every wording of every step as they would read it, or why it cannot be made."""
    asked = view.query("contact")
    contact_id = to_number(asked, "contact") if asked else otherwise
    person = store.read_person(view.db, contact_id) if contact_id is not None else None
    if person is None:
        return None, []
    settings = load_settings(OutreachSettings, view.home, "outreach.yaml")
    composer = Composer(campaign, settings, view.desk.key)
    thread: Thread | None = None
    found = []
    for step in campaign.steps:
        for wording in step.wordings:
            rendered: Rendered | None = None
            problem = ""
            try:
                rendered = composer.render(person, step.name, wording.variant, wording.language or settings.languages.default, thread)
            except LiendeaError as error:
                problem = str(error)
            names = {"step": step.name, "variant": wording.variant, "language": wording.language}
            found.append({**names, "delay": step.delay_days, "share": wording.share, "rendered": rendered, "problem": problem})
            if thread is None and rendered is not None:
                thread = Thread(("<first@preview.invalid>",), rendered.subject)
    return person, found


def _address(campaign: Campaign) -> str:
    return f"/campaigns/{quote(campaign.name, safe='')}"


ROUTES = (
    get("/campaigns", show_all),
    get("/campaigns/{name}", show),
    get("/campaigns/{name}/html", show_html),
    post("/campaigns/{name}/approve", approve, "/campaigns"),
    post("/campaigns/{name}/revoke", revoke, "/campaigns"),
)
