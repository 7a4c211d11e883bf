"""Ids that stay, whatever is merged and parted in between.

Each id has one anchor: the row that it was given for, for good. A group of rows bears the smallest id anchored in it. So the ids
depend only on which rows are together now, not on the way there: parting what was merged gives each side its former id back.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from liendea_assets.imports.grouping import Ints


@dataclass(frozen=True, slots=True)
class Identified:
    """Ids of rows.

    Attributes:
        ids: per row, equal where the labels are equal.
        anchor_of: per row the id that it anchors; 0 for most.
        merged: id without a group of its own → the id of the group that its anchor is in.
    """

    ids: Ints
    anchor_of: Ints
    merged: dict[int, int]


def stable_ids(labels: Ints, anchor_of: Ints, next_id: int) -> Identified:
    """Ids for groups of rows.

    Args:
        labels: per row, in the order in which the rows were read; new ids are numbered in that order.
        anchor_of: per row the id that it anchors, 0 for none.
        next_id: the first id that is free.
    """
    codes, distinct = pd.factorize(labels)
    claims = np.full(len(distinct), np.iinfo(np.int64).max, dtype=np.int64)
    is_anchor = anchor_of != 0
    np.minimum.at(claims, codes[is_anchor], anchor_of[is_anchor])
    is_new = claims == np.iinfo(np.int64).max
    claims[is_new] = np.arange(next_id, next_id + int(is_new.sum()))
    ids = claims[codes]
    first = np.zeros(len(codes), dtype=bool)
    first[np.unique(codes, return_index=True)[1]] = True
    anchors = np.where(first & is_new[codes], ids, anchor_of)
    pairs = zip(anchor_of[is_anchor].tolist(), ids[is_anchor].tolist(), strict=True)
    return Identified(ids, anchors, {former: now for former, now in pairs if former != now})
