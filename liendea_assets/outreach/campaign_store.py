"""The SQL of campaigns: outreach_campaigns with their versions, steps and approvals, and how each variant fares."""

import json
from collections.abc import Mapping, Sequence

import pandas as pd

from liendea_assets.core.errors import UnknownRecord
from liendea_assets.db.connection import Database, read_frame, transaction
from liendea_assets.outreach.campaigns import Campaign
from liendea_assets.scoring.wilson import wilson_interval

UPSERT_CAMPAIGN = """
    INSERT INTO outreach_campaigns (name, type, status, start_date, end_date, daily_limit, created_at, version, audience)
    VALUES (:name, :type, :status, :start_date, :end_date, :daily_limit, :now, :version, :audience)
    ON CONFLICT (name) DO UPDATE SET
        type = excluded.type, status = excluded.status, start_date = excluded.start_date, end_date = excluded.end_date,
        daily_limit = excluded.daily_limit, version = excluded.version, audience = excluded.audience
    RETURNING id
"""
# A campaign whose file is gone makes nothing any more; what it made stays.
COMPLETE_GONE = "UPDATE outreach_campaigns SET status = 'completed' WHERE name = :name AND status <> 'completed'"
READ_CAMPAIGNS = """
    SELECT id, name, type, status, start_date, end_date, daily_limit, created_at, version, audience FROM outreach_campaigns ORDER BY id
"""
KEEP_VERSION = """
    INSERT INTO outreach_campaign_versions (campaign_id, version, content, created_at)
    VALUES (:campaign_id, :version, :content, :now)
    ON CONFLICT (campaign_id, version) DO NOTHING
"""
READ_VERSION = "SELECT content FROM outreach_campaign_versions WHERE campaign_id = :campaign_id AND version = :version"
# A step that is not known gets the next number, whatever place it has in the sequence.
NUMBER_STEP = """
    INSERT INTO outreach_steps (campaign_id, step, name)
    SELECT :campaign_id, coalesce(max(step), 0) + 1, :name
    FROM outreach_steps
    WHERE campaign_id = :campaign_id
    ON CONFLICT (campaign_id, name) DO NOTHING
"""
# Messages from before steps had names are the first step's.
NUMBER_FIRST_STEP = """
    INSERT INTO outreach_steps (campaign_id, step, name)
    SELECT DISTINCT l.campaign_id, 1, :name
    FROM outreach_log l
    WHERE l.campaign_id = :campaign_id AND NOT EXISTS (SELECT 1 FROM outreach_steps s WHERE s.campaign_id = l.campaign_id)
"""
READ_STEPS = "SELECT name, step FROM outreach_steps WHERE campaign_id = :campaign_id ORDER BY step"

REVOKE_OTHERS = """
    UPDATE outreach_approvals SET revoked_at = :now
    WHERE campaign_id = :campaign_id AND version <> :version AND revoked_at IS NULL
"""
REVOKE_GONE = """
    UPDATE outreach_approvals SET revoked_at = :now
    WHERE campaign_id = (SELECT id FROM outreach_campaigns WHERE name = :name) AND revoked_at IS NULL
"""
REVOKE = "UPDATE outreach_approvals SET revoked_at = :now WHERE campaign_id = :campaign_id AND revoked_at IS NULL"
IS_VERSION_IN_FORCE = "SELECT 1 FROM outreach_campaigns WHERE id = :campaign_id AND version = :version"
APPROVE = """
    INSERT INTO outreach_approvals (campaign_id, version, approved_by, approved_at)
    VALUES (:campaign_id, :version, :by, :now)
    ON CONFLICT (campaign_id, version) WHERE revoked_at IS NULL DO NOTHING
"""
IS_APPROVED = """
    SELECT 1 FROM outreach_approvals
    WHERE campaign_id = :campaign_id AND version = :version AND revoked_at IS NULL
"""
READ_APPROVALS = """
    SELECT c.name AS campaign, a.campaign_id, a.version, a.approved_by, a.approved_at, a.revoked_at
    FROM outreach_approvals a
    JOIN outreach_campaigns c ON c.id = a.campaign_id
    ORDER BY a.id
"""
READ_OVERVIEW = """
    SELECT
        c.id, c.name, c.type, c.status, c.start_date, c.end_date, c.daily_limit, c.version, a.approved_by, a.approved_at,
        count(l.id) FILTER (WHERE l.status = 'queued') AS queued,
        count(l.id) FILTER (WHERE l.sent_at IS NOT NULL) AS sent,
        count(l.id) FILTER (WHERE l.response_at IS NOT NULL) AS replied
    FROM outreach_campaigns c
    LEFT JOIN outreach_approvals a ON a.campaign_id = c.id AND a.version = c.version AND a.revoked_at IS NULL
    LEFT JOIN outreach_log l ON l.campaign_id = c.id
    GROUP BY c.id
    ORDER BY c.name
"""

# A message that came back hard was read by nobody. Uncertain ones may not have been sent, so they count nowhere.
READ_VARIANTS = """
    SELECT
        l.step, s.name AS step_name, l.variant,
        count(*) AS sent,
        count(*) FILTER (WHERE l.bounce = 'hard') AS bounced,
        count(*) FILTER (WHERE l.response_at IS NOT NULL) AS replied,
        count(*) FILTER (WHERE l.unsubscribed_at IS NOT NULL) AS unsubscribed
    FROM outreach_log l
    LEFT JOIN outreach_steps s ON s.campaign_id = l.campaign_id AND s.step = l.step
    WHERE l.campaign_id = :campaign_id AND l.sent_at IS NOT NULL AND l.status IN ('sent', 'responded')
    GROUP BY l.step, s.name, l.variant
    ORDER BY l.step, l.variant
"""


