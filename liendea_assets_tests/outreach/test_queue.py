from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liendea_assets.core.clock import to_text
from liendea_assets.core.errors import SettingsError, TemplateProblem
from liendea_assets.db.connection import Database, to_records
from liendea_assets.db.migrations import open_migrated
from liendea_assets.outreach import campaign_store, store
from liendea_assets.outreach.campaigns import Campaign
from liendea_assets.outreach.queue import NO_TARGET, NOT_RUNNING, fill_queue
from liendea_assets.outreach.suppression import read_suppressions, recipients
from liendea_assets.scoring.suppression_list import SuppressionList
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.contacts import add_answer, add_target, change_contact, drop_target, make_target
from liendea_assets_tests.outreach.campaigns import KEY, OTHER_KEY, SETTINGS, make_campaign

EMAIL = make_campaign()
LINKEDIN = make_campaign("linkedin_message")


def fill(db: Database, clock: VirtualClock, *campaigns: Campaign, kind: str = "email") -> int:
    """Brings the queues up to date. Returns how many messages they gained."""
    campaign_store.sync_campaigns(db, campaigns, to_text(clock.now()))
    return sum(fill_queue(db, list(campaigns), kind, SETTINGS, KEY, clock.now()).values())


def suppress(db: Database, folder: Path, *lines: str) -> None:
    path = folder / "suppressions.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    listed = read_suppressions(path, KEY)
    assert not listed.bad_lines
    store.add_suppressions(db, listed.entries, "2026-10-05 09:00:00.000000")


def queued(db: Database, kind: str = "email") -> list[int]:
    return [row["contact_id"] for row in to_records(store.read_queued(db, kind))]


def exclusions(db: Database) -> dict[int, str]:
    return {row["contact_id"]: row["reason"] for row in db.table("outreach_exclusions").rows}


def log(db: Database) -> list[dict[str, object]]:
    return list(db.table("outreach_log").rows_where(order_by="id"))


def test_every_target_of_the_audience_gets_one_message(db: Database, clock: VirtualClock) -> None:
    for contact_id, priority in enumerate([1, 2, 3], start=1):
        add_target(db, contact_id, priority=priority)
    assert fill(db, clock, make_campaign(priorities=(1, 2))) == 2
    assert queued(db) == [1, 2]
    assert {row["status"] for row in log(db)} == {"queued"}
    assert {row["planned_on"] for row in log(db)} == {"2026-10-05"}


def test_daily_limit_of_an_email_campaign_does_not_bound_its_queue(db: Database, clock: VirtualClock) -> None:
    """It counts when messages are sent."""
    for contact_id in range(1, 6):
        add_target(db, contact_id)
    assert fill(db, clock, make_campaign(daily_limit=0)) == 5


def test_filling_again_changes_nothing(db: Database, clock: VirtualClock) -> None:
    add_target(db, 1)
    add_target(db, 2, work_email=None)
    fill(db, clock, EMAIL)
    before, excluded = log(db), exclusions(db)
    clock.sleep(3_600)
    assert fill(db, clock, EMAIL) == 0
    assert (log(db), exclusions(db)) == (before, excluded)


def test_queued_message_is_written_anew_when_the_campaign_changes(db: Database, clock: VirtualClock) -> None:
    """Nothing went out yet: whoever tunes a template wants to see what it makes."""
    add_target(db, 1)
    fill(db, clock, EMAIL)
    [before] = log(db)
    clock.sleep(86_400)
    fill(db, clock, make_campaign(body="Another text", version="v2"))
    [after] = log(db)
    assert "Another text" in str(after["message"])
    assert (after["id"], after["message_id"], after["planned_on"]) == (before["id"], before["message_id"], before["planned_on"])


