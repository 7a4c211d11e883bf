"""Ids that stay: a group of rows keeps the id that its rows had before."""

import pandas as pd


def stable_ids(labels: pd.Series, previous: pd.Series, next_id: int) -> pd.Series:
    """An id per row, equal where the labels are equal.

    An id that existed goes to the group that holds the oldest of its rows; a group that holds the oldest rows of several takes
    the smallest. Every other group gets a new id, numbered in the order of the rows.

    Args:
        labels: per row, in the order in which the rows were read.
        previous: same index; the id that the row had, or missing.
        next_id: the first id that is free.
    """
    frame = pd.DataFrame({"label": labels, "previous": pd.to_numeric(previous).astype("Int64")})
    claims = frame.dropna(subset=["previous"]).drop_duplicates("previous").groupby("label")["previous"].min()
    distinct = pd.Series(frame["label"].unique())
    ids = distinct.map(claims).astype("Int64")
    is_new = ids.isna()
    ids[is_new] = pd.array(range(next_id, next_id + int(is_new.sum())), dtype="Int64")
    return frame["label"].map(pd.Series(ids.array, index=distinct)).astype("Int64")


def successors(ids: pd.Series, previous: pd.Series) -> dict[int, int]:
    """For each id that no row bears any more: the id that the oldest of its rows bears now."""
    frame = pd.DataFrame({"id": ids, "previous": pd.to_numeric(previous).astype("Int64")}).dropna().drop_duplicates("previous")
    still_used = set(ids.dropna())
    pairs = zip(frame["previous"].tolist(), frame["id"].tolist(), strict=True)
    return {previous: id_ for previous, id_ in pairs if previous not in still_used}
