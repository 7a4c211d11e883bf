"""A provider that nobody has thought of is added with a file, and no Python."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from starlette.types import Receive, Scope, Send

from liendea_assets.clients.rate_limit import RateLimiter
from liendea_assets.core.clock import to_text
from liendea_assets.core.errors import LimitReached, SettingsError
from liendea_assets.core.settings import load_file
from liendea_assets.db.connection import Database, transaction
from liendea_assets.enrichment import spending_store
from liendea_assets.enrichment.providers.http_provider import HttpProvider
from liendea_assets.enrichment.providers.job_store import JobStore
from liendea_assets.enrichment.providers.limit_settings import Limits, Window
from liendea_assets.enrichment.providers.load import ProviderFile, add_windows
from liendea_assets.enrichment.providers.settings import ProviderSettings
from liendea_assets.enrichment.report import EnrichmentReport
from liendea_assets.enrichment.run import enrich
from liendea_assets.enrichment.settings import EnrichmentSettings
from liendea_assets.sandbox.serving import serving
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.enrichment.providers.serving import ROBIN, outcomes, provider_at
from liendea_assets_tests.enrichment.providers.skylark_server import CLIENT_ID, CLIENT_SECRET, Skylark, create_app
from liendea_assets_tests.enrichment.rows import add_company, add_contact, answers

PATH = Path(__file__).with_name("skylark.yaml")
FILE = ProviderFile("skylark", PATH, load_file(ProviderSettings, PATH))
SETTINGS = EnrichmentSettings()


@contextmanager
def skylark_of(
    server: Skylark, db: Database, clock: VirtualClock, *, secret: str = CLIENT_SECRET, max_wait_s: float = 600
) -> Iterator[HttpProvider]:
    secrets = {"SKYLARK_CLIENT_ID": CLIENT_ID, "SKYLARK_CLIENT_SECRET": secret}
    with serving(create_app(server)) as url, provider_at(url, FILE, db, clock, secrets=secrets, max_wait_s=max_wait_s) as provider:
        yield provider


def run(db: Database, provider: HttpProvider, clock: VirtualClock, settings: EnrichmentSettings = SETTINGS) -> EnrichmentReport:
    return enrich(db, provider, settings, clock, lambda done, total, left_s: None)


def add_people(db: Database, count: int) -> list[int]:
    company = add_company(db)
    return [add_contact(db, company_id=company) for _ in range(count)]


def jobs(db: Database) -> list[tuple[str, str | None]]:
    return [(row["state"], row["outcome"]) for row in db.table("provider_jobs").rows_where(order_by="id")]


def test_everybody_is_handed_in_and_asked_for_until_the_job_is_done(db: Database, clock: VirtualClock) -> None:
    known, nobody = add_people(db, 1)[0], add_contact(db, last_name="Nobody")
    server = Skylark(clock)
    with skylark_of(server, db, clock) as provider:
        report = run(db, provider, clock)
        again = run(db, provider, clock)
    assert (report.hits, report.misses, report.pending, report.cost, report.stopped) == (1, 1, 0, 2.0, None)
    assert (again.due, len(server.submissions), server.polls, server.tokens_given) == (0, 1, 3, 1)
    hit, miss = answers(db, "skylark")[known], answers(db, "skylark")[nobody]
    assert [hit[name] for name in ("work_email", "mobile_phone", "title", "company_domain", "employee_count", "confidence", "cost")] == [
        "weaver1@acme.example", "+1 415 555 0100", "VICE PRESIDENT SALES", "acme.example", 1200, 0.9, 2.0,
    ]  # fmt: skip
    assert hit["expires_at"] == to_text(clock.now() + timedelta(days=20)), "as good as its shortest-lived value"
    assert miss["expires_at"] == to_text(clock.now() + timedelta(days=10))
    assert jobs(db) == [("closed", "done")]
    assert set(server.submissions[0][0]) == {"id", "first", "last", "firm", "profile"}


def test_a_job_outlives_the_run_and_is_asked_for_by_the_next_one(db: Database, clock: VirtualClock) -> None:
    people = add_people(db, 3)
    server = Skylark(clock, takes_s=300)
    with skylark_of(server, db, clock) as provider:
        first = run(db, provider, clock, EnrichmentSettings(longest_run_minutes=1))
    assert first.stopped == "3 contacts are still being worked on; the next run asks for them"
    assert answers(db, "skylark") == {}
    clock.sleep(400)
    with skylark_of(server, db, clock, secret="another") as provider:
        assert "SKYLARK_CLIENT_SECRET" in str(run(db, provider, clock).stopped)
    with skylark_of(server, db, clock) as provider:
        second = run(db, provider, clock)
    assert (second.hits, second.due, len(server.submissions)) == (3, 0, 1)
    assert sorted(answers(db, "skylark")) == people


def test_who_is_being_worked_on_is_not_handed_in_again(db: Database, clock: VirtualClock) -> None:
    survivor, merged = add_people(db, 2)
    server = Skylark(clock, takes_s=3_000)
    short = EnrichmentSettings(longest_run_minutes=1)
    with skylark_of(server, db, clock) as provider:
        run(db, provider, clock, short)
        db.conn.execute("UPDATE contacts SET merged_into = ? WHERE id = ?", [survivor, merged])
        again = run(db, provider, clock, short)
    assert (again.due, again.asked, len(server.submissions)) == (0, 0, 1)


def test_a_run_that_is_killed_between_the_answers_and_the_end_of_the_job_pays_once(db: Database, clock: VirtualClock) -> None:
    people = add_people(db, 2)
    server = Skylark(clock)
    with skylark_of(server, db, clock) as provider:
        provider.look_up([replace(ROBIN, contact_id=contact) for contact in people])
        clock.sleep(120)
        killed_here = provider.finished_jobs()
        assert len(next(killed_here)) == 2
        del killed_here
        assert jobs(db) == [("open", None)]
        assert run(db, provider, clock).hits == 2
    assert (len(server.submissions), jobs(db)) == (1, [("closed", "done")])


def test_a_submission_whose_answer_is_lost_is_never_made_twice_by_itself(db: Database, clock: VirtualClock) -> None:
    """The provider may have taken it, and would charge again."""
    people = add_people(db, 2)
    server = Skylark(clock)
    server.breaks_after_taking = True
    with skylark_of(server, db, clock) as provider:
        report = run(db, provider, clock)
    assert (report.rejected, len(server.submissions)) == (2, 1)
    assert {row["reason"] for row in answers(db, "skylark").values()} == {
        "skylark: find_batch broke off (RemoteProtocolError); whether it was taken is not known"
    }
    assert sorted(answers(db, "skylark")) == people


@pytest.mark.parametrize("status", [500, 502, 504])
def test_a_submission_that_a_gateway_gave_up_is_not_made_twice_either(db: Database, clock: VirtualClock, status: int) -> None:
    add_people(db, 2)
    server = Skylark(clock)
    server.gateway_says = status
    with skylark_of(server, db, clock) as provider:
        report = run(db, provider, clock)
    assert (report.rejected, len(server.submissions)) == (2, 1)


def test_a_process_that_dies_while_it_hands_in_leaves_nobody_to_be_paid_for_twice(db: Database, clock: VirtualClock) -> None:
    people = add_people(db, 2)
    with transaction(db) as connection:
        spending_id = spending_store.add(connection, "skylark", "find", len(people), 2.0, clock.now())
    JobStore(db, "skylark").add("find", people, clock.now(), clock.now(), spending_id)
    server = Skylark(clock)
    with skylark_of(server, db, clock) as provider:
        report = run(db, provider, clock)
    assert (report.rejected, server.submissions) == (2, [])
    assert jobs(db) == [("closed", "submission broke off")]
    assert [spent["spent"] for spent in db.table("provider_spending").rows] == [None]


def test_a_job_that_is_never_done_is_given_up_at_its_deadline(db: Database, clock: VirtualClock) -> None:
    add_people(db, 1)
    server = Skylark(clock, takes_s=10_000)
    with skylark_of(server, db, clock) as provider:
        report = run(db, provider, clock, EnrichmentSettings(longest_run_minutes=30))
    (row,) = answers(db, "skylark").values()
    assert (report.rejected, row["reason"]) == (1, "skylark: a job had no result before its deadline")
    assert server.polls == 20


def test_a_job_that_failed_is_a_rejection_with_the_hash_of_its_answer(db: Database, clock: VirtualClock) -> None:
    add_people(db, 1)
    server = Skylark(clock)
    server.fails = True
    with skylark_of(server, db, clock) as provider:
        run(db, provider, clock)
    (row,) = answers(db, "skylark").values()
    assert (row["outcome"], row["reason"], len(row["answer_hash"])) == ("rejected", "skylark: a job failed", 64)


def test_a_job_that_comes_back_shorter_leaves_misses_and_its_whole_cost(db: Database, clock: VirtualClock) -> None:
    add_people(db, 4)
    server = Skylark(clock)
    server.drops = 1
    with skylark_of(server, db, clock) as provider:
        report = run(db, provider, clock)
    assert (report.hits, report.misses, report.cost) == (3, 1, 8.0)


def test_a_token_is_renewed_before_its_end_and_once_after_a_401(db: Database, clock: VirtualClock) -> None:
    server = Skylark(clock)
    with skylark_of(server, db, clock) as provider:
        provider.look_up([replace(ROBIN, contact_id=add_contact(db))])
        clock.sleep(3_590)
        provider.look_up([replace(ROBIN, contact_id=add_contact(db))])
        assert server.tokens_given == 2
        server.revoke_tokens()
        provider.look_up([replace(ROBIN, contact_id=add_contact(db))])
    assert (server.tokens_given, len(server.submissions)) == (3, 3)
    assert [action for _, action, outcome in outcomes(db) if outcome != "counted"].count("token") == 3


def test_a_wrong_secret_is_told_without_it(db: Database, clock: VirtualClock) -> None:
    with skylark_of(Skylark(clock), db, clock, secret="wr0ng") as provider, pytest.raises(SettingsError) as caught:
        provider.look_up([replace(ROBIN, contact_id=add_contact(db))])
    assert "SKYLARK_CLIENT_SECRET" in str(caught.value)
    assert "wr0ng" not in str(caught.value)
    assert jobs(db) == [("closed", "not submitted")]


def test_a_wait_that_stands_in_the_body_is_obeyed(db: Database, clock: VirtualClock) -> None:
    server = Skylark(clock)
    server.throttles = 1
    began = clock.now()
    with skylark_of(server, db, clock) as provider:
        provider.look_up([replace(ROBIN, contact_id=add_contact(db))])
    assert (clock.now() - began).total_seconds() == pytest.approx(45, abs=1)


def test_a_window_over_people_counts_them_and_not_the_requests(db: Database, clock: VirtualClock) -> None:
    server = Skylark(clock)
    people = [replace(ROBIN, contact_id=contact) for contact in add_people(db, 100)]
    with skylark_of(server, db, clock, max_wait_s=10) as provider:
        for _ in range(5):
            provider.look_up(people)
        with pytest.raises(LimitReached, match="skylark: as many people"):
            provider.look_up(people[:1])
    assert len(server.submissions) == 5


def test_a_key_that_counts_people_does_so_in_every_file(db: Database) -> None:
    requests_alone = FILE.settings.limits.model_copy(update={"windows": FILE.settings.limits.windows[:1]})
    other = replace(FILE, name="skylark-eu", settings=FILE.settings.model_copy(update={"limits": requests_alone}))
    with pytest.raises(SettingsError, match="another file counts people under the key skylark"):
        add_windows([FILE, other], {})


def test_two_files_that_name_one_key_share_its_windows(db: Database, clock: VirtualClock) -> None:
    other = replace(FILE, name="skylark-eu")
    windows = add_windows([FILE, other], {"skylark": ((86_400, 1_000),)})
    assert windows == {"skylark": ((60, 60), (86_400, 1_000)), "skylark entities": ((3_600, 500),)}
    limiter = RateLimiter(db, clock, {"skylark": ((60, 1),)})
    with limiter.attempt("skylark", "of one", longest_s=1, max_wait_s=0):
        pass
    with pytest.raises(LimitReached), limiter.attempt("skylark", "of the other", longest_s=1, max_wait_s=0):
        pass


def test_jobs_that_are_handed_in_at_once_are_not_taken_for_broken_off(db: Database, clock: VirtualClock) -> None:
    """A job is noted before it is handed in; another thread that asks for jobs meanwhile must leave it alone."""
    people = add_people(db, 8)
    server = Skylark(clock)
    app, numbers = create_app(server), count(1)

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/v1/jobs":
            # by then the first job is to be asked for
            clock.sleep(40)
            await asyncio.sleep(0.05 if next(numbers) % 2 else 0.7)
        await app(scope, receive, send)

    settings = FILE.settings.model_copy(update={"limits": Limits(key="skylark", windows=(Window(seconds=60, requests=600),))})
    secrets = {"SKYLARK_CLIENT_ID": CLIENT_ID, "SKYLARK_CLIENT_SECRET": CLIENT_SECRET}
    with serving(slow) as url, provider_at(url, replace(FILE, settings=settings), db, clock, secrets=secrets) as provider:
        assert provider.concurrency > 1
        report = run(db, provider, clock, EnrichmentSettings(batch_size=1))
    assert (report.hits, report.rejected, len(server.submissions)) == (8, 0, 8)
    assert sorted(answers(db, "skylark")) == people