def test_queued_message_that_the_changed_campaign_cannot_write_is_withdrawn(db: Database, clock: VirtualClock) -> None:
    add_target(db, 1)
    fill(db, clock, EMAIL)
    fill(db, clock, make_campaign(body="{{ nickname }}", version="v2"))
    assert [row["status"] for row in log(db)] == ["cancelled"]
    assert "missing variable" in exclusions(db)[1]


@pytest.mark.parametrize("kind", ["email", "linkedin_message"])
def test_nobody_has_messages_of_two_campaigns(db: Database, clock: VirtualClock, kind: str) -> None:
    add_target(db, 1)
    assert fill(db, clock, make_campaign(kind, name="first"), make_campaign(kind, name="second"), kind=kind) == 1
    assert store.count_doubles(db, kind) == 0


def test_who_opted_out_under_a_former_address_is_not_written_to_under_the_new_one(
    db: Database, clock: VirtualClock, tmp_path: Path
) -> None:
    add_target(db, 1, work_email="robin@new.example")
    add_answer(db, 1)
    db.execute("UPDATE contact_enrichment SET work_email = 'robin@old.example' WHERE contact_id = 1")
    suppress(db, tmp_path, "robin@old.example")
    assert fill(db, clock, EMAIL) == 0
    assert exclusions(db)[1] == "the address is suppressed"


@pytest.mark.parametrize("line", ["robin.weaver.1@acmelabs.example", "acmelabs.example", "linkedin.com/in/robin-weaver-1"])
def test_suppressed_are_not_queued(db: Database, clock: VirtualClock, tmp_path: Path, line: str) -> None:
    suppress(db, tmp_path, line)
    add_target(db, 1)
    assert fill(db, clock, EMAIL) == 0
    assert "suppressed" in exclusions(db)[1]


@pytest.mark.parametrize("line", ["robin.weaver.1@acmelabs.example", "acmelabs.example", "linkedin.com/in/robin-weaver-1"])
@pytest.mark.parametrize("kind", ["email", "linkedin_message"])
def test_who_is_suppressed_later_leaves_the_queue_with_the_reason(
    db: Database, clock: VirtualClock, tmp_path: Path, line: str, kind: str
) -> None:
    campaign = make_campaign(kind)
    add_target(db, 1)
    fill(db, clock, campaign, kind=kind)
    suppress(db, tmp_path, line)
    fill(db, clock, campaign, kind=kind)
    (row,) = log(db)
    assert row["status"] == "cancelled"
    assert "suppressed" in str(row["error_message"])
    assert exclusions(db) == {1: row["error_message"]}
    assert fill(db, clock, campaign, kind=kind) == 0


@pytest.mark.parametrize("status", ["paused", "draft", "completed"])
def test_suppressed_leave_the_queue_of_a_campaign_that_rests(db: Database, clock: VirtualClock, tmp_path: Path, status: str) -> None:
    add_target(db, 1)
    fill(db, clock, EMAIL)
    suppress(db, tmp_path, "acmelabs.example")
    fill(db, clock, make_campaign(status=status))
    assert queued(db) == []


def test_suppressed_leave_the_queue_of_a_campaign_whose_file_is_gone(db: Database, clock: VirtualClock, tmp_path: Path) -> None:
    add_target(db, 1)
    add_target(db, 2, work_email="robin@other.example")
    fill(db, clock, EMAIL)
    suppress(db, tmp_path, "acmelabs.example")
    fill(db, clock)
    assert queued(db) == [2]


def test_message_to_a_former_address_that_is_suppressed_is_made_anew(db: Database, clock: VirtualClock, tmp_path: Path) -> None:
    """The contact has another address by now; what was rendered still names the former one."""
    add_target(db, 1)
    fill(db, clock, EMAIL)
    change_contact(db, 1, work_email="robin@newjob.example")
    suppress(db, tmp_path, "robin.weaver.1@acmelabs.example")
    fill(db, clock, EMAIL)
    (row,) = to_records(store.read_queued(db, "email"))
    assert [person["work_email"] for person in recipients(row)] == ["robin@newjob.example"] * 2


