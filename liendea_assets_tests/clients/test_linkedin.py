import json
import logging
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from liendea_assets.clients.linkedin import LinkedInApp, NotCollatedYet, SnapshotPage, check_address
from liendea_assets.core.errors import LimitReached, RejectedAnswer, ServiceUnavailable, SettingsError, TransientError
from liendea_assets.db.connection import Database
from liendea_assets.sandbox.linkedin_server import NO_DATA, Member, create_app
from liendea_assets_tests.clients.servers import Scripted
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.linkedin_members import connection_row, linkedin_on, snapshot_of

SECOND = "/rest/memberSnapshotData?count=10&domain=CONNECTIONS&q=criteria&start=1"


def body(rows: Sequence[Mapping[str, Any]], next_href: object = None, domain: str = "CONNECTIONS") -> dict[str, Any]:
    links = [] if next_href is None else [{"type": "application/json", "rel": "next", "href": next_href}]
    return {
        "paging": {"start": 0, "count": 10, "total": 2, "links": links},
        "elements": [{"snapshotDomain": domain, "snapshotData": list(rows)}],
    }


def page(rows: Sequence[Mapping[str, Any]], next_href: object = None, domain: str = "CONNECTIONS") -> Response:
    return JSONResponse(body(rows, next_href, domain))


def no_data() -> Response:
    return JSONResponse({"status": 404, "serviceErrorCode": 0, "message": NO_DATA}, 404)


def read(app: Scripted, db: Database, clock: VirtualClock, domain: str = "CONNECTIONS", after: Sequence[str] = ()) -> list[SnapshotPage]:
    with snapshot_of(app, db, clock) as client:
        return list(client.read_pages(domain, after))


def outcomes(db: Database) -> list[tuple[str, str, int | None]]:
    rows = db.table("rate_limit_tracking").rows_where("service = 'linkedin'", order_by="id")
    return [(row["action_type"], row["outcome"], row["success"]) for row in rows]


@pytest.mark.parametrize("has_link_past_the_end", [True, False])
def test_all_pages_are_read_to_the_end(db: Database, clock: VirtualClock, has_link_past_the_end: bool) -> None:
    """The last page has no next link, or one that leads to the 404 that means the end."""
    server = linkedin_on(clock, Member({"CONNECTIONS": [connection_row(number) for number in range(7)]}), page_rows=3)
    server.has_link_past_the_end = has_link_past_the_end
    with snapshot_of(create_app(server), db, clock, token=server.give_token()) as client:
        pages = list(client.read_pages("CONNECTIONS"))
    assert [len(found.rows) for found in pages] == [3, 3, 1]
    assert [row for found in pages for row in found.rows] == [connection_row(number) for number in range(7)]
    assert len(outcomes(db)) == (4 if has_link_past_the_end else 3)
    assert {success for _, _, success in outcomes(db)} == {1}


def test_the_documented_request_is_sent(db: Database, clock: VirtualClock) -> None:
    app = Scripted(page([connection_row()]))
    read(app, db, clock)
    (asked,) = app.asked
    assert (asked.method, asked.path, asked.query) == ("GET", "/rest/memberSnapshotData", {"q": "criteria", "domain": "CONNECTIONS"})
    assert (asked.headers["authorization"], asked.headers["linkedin-version"]) == ("Bearer t0ken", "202312")


def test_reading_goes_on_after_the_links_that_are_known(db: Database, clock: VirtualClock) -> None:
    app = Scripted(page([connection_row()]))
    assert len(read(app, db, clock, after=[SECOND])) == 1
    assert [asked.query["start"] for asked in app.asked] == ["1"]


def test_a_kept_link_that_leads_elsewhere_is_not_followed(db: Database, clock: VirtualClock) -> None:
    app = Scripted()
    with pytest.raises(RejectedAnswer, match="kept link"):
        read(app, db, clock, after=["https://elsewhere.example/rest/memberSnapshotData?domain=CONNECTIONS"])
    assert app.asked == []


def test_no_first_page_means_not_yet_and_not_nobody(db: Database, clock: VirtualClock) -> None:
    with pytest.raises(NotCollatedYet, match=r"no data for CONNECTIONS yet.*Try again later") as caught:
        read(Scripted(no_data()), db, clock)
    assert isinstance(caught.value, TransientError)
    assert outcomes(db) == [("snapshot", "status 404", 1)]


@pytest.mark.parametrize("after", [(), (SECOND,)])
@pytest.mark.parametrize("answer", [PlainTextResponse("<html>", 404), JSONResponse({"message": "no such resource"}, 404)])
def test_another_404_is_neither_the_end_nor_not_yet(db: Database, clock: VirtualClock, answer: Response, after: Sequence[str]) -> None:
    """A proxy's 404 in the middle would cut the network short, and count as a success."""
    with pytest.raises(SettingsError, match="LINKEDIN_API_URL"):
        read(Scripted(answer), db, clock, after=after)


