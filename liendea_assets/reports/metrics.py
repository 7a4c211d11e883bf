"""All metrics: each is defined in one of the three modules, by its query or function, its sentence and its unit."""

import hashlib

from liendea_assets.reports import message_metrics, result_metrics, stage_metrics
from liendea_assets.reports.metric import Metric

METRICS: tuple[Metric, ...] = (*stage_metrics.METRICS, *message_metrics.METRICS, *result_metrics.METRICS)
# What is counted of messages is one query for all of them.
MESSAGES_VERSION = hashlib.sha256((message_metrics.MESSAGES + message_metrics.FIGURES + message_metrics.TOTALS).encode()).hexdigest()[:12]


def version_of(metric: Metric) -> str:
    """Changes with the definition: the query of a metric, or else its sentence."""
    if metric.name in {one.name for one in message_metrics.METRICS}:
        return MESSAGES_VERSION
    return hashlib.sha256(f"{metric.sql}{metric.sentence}".encode()).hexdigest()[:12]
