"""Builders of campaigns, and the settings that every message of the tests is made with."""

from datetime import date

from liendea_assets.outreach.campaigns import Campaign, StepTexts, Wording
from liendea_assets.outreach.settings import Audience, CampaignSettings, OutreachSettings, Sender, Step

KEY = bytes(range(32))
OTHER_KEY = bytes(range(1, 33))

SETTINGS = OutreachSettings(
    sender=Sender(
        name="Sam Rivera",
        title="Account Executive",
        company="Northwind Analytics",
        email="sam.rivera@northwind.example",
        postal_address="Northwind Analytics, 1 Sample Street, Springfield, IL 62701, USA",
    ),
    unsubscribe_mailbox="unsubscribe@northwind.example",
    footer='This is a commercial message from {{ sender_company }}. Reply with "unsubscribe" or write to {{ unsubscribe }}.',
)


def make_step(
    name: str = "step-1", delay_days: int = 0, *wordings: Wording, subject: str = "", body: str = "Hi {{ first_name }}"
) -> StepTexts:
    """A step in the wordings that are given, or in one."""
    return StepTexts(name=name, delay_days=delay_days, wordings=wordings or (Wording(subject=subject, body=body),))


def make_campaign(
    kind: str = "email",
    *,
    name: str | None = None,
    subject: str = "{{ first_name }}, a question",
    body: str = "Hi {{ first_name }} of {{ company }}",
    html: str | None = None,
    status: str = "active",
    daily_limit: int = 2,
    priorities: tuple[int, ...] = (1, 2, 3, 4, 5),
    start_date: date | None = None,
    end_date: date | None = None,
    follow_ups: tuple[StepTexts, ...] = (),
    version: str = "v1",
) -> Campaign:
    """A running campaign without a file: a first step, and the follow-ups that are given."""
    steps = (make_step("step-1", 0, Wording(subject=subject, body=body, html=html)), *follow_ups)
    settings = CampaignSettings.model_validate(
        {
            "type": kind,
            "status": status,
            "daily_limit": daily_limit,
            "audience": Audience(priorities=priorities),
            "start_date": start_date,
            "end_date": end_date,
            "steps": tuple(Step(name=step.name, delay_days=step.delay_days, subject=subject, body="templates/any.txt") for step in steps),
        }
    )
    return Campaign(name=name or f"{kind}_campaign", settings=settings, steps=steps, version=version)
