"""`liendea campaign`: looking at campaigns, and saying that they may be sent."""

import getpass
from collections.abc import Sequence

import click
import pandas as pd

from liendea_assets.clients.settings import RateLimits
from liendea_assets.core.clock import SystemClock, to_text
from liendea_assets.core.errors import UnknownRecord
from liendea_assets.core.home import Home
from liendea_assets.core.keyed_hash import load_key
from liendea_assets.core.settings import load_settings
from liendea_assets.db.connection import to_records
from liendea_assets.outreach import campaign_store
from liendea_assets.outreach.campaign_check import CampaignCheck, by_week, check_campaign
from liendea_assets.outreach.campaign_preview import Preview, preview
from liendea_assets.outreach.campaigns import Campaign, load_campaigns
from liendea_assets.outreach.settings import OutreachSettings
from liendea_assets.resources import open_home_database

_DAY_S = 86_400
_SHOWN_WEEKS = 8


def list_campaigns(home: Home) -> None:
    """Prints a line for each campaign."""
    db = open_home_database(home)
    campaign_store.sync_campaigns(db, load_campaigns(home), to_text(SystemClock().now()))
    rows = to_records(campaign_store.read_overview(db))
    db.conn.close()
    for row in rows:
        approved = f"approved by {row['approved_by']}" if row["approved_by"] else "not approved"
        counts = f"{row['queued']} queued, {row['sent']} sent, {row['replied']} answered"
        click.echo(f"{row['name']}: {row['type']}, {row['status']}, version {row['version']}, {approved}; {counts}")
    if not rows:
        click.echo("None yet: a campaign is a file in config/campaigns.")


def check(home: Home, name: str, *, full: bool) -> bool:
    """Prints what a campaign would do. False where there are errors.

    Raises:
        UnknownRecord: there is no such campaign.
    """
    campaign = _find(home, name)
    found = _check(home, campaign)
    click.echo(f"{name}: {campaign.settings.type}, {campaign.settings.status}, version {campaign.version}")
    click.echo(f"Audience: {found.audience} of the targets; {found.tried} were rendered in {len(campaign.steps)} steps each.")
    for reason, people in found.problems.items():
        click.echo(f"  {people} of {found.tried} cannot be written to: {reason}")
    for person in found.samples:
        _print_person(person, full=full)
    _print_findings(found)
    _print_forecast(found)
    return not found.errors


def show_person(home: Home, name: str, contact_id: int, *, full: bool) -> bool:
    """Prints what one contact would get. False where a step cannot be made."""
    campaign = _find(home, name)
    db = open_home_database(home)
    person = preview(db, campaign, contact_id, _settings(home), load_key(home.data / "secret.key"), SystemClock().now())
    db.conn.close()
    _print_person(person, full=full)
    if not person[0].is_in_audience:
        click.echo("Not in the campaign's audience.")
    return all(one.problem is None for one in person)


def show(home: Home, name: str) -> None:
    """Prints steps, approvals and variants."""
    campaign = _find(home, name)
    db = open_home_database(home)
    campaign_store.sync_campaigns(db, load_campaigns(home), to_text(SystemClock().now()))
    campaign_id = campaign_store.campaign_ids(db)[name]
    numbers = campaign_store.step_numbers(db, campaign_id)
    approvals = campaign_store.read_approvals(db)
    approved = to_records(approvals[approvals["campaign_id"] == campaign_id])
    variants = campaign_store.read_variants(db, campaign_id)
    db.conn.close()
    click.echo(f"{name}: {campaign.settings.type}, {campaign.settings.status}, version {campaign.version}")
    for step in campaign.steps:
        wordings = ", ".join("/".join(filter(None, (one.variant, one.language))) or "as it is" for one in step.wordings)
        click.echo(f"  step {numbers[step.name]} {step.name}: after {step.delay_days} days; {wordings}")
    for row in approved:
        revoked = f", revoked {row['revoked_at'][:16]}" if row["revoked_at"] else ""
        click.echo(f"  version {row['version']} approved by {row['approved_by']} on {row['approved_at'][:16]}{revoked}")
    _print_variants(variants)


