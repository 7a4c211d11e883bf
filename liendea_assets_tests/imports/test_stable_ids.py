import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from liendea_assets.imports.stable_ids import Identified, stable_ids


def identify(labels: list[int], anchors: list[int], next_id: int = 100) -> Identified:
    return stable_ids(np.array(labels, dtype=np.int64), np.array(anchors, dtype=np.int64), next_id)


def test_new_groups_are_numbered_in_the_order_of_their_rows_and_anchored_at_the_first() -> None:
    found = identify([8, 7, 8, 9], [0, 0, 0, 0], next_id=1)

    assert found.ids.tolist() == [1, 2, 1, 3]
    assert found.anchor_of.tolist() == [1, 2, 0, 3]


def test_a_group_keeps_the_id_that_is_anchored_in_it() -> None:
    assert identify([1, 2, 1, 3], [7, 5, 0, 0]).ids.tolist() == [7, 5, 7, 100]


def test_of_two_groups_that_become_one_the_smaller_id_stays_and_the_other_leads_to_it() -> None:
    found = identify([1, 1, 1], [9, 4, 0])

    assert (found.ids.tolist(), found.merged) == ([4, 4, 4], {9: 4})


def test_what_is_parted_again_has_its_former_ids_back() -> None:
    apart = identify([1, 2, 2], [0, 0, 0], next_id=1)
    together = stable_ids(np.array([1, 1, 1]), apart.anchor_of, 3)
    again = stable_ids(np.array([1, 2, 2]), together.anchor_of, 3)

    assert together.ids.tolist() == [1, 1, 1]
    assert (again.ids.tolist(), again.anchor_of.tolist(), again.merged) == (apart.ids.tolist(), apart.anchor_of.tolist(), {})


def test_a_part_that_no_id_is_anchored_in_gets_a_new_one() -> None:
    found = identify([1, 2], [3, 0])

    assert (found.ids.tolist(), found.anchor_of.tolist()) == ([3, 100], [3, 100])


LABELS = st.lists(st.integers(min_value=0, max_value=4), min_size=1, max_size=12)


@given(st.lists(LABELS, min_size=1, max_size=5), st.data())
def test_ids_depend_only_on_who_is_together_and_every_id_lives_on_or_leads_to_one_that_does(
    paths: list[list[int]], data: st.DataObject
) -> None:
    """Rows are grouped one way after another; the last grouping gives the same ids as if it had come right after the first."""
    size = max(len(labels) for labels in paths)
    groupings = [np.array((labels * size)[:size], dtype=np.int64) for labels in paths]
    anchors, next_id, made = np.zeros(size, dtype=np.int64), 1, set()
    for labels in groupings:
        found = stable_ids(labels, anchors, next_id)
        anchors = found.anchor_of
        made |= set(found.ids.tolist())
        next_id = max(made) + 1
        assert len(set(zip(labels.tolist(), found.ids.tolist(), strict=True))) == len(set(labels.tolist())) == len(set(found.ids.tolist()))
        assert made == set(found.ids.tolist()) | set(found.merged)
        assert set(found.merged.values()) <= set(found.ids.tolist())
    order = data.draw(st.permutations(range(size)))
    shuffled = stable_ids(groupings[-1][order], anchors[order], next_id)
    assert shuffled.ids.tolist() == stable_ids(groupings[-1], anchors, next_id).ids[order].tolist()
