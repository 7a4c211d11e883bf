"""Who is let in, what is refused, and that text of others stays text."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from liendea_assets.core.home import Home
from liendea_assets.db.connection import Database
from liendea_assets.web.pages import PAGES
from liendea_assets.web.session import SESSION_LASTS
from liendea_assets.web.view import Desk
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.contacts import add_answer, add_contact, add_score, make_target
from liendea_assets_tests.web.sites import Person, add_campaign, add_message, log_in, serving_desk

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'{{ 7*7 }}"


@pytest.fixture
def path(db: Database) -> Path:
    return Path(db.conn.execute("PRAGMA database_list").fetchone()["file"])


@pytest.fixture
def site(home: Home, db: Database, path: Path, clock: VirtualClock) -> Iterator[tuple[Desk, httpx.Client]]:
    with serving_desk(home, path, clock) as served:
        yield served


@pytest.fixture
def person(site: tuple[Desk, httpx.Client]) -> Person:
    return log_in(*site)


def pages(method: str) -> list[str]:
    return [route.path.replace("{id}", "1").replace("{name}", "intro") for route in PAGES if method in (route.methods or ())]


@pytest.mark.parametrize("page", [*pages("GET"), "/nothing"])
def test_nobody_sees_a_page_without_a_session(site: tuple[Desk, httpx.Client], page: str) -> None:
    answer = site[1].get(page)
    assert (answer.status_code, answer.headers.get("location")) in ((303, "/login"), (404, None))
    assert page == "/nothing" or answer.status_code == 303


@pytest.mark.parametrize("action", [*pages("POST"), "/logout"])
def test_nothing_is_done_without_a_session(site: tuple[Desk, httpx.Client], db: Database, action: str) -> None:
    answer = site[1].post(action, data={"csrf": "x"}, headers={"origin": str(site[1].base_url).rstrip("/")})
    assert answer.status_code == 403
    assert db.table("desk_actions").count == 0


@pytest.mark.parametrize("action", pages("POST"))
@pytest.mark.parametrize("csrf", ["", "0" * 32, "é", "x" * 5_000])
def test_form_without_the_sessions_token_is_refused(person: Person, db: Database, action: str, csrf: str) -> None:
    assert person.post(action, csrf=csrf).status_code == 403
    assert db.table("desk_actions").count == 0


def test_token_of_another_session_is_refused(site: tuple[Desk, httpx.Client], person: Person) -> None:
    with httpx.Client(base_url=str(site[1].base_url), trust_env=False) as client:
        other = log_in(site[0], client, "Somebody Else").csrf()
    assert person.post("/merges/undo", {"decision": "1"}, csrf=other).status_code == 403


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
def test_form_of_another_site_is_refused(person: Person, db: Database, origin: str) -> None:
    assert person.post("/merges/undo", {"decision": "1"}, origin=origin).status_code == 403
    assert db.table("desk_actions").count == 0


def test_form_that_does_not_say_its_origin_is_refused(person: Person) -> None:
    assert person.client.post("/merges/undo", data={"csrf": person.csrf(), "decision": "1"}).status_code == 403


@pytest.mark.parametrize("host", ["evil.example", "evil.example:{port}", "0.0.0.0:{port}", ""])
def test_foreign_host_is_refused(person: Person, host: str) -> None:
    assert person.get("/", headers={"host": host.format(port=person.client.base_url.port)}).status_code == 403


@pytest.mark.parametrize("where", ["cross-site", "same-site"])
def test_request_that_another_site_caused_is_refused(person: Person, where: str) -> None:
    assert person.get("/", headers={"sec-fetch-site": where}).status_code == 403


@pytest.mark.parametrize("action", pages("POST"))
def test_looking_does_nothing(person: Person, db: Database, action: str) -> None:
    """An action is no page, and a page is no action."""
    if action in pages("GET"):
        return
    assert person.get(action).status_code in (303, 404, 405)
    assert db.table("desk_actions").count == 0


def test_link_logs_in_once(site: tuple[Desk, httpx.Client], clock: VirtualClock) -> None:
    desk, client = site
    token = desk.sessions.new_link_token(clock.now())
    own = {"origin": str(client.base_url).rstrip("/")}
    assert client.get(f"/login?token={token}").status_code == 200
    assert client.get(f"/login?token={token}").status_code == 200
    first = client.post("/login", data={"token": token, "name": "Kim Doe"}, headers=own)
    second = client.post("/login", data={"token": token, "name": "Kim Doe"}, headers=own)
    assert (first.status_code, second.status_code) == (303, 403)
    cookie = first.headers["set-cookie"].lower()
    assert all(word in cookie for word in ("httponly", "samesite=strict", "path=/"))
    assert "set-cookie" not in second.headers


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "Kim\u0000Doe", "Kim\u202eDoe"])
def test_a_name_is_needed_to_log_in_and_the_link_stays_good(site: tuple[Desk, httpx.Client], clock: VirtualClock, name: str) -> None:
    desk, client = site
    token = desk.sessions.new_link_token(clock.now())
    own = {"origin": str(client.base_url).rstrip("/")}
    assert client.post("/login", data={"token": token, "name": name}, headers=own).status_code == 403
    assert client.post("/login", data={"token": token, "name": "Kim Doe"}, headers=own).status_code == 303


def test_session_that_somebody_else_chose_is_not_taken_over(site: tuple[Desk, httpx.Client]) -> None:
    """Logging in makes a session of its own, whatever cookie the browser had before."""
    desk, client = site
    before = log_in(desk, client, "Mallory")
    (name,) = [name for name in client.cookies if name.startswith("liendea_desk")]
    mallorys = client.cookies[name]
    first = before.csrf()
    after = log_in(desk, client)
    assert client.cookies[name] != mallorys
    assert after.csrf() != first
    assert after.post("/merges/undo", {"decision": "1"}, csrf=first).status_code == 403


@pytest.mark.parametrize("page", [*pages("GET"), "/login", "/nothing"])
def test_no_page_is_kept_by_a_browser(person: Person, page: str) -> None:
    answer = person.get(page)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert person.client.head(page).headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/static/../session.py", "/static/..%2fsession.py", "/static/%2e%2e/session.py", "/static//etc/passwd"])
def test_nothing_but_style_and_script_is_served(person: Person, path: str) -> None:
    assert person.get(path).status_code in (303, 404)


def test_old_link_is_none(site: tuple[Desk, httpx.Client], clock: VirtualClock) -> None:
    desk, client = site
    token = desk.sessions.new_link_token(clock.now())
    clock.sleep(13 * 3_600)
    own = {"origin": str(client.base_url).rstrip("/")}
    assert client.post("/login", data={"token": token, "name": "Kim Doe"}, headers=own).status_code == 403


def test_session_ends_by_itself(person: Person, clock: VirtualClock) -> None:
    assert person.get("/").status_code == 200
    clock.sleep(SESSION_LASTS.total_seconds())
    assert person.get("/").status_code == 303


def test_session_that_was_ended_is_none_for_copies_of_its_cookie_too(person: Person) -> None:
    copy = "; ".join(f"{name}={value}" for name, value in person.client.cookies.items())
    assert person.client.get("/", headers={"cookie": copy}).status_code == 200
    assert person.post("/logout").status_code == 303
    person.client.cookies.clear()
    assert person.client.get("/", headers={"cookie": copy}).status_code == 303


@pytest.mark.parametrize("change", [lambda text: text[:-2] + "xx", lambda text: "x" + text, lambda _: "", lambda _: "{}.x"])
def test_cookie_that_was_changed_is_none(person: Person, change: "object") -> None:
    ((name, value),) = [pair for pair in person.client.cookies.items() if pair[0].startswith("liendea_desk")]
    person.client.cookies.clear()
    assert person.client.get("/", headers={"cookie": f"{name}={change(value)}"}).status_code == 303  # type: ignore[operator]


def test_secrets_are_the_owners_alone(home: Home, person: Person) -> None:
    assert (home.data / "desk.key").stat().st_mode & 0o777 == 0o600
    assert (home.data / "desk").stat().st_mode & 0o777 == 0o700


def test_body_that_is_too_large_is_refused(person: Person) -> None:
    assert person.post("/merges/undo", {"decision": "1" * 9_000_000}).status_code == 413


def test_body_that_is_no_form_is_refused(person: Person) -> None:
    answer = person.client.post("/merges/undo", json={"csrf": person.csrf()}, headers={"origin": person.own})
    assert answer.status_code == 400


@pytest.mark.parametrize("to", ["https://evil.example", "//evil.example", "/\\evil.example", "evil", "/a\nb"])
def test_nobody_is_led_to_another_site(person: Person, to: str) -> None:
    answer = person.post("/merges/undo", {"decision": "1", "back": to})
    assert (answer.status_code, answer.headers["location"]) == (303, "/merges/decisions")


def test_page_says_what_its_browser_may_do(person: Person) -> None:
    headers = person.get("/").headers
    assert "script-src 'self'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert (headers["x-frame-options"], headers["cache-control"]) == ("DENY", "no-store")
    page = person.page("/")
    assert not re.search(r"<script(?![^>]*src)|<style|\son\w+=|\sstyle=", page)


def test_text_of_others_stays_text(db: Database, site: tuple[Desk, httpx.Client]) -> None:
    add_contact(db, 1, full_name=HOSTILE, title=HOSTILE, company_name=HOSTILE, industry=HOSTILE)
    add_score(db, 1, text=HOSTILE)
    make_target(db, 1)
    add_answer(db, 1)
    add_campaign(db, "intro")
    add_message(db, 1, "token", message=HOSTILE, schedule_reason=HOSTILE)
    person = log_in(*site, HOSTILE[:60].replace("\n", " "))
    for page in ("/", "/people", "/people/1", f"/people?q={HOSTILE[:8]}", "/nothing", "/people/7", "/actions"):
        text = person.get(page).text
        assert "<script>alert" not in text, page
        assert "<img src=x" not in text, page
        assert "onerror=" not in re.sub(r"&lt;.*?&gt;", "", text), page
    assert "&lt;script&gt;alert(1)" in person.page("/people/1")
    assert "49" not in re.sub(r"[0-9a-f]{32}", "", person.page("/people"))


def test_what_goes_wrong_here_is_told_without_its_inside(person: Person, db: Database) -> None:
    db.conn.execute("DROP TABLE desk_actions")
    answer = person.get("/actions")
    assert (answer.status_code, "sqlite" in answer.text.lower(), "Traceback" in answer.text) == (500, False, False)
