from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liendea_assets.core.clock import to_text
from liendea_assets.db.connection import Database
from liendea_assets.db.migrations import open_migrated
from liendea_assets.outreach import campaign_store, suppression_store
from liendea_assets.outreach.campaigns import Campaign
from liendea_assets.outreach.linkedin_budgets import read_budgets
from liendea_assets.outreach.linkedin_list import read_today, record_action, undo_action
from liendea_assets.outreach.linkedin_plan import ListReport, fill_list
from liendea_assets.outreach.settings import LinkedInSettings, OutreachSettings
from liendea_assets.outreach.suppression import read_suppressions
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.contacts import OWNER_ID, add_target, change_contact, drop_target
from liendea_assets_tests.outreach.campaigns import KEY, SETTINGS, make_campaign, make_step

WINDOWS = ((60, 2), (3_600, 50), (86_400, 100))
CAMPAIGN = make_campaign("linkedin_message", daily_limit=10)


def with_linkedin(**changed: object) -> OutreachSettings:
    return SETTINGS.model_copy(update={"linkedin": LinkedInSettings.model_validate(changed)})


def fill(
    db: Database,
    now: datetime,
    *campaigns: Campaign,
    settings: OutreachSettings = SETTINGS,
    windows: tuple[tuple[int, int], ...] = WINDOWS,
) -> ListReport:
    chosen = list(campaigns) or [CAMPAIGN]
    campaign_store.sync_campaigns(db, chosen, to_text(now))
    return fill_list(db, chosen, settings, windows, KEY, now)


def listed(db: Database, now: datetime) -> list[int]:
    return [person.contact_id for person in read_today(db, now.date(), LinkedInSettings()) if person.is_open]


def entry_of(db: Database, contact_id: int) -> int:
    return int(db.execute("SELECT max(id) FROM outreach_log WHERE contact_id = ? AND outreach_type <> 'email'", [contact_id]).fetchone()[0])


def act(db: Database, contact_id: int, action: Any, now: datetime, **more: Any) -> bool:
    return record_action(db, entry_of(db, contact_id), action, "sam", now, LinkedInSettings(), **more)


def exclusions(db: Database) -> dict[int, str]:
    return {row["contact_id"]: row["reason"] for row in db.table("outreach_exclusions").rows}


def suppress(db: Database, folder: Path, line: str) -> None:
    path = folder / "suppressions.csv"
    path.write_text(line, encoding="utf-8")
    suppression_store.add_suppressions(db, read_suppressions(path, KEY).entries, "2026-10-05 09:00:00.000000")


def add_email(db: Database, contact_id: int, now: datetime, status: str, *, step: int = 1, name: str = "email_campaign") -> None:
    """An e-mail of a campaign in a state that it came to."""
    campaign_store.sync_campaigns(db, [CAMPAIGN, make_campaign("email", name=name)], to_text(now))
    row = {
        "contact_id": contact_id,
        "campaign_id": campaign_store.campaign_ids(db)[name],
        "step": step,
        "outreach_type": "email",
        "status": status,
    }
    row |= {"planned_on": "2026-10-01", "message": "x", "message_sha256": "x", "campaign_version": "v1", "created_at": to_text(now)}
    db.table("outreach_log").insert(row | ({"sent_at": to_text(now)} if status in ("sent", "responded") else {}))


def test_best_targets_with_the_strongest_ties_come_first(db: Database, clock: VirtualClock) -> None:
    add_target(db, 1, priority=2, strength=9.0)
    add_target(db, 2, priority=1)
    add_target(db, 3, priority=1, strength=2.0)
    add_target(db, 4, priority=1, strength=8.0)
    fill(db, clock.now())
    assert listed(db, clock.now()) == [4, 3, 2, 1]


def test_filling_again_changes_nothing(db: Database, clock: VirtualClock) -> None:
    for contact_id in (1, 2, 3):
        add_target(db, contact_id)
    settings = with_linkedin(people_per_day=2)
    assert fill(db, clock.now(), settings=settings).added == 2
    before = list(db.table("outreach_log").rows)
    assert fill(db, clock.now(), settings=settings).added == 0
    assert list(db.table("outreach_log").rows) == before
    assert exclusions(db) == {3: "beyond what a day has room for"}


