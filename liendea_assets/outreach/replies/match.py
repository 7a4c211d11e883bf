"""What in a message says which of ours it is about. Looking it up is the store's."""

import re
from dataclasses import dataclass

from liendea_assets.outreach.replies.bounces import original_ids
from liendea_assets.outreach.replies.optout import TOKEN
from liendea_assets.outreach.replies.parse import ParsedMail, addresses_of, first_address, message_ids

# The part of an address behind +, = or - where some sender put the token of a message: bounces+TOKEN@, unsubscribe+TOKEN@.
_TAGGED = re.compile(r"[^@\s<>]{1,40}?[-+=]([A-Za-z0-9_-]{20,80})@")
_MOST = 60


@dataclass(frozen=True, slots=True)
class Hints:
    """What a message says of the one it is about, each the best first.

    Attributes:
        tokens: of a subject, of the address it came to, of a copy of our message.
        message_ids: it answers, or reports on.
        addresses: of whom it is about; of the sender for an answer, of the recipient for a report.
    """

    tokens: tuple[str, ...]
    message_ids: tuple[str, ...]
    addresses: tuple[str, ...]


def find_hints(mail: ParsedMail, recipient: str | None, *, is_report: bool) -> Hints:
    """Everything that may tell which message it is.

    Args:
        recipient: whom a report names.
        is_report: a bounce or complaint, which somebody else sends than the person it is about.
    """
    tokens = TOKEN.findall(mail.subject)
    for name in ("to", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "cc"):
        for value in mail.headers.get(name, ()):
            tokens += _TAGGED.findall(value)
    for value in (*mail.original.get("list-unsubscribe", ()), mail.original.get("return-path", ("",))[0]):
        tokens += TOKEN.findall(value) + _TAGGED.findall(value)
    # in the quotation of an answer, where a relay has given our message another Message-ID
    for text in (mail.plain, mail.whole_html or "", mail.original_text):
        tokens += TOKEN.findall(text)
    answered = message_ids(mail.header("in-reply-to"))
    referred = message_ids(mail.header("references"))[::-1]
    quoted = original_ids(mail)
    ids = [*quoted, *answered, *referred] if is_report else [*answered, *referred, *quoted]
    people = [recipient] if is_report else [mail.from_address, first_address(mail.header("reply-to")), first_address(mail.header("sender"))]
    if is_report and recipient is None:
        people += addresses_of(" ".join(mail.original.get("to", ())))
    return Hints(
        tuple(dict.fromkeys(tokens))[:_MOST],
        tuple(dict.fromkeys(ids))[:_MOST],
        tuple(dict.fromkeys(address for address in people if address))[:10],
    )
