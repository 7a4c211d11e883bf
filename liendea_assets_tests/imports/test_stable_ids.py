import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from liendea_assets.imports.stable_ids import stable_ids, successors


def ids(labels: list[str], previous: list[int | None], next_id: int = 100) -> list[int]:
    return [int(id_) for id_ in stable_ids(pd.Series(labels), pd.Series(previous, dtype=object), next_id)]


def test_new_groups_are_numbered_in_the_order_of_their_rows() -> None:
    assert ids(["b", "a", "b", "c"], [None] * 4, next_id=1) == [1, 2, 1, 3]


def test_a_group_keeps_the_id_that_its_rows_had() -> None:
    assert ids(["a", "b", "a", "c"], [7, 5, None, None]) == [7, 5, 7, 100]


def test_of_two_groups_that_become_one_the_smaller_id_stays() -> None:
    labels, previous = ["a", "a", "a"], [9, 4, None]

    assert ids(labels, previous) == [4, 4, 4]
    assert successors(pd.Series([4, 4, 4]), pd.Series(previous, dtype=object)) == {9: 4}


def test_of_a_group_that_falls_apart_the_oldest_row_keeps_the_id() -> None:
    assert ids(["a", "b"], [3, 3]) == [3, 100]
    assert successors(pd.Series([3, 100]), pd.Series([3, 3])) == {}


@given(st.lists(st.tuples(st.sampled_from("abcde"), st.one_of(st.none(), st.integers(min_value=1, max_value=6)))))
def test_ids_are_one_per_group_and_every_former_id_lives_on_or_has_a_successor(rows: list[tuple[str, int | None]]) -> None:
    labels, previous = pd.Series([row[0] for row in rows], dtype=object), pd.Series([row[1] for row in rows], dtype=object)
    result = stable_ids(labels, previous, 100)

    assert len(set(result)) == labels.nunique()
    assert pd.DataFrame({"label": labels, "id": result}).drop_duplicates().shape[0] == labels.nunique()
    merged = successors(result, previous)
    assert set(previous.dropna()) <= set(result) | set(merged)
    assert set(merged.values()) <= set(result)
    again = stable_ids(labels, result, 200)
    assert list(again) == list(result)
