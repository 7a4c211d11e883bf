"""One person from a spreadsheet row to a message, stage by stage. Read this to see where a contact goes next."""

import csv
import email
import email.policy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from liendea_assets.cli.instance import open_instance
from liendea_assets.core.clock import SystemClock
from liendea_assets.core.home import Home
from liendea_assets.db.connection import Database
from liendea_assets.definitions import defs
from liendea_assets.resources import open_home_database
from liendea_assets.sandbox.reach_server import TOKEN, create_app
from liendea_assets.sandbox.serving import serving
from liendea_assets_tests.builders import connection, connections_csv, csv_text, gtm_row, make_export, make_workbook

REACH_KNOWS = {
    "confidence": 0.93,
    "person": {
        "reach_id": "rch_robin",
        "first_name": "Robin",
        "last_name": "Weaver",
        "work_phone": "+1 415 555 0100",
        "linkedin_url": "https://www.linkedin.com/in/robin-weaver",
        "country": "US",
        "time_zone": "America/Los_Angeles",
    },
    "company": {"name": "Acme Labs Inc.", "domain": "acmelabs.example", "industry": "Software", "employee_count": 640, "growth_rate": 0.25},
}

MESSAGES = csv_text(
    [
        ("CONVERSATION ID", "CONVERSATION TITLE", "FROM", "SENDER PROFILE URL", "TO", "RECIPIENT PROFILE URLS", "DATE", "SUBJECT", "CONTENT", "FOLDER"),
        ("1", "", "Alex Morgan", "https://www.linkedin.com/in/alex-morgan", "Robin Weaver", "https://www.linkedin.com/in/robin-weaver", "2026-08-20 10:00:00 UTC", "", "Hi", "INBOX"),
        ("1", "", "Robin Weaver", "https://www.linkedin.com/in/robin-weaver", "Alex Morgan", "https://www.linkedin.com/in/alex-morgan", "2026-08-21 10:00:00 UTC", "", "Hello", "INBOX"),
    ]
)  # fmt: skip


class Journey:
    """The home after one run, to look into."""

    def __init__(self, home: Home, db: Database, arrivals: int) -> None:
        self.home = home
        self.db = db
        self.arrivals = arrivals

    def row(self, table: str, where: str = "1", **parameters: object) -> dict[str, Any]:
        """The only row of a table that fits."""
        rows = list(self.db[table].rows_where(where, parameters))
        assert len(rows) == 1, (table, where, len(rows))
        return rows[0]

    @property
    def contact_id(self) -> int:
        return int(self.row("contacts", "linkedin_id = 'robin-weaver'")["id"])


@pytest.fixture(scope="module")
def journey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    """Robin stands in a workbook as Rob without a profile, and in Alex's LinkedIn export without an address; Reach knows a telephone number."""
    from liendea_assets.cli.init import make_home

    home = Home(tmp_path_factory.mktemp("one") / "home")
    list(make_home(home, with_sample=False))
    make_workbook(home.inbox / "segmentation.xlsx", [gtm_row(linkedin=None, employees="620 employees", growth="25 %")], above=3)
    make_export(home.inbox / "export.zip", connections_csv([connection()]), messages=MESSAGES)
    app = create_app([REACH_KNOWS], [(60, 10)])
    with pytest.MonkeyPatch.context() as patch, serving(app) as url:
        for name, value in (("LIENDEA_HOME", str(home.root)), ("REACH_BASE_URL", url), ("REACH_API_TOKEN", TOKEN)):
            patch.setenv(name, value)
        with open_instance(home) as instance:
            assert defs.resolve_job_def("pipeline").execute_in_process(instance=instance).success
        db = open_home_database(home)
        yield Journey(home, db, app.state.book.arrivals)
        db.conn.close()


def test_1_the_row_lands_with_its_place_in_the_file(journey: Journey) -> None:
    row = journey.row("gtm_rows")
    assert (row["part"], row["row_number"], row["verdict"]) == ("Data", 5, "accepted")
    assert (row["employee_count"], row["growth_rate"], row["work_email"]) == (620, 0.25, "robin.weaver@acmelabs.example")


def test_2_the_connection_lands_and_is_merged_into_the_same_contact(journey: Journey) -> None:
    row = journey.row("linkedin_rows")
    assert (row["linkedin_id"], row["connected_on"], row["verdict"]) == ("robin-weaver", "2026-02-08", "accepted")
    sources = list(journey.db.table("contact_sources").rows_where("contact_id = ?", [journey.contact_id]))
    # the row that came first gave the contact its id
    assert {(source["source"], source["evidence"], source["anchor_of"] is not None) for source in sources} == {
        ("gtm", "same name and company", True),
        ("linkedin", "same name and company", False),
    }


