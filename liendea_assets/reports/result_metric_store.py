"""What is computed from other metrics: response rates with their intervals, and the plan's success metrics against their goals."""

from dataclasses import dataclass

import pandas as pd

from liendea_assets.db.connection import Database, read_frame
from liendea_assets.reports.metric import Metric
from liendea_assets.scoring.wilson import wilson_interval

_READ_SUMS = """
    SELECT metric, dimension, sum(value) AS value
    FROM pipeline_metrics
    WHERE metric IN ('people_reached', 'people_answered')
    GROUP BY metric, dimension
"""
_READ_LOST = """
    SELECT
        coalesce(sum(value) FILTER (WHERE metric = 'lost'), 0) AS value, coalesce(sum(value) FILTER (WHERE metric = 'sent'), 0) AS cases
    FROM pipeline_metrics
    WHERE metric IN ('lost', 'sent') AND dimension = 'channel: email'
"""
_READ_ROWS = """
    SELECT coalesce(sum(imported + merged), 0) AS value, coalesce(sum(rows - blank), 0) AS cases FROM import_files
"""
_READ_ENRICHED = "SELECT coalesce(sum(contacts * is_enriched), 0) AS value, coalesce(sum(contacts), 0) AS cases FROM contact_classes"
_READ_VIOLATIONS = "SELECT coalesce(sum(violations), 0) AS value, 1 AS cases FROM rate_limit_usage"
_READ_TARGETS = "SELECT coalesce(sum(contacts), 0) AS value, 1 AS cases FROM contact_classes WHERE target IS NOT NULL"
_READ_TARGETS_ENRICHED = f"{_READ_ENRICHED} WHERE target IS NOT NULL"
_READ_RESPONSES = """
    SELECT
        coalesce(sum(value) FILTER (WHERE metric = 'people_answered'), 0) AS value,
        coalesce(sum(value) FILTER (WHERE metric = 'people_reached'), 0) AS cases
    FROM pipeline_metrics
    WHERE metric IN ('people_answered', 'people_reached') AND dimension = :dimension
"""


@dataclass(frozen=True, slots=True)
class Goal:
    """A success metric of the plan.

    Attributes:
        sql: gives `value` and `cases`; the figure is their quotient, and there is none without cases.
        goal: what is to be reached; `most` of what must not be exceeded.
    """

    name: str
    sentence: str
    sql: str
    goal: float
    is_limit: bool = False
    is_share: bool = True
    channel: str = ""


GOALS = (
    Goal("imported", "Share of the rows of all files that became contacts; blank rows do not count.", _READ_ROWS, 1.0),
    Goal("enriched", "Share of contacts that a provider found.", _READ_ENRICHED, 0.8),
    Goal("limit violations", "Windows with more calls than the limit allowed.", _READ_VIOLATIONS, 0.0, is_limit=True, is_share=False),
    Goal("targets", "Contacts who are targets.", _READ_TARGETS, 500.0, is_share=False),
    Goal("targets enriched", "Share of targets that a provider found.", _READ_TARGETS_ENRICHED, 0.7),
    Goal(
        "LinkedIn response", "Share of people reached on LinkedIn who answered; 10–15 % are hoped for.", _READ_RESPONSES, 0.10,
        channel="channel: linkedin_message",
    ),
    Goal(
        "e-mail response", "Share of people reached by e-mail who answered; 5–8 % are hoped for.", _READ_RESPONSES, 0.05,
        channel="channel: email",
    ),
    Goal(
        "bounced or unsubscribed", "Share of sent e-mails that bounced or whose recipient wants no more; below 2 %.", _READ_LOST, 0.02,
        is_limit=True,
    ),
)  # fmt: skip


def _rates(db: Database) -> pd.DataFrame:
    """`dimension`, `reached`, `answered` of all days, where anybody was reached."""
    sums = read_frame(db, _READ_SUMS)
    if sums.empty:
        return pd.DataFrame({"dimension": [], "people_reached": [], "people_answered": []})
    wide = sums.pivot_table(index="dimension", columns="metric", values="value", aggfunc="sum", fill_value=0.0)
    return wide.reindex(columns=["people_reached", "people_answered"], fill_value=0.0).astype(float).reset_index()


def _rate(db: Database) -> pd.DataFrame:
    rates = _rates(db)
    return pd.DataFrame({"dimension": rates["dimension"], "value": rates["people_answered"] / rates["people_reached"]})


def _rate_end(db: Database, end: int) -> pd.DataFrame:
    rates = _rates(db)
    ends = wilson_interval(rates["people_answered"].to_numpy(dtype=float), rates["people_reached"].to_numpy(dtype=float))
    return pd.DataFrame({"dimension": rates["dimension"], "value": ends[end]})


def _goal_values(db: Database) -> dict[str, float]:
    values = {}
    for goal in GOALS:
        found = db.conn.execute(goal.sql, {"dimension": goal.channel} if goal.channel else {}).fetchone()
        if found["cases"]:
            values[goal.name] = found["value"] / found["cases"]
    return values


def is_met(goal: Goal, value: float) -> bool:
    """Whether a figure is as the plan wants it: at least the goal, or no more than a limit of nought, else below it."""
    if not goal.is_limit:
        return value >= goal.goal
    return value < goal.goal or value == goal.goal == 0


def _met(db: Database) -> pd.DataFrame:
    values = _goal_values(db)
    met = [float(is_met(goal, values[goal.name])) for goal in GOALS if goal.name in values]
    return pd.DataFrame({"dimension": list(values), "value": met})


METRICS = (
    Metric("response_rate", "Share of the people reached who answered, robots left out, of all days so far.", "share",
           "all, channel, campaign, step, variant, segment, industry, priority", compute=_rate),
    Metric("response_rate_low", "The lower end of its 95 % interval (Wilson).", "share", "as response_rate",
           compute=lambda db: _rate_end(db, 0)),
    Metric("response_rate_high", "The upper end of its 95 % interval (Wilson).", "share", "as response_rate",
           compute=lambda db: _rate_end(db, 1)),
    Metric("success", "Each success metric of the plan, as it stands; without cases there is none.", "share or count", "success metric",
           compute=lambda db: pd.DataFrame({"dimension": list(values := _goal_values(db)), "value": list(values.values())})),
    Metric("success_goal", "What the plan wants of it.", "share or count", "success metric",
           compute=lambda _: pd.DataFrame({"dimension": [goal.name for goal in GOALS], "value": [goal.goal for goal in GOALS]})),
    Metric("success_met", "Whether it is met: 1 is yes.", "yes or no", "success metric", compute=_met),
)  # fmt: skip
