"""Which things belong together when pairs of them do."""

import numpy as np
import numpy.typing as npt
import pandas as pd

Ints = npt.NDArray[np.int64]
# A table of this size stays in the processor's cache.
_LOW_BITS = (1 << 20) - 1


def connected(count: int, left: Ints, right: Ints) -> Ints:
    """For each of `count` things the smallest one that it is connected to, over any number of pairs.

    Args:
        left, right: the pairs, as positions.
    """
    label = np.arange(count, dtype=np.int64)
    while True:
        one, other = label[left], label[right]
        if np.array_equal(one, other):
            return label
        np.minimum.at(label, np.maximum(one, other), np.minimum(one, other))
        while not np.array_equal(shorter := label[label], label):
            label = shorter


def distinct_pairs(first: Ints, second: Ints) -> tuple[Ints, Ints]:
    """Each pair of values once, in ascending order."""
    order = np.lexsort((second, first))
    first, second = first[order], second[order]
    is_new = np.ones(len(first), dtype=bool)
    is_new[1:] = (first[1:] != first[:-1]) | (second[1:] != second[:-1])
    return first[is_new], second[is_new]


def with_several(group: Ints, value: Ints) -> npt.NDArray[np.bool_]:
    """For each member of a group whether the group's members have several values."""
    codes, groups = pd.factorize(group)
    some = np.zeros(len(groups), dtype=np.int64)
    some[codes] = value
    is_several = np.zeros(len(groups), dtype=bool)
    is_several[codes[value != some[codes]]] = True
    return np.asarray(is_several[codes])


def members(values: Ints, chosen: Ints) -> npt.NDArray[np.bool_]:
    """Which of many values are among a few chosen ones; nearly all others are told apart by their lowest bits, without a search."""
    is_low = np.zeros(_LOW_BITS + 1, dtype=bool)
    is_low[chosen & _LOW_BITS] = True
    found: npt.NDArray[np.bool_] = is_low[values & _LOW_BITS]
    found[found] = np.isin(values[found], chosen)
    return found


def combine(*columns: Ints) -> Ints:
    """One hash per row of several hashes; 0 where one of them is 0."""
    mixed = np.zeros(len(columns[0]), dtype=np.uint64)
    is_missing = np.zeros(len(columns[0]), dtype=bool)
    for column in columns:
        # a multiplication by an odd constant and a rotation, as in FNV: the order of the columns counts
        mixed = (mixed ^ column.view(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
        is_missing |= column == 0
    result = mixed.view(np.int64)
    result = np.where(result == 0, 1, result)
    result[is_missing] = 0
    return result
