"""Whatever happens in whatever order: nobody suppressed is written to, no limit or cap is exceeded, no step goes to a person twice.

A plain account of what people, servers and colleagues did stands beside the database. Each message that the server takes is held against it.
"""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable, Collection
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from liendea_assets.clients.mailbox import MaildirFolder
from liendea_assets.core.clock import to_text
from liendea_assets.db.connection import transaction
from liendea_assets.db.migrations import open_migrated
from liendea_assets.outreach import campaign_store, queue_store
from liendea_assets.outreach.campaigns import Campaign
from liendea_assets.outreach.delivery import delivery_rules
from liendea_assets.outreach.inbox import read_inbox
from liendea_assets.outreach.mailboxes import Mailbox
from liendea_assets.outreach.queue import fill_queue
from liendea_assets.outreach.sending import deliver
from liendea_assets.outreach.settings import OutreachSettings
from liendea_assets.outreach.settling import settle_by_evidence
from liendea_assets.outreach.suppression import read_suppressions
from liendea_assets.outreach.suppression_store import add_suppressions, suppress
from liendea_assets.sandbox import mail_answers
from liendea_assets.sandbox.mail_answers import Answer, Taken
from liendea_assets.scoring.suppressed import exclude_suppressed
from liendea_assets.scoring.suppression_list import ADDRESS, DOMAIN, PROFILE
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.contacts import add_target, change_contact
from liendea_assets_tests.outreach.campaigns import KEY, make_campaign
from liendea_assets_tests.outreach.histories import OUTCOMES, Accepted, Ended, Line, Outcome, marked_step
from liendea_assets_tests.outreach.letters import open_settings
from liendea_assets_tests.outreach.messages_sent import merge_contact

HISTORIES = int(os.environ.get("SOAK_HISTORIES", "300"))
# Making a history shorter takes minutes; whoever looks for a fault adds Phase.shrink.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
MOST_PEOPLE = 12
DAY, WEEK = timedelta(days=1), timedelta(days=7)
PEOPLE_OF_COMPANY, MESSAGES_OF_PERSON, DAYS_BETWEEN = 2, 2, 1
MAILBOX_LIMIT, RAMP_FROM, RAMP_STEP = 3, 1, 1
LIMITS = ((3_600, 2), (86_400, 4))
OURS: OutreachSettings = open_settings(
    footer='A commercial message from {{ sender_company }}. Reply with "unsubscribe" or write to {{ unsubscribe }}.',
    mailboxes=[
        {"name": name, "email": f"{name}@northwind.example", "daily_limit": MAILBOX_LIMIT, "ramp_from": RAMP_FROM, "ramp_step": RAMP_STEP}
        for name in ("sam", "kim")
    ],
    caps={
        "company_people_per_week": PEOPLE_OF_COMPANY,
        "messages_per_contact_per_week": MESSAGES_OF_PERSON,
        "days_between_messages": DAYS_BETWEEN,
    },
)
PLANS = st.lists(st.sampled_from([*OUTCOMES, *["takes"] * len(OUTCOMES)]), min_size=1, max_size=8)
# what comes back, and what it means for whoever got the message
ANSWERS: dict[str, Callable[[Taken], Answer | None]] = {
    "reply": mail_answers.interested,
    "no": mail_answers.not_interested,
    "opt-out": mail_answers.opt_out_in_words,
    "opt-out by link": mail_answers.opt_out_by_link,
    "complaint": mail_answers.complaint,
    "hard bounce": mail_answers.hard_bounce,
    "gone": mail_answers.left_the_company,
    "full": mail_answers.full_mailbox,
    "away": mail_answers.out_of_office,
}


