"""All metrics: each is defined in one of the three modules, by its query or function, its sentence and its unit."""

import hashlib

from liendea_assets.reports import message_metric_store, result_metric_store, stage_metric_store
from liendea_assets.reports.metric import Metric

METRICS: tuple[Metric, ...] = (*stage_metric_store.METRICS, *message_metric_store.METRICS, *result_metric_store.METRICS)
# What is counted of messages is one query for all of them.
MESSAGES_VERSION = hashlib.sha256(
    (message_metric_store.MESSAGES + message_metric_store.FIGURES + message_metric_store.TOTALS).encode()
).hexdigest()[:12]


def version_of(metric: Metric) -> str:
    """Changes with the definition: the query of a metric, or else its sentence."""
    if metric.name in {one.name for one in message_metric_store.METRICS}:
        return MESSAGES_VERSION
    return hashlib.sha256(f"{metric.sql}{metric.sentence}".encode()).hexdigest()[:12]
