"""Which campaign suits a target best. Pure: frames in, a column out."""

import json
from datetime import date

import pandas as pd

from liendea_assets.db.connection import to_records
from liendea_assets.scoring.audience import breadth, in_audience
from liendea_assets.scoring.fields import Vocabulary

# What a campaign needs to reach somebody, by its type; the first type is preferred.
CHANNELS = {"email": "has_email", "linkedin_message": "has_profile", "inmail": "has_profile"}


def suggest_campaigns(targets: pd.DataFrame, campaigns: pd.DataFrame, day: date, vocabulary: Vocabulary) -> pd.Series:
    """Per target the name of a campaign, missing where none suits.

    The campaign whose message is on the way, or went out. Else, of the campaigns that run on this day, reach the person and have them
    in their audience: the one with the narrowest audience, e-mail before LinkedIn, the first by name. Whoever responded is
    left to a human.

    Args:
        targets: `priority`, `status`, `has_email`, `has_profile` (0 or 1), `written_by` (a campaign's name, mostly missing), and the
            columns of `audience.in_audience`.
        campaigns: `name`, `type`, `status`, `start_date`, `end_date`, `audience` (JSON).
    """
    found = pd.Series(None, index=targets.index, dtype=object)
    running = [row for row in to_records(campaigns) if _is_running(row, day)]
    ranked = sorted(running, key=lambda row: (breadth(_audience(row)), list(CHANNELS).index(row["type"]), row["name"]))
    for row in ranked:
        suits = in_audience(targets, _audience(row), vocabulary) & (targets[CHANNELS[row["type"]]] == 1)
        found = found.where(found.notna() | ~suits, row["name"])
    found = found.where(targets["status"] != "responded", None)
    written = targets["written_by"].astype(object)
    return written.where(written.notna(), found)


def _is_running(campaign: dict[str, object], day: date) -> bool:
    start, end, today = campaign["start_date"], campaign["end_date"], day.isoformat()
    has_begun = not isinstance(start, str) or start <= today
    return campaign["status"] == "active" and has_begun and (not isinstance(end, str) or today <= end)


def _audience(campaign: dict[str, object]) -> dict[str, object]:
    audience: dict[str, object] = json.loads(str(campaign["audience"]))
    return audience
