"""What the pages show and do, beyond what a browser's morning covers."""

import csv
import html
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

from liendea_assets.core.clock import to_text
from liendea_assets.core.home import Home
from liendea_assets.db.connection import Database
from liendea_assets.scoring.rescore import rescore
from liendea_assets.scoring.settings import ScoringSettings
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.contacts import add_contact, add_target, change_contact
from liendea_assets_tests.web.sites import Person, add_campaign, add_message, log_in, serving_desk, upload


@pytest.fixture
def path(db: Database) -> Path:
    return Path(db.conn.execute("PRAGMA database_list").fetchone()["file"])


@pytest.fixture
def person(home: Home, db: Database, path: Path, clock: VirtualClock) -> Iterator[Person]:
    with serving_desk(home, path, clock) as served:
        yield log_in(*served)


def after(person: Person, path: str, **fields: str) -> str:
    """What the page says that comes after an action."""
    answer = person.post(path, fields)
    assert answer.status_code == 303, answer.text
    return person.page(answer.headers["location"])


def test_person_tells_why_this_score_and_why_it_changed(person: Person, db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1, sources='{"title": ["reach", "2026-09-30"]}')
    rescore(db, ScoringSettings(), to_text(clock.now()))
    clock.sleep(60)
    change_contact(db, 1, title="Sales Manager")
    rescore(db, ScoringSettings(), to_text(clock.now()))
    page = person.page("/people/1")
    score = db.conn.execute("SELECT icp_score FROM icp_scores").fetchone()[0]
    assert f"score {score}" in page
    assert "Sales Manager" in page
    assert "reach 2026-09-30" in page
    assert "the data" in page
    assert f"90 → {score}" in page


def test_id_that_is_part_of_another_leads_there(person: Person, db: Database) -> None:
    add_contact(db, 1)
    add_contact(db, 2)
    db.conn.execute("UPDATE contacts SET merged_into = 1 WHERE id = 2")
    assert person.get("/people/2").headers["location"] == "/people/1"
    assert person.get("/people?q=2").headers["location"] == "/people/1"


def test_messages_to_a_contact_that_was_merged_stand_at_the_person(person: Person, db: Database) -> None:
    add_contact(db, 1)
    add_contact(db, 2)
    add_campaign(db)
    add_message(db, 2, "old", message="the old message")
    db.conn.execute("UPDATE contacts SET merged_into = 1 WHERE id = 2")
    assert "the old message" in person.page("/people/1")


@pytest.mark.parametrize("asked", ["9" * 30, "-1", "1.5", "x", "%00", "1%2F..%2F2"])
def test_what_is_no_number_is_no_person(person: Person, asked: str) -> None:
    assert person.get(f"/people/{asked}").status_code in (400, 404)


@pytest.mark.parametrize(
    ("asked", "found"), [("robin", True), ("ROBIN acme", True), ("nobody", False), ("%", False), ("_", False), ("\\", False)]
)
def test_people_are_found_by_parts_of_what_is_known(person: Person, db: Database, asked: str, found: bool) -> None:
    add_contact(db, 1)
    assert ("Robin Weaver" in person.get("/people", params={"q": asked}).text) is found


def test_lists_come_in_pages(person: Person, db: Database) -> None:
    for number in range(1, 121):
        add_target(db, number, full_name=f"Person {number:03}")
    pages = [person.page(f"/people?page={number}") for number in (1, 2, 3)]
    assert [page.count("data-item") for page in pages] == [50, 50, 20]
    assert [('rel="prev"' in page, 'rel="next"' in page) for page in pages] == [(False, True), (True, True), (True, False)]
    assert len({line for page in pages for line in page.splitlines() if "/people/" in line}) == 120


