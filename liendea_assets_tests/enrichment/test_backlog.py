from collections.abc import Mapping
from itertools import pairwise

from liendea_assets.enrichment.backlog import FIRST_PAUSE_S, LONGEST_PAUSE_S, Asked, Backlog, LastRun, Look, look_at_backlog

NOW = 1_000_000.0
FREE: Mapping[str, float] = {"reach": 0.0, "apollo": 0.0}


def last(asked: int = 50, ended_at: float = NOW) -> LastRun:
    return LastRun(ended_at, asked)


def look(
    state: Asked,
    run: LastRun | None,
    now: float = NOW,
    *,
    left: Mapping[str, int] = {"reach": 10},
    free_in_s: Mapping[str, float] = FREE,
    job_in_s: Mapping[str, float] = {},
) -> Look:
    return look_at_backlog(state, run, Backlog(left, free_in_s, job_in_s), now)


def test_a_run_is_asked_for_while_somebody_is_left() -> None:
    assert look(Asked(), last()).is_wanted
    assert look(Asked(), None).is_wanted
    assert not look(Asked(), last(), left={"reach": 0}).is_wanted


def test_a_job_is_asked_for_where_nobody_is_left() -> None:
    assert look(Asked(), last(), left={}, job_in_s={"reach": 0.0}).is_wanted
    found = look(Asked(), last(), left={}, job_in_s={"reach": 25.0})
    assert (found.is_wanted, found.why) == (False, "A job of reach is under way; it may be asked for in 25 s.")


def test_after_a_run_that_broke_off_another_is_asked_for() -> None:
    broken = Backlog({}, {"reach": 0.0}, is_broken_off=True)
    assert look_at_backlog(Asked(), None, broken, NOW).is_wanted
    assert not look_at_backlog(Asked(), None, Backlog({}, {}, is_broken_off=True), NOW).is_wanted


def test_a_job_need_not_wait_for_the_budget_of_those_who_are_left() -> None:
    assert look(Asked(), last(), free_in_s={"reach": 9_000.0}, job_in_s={"reach": -5.0}).is_wanted


def test_it_waits_until_the_provider_has_room() -> None:
    found = look(Asked(), last(), free_in_s={"reach": 312.0, "apollo": 0.0})
    assert (found.is_wanted, found.why) == (False, "10 contacts are left; reach has room again in 312 s.")


def test_a_provider_that_has_room_need_not_wait_for_another() -> None:
    assert look(Asked(), last(), left={"reach": 10, "apollo": 5}, free_in_s={"reach": 312.0, "apollo": 0.0}).is_wanted


def test_people_of_a_provider_that_is_not_asked_any_more_are_no_backlog() -> None:
    assert not look(Asked(), last(), free_in_s={"apollo": 0.0}).is_wanted


def test_runs_that_answer_somebody_follow_each_other_at_once() -> None:
    state, now = Asked(), NOW
    for _ in range(5):
        found = look(state, last(ended_at=now), now)
        assert found.is_wanted
        state, now = found.state, now + 30


def test_runs_in_vain_are_asked_for_less_and_less_often() -> None:
    """The provider is away: each run ends and answered nobody, or did not come to its end."""
    state, run, asked_at, now = Asked(), last(asked=0), [], NOW
    while now < NOW + 6 * 3_600:
        found = look(state, run, now)
        state = found.state
        if found.is_wanted:
            asked_at.append(now)
        now += 30
    pauses = [after - before for before, after in pairwise(asked_at)]
    assert pauses[0] == FIRST_PAUSE_S
    assert pauses == sorted(pauses)
    assert max(pauses) == LONGEST_PAUSE_S


def test_a_run_that_answers_somebody_ends_the_long_pauses() -> None:
    state = Asked(ended_at=NOW - 100, in_vain=6, not_before=NOW + 3_000)
    assert look(state, last(ended_at=NOW)).is_wanted
    # the same run is no new success
    assert not look(state, last(ended_at=NOW - 100)).is_wanted
