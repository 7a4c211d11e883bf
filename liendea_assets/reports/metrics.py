"""The metrics: each is one query in store.py and one sentence here."""

from dataclasses import dataclass

from liendea_assets.reports import store


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure per dimension.

    Attributes:
        sql: gives `dimension` and `value`; may use the parameter `:now`.
    """

    name: str
    sentence: str
    sql: str


METRICS = (
    Metric("source_rows", "Rows of all imported files by what became of them.", store.SOURCE_ROWS),
    Metric("funnel", "How many people reach each stage, from the files to the queues.", store.FUNNEL),
    Metric("enrichment", "Contacts by source of an answer and its outcome.", store.ENRICHMENT),
    Metric("score_distribution", "Contacts by ICP score, in bands of ten points.", store.SCORE_DISTRIBUTION),
    Metric("priorities", "Contacts by priority; 1 is the best.", store.PRIORITIES),
    Metric("targets", "Targets by status.", store.TARGETS),
    Metric("calls", "Calls in the sliding window up to now, by service and seconds.", store.CALLS),
    Metric("not_queued", "Targets without a message, by campaign and reason.", store.NOT_QUEUED),
)
