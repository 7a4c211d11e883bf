"""Who is likely, and not surely, one person: pairs of contacts with their evidence, for a human to decide."""

import json
from collections.abc import Sequence

import numpy as np
import pandas as pd

from liendea_assets.imports.grouping import Ints, combine, with_several
from liendea_assets.imports.linkage import Comparison, Likely, weigh

# What a human can look through; the likeliest come first.
MOST_PAIRS = 500
LEAST_PROBABILITY = 0.5
# A name that more contacts bear says nothing about two of them.
MOST_NAMESAKES = 20
# With fewer candidates nothing can be learnt about how much each comparison tells.
FEWEST_CANDIDATES = 30

COMPARISONS = (
    Comparison("full_name", (1.0, 0.93, 0.85)),
    Comparison("company_name", (1.0, 0.9)),
    Comparison("title", (1.0, 0.85)),
    Comparison("work_email", (1.0, 0.93)),
    Comparison("phone", (1.0,)),
    Comparison("country", (1.0,)),
)
_WORDS = {
    "full_name": "name", "company_name": "company", "title": "title", "work_email": "e-mail", "phone": "telephone number",
    "country": "country",
}  # fmt: skip


def candidates(keys: pd.DataFrame, contact: Ints) -> pd.DataFrame:
    """Pairs of contacts that share a name, an e-mail address, or initial, last name and company.

    Args:
        keys: `row_keys.KEY_COLUMNS` and `company`.
        contact: the contact of each row.

    Returns:
        `left_id` and `right_id`, the smaller first; `contradicts` where they have two profiles or two Reach ids.
    """
    found = []
    for columns in (("name",), ("email",), ("short_name", "company")):
        block = combine(*(keys[name].to_numpy(dtype=np.int64) for name in columns))
        # most are borne by one contact
        shared = (block != 0) & with_several(block, contact)
        members = pd.DataFrame({"block": block[shared], "contact": contact[shared]}).drop_duplicates()
        members = members[members.groupby("block")["contact"].transform("size").between(2, MOST_NAMESAKES)]
        pairs = members.merge(members, on="block")
        found.append(pairs.loc[pairs["contact_x"] < pairs["contact_y"], ["contact_x", "contact_y"]])
    distinct: pd.DataFrame = pd.concat(found).drop_duplicates().sort_values(["contact_x", "contact_y"])
    distinct = distinct.set_axis(["left_id", "right_id"], axis=1).reset_index(drop=True)
    distinct["contradicts"] = _both_have_other(distinct, keys["slug"], contact) | _both_have_other(distinct, keys["reach_id"], contact)
    return distinct


def likely_pairs(records: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """The pairs for the review list: `left_id`, `right_id`, `probability`, `evidence` (JSON list of short sentences).

    Args:
        records: indexed by contact id, a text column per comparison.
        pairs: as `candidates` gives them. Those that contradict are two people who happen to share a name: what they agree in is
            chance.
    """
    open_pairs, unlike = pairs[~pairs["contradicts"]].reset_index(drop=True), pairs[pairs["contradicts"]]
    left, right = (_places(records, open_pairs[side]) for side in ("left_id", "right_id"))
    known = (_places(records, unlike["left_id"]), _places(records, unlike["right_id"])) if len(unlike) >= FEWEST_CANDIDATES else None
    likely = weigh(records, COMPARISONS, left, right, known)
    # too few to learn from are ranked by the share of what agrees
    probability = likely.probability if len(left) >= FEWEST_CANDIDATES else _agreement(likely)
    weighed = open_pairs[["left_id", "right_id"]].assign(probability=np.round(probability, 4))
    chosen = weighed[weighed["probability"] >= LEAST_PROBABILITY].sort_values(
        ["probability", "left_id", "right_id"], ascending=[False, True, True]
    )
    chosen = chosen.head(MOST_PAIRS)
    evidence = [json.dumps(_sentences(levels)) for levels in likely.levels[chosen.index]]
    return chosen.assign(evidence=pd.Series(evidence, index=chosen.index, dtype="str")).reset_index(drop=True)


def _places(records: pd.DataFrame, ids: pd.Series) -> Ints:
    return records.index.get_indexer(pd.Index(ids)).astype(np.int64)


def _both_have_other(pairs: pd.DataFrame, key: pd.Series, contact: Ints) -> pd.Series:
    """Pairs whose two contacts both have a key, and not the same."""
    known = key.to_numpy().nonzero()[0][::-1]
    of_contact = np.zeros(int(contact.max(initial=0)) + 1, dtype=np.int64)
    # written from the last row to the first, whose key stays
    of_contact[contact[known]] = key.to_numpy()[known]
    one, other = (of_contact[pairs[side]] for side in ("left_id", "right_id"))
    return pd.Series((one != 0) & (other != 0) & (one != other), index=pairs.index)


def _agreement(likely: Likely) -> np.ndarray:
    tops = np.array([len(one.thresholds) for one in COMPARISONS])
    known = likely.levels >= 0
    shares = np.where(known, likely.levels / tops, 0).sum(axis=1)
    return np.asarray(shares / np.maximum(known.sum(axis=1), 1))


def _sentences(levels: Sequence[int]) -> list[str]:
    told = []
    for one, level in zip(COMPARISONS, levels, strict=True):
        if level >= 0:
            how = "same" if level == len(one.thresholds) else "similar" if level else "other"
            told.append(f"{how} {_WORDS[one.column]}")
    return told
