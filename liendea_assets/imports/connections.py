"""Ties between the team's members and the people in their exports: direct ones with their strength, and those over colleagues."""

import numpy as np
import pandas as pd

from liendea_assets.imports import tie_strength
from liendea_assets.imports.name_keys import NameKeys
from liendea_assets.imports.shared_employers import shared_employers
from liendea_assets.imports.snapshots import order_exports, sort_rows

COLUMNS = (
    "contact_id",
    "connected_to_id",
    "connection_degree",
    "connection_date",
    "mutual_connections",
    "strength",
    "evidence",
    "is_current",
)
_PAIR = ["contact_id", "owner_id"]
_HOW = {
    "connected_on": "min", "company_name": "last", "sent": "sum", "received": "sum", "last_received_on": "max", "invited_by": "last",
    "invited_on": "last", "endorsements_given": "sum", "endorsements_received": "sum", "recommendations_given": "sum",
    "recommendations_received": "sum",
}  # fmt: skip
# What comes from an export with messages, and the day that it is of.
_TOLD = ["has_messages", "as_of", *(name for name in _HOW if name not in ("connected_on", "company_name"))]


def build_ties(rows: pd.DataFrame, exports: pd.DataFrame, positions: pd.DataFrame, keys: NameKeys) -> pd.DataFrame:
    """One row per contact and owner, with `COLUMNS`, in order of both.

    Degree 1: the contact stands in an export of the owner; current where it stands in the owner's newest. Degrees 2 and 3: it does not,
    and a way over one or two colleagues leads to the owner, counted in current ties alone.

    Args:
        rows: as `network_store.read_rows` gives them.
        exports: as `network_store.read_exports` gives them.
        positions: as `network_store.read_positions` gives them.

    Returns:
        `mutual_connections` is how many owners know the contact now. `strength` is missing where the messages are not known, and for
        degrees 2 and 3. `evidence` is a JSON list of sentences without names.
    """
    if rows.empty or exports.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    exports = order_exports(exports, rows)
    direct = _direct_ties(rows, exports)
    if direct.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    direct["same_employer"] = shared_employers(direct, rows, exports, positions, keys)
    direct["strength"] = tie_strength.strength(direct)
    direct["evidence"] = tie_strength.evidence(direct)
    direct["connection_degree"] = 1
    direct = direct.rename(columns={"connected_on": "connection_date"})
    current = direct[direct["is_current"] == 1]
    indirect = indirect_ties(current[_PAIR])
    # who was known and is now known to a colleague is known over that colleague
    former = direct[direct["is_current"] == 0].merge(indirect[_PAIR], on=_PAIR, how="left", indicator="where")
    former = former[former["where"] == "left_only"]
    frames = [frame for frame in (current, former, indirect) if len(frame)]
    ties = pd.concat([frame.reindex(columns=[*_PAIR, *COLUMNS[2:]]).astype(object) for frame in frames], ignore_index=True)
    known_by = current.groupby("contact_id").size()
    ties["mutual_connections"] = ties["contact_id"].map(known_by).fillna(0).astype("int64")
    ties = ties.rename(columns={"owner_id": "connected_to_id"})[list(COLUMNS)]
    return ties.astype({"strength": float}).sort_values(["contact_id", "connected_to_id"], ignore_index=True)


def indirect_ties(known: pd.DataFrame) -> pd.DataFrame:
    """Who is how far from whom over colleagues: `contact_id`, `owner_id`, `connection_degree` (2 or 3), `evidence`, `is_current`.

    Args:
        known: the current direct ties, `contact_id` and `owner_id`. Between two owners either one's export is enough.
    """
    contacts, owners = np.unique(known["contact_id"].astype("int64")), np.unique(known["owner_id"].astype("int64"))
    everybody = np.union1d(contacts, owners)
    knows = np.zeros((len(everybody), len(owners)), dtype=np.float32)
    columns = np.searchsorted(owners, known["owner_id"].astype("int64"))
    knows[np.searchsorted(everybody, known["contact_id"].astype("int64")), columns] = 1
    own_rows = np.searchsorted(everybody, owners)
    colleagues = np.maximum(knows[own_rows], knows[own_rows].T)
    knows[own_rows] = colleagues
    over_one = knows @ colleagues
    over_two = over_one @ colleagues
    is_near = knows > 0
    # nobody is a way to themselves
    is_near[own_rows, np.arange(len(owners))] = True
    is_second = (over_one > 0) & ~is_near
    is_third = (over_two > 0) & ~is_near & ~is_second
    frames = []
    for degree, is_so in ((2, is_second), (3, is_third)):
        people, ways_to = np.nonzero(is_so)
        counts = over_one[people, ways_to].astype(int)
        frames.append(
            pd.DataFrame(
                {
                    "contact_id": everybody[people],
                    "owner_id": owners[ways_to],
                    "connection_degree": degree,
                    "evidence": _ways(counts)
                    if degree == 2
                    else pd.Series('["known to a colleague of a colleague"]', index=range(len(people))),
                    "is_current": 1,
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def _ways(counts: np.ndarray) -> pd.Series:
    texts = {n: f'["known to {"a colleague" if n == 1 else f"{n} colleagues"}"]' for n in np.unique(counts).tolist()}
    return pd.Series(counts).map(texts).astype(object)


def _direct_ties(rows: pd.DataFrame, exports: pd.DataFrame) -> pd.DataFrame:
    """The newest word on each pair, one row per contact and owner, with `is_current`.

    A newer export without messages says nothing new of them: what the newest one with messages tells still stands, as of its day.
    """
    exports = exports.assign(age=range(len(exports)))
    ties = sort_rows(rows).merge(exports[["file_id", "owner_id", "has_messages", "as_of", "is_newest", "age"]], on="file_id")
    ties = ties[ties["contact_id"] != ties["owner_id"]]
    ties = ties.astype({name: float for name, how in _HOW.items() if how == "sum"})
    # one person in two rows of an export: two profiles, or a name that was changed
    is_repeated = ties.duplicated([*_PAIR, "file_id"], keep=False)
    repeated = ties[is_repeated]
    if len(repeated):
        by = [*_PAIR, "file_id", "has_messages", "as_of", "is_newest", "age"]
        # an invitation without a date stays without one
        undated = repeated["invited_by"].notna() & repeated["invited_on"].isna()
        joined = repeated.assign(invited_on=repeated["invited_on"].mask(undated, "")).groupby(by, dropna=False, as_index=False).agg(_HOW)
        ties = pd.concat([ties[~is_repeated], joined.assign(invited_on=joined["invited_on"].replace("", None))], ignore_index=True)
    newest = ties.sort_values("age", kind="stable").drop_duplicates(_PAIR, keep="last")
    telling = ties.sort_values(["has_messages", "age"], kind="stable").drop_duplicates(_PAIR, keep="last")[[*_PAIR, *_TOLD]]
    found = newest.drop(columns=_TOLD).merge(telling, on=_PAIR)
    return found.assign(is_current=found["is_newest"].astype("int64")).sort_values(_PAIR, ignore_index=True)
