"""Whatever happens in whatever order: nobody who objected is queued, no cap is exceeded, and no step goes to a person twice."""

import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from liendea_assets.core.clock import to_text
from liendea_assets.db.migrations import open_migrated
from liendea_assets.outreach import campaign_store, sending_store, suppression_store
from liendea_assets.outreach import queue_store as store
from liendea_assets.outreach.caps import find_free
from liendea_assets.outreach.gate import Gate
from liendea_assets.outreach.queue import fill_queue
from liendea_assets.outreach.settings import CapSettings, MailboxSettings
from liendea_assets.outreach.suppression import Suppression
from liendea_assets.scoring.suppression_list import ADDRESS, DOMAIN, KEY_CHECK, suppression_hash
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.contacts import add_target
from liendea_assets_tests.outreach.campaigns import KEY, SETTINGS, make_campaign, make_step
from liendea_assets_tests.outreach.messages_sent import mark, merge_contact

CAPS = CapSettings(company_people_per_week=2, messages_per_contact_per_week=2, days_between_messages=1)
MAILBOXES = tuple(
    MailboxSettings(name=name, email=f"{name}@northwind.example", daily_limit=3, ramp_from=1, ramp_step=1) for name in ("sam", "kim")
)
OURS = SETTINGS.model_copy(update={"caps": CAPS, "mailboxes": MAILBOXES})
LIMITS = ((3_600, 2), (86_400, 4))
FOLLOW_UPS = (make_step("second", 1), make_step("third", 1))
CAMPAIGNS = [
    make_campaign(name="first", daily_limit=3, follow_ups=FOLLOW_UPS),
    make_campaign(name="other", daily_limit=2, follow_ups=FOLLOW_UPS),
]
WEEK = timedelta(days=7)


