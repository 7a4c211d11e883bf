"""The report of targets: one HTML page that needs nothing around it, and its charts. Counts only, nobody is named."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from liendea_assets.db.connection import to_records
from liendea_assets.reports.charts import bar_chart

HEADINGS = {"segment": "Segments", "industry": "Industries", "level": "Levels", "function": "Functions"}
# More bars than these nobody compares; the tables have all.
MOST_BARS = 12


@dataclass(frozen=True, slots=True)
class TargetFacts:
    """What the page shows.

    Attributes:
        analysis: the table icp_target_analysis.
        list_dates: when the list of targets came to be as it is, and the one before it, where there is one.
    """

    analysis: pd.DataFrame
    list_dates: Sequence[str]
    minimum_score: int
    now: datetime


def render_target_report(facts: TargetFacts) -> str:
    """The page as HTML; every text in it is escaped."""
    every = to_records(facts.analysis[facts.analysis["dimension"] == "all"])
    parts = [
        {
            "name": heading,
            "rows": to_records(facts.analysis[facts.analysis["dimension"] == dimension]),
            "chart": Markup(target_chart(facts.analysis, dimension)),  # noqa: S704 our own SVG
        }
        for dimension, heading in HEADINGS.items()
    ]
    return _template().render(
        day=facts.now.date().isoformat(),
        made_at=facts.now.strftime("%H:%M"),
        minimum_score=facts.minimum_score,
        listed_at=facts.list_dates[0][:16] if facts.list_dates else None,
        former_at=facts.list_dates[1][:16] if len(facts.list_dates) > 1 else None,
        every=every[0] if every else None,
        parts=parts,
    )


def target_chart(analysis: pd.DataFrame, dimension: str) -> str:
    """Targets by the values of a dimension, the most first, as SVG."""
    rows = analysis[(analysis["dimension"] == dimension) & (analysis["targets"] > 0)].head(MOST_BARS)
    bars = pd.DataFrame({"dimension": rows["value"].str.replace("_", " "), "value": rows["targets"]})
    return bar_chart(bars, "", "Targets", is_horizontal=True)


@cache
def _template() -> Template:
    environment = Environment(loader=PackageLoader("liendea_assets.reports"), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return environment.get_template("target_report.html")
