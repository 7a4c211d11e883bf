import csv
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from liendea_assets.cli.main import liendea
from liendea_assets.core.clock import SystemClock, to_text
from liendea_assets.core.errors import BadValue, UnknownRecord
from liendea_assets.core.home import Home
from liendea_assets.db.connection import Database
from liendea_assets.outreach.linkedin_budgets import read_budgets
from liendea_assets.outreach.linkedin_csv import LINKEDIN_COLUMNS, write_linkedin_list
from liendea_assets.outreach.linkedin_list import ListedPerson, read_today, record_action, undo_action
from liendea_assets.outreach.settings import LinkedInSettings
from liendea_assets.resources import open_home_database
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.contacts import OWNER_ID, add_target
from liendea_assets_tests.outreach.campaigns import make_campaign
from liendea_assets_tests.outreach.test_linkedin_plan import WINDOWS, act, entry_of, fill

SETTINGS = LinkedInSettings()


def only(db: Database, clock: VirtualClock) -> ListedPerson:
    (person,) = read_today(db, clock.now().date(), LinkedInSettings())
    return person


def log(db: Database) -> tuple[object, ...]:
    (row,) = db.table("outreach_log").rows
    return row["status"], row["sent_at"], row["response_at"]


def target_status(db: Database) -> str:
    (row,) = db.table("icp_targets").rows
    return str(row["status"])


def open_stops(db: Database) -> list[tuple[object, object]]:
    return [(row["contact_id"], row["company_id"]) for row in db.table("outreach_stops").rows_where("lifted_at IS NULL")]


@pytest.fixture
def listed(db: Database, clock: VirtualClock) -> Database:
    """One person, without a tie, on today's list."""
    db.table("companies").insert({"id": 5, "name": "Acme Labs", "created_at": to_text(clock.now()), "updated_at": to_text(clock.now())})
    add_target(db, 1, company_id=5)
    fill(db, clock.now())
    return db


def test_what_a_note_may_hold_is_a_setting(listed: Database, clock: VirtualClock) -> None:
    """A text that fits a paid account's note is none on a free one, and counts against no budget of notes."""
    listed.conn.execute("UPDATE outreach_log SET message = ?", ["x" * 250])
    for most, has_note in ((200, False), (300, True)):
        settings = LinkedInSettings(note_characters=most)
        (person,) = read_today(listed, clock.now().date(), settings)
        assert person.may_have_note is has_note
        record_action(listed, person.id, "done", "sam", clock.now(), settings)
        assert listed.conn.execute("SELECT has_note FROM linkedin_actions WHERE undone_at IS NULL").fetchone()[0] == has_note
        undo_action(listed, person.id, clock.now())


def test_done_is_sent_and_brings_the_target_forward(listed: Database, clock: VirtualClock) -> None:
    assert act(listed, 1, "done", clock.now())
    assert log(listed) == ("sent", to_text(clock.now()), None)
    assert target_status(listed) == "engaged"
    person = only(listed, clock)
    assert (person.status, person.action, person.acted_by, person.is_invitation) == ("sent", "done", "sam", True)


def test_answer_is_done_too_and_stops_person_and_company(listed: Database, clock: VirtualClock) -> None:
    act(listed, 1, "replied", clock.now())
    assert log(listed) == ("responded", to_text(clock.now()), to_text(clock.now()))
    assert (target_status(listed), open_stops(listed)) == ("responded", [(1, 5)])
    assert read_budgets(listed.conn, SETTINGS, WINDOWS, clock.now()).people.used == 1


def test_undoing_an_answer_undoes_all_that_came_with_it(listed: Database, clock: VirtualClock) -> None:
    act(listed, 1, "replied", clock.now())
    assert undo_action(listed, entry_of(listed, 1), clock.now()) == "replied"
    assert (log(listed), target_status(listed), open_stops(listed)) == (("queued", None, None), "identified", [])
    assert read_budgets(listed.conn, SETTINGS, WINDOWS, clock.now()).people.used == 0


def test_answer_that_is_undone_leaves_what_was_done_before(listed: Database, clock: VirtualClock) -> None:
    act(listed, 1, "done", clock.now())
    sent_at = to_text(clock.now())
    clock.sleep(60)
    act(listed, 1, "replied", clock.now())
    undo_action(listed, entry_of(listed, 1), clock.now())
    assert (log(listed), target_status(listed)) == (("sent", sent_at, None), "engaged")
    assert undo_action(listed, entry_of(listed, 1), clock.now()) == "done"
    assert undo_action(listed, entry_of(listed, 1), clock.now()) is None


