"""What a mail server's log says about messages: Postfix, Exim, sendmail, and others that write the Message-ID beside what became of it."""

import re
from collections.abc import Iterable

_POSTFIX_ID = re.compile(r"postfix[\w./-]*/cleanup\[\d+\]: (?P<queue>[0-9A-Za-z]+): (?:resent-)?message-id=(?P<id><[^>\s]+>)")
# Postfix writes the Message-ID while a message comes in, before its final dot; in the queue it is only once the dot was answered.
_POSTFIX_TAKEN = re.compile(r"postfix[\w./-]*/(?:qmgr|smtp|lmtp|local|virtual|pipe|error|bounce)\[\d+\]: (?P<queue>[0-9A-Za-z]+): ")
_POSTFIX = re.compile(r"postfix[\w./-]*\[\d+\]:")
_EXIM_TAKEN = re.compile(r" <= .* id=(?P<id>[^\s>]+@[^\s>]+)")
_ANY_ID = re.compile(r"<[^<>\s@]+@[^<>\s]+>")
_TAKEN = re.compile(r"\b(accepted|queued|delivered|taken|stat=sent|status=sent)\b", re.IGNORECASE)
_NOT_TAKEN = re.compile(r"\b(not|reject(ed)?|refused|lost|discard(ed)?|timeout|aborted|denied|error|fail(ed|ure)?)\b", re.IGNORECASE)


def find_accepted(lines: Iterable[str]) -> set[str]:
    """The Message-IDs, with their angle brackets, of the messages that a server took responsibility for.

    Addresses in angle brackets beside them are among them.
    """
    found: set[str] = set()
    incoming: dict[str, str] = {}
    for line in lines:
        if (seen := _POSTFIX_ID.search(line)) is not None:
            incoming[seen["queue"]] = seen["id"]
        elif (taken := _POSTFIX_TAKEN.search(line)) is not None:
            if taken["queue"] in incoming:
                found.add(incoming[taken["queue"]])
        elif (exim := _EXIM_TAKEN.search(line)) is not None:
            found.add(f"<{exim['id'].strip('<>')}>")
        elif not _POSTFIX.search(line) and _TAKEN.search(line) and not _NOT_TAKEN.search(line):
            found.update(_ANY_ID.findall(line))
    return found
