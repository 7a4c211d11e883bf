"""The gate: every message passes all rules, or it does not go out. A rule that raises or cannot decide blocks."""

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from liendea_assets.core.clock import to_text
from liendea_assets.core.errors import UnknownRecord
from liendea_assets.outreach.gate import message_rules, person_rules, record_store, sending_rules
from liendea_assets.outreach.gate.case import CannotDecide, Case
from liendea_assets.outreach.gate.facts import Facts, Row
from liendea_assets.outreach.gate.verdict import About, Finding, Verdict
from liendea_assets.outreach.settings import OutreachSettings


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: `ask` answers whether the message may pass, and why."""

    name: str
    about: About
    ask: Callable[[Case], tuple[bool, str]]


PERSON_RULES = (
    Rule("suppression", "person", person_rules.suppression),
    Rule("stop", "person", person_rules.stop),
    Rule("country_policy", "person", person_rules.country_policy),
    Rule("legal_basis", "person", person_rules.legal_basis),
    Rule("email_verification", "person", person_rules.email_verification),
)
SENDING_RULES = (
    Rule("campaign", "setup", sending_rules.campaign),
    Rule("dns", "setup", sending_rules.dns),
    Rule("bounce_rate", "setup", sending_rules.bounce_rate),
    Rule("complaint_rate", "setup", sending_rules.complaint_rate),
)
MESSAGE_RULES = (
    Rule("intact", "message", message_rules.intact),
    Rule("sender", "message", message_rules.sender),
    Rule("recipient", "message", message_rules.recipient),
    Rule("postal_address", "message", message_rules.postal_address),
    Rule("identification", "message", message_rules.identification),
    Rule("opt_out", "message", message_rules.opt_out),
    Rule("list_unsubscribe", "message", message_rules.list_unsubscribe),
    Rule("notice", "message", message_rules.notice),
)
ALL_RULES = (*PERSON_RULES, *SENDING_RULES, *MESSAGE_RULES)


@dataclass(frozen=True, slots=True)
class Gate:
    """Judges messages.

    Attributes:
        key: of data/secret.key, for the suppressions.
        smtp_hosts: name of a mailbox → its mail server; a mailbox that is missing has no exemption.
    """

    settings: OutreachSettings
    key: bytes
    smtp_hosts: Mapping[str, str] = field(default_factory=dict)

    def judge(self, connection: sqlite3.Connection, row: Mapping[str, object] | sqlite3.Row, now: datetime) -> Verdict:
        """All rules about one message, by what the database says now; called within the transaction that claims it.

        Args:
            row: of outreach_log: `id`, `campaign_id`, `contact_id`, `outreach_type`, `message_id`, `message`, `message_sha256`,
                `campaign_version`, `mailbox`, `recipient`, `token`. What is missing blocks.
        """
        return self.prepare(connection, [row], now).judge(row)

    def prepare(self, connection: sqlite3.Connection, rows: Iterable[Mapping[str, object] | sqlite3.Row], now: datetime) -> "Bench":
        """The same for many rows of one moment: what they need is read once for all of them."""
        return Bench(self, Facts(connection, [as_row(row) for row in rows], self.key, now), now)

    def find_suppression(self, connection: sqlite3.Connection, row: Mapping[str, object] | sqlite3.Row, now: datetime) -> str | None:
        """Why the message must not go out after all: its person is suppressed, or their sequence was stopped. Before the final dot."""
        return self.prepare(connection, [row], now).ask(row, PERSON_RULES[:2]).reason

    def record_notice(self, connection: sqlite3.Connection, row: Mapping[str, object] | sqlite3.Row, now: datetime) -> bool:
        """Notes that the person was told where their data came from, if the message says it. Called by whoever notes that it was sent."""
        if self.settings.gate.notice_text is None:
            return False
        bench = self.prepare(connection, [row], now)
        case = Case(as_row(row), bench.facts, self.settings, self.smtp_hosts, now)
        try:
            is_news = bench.facts.notice_given_at(case.row) is None and message_rules.has_notice(case)
        except (CannotDecide, UnknownRecord):
            # no person any more, no notice, or nothing to find it in
            is_news = False
        if not is_news:
            return False
        contact_id, log_id = case.row["contact_id"], case.row["id"]
        assert isinstance(contact_id, int)
        assert isinstance(log_id, int)
        record_store.add_notice(connection, contact_id, log_id, to_text(now))
        return True


@dataclass(frozen=True, slots=True)
class Bench:
    """The gate with the facts about some rows, as they were at one moment."""

    gate: Gate
    facts: Facts
    now: datetime

    def judge(self, row: Mapping[str, object] | sqlite3.Row, now: datetime | None = None) -> Verdict:
        """All rules about one of the rows.

        Args:
            now: a moment soon after that of the facts, where there is no newer fact.
        """
        return self.ask(row, ALL_RULES, now)

    def same_person(self, row: Mapping[str, object] | sqlite3.Row) -> tuple[int, ...]:
        """The contacts that are one with the row's; empty where there is none."""
        try:
            return self.facts.person(as_row(row))
        except UnknownRecord:
            return ()

    def judge_before_message(self, row: Mapping[str, object] | sqlite3.Row) -> Verdict:
        """The rules that need no message: for whom to make one. Asks for `campaign_id`, `contact_id`, `campaign_version`, `mailbox`,
        `recipient`."""
        return self.ask(row, (*PERSON_RULES, *SENDING_RULES))

    def ask(self, row: Mapping[str, object] | sqlite3.Row, rules: Iterable[Rule], now: datetime | None = None) -> Verdict:
        """Some of the rules. Only `judge` lets a message out."""
        case = Case(as_row(row), self.facts, self.gate.settings, self.gate.smtp_hosts, now or self.now)
        return Verdict(case.now, tuple(_ask(rule, case) for rule in rules))


def as_row(row: Mapping[str, object] | sqlite3.Row) -> Row:
    """A row of any kind as a mapping."""
    return dict(zip(row.keys(), tuple(row), strict=True)) if isinstance(row, sqlite3.Row) else row


def _ask(rule: Rule, case: Case) -> Finding:
    try:
        is_ok, detail = rule.ask(case)
    except CannotDecide as problem:
        return Finding(rule.name, rule.about, False, str(problem))
    except Exception as error:  # noqa: BLE001 whatever is wrong, the message stays here; the error's own text may hold personal data
        return Finding(rule.name, rule.about, False, f"cannot decide ({type(error).__name__})")
    return Finding(rule.name, rule.about, is_ok, detail)
