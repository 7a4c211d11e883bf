"""What to mind when writing to somebody on LinkedIn by hand: whose tie it is, how fresh, and what not to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

# After a year without a word nobody is "in touch".
STALE_DAYS = 365
# `imports.tie_strength`: without an answer of theirs no tie is stronger.
UNANSWERED = 3.0
NEVER_WROTE = "never wrote"


@dataclass(frozen=True, slots=True)
class Tie:
    """The strongest tie of the team to a person.

    Attributes:
        strength: 0-10; None where the export has no messages. last_exchange_on: YYYY-MM-DD of the last message, either way.
        evidence: as linkedin_connections tells it.
    """

    colleague: str
    strength: float | None
    last_exchange_on: str | None
    evidence: Sequence[str]


def advise(tie: Tie | None, day: date, *, is_invitation: bool, may_have_note: bool, is_inmail: bool) -> tuple[str, ...]:
    """Sentences for whoever writes, the most useful one first."""
    return (*_who(tie, is_invitation=is_invitation, is_inmail=is_inmail), *_what_not(tie, day, is_invitation, may_have_note))


def _who(tie: Tie | None, *, is_invitation: bool, is_inmail: bool) -> list[str]:
    if tie is None:
        how = "an InMail reaches them" if is_inmail else "only an invitation reaches them"
        return [f"Nobody of the team is connected with them: {how}."]
    strength = "of unknown strength" if tie.strength is None else f"{tie.strength:g} of 10"
    known = f" ({'; '.join(tie.evidence)})" if tie.evidence else ""
    last = f" Last exchange on {tie.last_exchange_on}." if tie.last_exchange_on else " No exchange is known."
    return [
        f"Tie of {tie.colleague}, {strength}{known}.{last}",
        f"Best written by {tie.colleague}, or after asking {tie.colleague}; from anybody else it is an invitation."
        if not is_invitation
        else f"Ask {tie.colleague} before you name them.",
    ]


def _what_not(tie: Tie | None, day: date, is_invitation: bool, may_have_note: bool) -> list[str]:
    advice = []
    if tie is not None and tie.last_exchange_on and (day - date.fromisoformat(tie.last_exchange_on)).days > STALE_DAYS:
        advice.append("Do not write as if you had been in touch: the last exchange is more than a year ago.")
    if tie is not None and (NEVER_WROTE in tie.evidence or (tie.strength is not None and tie.strength <= UNANSWERED)):
        advice.append("Do not claim a close tie: they hardly ever answered.")
    if is_invitation:
        advice.append(
            "Do not sell in the note: say why you would like to be connected."
            if may_have_note
            else "Do not squeeze the text into a note, it is too long: invite without one, and write once they have accepted."
        )
    return [
        *advice,
        "Do not quote scores or data that they did not publish, and do not promise anything in a colleague's name.",
    ]
