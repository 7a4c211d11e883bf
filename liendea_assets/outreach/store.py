"""The SQL of the outreach stage: outreach_log, outreach_exclusions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from liendea_assets.db.connection import Database, read_frame, transaction
from liendea_assets.outreach.suppression_store import add_suppressions as add_suppressions  # noqa: PLC0414
from liendea_assets.outreach.suppression_store import count_suppressions as count_suppressions  # noqa: PLC0414
from liendea_assets.outreach.suppression_store import read_suppressions as read_suppressions  # noqa: PLC0414

# Each contact's ties with those who know them now, the strongest in place 1: the colleague who is named as the mutual connection.
_TIES = """
    WITH ties AS (
        SELECT
            k.contact_id, o.full_name AS mutual_connection, k.strength,
            row_number() OVER (PARTITION BY k.contact_id ORDER BY k.strength DESC, k.connection_date, k.id) AS place
        FROM linkedin_connections k
        JOIN contacts o ON o.id = k.connected_to_id
        WHERE k.is_current = 1 AND k.connection_degree = 1
    )
"""
# Targets with what a message needs.
READ_CANDIDATES = (
    _TIES
    + """
    SELECT
        t.contact_id, t.icp_score, t.targeting_reason, t.priority, e.full_name, e.first_name, e.last_name, e.title,
        e.company_name AS company, e.industry, e.work_email, e.linkedin_url, tie.mutual_connection, tie.strength,
        l.status AS outreach_status, l.campaign_version AS queued_version
    FROM icp_targets t
    JOIN enriched_contacts e ON e.contact_id = t.contact_id
    LEFT JOIN ties tie ON tie.contact_id = t.contact_id AND tie.place = 1
    LEFT JOIN outreach_log l ON l.contact_id = t.contact_id AND l.campaign_id = :campaign_id AND l.step = 1
    ORDER BY t.priority, t.icp_score DESC, t.contact_id
"""
)
ENQUEUE = """
    INSERT INTO outreach_log (
        campaign_id, contact_id, step, outreach_type, status, planned_on, message_id, message, message_sha256, campaign_version, created_at
    )
    VALUES (
        :campaign_id, :contact_id, 1, :outreach_type, 'queued', :planned_on, :message_id, :message, :message_sha256, :version, :now
    )
    ON CONFLICT (campaign_id, contact_id, step) DO UPDATE SET
        status = 'queued', error_message = NULL,
        planned_on = CASE outreach_log.status WHEN 'queued' THEN outreach_log.planned_on ELSE excluded.planned_on END,
        message_id = excluded.message_id,
        message = excluded.message, message_sha256 = excluded.message_sha256, campaign_version = excluded.campaign_version
    WHERE outreach_log.status IN ('cancelled', 'queued')
"""
CANCEL = "UPDATE outreach_log SET status = 'cancelled', error_message = :reason WHERE id = :id AND status = 'queued'"
CLEAR_EXCLUSIONS = "DELETE FROM outreach_exclusions WHERE campaign_id = :campaign_id"
ADD_EXCLUSION = "INSERT INTO outreach_exclusions (campaign_id, contact_id, reason) VALUES (:campaign_id, :contact_id, :reason)"
READ_QUEUED = (
    _TIES
    + """
    SELECT
        l.id, l.campaign_id, c.name AS campaign, l.contact_id, l.outreach_type, l.status, l.planned_on, l.message_id, l.message,
        l.message_sha256, e.full_name, e.title, e.company_name AS company, e.work_email, e.linkedin_url,
        t.icp_score, t.priority, t.targeting_reason, tie.mutual_connection
    FROM outreach_log l
    JOIN outreach_campaigns c ON c.id = l.campaign_id
    LEFT JOIN enriched_contacts e ON e.contact_id = l.contact_id
    LEFT JOIN icp_targets t ON t.contact_id = l.contact_id
    LEFT JOIN ties tie ON tie.contact_id = l.contact_id AND tie.place = 1
    WHERE l.status = 'queued' AND l.outreach_type = :outreach_type
    ORDER BY t.priority, t.icp_score DESC, l.contact_id
"""
)
# Whoever has a message of the same type on the way by another campaign.
READ_PENDING_ELSEWHERE = """
    SELECT l.contact_id, c.name AS campaign, e.work_email
    FROM outreach_log l
    JOIN outreach_campaigns c ON c.id = l.campaign_id
    LEFT JOIN enriched_contacts e ON e.contact_id = l.contact_id
    WHERE l.campaign_id <> :campaign_id
        AND l.outreach_type = :outreach_type
        AND l.status IN ('queued', 'claimed', 'sending', 'uncertain')
    ORDER BY l.id
