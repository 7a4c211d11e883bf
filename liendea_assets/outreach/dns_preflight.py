"""Asking the DNS about the senders' domains before anything is sent, and keeping the answers for the gate, which asks nobody."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from liendea_assets.clients.dns_records import DnsAnswer, RecordKind
from liendea_assets.core.clock import to_text
from liendea_assets.core.errors import ServiceUnavailable
from liendea_assets.db.connection import Database
from liendea_assets.outreach.gate import record_store as store
from liendea_assets.outreach.gate.sending_rules import is_loopback, needed_records
from liendea_assets.outreach.settings import OutreachSettings


class Records(Protocol):
    """Who looks records up; `clients.dns_records.DnsRecords` does."""

    def look_up(self, kind: RecordKind, name: str) -> DnsAnswer:
        """Raises `ServiceUnavailable` where nobody answered."""
        ...


@dataclass(frozen=True, slots=True)
class RecordCheck:
    """What is known of one record.

    Attributes:
        is_ok: None where it could not be asked about; what was found before stands then, until it is too old.
    """

    kind: RecordKind
    name: str
    is_ok: bool | None
    detail: str


def check_records(
    db: Database, settings: OutreachSettings, smtp_hosts: Mapping[str, str], records: Records, now: datetime
) -> list[RecordCheck]:
    """Looks up what the mailboxes' domains need, each record once, and stores it. Mailboxes that are exempt are left out."""
    dns = settings.gate.dns
    needed: dict[tuple[RecordKind, str], None] = {}
    for mailbox in settings.all_mailboxes:
        if not (dns.exempt_loopback and is_loopback(smtp_hosts.get(mailbox.name, ""))):
            needed |= dict.fromkeys(needed_records(mailbox, dns))
    found = [_check(records, kind, name) for kind, name in needed]
    rows = [
        {"name": one.name, "kind": one.kind, "is_ok": int(one.is_ok), "detail": one.detail, "now": to_text(now)}
        for one in found
        if one.is_ok is not None and one.name
    ]
    store.store_dns_checks(db, rows)
    return found


def _check(records: Records, kind: RecordKind, name: str) -> RecordCheck:
    if not name:
        return RecordCheck(kind, name, False, "the selector is not configured (mailboxes.dkim or gate.dns.selectors)")
    try:
        answer = records.look_up(kind, name)
    except ServiceUnavailable as problem:
        return RecordCheck(kind, name, None, str(problem))
    return RecordCheck(kind, name, answer.is_ok, answer.detail)