def test_who_was_done_today_takes_a_place_of_today_and_none_of_tomorrow(db: Database, clock: VirtualClock) -> None:
    for contact_id in (1, 2, 3):
        add_target(db, contact_id)
    settings = with_linkedin(people_per_day=2)
    fill(db, clock.now(), settings=settings)
    act(db, 1, "done", clock.now())
    assert fill(db, clock.now(), settings=settings).added == 0
    clock.sleep(86_400)
    assert fill(db, clock.now(), settings=settings) == ListReport(listed=2, added=1, carried_over=1, withdrawn=0)
    assert listed(db, clock.now()) == [2, 3]
    assert [person.is_carried_over for person in read_today(db, clock.now().date(), LinkedInSettings())] == [True, False]


def test_untouched_entries_stay_first_although_somebody_better_comes(db: Database, clock: VirtualClock) -> None:
    add_target(db, 1, priority=3)
    fill(db, clock.now())
    clock.sleep(86_400)
    add_target(db, 2, priority=1, strength=9.0)
    fill(db, clock.now())
    assert listed(db, clock.now()) == [1, 2]


def test_invitations_of_a_week_bound_the_list_and_messages_go_on(db: Database, clock: VirtualClock) -> None:
    for contact_id in (1, 2, 3):
        add_target(db, contact_id)
    add_target(db, 4, priority=3, strength=5.0)
    settings = with_linkedin(invitations_per_week=2)
    fill(db, clock.now(), settings=settings)
    assert listed(db, clock.now()) == [1, 2, 4]
    assert exclusions(db)[3] == "this week's invitations are used up"
    act(db, 1, "done", clock.now())
    act(db, 2, "done", clock.now())
    clock.sleep(6 * 86_400)
    fill(db, clock.now(), settings=settings)
    assert 3 not in listed(db, clock.now())
    clock.sleep(86_401)
    fill(db, clock.now(), settings=settings)
    assert 3 in listed(db, clock.now())


def test_undoing_an_old_invitation_does_not_overfill_the_week(db: Database, clock: VirtualClock) -> None:
    """It leaves the past and comes back to a list that has no room for it."""
    add_target(db, 1)
    add_target(db, 2, priority=2)
    settings = with_linkedin(invitations_per_week=1)
    fill(db, clock.now(), settings=settings)
    act(db, 1, "done", clock.now())
    clock.sleep(8 * 86_400)
    fill(db, clock.now(), settings=settings)
    assert listed(db, clock.now()) == [2]
    undo_action(db, entry_of(db, 1), clock.now())
    fill(db, clock.now(), settings=settings)
    assert len(listed(db, clock.now())) == 1


def test_day_of_rate_limits_bounds_the_list_and_calls_count_in_it(db: Database, clock: VirtualClock) -> None:
    for contact_id in range(1, 5):
        add_target(db, contact_id)
    db.table("rate_limit_tracking").insert(
        {"service": "linkedin", "action_type": "snapshot", "timestamp": to_text(clock.now()), "outcome": "ok"}
    )
    fill(db, clock.now(), windows=((86_400, 3),))
    assert len(listed(db, clock.now())) == 2


@pytest.mark.parametrize("line", ["robin.weaver.1@acmelabs.example", "acmelabs.example", "linkedin.com/in/robin-weaver-1"])
def test_suppressed_are_not_listed_and_leave_the_list(db: Database, clock: VirtualClock, tmp_path: Path, line: str) -> None:
    add_target(db, 1)
    fill(db, clock.now())
    suppress(db, tmp_path, line)
    assert fill(db, clock.now()).withdrawn == 1
    assert listed(db, clock.now()) == []
    assert "suppressed" in exclusions(db)[1]


def test_who_was_suppressed_since_is_not_shown_even_before_the_list_is_made_anew(db: Database, clock: VirtualClock) -> None:
    add_target(db, 1)
    fill(db, clock.now())
    db.table("suppressed_contacts").insert({"contact_id": 1, "reason": "the address is suppressed"})
    assert listed(db, clock.now()) == []