@pytest.mark.parametrize("action", ["done", "replied", "skip", "not_now"])
def test_saying_it_twice_says_it_once(listed: Database, clock: VirtualClock, action: str) -> None:
    assert act(listed, 1, action, clock.now())
    before = (log(listed), list(listed.table("linkedin_actions").rows), open_stops(listed))
    clock.sleep(60)
    assert not act(listed, 1, action, clock.now())
    assert (log(listed), list(listed.table("linkedin_actions").rows), open_stops(listed)) == before


@pytest.mark.parametrize(("action", "until"), [("skip", "2027-01-03"), ("not_now", "2026-10-19")])
def test_who_is_put_off_is_off_the_list_until_a_day(listed: Database, clock: VirtualClock, action: str, until: str) -> None:
    act(listed, 1, action, clock.now())
    person = only(listed, clock)
    assert (person.status, person.is_open, str(person.until)[:10]) == ("cancelled", False, until)
    assert read_budgets(listed.conn, SETTINGS, WINDOWS, clock.now()).people.used == 0
    undo_action(listed, entry_of(listed, 1), clock.now())
    assert only(listed, clock).is_open


def test_day_can_be_given(listed: Database, clock: VirtualClock) -> None:
    act(listed, 1, "not_now", clock.now(), until=date(2026, 12, 1))
    assert not act(listed, 1, "not_now", clock.now(), until=date(2026, 12, 1))
    assert act(listed, 1, "not_now", clock.now(), until=date(2026, 12, 2))
    assert str(only(listed, clock).until)[:10] == "2026-12-02"
    with pytest.raises(BadValue):
        act(listed, 1, "not_now", clock.now(), until=clock.now().date())


def test_who_was_written_to_is_not_put_off(listed: Database, clock: VirtualClock) -> None:
    act(listed, 1, "done", clock.now())
    with pytest.raises(BadValue, match="undo that first"):
        act(listed, 1, "skip", clock.now())


def test_entry_of_no_list_is_told(db: Database, clock: VirtualClock) -> None:
    with pytest.raises(UnknownRecord, match="77"):
        record_action(db, 77, "done", "sam", clock.now(), SETTINGS)
    with pytest.raises(UnknownRecord, match="77"):
        undo_action(db, 77, clock.now())


def test_what_was_done_counts_although_the_entry_was_withdrawn_meanwhile(listed: Database, clock: VirtualClock) -> None:
    """Somebody did write: not to know it would mean to write again."""
    fill(listed, clock.now(), make_campaign("linkedin_message", status="paused"))
    assert act(listed, 1, "done", clock.now())
    assert log(listed)[0] == "sent"


def test_invitation_and_note_are_counted_by_ties_and_length_or_as_said(db: Database, clock: VirtualClock) -> None:
    add_target(db, 1)
    add_target(db, 2, strength=5.0)
    add_target(db, 3)
    add_target(db, 4)
    fill(db, clock.now())
    act(db, 1, "done", clock.now())
    act(db, 2, "done", clock.now())
    act(db, 3, "done", clock.now(), has_note=False)
    act(db, 4, "done", clock.now(), is_invitation=False)
    budgets = read_budgets(db.conn, SETTINGS, WINDOWS, clock.now())
    assert (budgets.people.used, budgets.invitations.used, budgets.notes.used) == (4, 2, 1)


def test_full_window_tells_when_it_has_room_again(db: Database, clock: VirtualClock) -> None:
    for contact_id in (1, 2):
        add_target(db, contact_id)
    fill(db, clock.now())
    act(db, 1, "done", clock.now())
    act(db, 2, "done", clock.now())
    assert read_budgets(db.conn, SETTINGS, WINDOWS, clock.now()).why_wait(is_invitation=False) == (
        "actions: 2 of 2 a minute, again from 2026-10-05 09:01 UTC"
    )
    clock.sleep(60)
    assert read_budgets(db.conn, SETTINGS, WINDOWS, clock.now()).why_wait(is_invitation=False) is None


