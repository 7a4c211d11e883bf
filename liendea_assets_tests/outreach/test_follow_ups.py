from datetime import timedelta
from email import message_from_string
from email.policy import SMTP

import pytest

from liendea_assets.core.clock import to_text
from liendea_assets.db.connection import Database
from liendea_assets.outreach import campaign_store, sequences
from liendea_assets.outreach import queue_store as store
from liendea_assets.outreach.campaigns import Campaign
from liendea_assets.outreach.queue import HAD_ADDRESS, MERGED, NO_TARGET, fill_queue
from liendea_assets.outreach.settings import MailboxSettings
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.contacts import add_target, change_contact, drop_target
from liendea_assets_tests.outreach.campaigns import KEY, SETTINGS, make_campaign, make_step
from liendea_assets_tests.outreach.messages_sent import mark, merge_contact

SECOND, THIRD = make_step("second", 3), make_step("third", 5)
THREE = make_campaign(follow_ups=(SECOND, THIRD))


def fill(db: Database, clock: VirtualClock, *campaigns: Campaign) -> None:
    campaign_store.sync_campaigns(db, campaigns, to_text(clock.now()))
    fill_queue(db, list(campaigns), SETTINGS, KEY, clock.now())


def log(db: Database) -> list[dict[str, object]]:
    return list(db.table("outreach_log").rows_where(order_by="id"))


def steps(db: Database, status: str = "queued") -> list[tuple[object, str]]:
    """(contact, step's name) of messages in a state."""
    names = {(row["campaign_id"], row["step"]): row["name"] for row in db.table("outreach_steps").rows}
    return [(row["contact_id"], names[row["campaign_id"], row["step"]]) for row in log(db) if row["status"] == status]


def exclusions(db: Database) -> dict[int, str]:
    return {row["contact_id"]: row["reason"] for row in db.table("outreach_exclusions").rows}


@pytest.fixture
def begun(db: Database, clock: VirtualClock) -> Database:
    """Contact 1 has had the first step of three."""
    add_target(db, 1)
    fill(db, clock, THREE)
    mark(db, 1, "sent", clock.now())
    return db


def test_follow_up_is_queued_once_the_step_before_was_sent(db: Database, clock: VirtualClock) -> None:
    add_target(db, 1)
    fill(db, clock, THREE)
    assert steps(db) == [(1, "step-1")]
    mark(db, 1, "sent", clock.now())
    fill(db, clock, THREE)
    assert steps(db) == [(1, "second")]
    row = log(db)[1]
    assert (row["send_after"], row["planned_on"]) == ("2026-10-08 09:00:00.000000", "2026-10-08")
    assert row["schedule_reason"] == "3 days after the step before; Thu 2026-10-08 09:00 UTC (the sender's; the recipient's is not known)"


def test_follow_up_that_is_due_on_a_saturday_waits_until_monday(begun: Database, clock: VirtualClock) -> None:
    fill(begun, clock, make_campaign(follow_ups=(make_step("second", 5),)))
    assert log(begun)[1]["planned_on"] == "2026-10-12"


def test_follow_up_goes_into_the_thread_by_the_same_mailbox(db: Database, clock: VirtualClock) -> None:
    mailboxes = tuple(MailboxSettings(name=name, email=f"{name}@northwind.example") for name in ("sam", "kim", "lou"))
    settings = SETTINGS.model_copy(update={"mailboxes": mailboxes})
    for contact_id in range(1, 13):
        add_target(db, contact_id)
    for _ in range(3):
        campaign_store.sync_campaigns(db, [THREE], to_text(clock.now()))
        fill_queue(db, [THREE], settings, KEY, clock.now())
        for row in log(db):
            if row["status"] == "queued":
                mark(db, int(str(row["id"])), "sent", clock.now())
        clock.sleep(7 * 86_400)
    by_contact: dict[object, list[dict[str, object]]] = {}
    for row in log(db):
        by_contact.setdefault(row["contact_id"], []).append(row)
    assert all(len({row["mailbox"] for row in rows}) == 1 for rows in by_contact.values())
    assert {row["mailbox"] for row in log(db)} == {"sam", "kim", "lou"}
    first, second, third = by_contact[1]
    message = message_from_string(str(third["message"]), policy=SMTP)
    assert message["In-Reply-To"] == second["message_id"]
    assert message["References"].split() == [first["message_id"], second["message_id"]]
    assert message["Subject"] == "Re: Robin, a question"
    assert store.count_doubles(db) == 0


@pytest.mark.parametrize(
    ("status", "changed", "reason"),
    [
        ("uncertain", {}, sequences.UNCERTAIN),
        ("sending", {}, sequences.UNDER_WAY),
        ("responded", {}, sequences.ANSWERED),
        ("sent", {"response_at": "2026-10-05 10:00:00.000000"}, sequences.ANSWERED),
        ("sent", {"bounce": "hard"}, sequences.BOUNCED),
        ("sent", {"unsubscribed_at": "2026-10-05 10:00:00.000000"}, sequences.OPTED_OUT),
        ("failed", {}, "the step could not be delivered"),
    ],
)
def test_sequence_stops_by_what_came_back(db: Database, clock: VirtualClock, status: str, changed: dict[str, object], reason: str) -> None:
    add_target(db, 1)
    fill(db, clock, THREE)
    mark(db, 1, status, clock.now(), **changed)
    fill(db, clock, THREE)
    assert (steps(db), exclusions(db)) == ([], {1: reason})


def test_soft_bounce_lets_the_sequence_go_on(begun: Database, clock: VirtualClock) -> None:
    begun.table("outreach_log").update(1, {"bounce": "soft"})
    fill(begun, clock, THREE)
    assert steps(begun) == [(1, "second")]


