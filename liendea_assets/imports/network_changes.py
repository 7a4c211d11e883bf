"""What changed between two exports of one owner: connections won and lost, new employers, new titles."""

from collections.abc import Callable

import pandas as pd

from liendea_assets.core.text import fold
from liendea_assets.imports.name_keys import NameKeys
from liendea_assets.imports.snapshots import order_exports, sort_rows

KINDS = ("new_connection", "lost_connection", "job_change", "title_change")
COLUMNS = (
    "from_file_id",
    "to_file_id",
    "contact_id",
    "kind",
    "owner_id",
    "old_company",
    "new_company",
    "old_title",
    "new_title",
    "seen_on",
)


def find_changes(rows: pd.DataFrame, exports: pd.DataFrame, keys: NameKeys) -> pd.DataFrame:
    """One row per difference between two consecutive exports of an owner, with `COLUMNS`.

    Another spelling of an employer or a title is no change, nor is another name of the same company (`companies`), nor a value that one
    of the two exports lacks. A new employer's title is told with the job change, and not again. An export that says what the one before
    it says, such as the same file saved again, is passed over.

    Args:
        rows: as `network_store.read_rows` gives them.
        exports: as `network_store.read_exports` gives them; `as_of` of the later one is `seen_on`.
    """
    columns = ["file_id", "contact_id", "company_name", "company_id", "title"]
    known = sort_rows(rows).drop_duplicates(["file_id", "contact_id"], keep="last")[columns]
    known = known.assign(
        company_key=_keys(known["company_name"], keys.company),
        title_key=_keys(known["title"], fold),
    )
    snapshots = dict(iter(known.groupby("file_id")))
    found = []
    for owner, of_owner in order_exports(exports, rows).groupby("owner_id", sort=True):
        former: tuple[int, pd.DataFrame] | None = None
        for file_id, as_of in of_owner[["file_id", "as_of"]].itertuples(index=False):
            snapshot = snapshots.get(file_id)
            if snapshot is None:
                continue
            snapshot = snapshot[snapshot["contact_id"] != owner]
            changes = None if former is None else _compare(former[1], snapshot)
            if changes is not None and former is not None:
                if changes.empty and _is_same(former[1], snapshot):
                    continue
                found.append(changes.assign(from_file_id=former[0], to_file_id=file_id, owner_id=owner, seen_on=as_of))
            former = (file_id, snapshot)
    frames = [frame for frame in found if len(frame)]
    if not frames:
        return pd.DataFrame(columns=list(COLUMNS))
    ordered = pd.concat(frames, ignore_index=True)[list(COLUMNS)]
    return ordered.sort_values(["from_file_id", "to_file_id", "contact_id", "kind"], ignore_index=True)


def _compare(old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    both = old.merge(new, on="contact_id", how="outer", suffixes=("_old", "_new"), indicator="where")
    in_both = both["where"] == "both"

    def differs(key: str) -> pd.Series:
        before, after = both[f"{key}_old"], both[f"{key}_new"]
        return in_both & before.notna() & after.notna() & (before != after)

    # of a company that is known under two names the id tells; without an id there is the name alone
    is_one_company = (both["company_id_old"] == both["company_id_new"]).fillna(value=False).astype(bool)
    moved = differs("company_key") & ~is_one_company
    kinds = {
        "new_connection": both["where"] == "right_only",
        "lost_connection": both["where"] == "left_only",
        "job_change": moved,
        "title_change": differs("title_key") & ~moved,
    }
    renamed = both.rename(
        columns={"company_name_old": "old_company", "company_name_new": "new_company", "title_old": "old_title", "title_new": "new_title"}
    )
    columns = ["contact_id", "kind", "old_company", "new_company", "old_title", "new_title"]
    return pd.concat([renamed[is_so].assign(kind=kind)[columns] for kind, is_so in kinds.items()], ignore_index=True)


def _is_same(old: pd.DataFrame, new: pd.DataFrame) -> bool:
    columns = ["contact_id", "company_key", "title_key"]
    left, right = (frame[columns].sort_values("contact_id", ignore_index=True).astype(object) for frame in (old, new))
    return left.fillna("").equals(right.fillna(""))


def _keys(names: pd.Series, key: Callable[[str], str]) -> pd.Series:
    return names.map({name: key(str(name)) or None for name in names.dropna().unique()}).astype(object)
