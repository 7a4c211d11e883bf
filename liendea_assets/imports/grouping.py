"""Which things belong together when pairs of them do."""

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


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
