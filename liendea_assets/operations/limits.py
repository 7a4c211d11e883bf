"""What there is to see of the limits: the table of windows, and the calls of the last day as a chart."""

from datetime import datetime, timedelta

import pandas as pd

from liendea_assets.clients.settings import Windows
from liendea_assets.clients.usage import WindowUsage, ledger_now_us, read_usage
from liendea_assets.core.clock import Clock
from liendea_assets.db.connection import Database
from liendea_assets.operations import store
from liendea_assets.reports.charts import as_markdown_image, bar_chart

HOURS = 24


def look_at_limits(db: Database, clock: Clock, windows: Windows) -> list[WindowUsage]:
    """Reads what is used of every window, and stores it.

    A window whose number was changed holds from the first look on: what was allowed before is no violation.
    """
    now_us = ledger_now_us(db, clock)
    before = store.read_since(db, now_us)
    since: dict[tuple[str, str, int, int], int] = {}
    for window in read_usage(db, clock, windows, {}):
        requests, since_us = before.get((window.service, window.action, window.seconds), (window.requests, 0))
        since[window.service, window.action, window.seconds, window.requests] = since_us if requests == window.requests else now_us
    usage = read_usage(db, clock, windows, since)
    store.store_usage(db, usage, clock.now())
    return usage


def calls_chart(db: Database, now: datetime) -> str:
    """The calls of each service in the hours of the last day, as Markdown; a sentence where there were none."""
    calls = store.calls_by_hour(db, now, HOURS)
    if calls.empty:
        return "No calls in the last day."
    hours = [now - timedelta(hours=back) for back in range(HOURS - 1, -1, -1)]
    images = []
    for service, of_service in calls.groupby("service"):
        by_hour = dict(zip(of_service["hour"], of_service["calls"], strict=True))
        values = [int(by_hour.get(hour.strftime("%Y-%m-%d %H"), 0)) for hour in hours]
        data = pd.DataFrame({"dimension": [hour.strftime("%H") for hour in hours], "value": values})
        title = f"calls to {service}"
        images.append(as_markdown_image(bar_chart(data, "hour (UTC)", title), f"{title} in the last day, by hour"))
    return "\n\n".join(images)
