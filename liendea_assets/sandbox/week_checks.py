"""What must hold after a simulated week, by what the mail server took and by what its people wanted; not by what the ledger hopes."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes
from typing import Any

from liendea_assets.core.clock import from_text
from liendea_assets.db.connection import Database, to_records
from liendea_assets.sandbox import week_store as store
from liendea_assets.sandbox.correspondents import Correspondents, Nature
from liendea_assets.sandbox.mail_server import MailSink
from liendea_assets.scoring.suppression_list import SuppressionList

_OPT_OUTS = (Nature.OPTS_OUT_BY_LINK, Nature.OPTS_OUT_IN_WORDS, Nature.COMPLAINS)
# Whose address is good and who asked for nothing: to suppress one of them would lose them for good.
_WELL = (Nature.SILENT, Nature.INTERESTED, Nature.NOT_INTERESTED, Nature.AWAY, Nature.BUSY, Nature.GREYLISTS, Nature.FULL)
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Finding:
    """One check.

    Attributes:
        wrong: how many things break it. looked_at: of how many.
    """

    what: str
    wrong: int
    looked_at: int


def check_week(
    db: Database, sink: MailSink, people: Correspondents, key: bytes, *, per_mailbox: int, per_company: int, per_contact: int
) -> list[Finding]:
    """All checks.

    Args:
        per_mailbox: messages a day. per_company: people of one company in any seven days. per_contact: messages in any seven days.
    """
    taken = [(recipient, str(message_from_bytes(content)["Message-ID"])) for recipient, content in sink.taken()]
    sent = to_records(store.read_sent(db))
    by_day = Counter((row["mailbox"], str(row["sent_at"])[:10]) for row in sent)
    ids = Counter(message_id for _, message_id in taken)
    known = {row["message_id"] for row in sent}
    unsettled = store.read_unsettled(db)
    return [
        # what nobody did cannot go wrong
        Finding("mail was sent, and answers came", (not taken) + (not sink.answered()), len(taken)),
        Finding("nothing was sent twice", sum(count - 1 for count in ids.values()), len(taken)),
        Finding("no step was sent twice", _repeated((row["campaign_id"], row["contact_id"], row["step"]) for row in sent), len(sent)),
        Finding("what arrived is sent in the ledger, and what is sent arrived", len(set(ids) ^ known), len(sent)),
        Finding("nothing is left uncertain", sum(unsettled.values()), len(sent)),
        Finding("nobody suppressed was written to", _written_though_suppressed(db, sent, key), len(sent)),
        Finding("nobody stopped was written to", _written_though_stopped(db, sent), len(sent)),
        Finding(f"at most {per_mailbox} a day from a mailbox", sum(count > per_mailbox for count in by_day.values()), len(by_day)),
        Finding(f"at most {per_company} people of a company in a week", _crowded(sent, "company_id", "contact_id", per_company), len(sent)),
        Finding(f"at most {per_contact} messages to a person in a week", _crowded(sent, "contact_id", "id", per_contact), len(sent)),
        *_wishes(db, sink, people, key),
    ]


def _wishes(db: Database, sink: MailSink, people: Correspondents, key: bytes) -> list[Finding]:
    """Whether everybody is treated as they wanted, by their nature; only those whose answer has come by now count."""
    listed = SuppressionList(key, [(row["kind"], row["key_hash"]) for row in to_records(store.read_suppressions(db))])
    answered = _answered(sink)
    suppressed = {recipient for recipient in sink.recipients() if listed.reason({"work_email": recipient})}
    wanted = {one for one in answered if people.nature(one) in (*_OPT_OUTS, Nature.BOUNCES)}
    well = {one for one in sink.recipients() if people.nature(one) in _WELL}
    return [
        Finding("who opted out, complained or does not exist is suppressed", len(wanted - suppressed), len(wanted)),
        Finding("nobody else was suppressed", len(well & suppressed), len(well)),
    ]


def _answered(sink: MailSink) -> set[str]:
    """Whom answers came from, bounces and complaints as well."""
    found = set()
    for content in sink.answered():
        named = re.search(rb"(?mi)^(?:Final-Recipient: rfc822; *|Original-Rcpt-To: *<)([^>\r\n]+)", content)
        message = message_from_bytes(content)
        found.add(named.group(1).decode().lower() if named else str(message["From"]).rpartition("<")[2].rstrip(">").lower())
    return found


def _written_though_suppressed(db: Database, sent: Sequence[Mapping[str, Any]], key: bytes) -> int:
    entries = to_records(store.read_suppressions(db))
    wrong = 0
    for row in sent:
        before = [(entry["kind"], entry["key_hash"]) for entry in entries if entry["created_at"] < row["sent_at"]]
        if before:
            wrong += SuppressionList(key, before).reason({"work_email": row["recipient"]}) is not None
    return wrong


def _written_though_stopped(db: Database, sent: Sequence[Mapping[str, Any]]) -> int:
    stops = to_records(store.read_stops(db))
    return sum(
        any(
            stop["stopped_at"] < row["sent_at"]
            and (
                (stop["contact_id"] is not None and stop["contact_id"] == row["contact_id"])
                or (stop["company_id"] is not None and stop["company_id"] == row["company_id"])
            )
            for stop in stops
        )
        for row in sent
    )


def _crowded(sent: Sequence[Mapping[str, Any]], group: str, counted: str, most: int) -> int:
    """Groups that had more than so many different ones within some seven days."""
    of_group: dict[object, list[tuple[datetime, object]]] = {}
    for row in sent:
        if row[group] is not None:
            of_group.setdefault(row[group], []).append((from_text(row["sent_at"]), row[counted]))
    return sum(
        any(len({one for moment, one in rows if begin <= moment < begin + _WEEK}) > most for begin, _ in rows) for rows in of_group.values()
    )


def _repeated(keys: Iterable[object]) -> int:
    return sum(count - 1 for count in Counter(keys).values())
