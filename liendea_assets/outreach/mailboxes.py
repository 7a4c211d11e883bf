"""A mailbox that sends: its connection, who its messages are from, and its signature."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from liendea_assets.clients.smtp import Envelope, Refusal
from liendea_assets.clients.smtp_session import Reply
from liendea_assets.outreach.settings import OutreachSettings


class Connection(Protocol):
    """What sending needs of a mail server; `clients.smtp.SmtpConnection` is one."""

    def make_ready(self) -> None:
        """Opens it where it is not open. Raises ServiceUnavailable."""
        ...

    def transmit(self, envelope: Envelope, content: bytes) -> Refusal | None:
        """Everything but the final dot; None when the server waits for it. Raises ServiceUnavailable, UnsendableMessage."""
        ...

    def finish(self) -> Reply | None:
        """The final dot; None where no answer came. Raises ServiceUnavailable where the dot was not sent."""
        ...

    def close(self) -> None:
        """Hangs up."""
        ...


def unsigned(content: bytes) -> bytes:
    """For a mailbox whose server signs."""
    return content


@dataclass(slots=True)
class Mailbox:
    """One of the senders.

    Attributes:
        sender: of the envelope, where bounces go.
        sign: from a message to the same with a signature before it.
        failures: connections in a row that came to nothing.
        trouble: why it is not used any more in this run.
    """

    name: str
    sender: str
    connection: Connection
    sign: Callable[[bytes], bytes] = unsigned
    failures: int = 0
    trouble: str | None = None


# From the settings to the mailboxes by name, those that have a mail server.
OpenMailboxes = Callable[[OutreachSettings], Mapping[str, Mailbox]]
