"""Who wrote to whom how often, from messages.csv and Invitations.csv. Counts and dates only; the text is never looked at."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import pandas as pd

from liendea_assets.core.text import fold
from liendea_assets.imports.model import ACTIVITY_COLUMNS
from liendea_assets.imports.values import parse_date, parse_linkedin_id


def find_owner_id(messages: Sequence[list[str]] | None, invitations: Sequence[list[str]] | None, owner: str | None) -> str | None:
    """The owner's own slug: the sender of outgoing invitations, else the sender of messages who bears the owner's name."""
    for row in _by_column(invitations or []):
        if row.get("direction", "").strip().upper() == "OUTGOING":
            slug = _slug(row.get("inviterprofileurl", ""))
            if slug:
                return slug
    wanted = fold(owner or "")
    own = [row for row in _by_column(messages or []) if wanted and fold(row.get("from", "")) == wanted]
    senders = Counter(slug for row in own if (slug := _slug(row.get("sender profile url", ""))))
    return senders.most_common(1)[0][0] if senders else None


def count_messages(records: Sequence[list[str]], owner_id: str) -> pd.DataFrame:
    """Messages in direct threads per person: `linkedin_id`, `sent` (by the owner), `received`, `last_received_on` (date or None).

    Drafts, spam and sponsored messages (no sender address) do not count, and a thread with several people is no sign of a tie.
    """
    sent: Counter[str] = Counter()
    received: Counter[str] = Counter()
    last: dict[str, str] = {}
    for row in _by_column(records):
        sender = _slug(row.get("sender profile url", ""))
        recipients = [slug for url in row.get("recipient profile urls", "").split(",") if (slug := _slug(url))]
        if sender is None or len(recipients) != 1 or _is_unsent(row):
            continue
        if sender == owner_id:
            sent[recipients[0]] += 1
        elif recipients[0] == owner_id:
            received[sender] += 1
            last[sender] = max(last.get(sender, ""), _day(row))
    people = sorted(sent.keys() | received.keys())
    rows = [(person, sent[person], received[person], last.get(person) or None) for person in people]
    return pd.DataFrame(rows, columns=list(ACTIVITY_COLUMNS), dtype=object)


def _is_unsent(row: dict[str, str]) -> bool:
    drafts = (row.get("is message draft", ""), row.get("is conversation draft", ""))
    return row.get("folder", "").upper() == "SPAM" or any(value.strip().lower() in ("yes", "true") for value in drafts)


def _day(row: dict[str, str]) -> str:
    """The date of a message; empty where a spreadsheet has rewritten it, or LinkedIn's form of it changed."""
    try:
        return parse_date(row.get("date", "")[:10], ("%Y-%m-%d",))
    except ValueError:
        return ""


def _by_column(records: Iterable[list[str]]) -> Iterator[dict[str, str]]:
    """Rows by lower-cased column name; the header is the first record."""
    header: list[str] | None = None
    for record in records:
        if header is None:
            header = [name.strip().lower() for name in record]
        else:
            yield dict(zip(header, record, strict=False))


def _slug(url: str) -> str | None:
    try:
        return parse_linkedin_id(url)
    except ValueError:
        return None
