"""The SQL of what waits."""

from typing import Any

from liendea_assets.db.connection import Database

COUNT_WAITING = """
    SELECT
        (SELECT count(*) FROM merge_reviews) AS reviews,
        (SELECT count(*) FROM outreach_log WHERE status = 'uncertain') AS uncertain,
        (SELECT count(*) FROM outreach_log WHERE status = 'held') AS held,
        (SELECT count(*) FROM outreach_log WHERE status = 'queued' AND outreach_type = 'email') AS emails,
        (
            SELECT count(*) FROM inbox_messages i
            WHERE i.matched_by = 'nothing' AND NOT EXISTS (SELECT 1 FROM desk_seen_messages s WHERE s.inbox_message_id = i.id)
        ) AS unmatched,
        (
            SELECT count(*) FROM inbox_messages i
            WHERE i.kind = 'human_reply' AND NOT EXISTS (SELECT 1 FROM desk_seen_messages s WHERE s.inbox_message_id = i.id)
        ) AS replies,
        (SELECT count(*) FROM outreach_log WHERE status = 'queued' AND outreach_type <> 'email' AND planned_on <= :today) AS linkedin,
        (
            SELECT count(*) FROM outreach_campaigns c
            WHERE c.type = 'email' AND c.status = 'active' AND NOT EXISTS (
                SELECT 1 FROM outreach_approvals a WHERE a.campaign_id = c.id AND a.version = c.version AND a.revoked_at IS NULL
            )
        ) AS approvals,
        (SELECT count(*) FROM icp_targets) AS targets
"""
# what was sent in the last days, by day
SENT_BY_DAY = """
    SELECT
        substr(l.sent_at, 1, 10) AS day, c.name AS campaign, count(*) AS sent,
        sum(l.response_at IS NOT NULL) AS answered, sum(l.bounce IS NOT NULL) AS bounced,
        sum(l.unsubscribed_at IS NOT NULL) AS unsubscribed, sum(l.complained_at IS NOT NULL) AS complained
    FROM outreach_log l
    JOIN outreach_campaigns c ON c.id = l.campaign_id
    WHERE l.sent_at >= :since
    GROUP BY 1, 2
    ORDER BY 1 DESC, 2
    LIMIT 60
"""


def count_waiting(db: Database, today: str) -> dict[str, int]:
    """What waits for somebody, by kind."""
    return dict(db.conn.execute(COUNT_WAITING, {"today": today}).fetchone())


def sent_by_day(db: Database, since: str) -> list[dict[str, Any]]:
    """`day`, `campaign`, and how many were `sent`, `answered`, `bounced`, `unsubscribed`, `complained`."""
    return [dict(row) for row in db.conn.execute(SENT_BY_DAY, {"since": since})]