def test_3_the_contact_works_for_a_company_known_by_its_domain(journey: Journey) -> None:
    contact = journey.row("contacts", "id = :id", id=journey.contact_id)
    company = journey.row("companies", "id = :id", id=contact["company_id"])
    assert (contact["full_name"], contact["title"]) == ("Robin Weaver", "VP Sales")
    assert (company["domain"], company["employee_count"]) == ("acmelabs.example", 620)


def test_4_a_colleague_knows_the_contact_and_how_well(journey: Journey) -> None:
    tie = journey.row("linkedin_connections")
    owner = journey.row("contacts", "id = :id", id=tie["connected_to_id"])
    assert (owner["full_name"], owner["is_owner"], tie["connection_degree"]) == ("Alex Morgan", 1, 1)
    assert tie["strength"] == 6.4
    assert json.loads(tie["evidence"]) == ["wrote once, last on 2026-08-21", "was written to once", "connected since 2026-02-08"]


def test_5_reach_was_asked_once_and_the_call_is_in_the_ledger(journey: Journey) -> None:
    answer = journey.row("contact_enrichment", "source = 'reach'")
    assert (answer["outcome"], answer["confidence"], answer["work_phone"]) == ("hit", 0.93, "+1 415 555 0100")
    call = journey.row("rate_limit_tracking")
    assert (call["service"], call["action_type"], call["outcome"], call["success"]) == ("reach", "match", "status 200", 1)
    assert journey.arrivals == 1
    assert journey.row("contacts", "id = :id", id=journey.contact_id)["reach_id"] == "rch_robin"


def test_6_each_value_of_the_enriched_contact_names_its_source(journey: Journey) -> None:
    contact = journey.row("enriched_contacts", "contact_id = :id", id=journey.contact_id)
    sources = {field: source for field, (source, _) in json.loads(contact["sources"]).items()}
    assert (contact["employee_count"], sources["employee_count"]) == (620, "gtm")
    assert (contact["work_phone"], sources["work_phone"]) == ("+1 415 555 0100", "reach")
    assert (contact["linkedin_url"], sources["linkedin_url"]) == ("https://www.linkedin.com/in/robin-weaver", "reach")


def test_7_the_score_is_the_sum_of_parts_that_anybody_can_check(journey: Journey) -> None:
    score = journey.row("icp_scores", "contact_id = :id", id=journey.contact_id)
    points = {part["name"]: part["points"] for part in json.loads(score["parts"])}
    assert points == {"company_size": 25, "industry": 25, "title": 25, "growth": 15, "connection_strength": 6}
    assert (score["icp_score"], score["priority"], score["coverage"]) == (96, 1, 1.0)


def test_8_the_contact_is_a_target_and_the_colleague_is_none(journey: Journey) -> None:
    target = journey.row("icp_targets")
    assert (target["contact_id"], target["status"], target["priority"]) == (journey.contact_id, "enriched", 1)
    assert "VP Sales: a decision maker" in target["targeting_reason"]


def test_9_the_mail_is_written_lawfully_and_not_sent(journey: Journey) -> None:
    entry = journey.row("outreach_log", "outreach_type = 'email'")
    path = journey.home.exports / "emails" / "intro_email" / f"{entry['id']}.eml"
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    bodies = [part.get_content() for part in message.iter_parts()]
    assert (entry["status"], entry["sent_at"]) == ("queued", None)
    assert message["To"] == "Robin Weaver <robin.weaver@acmelabs.example>"
    # by the home's own key
    assert message["Subject"] in {"Robin, a question about Acme Labs Inc.", "How Acme Labs Inc. picks its next accounts"}
    assert message["Message-ID"] == entry["message_id"]
    assert message["List-Unsubscribe"].startswith("<mailto:stop@")
    for element in ("Hi Robin,", "Alex Morgan", "commercial message", "unsubscribe", "1 Sample Street"):
        assert [element in body for body in bodies] == [True, True]


def test_10_the_day_s_linkedin_list_says_what_to_write_and_why(journey: Journey) -> None:
    path = journey.home.exports / f"linkedin_{SystemClock().now().date().isoformat()}.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        [row] = list(csv.DictReader(file))
    assert (row["name"], row["score"], row["mutual_connection"]) == ("Robin Weaver", "96", "Alex Morgan")
    assert row["profile_url"] == "https://www.linkedin.com/in/robin-weaver"
    assert row["suggested_message"].startswith("Hi Robin, I work with Alex Morgan")


def test_11_the_report_names_the_contact_among_the_best(journey: Journey) -> None:
    [path] = list(Path(journey.home.reports).glob("daily_report_*.html"))
    page = path.read_text(encoding="utf-8")
    assert "Robin Weaver" in page
    assert "620 <b>+25</b>" in page