def test_outcome_is_noted_and_taken_back(person: Person, db: Database) -> None:
    add_target(db, 1)
    assert "Noted." in after(person, "/people/1/outcome", kind="meeting", happened_on="2026-10-05")
    assert db.conn.execute("SELECT noted_by FROM contact_outcomes").fetchone()[0] == "Kim Doe"
    assert db.conn.execute("SELECT status FROM icp_targets").fetchone()[0] == "responded"
    after(person, "/people/1/outcome/undo", outcome="1")
    assert db.conn.execute("SELECT undone_at FROM contact_outcomes").fetchone()[0] is not None


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "party", "happened_on": "2026-10-05"},
        {"kind": "meeting", "happened_on": "soon"},
        {"kind": "meeting", "happened_on": "2026-12-24"},
    ],
)
def test_outcome_that_cannot_be_is_refused_with_a_reason(person: Person, db: Database, fields: dict[str, str]) -> None:
    add_target(db, 1)
    assert 'class="note problem"' in after(person, "/people/1/outcome", back="/people/1", **fields)
    assert db.table("contact_outcomes").count == 0
    assert db.conn.execute("SELECT outcome FROM desk_actions").fetchone()[0] == "refused"


def test_value_that_is_set_by_hand_stands(person: Person, db: Database) -> None:
    add_contact(db, 1)
    assert "Noted." in after(person, "/people/1/value", field="title", value="Chief of Staff")
    assert db.conn.execute("SELECT field, value FROM manual_values").fetchone()[:] == ("title", "Chief of Staff")
    assert "Chief of Staff" in person.page("/people/1")


def test_list_of_another_tool_is_taken_in(person: Person, db: Database) -> None:
    add_target(db, 1)
    add_campaign(db)
    add_message(db, 1, "queued", status="queued")
    listed = "robin.weaver.1@acmelabs.example,asked by telephone\nother.example\nnot an address\n"
    answer = person.client.post(
        "/suppression/import", data={"csrf": person.csrf()}, files={"file": ("list.csv", listed.encode())}, headers={"origin": person.own}
    )
    page = person.page(answer.headers["location"])
    assert "3 entries are new; messages withdrawn: 1." in page
    assert "1 lines name nobody in full, and were left out: 3" in page
    assert "robin.weaver" not in page
    assert db.conn.execute("SELECT status FROM outreach_log").fetchone()[0] == "cancelled"
    assert db.table("icp_targets").count == 0


@pytest.mark.parametrize("value", ["", "two words", "@", "robin@", "https://www.linkedin.com/", "x" * 500, "<b>"])
def test_value_that_names_nobody_is_not_suppressed(person: Person, db: Database, value: str) -> None:
    assert 'class="note problem"' in after(person, "/suppression/add", value=value)
    assert db.table("suppressions").count == 0


def test_asking_tells_what_stands_by_the_domain_too(person: Person) -> None:
    after(person, "/suppression/add", value="acme.example", reason="a customer")
    for value in ("robin@acme.example", "Robin@Mail.ACME.example", "mail.acme.example", "@acme.example"):
        assert "a customer" in person.post("/suppression/ask", {"value": value}).text, value
    for value in ("robin@acme.example.org", "robin@notacme.example", "https://www.linkedin.com/in/robin-weaver"):
        assert "Not suppressed." in person.post("/suppression/ask", {"value": value}).text, value


def test_version_that_nobody_looked_at_is_not_approved(person: Person, db: Database) -> None:
    page = after(person, "/campaigns/intro_email/approve", version="0" * 16, back="/campaigns/intro_email")
    assert "has changed since this page was opened" in page
    assert db.table("outreach_approvals").count == 0


def test_approval_ends_when_the_campaign_changes(person: Person, home: Home, db: Database) -> None:
    def version() -> str:
        return person.page("/campaigns/intro_email").partition("version ")[2][:16]

    after(person, "/campaigns/intro_email/approve", version=version())
    assert "Approved as it is now by Kim Doe" in person.page("/campaigns/intro_email")
    template = next((home.config / "templates").glob("intro_email.txt"))
    template.write_text(template.read_text() + "\nOne more line.\n")
    page = person.page("/campaigns/intro_email")
    assert "Nobody approved it as it is now, though other versions were" in page


def test_campaign_with_errors_is_not_approved(person: Person, home: Home, db: Database) -> None:
    add_target(db, 1)
    (home.config / "templates" / "bad.txt").write_text("Hi {{nickname}}, shall we talk?")
    (home.config / "campaigns" / "bad.yaml").write_text(
        "type: email\ndaily_limit: 5\nsteps:\n  - subject: Hello\n    body: templates/bad.txt\n"
    )
    version = person.page("/campaigns/bad").partition("version ")[2][:16]
    page = after(person, "/campaigns/bad/approve", version=version, back="/campaigns/bad")
    assert "not approved, correct this first" in page
    assert "nickname" in page
    assert db.table("outreach_approvals").count == 0


