from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from liendea_assets.core.home import Home
from liendea_assets.core.keyed_hash import load_key
from liendea_assets.db.connection import Database
from liendea_assets.scoring.suppression_list import ADDRESS, suppression_hash
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.web.sites import add_campaign, add_message, add_person_with_message, public_client

TOKENS = [f"token{number:029d}" for number in range(1_000)]
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def path(db: Database) -> Path:
    return Path(db.conn.execute("PRAGMA database_list").fetchone()["file"])


@pytest.fixture
def site(home: Home, db: Database, path: Path, clock: VirtualClock) -> Iterator[httpx.Client]:
    add_campaign(db)
    with public_client(home, path, clock) as client:
        yield client


def suppressed(db: Database) -> int:
    return int(db.conn.execute("SELECT count(*) AS n FROM suppressions WHERE kind = 'address'").fetchone()["n"])


def test_a_thousand_looks_unsubscribe_nobody_and_one_post_does(home: Home, db: Database, site: httpx.Client) -> None:
    for number, token in enumerate(TOKENS, start=1):
        add_person_with_message(db, number, token)
    statuses = {site.get(f"/u/{token}").status_code for token in TOKENS}
    statuses |= {site.head(f"/u/{token}").status_code for token in TOKENS[:20]}
    assert statuses == {200}
    assert suppressed(db) == 0
    assert db.conn.execute("SELECT count(*) FROM outreach_log WHERE unsubscribed_at IS NOT NULL").fetchone()[0] == 0
    answer = site.post(f"/u/{TOKENS[6]}", data=ONE_CLICK)
    assert (answer.status_code, "You are unsubscribed" in answer.text) == (200, True)
    key = load_key(home.data / "secret.key")
    wanted = suppression_hash(key, ADDRESS, "robin.weaver.7@acmelabs.example")
    assert [row["key_hash"] for row in db.conn.execute("SELECT key_hash FROM suppressions WHERE kind = 'address'")] == [wanted]
    assert [row[0] for row in db.conn.execute("SELECT contact_id FROM outreach_log WHERE unsubscribed_at IS NOT NULL")] == [7]
    assert [row[0] for row in db.conn.execute("SELECT contact_id FROM suppressed_contacts")] == [7]


def test_the_button_of_the_page_unsubscribes(db: Database, site: httpx.Client) -> None:
    add_person_with_message(db, 1, TOKENS[0])
    assert 'name="confirm" value="yes"' in site.get(f"/u/{TOKENS[0]}").text
    assert site.post(f"/u/{TOKENS[0]}", data={"confirm": "yes"}).status_code == 200
    assert suppressed(db) == 1


def test_unsubscribing_twice_is_as_good_as_once(db: Database, site: httpx.Client, clock: VirtualClock) -> None:
    add_person_with_message(db, 1, TOKENS[0])
    site.post(f"/u/{TOKENS[0]}", data=ONE_CLICK)
    first = db.conn.execute("SELECT unsubscribed_at FROM outreach_log").fetchone()[0]
    clock.sleep(3_600)
    assert site.post(f"/u/{TOKENS[0]}", data=ONE_CLICK).status_code == 200
    assert suppressed(db) == 1
    assert db.conn.execute("SELECT unsubscribed_at FROM outreach_log").fetchone()[0] == first


def test_opt_out_holds_where_the_key_is_not_the_one_of_the_suppressions(home: Home, db: Database, site: httpx.Client) -> None:
    """Then it is a stop, and no entry hides that the key is wrong."""
    add_person_with_message(db, 1, TOKENS[0])
    add_message(db, 1, TOKENS[1], status="queued", step=2)
    db.table("suppressions").insert({"kind": "domain", "key_hash": "0" * 32, "reason": "marks the key", "created_at": "2026-10-01"})
    assert site.post(f"/u/{TOKENS[0]}", data=ONE_CLICK).status_code == 200
    assert db.table("suppressions").count == 1
    assert [row[0] for row in db.conn.execute("SELECT contact_id FROM outreach_stops WHERE lifted_at IS NULL")] == [1]
    assert [row[0] for row in db.conn.execute("SELECT status FROM outreach_log ORDER BY step")] == ["sent", "cancelled"]