def approve(home: Home, name: str, version: str | None, by: str | None) -> bool:
    """Approves the version in force. False where there are errors.

    Raises:
        UnknownRecord: there is no such campaign, or `version` is not the one in force.
    """
    campaign = _find(home, name)
    if version is not None and version != campaign.version:
        raise UnknownRecord(f"version {version} is not the one in force of {name}, which is {campaign.version}; look at it as it is now")
    found = _check(home, campaign)
    if found.errors:
        _print_findings(found)
        click.echo("Not approved: correct the errors first.")
        return False
    db = open_home_database(home)
    now = to_text(SystemClock().now())
    campaign_store.sync_campaigns(db, load_campaigns(home), now)
    who = by or getpass.getuser()
    campaign_store.approve(db, campaign_store.campaign_ids(db)[name], campaign.version, who, now)
    db.conn.close()
    click.echo(f"{name}, version {campaign.version}, approved by {who}. Any change of it ends the approval.")
    return True


def revoke(home: Home, name: str) -> None:
    """Takes an approval back."""
    db = open_home_database(home)
    campaign_id = campaign_store.campaign_ids(db).get(name)
    is_revoked = campaign_id is not None and campaign_store.revoke(db, campaign_id, to_text(SystemClock().now()))
    db.conn.close()
    click.echo(f"{name}: the approval is revoked." if is_revoked else f"{name} was not approved.")


def _find(home: Home, name: str) -> Campaign:
    campaigns = {campaign.name: campaign for campaign in load_campaigns(home)}
    if name not in campaigns:
        raise UnknownRecord(f"there is no campaign {name}; there are: {', '.join(campaigns) or 'none'}")
    return campaigns[name]


def _settings(home: Home) -> OutreachSettings:
    return load_settings(OutreachSettings, home, "outreach.yaml")


def _check(home: Home, campaign: Campaign) -> CampaignCheck:
    windows = load_settings(RateLimits, home, "rate_limits.yaml").in_force(is_sandbox=False).get("email", ())
    most = min((requests for seconds, requests in windows if seconds == _DAY_S), default=None)
    db = open_home_database(home)
    found = check_campaign(db, campaign, _settings(home), load_key(home.data / "secret.key"), SystemClock().now(), most)
    db.conn.close()
    return found


def _print_person(person: Sequence[Preview], *, full: bool) -> None:
    click.echo(f"\nContact {person[0].contact_id}")
    for one in person:
        if one.rendered is None:
            click.echo(f"  {one.step}: not made: {one.problem}")
            continue
        chosen = ", ".join(filter(None, (one.rendered.variant, one.rendered.language)))
        click.echo(f"  {one.step} ({chosen}): {one.rendered.subject or one.rendered.text.partition(chr(10))[0]}")
        if full and one.message is not None:
            click.echo("\n".join(f"    {line}" for line in _readable(one).splitlines()))


def _readable(one: Preview) -> str:
    assert one.rendered is not None
    return "\n\n".join(part for part in (one.rendered.text, one.rendered.html) if part)


def _print_findings(found: CampaignCheck) -> None:
    click.echo("")
    for finding, steps in found.findings:
        click.echo(f"{finding.level}: {finding.rule}: {finding.text} ({', '.join(steps)})")
    warnings = len(found.findings) - found.errors
    click.echo(f"{found.errors} errors, {warnings} warnings.")


def _print_forecast(found: CampaignCheck) -> None:
    if not found.days:
        return
    weeks = by_week(found.days)
    click.echo("\nIf nobody answered:")
    for week in weeks[:_SHOWN_WEEKS]:
        click.echo(f"  week of {week.day}: {week.first} first messages, {week.follow_ups} follow-ups")
    if len(weeks) > _SHOWN_WEEKS:
        click.echo(f"  … {len(weeks) - _SHOWN_WEEKS} more weeks")
    total = sum(day.first + day.follow_ups for day in found.days)
    click.echo(f"  {total} messages on {len(found.days)} days; the last on {found.days[-1].day}")


def _print_variants(variants: pd.DataFrame) -> None:
    for row in to_records(variants):
        rate = "" if row["rate"] is None else f" = {row['rate']:.1%} ({row['rate_low']:.1%} to {row['rate_high']:.1%})"
        arrived = row["sent"] - row["bounced"]
        name = f"{row['step_name'] or row['step']}, {row['variant'] or 'no variant'}"
        click.echo(f"  {name}: {row['sent']} sent, {row['bounced']} bounced, {row['replied']} of {arrived} answered{rate}")