def test_check_tells_audience_findings_and_forecast(person: Person, db: Database) -> None:
    for number in range(1, 31):
        add_target(db, number, company_name=f"Acme {number}")
    page = person.page("/campaigns/intro_email/check")
    assert "30 in the audience" in page
    assert "First messages" in page


def answered(db: Database, kind: str = "human_reply") -> int:
    add_target(db, 1)
    add_campaign(db)
    sent = add_message(db, 1, "sent")
    message = {
        "source": "mbox:1", "fingerprint": "f1", "received_at": "2026-10-05 08:40:00.000000", "read_at": "2026-10-05 08:41:00.000000",
        "from_address": "robin.weaver.1@acmelabs.example", "subject": "Re: Hello", "text": "Please take me off your list.", "kind": kind,
        "outreach_log_id": sent, "contact_id": 1, "matched_by": "message_id", "confidence": 0.6, "why": "no sign of a program",
        "recipient": "robin.weaver.1@acmelabs.example",
    }  # fmt: skip
    return int(db.table("inbox_messages").insert(message).last_pk)  # type: ignore[arg-type]


def test_reply_waits_until_somebody_has_looked(person: Person, db: Database) -> None:
    id_ = answered(db)
    assert "Re: Hello" in person.page("/inbox?show=replies")
    assert "Please take me off your list." in person.page(f"/inbox/{id_}")
    after(person, f"/inbox/{id_}/seen", back="/inbox?show=replies")
    assert "Re: Hello" not in person.page("/inbox?show=replies")
    assert "looked at by Kim Doe" in person.page("/inbox")


def test_reply_that_was_an_opt_out_is_corrected(person: Person, db: Database) -> None:
    id_ = answered(db)
    assert "is unsubscribe now" in after(person, f"/inbox/{id_}/kind", kind="unsubscribe")
    row = db.conn.execute("SELECT kind, corrected_by, corrected_from FROM inbox_messages").fetchone()
    assert tuple(row) == ("unsubscribe", "Kim Doe", "human_reply")
    assert db.conn.execute("SELECT count(*) FROM suppressions WHERE kind = 'address'").fetchone()[0] == 1
    assert db.table("icp_targets").count == 0
    assert 'class="note problem"' in after(person, f"/inbox/{id_}/kind", kind="nonsense", back="/inbox")


def test_person_who_asks_for_it_is_suppressed(person: Person, db: Database) -> None:
    add_target(db, 1)
    add_campaign(db)
    add_message(db, 1, "queued", status="queued")
    assert "messages withdrawn: 1" in after(person, "/people/1/suppress", reason="by telephone")
    assert sorted(row[0] for row in db.conn.execute("SELECT kind FROM suppressions WHERE reason = 'by telephone'")) == [
        "address",
        "profile",
    ]
    assert "Never to be contacted" in person.page("/people/1")


def test_preview_tells_why_there_is_no_message(person: Person, db: Database) -> None:
    add_target(db, 1, first_name=None, company_name=None, title=None)
    page = person.page("/campaigns/intro_email?contact=1")
    assert "No message for this person" in page
    assert "company" in page


def test_html_of_a_message_is_shown_without_rights(person: Person, home: Home, db: Database) -> None:
    add_target(db, 1)
    (home.config / "templates" / "wild.html").write_text("<p>Hi {{first_name}}</p>")
    (home.config / "campaigns" / "wild.yaml").write_text(
        "type: email\ndaily_limit: 5\nsteps:\n  - subject: Hello\n    html: templates/wild.html\n"
    )
    answer = person.get("/campaigns/wild/html?contact=1&step=step-1&variant=&language=")
    assert "Hi Robin" in answer.text
    policy = answer.headers["content-security-policy"]
    assert "sandbox" in policy.split("; ")
    assert "default-src 'none'" in policy
    assert person.get("/campaigns/wild/html?contact=1&step=nothing").status_code == 404
    assert person.get("/campaigns/wild/html").status_code == 404


