"""Making the day's list for LinkedIn: who stays on it, who leaves it and why, who is added. Idempotent."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from liendea_assets.core.clock import from_text, to_text
from liendea_assets.core.errors import TemplateProblem
from liendea_assets.db.connection import Database, exclusive, to_records
from liendea_assets.outreach import linkedin_store as store
from liendea_assets.outreach.campaign_store import campaign_ids, step_numbers
from liendea_assets.outreach.campaigns import Campaign
from liendea_assets.outreach.linkedin_bars import find_barred
from liendea_assets.outreach.linkedin_budgets import read_budgets
from liendea_assets.outreach.messages import Composer
from liendea_assets.outreach.settings import OutreachSettings
from liendea_assets.scoring.audience import in_audience, vocabulary_in_force

BY_HAND = ("linkedin_message", "inmail")
NOT_RUNNING = "the campaign is not running"
NO_TARGET = "no target of this campaign any more"
NO_PROFILE = "no LinkedIn profile is known"
ON_THE_LIST = "is on the list by another campaign"
NO_INVITATIONS = "this week's invitations are used up"
NO_ROOM = "beyond what a day has room for"
WRITTEN_TO = "was written to by this campaign"
NOT_CONNECTED = "has not accepted the invitation yet"


# Rows of `store.read_candidates` and of `store.read_entries`.
_Person = Mapping[str, Any]
_Entry = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ListReport:
    """What became of the list: open entries by now, how many of them are new, are from an earlier day, and how many left it."""

    listed: int
    added: int
    carried_over: int
    withdrawn: int


@dataclass(slots=True)
class _Room:
    """What the budgets leave. An open entry takes its place as one that is done does, so doing it never exceeds anything."""

    people: int
    invitations: int
    by_campaign: dict[int, int]

    def why_not(self, campaign_id: int, *, is_invitation: bool) -> str | None:
        """Why there is no place; None where there is one."""
        if self.people <= 0 or self.by_campaign[campaign_id] <= 0:
            return NO_ROOM
        return NO_INVITATIONS if is_invitation and self.invitations <= 0 else None

    def take(self, campaign_id: int, *, is_invitation: bool) -> None:
        """Takes a place."""
        self.people -= 1
        self.by_campaign[campaign_id] -= 1
        self.invitations -= is_invitation


@dataclass(frozen=True, slots=True)
class _Sequence:
    """A campaign with its steps' numbers, by name, and whom of the targets it is for."""

    campaign: Campaign
    numbers: Mapping[str, int]
    meant: Collection[int]

    def next_step(self, person: _Person, history: Sequence[_Entry], now: datetime) -> tuple[int, str | None]:
        """The number of the step that is due for somebody, and what it waits for, if anything."""
        steps = self.campaign.steps
        sent = {entry["step"]: entry["sent_at"] for entry in history if entry["sent_at"]}
        if not sent:
            return self.numbers[steps[0].name], None
        # a step that was taken out of the campaign since was sent all the same
        place = max((place for place, step in enumerate(steps, start=1) if self.numbers[step.name] in sent), default=0)
        if place >= len(steps):
            return self.numbers[steps[-1].name], WRITTEN_TO
        step = self.numbers[steps[place].name]
        if not person["has_tie"] and self.campaign.settings.type != "inmail":
            return step, NOT_CONNECTED
        due = from_text(max(sent.values())) + timedelta(days=steps[place].delay_days)
        return step, f"the next step is due on {due.date()}" if due > now else None


@dataclass(slots=True)
class _Plan:
    entries: list[store.NewEntry] = field(default_factory=list)
    withdrawn: dict[int, str] = field(default_factory=dict)
    exclusions: dict[int, dict[int, str]] = field(default_factory=dict)
    listed: set[int] = field(default_factory=set)
    carried_over: int = 0
    added: int = 0


