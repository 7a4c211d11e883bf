"""What a mail server's no means: of this message, of the address, or of the mailbox that sends."""

import re
from typing import Literal

from liendea_assets.clients.smtp import Refusal
from liendea_assets.clients.smtp_session import Reply

# RFC 3463: of the addresses of the recipient's system, not those of the sender (5.1.7, 5.1.8); and a mailbox that is closed. 5.1.10 is a
# domain that takes no mail (RFC 7505).
_DEAD = {"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"}
_UNKNOWN_USER = re.compile(
    r"(user|mailbox|recipient|address|account)\b.{0,40}\b(unknown|not found|not exist|n't exist|disabled|unavailable|invalid)"
    r"|(unknown|no such|invalid) (local )?(user|mailbox|recipient|address|account)",
    re.IGNORECASE,
)


def judge(refusal: Refusal) -> Literal["again", "dead address", "failed", "mailbox"]:
    """What follows from a refusal: another try later, nothing more to this address, nothing more of this message, or a look at the mailbox.

    Only what says that there is no such address makes it dead: a 550 without more may be about the sender, and is no hard bounce.
    """
    reply = refusal.reply
    if reply.is_temporary:
        return "again"
    if refusal.to == "MAIL" and reply.status != "5.3.4" and reply.code != 552:
        # of whatever this mailbox sends
        return "mailbox"
    return "dead address" if _is_dead(refusal.to, reply) else "failed"


def _is_dead(to: str, reply: Reply) -> bool:
    if reply.status not in (None, "5.1.0", "5.0.0"):
        return reply.status in _DEAD
    return to == "RCPT" and reply.code in (550, 551, 553) and _UNKNOWN_USER.search(reply.text) is not None
