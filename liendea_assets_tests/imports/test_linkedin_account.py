import secrets
import threading
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from liendea_assets.core.errors import LimitReached, SettingsError, TransientError
from liendea_assets.core.home import Home
from liendea_assets.core.keyed_hash import load_key
from liendea_assets.db.connection import Database
from liendea_assets.imports.linkedin_account import TOKEN_LIVES
from liendea_assets.sandbox.linkedin_server import TOKEN_LIVES_S, LinkedIn, Member, create_app
from liendea_assets.sandbox.serving import serving
from liendea_assets_tests.clients.servers import free_port
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.imports.stage import import_inbox
from liendea_assets_tests.linkedin_members import account_at, full_domains, linkedin_on, no_progress

SHIPPED = ((60, 2), (3_600, 50), (86_400, 100))
PATIENCE_S = 5.0


def visit(address: str, redirect_uri: str) -> None:
    """The member's browser."""
    assert httpx.get(address, follow_redirects=True, trust_env=False).status_code == 200


def consented(server: LinkedIn, url: str, home: Home, db: Database, clock: VirtualClock) -> None:
    port = free_port()
    server.redirect_uris = [f"http://127.0.0.1:{port}/callback"]
    with account_at(url, home, db, clock) as account:
        account.authorise(port, secrets.token_urlsafe(32), visit, PATIENCE_S)


def test_from_consent_to_contacts_within_the_shipped_limits(home: Home, db: Database, clock: VirtualClock) -> None:
    """The rows land like the CSV's, and no window of the server is ever over its limit."""
    server = linkedin_on(clock, Member(full_domains(connections=5)), page_rows=2)
    port = free_port()
    server.redirect_uris = [f"http://127.0.0.1:{port}/callback"]
    waits: list[float] = []
    with serving(create_app(server)) as url, account_at(url, home, db, clock, windows=SHIPPED, on_wait=waits.append) as account:
        expires_at = account.authorise(port, secrets.token_urlsafe(32), visit, PATIENCE_S)
        report = account.fetch(no_progress)
    assert abs((expires_at - clock.now()).total_seconds() - TOKEN_LIVES_S) < 3_600
    assert report.is_new
    # three pages of connections, one of each other domain, and their 404s
    assert server.book.arrivals == db.table("rate_limit_tracking").count_where("action_type = 'snapshot'") == 16
    assert server.book.violations == 0
    assert max(waits) <= 61

    checks = import_inbox(home, db, clock)

    assert all(checks.values()), checks
    people = list(db.query("SELECT first_name, linkedin_id FROM contacts WHERE linkedin_id != 'alex-morgan' ORDER BY linkedin_id"))
    assert [(row["first_name"], row["linkedin_id"]) for row in people] == [("Zoë", f"zoe-{number}") for number in range(5)]
    assert db.table("linkedin_connections").count == 5


def test_fetching_the_same_data_again_imports_nothing_again(home: Home, db: Database, clock: VirtualClock) -> None:
    server = linkedin_on(clock, Member(full_domains()))
    with serving(create_app(server)) as url:
        consented(server, url, home, db, clock)
        with account_at(url, home, db, clock) as account:
            account.fetch(no_progress)
            import_inbox(home, db, clock)
            clock.sleep(86_400)
            assert not account.fetch(no_progress).is_new
    import_inbox(home, db, clock)
    assert db.table("import_files").count == 1


def test_who_is_not_authorised_is_told_before_any_call(home: Home, db: Database, clock: VirtualClock) -> None:
    with (
        account_at("http://127.0.0.1:1", home, db, clock) as account,
        pytest.raises(SettingsError, match="liendea linkedin authorise --account alex"),
    ):
        account.fetch(no_progress)
    assert db.table("rate_limit_tracking").count == 0


def test_an_expired_token_is_told_before_any_call(home: Home, db: Database, clock: VirtualClock) -> None:
    with account_at("http://127.0.0.1:1", home, db, clock) as account:
        assert account.keep_token("a-pasted-token") == clock.now() + TOKEN_LIVES
        clock.sleep(TOKEN_LIVES.total_seconds())
        with pytest.raises(SettingsError, match=r"the token of alex expired on 2026-12-04\. Authorise again"):
            account.fetch(no_progress)
    assert db.table("rate_limit_tracking").count == 0


def test_a_pasted_token_fetches_too(home: Home, db: Database, clock: VirtualClock) -> None:
    server = linkedin_on(clock, Member(full_domains()))
    with serving(create_app(server)) as url, account_at(url, home, db, clock, secret="") as account:
        account.keep_token(f" {server.give_token()}\n")
        assert account.fetch(no_progress).is_new


