"""A message that the gate lets out, with all that it needs in a real database; tests take one thing away."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

from liendea_assets.core.clock import to_text
from liendea_assets.db.connection import Database
from liendea_assets.outreach.gate import Gate, Verdict
from liendea_assets.outreach.settings import GateSettings, OutreachSettings
from liendea_assets.outreach.suppression import Suppression
from liendea_assets.scoring.suppression_list import DOMAIN, KEY_CHECK, suppression_hash
from liendea_assets_tests.contacts import add_contact
from liendea_assets_tests.outreach.campaigns import KEY, SETTINGS

RECIPIENT = "robin.weaver.1@acmelabs.example"
TOKEN = "a" * 34
DOMAIN_OF_SENDER = "northwind.example"
NOTICE = (
    "{{ sender_company }} holds your name and business address, taken from {{ source }}. Ask {{ sender_email }} for access,\n"
    "correction or erasure, or object at any time."
)
SHOWN_NOTICE = (
    "Northwind Analytics holds your name and business address, taken from our colleagues' networks. Ask "
    "sam.rivera@northwind.example for access, correction or erasure, or object at any time."
)
FOOTER = 'This is a commercial message from Northwind Analytics. Reply with "unsubscribe" or write to unsubscribe@northwind.example.'
POSTAL = SETTINGS.sender.postal_address
GATE = {
    "country_policy": {"US": "allow", "FR": "notice", "DE": "consent", "XX": "block"},
    "unknown_country": "consent",
    "verification": ("verified", "unknown"),
    "legitimate_interest": {"purpose": "offers to companies", "assessed_on": "2026-06-01", "document": "lia.pdf"},
    "notice_text": NOTICE,
    "dns": {"selectors": {DOMAIN_OF_SENDER: "s1"}},
}
NEEDED = (("spf", DOMAIN_OF_SENDER), ("dkim", f"s1._domainkey.{DOMAIN_OF_SENDER}"), ("dmarc", DOMAIN_OF_SENDER), ("mx", DOMAIN_OF_SENDER))


def make_settings(**changed: Any) -> OutreachSettings:
    """Settings under which the message passes; keys of the gate may be changed."""
    gate = GateSettings.model_validate_json(_as_json({**GATE, **changed}))
    return SETTINGS.model_copy(update={"gate": gate})


def make_text(*left_out: str) -> str:
    """The visible words of the message, in the order in which they stand; some may be left out."""
    pieces = [
        "Hi Robin, a question.",
        *("" if piece in left_out else piece for piece in (SHOWN_NOTICE, FOOTER, POSTAL)),
    ]
    return "\n\n".join(pieces)


@dataclass
class Letter:
    """An e-mail in the making: `headers` are changed, `text` and `html` replaced before it is built."""

    text: str | None = field(default_factory=make_text)
    html: str | None = None
    headers: dict[str, str | None] = field(default_factory=dict)
    more: list[tuple[str, str]] = field(default_factory=list)

    def build(self) -> bytes:
        message = EmailMessage(policy=SMTP.clone(max_line_length=998))
        headers: dict[str, str | None] = {
            "From": "Sam Rivera <sam.rivera@northwind.example>",
            "To": f"Robin Weaver <{RECIPIENT}>",
            "Subject": "Robin, a question",
            "Message-ID": f"<{TOKEN}@{DOMAIN_OF_SENDER}>",
            "List-Unsubscribe": f"<mailto:unsubscribe@{DOMAIN_OF_SENDER}?subject=unsubscribe-{TOKEN}>",
            **self.headers,
        }
        for name, value in headers.items():
            if value is not None:
                message[name] = value
        if self.text is not None:
            message.set_content(self.text, cte="quoted-printable")
        if self.html is not None:
            (message.add_alternative if self.text is not None else message.set_content)(self.html, subtype="html", cte="quoted-printable")
        raw = message.as_bytes()
        # a second header of a name that the library allows once
        return "".join(f"{name}: {value}\r\n" for name, value in self.more).encode() + raw


class World:
    """A database in which one message may go out."""

    def __init__(self, db: Database, now: datetime, **settings: Any) -> None:
        self.db, self.now = db, now
        self.settings = make_settings(**settings)
        self.smtp_hosts = {"main": "mail.northwind.example"}
        self.key = KEY
        db.table("companies").insert({"id": 5, "name": "Acme Labs", "created_at": self.at(), "updated_at": self.at()})
        add_contact(db, 1, country="FR", company_id=5, email_status="verified")
        db.table("outreach_campaigns").insert(
            {"id": 7, "name": "spring", "type": "email", "status": "active", "daily_limit": 30, "created_at": self.at(), "version": "v1"}
        )
        self.approval = {"id": 3, "campaign_id": 7, "version": "v1", "approved_by": "kim", "approved_at": self.at(-1)}
        db.table("outreach_approvals").insert(self.approval)
        for kind, name in NEEDED:
            db.table("dns_checks").insert({"domain": name, "kind": kind, "is_ok": 1, "detail": "fine", "checked_at": self.at(-3)})
        self.row_id = self.add_message(1, status="queued")
        self.write(Letter())

    def at(self, hours: float = 0) -> str:
        return to_text(self.now + timedelta(hours=hours))

    def add_message(self, contact_id: int, **changed: object) -> int:
        """A row of outreach_log. Returns its id."""
        row = {
            "campaign_id": 7, "contact_id": contact_id, "step": 1, "outreach_type": "email", "status": "sent", "planned_on": "2026-10-05",
            "message": "", "message_sha256": "", "campaign_version": "v1", "created_at": self.at(-9), "mailbox": "main",
            "recipient": RECIPIENT, **changed,
        }  # fmt: skip
        self.db.table("outreach_log").insert(row)
        return int(self.db.execute("SELECT max(id) FROM outreach_log").fetchone()[0])

    def add_sent(self, count: int, *, bounced: int = 0, complained: int = 0, hours: float = -48) -> None:
        """Earlier messages to other people by the same mailbox."""
        for number in range(count):
            contact_id = 1000 + self.db.table("contacts").count
            add_contact(self.db, contact_id)
            is_bounced, has_complained = number < bounced, number < complained
            self.add_message(
                contact_id, recipient=f"p{contact_id}@other.example", sent_at=self.at(hours), bounce="hard" if is_bounced else None,
                bounced_at=self.at(hours) if is_bounced else None, complained_at=self.at(hours) if has_complained else None,
            )  # fmt: skip

    def write(self, letter: Letter, **changed: object) -> None:
        """Puts a letter into the row as the queue does."""
        raw = letter.build().decode()
        fixed = {"message": raw, "message_sha256": hashlib.sha256(raw.encode()).hexdigest()}
        self.change(**{**fixed, "message_id": f"<{TOKEN}@{DOMAIN_OF_SENDER}>", "token": TOKEN, **changed})

    def change(self, **changed: object) -> None:
        self.db.table("outreach_log").update(self.row_id, changed)

    def alter(self, table: str, id_: int, **changed: object) -> None:
        self.db.table(table).update(id_, changed)

    def suppress(self, kind: str, value: str) -> None:
        entries = [
            Suppression(kind, suppression_hash(KEY, kind, value), "asked"),
            Suppression(DOMAIN, suppression_hash(KEY, DOMAIN, KEY_CHECK), ""),
        ]
        for entry in entries:
            self.db.table("suppressions").insert(
                {"kind": entry.kind, "key_hash": entry.key_hash, "reason": entry.reason, "created_at": self.at()}, ignore=True
            )

    def consent(self, contact_id: int = 1, hours: float = -5, withdrawn: float | None = None) -> None:
        ended = None if withdrawn is None else self.at(withdrawn)
        given = {"contact_id": contact_id, "evidence": "form", "given_at": self.at(hours), "recorded_by": "kim", "recorded_at": self.at()}
        self.db.table("contact_consents").insert({**given, "withdrawn_at": ended})

    def stop(self, **who: int) -> None:
        self.db.table("outreach_stops").insert({**who, "reason": "human reply", "stopped_at": self.at()})

    def row(self) -> dict[str, object]:
        return dict(self.db.table("outreach_log").get(self.row_id))

    def gate(self) -> Gate:
        return Gate(self.settings, self.key, self.smtp_hosts)

    def judge(self) -> Verdict:
        return self.gate().judge(self.db.conn, self.row(), self.now)

    def blocking(self) -> set[str]:
        return {finding.rule for finding in self.judge().blocking}

    def detail(self, rule: str) -> str:
        return next(finding.detail for finding in self.judge().evidence if finding.rule == rule)


def _as_json(content: object) -> str:
    import json

    return json.dumps(content, default=str)
