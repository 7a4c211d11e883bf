"""Which of several rows' values a company or a contact bears: source order, then the newest file, then the lowest row."""

from collections.abc import Sequence

import pandas as pd

COMPANY_FIELDS = ("industry", "employee_count", "revenue_range", "growth_rate", "gtm_segment")
CONTACT_FIELDS = ("reach_id", "full_name", "first_name", "last_name", "title", "company_id", "industry", "country")


def best_values(rows: pd.DataFrame, by: str, fields: Sequence[str], source_order: Sequence[str]) -> pd.DataFrame:
    """The first known value of each field per group; indexed by `by`, missing where no row has one.

    Args:
        rows: `source`, `file_id`, `row_id`, the column `by` and the fields.
    """
    rank = rows["source"].map({source: position for position, source in enumerate(source_order)}).fillna(len(source_order))
    ordered = rows.assign(_rank=rank, _newest=-rows["file_id"].astype(int)).sort_values(["_rank", "_newest", "row_id"])
    return ordered.groupby(by)[list(fields)].first()


def company_names(rows: pd.DataFrame, by: str) -> pd.Series:
    """The spelling that most rows use; among equals one that is not all capitals, then the longer, then the first by alphabet."""
    named = rows.dropna(subset=[by, "company_name"])
    counts = named.groupby([by, "company_name"]).size().rename("count").reset_index()
    counts["shouts"] = counts["company_name"].astype(str).str.isupper()
    counts["length"] = -counts["company_name"].astype(str).str.len()
    counts = counts.sort_values(["count", "shouts", "length", "company_name"], ascending=[False, True, True, True])
    return counts.drop_duplicates(by).set_index(by)["company_name"]
