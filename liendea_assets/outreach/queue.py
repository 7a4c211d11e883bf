"""Filling the queue of e-mails: who gets which step of which campaign, from when on, and who gets none and why. Idempotent."""

import email
import email.policy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from liendea_assets.core.clock import to_text
from liendea_assets.core.errors import TemplateProblem
from liendea_assets.core.keyed_hash import keyed_hash
from liendea_assets.db.connection import Database, to_records
from liendea_assets.outreach import queue_store as store
from liendea_assets.outreach.audience_store import read_readers
from liendea_assets.outreach.campaign_store import campaign_ids, step_numbers
from liendea_assets.outreach.campaigns import Campaign
from liendea_assets.outreach.messages import Composer, Thread
from liendea_assets.outreach.schedule import Schedule
from liendea_assets.outreach.sequences import Entry, Turn, find_turn
from liendea_assets.outreach.settings import MailboxSettings, OutreachSettings
from liendea_assets.outreach.suppression_store import read_suppressions
from liendea_assets.scoring.audience import in_audience, vocabulary_in_force
from liendea_assets.scoring.suppressed import find_suppressed
from liendea_assets.scoring.suppression_list import SuppressionList

NOT_RUNNING = "the campaign is not running"
NO_TARGET = "no target of this campaign any more"
MERGED = "the contact is part of another one"
NO_ADDRESS = "no e-mail address is known"
SAME_ADDRESS = "the same address is queued for somebody else"
HAD_ADDRESS = "the same address has had the campaign as somebody else"

_Person = Mapping[str, object]


def fill_queue(db: Database, campaigns: Sequence[Campaign], settings: OutreachSettings, key: bytes, now: datetime) -> dict[str, int]:
    """Brings the queue of all e-mail campaigns up to date. Returns how many messages each campaign gained or wrote anew.

    Follow-ups come before first messages, and nobody stands in the queue twice. Who was suppressed, whose sequence stopped, or who is no
    target any more leaves it. A started sequence goes on while its person is a target, even outside of the audience: the audience says
    with whom it begins. Caps and limits count when messages are sent, not here.

    Raises:
        SettingsError: the suppressions were made with another key. TemplateProblem: a template is not valid.
    """
    suppressed = SuppressionList(key, read_suppressions(db))
    stops = {person_id: f"the sequence stopped: {reason}" for person_id, reason in store.read_stops(db).items()}
    barred = stops | find_suppressed(db, suppressed)
    targets, history, ids = read_readers(db), store.read_history(db), campaign_ids(db)
    _withdraw_barred(db, history, barred, suppressed)
    people = {row["contact_id"]: row for row in to_records(targets)}
    vocabulary = vocabulary_in_force(db)
    sequences = []
    for campaign in campaigns:
        if campaign.settings.type == "email":
            meant = targets["contact_id"][in_audience(targets, campaign.settings.audience.model_dump(), vocabulary)].tolist()
            campaign_id = ids[campaign.name]
            mailboxes = settings.mailboxes_of(campaign.settings) or settings.all_mailboxes
            writer = _Writer(db, campaign, settings, mailboxes, key, now)
            sequences.append(_Sequence(campaign, campaign_id, step_numbers(db, campaign_id), meant, writer))
    _Planner(sequences, people, history, barred, now).plan()
    for sequence in sequences:
        plan, campaign = sequence.plan, sequence.campaign
        store.update_queue(db, sequence.campaign_id, campaign.version, plan.messages, plan.cancelled, plan.exclusions, to_text(now))
    return {sequence.campaign.name: len(sequence.plan.messages) for sequence in sequences}


@dataclass(slots=True)
class _Plan:
    """What is to change for one campaign: `cancelled` by id of outreach_log, `exclusions` by contact."""

    messages: list[store.QueuedMessage] = field(default_factory=list)
    exclusions: dict[int, str] = field(default_factory=dict)
    cancelled: dict[int, str] = field(default_factory=dict)


