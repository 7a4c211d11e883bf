import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from liendea_assets.core.clock import SystemClock, to_text
from liendea_assets.core.errors import RejectedAnswer, ServiceUnavailable, SettingsError
from liendea_assets.db.connection import BUSY_TIMEOUT_MS, Database, open_database
from liendea_assets.db.migrations import open_migrated
from liendea_assets.enrichment.provider import PersonQuery, ProviderAnswer, TellAnswers
from liendea_assets.enrichment.report import EnrichmentReport
from liendea_assets.enrichment.run import REJECTED_TTL_DAYS, enrich
from liendea_assets.enrichment.settings import EnrichmentSettings
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.enrichment.rows import add_answer, add_company, add_contact, answers

SETTINGS = EnrichmentSettings()


class Source:
    """A provider that knows everybody but `unknown`, and keeps whom it was asked about.

    Args:
        before: called with the number of each call, from 1, before it is answered.
    """

    name = "reach"
    batch_size = 25
    concurrency = 1
    wanted: frozenset[str] = frozenset()
    contacts_per_run: int | None = None

    def __init__(self, unknown: Sequence[int] = (), before: Callable[[int], object] = lambda number: None) -> None:
        self.calls: list[list[PersonQuery]] = []
        self._unknown = unknown
        self._before = before

    def allow_calls(self) -> None:
        pass

    def stop_calls(self) -> None:
        pass

    def can_ask(self, query: PersonQuery) -> bool:
        return bool(query.reach_id or query.linkedin_url or (query.first_name and query.last_name and query.company))

    def look_up(self, queries: Sequence[PersonQuery], tell: TellAnswers | None = None) -> list[ProviderAnswer]:
        self.calls.append(list(queries))
        self._before(len(self.calls))
        return [self._answer(query.contact_id) for query in queries]

    def _answer(self, contact_id: int) -> ProviderAnswer:
        if contact_id in self._unknown:
            return ProviderAnswer(contact_id, "miss")
        return ProviderAnswer(contact_id, "hit", 0.9, {"reach_id": f"rch_{contact_id}"})

    @property
    def asked(self) -> list[int]:
        return [query.contact_id for call in self.calls for query in call]


def failing(at: int, problem: BaseException) -> Callable[[int], None]:
    """What breaks one call."""

    def before(number: int) -> None:
        if number == at:
            raise problem

    return before


def run(db: Database, source: Source, clock: VirtualClock, settings: EnrichmentSettings = SETTINGS) -> EnrichmentReport:
    return enrich(db, source, settings, clock, lambda done, total, left_s: None)


def add_contacts(db: Database, count: int) -> list[int]:
    return [add_contact(db) for _ in range(count)]


def test_everybody_is_asked_about_once_in_batches(db: Database, clock: VirtualClock) -> None:
    people, source = add_contacts(db, 60), Source()
    report = run(db, source, clock)
    assert [len(call) for call in source.calls] == [25, 25, 10]
    assert source.asked == people
    assert (report.due, report.hits, report.asked, report.stopped) == (60, 60, 60, None)
    assert list(answers(db)) == people


def test_a_second_run_asks_nobody(db: Database, clock: VirtualClock) -> None:
    add_contacts(db, 30)
    run(db, Source(unknown=[3]), clock)
    clock.sleep(3_600)
    again = Source()
    assert run(db, again, clock) == EnrichmentReport()
    assert again.calls == []


def test_a_later_contact_is_the_only_one_asked_about(db: Database, clock: VirtualClock) -> None:
    add_contacts(db, 3)
    run(db, Source(), clock)
    (late,) = add_contacts(db, 1)
    source = Source()
    run(db, source, clock)
    assert source.asked == [late]


@pytest.mark.parametrize(("unknown", "days"), [((), SETTINGS.hit_ttl_days), ((1,), SETTINGS.miss_ttl_days)])
def test_an_answer_is_good_until_it_expires(db: Database, clock: VirtualClock, unknown: Sequence[int], days: int) -> None:
    """A miss is an answer too; it holds for a shorter time."""
    add_contact(db)
    run(db, Source(unknown), clock)
    (answer,) = answers(db).values()
    assert answer["outcome"] == ("miss" if unknown else "hit")
    assert answer["expires_at"] == to_text(clock.now() + timedelta(days=days))
    just_before, after = Source(), Source()
    clock.sleep(days * 86_400 - 1)
    run(db, just_before, clock)
    clock.sleep(1)
    run(db, after, clock)
    assert (just_before.asked, after.asked) == ([], [1])


