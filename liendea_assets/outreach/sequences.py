"""Which step of a campaign comes next for a person, by what they had of it already. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from liendea_assets.core.clock import from_text
from liendea_assets.outreach.campaigns import Campaign, StepTexts

UNCERTAIN = "a message to the person is uncertain; the sequence waits until it is settled"
UNDER_WAY = "a message to the person is being sent"
ANSWERED = "the person has answered"
BOUNCED = "a message to the person bounced for good"
OPTED_OUT = "the person has opted out"
DONE = "the person has had every step"
_OUT = frozenset({"sent", "responded"})
# A step that came to one of these is not made again by itself.
_ENDS = {"failed": "the step could not be delivered", "held": "the message is held after a restore"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of outreach_log, of whichever contact that is the person now.

    Attributes:
        contact_id: under which it was made. person_id: whose it is by now.
    """

    id: int
    campaign_id: int
    contact_id: int
    person_id: int
    step: int
    status: str
    version: str
    attempts: int
    sent_at: str | None
    send_after: str | None
    schedule_reason: str | None
    mailbox: str | None
    message_id: str | None
    recipient: str | None
    has_answer: bool
    has_bounced: bool
    has_opted_out: bool
    is_settled: bool

    @property
    def is_out(self) -> bool:
        """Whether it was sent for certain."""
        return self.status in _OUT


@dataclass(frozen=True, slots=True)
class Turn:
    """What comes next.

    Attributes:
        number: of the step. earliest: the end of its delay; None for the first message.
        before: what was sent, the oldest first.
    """

    step: StepTexts
    number: int
    earliest: datetime | None
    before: tuple[Entry, ...]


def find_turn(campaign: Campaign, numbers: Mapping[str, int], history: Sequence[Entry]) -> Turn | str:
    """The next step for a person, or why there is none.

    It is the first one that stands after the furthest of those that were sent, in the present order: what was taken out of the campaign
    stays sent, and what was put in before that place is not sent any more.

    Args:
        numbers: step name → its number, which never changes. history: the person's messages of this campaign.
    """
    reason = _find_end(history)
    if reason is not None:
        return reason
    sent = sorted((entry for entry in history if entry.is_out), key=lambda entry: (entry.sent_at or "", entry.id))
    had = {entry.step for entry in sent}
    place = max((place for place, step in enumerate(campaign.steps, start=1) if numbers[step.name] in had), default=0)
    if place >= len(campaign.steps):
        return DONE
    step = campaign.steps[place]
    number = numbers[step.name]
    for entry in history:
        if entry.step == number and entry.status in _ENDS:
            return _ENDS[entry.status]
        if entry.step == number and entry.status == "cancelled" and entry.is_settled:
            return "somebody settled that the step is not sent"
    moments = [from_text(entry.sent_at) for entry in sent if entry.sent_at]
    return Turn(step, number, max(moments) + timedelta(days=step.delay_days) if moments else None, tuple(sent))


def _find_end(history: Sequence[Entry]) -> str | None:
    ends = (
        (OPTED_OUT, any(entry.has_opted_out for entry in history)),
        (ANSWERED, any(entry.has_answer or entry.status == "responded" for entry in history)),
        (BOUNCED, any(entry.has_bounced for entry in history)),
        (UNCERTAIN, any(entry.status == "uncertain" for entry in history)),
        (UNDER_WAY, any(entry.status in ("claimed", "sending") for entry in history)),
    )
    return next((reason for reason, is_so in ends if is_so), None)