class Outreach(RuleBasedStateMachine):
    """A few people at two companies, written to by two campaigns; beside the database stands a plain account of what happened."""

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.db = open_migrated(Path(self.folder.name) / "test.db")
        self.clock = VirtualClock()
        self.into: dict[int, int] = {}
        self.company: dict[int, int] = {}
        self.objected: set[int] = set()
        self.stopped: set[int] = set()
        self.stopped_companies: set[int] = set()
        # (moment, contact, campaign, step, mailbox, is certain)
        self.out: list[tuple[datetime, int, int, int, str]] = []
        self.is_filled = False
        for company_id in (1, 2):
            self.db.table("companies").insert({"id": company_id, "name": "Acme", "created_at": "t", "updated_at": "t"})
        campaign_store.sync_campaigns(self.db, CAMPAIGNS, to_text(self.clock.now()))
        for company_id in (1, 1, 1, 2):
            self.import_target(company_id, shared=False)

    def teardown(self) -> None:
        if hasattr(self, "db"):
            self.db.conn.close()
            self.folder.cleanup()

    def person(self, contact_id: int) -> int:
        return self.into.get(contact_id, contact_id)

    def family(self, contact_id: int) -> set[int]:
        return {one for one in self.company if self.person(one) == self.person(contact_id)}

    @rule(company=st.sampled_from([1, 2]), shared=st.booleans())
    def import_target(self, company: int, shared: bool) -> None:
        contact_id = len(self.company) + 1
        if contact_id <= 9:
            address = "office@acmelabs.example" if shared else f"robin.{contact_id}@acmelabs.example"
            add_target(self.db, contact_id, company_id=company, work_email=address)
            self.db.table("contact_enrichment").insert(
                {"contact_id": contact_id, "source": "reach", "outcome": "hit", "work_email": address, "cost": 1.0, "last_enriched": "t"}
                | {"answered_at": "2026-10-01 08:00:00.000000", "expires_at": "2030-01-01 00:00:00.000000"}
            )
            self.company[contact_id] = company
            self.is_filled = False

    @precondition(lambda self: len(set(map(self.person, self.company))) > 2)
    @rule(data=st.data())
    def merge(self, data: st.DataObject) -> None:
        roots = sorted(set(map(self.person, self.company)))
        gone = data.draw(st.sampled_from(roots))
        into = data.draw(st.sampled_from([one for one in roots if one != gone]))
        for contact_id in self.family(gone) - {gone}:
            self.db.table("contacts").update(contact_id, {"merged_into": into})
            self.into[contact_id] = into
        merge_contact(self.db, gone, into)
        self.into[gone] = into
        self.is_filled = False

    @precondition(lambda self: self.company)
    @rule(data=st.data())
    def opt_out(self, data: st.DataObject) -> None:
        contact_id = data.draw(st.sampled_from(sorted(self.company)))
        row = self.db.execute("SELECT work_email FROM contact_enrichment WHERE contact_id = ?", [contact_id]).fetchone()
        entries = [(ADDRESS, row["work_email"]), (DOMAIN, KEY_CHECK)]
        listed = [Suppression(kind, suppression_hash(KEY, kind, value), "asked") for kind, value in entries]
        suppression_store.add_suppressions(self.db, listed, to_text(self.clock.now()))
        self.objected |= {
            one["contact_id"]
            for one in self.db.execute("SELECT contact_id FROM contact_enrichment WHERE work_email = ?", [row["work_email"]])
        }
        self.is_filled = False

    @precondition(lambda self: self.out)
    @rule(data=st.data(), whole_company=st.booleans())
    def reply(self, data: st.DataObject, whole_company: bool) -> None:
        contact_id = data.draw(st.sampled_from([entry[1] for entry in self.out]))
        company = self.company[self.person(contact_id)] if whole_company else None
        stop = {"contact_id": contact_id, "company_id": company, "reason": "human reply", "stopped_at": to_text(self.clock.now())}
        self.db.table("outreach_stops").insert(stop)
        self.stopped.add(contact_id)
        self.stopped_companies |= {company} if company else set()
        self.is_filled = False

    @precondition(lambda self: self.out)
    @rule(data=st.data())
    def bounce(self, data: st.DataObject) -> None:
        contact_id = data.draw(st.sampled_from([entry[1] for entry in self.out]))
        self.db.execute(
            "UPDATE outreach_log SET bounce = 'hard', bounced_at = ? WHERE contact_id = ? AND status = 'sent'",
            [to_text(self.clock.now()), contact_id],
        )
        self.is_filled = False

    @rule(hours=st.sampled_from([1, 24, 24, 48, 24 * 8]))
    def wait(self, hours: int) -> None:
        self.clock.sleep(3_600 * hours)

    @rule()
    def fill(self) -> None:
        fill_queue(self.db, CAMPAIGNS, OURS, KEY, self.clock.now())
        self.is_filled = True

    @rule(is_lost=st.booleans(), fills=st.booleans())
    def send(self, is_lost: bool, fills: bool) -> None:
        """As the sender does, even where nobody filled the queue since something happened."""
        if fills:
            self.fill()
        now, gate = self.clock.now(), Gate(OURS, KEY)
        for id_, _ in sending_store.read_due(self.db.conn, to_text(now), None):
            row = self.db.execute("SELECT * FROM outreach_log WHERE id = ?", [id_]).fetchone()
            if find_free(self.db.conn, row, OURS, now, LIMITS) is None and gate.find_suppression(self.db.conn, row, now) is None:
                self.check(row["contact_id"], row["campaign_id"], row["step"], row["mailbox"], now)
                mark(self.db, id_, "uncertain" if is_lost else "sent", now)
                self.out.append((now, row["contact_id"], row["campaign_id"], row["step"], row["mailbox"]))

    @rule(days=st.integers(2, 5))
    def work(self, days: int) -> None:
        """A few quiet days."""
        for _ in range(days):
            self.send(is_lost=False, fills=True)
            self.clock.sleep(86_400)

    def check(self, contact_id: int, campaign_id: int, step: int, mailbox: str, now: datetime) -> None:
        """What must hold of a message that goes out, by the plain account."""
        family = self.family(contact_id)
        assert not family & self.objected
        assert not family & self.stopped
        assert not {self.company[self.person(contact_id)]} & self.stopped_companies
        own = [entry for entry in self.out if entry[1] in family]
        assert not [entry for entry in own if (entry[2], entry[3]) == (campaign_id, step)]
        assert not [entry for entry in own if entry[0] > now - timedelta(days=CAPS.days_between_messages)]
        assert len([entry for entry in own if entry[0] > now - WEEK]) < CAPS.messages_per_contact_per_week
        today = [entry for entry in self.out if entry[0].date() == now.date()]
        assert len([entry for entry in today if entry[2] == campaign_id]) < {1: 3, 2: 2}[campaign_id]
        assert len([entry for entry in today if entry[4] == mailbox]) < 3
        for seconds, most in LIMITS:
            assert len([entry for entry in self.out if entry[0] > now - timedelta(seconds=seconds)]) < most
        company = self.company[self.person(contact_id)]
        recent = {self.person(entry[1]) for entry in self.out if entry[0] > now - WEEK and self.company[self.person(entry[1])] == company}
        assert len(recent | {self.person(contact_id)}) <= CAPS.company_people_per_week or self.person(contact_id) in recent
        assert now.weekday() < 5
        assert 9 <= now.hour < 17

    @invariant()
    def nobody_who_objected_stands_in_a_queue_that_was_filled(self) -> None:
        if getattr(self, "is_filled", False):
            for row in self.db.execute("SELECT contact_id FROM outreach_log WHERE status = 'queued'"):
                family = self.family(row["contact_id"])
                assert self.person(row["contact_id"]) == row["contact_id"]
                assert not family & (self.objected | self.stopped)
                assert self.company[row["contact_id"]] not in self.stopped_companies
            assert store.count_doubles(self.db) == 0


Outreach.TestCase.settings = settings(max_examples=5, stateful_step_count=30, deadline=None)
TestOutreach = Outreach.TestCase
