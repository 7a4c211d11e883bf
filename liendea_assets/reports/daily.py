"""The daily report: one HTML page that needs nothing around it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from liendea_assets.db.connection import to_records
from liendea_assets.reports.charts import bar_chart
from liendea_assets.scoring.parts import show_value

_WINDOW_NAMES = {60: "minute", 3_600: "hour", 86_400: "day"}


@dataclass(frozen=True, slots=True)
class DailyFacts:
    """What the page shows.

    Attributes:
        metrics: `metric`, `dimension`, `value` of the day.
        targets, files, rejections: as the stores read them.
        windows: service → (seconds, requests allowed).
    """

    metrics: pd.DataFrame
    targets: pd.DataFrame
    files: pd.DataFrame
    rejections: pd.DataFrame
    windows: Mapping[str, Sequence[tuple[int, int]]]
    minimum_score: int
    now: datetime


def render_daily_report(facts: DailyFacts) -> str:
    """The page as HTML; every text in it is escaped."""
    funnel = _metric(facts, "funnel")
    funnel["dimension"] = funnel["dimension"].str.partition(" ")[2]
    scores = _metric(facts, "score_distribution")
    enrichment = _metric(facts, "enrichment")
    contacts = int(funnel.loc[funnel["dimension"] == "contacts", "value"].sum())
    waiting = int(enrichment.loc[enrichment["dimension"] == "not asked yet", "value"].sum())
    return _template().render(
        day=facts.now.date().isoformat(),
        made_at=facts.now.strftime("%H:%M"),
        funnel=to_records(funnel),
        funnel_chart=Markup(bar_chart(funnel, "", "People", is_horizontal=True)),  # noqa: S704 our own SVG
        score_chart=Markup(score_chart(scores, facts.minimum_score)),  # noqa: S704
        minimum_score=facts.minimum_score,
        targets=[{**target, "parts": _parts(str(target["parts"]))} for target in to_records(facts.targets)],
        enrichment=to_records(enrichment),
        contacts=contacts,
        answered=contacts - waiting,
        limits=_limits(facts),
        files=to_records(facts.files),
        rejections=to_records(facts.rejections),
        not_queued=to_records(_metric(facts, "not_queued").sort_values("value", ascending=False)),
        hints=_hints(facts, waiting),
    )


def score_chart(scores: pd.DataFrame, minimum_score: int) -> str:
    """The score distribution as SVG; bands that reach the minimum score are highlighted."""
    bands = scores["dimension"].astype(str)
    reaching = frozenset(band for band in bands if int(band.partition("–")[2]) >= minimum_score)
    return bar_chart(scores, "ICP score", "Contacts", highlighted=reaching)


def _hints(facts: DailyFacts, waiting: int) -> list[str]:
    hints = []
    unreadable = int(facts.files["error"].notna().sum())
    if unreadable:
        hints.append(f"{unreadable} files in the inbox could not be imported; the reasons stand under Imports.")
    if waiting:
        hints.append(f"{waiting:,} contacts have no answer of a provider that is still good.")
    rejected = sum(row["rejected"] for row in to_records(facts.files))
    if rejected:
        hints.append(f"{rejected:,} rows were rejected; correct them in their file and drop it into the inbox again.")
    funnel = {str(row["dimension"])[2:]: row["value"] for row in to_records(_metric(facts, "funnel"))}
    if funnel.get("e-mails queued"):
        hints.append(f"{funnel['e-mails queued']:,} e-mails are queued. Nothing is sent; read them in data/exports/emails.")
    if funnel.get("LinkedIn listed"):
        hints.append(f"{funnel['LinkedIn listed']:,} people are listed for LinkedIn; the day's list is in data/exports.")
    return hints or ["Drop a GTM workbook or a LinkedIn export into data/inbox."]


def _parts(parts_json: str) -> list[dict[str, object]]:
    """The parts of a score with `shown`, the value as people write it."""
    parts: list[dict[str, object]] = json.loads(parts_json)
    return [
        {"label": part["name"], **part, "shown": show_value(str(part["field"]), part["value"]) if part["field"] else ""} for part in parts
    ]


def _limits(facts: DailyFacts) -> list[dict[str, object]]:
    used = dict(zip(*(_metric(facts, "calls")[name] for name in ("dimension", "value")), strict=True))
    return [
        {"service": service, "window": _WINDOW_NAMES[seconds], "used": int(used.get(f"{service}/{seconds}", 0)), "allowed": allowed}
        for service, windows in facts.windows.items()
        for seconds, allowed in windows
        # the others, and those of single actions, are in the asset rate_limit_usage
        if seconds in _WINDOW_NAMES and "/" not in service
    ]


def _metric(facts: DailyFacts, name: str) -> pd.DataFrame:
    rows = facts.metrics[facts.metrics["metric"] == name]
    return rows[["dimension", "value"]].astype({"value": "int64"}).reset_index(drop=True)


@cache
def _template() -> Template:
    environment = Environment(loader=PackageLoader("liendea_assets.reports"), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return environment.get_template("daily_report.html")