def test_what_is_queued_for_the_address_is_withdrawn(db: Database, site: httpx.Client) -> None:
    add_person_with_message(db, 1, TOKENS[0])
    add_message(db, 1, TOKENS[1], status="queued", step=2)
    site.post(f"/u/{TOKENS[0]}", data=ONE_CLICK)
    assert [row[0] for row in db.conn.execute("SELECT status FROM outreach_log ORDER BY step")] == ["sent", "cancelled"]


def test_multipart_one_click_is_taken(db: Database, site: httpx.Client) -> None:
    """RFC 8058 allows both kinds of forms."""
    add_person_with_message(db, 1, TOKENS[0])
    assert site.post(f"/u/{TOKENS[0]}", files={"List-Unsubscribe": (None, "One-Click")}).status_code == 200
    assert suppressed(db) == 1


@pytest.mark.parametrize("body", [{}, {"List-Unsubscribe": "Two-Clicks"}, {"confirm": "no"}])
def test_a_form_that_says_something_else_does_nothing(db: Database, site: httpx.Client, body: dict[str, str]) -> None:
    add_person_with_message(db, 1, TOKENS[0])
    assert site.post(f"/u/{TOKENS[0]}", data=body).status_code == 400
    assert suppressed(db) == 0


def test_unknown_tokens_get_the_same_page(db: Database, site: httpx.Client) -> None:
    add_person_with_message(db, 1, TOKENS[0])
    known, unknown = site.get(f"/u/{TOKENS[0]}"), site.get("/u/nobody")
    assert (known.status_code, unknown.status_code, known.text) == (200, 404, unknown.text)
    known, unknown = site.post(f"/u/{TOKENS[0]}", data=ONE_CLICK), site.post("/u/nobody", data=ONE_CLICK)
    assert (known.status_code, unknown.status_code, known.text) == (200, 404, unknown.text)


def test_no_answer_sets_a_cookie_or_names_anybody(db: Database, site: httpx.Client) -> None:
    add_person_with_message(db, 1, TOKENS[0])
    answers = [site.get(f"/u/{TOKENS[0]}"), site.post(f"/u/{TOKENS[0]}", data=ONE_CLICK), site.get("/c/nothing"), site.get("/o/nothing")]
    for answer in answers:
        assert "set-cookie" not in answer.headers
        assert "robin" not in answer.text.lower() + str(answer.headers).lower()
        assert "script-src" not in answer.headers["content-security-policy"]


@pytest.mark.parametrize("page", ["/", "/login", "/people", "/people/1", "/static/desk.css", "/campaigns", "/actions"])
def test_no_private_page_is_there(site: httpx.Client, page: str) -> None:
    assert site.get(page).status_code == 404


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_other_methods_do_nothing(db: Database, site: httpx.Client, method: str) -> None:
    add_person_with_message(db, 1, TOKENS[0])
    assert site.request(method, f"/u/{TOKENS[0]}").status_code == 405
    assert suppressed(db) == 0


def test_large_bodies_are_refused(db: Database, site: httpx.Client) -> None:
    add_person_with_message(db, 1, TOKENS[0])
    assert site.post(f"/u/{TOKENS[0]}", data={**ONE_CLICK, "more": "x" * 20_000}).status_code == 413
    assert suppressed(db) == 0


def test_foreign_hosts_are_refused(site: httpx.Client) -> None:
    assert site.get("/u/x", headers={"host": "evil.example"}).status_code == 400


def test_the_host_of_the_base_url_is_taken(home: Home, path: Path, clock: VirtualClock) -> None:
    with public_client(home, path, clock, base_url="https://mail.northwind.example") as client:
        assert client.get("/u/x", headers={"host": "mail.northwind.example"}).status_code == 404