class _Writer:
    """Writes one campaign's messages and finds their moments."""

    def __init__(
        self, db: Database, campaign: Campaign, settings: OutreachSettings, mailboxes: Sequence[MailboxSettings], key: bytes, now: datetime
    ) -> None:
        self._db, self._key, self._now = db, key, now
        self._composer = Composer(campaign, settings, key)
        self._mailboxes = {mailbox.name: mailbox for mailbox in mailboxes}
        self._schedules = {mailbox.name: Schedule(settings.window, mailbox.time_zone) for mailbox in mailboxes}

    def is_current(self, entry: Entry, person: _Person) -> bool:
        """Whether a queued message is to the person's address and goes by a mailbox that there is."""
        return entry.recipient == person["work_email"] and entry.mailbox in self._mailboxes and entry.send_after is not None

    def write(self, person: _Person, turn: Turn, standing: Entry | None) -> store.QueuedMessage:
        """The message of a step.

        Args:
            standing: the row as it is queued now.

        Raises:
            TemplateProblem: it cannot be made; the text says why.
        """
        contact_id = person["contact_id"]
        assert isinstance(contact_id, int)
        mailbox = self._choose_mailbox(contact_id, turn, standing)
        made = self._composer.compose({**person, "mailbox": mailbox}, turn.step.name, self._now, thread=self._thread(turn))
        send_after, reason = self._place(person, turn, standing, mailbox)
        return store.QueuedMessage(
            contact_id, turn.number, made.message_id, made.text, made.sha256, made.variant, made.language, mailbox, made.recipient,
            made.token, send_after, reason, made.links,
        )  # fmt: skip

    def _choose_mailbox(self, contact_id: int, turn: Turn, standing: Entry | None) -> str:
        """A follow-up comes from whom the message before it came from; else each person has a mailbox of their own."""
        former = [entry.mailbox for entry in reversed(turn.before)] + ([standing.mailbox] if standing else [])
        known = next((name for name in former if name in self._mailboxes), None)
        # the highest hash: a mailbox more, or one less, moves as few people as can be
        return known or max(self._mailboxes, key=lambda name: keyed_hash(self._key, "mailbox", f"{name}/{contact_id}"))

    def _thread(self, turn: Turn) -> Thread | None:
        ids = tuple(entry.message_id for entry in turn.before if entry.message_id)
        if not ids:
            return None
        head = store.read_message(self._db, turn.before[0].id).partition("\r\n\r\n")[0].partition("\n\n")[0]
        return Thread(ids, str(email.message_from_string(head, policy=email.policy.SMTP)["Subject"] or ""))

    def _place(self, person: _Person, turn: Turn, standing: Entry | None, mailbox: str) -> tuple[str, str]:
        if standing is not None and standing.send_after and standing.schedule_reason and turn.earliest is None:
            # it keeps its place: a changed text is no reason to wait anew
            return standing.send_after, standing.schedule_reason
        country, zone = person["country"], person["time_zone"]
        earliest = self._now if turn.earliest is None else turn.earliest
        slot = self._schedules[mailbox].place(str(zone) if zone else None, str(country) if country else None, earliest)
        reason = slot.reason if turn.earliest is None else f"{turn.step.delay_days} days after the step before; {slot.reason}"
        return to_text(slot.send_after), reason


@dataclass(slots=True)
class _Sequence:
    """A campaign with its steps' numbers and whom it is meant for, the best first."""

    campaign: Campaign
    campaign_id: int
    numbers: Mapping[str, int]
    meant: Sequence[int]
    writer: _Writer
    plan: _Plan = field(default_factory=_Plan)


