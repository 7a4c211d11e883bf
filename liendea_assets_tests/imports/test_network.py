"""The network in a real database: exports of several colleagues over time, merges and their undoing."""

from collections.abc import Callable

import pytest

from liendea_assets.core.home import Home
from liendea_assets.db.connection import Database
from liendea_assets_tests.builders import connection, connections_csv, csv_text, gtm_row, make_export, make_workbook
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.imports.stage import import_inbox

URL = "https://www.linkedin.com/in/"


@pytest.fixture
def run(home: Home, db: Database, clock: VirtualClock) -> Callable[[], None]:
    def run() -> None:
        assert all(import_inbox(home, db, clock).values())

    return run


def person(name: str, **changed: str) -> list[str]:
    return connection(first=name, url=f"{URL}{name.lower()}", **changed)


def changes(db: Database) -> list[tuple[object, ...]]:
    query = """
        SELECT c.first_name, n.kind, n.old_company, n.new_company, n.old_title, n.new_title, n.from_file_id, n.to_file_id, n.seen_on
        FROM network_changes n JOIN contacts c ON c.id = n.contact_id
        ORDER BY n.from_file_id, n.kind, c.first_name
    """
    return [tuple(row) for row in db.conn.execute(query)]


def ties(db: Database) -> list[tuple[object, ...]]:
    return [tuple(row) for row in db.conn.execute("SELECT * FROM linkedin_connections ORDER BY id")]


def current(db: Database) -> dict[str, int]:
    query = """
        SELECT c.first_name, k.connection_degree FROM linkedin_connections k JOIN contacts c ON c.id = k.contact_id
        WHERE k.is_current = 1
    """
    return {row[0]: row[1] for row in db.conn.execute(query)}


OLD = [person("Robin", connected="01 Jan 2025"), person("Ann"), person("Eve"), person("Lou")]
NEW = [
    person("Robin", company="Beta GmbH", position="CRO", connected="01 Jan 2025"),
    person("Ann", position="SVP Sales", company="ACME LABS Inc."),
    person("Eve", company="Acme Labs, Inc."),
    person("Kim", connected="03 Mar 2026"),
]


def test_two_exports_of_an_owner_tell_what_changed(home: Home, db: Database, run: Callable[[], None]) -> None:
    make_export(home.inbox / "1.zip", connections_csv(OLD))
    make_export(home.inbox / "2.zip", connections_csv(NEW))

    run()

    assert changes(db) == [
        ("Robin", "job_change", "Acme Labs", "Beta GmbH", "VP Sales", "CRO", 1, 2, "2026-03-03"),
        ("Lou", "lost_connection", "Acme Labs", None, "VP Sales", None, 1, 2, "2026-03-03"),
        ("Kim", "new_connection", None, "Acme Labs", None, "VP Sales", 1, 2, "2026-03-03"),
        ("Ann", "title_change", "Acme Labs", "ACME LABS Inc.", "VP Sales", "SVP Sales", 1, 2, "2026-03-03"),
    ]
    assert set(current(db)) == {"Robin", "Ann", "Eve", "Kim"}
    assert db.table("linkedin_connections").count == 5


def test_an_export_saved_anew_by_a_spreadsheet_changes_nothing(home: Home, db: Database, run: Callable[[], None]) -> None:
    make_export(home.inbox / "1.zip", connections_csv(OLD))
    make_export(home.inbox / "2.zip", connections_csv(NEW))
    run()
    before = changes(db)
    saved = [[*row[:-1], row[-1].replace("01 Jan 2025", "1-Jan-25").replace("03 Mar 2026", "3-Mar-26")] for row in NEW]
    text = "\ufeff" + csv_text([connections_csv([]).splitlines()[-1].split(","), *saved], delimiter=";", newline="\r\n")
    make_export(home.inbox / "3.zip", text)

    run()

    assert db.table("import_files").count == 3
    assert changes(db) == before


def test_another_name_of_the_same_company_is_no_new_job(home: Home, db: Database, run: Callable[[], None]) -> None:
    """Two names that a workbook gives one web address; only the second one leads elsewhere."""
    companies = {"Acme": "acme.example", "Acme Global Services": "acme.example", "Beta": "beta.example"}
    make_workbook(
        home.inbox / "gtm.xlsx",
        [gtm_row(account=name, website=domain, first=name, email=None, linkedin=None) for name, domain in companies.items()],
    )
    make_export(home.inbox / "1.zip", connections_csv([person("Robin", company="Acme"), person("Ann", company="Acme")]))
    later = [person("Robin", company="Acme Global Services"), person("Ann", company="Beta"), person("Kim", connected="03 Mar 2026")]
    make_export(home.inbox / "2.zip", connections_csv(later))

    run()

    assert [change[:4] for change in changes(db)] == [
        ("Ann", "job_change", "Acme", "Beta"),
        ("Kim", "new_connection", None, "Acme Labs"),
    ]


