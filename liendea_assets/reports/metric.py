"""What a metric is."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import pandas as pd

from liendea_assets.db.connection import Database

# metric, dimension, value → the rows of other metrics, summed over all days
Compute = Callable[[Database], pd.DataFrame]


class Kind(StrEnum):
    """When a figure is counted."""

    # how things stand; the rows of former days stay as they were counted on their day
    LEVEL = "level"
    # of the messages of each day; a day is counted again once anything of it changed
    MESSAGES = "messages"
    # of what happened on each day; a day that is over does not change
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure per dimension and day.

    Attributes:
        sentence: what is counted, for people. unit: `contacts`, `messages`, `share` (0–1), `calls` and so on.
        dimensions: what the figure is given by, for people.
        sql: of a level or day, the query that gives `dimension` and `value` (and `day`); it may use `:now` and `:since` (a day). Of
            messages, the column of `message_metric_store.MESSAGES`.
        compute: the function that gives `dimension` and `value` where there is no SQL; it runs after all SQL.
    """

    name: str
    sentence: str
    unit: str
    dimensions: str
    kind: Kind = Kind.LEVEL
    sql: str = ""
    compute: Compute | None = None
