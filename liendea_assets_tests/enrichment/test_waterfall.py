"""Several providers in one run: who is asked about whom, and what the end of one means for the others."""

from collections.abc import Callable, Mapping, Sequence

import pytest

from liendea_assets.core.errors import BudgetUsedUp, LimitReached, QuotaGone, RejectedAnswer, ServiceUnavailable, SettingsError
from liendea_assets.db.connection import Database, exclusive, transaction
from liendea_assets.enrichment import spending_store
from liendea_assets.enrichment.provider import PersonQuery, ProviderAnswer, TellAnswers
from liendea_assets.enrichment.providers.job_store import JobStore
from liendea_assets.enrichment.report import EnrichmentReport
from liendea_assets.enrichment.run import enrich_all
from liendea_assets.enrichment.settings import EnrichmentSettings
from liendea_assets_tests.conftest import VirtualClock
from liendea_assets_tests.enrichment.rows import add_answer, add_company, add_contact

Answer = Callable[[PersonQuery], ProviderAnswer]
ALL = {"work_email": "robin@acme.example", "title": "CRO"}


def hit(**values: object) -> Answer:
    return lambda query: ProviderAnswer(query.contact_id, "hit", 0.9, values or ALL, cost=1.0)


def miss(query: PersonQuery) -> ProviderAnswer:
    return ProviderAnswer(query.contact_id, "miss", cost=0.0)


class Source:
    """A provider that answers as it is told.

    Args:
        problem: raised by the call with the given number and all after it.
        needs_profile: whether it can ask about people with a profile alone.
    """

    concurrency = 1
    contacts_per_run: int | None = None

    def __init__(
        self,
        name: str,
        answer: Answer = miss,
        wanted: Sequence[str] = ("work_email", "title"),
        problem: tuple[int, Exception] | None = None,
        batch_size: int = 1,
        needs_profile: bool = False,
    ) -> None:
        self.name = name
        self.batch_size = batch_size
        self.wanted = frozenset(wanted)
        self.calls: list[list[int]] = []
        self._answer = answer
        self._problem = problem
        self._needs_profile = needs_profile

    @property
    def asked(self) -> list[int]:
        return [contact for call in self.calls for contact in call]

    def allow_calls(self) -> None:
        pass

    def stop_calls(self) -> None:
        pass

    def can_ask(self, query: PersonQuery) -> bool:
        return bool(query.linkedin_url) or not self._needs_profile

    def look_up(self, queries: Sequence[PersonQuery], tell: TellAnswers | None = None) -> list[ProviderAnswer]:
        self.calls.append([query.contact_id for query in queries])
        if self._problem and len(self.calls) >= self._problem[0]:
            raise self._problem[1]
        return [self._answer(query) for query in queries]


def run(db: Database, clock: VirtualClock, *sources: Source, acceptance: Mapping[str, float] | None = None) -> dict[str, EnrichmentReport]:
    return enrich_all(db, sources, EnrichmentSettings(), clock, lambda *_: None, acceptance)


def test_the_next_is_asked_about_those_alone_whom_the_first_has_left(db: Database, clock: VirtualClock) -> None:
    found, missed, doubtful, rejected, half = (add_contact(db) for _ in range(5))
    said: dict[int, ProviderAnswer] = {
        found: ProviderAnswer(found, "hit", 0.9, ALL),
        missed: ProviderAnswer(missed, "miss"),
        doubtful: ProviderAnswer(doubtful, "hit", 0.5, ALL),
        rejected: ProviderAnswer(rejected, "rejected", reason="no JSON"),
        half: ProviderAnswer(half, "hit", 0.9, {"work_email": "robin@acme.example"}),
    }
    first, second, third = Source("a", lambda query: said[query.contact_id]), Source("b", hit()), Source("c", hit())
    run(db, clock, first, second, third)
    assert (first.asked, second.asked, third.asked) == ([*said], [missed, doubtful, rejected, half], [])


@pytest.mark.parametrize("problem", [LimitReached("no slot", 60), QuotaGone("used up"), BudgetUsedUp("spent")])
def test_whoever_waits_for_a_provider_that_is_out_of_budget_is_not_handed_on(db: Database, clock: VirtualClock, problem: Exception) -> None:
    """No credit goes for what a cheaper one will tell tomorrow. Whom it cannot look up waits for nothing."""
    answered, waiting, never = add_contact(db), add_contact(db), add_contact(db, linkedin_id=None)
    first, second = Source("a", problem=(2, problem), needs_profile=True), Source("b", hit())
    reports = run(db, clock, first, second)
    assert first.asked == [answered, waiting]
    assert sorted(second.asked) == [answered, never]
    assert (reports["a"].stopped, reports["a"].is_failure, reports["b"].stopped) == (str(problem), False, None)