def test_broken_campaign_file_is_told(person: Person, home: Home) -> None:
    (home.config / "campaigns" / "broken.yaml").write_text("type: email\ndaily_limit: lots\n")
    assert "broken.yaml" in person.page("/campaigns")


def test_uncertain_message_is_queued_again_when_somebody_says_so(person: Person, db: Database) -> None:
    add_contact(db, 1)
    add_campaign(db)
    id_ = add_message(db, 1, "maybe", status="uncertain")
    assert "maybe@northwind.example" in person.page("/uncertain")
    assert "queued again" in after(person, "/uncertain/settle", message=str(id_), verdict="not_sent")
    row = db.conn.execute("SELECT status, settled_by FROM outreach_log").fetchone()
    assert tuple(row) == ("queued", "Kim Doe")
    assert "are not uncertain" in after(person, "/uncertain/settle", message=str(id_), verdict="sent")


def test_queue_tells_who_when_and_why_and_who_was_left_out(person: Person, db: Database) -> None:
    add_contact(db, 1)
    add_contact(db, 2, full_name="Sam Left")
    add_campaign(db)
    add_message(db, 1, "q", status="queued", send_after="2026-10-06 09:00:00.000000", schedule_reason="the next morning in Berlin")
    db.table("outreach_exclusions").insert({"campaign_id": 1, "contact_id": 2, "reason": "no e-mail address is known"})
    page = person.page("/queue")
    assert all(text in page for text in ("Robin Weaver", "2026-10-06 09:00", "the next morning in Berlin"))
    page = person.page("/queue/skipped?reason=no+e-mail+address+is+known")
    assert "Sam Left" in page
    assert "Sam Left" not in person.page("/queue/skipped?reason=something+else")


def test_scoring_config_is_previewed_and_nothing_is_stored(person: Person, home: Home, db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1)
    rescore(db, ScoringSettings(), to_text(clock.now()))
    before = db.conn.execute("SELECT icp_score FROM icp_scores").fetchone()[0]
    file = home.config / "icp_scoring.yaml"
    kept = file.read_bytes()
    changed = file.read_text().replace("Software", "Mining")
    answer = person.post("/scoring/preview", {"content": changed})
    assert answer.status_code == 200
    assert "Robin Weaver" in answer.text
    assert file.read_bytes() == kept
    assert db.conn.execute("SELECT icp_score FROM icp_scores").fetchone()[0] == before
    assert 'class="note problem"' in after(person, "/scoring/preview", content="nonsense: 1", back="/scoring")
    version = db.conn.execute("SELECT version FROM icp_scoring_configs").fetchone()[0]
    assert version in person.page("/scoring")


def changed_config(home: Home) -> str:
    return (home.config / "icp_scoring.yaml").read_text().replace("Software", "Mining")


def fields_of(page: str, action: str) -> dict[str, str]:
    """The hidden fields of a page's form, and its text."""
    form = page.partition(f'action="{action}"')[2].partition("</form>")[0]
    found = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
    text = re.search(r"<textarea[^>]*>(.*?)</textarea>", form, re.DOTALL)
    return {**found, "content": html.unescape(text.group(1)) if text else ""}


def test_candidate_is_previewed_and_put_into_force(person: Person, home: Home, db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1)
    rescore(db, ScoringSettings(), to_text(clock.now()))
    (home.config / "candidates").mkdir()
    (home.config / "candidates" / "mine & yours.yaml").write_text(changed_config(home))
    before = (home.config / "icp_scoring.yaml").read_bytes()
    assert "candidate=mine+%26+yours.yaml" in person.page("/scoring")
    fields = fields_of(person.page("/scoring/preview?candidate=mine%20%26%20yours.yaml"), "/scoring/apply")
    assert "not applied: tick" in after(person, "/scoring/apply", **fields)
    assert (home.config / "icp_scoring.yaml").read_bytes() == before
    assert "In force: version" in after(person, "/scoring/apply", **fields, sure="yes")
    assert (home.config / "icp_scoring.yaml").read_text() == changed_config(home)
    assert [path.read_bytes() for path in (home.config / "history").glob("*.yaml")] == [before]
    # what was swapped since cannot be swapped by the same page again
    assert "has changed since this was previewed" in after(person, "/scoring/apply", **fields, sure="yes")


