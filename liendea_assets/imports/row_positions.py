"""Finding rows by source and id."""

import numpy as np
import pandas as pd

from liendea_assets.imports.grouping import Ints

_SOURCES = {"gtm": 0, "linkedin": 1, "owner": 2}


def positions_of(wanted: pd.DataFrame, rows: pd.DataFrame) -> Ints:
    """Where the wanted rows stand in `rows`, -1 for those that do not; both have `source` and `row_id`."""
    return pd.Index(_codes(rows)).get_indexer(pd.Index(_codes(wanted))).astype(np.int64)


def values_of(rows: pd.DataFrame, known: pd.DataFrame, column: str) -> Ints:
    """The whole number that is known of each row; 0 where none is."""
    values: Ints = np.zeros(len(known) + 1, dtype=np.int64)
    # the last value is what -1, not found, points to
    values[:-1] = 0 if known.empty else known[column].to_numpy(dtype=np.int64)
    return values[positions_of(rows, known)]


def _codes(rows: pd.DataFrame) -> Ints:
    codes, sources = pd.factorize(rows["source"])
    source = np.array([_SOURCES[one] for one in sources], dtype=np.int64)[codes]
    return np.asarray(rows["row_id"].to_numpy(dtype=np.int64) * len(_SOURCES) + source, dtype=np.int64)