@cache
def empty_database() -> bytes:
    """A file with the schema of this version, made once."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "empty.db"
        open_migrated(path).conn.close()
        return path.read_bytes()


class History(RuleBasedStateMachine):
    """A few people at three companies, written to by two campaigns through two mailboxes."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        (self.folder / "test.db").write_bytes(empty_database())
        (self.folder / "mail" / "new").mkdir(parents=True)
        self.key_path = self.folder / "secret.key"
        self.key_path.write_text(KEY.hex(), encoding="ascii")
        self.db, self.other = open_migrated(self.folder / "test.db"), open_migrated(self.folder / "test.db")
        self.clock = VirtualClock()
        self.sending_rules = delivery_rules(OURS, KEY, {}, LIMITS)
        self.accepted: list[Accepted] = []
        self.into: dict[int, int] = {}
        self.company: dict[int, int] = {}
        self.addresses: dict[int, set[str]] = {}
        self.learnt: dict[tuple[int, str], str] = {}
        self.suppressed: set[str] = set()
        self.stopped: set[int] = set()
        self.stopped_companies: set[int] = set()
        self.answers: list[tuple[str, Accepted]] = []
        self.answered = 0
        self.campaigns: dict[str, Campaign] = {}
        self.editions = {"first": 1, "other": 1}
        self.approved: dict[str, int | None] = {"first": None, "other": None}
        self.is_filled = False

    @initialize()
    def begin(self) -> None:
        for company_id in (1, 2, 3):
            self.db.table("companies").insert({"id": company_id, "name": "Acme", "created_at": "t", "updated_at": "t"})
        for name, limit in (("first", 3), ("other", 2)):
            self.keep(name, ["step-1", "second", "third"], limit, "active")
            self.approve(name)
        for company in (1, 2, 3, 1):
            self.import_target(company, "new")

    def teardown(self) -> None:
        self.db.conn.close()
        self.other.conn.close()
        shutil.rmtree(self.folder)

    # what is known of people

    def person(self, contact_id: int) -> int:
        return self.into.get(contact_id, contact_id)

    def family(self, contact_id: int) -> set[int]:
        return {one for one in self.company if self.person(one) == self.person(contact_id)}

    def employer(self, contact_id: int) -> int:
        return self.company[self.person(contact_id)]

    def is_suppressed(self, contact_id: int) -> bool:
        known = {address for one in self.family(contact_id) for address in self.addresses[one]}
        domains = {address.partition("@")[2] for address in known}
        return bool((known | domains | {profile(one) for one in self.family(contact_id)}) & self.suppressed)

    # what happens

    @rule(company=st.sampled_from([1, 2, 3]), kind=st.sampled_from(["new", "new", "shared", "known again"]))
    def import_target(self, company: int, kind: str) -> None:
        """As import, enrichment and scoring leave somebody; also with an address that somebody else has, or had, in another spelling."""
        contact_id = len(self.company) + 1
        if contact_id > MOST_PEOPLE:
            return
        address = f"robin.{contact_id}@site{contact_id % 4}.example"
        if kind == "shared":
            address = "office@site9.example"
        elif kind == "known again":
            address = min(self.addresses[contact_id // 2 + 1]) if contact_id // 2 + 1 in self.addresses else address
        add_target(
            self.db, contact_id, full_name=f"Robin W{contact_id}", company_id=company, work_email=address, linkedin_url=profile(contact_id)
        )
        self.company[contact_id], self.addresses[contact_id] = company, set()
        self.learn(contact_id, address)

    @rule(data=st.data(), is_back=st.booleans(), is_replaced=st.booleans())
    def change_address(self, data: st.DataObject, is_back: bool, is_replaced: bool) -> None:
        """Another provider says another one, or the same provider instead of its former one; a former one may come back."""
        contact_id = data.draw(st.sampled_from(sorted(set(map(self.person, self.company)))))
        former = sorted(self.addresses[contact_id])
        address = former[0] if is_back else f"robin.{contact_id}.{len(self.learnt)}@site{contact_id % 4}.example"
        change_contact(self.db, contact_id, work_email=address)
        source = "reach" if is_replaced else f"provider {len(self.learnt)}"
        replaced = self.learnt.get((contact_id, source))
        # what nobody knows any more cannot be compared with what is suppressed from now on
        if replaced is not None and not self.is_suppressed(contact_id):
            others = {said for (id_, other), said in self.learnt.items() if id_ == contact_id and other != source}
            self.addresses[contact_id] -= {replaced} - others - {one.recipient for one in self.accepted if one.contact_id == contact_id}
        self.learn(contact_id, address, source)

    def learn(self, contact_id: int, address: str, source: str = "reach") -> None:
        known = {"contact_id": contact_id, "source": source, "outcome": "hit", "work_email": address, "cost": 1.0}
        known |= {"linkedin_url": profile(contact_id), "last_enriched": "t"}
        times = {"answered_at": to_text(self.clock.now()), "expires_at": "2030-01-01 00:00:00.000000"}
        self.db.execute("DELETE FROM contact_enrichment WHERE contact_id = ? AND source = ?", [contact_id, source])
        self.db.table("contact_enrichment").insert(known | times)
        self.learnt[contact_id, source] = address.lower()
        self.addresses[contact_id].add(address.lower())
        self.is_filled = False

    @precondition(lambda self: len(set(map(self.person, self.company))) > 3)
    @rule(data=st.data(), sends=st.booleans())
    def merge(self, data: st.DataObject, sends: bool) -> None:
        """Two contacts turn out to be one person; perhaps the sender is next to look, when no cap stands in its way any more."""
        roots = sorted(set(map(self.person, self.company)))
        gone = data.draw(st.sampled_from(roots))
        into = data.draw(st.sampled_from([one for one in roots if one != gone]))
        for contact_id in self.family(gone) - {gone}:
            self.db.table("contacts").update(contact_id, {"merged_into": into})
            self.into[contact_id] = into
        merge_contact(self.db, gone, into)
        self.into[gone] = into
        self.is_filled = False
        if sends:
            self.clock.sleep(8 * 86_400)
            self.send([], fills=False, wait_s=0)

    @rule(data=st.data(), kind=st.sampled_from([ADDRESS, ADDRESS, DOMAIN, PROFILE]), is_listed=st.booleans())
    def opt_out(self, data: st.DataObject, kind: str, is_listed: bool) -> None:
        """At the desk, or in data/suppressions.csv, which withdraws nothing by itself."""
        contact_id = data.draw(st.sampled_from(sorted(self.company)))
        address = data.draw(st.sampled_from(sorted(self.addresses[contact_id])))
        value = {ADDRESS: address.title(), DOMAIN: address.partition("@")[2], PROFILE: profile(contact_id)}[kind]
        if is_listed:
            self.list_suppression(value)
            exclude_suppressed(self.db, self.key_path)
        else:
            with transaction(self.other) as connection:
                suppress(connection, kind, value, "asked", KEY, to_text(self.clock.now()))
            self.suppressed.add(value.lower())
            self.is_filled = False

    def list_suppression(self, value: str) -> None:
        """From another process, as all who object."""
        file = self.folder / "suppressions.csv"
        file.write_text(f"value,reason\n{value},asked\n", encoding="utf-8")
        listed = read_suppressions(file, KEY)
        assert not listed.bad_lines
        add_suppressions(self.other, listed.entries, to_text(self.clock.now()))
        self.suppressed.add(value.lower())
        self.is_filled = False

    @rule(back=st.booleans(), hours=st.sampled_from([1, 7, 24, 48, 24 * 8]))
    def jump(self, back: bool, hours: int) -> None:
        """Somebody sets the clock."""
        self.clock.set_wall(-3_600 * hours if back else 3_600 * hours)

    @rule(hours=st.sampled_from([1, 24, 24, 72]))
    def wait(self, hours: int) -> None:
        self.clock.sleep(3_600 * hours)

    @rule(
        name=st.sampled_from(["first", "other"]),
        change=st.sampled_from(["add", "drop", "reorder", "reword", "limit", "pause", "go on"]),
        is_approved=st.booleans(),
        data=st.data(),
    )
    def edit(self, name: str, change: str, is_approved: bool, data: st.DataObject) -> None:
        campaign = self.campaigns[name]
        steps, limit, status = [step.name for step in campaign.steps], campaign.settings.daily_limit, campaign.settings.status
        if change in ("add", "drop", "reorder", "reword"):
            self.editions[name] += 1
            self.approved[name] = None
        if change == "add":
            steps.insert(data.draw(st.integers(0, len(steps))), f"added-{self.editions[name]}")
        elif change == "drop" and len(steps) > 1:
            steps.pop(data.draw(st.integers(0, len(steps) - 1)))
        elif change == "reorder":
            steps = data.draw(st.permutations(steps))
        elif change == "limit":
            limit = data.draw(st.integers(1, 4))
        self.keep(name, steps, limit, {"pause": "paused", "go on": "active"}.get(change, status))
        if is_approved:
            self.approve(name)

    def keep(self, name: str, steps: list[str], limit: int, status: str) -> None:
        edition = self.editions[name]
        made = [marked_step(name, step, edition, DAYS_BETWEEN) for step in steps]
        campaign = make_campaign(name=name, daily_limit=limit, status=status, version=f"v{edition}")
        self.campaigns[name] = campaign.model_copy(update={"steps": tuple(made)})
        campaign_store.sync_campaigns(self.db, list(self.campaigns.values()), to_text(self.clock.now()))
        self.is_filled = False

    @rule(name=st.sampled_from(["first", "other"]))
    def approve(self, name: str) -> None:
        id_, edition = campaign_store.campaign_ids(self.db)[name], self.editions[name]
        campaign_store.approve(self.db, id_, f"v{edition}", "Sam", to_text(self.clock.now()))
        self.approved[name] = edition

    @rule()
    def fill(self) -> None:
        fill_queue(self.db, list(self.campaigns.values()), OURS, KEY, self.clock.now())
        self.is_filled = True

    @rule(plan=PLANS, fills=st.booleans(), wait_s=st.sampled_from([0, 7_200]))
    def send(self, plan: list[Outcome], fills: bool, wait_s: float) -> None:
        """Even where nobody filled the queue since something happened."""
        if fills:
            self.fill()
        lines = {one.name: Line(one.name, plan, self.clock, self.take, self.refuse, self.object_to) for one in OURS.all_mailboxes}
        mailboxes = {one.name: Mailbox(one.name, one.email, lines[one.name]) for one in OURS.all_mailboxes}
        with contextlib.suppress(Ended):
            deliver(self.db, self.sending_rules, mailboxes, self.clock, max_wait_s=wait_s)
        self.is_filled = False

    @rule(days=st.integers(2, 6), plan=PLANS)
    def work(self, days: int, plan: list[Outcome]) -> None:
        """A few days on which nobody looks."""
        for _ in range(days):
            self.send(plan, fills=True, wait_s=7_200)
            self.clock.sleep(86_400)

    @precondition(lambda self: self.accepted)
    @rule(data=st.data(), kind=st.sampled_from(sorted(ANSWERS)), is_read=st.booleans())
    def answer(self, data: st.DataObject, kind: str, is_read: bool) -> None:
        """To any message that ever went out, as a file in a Maildir that somebody reads, sooner or later."""
        message = self.accepted[data.draw(st.integers(0, len(self.accepted) - 1))]
        taken = Taken(message.content, message.envelope.sender, message.envelope.recipient, self.clock.now())
        made = ANSWERS[kind](taken)
        assert made is not None
        self.answered += 1
        file = self.folder / "mail" / "new" / f"{1_000_000_000 + self.answered}.M1.test"
        file.write_bytes(made.content)
        os.utime(file, (self.clock.now().timestamp(),) * 2)
        self.answers.append((kind, message))
        if is_read:
            self.read()

    @rule()
    def read(self) -> None:
        report = read_inbox(self.db, [MaildirFolder("replies", self.folder / "mail")], OURS, KEY, self.clock)
        assert not report.problems
        exclude_suppressed(self.db, self.key_path)
        for kind, message in self.answers:
            self.note(kind, message)
        self.answers.clear()
        self.is_filled = False

    def note(self, kind: str, message: Accepted) -> None:
        """What the answer means, in plain words."""
        if kind in ("opt-out", "opt-out by link", "complaint", "hard bounce"):
            self.suppressed.add(message.recipient)
        if kind not in ("full", "away", "hard bounce"):
            self.stopped.add(message.contact_id)
        if kind in ("reply", "no"):
            self.stopped_companies.add(self.employer(message.contact_id))

    @rule()
    def settle(self) -> None:
        """By the server's own record."""

        def find(message_ids: Collection[str]) -> set[str]:
            return {message.message_id for message in self.accepted} & set(message_ids)

        settle_by_evidence(
            self.db, find, self.sending_rules.gate.record_notice, by="Sam", source="the server", clock=self.clock, is_complete=True
        )
        self.is_filled = False

    # what the server sees

    def refuse(self, address: str) -> None:
        self.suppressed.add(address.lower())

    def object_to(self, address: str) -> None:
        self.list_suppression(address)
        exclude_suppressed(self.other, self.key_path)

    def take(self, message: Accepted) -> None:
        self.check(message)
        self.accepted.append(message)

    def check(self, message: Accepted) -> None:
        """What must hold of a message that goes out."""
        contact_id, now, campaign = message.contact_id, message.at, self.campaigns[message.campaign]
        family, company = self.family(contact_id), self.employer(contact_id)
        assert message.recipient not in self.suppressed
        assert not self.is_suppressed(contact_id)
        assert not family & self.stopped
        assert company not in self.stopped_companies
        assert self.approved[message.campaign] == message.edition
        assert campaign.settings.status == "active"

        same = [one for one in self.accepted if (one.campaign, one.step) == (message.campaign, message.step)]
        assert not [one for one in same if one.contact_id in family]
        assert not [one for one in same if one.recipient == message.recipient]

        def between(one: Accepted) -> timedelta:
            return abs(one.at - now)

        own = [one for one in self.accepted if one.contact_id in family]
        assert all(between(one) >= DAYS_BETWEEN * DAY for one in own)
        assert sum(between(one) < WEEK for one in own) < MESSAGES_OF_PERSON
        for seconds, most in LIMITS:
            assert sum(between(one).total_seconds() < seconds for one in self.accepted) < most
        colleagues = {
            self.person(one.contact_id) for one in self.accepted if between(one) < WEEK and self.employer(one.contact_id) == company
        }
        assert len(colleagues - family) < PEOPLE_OF_COMPANY
        self.check_day(message, campaign.settings.daily_limit)

    def check_day(self, message: Accepted, limit: int) -> None:
        today = [one for one in self.accepted if one.at.date() == message.at.date()]
        assert sum(one.campaign == message.campaign for one in today) < limit
        by_it = {one.at.date() for one in self.accepted if one.mailbox == message.mailbox}
        earlier = sum(day < message.at.date() for day in by_it)
        assert sum(one.mailbox == message.mailbox for one in today) < min(MAILBOX_LIMIT, RAMP_FROM + RAMP_STEP * earlier)

    @invariant()
    def nobody_who_objected_stands_in_a_queue_that_was_filled(self) -> None:
        if self.is_filled:
            for row in self.db.execute("SELECT contact_id FROM outreach_log WHERE status = 'queued'"):
                contact_id = row["contact_id"]
                assert self.person(contact_id) == contact_id
                assert not self.is_suppressed(contact_id)
                assert not self.family(contact_id) & self.stopped
                assert self.employer(contact_id) not in self.stopped_companies
            assert queue_store.count_doubles(self.db) == 0


def profile(contact_id: int) -> str:
    """Of an invented person."""
    return f"https://www.linkedin.com/in/robin-{contact_id}"


def test_quiet_history_brings_every_step_to_everybody() -> None:
    """The properties of the histories could all be held by sending nothing."""
    history = History()
    try:
        history.begin()
        for _ in range(6):
            history.work(days=5, plan=[])
        had = {(one.contact_id, one.campaign, one.step) for one in history.accepted}
        assert len(had) == len(history.accepted) == 4 * 2 * 3
    finally:
        history.teardown()


History.TestCase.settings = settings(max_examples=8, stateful_step_count=25, deadline=None, phases=PHASES)
TestHistory = History.TestCase


@pytest.mark.soak
def test_long_histories() -> None:
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
    run_state_machine_as_test(
        History,
        settings=settings(max_examples=HISTORIES, stateful_step_count=60, deadline=None, phases=PHASES, suppress_health_check=checks),
    )
