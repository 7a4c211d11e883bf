"""A mail server of the tests' own that takes, refuses and breaks off as it is told, and an account of everything that it took.

The account is kept from the bytes that went over the line alone, so it agrees with nothing that the product believes.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from typing import Literal

from liendea_assets.clients.smtp import Envelope, Refusal
from liendea_assets.clients.smtp_session import Reply
from liendea_assets.core.clock import Clock
from liendea_assets.core.errors import ServiceUnavailable
from liendea_assets.outreach.campaigns import StepTexts
from liendea_assets_tests.outreach.campaigns import make_step

# `objects`: while the message is handed in, its recipient opts out. `ends`: the sender's process is gone, with the message out or not.
Outcome = Literal[
    "takes", "later", "later after the dot", "dead", "dead after the dot", "refuses", "breaks off", "takes in silence", "loses in silence",
    "objects", "ends before the dot", "takes and ends",
]  # fmt: skip
OUTCOMES: tuple[Outcome, ...] = (
    "later", "later after the dot", "dead", "dead after the dot", "refuses", "breaks off", "takes in silence", "loses in silence",
    "objects", "ends before the dot", "takes and ends",
)  # fmt: skip
_LATER, _DEAD = Reply(451, "4.7.1", "come back later"), Reply(550, "5.1.1", "user unknown")
_MARK = re.compile(r"\[(\w+)/([\w-]+)/(\d+)/Robin W(\d+)\]")


class Ended(BaseException):
    """The sender's process ends here."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A message that the server took, by what stands in it.

    Attributes:
        edition: of the campaign that it was written from. contact_id: to whom it is addressed.
    """

    at: datetime
    mailbox: str
    envelope: Envelope
    content: bytes
    campaign: str
    step: str
    edition: int
    contact_id: int

    @property
    def recipient(self) -> str:
        """The address in small letters."""
        return self.envelope.recipient.lower()

    @property
    def message_id(self) -> str:
        """As it stands in the message."""
        return str(message_from_bytes(self.content, policy=policy.SMTP)["Message-ID"]).strip()


def marked_step(campaign: str, name: str, edition: int, delay_days: int) -> StepTexts:
    """A step whose messages say where they are from and whom they are for."""
    mark = f"[{campaign}/{name}/{edition}/{{{{ full_name }}}}]"
    return make_step(name, delay_days, subject=f"{name} of {campaign}", body=f"Hi {{{{ first_name }}}}\n\n{mark}")


def read_accepted(at: datetime, mailbox: str, envelope: Envelope, content: bytes) -> Accepted:
    """What a server may know of a message."""
    part = message_from_bytes(content, policy=policy.SMTP).get_body(("plain",))
    assert part is not None
    found = _MARK.search(part.get_content())
    assert found is not None
    return Accepted(at, mailbox, envelope, content, found[1], found[2], int(found[3]), int(found[4]))


class Line:
    """A connection of one mailbox to the server.

    Args:
        plan: what happens to the next messages; once it is used up the server takes them. Shared by the lines of a run.
        take: called with every message that the server took. refuse: with every address that it does not know. object_to: with every one
            whose person opts out at that moment.
    """

    def __init__(
        self,
        mailbox: str,
        plan: list[Outcome],
        clock: Clock,
        take: Callable[[Accepted], None],
        refuse: Callable[[str], None],
        object_to: Callable[[str], None],
    ) -> None:
        self._mailbox, self._plan, self._clock = mailbox, plan, clock
        self._take, self._refuse, self._object_to = take, refuse, object_to
        self._waiting: tuple[Envelope, bytes, Outcome] | None = None

    def make_ready(self) -> None:
        """Always."""

    def close(self) -> None:
        """What has no final dot is forgotten."""
        self._waiting = None

    def transmit(self, envelope: Envelope, content: bytes) -> Refusal | None:
        """All but the dot."""
        outcome = self._plan.pop() if self._plan else "takes"
        if outcome == "breaks off":
            raise ServiceUnavailable("smtp: the connection was lost")
        if outcome == "ends before the dot":
            raise Ended
        if outcome == "later":
            return Refusal("RCPT", _LATER)
        if outcome == "dead":
            self._refuse(envelope.recipient)
            return Refusal("RCPT", _DEAD)
        if outcome == "objects":
            self._object_to(envelope.recipient)
        self._waiting = envelope, content, outcome
        return None

    def finish(self) -> Reply | None:
        """The dot, after which the message is out unless the server says otherwise."""
        assert self._waiting is not None
        envelope, content, outcome = self._waiting
        self._waiting = None
        if outcome == "later after the dot":
            return _LATER
        if outcome == "dead after the dot":
            self._refuse(envelope.recipient)
            return _DEAD
        if outcome == "refuses":
            return Reply(554, "5.7.1", "not like this")
        if outcome == "loses in silence":
            return None
        self._take(read_accepted(self._clock.now(), self._mailbox, envelope, content))
        if outcome == "takes and ends":
            raise Ended
        return None if outcome == "takes in silence" else Reply(250, "2.0.0", "taken")