def test_other_key_stops_the_queue(db: Database, clock: VirtualClock, tmp_path: Path) -> None:
    suppress(db, tmp_path, "other.example")
    add_target(db, 1)
    campaign_store.sync_campaigns(db, [EMAIL], to_text(clock.now()))
    with pytest.raises(SettingsError, match="restore it from a backup"):
        fill_queue(db, [EMAIL], "email", SETTINGS, OTHER_KEY, clock.now())
    assert log(db) == []


def test_who_is_no_target_any_more_leaves_the_queue_and_may_return(db: Database, clock: VirtualClock) -> None:
    add_target(db, 1)
    fill(db, clock, EMAIL)
    (first,) = log(db)
    drop_target(db, 1)
    fill(db, clock, EMAIL)
    (row,) = log(db)
    assert (row["status"], row["error_message"]) == ("cancelled", NO_TARGET)
    make_target(db, 1)
    change_contact(db, 1, company_name="New Labs")
    clock.sleep(86_400)
    assert fill(db, clock, EMAIL) == 1
    (again,) = log(db)
    assert (again["id"], again["status"], again["error_message"], again["planned_on"]) == (first["id"], "queued", None, "2026-10-06")
    assert "New Labs" in str(again["message"])
    assert again["message_sha256"] != first["message_sha256"]


def test_who_returns_has_the_message_id_that_stands_in_the_message(db: Database, clock: VirtualClock) -> None:
    add_target(db, 1)
    fill(db, clock, EMAIL)
    drop_target(db, 1)
    fill(db, clock, EMAIL)
    make_target(db, 1)
    moved = SETTINGS.sender.model_copy(update={"email": "sam@northwind-mail.example"})
    fill_queue(db, [EMAIL], "email", SETTINGS.model_copy(update={"sender": moved}), KEY, clock.now())
    (row,) = log(db)
    assert f"Message-ID: {row['message_id']}" in str(row["message"])


def test_who_leaves_the_audience_leaves_the_queue(db: Database, clock: VirtualClock) -> None:
    add_target(db, 1, priority=3)
    fill(db, clock, EMAIL)
    fill(db, clock, make_campaign(priorities=(1, 2)))
    assert [row["error_message"] for row in log(db)] == [NO_TARGET]


def test_message_of_a_contact_who_became_part_of_another_is_withdrawn(db: Database, clock: VirtualClock) -> None:
    add_target(db, 1)
    fill(db, clock, EMAIL)
    drop_target(db, 1)
    db.table("enriched_contacts").delete(1)
    fill(db, clock, EMAIL)
    assert [row["status"] for row in log(db)] == ["cancelled"]


@pytest.mark.parametrize("status", ["claimed", "sending", "sent", "failed", "uncertain", "held", "responded"])
def test_message_that_went_on_is_neither_withdrawn_nor_made_again(db: Database, clock: VirtualClock, status: str) -> None:
    add_target(db, 1)
    fill(db, clock, EMAIL)
    db.table("outreach_log").update(1, {"status": status})
    before = log(db)
    drop_target(db, 1)
    fill(db, clock, EMAIL)
    make_target(db, 1)
    assert fill(db, clock, EMAIL) == 0
    assert log(db) == before


@pytest.mark.parametrize(
    "resting",
    [
        make_campaign(status="paused"),
        make_campaign(status="draft"),
        make_campaign(status="completed"),
        make_campaign(end_date=date(2026, 10, 4)),
        make_campaign(start_date=date(2026, 10, 6)),
    ],
)
def test_campaign_that_does_not_run_makes_nothing_and_says_why(db: Database, clock: VirtualClock, resting: Campaign) -> None:
    add_target(db, 1)
    assert fill(db, clock, resting) == 0
    assert (log(db), exclusions(db)) == ([], {1: NOT_RUNNING})