@pytest.mark.parametrize("text", ["", " ", "tökén", "two\nlines", "a\x00b"])
def test_what_is_no_token_is_not_kept(home: Home, db: Database, clock: VirtualClock, text: str) -> None:
    with account_at("http://127.0.0.1:1", home, db, clock) as account, pytest.raises(SettingsError, match="no token"):
        account.keep_token(text)
    assert not (home.data / "linkedin_tokens").exists()


def test_a_new_consent_drops_the_pages_of_the_former_member(home: Home, db: Database, clock: VirtualClock) -> None:
    """Two people's connections must not become one archive."""
    first = linkedin_on(clock, Member(full_domains(connections=4)), page_rows=1)
    second = linkedin_on(clock, Member({"CONNECTIONS": full_domains(connections=9)["CONNECTIONS"][8:]}), page_rows=1)
    with serving(create_app(first)) as url, account_at(url, home, db, clock, windows=((86_400, 3),)) as account:
        account.keep_token(first.give_token())
        with pytest.raises(LimitReached):
            account.fetch(no_progress)
    with serving(create_app(second)) as url, account_at(url, home, db, clock) as account:
        account.keep_token(second.give_token())
        assert account.fetch(no_progress).rows["CONNECTIONS"] == 1


def test_a_refused_consent_leaves_the_former_token(home: Home, db: Database, clock: VirtualClock) -> None:
    server = linkedin_on(clock, Member(full_domains()))
    with serving(create_app(server)) as url:
        consented(server, url, home, db, clock)
        server.member.decision = "user_cancelled_authorize"
        with pytest.raises(SettingsError, match="access was not given"):
            consented(server, url, home, db, clock)
        with account_at(url, home, db, clock) as account:
            assert account.fetch(no_progress).is_new


def test_forgetting_deletes_the_token_and_the_kept_pages(home: Home, db: Database, clock: VirtualClock) -> None:
    server = linkedin_on(clock, Member(full_domains(connections=4)), page_rows=1)
    with serving(create_app(server)) as url, account_at(url, home, db, clock, windows=((86_400, 3),)) as account:
        account.keep_token(server.give_token())
        with pytest.raises(LimitReached):
            account.fetch(no_progress)
        assert list((home.data / "linkedin_pages" / "alex").iterdir())
        assert account.forget()
        assert not account.forget()
    assert not list((home.data / "linkedin_tokens").iterdir())
    assert not list((home.data / "linkedin_pages").iterdir())


def test_one_account_is_fetched_by_one_process_at_a_time(home: Home, db: Database, clock: VirtualClock) -> None:
    """Two would mix their pages; another account is not held up."""
    server = linkedin_on(clock, Member(full_domains()))
    refused: list[str] = []
    with (
        serving(create_app(server)) as url,
        account_at(url, home, db, clock) as account,
        account_at(url, home, db, clock, name="robin") as robin,
    ):
        account.keep_token(server.give_token())

        def meddle(domain: str, pages: int, rows: int) -> None:
            with account_at(url, home, db, clock) as other:
                attempts: list[Callable[[], object]] = [lambda: other.fetch(no_progress), other.forget, lambda: other.keep_token("x")]
                for attempt in attempts:
                    with pytest.raises(TransientError, match="busy with linkedin-alex"):
                        attempt()
                    refused.append(domain)
            robin.keep_token("of-robin")

        assert account.fetch(meddle).is_new
    assert refused


@pytest.mark.parametrize("name", ["../x", "A B", ""])
def test_a_name_that_is_unsafe_in_a_path_is_refused(home: Home, db: Database, clock: VirtualClock, name: str) -> None:
    with pytest.raises(SettingsError, match="allowed are"), account_at("http://127.0.0.1:1", home, db, clock, name=name):
        pass


def test_no_file_of_the_home_holds_the_token_or_the_secret(home: Home, db: Database, clock: VirtualClock, tmp_path: Path) -> None:
    server = linkedin_on(clock, Member(full_domains()))
    with serving(create_app(server)) as url, account_at(url, home, db, clock) as account:
        token = server.give_token()
        account.keep_token(token)
        account.fetch(no_progress)
        assert token not in repr(account)
    key = load_key(home.data / "secret.key")
    assert not [
        path for path in tmp_path.rglob("*") if path.is_file() and (token.encode() in path.read_bytes() or key in path.read_bytes())
    ]


def test_no_thread_stays_behind_a_consent(home: Home, db: Database, clock: VirtualClock) -> None:
    before = threading.active_count()
    with account_at("http://127.0.0.1:1", home, db, clock) as account, pytest.raises(TransientError, match="no answer came"):
        account.authorise(free_port(), "state", lambda address, redirect_uri: None, 0.01)
    assert threading.active_count() == before