def sync_campaigns(db: Database, campaigns: Sequence[Campaign], now: str) -> None:
    """Makes outreach_campaigns say what the files say; keeps each version, numbers new steps, and revokes what was approved of others."""
    with transaction(db) as connection:
        known = {row["name"] for row in connection.execute(READ_CAMPAIGNS)}
        for campaign in campaigns:
            row = {**_row(campaign), "now": now}
            row["campaign_id"] = connection.execute(UPSERT_CAMPAIGN, row).fetchone()["id"]
            connection.execute(KEEP_VERSION, row)
            connection.execute(NUMBER_FIRST_STEP, {"campaign_id": row["campaign_id"], "name": campaign.steps[0].name})
            connection.executemany(NUMBER_STEP, [{"campaign_id": row["campaign_id"], "name": step.name} for step in campaign.steps])
            connection.execute(REVOKE_OTHERS, row)
        for name in sorted(known - {campaign.name for campaign in campaigns}):
            connection.execute(COMPLETE_GONE, {"name": name})
            connection.execute(REVOKE_GONE, {"name": name, "now": now})


def campaign_ids(db: Database) -> dict[str, int]:
    """Name → id."""
    return {row["name"]: row["id"] for row in db.conn.execute(READ_CAMPAIGNS)}


def read_campaigns(db: Database) -> pd.DataFrame:
    """The table outreach_campaigns."""
    return read_frame(db, READ_CAMPAIGNS)


def read_overview(db: Database) -> pd.DataFrame:
    """Per campaign `id`, `name`, `type`, `status`, dates, `daily_limit`, `version`; who approved it when (missing where nobody did);
    how many of its messages are `queued`, were `sent` and `replied` to.
    """
    return read_frame(db, READ_OVERVIEW)


def step_numbers(db: Database, campaign_id: int) -> dict[str, int]:
    """Step name → the number that it keeps, of steps that stand in the file no more, too."""
    return {row["name"]: row["step"] for row in db.conn.execute(READ_STEPS, {"campaign_id": campaign_id})}


def read_version(db: Database, campaign_id: int, version: str) -> dict[str, object] | None:
    """What a version of a campaign said (`Campaign.content`); None where it was not kept."""
    row = db.conn.execute(READ_VERSION, {"campaign_id": campaign_id, "version": version}).fetchone()
    return json.loads(row["content"]) if row else None


def approve(db: Database, campaign_id: int, version: str, by: str, now: str) -> None:
    """Records that exactly this version may be sent. Approving it again changes nothing.

    Raises:
        UnknownRecord: it is not the version in force; what somebody looked at has changed meanwhile.
    """
    with transaction(db) as connection:
        asked = {"campaign_id": campaign_id, "version": version, "by": by, "now": now}
        if connection.execute(IS_VERSION_IN_FORCE, asked).fetchone() is None:
            raise UnknownRecord(f"version {version} is not the one in force of campaign {campaign_id}; look at it as it is now")
        connection.execute(APPROVE, asked)


def revoke(db: Database, campaign_id: int, now: str) -> bool:
    """Takes an approval back. False where there was none."""
    with transaction(db) as connection:
        return connection.execute(REVOKE, {"campaign_id": campaign_id, "now": now}).rowcount > 0


def is_approved(db: Database, campaign_id: int, version: str) -> bool:
    """Whether somebody approved exactly this version, and nobody took it back since."""
    return db.conn.execute(IS_APPROVED, {"campaign_id": campaign_id, "version": version}).fetchone() is not None


def read_approvals(db: Database) -> pd.DataFrame:
    """`campaign`, `campaign_id`, `version`, `approved_by`, `approved_at`, `revoked_at` (missing while it holds), the oldest first."""
    return read_frame(db, READ_APPROVALS)


def read_variants(db: Database, campaign_id: int) -> pd.DataFrame:
    """How each variant of each step fares.

    Returns:
        `step`, `step_name`, `variant` (missing where there was no choice), `sent`, `bounced` (hard), `replied`, `unsubscribed`;
        `rate`: replies of those that were not bounced, 0 to 1, with its Wilson interval `rate_low` to `rate_high` (95 %), all missing
        where nothing arrived.
    """
    found = read_frame(db, READ_VARIANTS, {"campaign_id": campaign_id})
    sent, bounced, replied = (pd.to_numeric(found[name]).astype(float) for name in ("sent", "bounced", "replied"))
    arrived = sent - bounced
    replied = replied.clip(upper=arrived)
    low, high = wilson_interval(replied.to_numpy(), arrived.to_numpy())
    rates = {"rate": replied / arrived, "rate_low": pd.Series(low, index=found.index), "rate_high": pd.Series(high, index=found.index)}
    return found.assign(**{name: values.where(arrived > 0) for name, values in rates.items()})


def _row(campaign: Campaign) -> dict[str, object]:
    settings = campaign.settings
    dates: Mapping[str, object] = {
        name: day.isoformat() if day else None for name, day in (("start_date", settings.start_date), ("end_date", settings.end_date))
    }
    return {
        **dates,
        "name": campaign.name,
        "type": settings.type,
        "status": settings.status,
        "daily_limit": settings.daily_limit,
        "version": campaign.version,
        "content": campaign.content,
        "audience": json.dumps(settings.audience.model_dump(mode="json", exclude_none=True)),
    }