def test_same_address_is_queued_once(db: Database, clock: VirtualClock) -> None:
    add_target(db, 1, score=80, work_email="office@acmelabs.example")
    add_target(db, 2, score=90, work_email="office@acmelabs.example")
    fill(db, clock, EMAIL)
    assert queued(db) == [2]
    assert exclusions(db) == {1: "the same address is queued for somebody else"}
    assert fill(db, clock, EMAIL) == 0


def test_address_is_free_again_when_its_message_is_withdrawn(db: Database, clock: VirtualClock) -> None:
    add_target(db, 1, score=90, work_email="office@acmelabs.example")
    add_target(db, 2, score=80, work_email="office@acmelabs.example")
    fill(db, clock, EMAIL)
    drop_target(db, 1)
    assert fill(db, clock, EMAIL) == 1
    assert queued(db) == [2]


def test_message_that_cannot_be_made_takes_nobodys_address(db: Database, clock: VirtualClock) -> None:
    add_target(db, 1, score=90, work_email="office@acmelabs.example", first_name=None)
    add_target(db, 2, score=80, work_email="office@acmelabs.example")
    assert fill(db, clock, EMAIL) == 1
    assert queued(db) == [2]


def test_everybody_without_a_message_has_a_reason(db: Database, clock: VirtualClock, tmp_path: Path) -> None:
    suppress(db, tmp_path, "blocked.example")
    add_target(db, 1)
    add_target(db, 2, work_email=None)
    add_target(db, 3, company_name=None)
    add_target(db, 4, work_email="robin@blocked.example")
    add_target(db, 5, work_email="jörg@acmelabs.example")
    add_target(db, 6, work_email="robin@acmelabs.example, evil@evil.example")
    fill(db, clock, EMAIL)
    assert queued(db) == [1, 5]
    assert exclusions(db) == {
        2: "no e-mail address is known",
        3: "missing variable: 'company' is undefined",
        4: "the domain is suppressed",
        6: "the address is not one that mail servers accept",
    }
    counted = {row["reason"]: row["contacts"] for row in to_records(store.count_exclusions(db, "email"))}
    assert counted == Counter(exclusions(db).values())


def test_reason_goes_when_the_message_can_be_made(db: Database, clock: VirtualClock) -> None:
    add_target(db, 1, work_email=None)
    fill(db, clock, EMAIL)
    change_contact(db, 1, work_email="robin@acmelabs.example")
    fill(db, clock, EMAIL)
    assert (queued(db), exclusions(db)) == ([1], {})


def test_template_that_is_none_stops_before_anything_is_queued(db: Database, clock: VirtualClock) -> None:
    add_target(db, 1)
    with pytest.raises(TemplateProblem, match="not valid in line 1"):
        fill(db, clock, make_campaign(body="{{ first_name"))
    assert log(db) == []


def test_linkedin_list_ends_at_the_daily_limit_and_the_next_day_brings_others(db: Database, clock: VirtualClock) -> None:
    for contact_id in range(1, 6):
        add_target(db, contact_id)
    gained = []
    for _ in range(4):
        gained.append(fill(db, clock, LINKEDIN, kind="linkedin_message"))
        assert fill(db, clock, LINKEDIN, kind="linkedin_message") == 0
        clock.sleep(86_400)
    assert gained == [2, 2, 1, 0]
    assert [row["planned_on"] for row in log(db)] == ["2026-10-05"] * 2 + ["2026-10-06"] * 2 + ["2026-10-07"]
    assert len({row["contact_id"] for row in log(db)}) == 5


def test_linkedin_list_says_who_is_beyond_it(db: Database, clock: VirtualClock) -> None:
    for contact_id in (1, 2, 3):
        add_target(db, contact_id)
    fill(db, clock, LINKEDIN, kind="linkedin_message")
    assert exclusions(db) == {3: "beyond today's 2"}