def test_guidance_names_the_tie_its_freshness_and_what_not_to_do(db: Database, clock: VirtualClock) -> None:
    add_target(db, 1, strength=6.0)
    db.conn.execute("UPDATE linkedin_connections SET evidence = '[\"never wrote\"]'")
    file = {"id": 1, "name": "export.zip", "kind": "linkedin_export", "sha256": "x", "size_bytes": 1}
    db.table("import_files").insert(file | {"read_at": to_text(clock.now()), "dated_at": to_text(clock.now())})
    row = {"id": 7, "file_id": 1, "part": "Connections.csv", "row_number": 1, "verdict": "accepted", "full_name": "Robin Weaver"}
    db.table("linkedin_rows").insert(row)
    db.table("linkedin_activity").insert({"file_id": 1, "row_number": 1, "last_sent_on": "2024-03-01", "last_received_on": "2024-02-01"})
    for source, contact_id, row_id in (("linkedin", 1, 7), ("owner", OWNER_ID, 1)):
        db.table("contact_sources").insert({"contact_id": contact_id, "source": source, "row_id": row_id, "evidence": "{}"})
    fill(db, clock.now())
    person = only(db, clock)
    assert (person.colleague, person.mutual_connections, person.last_exchange_on) == ("Alex Morgan", ("Alex Morgan",), "2024-03-01")
    told = " ".join(person.guidance)
    assert "Tie of Alex Morgan, 6 of 10 (never wrote). Last exchange on 2024-03-01." in told
    assert "Do not write as if you had been in touch" in told
    assert "Do not claim a close tie" in told


def test_without_a_tie_it_is_an_invitation(listed: Database, clock: VirtualClock) -> None:
    person = only(listed, clock)
    assert (person.is_invitation, person.may_have_note, person.colleague) == (True, True, None)
    assert "only an invitation reaches them" in person.guidance[0]


def test_inmail_needs_neither_tie_nor_invitation(db: Database, clock: VirtualClock) -> None:
    add_target(db, 1)
    fill(db, clock.now(), make_campaign("inmail"))
    person = only(db, clock)
    assert (person.outreach_type, person.is_invitation) == ("inmail", False)
    act(db, 1, "done", clock.now())
    assert read_budgets(db.conn, SETTINGS, WINDOWS, clock.now()).invitations.used == 0


def test_csv_holds_what_is_open_in_order_and_no_formula(db: Database, clock: VirtualClock, tmp_path: Path) -> None:
    add_target(db, 1, full_name="=HYPERLINK(1)", strength=7.0)
    add_target(db, 2)
    add_target(db, 3)
    fill(db, clock.now())
    act(db, 3, "done", clock.now())
    assert write_linkedin_list(read_today(db, clock.now().date(), LinkedInSettings()), tmp_path / "list.csv") == 2
    with (tmp_path / "list.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == list(LINKEDIN_COLUMNS)
    assert [(row["name"], row["kind"]) for row in rows] == [("'=HYPERLINK(1)", "message"), ("Robin Weaver", "invitation with a note")]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_no_cell_is_a_formula(db: Database, clock: VirtualClock, tmp_path: Path, start: str) -> None:
    formula = f'{start}HYPERLINK("https://evil.example")'
    texts: dict[str, Any] = dict.fromkeys(("full_name", "title", "company_name"), formula)
    add_target(db, 1, linkedin_url=f"{formula}linkedin.com/in/robin", **texts)
    fill(db, clock.now(), make_campaign("linkedin_message", body="{{ company }} {{ first_name }}"))
    write_linkedin_list(read_today(db, clock.now().date(), LinkedInSettings()), tmp_path / "list.csv")
    with (tmp_path / "list.csv").open(encoding="utf-8-sig", newline="") as file:
        (row,) = list(csv.DictReader(file))
    assert row["name"] == f"'{formula}"
    assert not any(cell.startswith(start) for cell in row.values())


def test_commands_show_the_list_and_take_down_what_was_done(home: Home) -> None:
    db = open_home_database(home)
    add_target(db, 1, strength=6.0)
    add_target(db, 2)
    fill(db, SystemClock().now())
    first, second = entry_of(db, 1), entry_of(db, 2)

    def run(*arguments: str) -> str:
        result = CliRunner().invoke(liendea, ["linkedin-list", *arguments, "--home", str(home.root)])
        assert result.exit_code == 0, result.output
        return result.output

    shown = run("show")
    assert "Robin Weaver, VP Sales, Acme Labs: message" in shown
    assert "invitations: 0 of 100 a week" in shown
    assert "Taken down: done." in run("done", str(first), "--by", "alex")
    assert "That stands already." in run("done", str(first))
    assert "Taken down: not now." in run("not-now", str(second), "--until", "2099-01-01")
    shown = run("show")
    assert "[done by alex]" in shown
    assert "people: 1 of 10 a day" in shown
    assert "Undone: done." in run("undo", str(first))
    assert "There is nothing to undo." in run("undo", str(first))
    assert "Taken down: replied." in run("replied", str(first))
    assert "Undone: not now." in run("undo", str(second))
    assert "Taken down: skip." in run("skip", str(second))
    db.conn.close()
