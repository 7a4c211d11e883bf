"""A preview for people: figures that hold nobody's data, the people in it with names, and one HTML page that needs nothing around it."""

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import Any

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from liendea_assets.db.connection import to_records
from liendea_assets.scoring.account_preview import largest_account_changes
from liendea_assets.scoring.changes import describe
from liendea_assets.scoring.preview import ScoringPreview

PEOPLE_COLUMNS = (
    "contact_id", "full_name", "title", "company_name", "old", "new", "change", "old_priority", "new_priority", "targets", "because_of",
    "what_differs",
)  # fmt: skip
ACCOUNT_COLUMNS = ("company_id", "company_name", "old", "new", "old_segment", "new_segment", "targets")
_CAUSES = {
    "first": "scored for the first time", "data": "the data", "config": "the config", "both": "the data and the config",
    "gone": "no contact any more",
}  # fmt: skip
_MOVES = {(False, True): "enters", (True, False): "leaves", (True, True): "stays", (False, False): ""}


def figures(found: ScoringPreview) -> dict[str, int]:
    """What it comes to, in contacts and accounts; nobody's data."""
    changed, accounts = found.changed(), found.accounts
    enter, leave = accounts["is_target"] & ~accounts["was_target"], accounts["was_target"] & ~accounts["is_target"]
    return {
        "contacts": found.contacts,
        "scores that rise": int((changed["new"] > changed["old"]).sum()),
        "scores that fall": int((changed["new"] < changed["old"]).sum()),
        "scored for the first time": int((found.people["cause"] == "first").sum()),
        "other priority": int((found.people["old_priority"] != found.people["new_priority"]).fillna(value=False).sum()),
        "enter the targets": len(found.entering()),
        "leave the targets": len(found.leaving()),
        "leave with messages queued, sent or answered": found.messages["contact_id"].nunique(),
        "accounts with another score": int(accounts["old"].fillna(-1).ne(accounts["new"].fillna(-1)).sum()),
        "accounts in another segment": int(accounts["old_segment"].fillna("").ne(accounts["new_segment"].fillna("")).sum()),
        "accounts enter the targets": int(enter.sum()),
        "accounts leave the targets": int(leave.sum()),
    }


def headline(found: ScoringPreview) -> str:
    """Which versions are compared, and what differs between them."""
    if found.old_version is None:
        return f"Nobody is scored yet; by version {found.new_version}:"
    if found.keys is None:
        what = "the former config was not kept, so its keys cannot be compared"
    else:
        what = f"changed: {', '.join(found.keys)}" if found.keys else "the config says the same; what differs comes from the data"
    return f"Version {found.old_version} → {found.new_version}; {what}"


def name_people(people: pd.DataFrame, names: pd.DataFrame) -> pd.DataFrame:
    """Rows of `ScoringPreview.people` in words and with names: `PEOPLE_COLUMNS`, in the same order."""
    named = people.merge(names, on="contact_id", how="left")
    told = {detail: "; ".join(describe(str(detail))) for detail in named["detail"].dropna().unique()}
    named["change"] = named["new"] - named["old"]
    named["targets"] = [_MOVES[bool(was), bool(becomes)] for was, becomes in zip(named["was_target"], named["is_target"], strict=True)]
    named["because_of"] = named["cause"].map(_CAUSES)
    named["what_differs"] = named["detail"].map(told)
    return named[list(PEOPLE_COLUMNS)]


def name_accounts(accounts: pd.DataFrame, companies: pd.DataFrame) -> pd.DataFrame:
    """Rows of `ScoringPreview.accounts` in words and with names: `ACCOUNT_COLUMNS`, in the same order."""
    named = accounts.merge(companies, on="company_id", how="left")
    named["targets"] = [_MOVES[bool(was), bool(becomes)] for was, becomes in zip(named["was_target"], named["is_target"], strict=True)]
    return named[list(ACCOUNT_COLUMNS)]


def largest_changes(found: ScoringPreview, limit: int) -> pd.DataFrame:
    """Of those whose score changes, the ones who move the furthest."""
    changed = found.changed()
    return (
        changed.assign(far=(changed["new"] - changed["old"]).abs()).sort_values(["far", "contact_id"], ascending=[False, True]).head(limit)
    )


def shown_ids(found: ScoringPreview, limit: int) -> list[int]:
    """Whose names `render_html` needs."""
    frames = (found.entering().head(limit), found.leaving().head(limit), largest_changes(found, limit), found.messages)
    return sorted({int(one) for frame in frames for one in frame["contact_id"]})


def render_html(found: ScoringPreview, names: pd.DataFrame, companies: pd.DataFrame, limit: int, source: str, now: datetime) -> str:
    """The page; every text in it is escaped. It holds personal data.

    Args:
        names: `contact_id`, `full_name`, `title`, `company_name`, at least of `shown_ids`.
        companies: `company_id`, `company_name`, at least of the first `limit` of `largest_account_changes`.
        limit: people, or accounts, in each list. source: what was previewed, a file's name or a version.
    """
    return _template().render(
        source=source,
        made_at=now.strftime("%Y-%m-%d %H:%M"),
        headline=headline(found),
        figures=figures(found),
        tiers=list(_tier_rows(found.tiers)),
        tier_names=list(found.tiers.columns[1:]),
        keys=to_records(found.by_key()),
        lists=[
            (title, len(people), to_records(name_people(people.head(limit), names)))
            for title, people in (
                ("Enter the targets", found.entering()),
                ("Leave the targets", found.leaving()),
                ("Scores that change the most", largest_changes(found, len(found.people))),
            )
        ],
        messages=to_records(found.messages.merge(names, on="contact_id", how="left")),
        accounts=to_records(name_accounts(largest_account_changes(found.accounts).head(limit), companies)),
        account_count=len(found.accounts),
        limit=limit,
    )


def _tier_rows(tiers: pd.DataFrame) -> Iterator[tuple[str, list[tuple[int, str]]]]:
    """Per former priority the counts, each with the kind of its cell: `up`, `down` or `same`."""
    columns = [str(column) for column in tiers.columns[1:]]
    for row in to_records(tiers):
        former = str(row["from"])
        yield former, [(int(row[column]), _kind(former, column)) for column in columns]


def _kind(former: str, column: str) -> str:
    if not (former.isdigit() and column.isdigit()) or former == column:
        return "same"
    return "up" if int(column) < int(former) else "down"


@cache
def _template() -> Template:
    environment: dict[str, Any] = {"autoescape": True, "undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    return Environment(loader=PackageLoader("liendea_assets.scoring"), **environment).get_template("scoring_preview.html")  # noqa: S701 it escapes