def test_a_new_answer_replaces_the_old_one(db: Database, clock: VirtualClock) -> None:
    add_contact(db)
    run(db, Source(), clock)
    clock.sleep(SETTINGS.hit_ttl_days * 86_400)
    run(db, Source(unknown=[1]), clock)
    (answer,) = answers(db).values()
    assert (answer["outcome"], answer["reach_id"], answer["answered_at"]) == ("miss", None, to_text(clock.now()))


def test_each_batch_is_committed_before_the_next_is_asked(db: Database, clock: VirtualClock, tmp_path: Path) -> None:
    add_contacts(db, 60)
    seen: list[int] = []

    def look(number: int) -> None:
        another_process = open_migrated(tmp_path / "test.db")
        seen.append(len(answers(another_process)))
        another_process.conn.close()

    run(db, Source(before=look), clock)
    assert seen == [0, 25, 50]


def test_a_run_that_is_interrupted_goes_on_where_it_stopped(db: Database, clock: VirtualClock) -> None:
    people, broken = add_contacts(db, 60), Source(before=failing(2, KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        run(db, broken, clock)
    assert list(answers(db)) == people[:25]
    again = Source()
    run(db, again, clock)
    assert again.asked == people[25:]


@pytest.mark.parametrize(
    ("problem", "told"),
    [
        (RuntimeError("Robin Weaver"), "reach: an error of LIENDEA's own (RuntimeError)"),
        (SettingsError("the token is refused"), "the token is refused"),
    ],
)
def test_a_provider_that_broke_says_why_and_the_next_run_goes_on(
    db: Database, clock: VirtualClock, caplog: pytest.LogCaptureFixture, problem: Exception, told: str
) -> None:
    people, broken = add_contacts(db, 60), Source(before=failing(2, problem))
    report = run(db, broken, clock)
    assert (report.stopped, report.is_failure, report.needs_somebody, report.asked) == (told, True, True, 25)
    assert "Robin" not in caplog.text
    assert list(answers(db)) == people[:25]
    again = Source()
    report = run(db, again, clock)
    assert again.asked == people[25:]
    assert (report.due, report.asked) == (35, 35)


def test_a_provider_that_cannot_answer_for_now_ends_the_run_and_nothing_is_lost(db: Database, clock: VirtualClock) -> None:
    people, source = add_contacts(db, 60), Source(before=failing(2, ServiceUnavailable("reach: no answer")))
    report = run(db, source, clock)
    assert (report.due, report.asked, report.stopped) == (60, 25, "reach: no answer")
    assert len(source.calls) == 2
    assert list(answers(db)) == people[:25]


def test_a_batch_that_cannot_be_answered_is_recorded_and_the_rest_goes_on(db: Database, clock: VirtualClock) -> None:
    people, source = add_contacts(db, 60), Source(before=failing(2, RejectedAnswer("reach: unexpected status 400")))
    report = run(db, source, clock)
    assert (report.hits, report.rejected, report.stopped) == (35, 25, None)
    rejected = {contact_id: row for contact_id, row in answers(db).items() if row["outcome"] == "rejected"}
    assert list(rejected) == people[25:50]
    assert {(row["reason"], row["reach_id"], row["confidence"]) for row in rejected.values()} == {
        ("reach: unexpected status 400", None, None)
    }
    clock.sleep(REJECTED_TTL_DAYS * 86_400)
    later = Source()
    run(db, later, clock)
    assert later.asked == people[25:50]


def test_two_batches_in_a_row_that_are_rejected_whole_end_the_run(db: Database, clock: VirtualClock) -> None:
    add_contacts(db, 100)
    source = Source(before=lambda _number: (_ for _ in ()).throw(RejectedAnswer("no list of matches")))
    report = run(db, source, clock)
    assert len(source.calls) == 2
    assert report.stopped == "2 batches in a row were rejected: no list of matches"


def test_a_run_ends_with_its_time_and_the_next_one_goes_on(db: Database, clock: VirtualClock) -> None:
    people, slow = add_contacts(db, 75), Source(before=lambda number: clock.sleep(301))
    report = run(db, slow, clock, EnrichmentSettings(longest_run_minutes=10))
    assert (report.asked, report.stopped) == (50, "the run's 10 minutes are over")
    rest = Source()
    run(db, rest, clock)
    assert rest.asked == people[50:]


@pytest.mark.parametrize("hours", [-1, 1])
def test_no_change_of_the_wall_clock_makes_a_run_longer_or_shorter(db: Database, clock: VirtualClock, hours: int) -> None:
    people = add_contacts(db, 150)

    def before(number: int) -> None:
        clock.sleep(250)
        if number == 1:
            clock.set_wall(3_600 * hours)

    report = run(db, Source(before=before), clock, EnrichmentSettings(longest_run_minutes=10))
    assert (report.asked, report.stopped) == (len(people) // 2, "the run's 10 minutes are over")


def test_answers_wait_for_whoever_writes_for_longer_than_a_transaction_waits(db: Database, tmp_path: Path) -> None:
    """The import of a million rows does; the answers are paid for."""
    people = add_contacts(db, 30)
    writer = open_database(tmp_path / "test.db")

    def begin_to_write(number: int) -> None:
        if number == 1:
            writer.conn.execute("BEGIN IMMEDIATE")
            threading.Timer(BUSY_TIMEOUT_MS / 1000 + 1, writer.conn.rollback).start()

    report = enrich(db, Source(before=begin_to_write), SETTINGS, SystemClock(), lambda *_: None)
    writer.conn.close()
    assert (report.asked, report.stopped) == (30, None)
    assert list(answers(db)) == people


class Overflowing(Source):
    """Says of one of them what no column holds."""

    batch_size = 3

    def __init__(self, about: int) -> None:
        super().__init__()
        self._about = about

    def _answer(self, contact_id: int) -> ProviderAnswer:
        return ProviderAnswer(contact_id, "hit", 0.9, {"employee_count": 2**70 if contact_id == self._about else 50})


def test_an_answer_that_cannot_be_stored_takes_no_other_with_it(
    db: Database, clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    first, second, *others = add_contacts(db, 7)
    report = run(db, Overflowing(second), clock)
    assert (report.hits, report.rejected, report.stopped) == (6, 1, None)
    row = answers(db)[second]
    assert (row["outcome"], row["reason"]) == ("rejected", "reach: the answer cannot be stored (OverflowError)")
    assert [row["contact_id"] for row in answers(db).values() if row["outcome"] == "hit"] == [first, *others]
    assert f"contact {second} " in caplog.text


def test_progress_is_told_with_the_time_left(db: Database, clock: VirtualClock) -> None:
    add_contacts(db, 50)
    told: list[tuple[int, int, float | None]] = []
    enrich(db, Source(before=lambda number: clock.sleep(6)), SETTINGS, clock, lambda *progress: told.append(progress))
    assert told == [(0, 50, None), (25, 50, pytest.approx(6)), (50, 50, 0.0)]


def test_owners_of_exports_and_merged_contacts_are_not_asked_about(db: Database, clock: VirtualClock) -> None:
    somebody, _owner = add_contact(db), add_contact(db, is_owner=1)
    add_contact(db, merged_into=somebody)
    source = Source()
    run(db, source, clock)
    assert source.asked == [somebody]


def test_an_answer_to_a_merged_contact_counts_for_who_it_became(db: Database, clock: VirtualClock) -> None:
    survivor = add_contact(db)
    former = add_contact(db, merged_into=survivor)
    add_answer(db, former, "reach", expires_at=to_text(clock.now() + timedelta(days=1)))
    source = Source()
    run(db, source, clock)
    assert source.asked == []


def test_an_answer_of_another_source_does_not_count(db: Database, clock: VirtualClock) -> None:
    contact = add_contact(db)
    add_answer(db, contact, "gtm", expires_at=None)
    add_answer(db, contact, "another", expires_at=to_text(clock.now() + timedelta(days=1)))
    source = Source()
    run(db, source, clock)
    assert source.asked == [contact]


def test_who_is_known_too_little_is_counted_and_not_asked_about(db: Database, clock: VirtualClock) -> None:
    company = add_company(db)
    nobody = {"linkedin_id": None, "company_id": None}
    add_contact(db, **nobody)
    add_contact(db, **nobody | {"company_id": company, "last_name": None})
    named = add_contact(db, **nobody | {"company_id": company})
    source = Source()
    report = run(db, source, clock)
    assert source.asked == [named]
    assert (report.due, report.unanswerable) == (1, 2)


def test_a_query_holds_what_is_known(db: Database, clock: VirtualClock) -> None:
    company = add_company(db, name="Acme Labs Inc.", domain="acmelabs.example")
    contact = add_contact(
        db, first_name="Robin", last_name="Weaver", linkedin_id="robin-weaver", reach_id="rch_7", company_id=company, title="VP Sales"
    )
    add_answer(db, contact, "gtm", work_email="robin.weaver@acmelabs.example", work_phone="+1 415 555 0100")
    source = Source()
    run(db, source, clock)
    assert source.calls == [
        [
            PersonQuery(
                contact_id=contact,
                reach_id="rch_7",
                email="robin.weaver@acmelabs.example",
                linkedin_url="https://www.linkedin.com/in/robin-weaver",
                first_name="Robin",
                last_name="Weaver",
                company="Acme Labs Inc.",
                domain="acmelabs.example",
            )
        ]
    ]


@pytest.mark.parametrize(("may_disclose", "disclosed"), [(False, ""), (True, "robin@home.example")])
def test_an_address_from_a_colleagues_export_is_disclosed_only_when_allowed(
    db: Database, clock: VirtualClock, may_disclose: bool, disclosed: str
) -> None:
    add_answer(db, add_contact(db), "linkedin", work_email="robin@home.example")
    source = Source()
    run(db, source, clock, EnrichmentSettings(disclose_linkedin_email=may_disclose))
    assert [query.email for call in source.calls for query in call] == [disclosed]


def test_it_is_not_disclosed_by_default() -> None:
    assert EnrichmentSettings().disclose_linkedin_email is False


def test_a_workbooks_address_goes_before_one_of_an_export(db: Database, clock: VirtualClock) -> None:
    contact = add_contact(db)
    add_answer(db, contact, "linkedin", work_email="robin@home.example")
    add_answer(db, contact, "gtm", work_email="robin@acme.example")
    source = Source()
    run(db, source, clock, EnrichmentSettings(disclose_linkedin_email=True))
    assert [query.email for call in source.calls for query in call] == ["robin@acme.example"]


@given(
    people=st.integers(0, 40),
    batch_size=st.integers(1, 25),
    problems=st.lists(st.sampled_from([None, RuntimeError, ServiceUnavailable, RejectedAnswer]), max_size=8),
)
@hypothesis_settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_however_runs_break_everybody_is_answered_for_exactly_once(
    db: Database, people: int, batch_size: int, problems: list[type[Exception] | None]
) -> None:
    db.conn.execute("DELETE FROM contact_enrichment")
    db.conn.execute("DELETE FROM contacts")
    contacts, clock, troubles = add_contacts(db, people), VirtualClock(), iter(problems)
    answered: list[int] = []

    def trouble(number: int) -> None:
        kind = next(troubles, None)
        if kind is not None:
            raise kind("trouble")

    for _ in range(len(problems) + 1):
        source = Source(before=trouble)
        known = set(answers(db))
        run(db, source, clock, EnrichmentSettings(batch_size=batch_size))
        assert not known & set(source.asked)
        answered += sorted(set(answers(db)) - known)
    assert sorted(answered) == contacts


def test_a_run_asks_about_its_share_and_the_next_one_goes_on(db: Database, clock: VirtualClock) -> None:
    people, source = add_contacts(db, 60), Source()
    source.contacts_per_run = 40
    first = run(db, source, clock)
    assert (first.asked, first.due, first.left) == (40, 60, 20)
    second = run(db, source, clock)
    assert (second.asked, second.left, source.asked) == (20, 0, people)