def test_lower_daily_limit_takes_nobody_off_the_list(db: Database, clock: VirtualClock) -> None:
    add_target(db, 1)
    add_target(db, 2)
    fill(db, clock, LINKEDIN, kind="linkedin_message")
    assert fill(db, clock, make_campaign("linkedin_message", daily_limit=1), kind="linkedin_message") == 0
    assert queued(db, "linkedin_message") == [1, 2]


def test_linkedin_list_takes_priority_then_strength_of_the_tie_then_score(db: Database, clock: VirtualClock) -> None:
    add_target(db, 1, priority=2, score=70, strength=9.0)
    add_target(db, 2, priority=1, score=99)
    add_target(db, 3, priority=1, score=80, strength=2.0)
    add_target(db, 4, priority=1, score=81, strength=2.0)
    order = []
    for _ in range(4):
        fill(db, clock, make_campaign("linkedin_message", daily_limit=1), kind="linkedin_message")
        clock.sleep(86_400)
    order = [row["contact_id"] for row in log(db)]
    assert order == [4, 3, 2, 1]


def test_linkedin_list_needs_a_profile_and_no_address(db: Database, clock: VirtualClock) -> None:
    add_target(db, 1, work_email=None)
    add_target(db, 2, linkedin_url=None)
    fill(db, clock, LINKEDIN, kind="linkedin_message")
    assert (queued(db, "linkedin_message"), exclusions(db)) == ([1], {2: "no LinkedIn profile is known"})


def test_colleague_with_the_strongest_tie_is_named(db: Database, clock: VirtualClock) -> None:
    add_target(db, 1, strength=5.0)
    fill(db, clock, make_campaign("linkedin_message", body="I work with {{ mutual_connection }}"), kind="linkedin_message")
    assert [row["message"] for row in log(db)] == ["I work with Alex Morgan"]


NAMES, DOMAINS = ["robin", "alex", "kim"], ["acme.example", "mail.acme.example", "other.example"]
ADDRESSES = st.builds("{}@{}".format, st.sampled_from(NAMES), st.sampled_from(DOMAINS))
PROFILES = st.builds("https://www.linkedin.com/in/{}".format, st.sampled_from(NAMES))
PEOPLE = st.lists(st.tuples(st.none() | ADDRESSES, st.none() | PROFILES), min_size=1, max_size=5)
LISTED = st.lists(ADDRESSES.map(str.upper) | st.sampled_from(DOMAINS) | PROFILES, max_size=3)


@settings(deadline=None, max_examples=40)
@given(PEOPLE, PEOPLE, st.lists(LISTED, min_size=2, max_size=3), st.sampled_from(["email", "linkedin_message"]))
def test_who_is_suppressed_is_never_queued(
    tmp_path_factory: pytest.TempPathFactory,
    people: list[tuple[str | None, str | None]],
    later: list[tuple[str | None, str | None]],
    rounds: list[list[str]],
    kind: str,
) -> None:
    """Whatever is suppressed, and when, and however contacts change in between: after each fill nobody who is suppressed is queued."""
    folder, clock = tmp_path_factory.mktemp("queue"), VirtualClock()
    db = open_migrated(folder / "test.db")
    campaign = make_campaign(kind, daily_limit=9)
    try:
        for contact_id, (email, url) in enumerate(people, start=1):
            add_target(db, contact_id, work_email=email, linkedin_url=url)
        for listed in rounds:
            suppress(db, folder, *listed)
            fill(db, clock, campaign, kind=kind)
            suppressed = SuppressionList(KEY, store.read_suppressions(db))
            reached = [person for row in to_records(store.read_queued(db, kind)) for person in recipients(row)]
            assert [suppressed.reason(person) for person in reached if suppressed.reason(person)] == []
            for contact_id, (email, url) in enumerate(later[: len(people)], start=1):
                change_contact(db, contact_id, work_email=email, linkedin_url=url)
    finally:
        db.conn.close()
