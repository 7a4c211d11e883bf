"""How well former scores told who would answer: positive outcomes per score band, and per part and its points. Pure: frames in and out."""

import json

import numpy as np
import pandas as pd

from liendea_assets.scoring.wilson import wilson_interval

POSITIVE_KINDS = ("meeting", "positive_reply")
BAND = 10
LAST_BAND = 90
COLUMNS = ("kind", "name", "points", "outcomes", "positive", "rate", "rate_low", "rate_high", "lift")


def one_per_contact(outcomes: pd.DataFrame) -> pd.DataFrame:
    """`contact_id`, `is_positive`, `icp_score`, `points`: the first positive outcome of a contact, else the first negative one.

    Args:
        outcomes: `contact_id`, `kind`, `happened_on`, `icp_score` (missing where there was none), `points` (JSON).
    """
    rated = outcomes.assign(is_positive=outcomes["kind"].isin(POSITIVE_KINDS).astype("int64"))
    ordered = rated.sort_values(["contact_id", "is_positive", "happened_on"], ascending=[True, False, True], kind="stable")
    return ordered.drop_duplicates("contact_id")[["contact_id", "is_positive", "icp_score", "points"]].reset_index(drop=True)


def points_by_part(cases: pd.DataFrame) -> pd.DataFrame:
    """Per case with known parts, in its index, the points of each part; a part that is not there gave none."""
    known = cases["points"].dropna()
    frame = pd.DataFrame([json.loads(text) for text in known], index=known.index)
    return frame.reindex(columns=sorted(frame.columns)).fillna(0).astype("int64")


def backtest(cases: pd.DataFrame) -> pd.DataFrame:
    """`COLUMNS`: a row for all cases, one per score band of ten, one per part and the points that it gave.

    `rate` is the share of positive outcomes with its 95 % Wilson interval `rate_low` to `rate_high`, `lift` the rate as a multiple of
    that of all cases; missing where there is no positive one at all. `points` is the band's lower end, or what the part gave.

    Args:
        cases: as `one_per_contact`; those without a score do not count.
    """
    scored = cases[cases["icp_score"].notna()].reset_index(drop=True)
    if scored.empty:
        return pd.DataFrame({name: pd.Series(dtype=object) for name in COLUMNS})
    bands = (scored["icp_score"].astype("int64") // BAND * BAND).clip(upper=LAST_BAND)
    rows = [
        pd.DataFrame({"kind": "all", "name": "all", "points": 0, "is_positive": scored["is_positive"]}),
        pd.DataFrame({"kind": "band", "name": bands.map(band_name), "points": bands, "is_positive": scored["is_positive"]}),
    ]
    parts = points_by_part(scored)
    rows += [
        pd.DataFrame({"kind": "part", "name": name, "points": parts[name], "is_positive": scored.loc[parts.index, "is_positive"]})
        for name in parts.columns
    ]
    grouped = pd.concat(rows, ignore_index=True).groupby(["kind", "name", "points"])["is_positive"].agg(["size", "sum"]).reset_index()
    found = grouped.rename(columns={"size": "outcomes", "sum": "positive"})
    found["rate"] = found["positive"] / found["outcomes"]
    found["rate_low"], found["rate_high"] = wilson_interval(found["positive"], found["outcomes"])
    overall = float(scored["is_positive"].mean())
    found["lift"] = found["rate"] / overall if overall else np.nan
    return found.sort_values(["kind", "name", "points"], ignore_index=True)[list(COLUMNS)]


def band_name(low: int) -> str:
    """`80–89`; the last one has 100 too."""
    return f"{low:02d}–{100 if low == LAST_BAND else low + BAND - 1}"
