"""The main figures of a day for the asset's page: numbers that the UI plots over time, a picture and a table."""

import re

import pandas as pd

from liendea_assets.materialized import as_markdown_table
from liendea_assets.reports.charts import as_markdown_image, bar_chart
from liendea_assets.reports.result_metric_store import GOALS, Goal

# Metrics whose figures are plotted, and the dimension where only one is.
_PLOTTED = {"funnel": None, "success": None, "enriched_share": "all", "response_rate": "all"}


def numbers(metrics: pd.DataFrame) -> dict[str, float]:
    """Name → figure, from the day's `metric`, `dimension`, `value`."""
    found = {}
    for metric, dimension, value in zip(metrics["metric"], metrics["dimension"], metrics["value"], strict=True):
        if metric in _PLOTTED and _PLOTTED[metric] in {None, dimension}:
            name = metric if _PLOTTED[metric] else f"{'' if metric == 'funnel' else metric + ' '}{dimension}"
            found[re.sub(r"\W+", "_", re.sub(r"^\d ", "", name)).strip("_")] = float(value)
    return found


def funnel_image(metrics: pd.DataFrame) -> str:
    """The funnel as a picture in Markdown."""
    funnel = metrics.loc[metrics["metric"] == "funnel", ["dimension", "value"]].reset_index(drop=True)
    shown = funnel.assign(dimension=funnel["dimension"].str.partition(" ")[2])
    return as_markdown_image(bar_chart(shown, "", "Number", is_horizontal=True), "From contacts to answers")


def success_table(metrics: pd.DataFrame) -> str:
    """The plan's success metrics against their goals, as a table in Markdown."""
    day = metrics.set_index(["metric", "dimension"])["value"].to_dict()
    rows = []
    for goal in GOALS:
        value, met = day.get(("success", goal.name)), day.get(("success_met", goal.name))
        shown, verdict = ("no cases yet", "") if value is None else (_show(goal, float(value)), "yes" if met else "no")
        rows.append({"what": goal.name, "now": shown, "goal": _show_goal(goal), "met": verdict, "meaning": goal.sentence})
    return as_markdown_table(pd.DataFrame(rows))


def _show(goal: Goal, value: float) -> str:
    return f"{value * 100:.1f} %" if goal.is_share else f"{value:,.0f}"


def _show_goal(goal: Goal) -> str:
    if goal.is_limit:
        return _show(goal, 0.0) if goal.goal == 0 else f"below {_show(goal, goal.goal)}"
    return f"at least {_show(goal, goal.goal)}"