@pytest.mark.parametrize("by", ["contact_id", "company_id"])
def test_stopped_people_and_companies_are_not_listed(db: Database, clock: VirtualClock, by: str) -> None:
    at = {"created_at": "2026-10-01 08:00:00.000000", "updated_at": "2026-10-01 08:00:00.000000"}
    db.table("companies").insert({"id": 5, "name": "Acme Labs", **at})
    add_target(db, 1, company_id=5)
    add_target(db, 2)
    fill(db, clock.now())
    stop = {"contact_id": 1} if by == "contact_id" else {"company_id": 5}
    db.table("outreach_stops").insert({**stop, "reason": "replied", "stopped_at": "2026-10-05 09:00:00.000000"})
    assert listed(db, clock.now()) == [2]
    fill(db, clock.now())
    assert "stopped" in exclusions(db)[1]


def test_who_was_merged_with_somebody_already_written_to_is_not_listed(db: Database, clock: VirtualClock) -> None:
    add_target(db, 1)
    fill(db, clock.now())
    act(db, 1, "done", clock.now())
    drop_target(db, 1)
    add_target(db, 2)
    db.conn.execute("UPDATE contacts SET merged_into = 2 WHERE id = 1")
    clock.sleep(30 * 86_400)
    fill(db, clock.now())
    assert listed(db, clock.now()) == []
    assert exclusions(db) == {2: "was written to by this campaign"}


@pytest.mark.parametrize(
    ("statuses", "days", "reason"),
    [
        (["claimed"], 0, "an e-mail is on its way"),
        (["uncertain"], 30, "an e-mail is on its way"),
        (["sent"], 1, "was written to on 2026-10-05"),
        (["sent", "queued"], 30, "is in the middle of an e-mail sequence"),
        (["responded"], 30, "has answered already"),
        (["sent"], 30, None),
        (["queued"], 0, None),
    ],
)
def test_nobody_is_listed_in_the_middle_of_an_email_sequence(
    db: Database, clock: VirtualClock, statuses: list[str], days: int, reason: str | None
) -> None:
    add_target(db, 1)
    for step, status in enumerate(statuses, start=1):
        add_email(db, 1, clock.now(), status, step=step)
    clock.sleep(days * 86_400)
    fill(db, clock.now(), CAMPAIGN, make_campaign())
    assert exclusions(db).get(1) == reason
    assert listed(db, clock.now()) == ([] if reason else [1])


@pytest.mark.parametrize(("action", "days"), [("skip", 90), ("not_now", 14)])
def test_who_was_put_off_comes_back_after_the_cool_down(db: Database, clock: VirtualClock, action: str, days: int) -> None:
    add_target(db, 1)
    fill(db, clock.now())
    act(db, 1, action, clock.now())
    clock.sleep((days - 1) * 86_400)
    fill(db, clock.now())
    assert listed(db, clock.now()) == []
    assert "left alone by a colleague until" in exclusions(db)[1]
    clock.sleep(86_400)
    fill(db, clock.now())
    assert listed(db, clock.now()) == [1]


def test_follow_up_comes_when_it_is_due_and_the_invitation_was_accepted(db: Database, clock: VirtualClock) -> None:
    campaign = make_campaign("linkedin_message", follow_ups=(make_step("again", 5, body="Me again, {{ first_name }}"),))
    add_target(db, 1)
    fill(db, clock.now(), campaign)
    act(db, 1, "done", clock.now())
    clock.sleep(6 * 86_400)
    fill(db, clock.now(), campaign)
    assert exclusions(db) == {1: "has not accepted the invitation yet"}
    add_target(db, 2, strength=5.0)
    db.table("linkedin_connections").insert({"contact_id": 1, "connected_to_id": OWNER_ID, "connection_degree": 1})
    fill(db, clock.now(), campaign)
    assert listed(db, clock.now()) == [1, 2] or listed(db, clock.now()) == [2, 1]
    assert "Me again, Robin" in {person.message for person in read_today(db, clock.now().date(), LinkedInSettings())}


def test_paused_campaign_takes_its_people_off_the_list_and_brings_them_back(db: Database, clock: VirtualClock) -> None:
    add_target(db, 1)
    fill(db, clock.now())
    fill(db, clock.now(), make_campaign("linkedin_message", status="paused"))
    assert listed(db, clock.now()) == []
    fill(db, clock.now())
    assert listed(db, clock.now()) == [1]


def test_changed_campaign_writes_what_is_open_anew(db: Database, clock: VirtualClock) -> None:
    add_target(db, 1)
    fill(db, clock.now())
    fill(db, clock.now(), make_campaign("linkedin_message", body="Another text", version="v2"))
    assert [person.message for person in read_today(db, clock.now().date(), LinkedInSettings())] == ["Another text"]


