"""The SQL of a campaign's page: people to preview it for, and its approvals."""

from typing import Any

from liendea_assets.db.connection import Database

FIND_CAMPAIGN = "SELECT id, name, type, status, version, daily_limit FROM outreach_campaigns WHERE name = :name"
READ_APPROVALS = """
    SELECT version, approved_by, approved_at, revoked_at
    FROM outreach_approvals
    WHERE campaign_id = :id
    ORDER BY id DESC
    LIMIT 50
"""
READ_VERSIONS = """
    SELECT
        v.version, v.created_at,
        (
            SELECT count(*) FROM outreach_log l
            WHERE l.campaign_id = v.campaign_id AND l.campaign_version = v.version AND l.sent_at IS NOT NULL
        ) AS sent
    FROM outreach_campaign_versions v
    WHERE v.campaign_id = :id
    ORDER BY v.created_at DESC
    LIMIT 50
"""
READ_EXAMPLES = """
    SELECT t.contact_id, e.full_name, e.company_name, e.country
    FROM icp_targets t
    JOIN enriched_contacts e ON e.contact_id = t.contact_id
    ORDER BY t.icp_score DESC, t.id
    LIMIT 12
"""


def find_campaign(db: Database, name: str) -> dict[str, Any] | None:
    """`id`, `name`, `type`, `status`, `version`, `daily_limit` as they were synced last; None for one that never was."""
    row = db.conn.execute(FIND_CAMPAIGN, {"name": name}).fetchone()
    return None if row is None else dict(row)


def read_history(db: Database, campaign_id: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Its approvals and its versions, the newest first."""
    approvals, versions = (db.conn.execute(sql, {"id": campaign_id}) for sql in (READ_APPROVALS, READ_VERSIONS))
    return [dict(row) for row in approvals], [dict(row) for row in versions]


def read_examples(db: Database) -> list[dict[str, Any]]:
    """A few of the best targets, to preview for."""
    return [dict(row) for row in db.conn.execute(READ_EXAMPLES)]