def test_former_version_is_put_back(person: Person, home: Home, db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1)
    rescore(db, ScoringSettings(), to_text(clock.now()))
    before = (home.config / "icp_scoring.yaml").read_text()
    page = person.post("/scoring/preview", {"content": changed_config(home).replace("\n", "\r\n")}).text
    fields = fields_of(page, "/scoring/apply")
    after(person, "/scoring/apply", **fields, sure="yes")
    assert b"\r" not in (home.config / "icp_scoring.yaml").read_bytes()
    back = fields_of(person.page(f"/scoring/preview?version={fields['former']}"), "/scoring/apply")
    after(person, "/scoring/apply", **back, sure="yes")
    assert (home.config / "icp_scoring.yaml").read_text() == before


def test_file_is_previewed_and_everybody_is_in_the_workbook(person: Person, home: Home, db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1)
    rescore(db, ScoringSettings(), to_text(clock.now()))
    page = upload(person, "/scoring/preview", changed_config(home).encode(), content="ignored").text
    assert "What the file that you gave would do" in page
    answer = person.post("/scoring/workbook", fields_of(page, "/scoring/apply"))
    assert re.fullmatch(r'attachment; filename="scoring-preview-[0-9a-f]{16}\.xlsx"', answer.headers["content-disposition"])
    book = openpyxl.load_workbook(io.BytesIO(answer.content), read_only=True)
    assert "Robin Weaver" in [cell for row in book["People"].iter_rows(values_only=True) for cell in row]
    book.close()


@pytest.mark.parametrize("name", ["../icp_scoring.yaml", "..%2Ficp_scoring.yaml", "%2Fetc%2Fpasswd", "nothing.yaml", ".hidden.yaml", "%00"])
def test_only_candidates_are_previewed(person: Person, home: Home, name: str) -> None:
    (home.config / "candidates").mkdir()
    (home.config / "candidates" / ".hidden.yaml").write_text(changed_config(home))
    assert person.get(f"/scoring/preview?candidate={name}").status_code == 404


def test_config_that_is_not_right_is_told_without_its_place(person: Person) -> None:
    page = after(person, "/scoring/preview", content="minimum_score: lots", back="/scoring")
    assert "icp_scoring.yaml" in page
    assert "minimum_score" in page
    assert "/tmp" not in page
    answer = upload(person, "/scoring/preview", b"\xff\xfe\x00")
    assert "no text in UTF-8" in person.page(answer.headers["location"])


def test_consent_is_noted_and_withdrawn(person: Person, db: Database) -> None:
    add_contact(db, 1)
    page = after(person, "/people/1/consent", evidence="form on the fair, folder 7", given_on="2026-10-01")
    assert "The consent is noted." in page
    assert "form on the fair, folder 7" in page
    row = db.conn.execute("SELECT contact_id, given_at, recorded_by, withdrawn_at FROM contact_consents").fetchone()
    assert tuple(row) == (1, "2026-10-01 00:00:00.000000", "Kim Doe", None)
    assert "Withdrawn" in after(person, "/people/1/consent/withdraw")
    assert db.conn.execute("SELECT withdrawn_at FROM contact_consents").fetchone()[0] is not None
    assert "They withdrew it" not in person.page("/people/1")
    assert "There was no consent in force" in after(person, "/people/1/consent/withdraw")


@pytest.mark.parametrize(("evidence", "day"), [("", "2026-10-01"), ("said so", "2026-12-24"), ("said so", "soon")])
def test_consent_that_cannot_be_is_refused(person: Person, db: Database, evidence: str, day: str) -> None:
    add_contact(db, 1)
    assert 'class="note problem"' in after(person, "/people/1/consent", evidence=evidence, given_on=day, back="/people/1")
    assert db.table("contact_consents").count == 0


