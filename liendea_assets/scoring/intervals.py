"""What a score could become once its unknown fields are known: the exact least and most, with negative points, caps and limits.

A rule looks at one field, so what an unknown field adds to each component depends on nothing else. The outcomes of unknown fields are
added up once for each set of fields that is unknown together, and only those are kept that could be the least or the most.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What a field can add.

    Attributes:
        added: per outcome the points for each dimension of the sum; the first one is that the field stays unknown.
        may_disqualify: whether one of its values would.
    """

    added: Integers
    may_disqualify: bool


@dataclass(frozen=True, slots=True)
class Caps:
    """The least and the most that each dimension may give; the first dimension is what has no cap of its own."""

    low: npt.NDArray[np.float64]
    high: npt.NDArray[np.float64]


def bounds(
    known: Integers, caps: Caps, is_unknown: npt.NDArray[np.bool_], outcomes: Sequence[Outcomes], is_out: npt.NDArray[np.bool_], best: int
) -> tuple[Integers, Integers]:
    """The least and the most per contact, within 0 and `best`.

    Args:
        known: (contacts, dimensions), what known fields add.
        is_unknown: (contacts, fields), in the order of `outcomes`.
        is_out: who is disqualified by what is known, and has 0 whatever else comes.
    """
    bits = (
        is_unknown @ (1 << np.arange(is_unknown.shape[1], dtype=np.int64)) if is_unknown.shape[1] else np.zeros(len(known), dtype=np.int64)
    )
    patterns, position = np.unique(bits, return_inverse=True)
    order = np.argsort(position, kind="stable")
    counts = np.bincount(position, minlength=len(patterns))
    ends = np.cumsum(counts)
    least, most = np.zeros(len(known), dtype=np.int64), np.zeros(len(known), dtype=np.int64)
    for pattern, start, end in zip(patterns.tolist(), (ends - counts).tolist(), ends.tolist(), strict=True):
        rows = order[start:end]
        unknown = [outcome for place, outcome in enumerate(outcomes) if pattern >> place & 1]
        lows, highs = _fronts(unknown, known.shape[1])
        most[rows] = _extreme(known[rows], highs, caps, best, np.maximum)
        least[rows] = 0 if any(outcome.may_disqualify for outcome in unknown) else _extreme(known[rows], lows, caps, best, np.minimum)
    return np.where(is_out, 0, least), np.where(is_out, 0, most)


def capped_total(sums: Integers, caps: Caps, best: int) -> Integers:
    """The score of sums by dimension, (…, dimensions)."""
    total: Integers = np.clip(np.clip(sums, caps.low, caps.high).sum(axis=-1), 0, best).astype(np.int64)
    return total


def _extreme(known: Integers, front: Integers, caps: Caps, best: int, choose: np.ufunc) -> Integers:
    found: Integers = capped_total(known + front[0], caps, best)
    for added in front[1:]:
        found = np.asarray(choose(found, capped_total(known + added, caps, best)), dtype=np.int64)
    return found


def _fronts(unknown: Sequence[Outcomes], dimensions: int) -> tuple[Integers, Integers]:
    """Sums of one outcome of each field that none other undercuts, or exceeds, in every dimension."""
    lows = highs = np.zeros((1, dimensions), dtype=np.int64)
    for outcome in unknown:
        lows = _undercut_by_none((lows[:, None, :] + outcome.added[None, :, :]).reshape(-1, dimensions))
        highs = -_undercut_by_none(-(highs[:, None, :] + outcome.added[None, :, :]).reshape(-1, dimensions))
    return lows, highs


def _undercut_by_none(sums: Integers) -> Integers:
    """The rows that no other row undercuts or equals in every dimension: the score grows with each, so only these can be the least."""
    rest = np.unique(sums, axis=0)
    kept = []
    while len(rest):
        # sorted by the first dimension and then the next, so nothing later undercuts the first
        kept.append(rest[0])
        rest = rest[~(rest >= rest[0]).all(axis=1)]
    return np.array(kept)