def fill_list(
    db: Database, campaigns: Sequence[Campaign], settings: OutreachSettings, windows: Sequence[tuple[int, int]], key: bytes, now: datetime
) -> ListReport:
    """Brings the list up to date: untouched entries stay first, follow-ups come next, then the best targets with the strongest ties.

    Args:
        windows: (seconds, requests) of linkedin in rate_limits.yaml.

    Raises:
        SettingsError: the suppressions were made with another key.
    """
    with exclusive(db, "linkedin_list"):
        ids = campaign_ids(db)
        ours = {ids[campaign.name]: campaign for campaign in campaigns if campaign.settings.type in BY_HAND}
        candidates = store.read_candidates(db)
        vocabulary = vocabulary_in_force(db)
        sequences = {
            campaign_id: _Sequence(
                campaign,
                step_numbers(db, campaign_id),
                set(candidates["contact_id"][in_audience(candidates, campaign.settings.audience.model_dump(), vocabulary)]),
            )
            for campaign_id, campaign in ours.items()
        }
        barred = find_barred(db, settings.caps, key, now)
        entries = to_records(store.read_entries(db))
        room = _room(db, ours, settings, windows, now)
        people = {row["contact_id"]: row for row in to_records(candidates)}
        planner = _Planner(sequences, people, barred, room, _Writer(sequences, settings, key, now), now)
        planner.keep([entry for entry in entries if entry["status"] == "queued"])
        planner.add(entries)
        plan = planner.plan
        store.update_list(db, plan.entries, plan.withdrawn, plan.exclusions, now.date().isoformat(), to_text(now))
    return ListReport(len(plan.listed), plan.added, plan.carried_over, len(plan.withdrawn))


def _room(
    db: Database, ours: Mapping[int, Campaign], settings: OutreachSettings, windows: Sequence[tuple[int, int]], now: datetime
) -> _Room:
    budgets = read_budgets(db.conn, settings.linkedin, windows, now)
    done = store.count_by_campaign(db, f"{now.date().isoformat()} 00:00:00.000000")
    by_campaign = {campaign_id: campaign.settings.daily_limit - done.get(campaign_id, 0) for campaign_id, campaign in ours.items()}
    return _Room(budgets.room_for_people(), budgets.invitations.left, by_campaign)


class _Writer:
    """Writes the campaigns' messages; a template is compiled once."""

    def __init__(self, sequences: Mapping[int, _Sequence], settings: OutreachSettings, key: bytes, now: datetime) -> None:
        self._sequences = sequences
        self._composers = {campaign_id: Composer(sequence.campaign, settings, key) for campaign_id, sequence in sequences.items()}
        self._now = now

    def write(self, campaign_id: int, person: _Person, own_id: int, step: int) -> store.NewEntry:
        """The entry of one person.

        Raises:
            TemplateProblem: its message cannot be made; the text says why.
        """
        campaign, numbers = self._sequences[campaign_id].campaign, self._sequences[campaign_id].numbers
        name = next((name for name, number in numbers.items() if number == step and name in campaign.settings.step_names), None)
        if name is None:
            raise TemplateProblem("the step stands in the campaign no more")
        # under the id that the entry has, so that a merge changes neither the token nor the variant
        message = self._composers[campaign_id].compose({**person, "contact_id": own_id}, name, self._now)
        return store.NewEntry(
            campaign_id,
            own_id,
            step,
            campaign.settings.type,
            message.text,
            message.sha256,
            campaign.version,
            message.token,
            message.variant,
            message.language,
        )