@pytest.mark.parametrize("name", ["targets", "accounts", "suppressions"])
def test_lists_are_taken_along(person: Person, db: Database, name: str) -> None:
    add_target(db, 1, full_name="=1+1")
    after(person, "/suppression/add", value="acme.example", reason="a customer")
    after(person, "/suppression/add", value="robin.weaver.2@acmelabs.example")
    found = [person.post(f"/lists/{name}.{kind}") for kind in ("xlsx", "csv")]
    day = "2026-10-05"
    assert [one.headers["content-disposition"] for one in found] == [
        f'attachment; filename="{name}-{day}.xlsx"',
        f'attachment; filename="{name}-{day}.csv"',
    ]
    assert {one.headers["cache-control"] for one in found} == {"no-store"}
    book = openpyxl.load_workbook(io.BytesIO(found[0].content))
    rows = list(csv.reader(io.StringIO(found[1].content.decode("utf-8-sig"))))
    (sheet,) = book.worksheets
    assert [cell.value for cell in sheet[1]] == rows[0]
    assert sheet.max_row == len(rows)
    if name == "targets":
        assert len(rows) == 2
        assert not any(cell.startswith("=") for cell in rows[1])
    if name == "suppressions":
        assert sum("a customer" in row for row in rows) == 1
    assert person.get(f"/lists/{name}.csv").status_code == 405
    assert f"/lists/{name}.csv" in person.page("/actions")


def test_what_is_open_on_the_linkedin_list_is_taken_along(person: Person, db: Database) -> None:
    add_campaign(db, "by_hand", "linkedin_message")
    for number in (1, 2):
        add_target(db, number, full_name=f"Person {number}")
        add_message(db, number, f"hand{number}", status="queued", outreach_type="linkedin_message", message="Shall we talk?")
    after(person, "/linkedin/act", entry="1", action="done")
    answer = person.post("/lists/linkedin.csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="linkedin-2026-10-05.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [(row["name"], row["suggested_message"]) for row in rows] == [("Person 2", "Shall we talk?")]


@pytest.mark.parametrize("name", ["../secret.key", "..%2F..%2Fsecret.key", "targets.html", "targets.csv%00", "targets.csv/x"])
def test_only_the_lists_are_taken_along(person: Person, name: str) -> None:
    assert person.post(f"/lists/{name}").status_code == 404


def test_enrichment_tells_budgets_and_the_calls_that_are_left_today(person: Person, db: Database) -> None:
    db.table("provider_spending_days").insert({"source": "reach", "day": "2026-10-01", "calls": 3, "people": 30, "credits": 12.5})
    page = person.page("/enrichment")
    assert "reach: 100 calls left today" in page
    assert "1,000 credits a month" in page
    assert "12.5" in page
    assert "987.5" in page
    assert "2026-11-01 00:00" in page


def test_person_tells_what_unknown_fields_leave_open(person: Person, db: Database, clock: VirtualClock) -> None:
    add_contact(db, 1, growth_rate=None)
    rescore(db, ScoringSettings(), to_text(clock.now()))
    page = person.page("/people/1")
    assert "unknown; known, it could give +0 to +15" in page
    assert "with the rest known the score could be" in page


def test_campaign_by_hand_asks_for_no_approval(person: Person, db: Database) -> None:
    page = person.page("/campaigns/linkedin_daily")
    assert "worked by hand" in page
    assert "Nothing of it is sent until then" not in page


def test_every_action_stands_with_who_did_it(person: Person, db: Database) -> None:
    after(person, "/suppression/add", value="acme.example")
    page = person.page("/actions")
    assert "/suppression/add" in page
    assert "Kim Doe" in page
    assert "acme.example" not in json.dumps([dict(row) for row in db.conn.execute("SELECT * FROM desk_actions")])


def test_who_looked_at_whom_is_told_to_the_log_by_ids_alone(person: Person, db: Database, caplog: pytest.LogCaptureFixture) -> None:
    add_target(db, 1)
    with caplog.at_level("INFO", logger="liendea_assets.web.view"):
        person.page("/people/1")
        person.page("/suppression")
    told = [record.getMessage() for record in caplog.records if record.name == "liendea_assets.web.view"]
    assert told == ["desk: Kim Doe looked at /people/1: contacts 1"]
