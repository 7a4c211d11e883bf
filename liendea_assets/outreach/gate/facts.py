"""What the database says about the people, campaigns and mailboxes of some messages. Each part is read when a rule first asks for it, for
all messages at once: of one message inside the transaction that claims it, of ten thousand when a queue is filled."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from liendea_assets.core.clock import to_text
from liendea_assets.core.errors import SettingsError, UnknownRecord
from liendea_assets.enrichment.merge import PROFILE_URL
from liendea_assets.outreach.gate import fact_store as store
from liendea_assets.scoring.suppression_list import DOMAIN, KEY_CHECK, REASONS, address_names, profile_names, suppression_hash

Row = Mapping[str, object]
Rows = dict[int, list[sqlite3.Row]]
_WRITTEN_TO = frozenset({"sent", "responded", "uncertain"})


@dataclass(frozen=True, slots=True)
class Sends:
    """What a mailbox has handed in, and what came back, within the window.

    Attributes:
        sent: 0 where nothing came back, since nobody needs to know then, and counting takes long.
    """

    sent: int
    bounced: int
    complained: int


class Facts:
    """The facts for some rows of outreach_log (`contact_id`, and what else a rule asks for).

    A person is all contacts that are one now: what was sent to, stopped for or said by any of them counts.

    Args:
        connection: as it stands in the caller's transaction, if there is one.
    """

    def __init__(self, connection: sqlite3.Connection, rows: Iterable[Row], key: bytes, now: datetime) -> None:
        self._connection = connection
        self._rows = list(rows)
        self._key = key
        self._now = now
        self._hashes: dict[tuple[str, str], str] = {}
        self._sends: dict[tuple[str, int], Sends] = {}
        self._dns: dict[tuple[str, ...], dict[tuple[str, str], sqlite3.Row]] = {}

    def person(self, row: Row) -> tuple[int, ...]:
        """The ids of the contacts that are the message's person.

        Raises:
            UnknownRecord: there is no such contact.
        """
        found = self._families.get(_integer(row["contact_id"]))
        if not found:
            raise UnknownRecord("there is no such contact")
        return found

    def suppression(self, row: Row) -> str | None:
        """Why nobody may write to the message's person or to its recipient.

        Raises:
            SettingsError: the suppressions were made with another key.
        """
        person = self.person(row)
        stored = next((found["reason"] for found in _of(self._suppressed, person)), None)
        if stored is not None:
            return str(stored)
        names = self._names_of(row, person)
        return next((REASONS[kind] for kind, value in names if (kind, self._hash(kind, value)) in self._suppressions), None)

    def opt_out(self, row: Row) -> str | None:
        """Which of the earlier messages to this person brought an opt-out or a complaint."""
        for sent in self.history(row):
            if sent["unsubscribed_at"] or sent["complained_at"]:
                return f"message {sent['id']} brought {'a complaint' if sent['complained_at'] else 'an opt-out'}"
        return None

    def history(self, row: Row) -> list[sqlite3.Row]:
        """All rows of outreach_log about this person; the message's own, if it is stored, is one of them."""
        return _of(self._history, self.person(row))

    def is_follow_up(self, row: Row) -> bool:
        """Whether a message of this campaign went to this person before."""
        return any(
            sent["campaign_id"] == row["campaign_id"] and sent["status"] in _WRITTEN_TO and sent["id"] != row.get("id")
            for sent in self.history(row)
        )

    def stop(self, row: Row) -> sqlite3.Row | None:
        """The stop (`id`, `reason`) that is in force for this person or for one of their companies."""
        person = self.person(row)
        stops = _of(self._contact_stops, person)
        for company_id in sorted(self._company_ids(person)):
            stops += _of(self._company_stops, self._companies.get(company_id, (company_id,)))
        return stops[0] if stops else None

    def countries(self, row: Row) -> set[str]:
        """Where the person is, as far as it is known."""
        return {found["country"] for found in _of(self._profiles, self.person(row)) if found["country"]}

    def email_status(self, row: Row) -> str:
        """What is known of the recipient: what was chosen for the person's address, else what was said last, else `unknown`."""
        recipient, person = str(row["recipient"]).casefold(), self.person(row)
        known = (_of(self._profiles, person), _of(self._email_status, person))
        for statements in known:
            said = [found["email_status"] for found in statements if str(found["work_email"]).casefold() == recipient]
            if any(said):
                return next(str(status) for status in reversed(said) if status)
        return "unknown"

    def has_bounced(self, row: Row) -> bool:
        """Whether a message to this recipient bounced for good."""
        recipient = str(row["recipient"]).casefold()
        return any(sent["bounce"] == "hard" and str(sent["recipient"] or recipient).casefold() == recipient for sent in self.history(row))

    def consents(self, row: Row) -> list[sqlite3.Row]:
        """Consents of this person (`id`, `given_at`, `withdrawn_at`)."""
        return _of(self._consents, self.person(row))

    def notice_given_at(self, row: Row) -> str | None:
        """When the person was told where their data came from."""
        return next((str(found["given_at"]) for found in _of(self._notices, self.person(row))), None)

    def campaign(self, row: Row) -> sqlite3.Row:
        """`status`, `start_date`, `end_date`, `version`.

        Raises:
            UnknownRecord: there is no such campaign.
        """
        found = self._campaigns.get(_integer(row["campaign_id"]))
        if not found:
            raise UnknownRecord("there is no such campaign")
        return found[0]

    def approval(self, row: Row, version: str) -> sqlite3.Row | None:
        """The approval (`id`, `approved_at`) of exactly this version."""
        approvals = self._approvals.get(_integer(row["campaign_id"]), [])
        return next((found for found in approvals if found["version"] == version and found["approved_at"] <= to_text(self._now)), None)

    def sends(self, mailbox: str, days: int) -> Sends:
        """What the mailbox sent in the last days."""
        if (mailbox, days) not in self._sends:
            since = to_text(self._now - timedelta(days=days))
            bounced, refused = store.count_bounces(self._connection, mailbox, since)
            complained = store.count_complaints(self._connection, mailbox, since)
            sent = store.count_sent(self._connection, mailbox, since) + refused if bounced or complained else 0
            self._sends[mailbox, days] = Sends(sent, bounced, complained)
        return self._sends[mailbox, days]

    def dns_checks(self, records: Sequence[tuple[str, str]]) -> dict[tuple[str, str], sqlite3.Row]:
        """What was found of some (kind, name) (`is_ok`, `detail`, `checked_at`); one that was never asked about is missing."""
        names = tuple(name for _, name in records)
        if names not in self._dns:
            self._dns[names] = store.read_dns_checks(self._connection, names)
        return self._dns[names]

    @cached_property
    def _families(self) -> dict[int, tuple[int, ...]]:
        return store.read_families(self._connection, {_integer(row["contact_id"]) for row in self._rows})

    @cached_property
    def _everybody(self) -> list[int]:
        return sorted({id_ for family in self._families.values() for id_ in family})

    def _read(self, sql: str) -> Rows:
        return store.read_of(self._connection, sql, self._everybody)

    @cached_property
    def _names(self) -> Rows:
        return self._read(store.READ_NAMES)

    @cached_property
    def _suppressed(self) -> Rows:
        return self._read(store.READ_SUPPRESSED)

    @cached_property
    def _suppressions(self) -> set[tuple[str, str]]:
        """(kind, hash) of those entries that concern somebody here."""
        wanted = {(DOMAIN, self._hash(DOMAIN, KEY_CHECK))}
        for row in self._rows:
            family = self._families.get(_integer(row["contact_id"]), ())
            wanted |= {(kind, self._hash(kind, value)) for kind, value in self._names_of(row, family)}
        has_any, found = store.find_suppressions(self._connection, sorted(wanted))
        if has_any and (DOMAIN, self._hash(DOMAIN, KEY_CHECK)) not in found:
            raise SettingsError("data/secret.key is not the key that the suppressions were made with; restore it from a backup of the home")
        return found

    def _names_of(self, row: Row, person: tuple[int, ...]) -> list[tuple[str, str]]:
        """(kind, value) of whatever could suppress the message: of its recipient, of the person, of whom they were written to as before."""
        known = _of(self._names, person)
        addresses = {str(found["address"]) for found in known if found["address"]}
        addresses |= {str(sent["recipient"]) for sent in _of(self._history, person) if sent["recipient"]}
        if row.get("recipient"):
            addresses.add(str(row["recipient"]))
        urls = {str(found["url"]) for found in known if found["url"]}
        urls |= {f"{PROFILE_URL}{found['profile']}" for found in known if found["profile"]}
        names = [name for address in sorted(addresses) for name in address_names(address)]
        return names + [name for url in sorted(urls) for name in profile_names(url)]

    def _hash(self, kind: str, value: str) -> str:
        if (kind, value) not in self._hashes:
            self._hashes[kind, value] = suppression_hash(self._key, kind, value)
        return self._hashes[kind, value]

    @cached_property
    def _profiles(self) -> Rows:
        return self._read(store.READ_PROFILES)

    @cached_property
    def _email_status(self) -> Rows:
        return self._read(store.READ_EMAIL_STATUS)

    @cached_property
    def _history(self) -> Rows:
        return self._read(store.READ_HISTORY)

    @cached_property
    def _contact_stops(self) -> Rows:
        return self._read(store.READ_CONTACT_STOPS)

    def _company_ids(self, person: Iterable[int]) -> set[int]:
        return {found["company_id"] for found in _of(self._profiles, person) if found["company_id"] is not None}

    @cached_property
    def _companies(self) -> dict[int, tuple[int, ...]]:
        return store.read_company_families(self._connection, self._company_ids(self._everybody))

    @cached_property
    def _company_stops(self) -> Rows:
        ids = {id_ for family in self._companies.values() for id_ in family}
        return store.read_of(self._connection, store.READ_COMPANY_STOPS, ids)

    @cached_property
    def _consents(self) -> Rows:
        return self._read(store.READ_CONSENTS)

    @cached_property
    def _notices(self) -> Rows:
        return self._read(store.READ_NOTICES)

    @cached_property
    def _campaign_ids(self) -> set[int]:
        return {_integer(row["campaign_id"]) for row in self._rows}

    @cached_property
    def _campaigns(self) -> Rows:
        return store.read_of(self._connection, store.READ_CAMPAIGNS, self._campaign_ids)

    @cached_property
    def _approvals(self) -> Rows:
        return store.read_of(self._connection, store.READ_APPROVALS, self._campaign_ids)


def _of(rows: Rows, ids: Iterable[int]) -> list[sqlite3.Row]:
    return [row for id_ in ids for row in rows.get(id_, ())]


def _integer(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError("an id is a whole number")
    return value
