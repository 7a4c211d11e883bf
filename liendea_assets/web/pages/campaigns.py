"""Campaigns: what they would write to whom, and whether exactly this version may be sent."""

from urllib.parse import quote

from starlette.responses import HTMLResponse, Response

from liendea_assets.clients.settings import RateLimits
from liendea_assets.core.clock import to_text
from liendea_assets.core.errors import BadValue, LiendeaError, UnknownRecord
from liendea_assets.core.settings import load_settings
from liendea_assets.db.connection import to_records
from liendea_assets.outreach import campaign_store
from liendea_assets.outreach.campaign_check import CampaignCheck, by_week, check_campaign
from liendea_assets.outreach.campaign_preview import Preview, preview
from liendea_assets.outreach.campaigns import Campaign, load_campaigns
from liendea_assets.outreach.settings import OutreachSettings
from liendea_assets.web.forms import Form, to_number
from liendea_assets.web.pages import campaigns_store as store
from liendea_assets.web.pages.names_store import find_names
from liendea_assets.web.rendering import PREVIEW_POLICY
from liendea_assets.web.view import Done, View, get, note_access, post

_DAY_S = 86_400


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
    """One campaign: what one person would get, its approval, and how each variant fares."""
    campaign = _campaign(view)
    known = store.find_campaign(view.db, campaign.name)
    approvals, versions = store.read_history(view.db, known["id"]) if known else ([], [])
    examples = store.read_examples(view.db)
    contact_id = _contact(view) or (examples[0]["contact_id"] if examples else None)
    steps = _preview(view, campaign, contact_id) if contact_id is not None else []
    return view.show(
        "campaign.html",
        about=[row["contact_id"] for row in examples] + [one.contact_id for one in steps],
        campaign=campaign,
        known=known,
        approved=next((row for row in approvals if row["version"] == campaign.version and not row["revoked_at"]), None),
        approvals=approvals,
        versions=versions,
        variants=to_records(campaign_store.read_variants(view.db, known["id"])) if known else [],
        examples=examples,
        contact_id=contact_id,
        name=find_names(view.db, [contact_id]).get(contact_id) if contact_id is not None else None,
        steps=steps,
        chosen={name: view.query(name) for name in ("variant", "language")},
        wordings=_wordings(campaign),
    )


def show_check(view: View) -> Response:
    """What the campaign would do: how many it is for, what is wrong with it, and when it would end. Nothing is stored."""
    campaign = _campaign(view)
    found = _check(view, campaign)
    about = [one.contact_id for person in found.samples for one in person]
    names = find_names(view.db, about)
    return view.show("campaign_check.html", about=about, campaign=campaign, found=found, weeks=by_week(found.days), names=names)


def show_html(view: View) -> Response:
    """The HTML part alone, for the frame of the preview: no script, no picture, no link of it does anything."""
    campaign, contact_id, step = _campaign(view), _contact(view), view.query("step")
    steps = _preview(view, campaign, contact_id) if contact_id is not None else []
    html = next((one.rendered.html for one in steps if one.step == step and one.rendered), None)
    if html is None:
        raise UnknownRecord("there is no such part of a message")
    note_access(view.session.by, view.request.url.path, [one.contact_id for one in steps])
    return HTMLResponse(html, headers={"content-security-policy": PREVIEW_POLICY, "x-frame-options": "SAMEORIGIN"})


def approve(view: View, form: Form) -> Done:
    """Says that exactly the version that was looked at may be sent."""
    campaign, version = _campaign(view), form.text("version")
    if version != campaign.version:
        raise BadValue("the campaign has changed since this page was opened; look at it as it is now")
    errors = [finding.text for finding, _ in _check(view, campaign).findings if finding.level == "error"]
    if errors:
        raise BadValue("not approved, correct this first:\n" + "\n".join(errors[:10]))
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


def _contact(view: View) -> int | None:
    asked = view.query("contact")
    return to_number(asked, "contact") if asked else None


def _preview(view: View, campaign: Campaign, contact_id: int) -> list[Preview]:
    variant, language = (view.query(name) or None for name in ("variant", "language"))
    return preview(view.db, campaign, contact_id, _settings(view), view.desk.key, view.now, variant, language)


def _wordings(campaign: Campaign) -> dict[str, list[str]]:
    """The variants and languages that any step has."""
    wordings = [wording for step in campaign.steps for wording in step.wordings]
    return {
        "variant": sorted({wording.variant for wording in wordings if wording.variant}),
        "language": sorted({wording.language for wording in wordings if wording.language}),
    }


def _check(view: View, campaign: Campaign) -> CampaignCheck:
    windows = load_settings(RateLimits, view.home, "rate_limits.yaml").in_force(is_sandbox=False).get("email", ())
    most = min((requests for seconds, requests in windows if seconds == _DAY_S), default=None)
    return check_campaign(view.db, campaign, _settings(view), view.desk.key, view.now, most)


def _settings(view: View) -> OutreachSettings:
    return load_settings(OutreachSettings, view.home, "outreach.yaml")


def _address(campaign: Campaign) -> str:
    return f"/campaigns/{quote(campaign.name, safe='')}"


ROUTES = (
    get("/campaigns", show_all),
    get("/campaigns/{name}", show),
    get("/campaigns/{name}/check", show_check),
    get("/campaigns/{name}/html", show_html),
    post("/campaigns/{name}/approve", approve, "/campaigns"),
    post("/campaigns/{name}/revoke", revoke, "/campaigns"),
)
