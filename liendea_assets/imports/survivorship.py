"""Which of several rows' values a company or a contact bears.

What a file said before counts only of somebody whom it does not name any more: a cell that was emptied is empty. Rows of the newest
version of their file come before such rows. Then the order of sources, then the newest file
(by the file's own date, not by when it was imported), then the row that says most. Nothing depends on the order of rows.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from liendea_assets.imports.grouping import Ints, combine
from liendea_assets.imports.row_positions import SOURCE, source_codes


def best_rows(
    rows: pd.DataFrame, group: Ints, filled: Mapping[str, npt.NDArray[np.bool_]], source_order: Mapping[str, Sequence[str]]
) -> pd.DataFrame:
    """For each group and field the row whose value counts.

    Args:
        rows: `source`, `is_current` (0 or 1), `file_rank` (the newest file has the highest), `lineage` (the same for all versions of a
            file), `row_hash`.
        group: what each row belongs to.
        filled: field → whether each row has a value of it.
        source_order: field → sources, the first one wins; the key `""` stands for all other fields.

    Returns:
        One row per group, indexed by it in ascending order; a column per field holds the position in `rows`, -1 where no row has a
        value.
    """
    groups, codes = np.unique(group, return_inverse=True)
    count = np.sum([values.astype(np.int64) for values in filled.values()], axis=0) if filled else np.zeros(len(rows), dtype=np.int64)
    common = (rows["row_hash"].to_numpy(dtype=np.int64), -count, -rows["file_rank"].to_numpy(dtype=np.int64))
    is_former = 1 - rows["is_current"].to_numpy(dtype=np.int64)
    counts = ~superseded(rows, group)
    orders: dict[tuple[str, ...], Ints] = {}
    found = {}
    for field, has_value in filled.items():
        order = tuple(source_order.get(field, source_order[""]))
        if order not in orders:
            ranks = [order.index(source) if source in order else len(order) for source in SOURCE.categories]
            rank = np.array(ranks, dtype=np.int64)[source_codes(rows)]
            # what is the same everywhere orders nothing; the worst comes first, so that the best is written last and stays
            keys = [key for key in (*common, rank, is_former) if len(key) and key.min() != key.max()]
            orders[order] = np.lexsort(keys)[::-1] if keys else np.arange(len(rows))[::-1]
        positions = orders[order][(has_value & counts)[orders[order]]]
        best = np.full(len(groups), -1, dtype=np.int64)
        best[codes[positions]] = positions
        found[field] = best
    return pd.DataFrame(found, index=groups)


def superseded(rows: pd.DataFrame, group: Ints) -> npt.NDArray[np.bool_]:
    """Rows (`is_current`, `lineage`) of former versions of a file that names their person (or company) in another way now."""
    is_former = rows["is_current"].to_numpy(dtype=np.int64) == 0
    if not is_former.any():
        return np.asarray(is_former, dtype=bool)
    unit = combine(group, rows["lineage"].to_numpy(dtype=np.int64))
    return np.asarray(is_former & np.isin(unit, unit[~is_former]), dtype=bool)


def commonest_spellings(company: Ints, spelling: Ints) -> pd.DataFrame:
    """For each company and spelling of its name how many rows use it, and the position of one of them: `company`, `count`, `place`."""
    frame = pd.DataFrame({"company": company, "spelling": spelling, "place": np.arange(len(company))})[spelling != 0]
    counted: pd.DataFrame = frame.groupby(["company", "spelling"]).agg(count=("place", "size"), place=("place", "first"))
    return counted.reset_index()


def best_names(spellings: pd.DataFrame) -> pd.Series:
    """The name of each company: what most rows use; among equals one that is not all capitals, then the longer, then by alphabet.

    Args:
        spellings: `company`, `count`, `name`.
    """
    ranked = spellings.assign(shouts=spellings["name"].str.isupper(), length=-spellings["name"].str.len())
    ranked = ranked.sort_values(["count", "shouts", "length", "name"], ascending=[False, True, True, True])
    return ranked.drop_duplicates("company").set_index("company")["name"]