def test_who_has_no_profile_is_left_out(db: Database, clock: VirtualClock) -> None:
    add_target(db, 1, linkedin_url=None)
    add_target(db, 2)
    change_contact(db, 2, company_name=None)
    fill(db, clock.now())
    assert exclusions(db)[1] == "no LinkedIn profile is known"
    assert "missing variable" in exclusions(db)[2]


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["fill", "done", "done", "replied", "skip", "not_now", "undo", "tie", "untie", "lower"]),
        st.integers(1, 8),
        st.integers(0, 2 * 86_400),
    ),
    min_size=1,
    max_size=25,
)


@settings(max_examples=10)
@given(steps=STEPS, people=st.integers(1, 4), invitations=st.integers(1, 3), notes=st.integers(0, 2))
def test_who_works_the_list_never_exceeds_a_budget(
    migrated_file: Path,
    tmp_path_factory: pytest.TempPathFactory,
    steps: list[tuple[str, int, int]],
    people: int,
    invitations: int,
    notes: int,
) -> None:
    """Whatever happens: people a day, invitations and notes of any seven days, and the windows of rate_limits.yaml."""
    import shutil

    db = open_migrated(Path(shutil.copy(migrated_file, tmp_path_factory.mktemp("budgets") / "test.db")))
    now = datetime.fromisoformat("2026-10-05T09:00:00+00:00")
    outreach = with_linkedin(people_per_day=people, invitations_per_week=invitations, notes_per_week=notes)
    windows = ((3_600, 2), (86_400, 3))
    for contact_id in range(1, 9):
        add_target(db, contact_id, strength=5.0 if contact_id % 3 == 0 else None)
    for kind, contact_id, seconds in steps:
        now += timedelta(seconds=seconds)
        report = fill(db, now, settings=outreach, windows=windows)
        assert report.listed <= people
        _do(db, kind, contact_id, now, outreach.linkedin, windows)
        _assert_within(db, now, people, invitations, notes, windows)
    db.conn.close()


def _do(db: Database, kind: str, contact_id: int, now: datetime, linkedin: LinkedInSettings, windows: tuple[tuple[int, int], ...]) -> None:
    """What a colleague does who keeps to the list: only what is open, and nothing that it says to wait with."""
    entries = [person for person in read_today(db, now.date(), LinkedInSettings()) if person.contact_id == contact_id]
    if kind == "tie":
        db.conn.execute(
            "INSERT INTO linkedin_connections (contact_id, connected_to_id, connection_degree) VALUES (?, ?, 1) ON CONFLICT DO NOTHING",
            [contact_id, OWNER_ID],
        )
    elif kind == "untie":
        db.conn.execute("DELETE FROM linkedin_connections WHERE contact_id = ?", [contact_id])
    elif kind == "undo":
        if entries:
            undo_action(db, entries[0].id, now)
    elif kind in ("done", "replied", "skip", "not_now"):
        for person in [person for person in entries if person.is_open]:
            budgets = read_budgets(db.conn, linkedin, windows, now)
            if kind in ("skip", "not_now") or budgets.why_wait(is_invitation=person.is_invitation) is None:
                has_note = None if budgets.notes.left else False
                record_action(db, person.id, kind, "sam", now, linkedin, has_note=has_note)  # type: ignore[arg-type]


def _assert_within(db: Database, now: datetime, people: int, invitations: int, notes: int, windows: tuple[tuple[int, int], ...]) -> None:
    done = [row for row in db.table("linkedin_actions").rows if row["undone_at"] is None and row["action"] == "done"]

    def most(rows: list[Any], length: timedelta) -> int:
        times = [datetime.fromisoformat(row["acted_at"]) for row in rows]
        return max((sum(start <= other < start + length for other in times) for start in times), default=0)

    by_day = [row["acted_at"][:10] for row in done]
    assert max((by_day.count(day) for day in by_day), default=0) <= people
    assert most([row for row in done if row["is_invitation"]], timedelta(days=7)) <= invitations
    assert most([row for row in done if row["has_note"]], timedelta(days=7)) <= notes
    for seconds, allowed in windows:
        assert most(done, timedelta(seconds=seconds)) <= allowed