class _Planner:
    """Decides for everybody, over all campaigns: follow-ups, then what is queued already, then who is new."""

    def __init__(
        self,
        sequences: Sequence[_Sequence],
        people: Mapping[int, _Person],
        history: Mapping[int, Sequence[Entry]],
        barred: Mapping[int, str],
        now: datetime,
    ) -> None:
        self._sequences, self._people, self._history, self._barred, self._now = sequences, people, history, barred, now
        self._names = {sequence.campaign_id: sequence.campaign.name for sequence in sequences}
        # person → the campaign that writes to them; address → the person who is written to by it
        self._busy: dict[int, int] = {}
        self._addresses: dict[object, int] = {}
        self._had: dict[tuple[int, object], int] = {}
        known = set(self._names)
        for person_id, entries in history.items():
            for entry in entries:
                is_going = entry.status in ("claimed", "sending", "uncertain")
                # what a campaign left whose file is gone stays queued until it is back
                if is_going or (entry.status == "queued" and entry.campaign_id not in known):
                    self._busy[person_id] = entry.campaign_id
                    self._addresses[entry.recipient] = person_id
                if is_going or entry.is_out:
                    self._had[entry.campaign_id, entry.recipient] = person_id

    def plan(self) -> None:
        """Fills the plan of each sequence."""
        started: dict[int, set[int]] = {}
        waiting: dict[int, set[int]] = {}
        for sequence in self._sequences:
            own = {person_id: self._own(sequence, person_id) for person_id in self._history}
            started[sequence.campaign_id] = {id_ for id_, entries in own.items() if any(entry.is_out for entry in entries)}
            queued = {id_ for id_, entries in own.items() if any(entry.status == "queued" for entry in entries)}
            waiting[sequence.campaign_id] = queued - started[sequence.campaign_id]
            meant = set(sequence.meant) | started[sequence.campaign_id]
            for person_id in queued:
                if person_id not in meant or person_id not in self._people:
                    self._withdraw(sequence, own[person_id], NO_TARGET)
        for sequence in self._sequences:
            self._serve(sequence, [id_ for id_ in self._people if id_ in started[sequence.campaign_id]])
        for sequence in self._sequences:
            self._serve(sequence, [id_ for id_ in sequence.meant if id_ in waiting[sequence.campaign_id]])
        for sequence in self._sequences:
            served = started[sequence.campaign_id] | waiting[sequence.campaign_id]
            self._serve(sequence, [id_ for id_ in sequence.meant if id_ not in served])

    def _serve(self, sequence: _Sequence, ids: Sequence[int]) -> None:
        for person_id in ids:
            entries = self._own(sequence, person_id)
            reason = self._write(sequence, self._people[person_id], person_id, entries)
            if reason is not None:
                sequence.plan.exclusions[person_id] = reason
                self._withdraw(sequence, entries, reason)

    def _write(self, sequence: _Sequence, person: _Person, person_id: int, entries: Sequence[Entry]) -> str | None:
        """Puts the person's next message into the plan, or leaves the one that is queued; the reason where there is none."""
        turn = find_turn(sequence.campaign, sequence.numbers, entries)
        if isinstance(turn, str):
            return self._barred.get(person_id) or turn
        # of the same contact: what is queued for one who is part of this person now names somebody else
        standing = next((e for e in entries if e.status == "queued" and e.step == turn.number and e.contact_id == person_id), None)
        reason = self._find_obstacle(sequence, person, person_id, is_queued=standing is not None)
        if reason is not None:
            return reason
        for entry in entries:
            if entry.status == "queued" and entry is not standing:
                sequence.plan.cancelled[entry.id] = MERGED if entry.contact_id != person_id else "another step comes next"
        if standing is None or standing.version != sequence.campaign.version or not sequence.writer.is_current(standing, person):
            try:
                sequence.plan.messages.append(sequence.writer.write(person, turn, standing))
            except TemplateProblem as problem:
                return str(problem)
        self._busy[person_id] = sequence.campaign_id
        self._addresses[person["work_email"]] = person_id
        return None

    def _find_obstacle(self, sequence: _Sequence, person: _Person, person_id: int, *, is_queued: bool) -> str | None:
        address, busy = person["work_email"], self._busy.get(person_id)
        if person_id in self._barred:
            return self._barred[person_id]
        if not is_queued and not sequence.campaign.settings.is_running(self._now.date()):
            return NOT_RUNNING
        if busy is not None:
            return f"has a message of the campaign {self._names.get(busy, 'whose file is gone')}"
        if not address:
            return NO_ADDRESS
        if self._addresses.get(address, person_id) != person_id:
            return SAME_ADDRESS
        return HAD_ADDRESS if self._had.get((sequence.campaign_id, address), person_id) != person_id else None

    def _own(self, sequence: _Sequence, person_id: int) -> list[Entry]:
        return [entry for entry in self._history.get(person_id, ()) if entry.campaign_id == sequence.campaign_id]

    def _withdraw(self, sequence: _Sequence, entries: Sequence[Entry], reason: str) -> None:
        sequence.plan.cancelled |= {entry.id: reason for entry in entries if entry.status == "queued"}


def _withdraw_barred(db: Database, history: Mapping[int, Sequence[Entry]], barred: Mapping[int, str], suppressed: SuppressionList) -> None:
    """Over all campaigns: a file may be gone, and its messages still stand. A message names an address of its own, too."""
    found = {}
    for person_id, entries in history.items():
        for entry in entries:
            if entry.status == "queued":
                reason = barred.get(person_id) or suppressed.reason({"work_email": entry.recipient})
                if reason is not None:
                    found[entry.id] = reason
    store.cancel(db, found)