def test_an_expired_token_says_how_to_authorise_again(db: Database, clock: VirtualClock) -> None:
    server = linkedin_on(clock, Member({"CONNECTIONS": [connection_row()]}))
    token = server.give_token(lives_s=60)
    clock.sleep(61)
    with snapshot_of(create_app(server), db, clock, token=token) as client:
        with pytest.raises(SettingsError, match=r"expired or was revoked.*liendea linkedin authorise --account alex") as caught:
            list(client.read_pages("CONNECTIONS"))
        assert token not in str(caught.value) + repr(caught.value.__context__)
    assert outcomes(db) == [("snapshot", "status 401", 0)]


def test_a_wrong_scope_says_what_the_app_needs(db: Database, clock: VirtualClock) -> None:
    server = linkedin_on(clock, Member({"CONNECTIONS": [connection_row()]}))
    with (
        snapshot_of(create_app(server), db, clock, token=server.give_token(scope="openid")) as client,
        pytest.raises(SettingsError, match=r"Member Data Portability API.*LINKEDIN_SCOPE.*EEA or Switzerland"),
    ):
        list(client.read_pages("CONNECTIONS"))


def test_a_retired_version_is_told(db: Database, clock: VirtualClock) -> None:
    with pytest.raises(SettingsError, match="version 202312"):
        read(Scripted(JSONResponse({}, 426)), db, clock)


def test_retry_after_is_kept_by_all_processes(db: Database, clock: VirtualClock) -> None:
    began = clock.now()
    app = Scripted(JSONResponse({}, 429, {"Retry-After": "90"}), page([connection_row()]))
    assert len(read(app, db, clock)) == 1
    assert (clock.now() - began).total_seconds() == pytest.approx(90, abs=0.5)
    assert [row["service"] for row in db.table("service_blocks").rows] == ["linkedin"]
    assert outcomes(db) == [("snapshot", "status 429", 0), ("snapshot", "status 200", 1)]


def test_a_block_of_a_day_ends_the_fetch_instead_of_waiting(db: Database, clock: VirtualClock) -> None:
    app = Scripted(JSONResponse({}, 429, {"Retry-After": "80000"}))
    with pytest.raises(LimitReached):
        read(app, db, clock)
    assert len(app.asked) == 1


def test_a_server_that_is_down_is_asked_three_times(db: Database, clock: VirtualClock) -> None:
    app = Scripted(*[PlainTextResponse("down", 500) for _ in range(5)])
    with pytest.raises(ServiceUnavailable, match="status 500"):
        read(app, db, clock)
    assert len(app.asked) == len(outcomes(db)) == 3


def test_every_attempt_takes_a_slot_of_the_limits(db: Database, clock: VirtualClock) -> None:
    """Against a server that counts on its own clock, with the shipped limits."""
    limits = ((60, 2), (3_600, 50), (86_400, 100))
    server = linkedin_on(clock, Member({"CONNECTIONS": [connection_row(number) for number in range(9)]}), page_rows=1, windows=limits)
    with snapshot_of(create_app(server), db, clock, token=server.give_token(), windows=limits) as client:
        assert len(list(client.read_pages("CONNECTIONS"))) == 9
    assert (server.book.arrivals, server.book.violations) == (10, 0)
    assert len(outcomes(db)) == 10


@pytest.mark.parametrize(
    "href",
    [
        "https://elsewhere.example/rest/memberSnapshotData?domain=CONNECTIONS&q=criteria&start=1",
        "//elsewhere.example/rest/memberSnapshotData?domain=CONNECTIONS&q=criteria&start=1",
        "http://user@127.0.0.1/rest/memberSnapshotData?domain=CONNECTIONS&start=1",
        "http://127.0.0.1:1/rest/memberSnapshotData?domain=CONNECTIONS&start=1",
        "/rest/another?domain=CONNECTIONS&start=1",
        "/rest/memberSnapshotData?domain=INBOX&start=1",
        "http://[",
        7,
    ],
)
def test_a_next_link_that_leads_elsewhere_is_refused_before_the_token_goes_there(db: Database, clock: VirtualClock, href: object) -> None:
    app = Scripted(page([connection_row()], href))
    with pytest.raises(RejectedAnswer, match="next link"):
        read(app, db, clock)
    assert len(app.asked) == 1


def test_a_redirect_is_not_followed(db: Database, clock: VirtualClock) -> None:
    app = Scripted(RedirectResponse("http://127.0.0.1:1/"))
    with pytest.raises(SettingsError, match="status 307"):
        read(app, db, clock)