def test_answer_withdraws_the_follow_up_that_was_queued(begun: Database, clock: VirtualClock) -> None:
    fill(begun, clock, THREE)
    begun.table("outreach_log").update(1, {"status": "responded"})
    fill(begun, clock, THREE)
    assert (steps(begun), steps(begun, "cancelled")) == ([], [(1, "second")])


@pytest.mark.parametrize("by", ["contact", "company", "merged company"])
def test_stop_of_the_person_or_the_company_ends_the_sequence_until_it_is_lifted(begun: Database, clock: VirtualClock, by: str) -> None:
    for company_id in (1, 2):
        begun.table("companies").insert({"id": company_id, "name": "Acme", "created_at": "t", "updated_at": "t"})
    change_contact(begun, 1, company_id=1)
    if by == "merged company":
        begun.table("companies").update(2, {"merged_into": 1, "name": ""})
    whom = {"contact_id": 1} if by == "contact" else {"company_id": 1 if by == "company" else 2}
    begun.table("outreach_stops").insert({**whom, "reason": "human reply", "stopped_at": "2026-10-05 10:00:00.000000"})
    fill(begun, clock, THREE)
    assert (steps(begun), exclusions(begun)) == ([], {1: "the sequence stopped: human reply"})
    begun.table("outreach_stops").update(1, {"lifted_at": "2026-10-05 11:00:00.000000"})
    fill(begun, clock, THREE)
    assert steps(begun) == [(1, "second")]


def test_uncertain_message_that_is_settled_lets_the_sequence_go_on(db: Database, clock: VirtualClock) -> None:
    add_target(db, 1)
    fill(db, clock, THREE)
    mark(db, 1, "uncertain", clock.now())
    fill(db, clock, THREE)
    db.table("outreach_log").update(1, {"status": "sent", "settled_by": "log", "sent_at": to_text(clock.now())})
    fill(db, clock, THREE)
    assert steps(db) == [(1, "second")]


def test_who_had_every_step_gets_no_more(begun: Database, clock: VirtualClock) -> None:
    fill(begun, clock, make_campaign())
    assert exclusions(begun) == {1: sequences.DONE}


@pytest.mark.parametrize(
    ("follow_ups", "following"),
    [
        ((THIRD,), "third"),
        ((make_step("new", 1), SECOND, THIRD), "new"),
        ((THIRD, SECOND), "third"),
        ((make_step("instead", 1), THIRD), "instead"),
    ],
)
def test_steps_that_change_while_a_campaign_runs(
    begun: Database, clock: VirtualClock, follow_ups: tuple[object, ...], following: str
) -> None:
    """What is queued already gives way to what comes next now; what was sent keeps its version."""
    fill(begun, clock, THREE)
    fill(begun, clock, make_campaign(follow_ups=follow_ups, version="v2"))  # type: ignore[arg-type]  # steps
    assert steps(begun) == [(1, following)]
    assert [row["campaign_version"] for row in log(begun) if row["status"] == "sent"] == ["v1"]


def test_step_before_the_furthest_that_was_sent_is_not_made_up_for(begun: Database, clock: VirtualClock) -> None:
    fill(begun, clock, THREE)
    mark(begun, 2, "sent", clock.now())
    fill(begun, clock, make_campaign(follow_ups=(make_step("new", 1), SECOND, THIRD), version="v2"))
    assert steps(begun) == [(1, "third")]


def test_begun_sequence_ends_with_the_target_and_outlives_the_audience(begun: Database, clock: VirtualClock) -> None:
    fill(begun, clock, make_campaign(follow_ups=(SECOND, THIRD), priorities=(5,)))
    assert steps(begun) == [(1, "second")]
    drop_target(begun, 1)
    fill(begun, clock, THREE)
    assert (steps(begun), log(begun)[1]["error_message"]) == ([], NO_TARGET)


def test_person_in_one_sequence_begins_no_other(begun: Database, clock: VirtualClock) -> None:
    fill(begun, clock, make_campaign(name="a_first"), THREE)
    assert steps(begun) == [(1, "second")]
    assert exclusions(begun) == {1: "has a message of the campaign email_campaign"}


@pytest.mark.parametrize("survivor", [1, 2])
def test_merged_contacts_go_on_as_one_person(begun: Database, clock: VirtualClock, survivor: int) -> None:
    """In both directions: whichever of the two contacts stays."""
    add_target(begun, 2, work_email="robin@other.example")
    fill(begun, clock, THREE)
    assert steps(begun) == [(1, "second"), (2, "step-1")]
    merge_contact(begun, 3 - survivor, survivor)
    fill(begun, clock, THREE)
    assert steps(begun) == [(survivor, "second")]
    assert MERGED in {row["error_message"] for row in log(begun)} or survivor == 1


def test_address_that_had_the_campaign_as_somebody_else_does_not_get_it_again(begun: Database, clock: VirtualClock) -> None:
    add_target(begun, 2, work_email="robin.weaver.1@acmelabs.example")
    drop_target(begun, 1)
    fill(begun, clock, THREE)
    assert (steps(begun), exclusions(begun)) == ([], {2: HAD_ADDRESS})


def test_message_that_is_tried_again_later_keeps_its_moment(db: Database, clock: VirtualClock) -> None:
    add_target(db, 1)
    fill(db, clock, THREE)
    later = to_text(clock.now() + timedelta(hours=1))
    db.table("outreach_log").update(1, {"status": "claimed", "attempts": 1})
    db.table("outreach_log").update(1, {"status": "queued", "send_after": later, "schedule_reason": "greylisted"})
    fill(db, clock, THREE.model_copy(update={"version": "v2"}))
    assert (log(db)[0]["send_after"], log(db)[0]["schedule_reason"]) == (later, "greylisted")
