"""The exports of an owner in the order in which they were made, and the rows of one person in one export in an order of their own."""

import pandas as pd

from liendea_assets.db.connection import to_records

# What tells whether two files show the same connections; a file that was saved anew has the same.
_SHOWN = ["contact_id", "connected_on", "company_name", "title"]
# A file with the connections alone: a copy of an export with messages, of an unknown day before the next one, or newer than all it follows.
_COPY, _WHOLE, _LATER = 0, 1, 2


def order_exports(exports: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """The exports, each owner's oldest first, with `is_newest`.

    An export with messages is dated by the newest date in it. Connections alone, such as a Connections.csv without its ZIP, say less of
    their day: they are newer than an export whose newest connection is older than theirs, whatever messages came after that. Where both
    know the same newest connection, the same content is a copy, and else the file's own date decides.

    Args:
        exports: as `network_store.read_exports` gives them.
        rows: as `network_store.read_rows` gives them.
    """
    # only beside a whole export there is something to compare with
    compared = exports[exports.groupby("owner_id")["has_messages"].transform("nunique") > 1]
    content = _fingerprints(rows[rows["file_id"].isin(compared["file_id"])])
    dated = [_date_exports(of_owner, content) for _, of_owner in exports.groupby("owner_id", sort=True)]
    if not dated:
        return exports.assign(is_newest=pd.Series(dtype=bool))
    by = ["owner_id", "day", "rank", "last_connected_on", "dated_at", "file_id"]
    ordered = pd.concat(dated).sort_values(by, na_position="first", ignore_index=True)
    return ordered.drop(columns=["day", "rank"]).assign(is_newest=~ordered.duplicated("owner_id", keep="last"))


def sort_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows in an order that follows from what they say: of several rows of one person in one export the last one counts.

    That is the one of the newest connection; the file's own order, which another export of the same day need not have, plays no part.
    """
    by = [name for name in (*_SHOWN, "invited_on", "invited_by", "last_received_on") if name in rows]
    return rows.sort_values(["file_id", *by], na_position="first", kind="stable", ignore_index=True)


def _date_exports(exports: pd.DataFrame, content: dict[int, int]) -> pd.DataFrame:
    """One owner's exports with `day` and, within one day, `rank`."""
    exports = exports.sort_values(["as_of", "file_id"], na_position="first")
    known = exports.assign(last_connected_on=exports["last_connected_on"].fillna(""), as_of=exports["as_of"].fillna(""))
    records = to_records(known)
    whole = [export for export in records if export["has_messages"]]
    days: list[str] = []
    ranks: list[int] = []
    for export in records:
        day, rank = export["as_of"], _WHOLE if export["has_messages"] else _COPY
        for other in () if export["has_messages"] else whole:
            is_same = other["last_connected_on"] == export["last_connected_on"]
            if is_same and content.get(other["file_id"]) == content.get(export["file_id"], -1):
                day, rank = other["as_of"], _COPY
                break
            if other["last_connected_on"] < export["last_connected_on"] or (is_same and other["dated_at"] < export["dated_at"]):
                day, rank = max(day, other["as_of"]), _LATER
        days.append(day)
        ranks.append(rank)
    return exports.assign(day=days, rank=ranks)


def _fingerprints(rows: pd.DataFrame) -> dict[int, int]:
    """File → a number that equal content has, in whatever order its rows stand."""
    if rows.empty:
        return {}
    shown = rows[["file_id"]].assign(row=pd.util.hash_pandas_object(rows[_SHOWN].astype("str"), index=False))
    totals = shown.groupby("file_id")["row"].sum()
    return dict(zip(totals.index.tolist(), totals.tolist(), strict=True))
