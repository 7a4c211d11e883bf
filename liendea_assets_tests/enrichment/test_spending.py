import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from liendea_assets.core.errors import BudgetUsedUp
from liendea_assets.db.connection import Database, open_database
from liendea_assets.enrichment.spending import Purse
from liendea_assets.enrichment.spending_store import read_days
from liendea_assets_tests.conftest import VirtualClock


@pytest.fixture
def durable(db: Database) -> Iterator[Database]:
    opened = open_database(Path(db.conn.execute("PRAGMA database_list").fetchone()["file"]), durable=True)
    with closing(opened.conn):
        yield opened


def calls(db: Database) -> list[tuple[int, float, float | None]]:
    return [(row["people"], row["most"], row["spent"]) for row in db.table("provider_spending").rows]


def test_the_most_is_set_aside_and_the_rest_given_back(durable: Database, clock: VirtualClock) -> None:
    purse = Purse(durable, "apollo", clock, per_day=10)
    reserved = purse.reserve("match", 8, per_person=1, per_call=0)
    assert (reserved.people, purse.left()) == (8, 2)
    purse.settle(reserved.id, 3)
    assert (purse.left(), calls(durable)) == (7, [(8, 8.0, 3.0)])


def test_the_last_credits_pay_for_as_many_as_they_can(durable: Database, clock: VirtualClock) -> None:
    purse = Purse(durable, "apollo", clock, per_day=10)
    assert purse.reserve("match", 8, per_person=1, per_call=0).people == 8
    assert purse.reserve("match", 8, per_person=1, per_call=0).people == 2
    with pytest.raises(BudgetUsedUp, match=r"apollo: of the budget of 10 credits a day 0 are left, .* 2026-10-06 00:00 UTC"):
        purse.reserve("match", 1, per_person=1, per_call=0)
    assert purse.free_in_s(1) == 15 * 3_600
    clock.sleep(15 * 3_600)
    assert purse.free_in_s(1) == 0
    assert purse.reserve("match", 1, per_person=1, per_call=0).people == 1


def test_the_month_holds_beside_the_day(durable: Database, clock: VirtualClock) -> None:
    purse = Purse(durable, "apollo", clock, per_day=10, per_month=12)
    purse.reserve("match", 10, per_person=1, per_call=0)
    clock.sleep(86_400)
    assert purse.reserve("match", 10, per_person=1, per_call=0).people == 2
    with pytest.raises(BudgetUsedUp, match="month"):
        purse.reserve("match", 1, per_person=1, per_call=0)


def test_a_call_has_a_price_of_its_own(durable: Database, clock: VirtualClock) -> None:
    purse = Purse(durable, "hunter", clock, per_day=2.5)
    assert purse.reserve("find", 1, per_person=0, per_call=1).people == 1
    assert purse.reserve("find", 25, per_person=0, per_call=1).people == 25
    with pytest.raises(BudgetUsedUp):
        purse.reserve("find", 1, per_person=0, per_call=1)


def test_what_nobody_knows_the_cost_of_counts_as_the_most(durable: Database, clock: VirtualClock) -> None:
    """Its process was killed: nothing was settled."""
    Purse(durable, "apollo", clock).reserve("match", 8, per_person=1, per_call=0)
    assert Purse(durable, "apollo", clock, per_day=10).left() == 2
    (day,) = read_days(durable).itertuples(index=False)
    assert tuple(day) == ("apollo", "2026-10-05", 1, 8, 8.0, 8.0)


def test_what_costs_nothing_is_never_refused(durable: Database, clock: VirtualClock) -> None:
    assert Purse(durable, "reach", clock, per_day=0).reserve("match", 25, per_person=0, per_call=0).people == 25


def test_a_call_is_settled_once(durable: Database, clock: VirtualClock) -> None:
    purse = Purse(durable, "apollo", clock, per_day=10)
    reserved = purse.reserve("match", 5, per_person=1, per_call=0)
    purse.settle(reserved.id, 1)
    purse.settle(reserved.id, 0)
    assert purse.left() == 9


def test_providers_have_purses_of_their_own(durable: Database, clock: VirtualClock) -> None:
    Purse(durable, "apollo", clock, per_day=10).reserve("match", 10, per_person=1, per_call=0)
    assert Purse(durable, "hunter", clock, per_day=10).left() == 10


def test_threads_never_spend_more_than_there_is(durable: Database, clock: VirtualClock) -> None:
    purse = Purse(durable, "apollo", clock, per_day=100)
    granted: list[int] = []

    def spend() -> None:
        for _ in range(10):
            try:
                granted.append(purse.reserve("match", 7, per_person=1, per_call=0).people)
            except BudgetUsedUp:
                return

    threads = [threading.Thread(target=spend) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(granted) == 100


steps = st.lists(
    st.one_of(
        st.tuples(st.just("call"), st.integers(1, 30), st.sampled_from([0.0, 0.1, 1.0, 2.5]), st.sampled_from([0.0, 1.0])),
        st.tuples(st.just("settle"), st.floats(0, 1)),
        st.tuples(st.just("sleep"), st.integers(1, 40)),
    ),
    max_size=40,
)


@given(steps=steps, per_day=st.integers(0, 60), per_month=st.integers(0, 200))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_day_and_no_month_is_ever_over_its_budget(
    durable: Database, steps: list[tuple[object, ...]], per_day: int, per_month: int
) -> None:
    """And the totals of the days are the sums of their calls."""
    with durable.conn:
        durable.execute("DELETE FROM provider_spending")
        durable.execute("DELETE FROM provider_spending_days")
    clock = VirtualClock()
    purse = Purse(durable, "apollo", clock, per_day, per_month)
    under_way: list[tuple[int, float]] = []
    for kind, *given_values in steps:
        if kind == "call":
            people, per_person, per_call = int(str(given_values[0])), float(str(given_values[1])), float(str(given_values[2]))
            try:
                reserved = purse.reserve("match", people, per_person=per_person, per_call=per_call)
            except BudgetUsedUp:
                continue
            under_way.append((reserved.id, reserved.people * per_person + per_call))
        elif kind == "settle" and under_way:
            reserved_id, most = under_way.pop()
            purse.settle(reserved_id, most * float(str(given_values[0])))
        elif kind == "sleep":
            clock.sleep(3_600 * int(str(given_values[0])))
    by_day = durable.execute(
        "SELECT substr(reserved_at, 1, 10) AS day, sum(coalesce(spent, most)) AS credits FROM provider_spending GROUP BY 1 ORDER BY 1"
    ).fetchall()
    kept = durable.execute("SELECT day, credits FROM provider_spending_days ORDER BY day").fetchall()
    assert [row["day"] for row in kept] == [row["day"] for row in by_day]
    assert [row["credits"] for row in kept] == pytest.approx([row["credits"] for row in by_day])
    months: dict[str, float] = {}
    for row in kept:
        assert row["credits"] <= per_day + 1e-6
        months[row["day"][:7]] = months.get(row["day"][:7], 0.0) + row["credits"]
    assert all(spent <= per_month + 1e-6 for spent in months.values())