def test_names_of_a_company_that_only_differ_in_their_spelling_are_no_new_job(home: Home, db: Database, run: Callable[[], None]) -> None:
    """Their e-mail addresses make two companies of one name."""
    make_workbook(
        home.inbox / "gtm.xlsx",
        [gtm_row(account="Acme", website=f"acme.{end}", first=end, email=None, linkedin=None) for end in ("example", "test")],
    )
    make_export(home.inbox / "1.zip", connections_csv([person("Robin", company="Acme", email="robin@acme.example")]))
    make_export(home.inbox / "2.zip", connections_csv([person("Robin", company="Acme, Inc.", email="robin@acme.test"), person("Kim")]))

    run()

    assert [change[:2] for change in changes(db)] == [("Kim", "new_connection")]


def test_a_quick_export_without_messages_leaves_the_strengths(home: Home, db: Database, run: Callable[[], None]) -> None:
    messages = csv_text(
        [
            ("CONVERSATION ID", "FROM", "SENDER PROFILE URL", "TO", "DATE", "CONTENT"),
            ("1", "Robin Weaver", f"{URL}robin", "Alex Morgan", "2026-02-08 10:00:00 UTC", ""),
            ("1", "Alex Morgan", f"{URL}alex", "Robin Weaver", "2026-02-20 10:00:00 UTC", ""),
        ]
    )
    make_export(home.inbox / "1.zip", connections_csv([person("Robin")]), messages=messages)
    run()
    (before,) = ties(db)
    make_export(home.inbox / "2.zip", connections_csv([person("Robin"), person("Kim", connected="10 Feb 2026")]))

    run()

    assert before in ties(db)
    assert set(current(db)) == {"Robin", "Kim"}
    assert [change[:2] for change in changes(db)] == [("Kim", "new_connection")]


def test_exports_of_two_owners_are_not_compared(home: Home, db: Database, run: Callable[[], None]) -> None:
    make_export(home.inbox / "1.zip", connections_csv(OLD))
    make_export(home.inbox / "2.zip", connections_csv(NEW), owner=("Sam", "Bell"))

    run()

    assert changes(db) == []


def test_a_second_run_writes_nothing(home: Home, db: Database, run: Callable[[], None]) -> None:
    make_export(home.inbox / "1.zip", connections_csv(OLD))
    make_export(home.inbox / "2.zip", connections_csv(NEW))
    make_export(home.inbox / "3.zip", connections_csv([connection(first="Alex", last="Morgan", url="")]), owner=("Sam", "Bell"))
    run()
    before = (ties(db), changes(db))

    run()

    assert (ties(db), changes(db)) == before


def test_a_merge_and_its_undoing_leave_the_ties_as_they_were(home: Home, db: Database, run: Callable[[], None]) -> None:
    make_export(home.inbox / "1.zip", connections_csv([person("Robin"), person("Ann")]))
    make_export(home.inbox / "2.zip", connections_csv([person("Eve"), connection(first="Alex", last="Morgan", url="")]), ("Sam", "Bell"))
    run()
    ids = {row["first_name"]: row["id"] for row in db.table("contacts").rows}
    before = ties(db)

    def attach(contact: int, to: int | None) -> None:
        db.conn.execute("UPDATE contacts SET merged_into = ? WHERE id = ?", [to, contact])
        db.conn.execute(
            """
            UPDATE contact_sources SET contact_id = ?
            WHERE source = 'linkedin' AND row_id IN (SELECT id FROM linkedin_rows WHERE first_name = 'Eve')
            """,
            [to or contact],
        )

    def rebuild() -> None:
        from liendea_assets.imports import assets

        assets.linkedin_connections(home=home, database=db)

    attach(ids["Eve"], ids["Robin"])
    rebuild()
    merged = {(row["contact_id"], row["connected_to_id"]): row["is_current"] for row in db.table("linkedin_connections").rows}
    attach(ids["Eve"], None)
    rebuild()

    assert merged[ids["Eve"], ids["Sam"]] == 0
    assert merged[ids["Robin"], ids["Sam"]] == 1
    assert ties(db) == before


def test_what_an_export_tells_of_a_tie_lands_and_is_weighed(home: Home, db: Database, run: Callable[[], None]) -> None:
    messages = csv_text(
        [
            ("CONVERSATION ID", "FROM", "SENDER PROFILE URL", "TO", "DATE", "CONTENT"),
            ("1", "Robin Weaver", f"{URL}robin", "Alex Morgan", "2026-02-08 10:00:00 UTC", "a secret"),
            ("1", "Alex Morgan", f"{URL}alex", "Robin Weaver", "2026-02-07 10:00:00 UTC", "a secret"),
        ]
    )
    positions = csv_text([("Company Name", "Title", "Started On", "Finished On"), ("Acme Labs", "VP", "Jan 2019", "")])
    make_export(home.inbox / "1.zip", connections_csv([person("Robin")]), messages=messages, Positions=positions)

    run()

    (tie,) = db.table("linkedin_connections").rows
    assert tie["evidence"] == (
        '["wrote once, last on 2026-02-08", "was written to once", "works where the colleague worked since 2019", "connected since 2026-02-08"]'
    )
    assert tie["strength"] == 6.7
    assert "a secret" not in "\n".join(db.conn.iterdump())
