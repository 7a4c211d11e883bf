"""What one person would get: every step of a campaign as it would be written now, or the reason why it cannot be."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from liendea_assets.core.errors import TemplateProblem
from liendea_assets.db.connection import Database, to_records
from liendea_assets.outreach import audience_store
from liendea_assets.outreach.campaigns import Campaign
from liendea_assets.outreach.messages import Composer, Message, Rendered, Thread
from liendea_assets.outreach.settings import OutreachSettings
from liendea_assets.scoring.audience import in_audience, vocabulary_in_force


@dataclass(frozen=True, slots=True)
class Preview:
    """One step for one person: either `rendered` and `message`, or `problem`.

    Attributes:
        is_in_audience: whether the campaign is for this person at all.
        message: as it would be queued; its text is the whole e-mail.
    """

    contact_id: int
    step: str
    is_in_audience: bool
    rendered: Rendered | None = None
    message: Message | None = None
    problem: str | None = None


def preview(
    db: Database,
    campaign: Campaign,
    contact_id: int,
    settings: OutreachSettings,
    key: bytes,
    now: datetime,
    variant: str | None = None,
    language: str | None = None,
) -> list[Preview]:
    """Every step for one contact, in order. Nothing is stored.

    Args:
        variant, language: instead of those that the person would get.
    """
    rows = to_records(found := audience_store.read_readers(db, contact_id))
    if not rows:
        problem = audience_store.why_no_target(db, contact_id)
        return [Preview(contact_id, step.name, is_in_audience=False, problem=problem) for step in campaign.steps]
    audience = campaign.settings.audience.model_dump(mode="json", exclude_none=True)
    is_in = bool(in_audience(found, audience, vocabulary_in_force(db)).iloc[0])
    return preview_row(campaign, Composer(campaign, settings, key), rows[0], now, variant, language, is_in_audience=is_in)


def preview_row(
    campaign: Campaign,
    composer: Composer,
    row: Mapping[str, object],
    now: datetime,
    variant: str | None = None,
    language: str | None = None,
    *,
    is_in_audience: bool = True,
) -> list[Preview]:
    """As `preview`, of a row of `audience_store.read_readers`. A follow-up is shown in the thread of the steps before it."""
    contact_id = int(str(row["contact_id"]))
    lacks = _lacks(campaign, row)
    found: list[Preview] = []
    thread: Thread | None = None
    for step in campaign.steps:
        try:
            if lacks:
                raise TemplateProblem(lacks)
            if missing := next((one.step for one in found if one.problem), None):
                raise TemplateProblem(f"the step {missing} before it cannot be made")
            rendered = composer.render(row, step.name, variant, language, thread)
            message = composer.compose(row, step.name, now, variant, language, thread)
        except TemplateProblem as problem:
            found.append(Preview(contact_id, step.name, is_in_audience, problem=str(problem)))
            continue
        found.append(Preview(contact_id, step.name, is_in_audience, rendered, message))
        if message.message_id:
            before = thread.message_ids if thread else ()
            thread = Thread((*before, message.message_id), thread.subject if thread else rendered.subject)
    return found


def _lacks(campaign: Campaign, row: Mapping[str, object]) -> str | None:
    if campaign.settings.type == "email":
        return None if row["work_email"] else "no e-mail address is known"
    return None if row["linkedin_url"] else "no LinkedIn profile is known"
