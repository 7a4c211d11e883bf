"""Which of several rows' values a company or a contact bears.

A row of the newest version of its file comes before one that the file no longer has. Then the order of sources, then the newest file
(by the file's own date, not by when it was imported), then the row that says most. Nothing depends on the order of rows.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

COMPANY_FIELDS = ("industry", "employee_count", "revenue_range", "growth_rate", "gtm_segment")
CONTACT_FIELDS = ("reach_id", "full_name", "first_name", "last_name", "title", "company_id", "industry", "country")


def best_rows(rows: pd.DataFrame, by: str, fields: Sequence[str], source_order: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """For each group and field the row whose value counts.

    Args:
        rows: `source`, `is_current` (0 or 1), `file_rank` (the newest file has the highest), `row_hash`, the column `by` and the
            fields.
        source_order: field → sources, the first one wins; the key `""` stands for all other fields.

    Returns:
        One row per group, indexed by `by`; a column per field holds the position in `rows`, -1 where no row has a value.
    """
    group = rows[by].to_numpy(dtype=np.int64)
    groups = np.unique(group)
    filled = rows[list(fields)].notna().sum(axis=1).to_numpy(dtype=np.int64)
    common = (rows["row_hash"].to_numpy(dtype=np.int64), -filled, -rows["file_rank"].to_numpy(dtype=np.int64))
    is_former = 1 - rows["is_current"].to_numpy(dtype=np.int64)
    orders: dict[tuple[str, ...], np.ndarray] = {}
    found = {}
    for field in fields:
        order = tuple(source_order.get(field, source_order[""]))
        if order not in orders:
            rank = rows["source"].map({source: place for place, source in enumerate(order)}).fillna(len(order)).to_numpy(dtype=np.int64)
            orders[order] = np.lexsort((*common, rank, is_former, group))
        positions = orders[order]
        positions = positions[rows[field].notna().to_numpy()[positions]]
        bearers = group[positions]
        is_first = np.ones(len(bearers), dtype=bool)
        is_first[1:] = bearers[1:] != bearers[:-1]
        best = np.full(len(groups), -1, dtype=np.int64)
        best[np.searchsorted(groups, bearers[is_first])] = positions[is_first]
        found[field] = best
    return pd.DataFrame(found, index=pd.Index(groups, name=by))


def best_values(rows: pd.DataFrame, by: str, fields: Sequence[str], source_order: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """As `best_rows`, with the values in place of the positions; missing where no row has one."""
    best = best_rows(rows, by, fields, source_order)
    return pd.DataFrame({field: _take(rows[field], best[field].to_numpy()).array for field in fields}, index=best.index)


def company_names(rows: pd.DataFrame, by: str) -> pd.Series:
    """The spelling that most rows use; among equals one that is not all capitals, then the longer, then the first by alphabet."""
    named = rows.dropna(subset=[by, "company_name"])
    counts = named.groupby([by, "company_name"]).size().rename("count").reset_index()
    counts["shouts"] = counts["company_name"].astype(str).str.isupper()
    counts["length"] = -counts["company_name"].astype(str).str.len()
    counts = counts.sort_values(["count", "shouts", "length", "company_name"], ascending=[False, True, True, True])
    return counts.drop_duplicates(by).set_index(by)["company_name"]


def _take(column: pd.Series, positions: np.ndarray) -> pd.Series:
    """Values by position; missing for -1."""
    return column.reset_index(drop=True).reindex(pd.Index(np.where(positions < 0, len(column), positions)))
