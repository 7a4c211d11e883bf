"""The back-test in Markdown: how many answered well by score, and by what each part gave."""

import pandas as pd

from liendea_assets.materialized import as_markdown_table
from liendea_assets.reports.charts import as_markdown_image, share_chart

NOTHING = "No outcomes with a score yet. Note them with `liendea outcome add CONTACT_ID meeting`."


def describe_bands(found: pd.DataFrame) -> str:
    """The calibration chart, and its figures below it.

    Args:
        found: the table scoring_backtest.
    """
    bands = found[found["kind"] == "band"].sort_values("points")
    if bands.empty:
        return NOTHING
    return f"{as_markdown_image(calibration_chart(found), 'Positive outcomes by score')}\n\n{_table(bands, 'score', with_points=False)}"


def describe_parts(found: pd.DataFrame) -> str:
    """Each part and the points that it gave."""
    parts = found[found["kind"] == "part"].sort_values(["name", "points"], ascending=[True, False])
    return NOTHING if parts.empty else _table(parts, "part", with_points=True)


def calibration_chart(found: pd.DataFrame) -> str:
    """Share of positive outcomes by score band with 95 % intervals, and that of all, as SVG."""
    bands = found[found["kind"] == "band"].sort_values("points")
    shares = bands.rename(columns={"name": "dimension", "rate": "value", "rate_low": "low", "rate_high": "high", "outcomes": "cases"})
    overall = float(found.loc[found["kind"] == "all", "rate"].iloc[0])
    columns = ["dimension", "value", "low", "high", "cases"]
    return share_chart(shares[columns].reset_index(drop=True), "ICP score at the time", "Positive outcomes", overall)


def _table(rows: pd.DataFrame, name: str, *, with_points: bool) -> str:
    shown = pd.DataFrame({name: rows["name"]})
    if with_points:
        shown["points"] = rows["points"]
    shown["outcomes"], shown["positive"] = rows["outcomes"], rows["positive"]
    shown["rate"] = (rows["rate"].astype(float) * 100).map("{:.0f} %".format)
    ends = zip(rows["rate_low"], rows["rate_high"], strict=True)
    shown["95 % interval"] = [f"{low * 100:.0f}–{high * 100:.0f} %" for low, high in ends]
    shown["lift"] = rows["lift"].astype(float).map("{:.2f}".format).where(rows["lift"].notna(), "")
    return as_markdown_table(shown)