class _Planner:
    """Decides about everybody, in the order in which places are given."""

    def __init__(
        self,
        sequences: Mapping[int, _Sequence],
        candidates: Mapping[int, _Person],
        barred: Mapping[int, str],
        room: _Room,
        writer: _Writer,
        now: datetime,
    ) -> None:
        self._sequences = sequences
        self._candidates = candidates
        self._places = {contact_id: place for place, contact_id in enumerate(candidates)}
        self._barred = barred
        self._room = room
        self._writer = writer
        self._now = now
        self.plan = _Plan(exclusions={campaign_id: {} for campaign_id in sequences})

    def keep(self, queued: Sequence[_Entry]) -> None:
        """Decides about what stands on the list already, the oldest first; within a day the best come first."""
        for entry in sorted(queued, key=lambda entry: (entry["planned_on"], self._places.get(entry["contact_id"], 0), entry["id"])):
            contact_id, campaign_id = entry["contact_id"], entry["campaign_id"]
            reason = self._why_not_kept(entry)
            if reason is None:
                self.plan.listed.add(contact_id)
                self.plan.carried_over += entry["planned_on"] < self._now.date().isoformat()
                continue
            self.plan.withdrawn[entry["id"]] = reason
            if contact_id in self._candidates and campaign_id in self._sequences:
                self.plan.exclusions[campaign_id][contact_id] = reason

    def add(self, entries: Sequence[_Entry]) -> None:
        """Fills what room there is: follow-ups first, then the best targets with the strongest ties."""
        history: dict[tuple[int, int], list[_Entry]] = {}
        for entry in entries:
            history.setdefault((entry["campaign_id"], entry["contact_id"]), []).append(entry)
        wanted = [
            (step == 1, self._places[contact_id], campaign_id, contact_id, step)
            for campaign_id in self._sequences
            for contact_id in self._candidates
            for step in self._due_steps(campaign_id, contact_id, history.get((campaign_id, contact_id), []))
        ]
        for _, _, campaign_id, contact_id, step in sorted(wanted):
            own_id = _own_id(history.get((campaign_id, contact_id), []), contact_id, step)
            reason = self._why_not_added(campaign_id, self._candidates[contact_id], own_id, step)
            if reason is None:
                self.plan.listed.add(contact_id)
                self.plan.added += 1
            else:
                self.plan.exclusions[campaign_id][contact_id] = reason

    def _why_not_kept(self, entry: _Entry) -> str | None:
        sequence, person = self._sequences.get(entry["campaign_id"]), self._candidates.get(entry["contact_id"])
        if person is None or sequence is None:
            return NO_TARGET
        reason = _bar(sequence, person, self._barred, self._now)
        if reason is not None or entry["contact_id"] in self.plan.listed:
            return reason or ON_THE_LIST
        # nothing was sent yet, so it is written anew where the campaign is another one now
        is_old = entry["campaign_version"] != sequence.campaign.version
        return self._take(entry["campaign_id"], person, entry["own_id"] if is_old else None, entry["step"])

    def _due_steps(self, campaign_id: int, contact_id: int, history: Sequence[_Entry]) -> list[int]:
        """The step that somebody is to be listed for; none where something speaks against it, which is noted."""
        if contact_id in self.plan.listed and any(entry["status"] == "queued" for entry in history):
            return []
        excluded, sequence, person = self.plan.exclusions[campaign_id], self._sequences[campaign_id], self._candidates[contact_id]
        reason = excluded.get(contact_id) or _bar(sequence, person, self._barred, self._now)
        step, wait = sequence.next_step(person, history, self._now)
        if reason is None and wait is None:
            return [step]
        if reason != NO_TARGET:
            excluded[contact_id] = reason or str(wait)
        return []

    def _why_not_added(self, campaign_id: int, person: _Person, own_id: int, step: int) -> str | None:
        if person["contact_id"] in self.plan.listed:
            return ON_THE_LIST
        return self._take(campaign_id, person, own_id, step)

    def _take(self, campaign_id: int, person: _Person, own_id: int | None, step: int) -> str | None:
        """Takes a place and writes the entry, under the contact id that is given; the reason where either cannot be."""
        is_invitation = self._sequences[campaign_id].campaign.settings.type != "inmail" and not person["has_tie"]
        reason = self._room.why_not(campaign_id, is_invitation=is_invitation)
        if reason is not None:
            return reason
        if own_id is not None:
            try:
                self.plan.entries.append(self._writer.write(campaign_id, person, own_id, step))
            except TemplateProblem as problem:
                return str(problem)
        self._room.take(campaign_id, is_invitation=is_invitation)
        return None


def _bar(sequence: _Sequence, person: _Person, barred: Mapping[int, str], now: datetime) -> str | None:
    """Why a campaign does not write to somebody, whatever room there is."""
    if person["contact_id"] not in sequence.meant:
        return NO_TARGET
    if not sequence.campaign.settings.is_running(now.date()):
        return NOT_RUNNING
    if person["target_status"] == "responded":
        return "has answered already"
    return barred.get(person["contact_id"]) or (None if person["linkedin_url"] else NO_PROFILE)


def _own_id(history: Sequence[_Entry], contact_id: int, step: int) -> int:
    """The id under which the entry stands already: that of a contact who was merged since."""
    return next((int(entry["own_id"]) for entry in history if entry["step"] == step), contact_id)
