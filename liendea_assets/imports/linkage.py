"""How likely two records are one: probabilistic record linkage after Fellegi and Sunter (1969), its weights learnt by EM.

Each comparison of two records falls into a level, from "the same" to "different". How often each level occurs among pairs that are
one (m) and among pairs that are not (u) makes its weight. Both are estimated from the records themselves, without any truth:
u from pairs drawn at random, m and the share of matches by expectation maximisation over candidate pairs.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from liendea_assets.imports.grouping import Ints

Floats = npt.NDArray[np.float64]

# A block larger than this says too little about who is one, and costs the square of its size.
LARGEST_BLOCK = 200
RANDOM_PAIRS = 200_000
ROUNDS = 50
# Below this change of the share of matches EM has settled.
SETTLED = 1e-6
# No level is impossible; a weight stays finite.
LEAST = 1e-5


@dataclass(frozen=True, slots=True)
class Comparison:
    """How two values of a column are compared.

    Attributes:
        thresholds: similarities (0 to 1, descending) at which a level ends; the highest level is "the same" at 1.0.
        alternative: another column whose value may stand in this one, as where first and last name were swapped.
    """

    column: str
    thresholds: tuple[float, ...] = (1.0, 0.92, 0.8)
    alternative: str | None = None


@dataclass(frozen=True, slots=True)
class Likely:
    """Candidate pairs with the probability that each is one.

    Attributes:
        left, right: positions, left below right.
        levels: per pair and comparison the level: 0 different, counting up to the same; -1 where a value is missing.
    """

    left: Ints
    right: Ints
    probability: Floats
    levels: npt.NDArray[np.int8]


def likely_pairs(records: pd.DataFrame, comparisons: Sequence[Comparison], blocks: Sequence[Sequence[str]]) -> Likely:
    """The candidate pairs of some records and how likely each is one.

    Args:
        records: text columns, missing where unknown.
        blocks: pairs that share all columns of one of these are candidates.
    """
    return weigh(records, comparisons, *candidate_pairs(records, blocks))


def weigh(
    records: pd.DataFrame, comparisons: Sequence[Comparison], left: Ints, right: Ints, unlike: tuple[Ints, Ints] | None = None
) -> Likely:
    """How likely each of these candidate pairs is one.

    Args:
        unlike: pairs that are candidates for the same reasons and known not to be one; what they agree in tells nothing. Without
            them, pairs of all records drawn at random.
    """
    if unlike is None:
        some = np.random.default_rng(0).integers(0, max(len(records), 1), size=(2, RANDOM_PAIRS if len(records) > 1 else 0))
        unlike = (some[0][some[0] != some[1]], some[1][some[0] != some[1]])
    levels = compare(records, comparisons, left, right)
    sizes = [len(one.thresholds) + 1 for one in comparisons]
    return Likely(left, right, _match_probability(levels, compare(records, comparisons, *unlike), sizes), levels)


def candidate_pairs(records: pd.DataFrame, blocks: Sequence[Sequence[str]]) -> tuple[Ints, Ints]:
    """Each pair of positions that shares a block once, left below right; blocks above `LARGEST_BLOCK` are left out."""
    found = [np.zeros((0, 2), dtype=np.int64)]
    for columns in blocks:
        present = records[list(columns)].dropna()
        frame = pd.DataFrame(
            {"block": present.groupby(list(columns), sort=False).ngroup(), "place": records.index.get_indexer(present.index)}
        )
        frame = frame[frame.groupby("block")["place"].transform("size").between(2, LARGEST_BLOCK)]
        pairs = frame.merge(frame, on="block")
        found.append(pairs.loc[pairs["place_x"] < pairs["place_y"], ["place_x", "place_y"]].to_numpy(dtype=np.int64))
    pairs_of_all = np.unique(np.concatenate(found), axis=0)
    return pairs_of_all[:, 0], pairs_of_all[:, 1]


def compare(records: pd.DataFrame, comparisons: Sequence[Comparison], left: Ints, right: Ints) -> npt.NDArray[np.int8]:
    """The level of each comparison per pair; see `Likely.levels`."""
    columns = []
    for one in comparisons:
        level = _level(records[one.column], records[one.column], one.thresholds, left, right)
        if one.alternative is not None:
            crossed = np.minimum(
                _level(records[one.column], records[one.alternative], one.thresholds, left, right),
                _level(records[one.alternative], records[one.column], one.thresholds, left, right),
            )
            # what stands in the wrong column agrees, but not as well as in its own
            level = np.where(level < 0, level, np.maximum(level, np.minimum(crossed, len(one.thresholds) - 1)))
        columns.append(level)
    return np.stack(columns, axis=1) if columns else np.zeros((len(left), 0), dtype=np.int8)


def _level(own: pd.Series, other: pd.Series, thresholds: Sequence[float], left: Ints, right: Ints) -> npt.NDArray[np.int8]:
    from rapidfuzz.distance import JaroWinkler
    from rapidfuzz.process import cpdist

    one, two = own.astype("str").to_numpy(dtype=object)[left], other.astype("str").to_numpy(dtype=object)[right]
    is_known = ~(pd.isna(one) | pd.isna(two))
    level = np.full(len(left), -1, dtype=np.int8)
    if is_known.any():
        similarity = cpdist(one[is_known], two[is_known], scorer=JaroWinkler.normalized_similarity, workers=-1)
        level[is_known] = (similarity[:, None] >= np.array(thresholds)[None, :] - 1e-9).sum(axis=1)
    return level


def _match_probability(levels: npt.NDArray[np.int8], by_chance: npt.NDArray[np.int8], sizes: Sequence[int]) -> Floats:
    if not len(levels):
        return np.zeros(0)
    u = [_shares(by_chance[:, place], size) for place, size in enumerate(sizes)]
    m = [np.linspace(0.05, 1, size) / np.linspace(0.05, 1, size).sum() for size in sizes]
    patterns, pattern_of, counts = np.unique(levels, axis=0, return_inverse=True, return_counts=True)
    share = 0.1
    posterior = np.zeros(len(patterns))
    for _ in range(ROUNDS):
        weight = np.full(len(patterns), np.log(share / (1 - share)))
        for place in range(len(sizes)):
            known = patterns[:, place] >= 0
            weight[known] += np.log(m[place] / u[place])[patterns[known, place]]
        posterior = 1 / (1 + np.exp(-np.clip(weight, -500, 500)))
        matches = posterior * counts
        former, share = share, float(np.clip(matches.sum() / counts.sum(), LEAST, 1 - LEAST))
        m = [_shares(patterns[:, place], size, matches) for place, size in enumerate(sizes)]
        if abs(share - former) < SETTLED:
            break
    return posterior[pattern_of.reshape(-1)]


def _shares(levels: npt.NDArray[np.int8], size: int, weights: Floats | None = None) -> Floats:
    known = levels >= 0
    counts = np.bincount(levels[known], weights=None if weights is None else weights[known], minlength=size).astype(np.float64)
    shares = np.maximum(counts / max(counts.sum(), LEAST), LEAST)
    return np.asarray(shares / shares.sum(), dtype=np.float64)