def test_who_guesses_tokens_is_let_wait_and_known_ones_still_opt_out(db: Database, site: httpx.Client, clock: VirtualClock) -> None:
    add_person_with_message(db, 1, TOKENS[0])
    statuses = [site.get(f"/u/guess{number}").status_code for number in range(70)]
    assert (statuses[0], statuses[-1]) == (404, 429)
    assert site.post("/u/guess", data=ONE_CLICK).status_code == 429
    assert site.post(f"/u/{TOKENS[0]}", data=ONE_CLICK).status_code == 200
    assert suppressed(db) == 1
    clock.sleep(61)
    assert site.get("/u/guess").status_code == 404


def add_link(db: Database, token: str, url: str, message: int) -> None:
    db.table("outreach_links").insert({"token": token, "outreach_log_id": message, "url": url})


def visits(db: Database) -> list[tuple[str, int]]:
    return [(row["kind"], row["is_robot"]) for row in db.conn.execute("SELECT kind, is_robot FROM outreach_visits ORDER BY id")]


def test_a_link_leads_to_the_stored_address_alone(db: Database, site: httpx.Client) -> None:
    message = add_person_with_message(db, 1, TOKENS[0])
    add_link(db, "link1", "https://northwind.example/offer?a=1", message)
    answer = site.get("/c/link1?url=https://evil.example&next=https://evil.example")
    assert (answer.status_code, answer.headers["location"]) == (302, "https://northwind.example/offer?a=1")
    assert visits(db) == [("click", 0)]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//evil.example"])
def test_a_stored_address_that_is_no_web_page_is_not_followed(db: Database, site: httpx.Client, url: str) -> None:
    message = add_person_with_message(db, 1, TOKENS[0])
    add_link(db, "link1", url, message)
    assert site.get("/c/link1").status_code == 404


def test_asking_with_head_is_no_visit(db: Database, site: httpx.Client) -> None:
    message = add_person_with_message(db, 1, TOKENS[0])
    add_link(db, "link1", "https://northwind.example/", message)
    assert site.head("/c/link1").status_code == 302
    assert visits(db) == []


def test_a_click_within_seconds_of_delivery_is_a_robots(db: Database, site: httpx.Client, clock: VirtualClock) -> None:
    message = add_person_with_message(db, 1, TOKENS[0])
    db.conn.execute("UPDATE outreach_log SET sent_at = '2026-10-05 08:59:50.000000'")
    add_link(db, "link1", "https://northwind.example/", message)
    site.get("/c/link1")
    clock.sleep(60)
    site.get("/c/link1")
    assert visits(db) == [("click", 1), ("click", 0)]


def test_all_links_at_once_is_a_robots(db: Database, site: httpx.Client, clock: VirtualClock) -> None:
    message = add_person_with_message(db, 1, TOKENS[0])
    for number in range(3):
        add_link(db, f"link{number}", f"https://northwind.example/{number}", message)
    site.get("/c/link0")
    clock.sleep(2)
    site.get("/c/link1")
    assert visits(db) == [("click", 0), ("click", 0)]
    site.get("/c/link2")
    assert visits(db) == [("click", 1)] * 3


def test_the_picture_is_noted_where_that_is_wanted(home: Home, db: Database, path: Path, clock: VirtualClock, site: httpx.Client) -> None:
    add_person_with_message(db, 1, TOKENS[0])
    assert site.get(f"/o/{TOKENS[0]}").headers["content-type"] == "image/gif"
    assert visits(db) == []
    with public_client(home, path, clock, base_url="https://mail.northwind.example", open_pixel=True) as client:
        assert client.get(f"/o/{TOKENS[0]}").status_code == 200
        assert client.head(f"/o/{TOKENS[0]}").status_code == 200
        assert client.get("/o/nobody").status_code == 404
    assert visits(db) == [("open", 0)]
