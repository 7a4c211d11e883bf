"""Finding rows by source and id."""

import numpy as np
import pandas as pd

from liendea_assets.imports.grouping import Ints

# A category takes a hundredth of the time of text, which every comparison and every copy would spell out.
SOURCE = pd.CategoricalDtype(["gtm", "linkedin", "owner"])
# Above every row id, as row id and contact id share 63 bits where they are packed.
_ROWS_OF_SOURCE = 1 << 32


def rows_of(source: str, count: int) -> pd.Categorical:
    """A column that says of each of `count` rows that it is of this source."""
    return pd.Categorical.from_codes(np.full(count, SOURCE.categories.get_loc(source), dtype=np.int8), dtype=SOURCE)


def source_codes(rows: pd.DataFrame) -> Ints:
    """The place of each row's source in `SOURCE`."""
    return np.asarray(rows["source"].astype(SOURCE).cat.codes, dtype=np.int64)


def positions_of(wanted: pd.DataFrame, rows: pd.DataFrame) -> Ints:
    """Where the wanted rows stand in `rows`, -1 for those that do not; both have `source` and `row_id`."""
    codes, sought = _codes(rows), _codes(wanted)
    # rows mostly come in this order, and a stable sort goes through what is sorted once
    order = codes.argsort(kind="stable")
    place = np.searchsorted(codes, sought, sorter=order)
    # the last position is what stands for a code above all others
    found = np.append(order, -1)[place]
    return np.where(np.append(codes, -1)[found] == sought, found, -1)


def values_of(rows: pd.DataFrame, known: pd.DataFrame, *columns: str) -> list[Ints]:
    """Of each column the whole number that is known of each row; 0 where none is."""
    positions = positions_of(rows, known)
    # the last value is what -1, not found, points to
    return [np.append(known[column].to_numpy(dtype=np.int64), 0)[positions] for column in columns]


def _codes(rows: pd.DataFrame) -> Ints:
    return np.asarray(source_codes(rows) * _ROWS_OF_SOURCE + rows["row_id"].to_numpy(dtype=np.int64))
