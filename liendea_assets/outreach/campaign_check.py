"""What would happen if a campaign ran as it stands: whom it reaches, what they would read, what is wrong with it, and when it would end."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pandas as pd

from liendea_assets.db.connection import Database, to_records
from liendea_assets.outreach import audience_store, campaign_store
from liendea_assets.outreach.campaign_forecast import ForecastDay, Reader, forecast
from liendea_assets.outreach.campaign_preview import Preview, preview_row
from liendea_assets.outreach.campaigns import Campaign
from liendea_assets.outreach.lint import Finding, lint_email, lint_note, merged
from liendea_assets.outreach.messages import VARIABLES, Composer
from liendea_assets.outreach.settings import OutreachSettings
from liendea_assets.outreach.templates import HtmlTemplate, MessageTemplate
from liendea_assets.scoring.audience import in_audience, vocabulary_in_force

SHOWN = 10
# Messages are made for so many of the audience, spread over it: a thousand took some seconds.
MOST_RENDERED = 500
# of each wording so many are looked at by the rules, besides those that are shown
LINTED_OF_EACH = 3


@dataclass(frozen=True, slots=True)
class CampaignCheck:
    """The answer.

    Attributes:
        audience: people whom the campaign names. tried: of these, for whom every step was rendered.
        problems: why steps cannot be written, with how many of the people who were tried it concerns.
        samples: the best of the audience, each with every step.
        findings: each with the steps that it is about; errors first.
        days: on which something would go out, if nobody answered.
    """

    audience: int
    tried: int
    problems: Mapping[str, int]
    samples: Sequence[Sequence[Preview]]
    findings: Sequence[tuple[Finding, tuple[str, ...]]]
    days: Sequence[ForecastDay]

    @property
    def errors(self) -> int:
        """Findings that keep it from being approved."""
        return sum(finding.level == "error" for finding, _ in self.findings)


def check_campaign(
    db: Database, campaign: Campaign, settings: OutreachSettings, key: bytes, now: datetime, most_a_day: int | None = None
) -> CampaignCheck:
    """Renders, lints and forecasts. Nothing is stored.

    Args:
        most_a_day: e-mails that rate_limits.yaml allows in a day.

    Raises:
        TemplateProblem: a template of outreach.yaml is not valid.
    """
    readers = audience_store.read_readers(db)
    audience = campaign.settings.audience.model_dump(mode="json", exclude_none=True)
    readers = readers[in_audience(readers, audience, vocabulary_in_force(db))]
    rows = to_records(readers)
    composer = Composer(campaign, settings, key)
    others = rows[SHOWN:]
    stride = max(1, -(-len(others) // MOST_RENDERED))
    made = [preview_row(campaign, composer, row, now) for row in [*rows[:SHOWN], *others[::stride]]]
    # what comes after a step that cannot be made is no problem of its own
    problems = Counter(reason for person in made if (reason := next((one.problem for one in person if one.problem), None)))
    findings = [*_variables(campaign, settings), *_lint(campaign, made, settings)]
    days: list[ForecastDay] = []
    if campaign.settings.type == "email":
        start = max(filter(None, (now.date(), campaign.settings.start_date)))
        days = forecast(
            _readers(db, campaign, readers),
            campaign.settings.delays,
            campaign.settings.daily_limit,
            settings.mailboxes_of(campaign.settings),
            audience_store.read_mailbox_days(db),
            settings.window,
            settings.caps,
            start,
            campaign.settings.end_date,
            most_a_day,
        )
    return CampaignCheck(len(rows), len(made), dict(problems.most_common()), made[:SHOWN], merged(findings), days)


def by_week(days: Sequence[ForecastDay]) -> list[ForecastDay]:
    """The same, summed by week; `day` is its Monday."""
    weeks: dict[date, ForecastDay] = {}
    for one in days:
        monday = one.day - timedelta(days=one.day.weekday())
        so_far = weeks.get(monday, ForecastDay(monday, 0, 0))
        weeks[monday] = ForecastDay(monday, so_far.first + one.first, so_far.follow_ups + one.follow_ups)
    return list(weeks.values())


def _variables(campaign: Campaign, settings: OutreachSettings) -> Iterator[tuple[str, Finding]]:
    """Names that no message knows, however the sample comes out."""
    known = VARIABLES.keys() - ({"unsubscribe_url"} if settings.public.base_url is None else set())
    for step in campaign.steps:
        for wording in step.wordings:
            asked = set(MessageTemplate(wording.subject).variables)
            asked |= MessageTemplate(wording.body or "").variables | HtmlTemplate(wording.html or "").variables
            for name in sorted(asked - known):
                yield step.name, Finding("error", "variables", f"{{{{ {name} }}}} is no variable; docs/campaigns.md lists them")


def _lint(campaign: Campaign, made: Sequence[Sequence[Preview]], settings: OutreachSettings) -> Iterator[tuple[str, Finding]]:
    seen: Counter[object] = Counter()
    for place, person in enumerate(made):
        for one in person:
            if one.rendered is None or one.message is None:
                continue
            seen[wording := (one.step, one.rendered.variant, one.rendered.language)] += 1
            if place >= SHOWN and seen[wording] > LINTED_OF_EACH:
                continue
            if campaign.settings.type == "email":
                found = lint_email(one.rendered, one.message, settings, is_first=one.step == campaign.steps[0].name)
            else:
                found = lint_note(one.rendered, campaign.settings.type, settings.linkedin.note_characters)
            yield from ((one.step, finding) for finding in found)


def _readers(db: Database, campaign: Campaign, readers: pd.DataFrame) -> list[Reader]:
    """Those with an address, with how far they are. A message that failed, or was answered, ends the sequence."""
    sent: Counter[int] = Counter()
    last: dict[int, date] = {}
    campaign_id = campaign_store.campaign_ids(db).get(campaign.name)
    for row in to_records(audience_store.read_progress(db, campaign_id)) if campaign_id is not None else []:
        sent[row["contact_id"]] += 1 if row["status"] == "sent" else len(campaign.steps)
        if row["sent_at"]:
            last[row["contact_id"]] = date.fromisoformat(row["sent_at"][:10])
    found = to_records(readers[readers["work_email"].notna()][["contact_id", "company_id", "company"]])
    return [
        Reader(row["contact_id"], row["company_id"] or row["company"], sent[row["contact_id"]], last.get(row["contact_id"]))
        for row in found
    ]
