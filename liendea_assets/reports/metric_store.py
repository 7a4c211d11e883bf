"""pipeline_metrics: what changed is counted, the figures of the day are replaced, and days that are over and unchanged stay as they are."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

import pandas as pd

from liendea_assets.core.clock import to_text
from liendea_assets.db.connection import CACHE_KIB, Database, exclusive, read_frame, to_records, transaction
from liendea_assets.reports import message_metric_store
from liendea_assets.reports.class_store import refresh_classes
from liendea_assets.reports.metric import Kind, Metric
from liendea_assets.reports.metrics import MESSAGES_VERSION, METRICS, version_of

READ_VERSION = "SELECT messages_version FROM metric_state"
ADD_MESSAGES = """
    INSERT INTO metric_messages (outreach_log_id, segment, industry, priority)
    SELECT
        l.id, coalesce(e.gtm_segment, 'unknown'), coalesce(e.industry, 'unknown'),
        coalesce(CAST(coalesce(t.priority, r.priority) AS TEXT), 'unknown')
    FROM outreach_log l
    LEFT JOIN enriched_contacts e ON e.contact_id = l.contact_id
    LEFT JOIN icp_targets t ON t.contact_id = l.contact_id
    LEFT JOIN icp_score_rows r ON r.contact_id = l.contact_id
    WHERE l.id > (SELECT coalesce(max(outreach_log_id), 0) FROM metric_messages)
    ORDER BY l.id
"""
TAKE_DAYS = "CREATE TEMP TABLE counted_days AS SELECT day, changes FROM metric_days_due"
# what came in while the day was counted keeps it due
DROP_DAYS = """
    DELETE FROM metric_days_due
    WHERE EXISTS (SELECT 1 FROM temp.counted_days c WHERE c.day = metric_days_due.day AND c.changes = metric_days_due.changes)
"""
CLEAR_ALL_DAYS = "DELETE FROM pipeline_metrics WHERE metric IN (SELECT value FROM json_each(:metrics))"
CLEAR_DAYS = """
    DELETE FROM pipeline_metrics
    WHERE day IN (SELECT day FROM temp.counted_days) AND metric IN (SELECT value FROM json_each(:metrics))
"""
INSERT_ROWS = f"""
    INSERT INTO pipeline_metrics (metric, dimension, day, value, version)
    SELECT metric, dimension, day, sum(value), :version FROM ({message_metric_store.ROWS}) GROUP BY metric, dimension, day
"""
SET_VERSION = "UPDATE metric_state SET messages_version = :version"
CLEAR_METRIC = "DELETE FROM pipeline_metrics WHERE metric = :metric AND day = :day"
CLEAR_SINCE = "DELETE FROM pipeline_metrics WHERE metric = :metric AND day >= :day"
INSERT_METRIC = """
    INSERT INTO pipeline_metrics (metric, dimension, day, value, version) VALUES (:metric, :dimension, :day, :value, :version)
"""
# what is no metric any more is no figure of today
CLEAR_FORMER = "DELETE FROM pipeline_metrics WHERE day = :day AND metric NOT IN (SELECT value FROM json_each(:metrics))"
READ_DAY = "SELECT metric, dimension, value FROM pipeline_metrics WHERE day = :day ORDER BY metric, dimension"
COUNT_DAYS = "SELECT count(*) FROM temp.counted_days"
COUNT_ALL_DAYS = "SELECT count(DISTINCT day) FROM temp.message_totals"
LAST_DAY = "SELECT max(day) FROM pipeline_metrics WHERE metric = :metric"
COUNT_ROWS = "SELECT count(*) FROM pipeline_metrics"

_MESSAGE_METRICS = [metric.name for metric in message_metric_store.METRICS]


@dataclass(frozen=True, slots=True)
class Counted:
    """What a run had to look at.

    Attributes:
        contacts, days: how many were counted anew. rows: all of pipeline_metrics.
    """

    contacts: int
    days: int
    rows: int


def compute_metrics(db: Database, now: datetime) -> Counted:
    """Brings pipeline_metrics up to date. Killed at any moment it leaves the former figures, and the next run counts on.

    Raises:
        TransientError: another process did the same for ten minutes.
    """
    with exclusive(db, "pipeline_metrics"):
        # temporary tables have a cache of their own, by default of two MiB
        db.conn.execute(f"PRAGMA temp.cache_size=-{CACHE_KIB}")
        contacts = refresh_classes(db, to_text(now))
        is_all = _take_messages(db)
        with transaction(db):
            days = _store_messages(db, is_all=is_all)
            db.conn.execute(CLEAR_FORMER, {"day": now.date().isoformat(), "metrics": json.dumps([metric.name for metric in METRICS])})
            for metric in METRICS:
                if metric.kind is not Kind.MESSAGES:
                    _store_metric(db, metric, now)
        return Counted(contacts, days, db.conn.execute(COUNT_ROWS).fetchone()[0])


def read_day(db: Database, day: str) -> pd.DataFrame:
    """The day's metrics: `metric`, `dimension`, `value`."""
    return read_frame(db, READ_DAY, {"day": day})


def _take_messages(db: Database) -> bool:
    """Counts the messages of the days of which anything changed into the temporary table message_totals. Returns whether of all days."""
    connection = db.conn
    for table in ("counted_days", "counted_messages", "message_totals"):
        connection.execute(f"DROP TABLE IF EXISTS temp.{table}")
    is_all = connection.execute(READ_VERSION).fetchone()["messages_version"] != MESSAGES_VERSION
    with transaction(db):
        connection.execute(ADD_MESSAGES)
    connection.execute(TAKE_DAYS)
    connection.execute(message_metric_store.MESSAGES + ("" if is_all else message_metric_store.OF_DUE_DAYS) + message_metric_store.FIGURES)
    connection.execute(message_metric_store.TOTALS)
    return bool(is_all)


def _store_messages(db: Database, *, is_all: bool) -> int:
    """Replaces the figures of what was counted. Returns of how many days."""
    connection = db.conn
    connection.execute(CLEAR_ALL_DAYS if is_all else CLEAR_DAYS, {"metrics": json.dumps(_MESSAGE_METRICS)})
    connection.execute(INSERT_ROWS, {"version": MESSAGES_VERSION})
    connection.execute(DROP_DAYS)
    connection.execute(SET_VERSION, {"version": MESSAGES_VERSION})
    return int(connection.execute(COUNT_ALL_DAYS if is_all else COUNT_DAYS).fetchone()[0])


def _store_metric(db: Database, metric: Metric, now: datetime) -> None:
    day = now.date().isoformat()
    if metric.kind is Kind.DAY:
        # a day that was over at the last count has all of its calls; the first count takes all days
        stored = db.conn.execute(LAST_DAY, {"metric": metric.name}).fetchone()[0]
        since = (datetime.fromisoformat(stored) - timedelta(days=1)).date().isoformat() if stored else ""
        db.conn.execute(CLEAR_SINCE, {"metric": metric.name, "day": since})
        rows = to_records(read_frame(db, metric.sql, {"since": since}))
    else:
        db.conn.execute(CLEAR_METRIC, {"metric": metric.name, "day": day})
        sql = metric.sql
        found = metric.compute(db) if metric.compute else read_frame(db, sql, {"now": to_text(now)} if ":now" in sql else {})
        rows = to_records(found)
    version = version_of(metric)
    db.conn.executemany(INSERT_METRIC, [{"day": day, **row, "metric": metric.name, "version": version} for row in rows])
