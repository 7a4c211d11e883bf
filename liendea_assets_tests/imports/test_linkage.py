import numpy as np
import pandas as pd
import pytest

from liendea_assets.imports.linkage import LARGEST_BLOCK, Comparison, candidate_pairs, compare, likely_pairs, weigh
from liendea_assets_tests.imports import febrl


@pytest.mark.parametrize(("number", "with_ssn", "least"), [(3, False, 0.98), (4, False, 0.98), (3, True, 0.995), (4, True, 0.995)])
def test_records_of_febrl_are_put_together(number: int, with_ssn: bool, least: float) -> None:
    assert febrl.link(febrl.load(number), with_ssn=with_ssn).f1 >= least


def people(*rows: tuple[str | None, ...]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["first", "last", "town"], dtype="str")


def test_candidates_share_a_block_and_each_pair_comes_once() -> None:
    records = people(("ann", "lee", "bonn"), ("ann", "lee", None), ("bob", "lee", "bonn"), ("eve", "moss", None))

    left, right = candidate_pairs(records, [("first",), ("last",), ("town", "last")])

    assert list(zip(left.tolist(), right.tolist(), strict=True)) == [(0, 1), (0, 2), (1, 2)]


def test_a_block_that_is_too_large_gives_no_candidates() -> None:
    records = people(*[("ann", f"last{place}", None) for place in range(LARGEST_BLOCK + 1)])

    assert len(candidate_pairs(records, [("first",)])[0]) == 0
    assert len(candidate_pairs(records.iloc[1:].reset_index(drop=True), [("first",)])[0]) == LARGEST_BLOCK * (LARGEST_BLOCK - 1) // 2


def levels(first: str | None, second: str | None, *thresholds: float) -> int:
    records = people((first, None, None), (second, None, None))
    return int(compare(records, [Comparison("first", thresholds)], np.array([0]), np.array([1]))[0, 0])


def test_levels_count_up_to_the_same_and_a_missing_value_has_none() -> None:
    assert levels("ann", "ann", 1.0, 0.8) == 2
    assert levels("anna", "anne", 1.0, 0.8) == 1
    assert levels("ann", "bob", 1.0, 0.8) == 0
    assert levels("ann", None, 1.0, 0.8) == -1


def test_a_value_in_the_wrong_column_agrees_but_less_than_in_its_own() -> None:
    records = people(("ann", "lee", None), ("lee", "ann", None), ("ann", "moss", None))
    comparison = [Comparison("first", alternative="last")]

    assert compare(records, comparison, np.array([0, 0, 1]), np.array([1, 2, 2])).ravel().tolist() == [2, 3, 0]


def test_what_tells_more_weighs_more_without_any_truth() -> None:
    """Half of the records stand twice; towns are shared by many, last names by few."""
    rng = np.random.default_rng(1)
    rows = [("x", f"name{number:05}{rng.integers(10**6)}", f"town{number % 3}") for number in range(400)]
    records = people(*rows, *rows[:200])

    found = likely_pairs(records, [Comparison("last", (1.0,)), Comparison("town", (1.0,))], [("last",), ("town", "first")])

    same = records["last"].to_numpy()[found.left] == records["last"].to_numpy()[found.right]
    assert same.sum() == 200
    assert found.probability[same].min() > 0.9


def test_what_pairs_agree_in_by_chance_tells_nothing() -> None:
    """Everybody is called alike; pairs that are known to be two people say how often that is chance."""
    rows = [("ann", "lee", f"town{place}") for place in range(60)]
    records = people(*rows, *[("ann", "lee", f"town{place}") for place in range(20)])
    comparisons = [Comparison("last", (1.0,)), Comparison("town", (1.0,))]
    left, right = np.r_[0:40, 0:20], np.r_[20:60, 60:80]
    unlike = (np.arange(59), np.arange(1, 60))

    probability = weigh(records, comparisons, left, right, unlike).probability

    assert probability[40:].min() > 0.9, "the same town"
    assert probability[:40].max() < 0.1, "only the same name"


def test_no_records_give_no_pairs() -> None:
    found = likely_pairs(people(), [Comparison("first")], [("first",)])

    assert len(found.left) == len(found.probability) == 0