def test_a_loop_of_next_links_is_refused(db: Database, clock: VirtualClock) -> None:
    third = SECOND.replace("start=1", "start=2")
    app = Scripted(page([connection_row(0)], SECOND), page([connection_row(1)], third), page([connection_row(2)], SECOND))
    with pytest.raises(RejectedAnswer, match="leads back to a page that was read"):
        read(app, db, clock)
    assert len(app.asked) == 3


def test_a_page_that_repeats_the_one_before_is_refused(db: Database, clock: VirtualClock) -> None:
    """A server that ignores `start` would be asked for ever, under links that always differ."""
    app = Scripted(page([connection_row()], SECOND), page([connection_row()], SECOND.replace("start=1", "start=2")))
    with pytest.raises(RejectedAnswer, match="repeats the page before it"):
        read(app, db, clock)


@pytest.mark.parametrize(
    "content",
    [
        b"<html>Please log in</html>",
        b'{"elements": [], "elements": []}',
        b'{"elements": [NaN]}',
        b"[" * 100_000,
        b"",
        b"[]",
        b"{}",
        b'{"elements": {}}',
        b'{"elements": [7]}',
        b'{"elements": [{"snapshotDomain": "INBOX", "snapshotData": []}]}',
        b'{"elements": [{"snapshotDomain": "CONNECTIONS"}]}',
        b'{"elements": [{"snapshotDomain": "CONNECTIONS", "snapshotData": ["Zoe"]}]}',
        b'{"elements": [], "paging": {"links": {"rel": "next"}}}',
        json.dumps({"elements": [], "paging": {"links": [{"rel": "next", "href": SECOND}] * 2}}).encode(),
    ],
)
def test_an_answer_that_is_no_page_is_rejected_without_its_text(db: Database, clock: VirtualClock, content: bytes) -> None:
    with pytest.raises(RejectedAnswer) as caught:
        read(Scripted(Response(content, 200, media_type="application/json")), db, clock)
    assert "Zoe" not in str(caught.value)
    assert "log in" not in str(caught.value)


def test_a_huge_answer_is_cut_off(db: Database, clock: VirtualClock) -> None:
    sent = 0

    async def huge(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal sent
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(64):
            sent += 1
            await send({"type": "http.response.body", "body": b" " * 1024 * 1024, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    with snapshot_of(huge, db, clock) as client, pytest.raises(RejectedAnswer, match="larger than"):
        list(client.read_pages("CONNECTIONS"))
    assert sent >= 32


def test_odd_values_become_text_that_a_csv_can_hold(db: Database, clock: VirtualClock) -> None:
    row = {"First Name": None, "Last Name": 7, "URL": ["a", "b", {"c": 1}], "Company": "A\x00B\ud800", "Position": {"x": 1}, "Ok": True}
    content = json.dumps(body([row])).encode()
    ((found,),) = (found.rows for found in read(Scripted(Response(content, media_type="application/json")), db, clock))
    assert found == {"First Name": "", "Last Name": "7", "URL": "a,b", "Company": "AB\ufffd", "Ok": "True"}


def test_a_row_without_a_list_around_it_is_one_row(db: Database, clock: VirtualClock) -> None:
    content = {"elements": [{"snapshotDomain": "PROFILE", "snapshotData": {"First Name": "Alex"}}]}
    (found,) = read(Scripted(JSONResponse(content)), db, clock, "PROFILE")
    assert found == SnapshotPage([{"First Name": "Alex"}], None)


@pytest.mark.parametrize(
    "url", ["http://api.example", "ftp://127.0.0.1", "api.linkedin.com", "https://", "http://[", "https://a.example/b"]
)
def test_a_token_is_never_sent_in_the_clear(url: str) -> None:
    with pytest.raises(SettingsError, match="LINKEDIN_API_URL must be an https:// address"):
        check_address("LINKEDIN_API_URL", url)


@pytest.mark.parametrize("url", ["https://api.linkedin.com", "https://api.linkedin.com/", "http://127.0.0.1:8000", "http://[::1]:8000"])
def test_encrypted_addresses_and_this_machine_are_allowed(url: str) -> None:
    check_address("LINKEDIN_API_URL", url)


def test_the_token_and_the_data_are_in_no_log(db: Database, clock: VirtualClock, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "liendea_assets")
    caplog.set_level(logging.DEBUG, "httpx")
    read(Scripted(page([connection_row()])), db, clock)
    assert "t0ken" not in caplog.text
    assert "Zoë" not in caplog.text


def test_the_app_s_secret_is_in_no_repr() -> None:
    assert "s3cret" not in repr(LinkedInApp("id", "s3cret"))
