"""Filling the queues: who of the targets gets a message of which campaign, who does not and why. Idempotent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import pandas as pd

from liendea_assets.core.clock import to_text
from liendea_assets.core.errors import TemplateProblem
from liendea_assets.db.connection import Database, to_records
from liendea_assets.outreach import campaign_store, store
from liendea_assets.outreach.campaigns import Campaign
from liendea_assets.outreach.messages import Composer
from liendea_assets.outreach.settings import OutreachSettings
from liendea_assets.outreach.suppression import recipients
from liendea_assets.scoring.suppressed import find_suppressed
from liendea_assets.scoring.suppression_list import SuppressionList

NOT_RUNNING = "the campaign is not running"
NO_TARGET = "no target of this campaign any more"


@dataclass(slots=True)
class QueuePlan:
    """What is to change for one campaign.

    Attributes:
        messages: to add. exclusions: contact id → why there is no message. cancelled: outreach_log id → why it is withdrawn.
    """

    messages: list[store.QueuedMessage] = field(default_factory=list)
    exclusions: dict[int, str] = field(default_factory=dict)
    cancelled: dict[int, str] = field(default_factory=dict)


def fill_queue(
    db: Database, campaigns: list[Campaign], outreach_type: str, settings: OutreachSettings, key: bytes, now: datetime
) -> dict[str, int]:
    """Brings the queue of all campaigns of a type up to date. Returns how many messages each campaign gained or wrote anew.

    A person who was suppressed, or is no target any more, leaves the queue. E-mail campaigns queue everybody in their audience (their
    daily limit counts when they are sent); LinkedIn campaigns add people up to the daily limit to the day's list.
    """
    suppressed = SuppressionList(key, store.read_suppressions(db))
    barred = find_suppressed(db, suppressed)
    _withdraw_suppressed(db, outreach_type, suppressed, barred)
    ids = campaign_store.campaign_ids(db)
    today = now.date().isoformat()
    gained = {}
    for campaign in campaigns:
        if campaign.settings.type != outreach_type:
            continue
        campaign_id = ids[campaign.name]
        queued = store.read_queued(db, outreach_type)
        queued = queued[queued["campaign_id"] == campaign_id]
        candidates = store.read_candidates(db, campaign_id)
        if outreach_type == "linkedin_message":
            candidates = candidates.sort_values(["priority", "strength", "icp_score"], ascending=[True, False, False], kind="stable")
            free = campaign.settings.daily_limit - store.count_planned(db, campaign_id, today)
        else:
            free = len(candidates)
        elsewhere = store.read_pending_elsewhere(db, campaign_id, outreach_type)
        plan = plan_queue(campaign, candidates, queued, elsewhere, barred, Composer(campaign, settings, key), free, now)
        store.update_queue(
            db, campaign_id, outreach_type, campaign.version, plan.messages, plan.cancelled, plan.exclusions, today, to_text(now)
        )
        gained[campaign.name] = len(plan.messages)
    return gained


def plan_queue(
    campaign: Campaign,
    candidates: pd.DataFrame,
    queued: pd.DataFrame,
    elsewhere: pd.DataFrame,
    barred: Mapping[int, str],
    composer: Composer,
    free: int,
    now: datetime,
) -> QueuePlan:
    """Decides for every target of a campaign.

    Args:
        candidates: as `store.read_candidates`, in the order in which they are served.
        queued: the campaign's rows of `store.read_queued`.
        elsewhere: as `store.read_pending_elsewhere`: who has a message of another campaign.
        barred: contact id → why nobody may write to that person.
        free: how many people may be added.
    """
    plan = QueuePlan()
    is_running = campaign.settings.is_running(now.date())
    wanted = candidates[candidates["priority"].isin(campaign.settings.audience.priorities)]
    rows = to_records(wanted)
    is_wanted = queued["contact_id"].isin(wanted["contact_id"])
    plan.cancelled = {entry["id"]: NO_TARGET for entry in to_records(queued[~is_wanted])}
    queue_ids = dict(zip(queued["contact_id"].tolist(), queued["id"].tolist(), strict=True))
    addresses = set(queued.loc[is_wanted, "work_email"].dropna()) | set(elsewhere["work_email"].dropna())
    others = dict(zip(elsewhere["contact_id"].tolist(), elsewhere["campaign"].tolist(), strict=True))
    added = 0
    for row in rows:
        contact_id = row["contact_id"]
        if row["outreach_status"] not in (None, "cancelled"):
            if row["outreach_status"] == "queued" and row["queued_version"] != campaign.version:
                # nothing went out yet, so the message is written anew by the campaign as it is now
                reason = _compose(plan, composer, campaign.steps[0].name, row, now)
                if reason is not None:
                    plan.cancelled[queue_ids[contact_id]] = reason
                    plan.exclusions[contact_id] = reason
            continue
        reason = barred.get(contact_id) or (None if is_running else NOT_RUNNING)
        if reason is None and contact_id in others:
            reason = f"has a message of the campaign {others[contact_id]}"
        reason = reason or _lacks_address(campaign, row, addresses)
        if reason is None and added >= free:
            reason = f"beyond today's {campaign.settings.daily_limit}"
        reason = reason or _compose(plan, composer, campaign.steps[0].name, row, now)
        if reason is None:
            added += 1
            addresses.add(row["work_email"])
        else:
            plan.exclusions[contact_id] = reason
    return plan


def _withdraw_suppressed(db: Database, outreach_type: str, suppressed: SuppressionList, barred: Mapping[int, str]) -> None:
    """Over all campaigns: a file may be gone, and its messages still stand."""
    queued = to_records(store.read_queued(db, outreach_type))
    reasons = {entry["id"]: barred.get(entry["contact_id"]) or _suppressed_recipient(entry, suppressed) for entry in queued}
    store.cancel(db, {id_: reason for id_, reason in reasons.items() if reason is not None})


def _suppressed_recipient(entry: Mapping[str, object], suppressed: SuppressionList) -> str | None:
    """Why a queued message must not go out: its text names an address of its own, maybe one that the contact had before."""
    return next((reason for person in recipients(entry) if (reason := suppressed.reason(person))), None)


def _lacks_address(campaign: Campaign, row: Mapping[str, object], addresses: set[object]) -> str | None:
    if campaign.settings.type != "email":
        return None if row["linkedin_url"] else "no LinkedIn profile is known"
    if not row["work_email"]:
        return "no e-mail address is known"
    return "the same address is queued for somebody else" if row["work_email"] in addresses else None


def _compose(plan: QueuePlan, composer: Composer, step: str, row: Mapping[str, object], now: datetime) -> str | None:
    """Adds the message; the reason where it cannot be made."""
    try:
        message = composer.compose(row, step, now)
    except TemplateProblem as problem:
        return str(problem)
    contact_id = row["contact_id"]
    assert isinstance(contact_id, int)
    plan.messages.append(store.QueuedMessage(contact_id, message.message_id, message.text, message.sha256))
    return None
