"""Queued e-mails as the queue leaves them, an approved campaign, and the rules of the product with settings that let them go."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from functools import partial
from sqlite3 import Connection

from liendea_assets.core.clock import to_text
from liendea_assets.core.keyed_hash import keyed_hash
from liendea_assets.db.connection import Database, transaction
from liendea_assets.outreach.caps import find_free
from liendea_assets.outreach.gate import Gate
from liendea_assets.outreach.sending import Rules
from liendea_assets.outreach.sending_settings import SendingSettings
from liendea_assets.outreach.settings import OutreachSettings
from liendea_assets.scoring.suppression_list import ADDRESS, DOMAIN, KEY_CHECK, suppression_hash
from liendea_assets_tests.outreach.campaigns import KEY

LONG_AGO = "2026-01-05 08:00:00.000000"
VERSION = "v1"
NEVER_REACHED = ((60, 1_000_000),)


def open_settings(**changed: object) -> OutreachSettings:
    """Every hour is a working hour, every country is allowed, no cap is reached."""
    return OutreachSettings.model_validate_json(settings_text(**changed))


def settings_text(**changed: object) -> str:
    """The same as a file, which is YAML as well."""
    text = {
        "sender": {
            "name": "Sam Rivera",
            "company": "Northwind Analytics",
            "email": "sam.rivera@northwind.example",
            "postal_address": "1 Sample Street, Springfield, IL 62701, USA",
        },
        "mailboxes": [
            {"name": "main", "email": "sam.rivera@northwind.example", "daily_limit": 100_000, "ramp_from": 100_000},
            {"name": "second", "email": "sam@mail.northwind.example", "daily_limit": 100_000, "ramp_from": 100_000},
        ],
        "unsubscribe_mailbox": "unsubscribe@northwind.example",
        "footer": "A commercial message from {{ sender_company }}.",
        "window": {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "start": "00:00", "end": "23:59", "holidays": False},
        "caps": {"messages_per_contact_per_week": 100, "days_between_messages": 0},
        "gate": {"unknown_country": "allow", "dns": {"required": False}, "bounce_stop": 1.0, "bounce_warn": 1.0},
        **changed,
    }
    return json.dumps(text)


def open_rules(settings: OutreachSettings | None = None, limits: tuple[tuple[int, int], ...] = NEVER_REACHED) -> Rules:
    """The gate and the caps of the product."""
    settings = settings or open_settings()

    def free(connection: Connection, row: Mapping[str, object], now: datetime) -> str | None:
        return find_free(connection, row, settings, now, limits)

    return Rules(Gate(settings, KEY), free, partial(suppress), SendingSettings(), limits)


def suppress(connection: Connection, address: str, reason: str, now: datetime) -> None:
    """Notes an address in the suppressions."""
    for kind, value in ((ADDRESS, address), (DOMAIN, KEY_CHECK)):
        connection.execute(
            "INSERT INTO suppressions (kind, key_hash, reason, created_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (kind, suppression_hash(KEY, kind, value), reason, to_text(now)),
        )


def add_campaign(db: Database, campaign_id: int = 1, *, name: str = "intro", is_approved: bool = True) -> None:
    """An active campaign, approved by somebody."""
    db.table("outreach_campaigns").insert(
        {
            "id": campaign_id,
            "name": name,
            "type": "email",
            "status": "active",
            "daily_limit": 1_000_000,
            "created_at": LONG_AGO,
            "version": VERSION,
            "audience": "{}",
        }
    )
    if is_approved:
        db.table("outreach_approvals").insert(
            {"campaign_id": campaign_id, "version": VERSION, "approved_by": "Sam", "approved_at": LONG_AGO}
        )


def write(number: int, *, sender: str = "sam.rivera@northwind.example", campaign_id: int = 1, step: int = 1) -> tuple[str, str, str]:
    """(Message-ID, token, text) of a message with everything that the law wants in it."""
    token = keyed_hash(KEY, "message", f"{campaign_id}/{number}/{step}") + "ab"
    message = EmailMessage(policy=SMTP.clone(max_line_length=998))
    message["From"] = Address("Sam Rivera", addr_spec=sender)
    message["To"] = Address(addr_spec=address(number))
    message["Subject"] = f"A question, {number}"
    message["Date"] = datetime(2026, 1, 5, 8)
    message["Message-ID"] = f"<{token}@northwind.example>"
    message["List-Unsubscribe"] = f"<mailto:unsubscribe@northwind.example?subject=unsubscribe-{token}>"
    body = f"Hi {number}\n.\n..two dots\n\n-- \nA commercial message from Northwind Analytics.\nunsubscribe@northwind.example\n"
    message.set_content(f"{body}\n1 Sample Street, Springfield, IL 62701, USA\n", cte="quoted-printable")
    return message["Message-ID"], token, message.as_bytes().decode("ascii")


def address(number: int) -> str:
    """Of the person of a number."""
    return f"robin.{number}@acmelabs.example"


def queue_letters(db: Database, count: int, *, first: int = 1, mailbox: str = "main", sender: str = "sam.rivera@northwind.example") -> None:
    """So many people, each with a message that is due; ids of contacts and messages are the numbers from `first` on."""
    numbers = range(first, first + count)
    with transaction(db) as connection:
        connection.executemany(
            "INSERT INTO contacts (id, full_name, created_at, updated_at) VALUES (?, ?, ?, ?)",
            [(number, f"Robin W{number}", LONG_AGO, LONG_AGO) for number in numbers],
        )
        connection.executemany(
            "INSERT INTO enriched_contacts (contact_id, full_name, work_email, is_owner, profile_completeness, sources)"
            " VALUES (?, ?, ?, 0, 50, '{}')",
            [(number, f"Robin W{number}", address(number)) for number in numbers],
        )
    for number in numbers:
        queue_letter(db, number, number, mailbox=mailbox, sender=sender)


def queue_letter(
    db: Database, id_: int, number: int, *, mailbox: str = "main", sender: str = "sam.rivera@northwind.example", step: int = 1
) -> None:
    """One message that is due, to a person that there is."""
    message_id, token, text = write(number, sender=sender, step=step)
    db.conn.execute(
        "INSERT INTO outreach_log (id, campaign_id, contact_id, step, outreach_type, status, planned_on, message_id, message,"
        " message_sha256, campaign_version, created_at, recipient, token, mailbox, send_after)"
        " VALUES (?, 1, ?, ?, 'email', 'queued', '2026-01-05', ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(id_, number, step, message_id, text, hashlib.sha256(text.encode()).hexdigest(), VERSION, LONG_AGO),
            *(address(number), token, mailbox, LONG_AGO),
        ),
    )


def states(db: Database) -> dict[int, str]:
    """Message → its status."""
    return {row["id"]: row["status"] for row in db.conn.execute("SELECT id, status FROM outreach_log ORDER BY id")}
