"""Many rows for one statement: packed into JSON, which SQLite unpacks by itself."""

import json
from collections.abc import Iterator

import numpy as np
import pandas as pd


def source_batches(sources: pd.DataFrame, id_column: str) -> Iterator[dict[str, object]]:
    """The parameters of one statement per source, reason and standing: `source`, `evidence`, `is_anchor`, `pairs` (row id * 2^31 + id).

    Args:
        sources: `source`, `row_id`, `evidence`, `anchor_of` (0 for none) and the column of ids; a row that anchors an id bears it.
    """
    keyed = sources.assign(is_anchor=sources["anchor_of"] != 0)
    for (source, evidence, is_anchor), rows in keyed.groupby(["source", "evidence", "is_anchor"], observed=True):
        pairs = (rows["row_id"].to_numpy(dtype=np.int64) << 31) + rows[id_column].to_numpy(dtype=np.int64)
        yield {"source": source, "evidence": evidence, "is_anchor": bool(is_anchor), "pairs": json.dumps(np.sort(pairs).tolist())}