@pytest.mark.parametrize(
    "problem",
    [ServiceUnavailable("away"), SettingsError("the key is refused"), KeyError("a bug")],
)
def test_a_provider_that_fails_stops_no_other_and_leaves_everybody_to_the_next(
    db: Database, clock: VirtualClock, problem: Exception
) -> None:
    people = [add_contact(db) for _ in range(4)]
    first, second = Source("a", hit(), problem=(2, problem)), Source("b", hit())
    reports = run(db, clock, first, second)
    assert (first.asked, second.asked) == (people[:2], people[1:])
    assert (reports["a"].is_failure, reports["b"].asked, reports["b"].stopped) == (True, 3, None)


def test_a_provider_whose_answers_are_rejected_is_left_to_itself(db: Database, clock: VirtualClock) -> None:
    people = [add_contact(db) for _ in range(8)]
    first, second = Source("a", problem=(1, RejectedAnswer("no list")), batch_size=2), Source("b", hit(), batch_size=2)
    reports = run(db, clock, first, second)
    assert (len(first.calls), sorted(second.asked)) == (2, people)
    assert reports["a"].stopped == "2 batches in a row were rejected: no list"


def test_one_that_another_process_asks_is_left_to_it_and_so_are_those_who_wait_for_it(db: Database, clock: VirtualClock) -> None:
    add_contact(db)
    first, second = Source("a"), Source("b")
    with exclusive(db, "enrichment-a"):
        reports = run(db, clock, first, second)
    assert (first.asked, second.asked) == ([], [])
    assert "another process is busy" in str(reports["a"].stopped)
    run(db, clock, first, second)
    assert (first.asked, second.asked) == ([1], [1])


def test_whoever_is_part_of_a_job_waits_for_it(db: Database, clock: VirtualClock) -> None:
    worked_on, other = add_contact(db), add_contact(db)
    jobs = JobStore(db, "a")
    with transaction(db) as connection:
        spending_id = spending_store.add(connection, "a", "find", 1, 1.0, clock.now())
    jobs.open(jobs.add("find", [worked_on], clock.now(), clock.now(), spending_id), "job-1", clock.now())
    second = Source("b")
    run(db, clock, Source("a", problem=(1, SettingsError("refused"))), second)
    assert second.asked == [other]


def test_one_without_wanted_fields_is_asked_about_everybody(db: Database, clock: VirtualClock) -> None:
    people = [add_contact(db) for _ in range(3)]
    first, second = Source("a", hit(), wanted=()), Source("b", hit(), wanted=())
    run(db, clock, first, second)
    assert first.asked == second.asked == people


def test_what_the_first_knows_below_its_own_line_is_not_known(db: Database, clock: VirtualClock) -> None:
    add_contact(db)
    second = Source("b", hit())
    run(db, clock, Source("a", hit()), second, acceptance={"a": 0.95})
    assert second.asked == [1]


def test_an_address_that_does_not_work_is_asked_for_again_elsewhere(db: Database, clock: VirtualClock) -> None:
    bad, good = add_contact(db), add_contact(db)
    add_answer(db, bad, "gtm", work_email="robin@acme.example", title="CRO")
    add_answer(db, good, "gtm", work_email="robin@acme.example", title="CRO")
    add_answer(db, bad, "verifier", work_email="Robin@acme.example", email_status="invalid", confidence=0.01)
    source = Source("a")
    run(db, clock, source)
    assert source.asked == [bad]


class TestColleagues:
    WANTED = ("title", "employee_count")

    def staff(self, db: Database, count: int) -> list[int]:
        company = add_company(db, name="Acme", domain="acme.example")
        people = [add_contact(db, company_id=company) for _ in range(count)]
        for person in people:
            add_answer(db, person, "gtm", title="CRO")
        return people

    def test_who_lacks_facts_of_the_company_alone_is_spared_when_a_colleagues_answer_tells_them(
        self, db: Database, clock: VirtualClock
    ) -> None:
        people, others = self.staff(db, 5), [add_contact(db), add_contact(db)]
        source = Source("a", hit(company_domain="acme.example", employee_count=620), wanted=self.WANTED)
        report = run(db, clock, source)["a"]
        assert sorted(source.asked) == [people[0], *others]
        assert (report.due, report.stopped) == (3, None)
        again = Source("a", wanted=self.WANTED)
        run(db, clock, again)
        assert again.asked == []

    def test_ever_more_of_them_are_asked_about_while_nobody_knows(self, db: Database, clock: VirtualClock) -> None:
        people = self.staff(db, 8)

        def knows_of_the_fourth(query: PersonQuery) -> ProviderAnswer:
            values = {"company_name": "Acme", "employee_count": 620}
            return ProviderAnswer(query.contact_id, "hit", 0.9, values) if query.contact_id == people[3] else miss(query)

        source = Source("a", knows_of_the_fourth, wanted=self.WANTED)
        run(db, clock, source)
        # one, then two, then four
        assert source.asked == people[:7]

    def test_an_answer_about_another_company_spares_nobody(self, db: Database, clock: VirtualClock) -> None:
        people = self.staff(db, 2)
        source = Source("a", hit(company_domain="rival.example", employee_count=620), wanted=self.WANTED)
        run(db, clock, source)
        assert source.asked == people
