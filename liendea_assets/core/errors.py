"""The errors of LIENDEA, split by what helps.

```text
LiendeaError
├── SettingsError         stop: a setting or a secret must be changed first
├── PermanentError        record it and go on: trying again changes nothing
│   ├── UnreadableFile    a file in the inbox that cannot be imported
│   ├── UnknownRecord     a contact, company, row or decision that there is not
│   ├── BadValue          a value set by hand that no import would take
│   ├── Contradiction     a decision that cannot be true beside those in force
│   ├── RejectedAnswer    a service answered, and the answer breaks its contract
│   ├── TemplateProblem   a message that cannot be rendered
│   └── UnsendableMessage a message that the mail server cannot take as it is
└── TransientError        try again later
    ├── ServiceUnavailable  no usable answer within the attempts that are allowed
    ├── BudgetUsedUp        the next call may cost more than is left of the user's own budget
    ├── QuotaGone           the credits or requests of a billing period are used up
    ├── LimitReached        the next slot is further away than the caller will wait
    └── Stopped             the run ends, so a call that had not begun was not made
```
Messages name the file, row or key, what was found and what is allowed; never a person or a secret.
"""

from typing import Literal


class LiendeaError(Exception):
    """Anything this package raises on purpose."""


class SettingsError(LiendeaError):
    """A setting is missing or wrong; nothing was started."""


class PermanentError(LiendeaError):
    """This one thing cannot be done; the rest of the batch goes on."""


class UnreadableFile(PermanentError):
    """A file in the inbox that cannot be imported; the text is the reason shown to the user."""


class UnknownRecord(PermanentError):
    """A contact, company, row or decision that there is not; the text says what there is."""


class BadValue(PermanentError):
    """A value set by hand that no import would take; the text says what is allowed, and not the value."""


class Contradiction(PermanentError):
    """A decision that cannot be true beside those in force; the text names them. Nothing of it was stored."""


class RejectedAnswer(PermanentError):
    """A service's answer that does not fit its contract; nothing of it was stored.

    Attributes:
        answer_hash: SHA-256 of the raw answer, where there was a whole one.
    """

    def __init__(self, message: str, answer_hash: str | None = None) -> None:
        super().__init__(message)
        self.answer_hash = answer_hash


class TemplateProblem(PermanentError):
    """A message that cannot be rendered for this contact; the text is the reason."""


class UnsendableMessage(PermanentError):
    """A message that needs what the mail server does not offer, or is larger than it takes; the text is the reason."""


class TransientError(LiendeaError):
    """Worth another try later; what was done so far is kept."""


class ServiceUnavailable(TransientError):
    """The service gave no usable answer within the attempts that are allowed.

    Attributes:
        blame: what that tells of the next call. service: it would meet the same. call: this one was taken and failed, and others may be
            answered. circuit: so was this one, and it opened the circuit, or was its probe.
    """

    def __init__(self, message: str, *, blame: Literal["service", "call", "circuit"] = "service") -> None:
        super().__init__(message)
        self.blame = blame


class BudgetUsedUp(TransientError):
    """The next call may cost more than is left of the day's or the month's credits that the user allows."""


class QuotaGone(TransientError):
    """What the service allows in a billing period is used up; waiting minutes does not help."""


class LimitReached(TransientError):
    """Every window is full and the next slot is further away than the caller is willing to wait.

    Attributes:
        wait_s: seconds until the next slot.
    """

    def __init__(self, message: str, wait_s: float) -> None:
        super().__init__(message)
        self.wait_s = wait_s


class Stopped(TransientError):
    """The run ends: what had not begun was not begun any more."""
