"""Where a contact works and a colleague worked at the same time, as far as the years are known."""

import pandas as pd

from liendea_assets.imports.name_keys import NameKeys


def shared_employers(ties: pd.DataFrame, rows: pd.DataFrame, exports: pd.DataFrame, positions: pd.DataFrame, keys: NameKeys) -> pd.Series:
    """The years that the owner worked where the contact works (` 2019–2022`), an empty text where these are not known; else missing.

    A job of years in which no export shows the contact there is no shared employer: the one may have left before the other came.

    Args:
        ties: `contact_id`, `owner_id`, `company_name`.
        rows: as `network_store.read_rows` gives them; an export shows the contact's employer in the year that it is of.
        exports: as `snapshots.order_exports` gives them; an owner's newest one that tells jobs counts.
        positions: as `network_store.read_positions` gives them.
    """
    jobs = positions.merge(exports[["file_id", "owner_id"]].assign(age=range(len(exports))), on="file_id")
    jobs = jobs[jobs["age"] == jobs.groupby("owner_id")["age"].transform("max")]
    jobs = jobs.assign(company=_keys(jobs["company_name"], keys)).dropna(subset=["company"])
    if jobs.empty:
        return pd.Series(None, index=ties.index, dtype=object)
    jobs = jobs.astype({"started_year": "Float64", "finished_year": "Float64"})
    held = ties[["contact_id", "owner_id"]].assign(tie=range(len(ties)), company=_keys(ties["company_name"], keys))
    held = held.merge(jobs[["owner_id", "company", "started_year", "finished_year"]], on=["owner_id", "company"])
    held = held.merge(_years_seen(rows, exports, held, keys), on=["contact_id", "company"], how="left")
    is_before = (held["finished_year"] < held["first_seen"]).fillna(value=False)
    is_after = (held["started_year"] > held["last_seen"]).fillna(value=False)
    spans = (
        held[~is_before & ~is_after]
        .groupby("tie")
        .agg(first=("started_year", "min"), last=("finished_year", lambda years: years.max(skipna=False)))
    )
    texts = pd.Series([_span(first, last) for first, last in zip(spans["first"], spans["last"], strict=True)], spans.index, dtype=object)
    return texts.reindex(range(len(ties))).set_axis(ties.index)


def _years_seen(rows: pd.DataFrame, exports: pd.DataFrame, held: pd.DataFrame, keys: NameKeys) -> pd.DataFrame:
    """`contact_id`, `company`, `first_seen`, `last_seen`: the years of the exports, whoever's, that show the contact there."""
    seen = rows[rows["contact_id"].isin(held["contact_id"])].merge(exports[["file_id", "as_of"]], on="file_id")
    seen = seen.assign(company=_keys(seen["company_name"], keys), year=pd.to_numeric(seen["as_of"].str[:4]).astype("Float64"))
    years = seen.groupby(["contact_id", "company"], as_index=False)
    return years.agg(first_seen=("year", "min"), last_seen=("year", "max"))


def _keys(names: pd.Series, keys: NameKeys) -> pd.Series:
    return names.map({name: keys.company(str(name)) or None for name in names.dropna().unique()}).astype(object)


def _span(first: object, last: object) -> str:
    if pd.isna(first):  # type: ignore[call-overload]
        return ""
    return f" since {int(first)}" if pd.isna(last) else f" {int(first)}–{int(last)}"  # type: ignore[call-overload]