"""
COUNT_DOUBLES = """
    SELECT count(*) FROM (
        SELECT contact_id FROM outreach_log
        WHERE outreach_type = :outreach_type AND status = 'queued'
        GROUP BY contact_id
        HAVING count(*) > 1
    ) doubles
"""
# Which rows of outreach_log are those of a queue.
ROWS_OF_TYPE = {"email": "outreach_type = 'email'", "linkedin_message": "outreach_type = 'linkedin_message'"}
COUNT_PLANNED = """
    SELECT count(*) FROM outreach_log
    WHERE campaign_id = :campaign_id AND planned_on = :planned_on AND status <> 'cancelled'
"""
COUNT_EXCLUSIONS = """
    SELECT c.name AS campaign, x.reason, count(*) AS contacts
    FROM outreach_exclusions x
    JOIN outreach_campaigns c ON c.id = x.campaign_id
    WHERE c.type = :outreach_type
    GROUP BY c.name, x.reason
    ORDER BY c.name, contacts DESC, x.reason
"""


@dataclass(frozen=True, slots=True)
class QueuedMessage:
    """A new row of outreach_log."""

    contact_id: int
    message_id: str | None
    message: str
    message_sha256: str


def read_candidates(db: Database, campaign_id: int) -> pd.DataFrame:
    """Targets, the best first, with what a message needs and the state of their message in this campaign, if any."""
    return read_frame(db, READ_CANDIDATES, {"campaign_id": campaign_id})


def update_queue(
    db: Database,
    campaign_id: int,
    outreach_type: str,
    version: str,
    messages: Iterable[QueuedMessage],
    cancelled: Mapping[int, str],
    exclusions: Mapping[int, str],
    planned_on: str,
    now: str,
) -> None:
    """Adds messages, withdraws others and replaces the campaign's exclusions, in one transaction.

    Args:
        cancelled: id of outreach_log → reason. exclusions: contact id → reason.
    """
    fixed = {"campaign_id": campaign_id, "outreach_type": outreach_type, "version": version, "planned_on": planned_on, "now": now}
    with transaction(db) as connection:
        connection.executemany(CANCEL, [{"id": id_, "reason": reason} for id_, reason in cancelled.items()])
        connection.executemany(
            ENQUEUE,
            [
                {
                    **fixed,
                    "contact_id": message.contact_id,
                    "message_id": message.message_id,
                    "message": message.message,
                    "message_sha256": message.message_sha256,
                }
                for message in messages
            ],
        )
        connection.execute(CLEAR_EXCLUSIONS, {"campaign_id": campaign_id})
        connection.executemany(
            ADD_EXCLUSION,
            [{"campaign_id": campaign_id, "contact_id": contact_id, "reason": reason} for contact_id, reason in exclusions.items()],
        )


def cancel(db: Database, cancelled: Mapping[int, str]) -> None:
    """Withdraws queued messages.

    Args:
        cancelled: id of outreach_log → reason.
    """
    with transaction(db) as connection:
        connection.executemany(CANCEL, [{"id": id_, "reason": reason} for id_, reason in cancelled.items()])


def read_queued(db: Database, outreach_type: str) -> pd.DataFrame:
    """Queued messages, the best targets first, with the person as known now."""
    return read_frame(db, READ_QUEUED, {"outreach_type": outreach_type})


def read_pending_elsewhere(db: Database, campaign_id: int, outreach_type: str) -> pd.DataFrame:
    """`contact_id`, `campaign`, `work_email` of whoever has a message on the way by another campaign."""
    return read_frame(db, READ_PENDING_ELSEWHERE, {"campaign_id": campaign_id, "outreach_type": outreach_type})


def count_doubles(db: Database, outreach_type: str) -> int:
    """People with more than one queued message, over all campaigns of a type."""
    return int(db.conn.execute(COUNT_DOUBLES, {"outreach_type": outreach_type}).fetchone()[0])


def count_planned(db: Database, campaign_id: int, planned_on: str) -> int:
    """Messages of a campaign that were put on a day's list."""
    return int(db.conn.execute(COUNT_PLANNED, {"campaign_id": campaign_id, "planned_on": planned_on}).fetchone()[0])


def count_exclusions(db: Database, outreach_type: str) -> pd.DataFrame:
    """`campaign`, `reason`, `contacts`: who was left out and why."""
    return read_frame(db, COUNT_EXCLUSIONS, {"outreach_type": outreach_type})
