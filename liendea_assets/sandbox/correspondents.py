"""The invented people who get mail in the sandbox: how each of them takes it, the same way every time.

What somebody does follows from a keyed hash of the address alone. What they answer is in `mail_answers`.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from liendea_assets.sandbox import mail_answers as answers

# Greylisting servers want a few minutes between the tries.
GREYLISTED_FOR = timedelta(minutes=5)


class Nature(StrEnum):
    """How somebody, or their server, takes mail."""

    SILENT = "silent"
    INTERESTED = "interested"
    NOT_INTERESTED = "not interested"
    AWAY = "out of office"
    LEFT = "left the company"
    OPTS_OUT_BY_LINK = "unsubscribes by mailto"
    OPTS_OUT_IN_WORDS = "unsubscribes in words"
    NOBODY = "refused at RCPT"
    BOUNCES = "bounces"
    BUSY = "busy at first"
    FULL = "mailbox full"
    GREYLISTS = "greylists"
    COMPLAINS = "complains"


# of a hundred people; more of what is worth seeing than real life has
SHARES: Mapping[Nature, int] = {
    Nature.SILENT: 30,
    Nature.INTERESTED: 9,
    Nature.NOT_INTERESTED: 7,
    Nature.AWAY: 9,
    Nature.LEFT: 4,
    Nature.OPTS_OUT_BY_LINK: 7,
    Nature.OPTS_OUT_IN_WORDS: 6,
    Nature.NOBODY: 5,
    Nature.BOUNCES: 5,
    Nature.BUSY: 5,
    Nature.FULL: 4,
    Nature.GREYLISTS: 6,
    Nature.COMPLAINS: 3,
}

# hours from the delivery to the answer, at least and at most
_DELAYS: Mapping[Nature, tuple[float, float]] = {
    Nature.INTERESTED: (1, 20),
    Nature.NOT_INTERESTED: (1, 30),
    Nature.AWAY: (0, 0),
    Nature.LEFT: (0, 0),
    Nature.OPTS_OUT_BY_LINK: (0.5, 20),
    Nature.OPTS_OUT_IN_WORDS: (1, 24),
    Nature.BOUNCES: (0, 0.2),
    Nature.FULL: (20, 30),
    Nature.COMPLAINS: (2, 20),
}
_WRITE: Mapping[Nature, Callable[[answers.Taken], answers.Answer | None]] = {
    Nature.INTERESTED: answers.interested,
    Nature.NOT_INTERESTED: answers.not_interested,
    Nature.AWAY: answers.out_of_office,
    Nature.LEFT: answers.left_the_company,
    Nature.OPTS_OUT_BY_LINK: answers.opt_out_by_link,
    Nature.OPTS_OUT_IN_WORDS: answers.opt_out_in_words,
    Nature.BOUNCES: answers.hard_bounce,
    Nature.FULL: answers.full_mailbox,
    Nature.COMPLAINS: answers.complaint,
}
# These wait for the second message now and then; a server does not.
_HUMANS = (Nature.INTERESTED, Nature.NOT_INTERESTED, Nature.OPTS_OUT_BY_LINK, Nature.OPTS_OUT_IN_WORDS, Nature.COMPLAINS)


@dataclass(frozen=True, slots=True)
class Refused:
    """What a server says instead of taking mail: the code, the enhanced status, the text."""

    code: int
    status: str
    text: str

    def __str__(self) -> str:
        """As it goes over the wire."""
        return f"{self.code} {self.status} {self.text}"


class Correspondents:
    """Everybody at once.

    Args:
        seed: another seed, other people.
        natures: of people who are not left to chance, by address.
    """

    def __init__(self, seed: int = 0, natures: Mapping[str, Nature] | None = None) -> None:
        self._seed = seed
        self._natures = {address.lower(): nature for address, nature in (natures or {}).items()}

    def nature(self, address: str) -> Nature:
        """How somebody takes mail."""
        given = self._natures.get(address.lower())
        if given is not None:
            return given
        place = self._draw(address, "nature") * sum(SHARES.values())
        for nature, share in SHARES.items():
            place -= share
            if place < 0:
                return nature
        return Nature.SILENT

    def at_rcpt(self, address: str, first_try: datetime, now: datetime) -> Refused | None:
        """What the server says to RCPT; None where it takes it.

        Args:
            first_try: when mail for this address came for the first time; the present moment for the first try.
        """
        nature = self.nature(address)
        if nature is Nature.NOBODY:
            return Refused(550, "5.1.1", f"<{address}>: Recipient address rejected: User unknown in local recipient table")
        if nature is Nature.GREYLISTS and now - first_try < GREYLISTED_FOR:
            return Refused(450, "4.2.0", f"<{address}>: Recipient address rejected: Greylisted, see you in five minutes")
        return None

    def at_data(self, address: str, tries: int) -> Refused | None:
        """What the server says to the message; None where it takes it.

        Args:
            tries: how often a message for this address came so far, this time included.
        """
        if self.nature(address) is Nature.BUSY and tries == 1:
            return Refused(451, "4.3.2", "Service temporarily unavailable, try again later")
        return None

    def answer(self, taken: answers.Taken, number: int) -> tuple[timedelta, answers.Answer] | None:
        """What comes back for a message that was taken, and after how long; None for nothing.

        Args:
            number: the how manieth message of all that this person got.
        """
        nature = self.nature(taken.recipient)
        write = _WRITE.get(nature)
        patience = 2 if nature in _HUMANS and self._draw(taken.recipient, "patience") < 0.3 else 1
        # a server tells it about every message, a person once
        if write is None or (number != patience and nature not in (Nature.BOUNCES, Nature.FULL)):
            return None
        least, most = _DELAYS[nature]
        delay = timedelta(hours=least + (most - least) * self._draw(taken.recipient, f"delay {number}"))
        told = write(taken.after(delay))
        return None if told is None else (delay, told)

    def _draw(self, address: str, what: str) -> float:
        """0 to 1, by the seed, the address and what is asked."""
        digest = hashlib.blake2b(f"{what}\x00{address.lower()}".encode(), key=str(self._seed).encode(), digest_size=8).digest()
        return int.from_bytes(digest) / 2**64
