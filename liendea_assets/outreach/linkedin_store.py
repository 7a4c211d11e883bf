"""The SQL of the list of people to write to on LinkedIn by hand: who may stand on it, and who does."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from sqlite3 import Connection

import pandas as pd

from liendea_assets.db.connection import Database, read_frame, transaction

# Each contact's ties with those who know them now, the strongest in place 1.
_TIES = """
    WITH ties AS (
        SELECT
            k.contact_id, k.connected_to_id AS owner_id, o.full_name AS mutual_connection, k.strength, k.evidence,
            row_number() OVER (PARTITION BY k.contact_id ORDER BY k.strength DESC, k.connection_date, k.id) AS place
        FROM linkedin_connections k
        JOIN contacts o ON o.id = k.connected_to_id
        WHERE k.is_current = 1 AND k.connection_degree = 1
    )
"""
READ_CANDIDATES = (
    _TIES
    + """
    SELECT
        t.contact_id, t.icp_score, t.targeting_reason, t.priority, t.status AS target_status, e.full_name, e.first_name, e.last_name,
        e.title,
        e.company_id, e.company_name AS company, e.industry, e.employee_count, e.gtm_segment, e.country, e.time_zone,
        e.work_email, e.linkedin_url, tie.mutual_connection, tie.strength,
        tie.strength AS connection_strength, tie.owner_id IS NOT NULL AS has_tie
    FROM icp_targets t
    JOIN enriched_contacts e ON e.contact_id = t.contact_id
    LEFT JOIN ties tie ON tie.contact_id = t.contact_id AND tie.place = 1
    ORDER BY t.priority, tie.strength IS NULL, tie.strength DESC, t.icp_score DESC, t.contact_id
"""
)
# Every entry that was ever made for writing by hand, under the id that its contact goes by now.
READ_ENTRIES = """
    SELECT
        l.id, l.campaign_id, p.name AS campaign, coalesce(c.merged_into, c.id) AS contact_id, l.contact_id AS own_id, l.step, l.status,
        l.planned_on, l.sent_at, l.campaign_version
    FROM outreach_log l
    JOIN outreach_campaigns p ON p.id = l.campaign_id
    JOIN contacts c ON c.id = l.contact_id
    WHERE l.outreach_type <> 'email'
    ORDER BY l.planned_on, l.id
"""
READ_OPEN = """
    SELECT l.id, l.campaign_id, coalesce(c.merged_into, c.id) AS contact_id, l.step, l.message_sha256
    FROM outreach_log l
    JOIN contacts c ON c.id = l.contact_id
    WHERE l.outreach_type <> 'email' AND l.status = 'queued'
    ORDER BY l.id
"""
COUNT_EXCLUSIONS = """
    SELECT c.name AS campaign, x.reason, count(*) AS contacts
    FROM outreach_exclusions x
    JOIN outreach_campaigns c ON c.id = x.campaign_id
    WHERE c.type <> 'email'
    GROUP BY c.name, x.reason
    ORDER BY c.name, contacts DESC, x.reason
"""
# Who has been written to, over all campaigns and channels; an e-mail that may have gone out counts like one that has.
READ_CONTACTED = """
    SELECT
        coalesce(c.merged_into, c.id) AS contact_id,
        max(CASE WHEN l.status IN ('sent', 'responded') THEN l.sent_at END) AS last_sent_at,
        sum(l.sent_at > :week_ago) AS sent_this_week,
        max(l.status IN ('claimed', 'sending', 'uncertain')) AS is_on_the_way,
        max(l.response_at IS NOT NULL OR l.status = 'responded') AS has_answered
    FROM outreach_log l
    JOIN contacts c ON c.id = l.contact_id
    WHERE l.sent_at IS NOT NULL OR l.response_at IS NOT NULL OR l.status IN ('claimed', 'sending', 'uncertain', 'responded')
    GROUP BY coalesce(c.merged_into, c.id)
"""
# A follow-up waits in a campaign that has written already.
READ_IN_SEQUENCE = """
    SELECT DISTINCT coalesce(c.merged_into, c.id) AS contact_id
    FROM outreach_log l
    JOIN contacts c ON c.id = l.contact_id
    WHERE l.outreach_type = 'email'
        AND l.status = 'queued'
        AND EXISTS (
            SELECT 1
            FROM contacts d
            JOIN outreach_log s ON s.contact_id = d.id
            WHERE (d.id = coalesce(c.merged_into, c.id) OR d.merged_into = coalesce(c.merged_into, c.id))
                AND s.campaign_id = l.campaign_id
                AND s.sent_at IS NOT NULL
        )
"""
READ_STOPPED_CONTACTS = """
    SELECT coalesce(c.merged_into, c.id) AS contact_id
    FROM outreach_stops s
    JOIN contacts c ON c.id = s.contact_id
    WHERE s.lifted_at IS NULL
    UNION
    SELECT e.contact_id
    FROM outreach_stops s
    JOIN companies k ON k.id = s.company_id
    JOIN companies o ON coalesce(o.merged_into, o.id) = coalesce(k.merged_into, k.id)
    JOIN enriched_contacts e ON e.company_id = o.id
    WHERE s.lifted_at IS NULL
"""
READ_COOL_DOWNS = """
    SELECT coalesce(c.merged_into, c.id) AS contact_id, max(a.until) AS until
    FROM linkedin_actions a
    JOIN contacts c ON c.id = a.contact_id
    WHERE a.undone_at IS NULL AND a.until > :now
    GROUP BY coalesce(c.merged_into, c.id)
"""
# One entry counts once, however often it was taken back and done again.
COUNT_ACTED = """
    SELECT
        count(DISTINCT a.outreach_log_id) AS people,
        count(DISTINCT CASE WHEN a.is_invitation = 1 THEN a.outreach_log_id END) AS invitations,
        count(DISTINCT CASE WHEN a.has_note = 1 THEN a.outreach_log_id END) AS notes
    FROM linkedin_actions a
    JOIN outreach_log l ON l.id = a.outreach_log_id
    WHERE a.undone_at IS NULL AND a.action = 'done' AND a.acted_at > :since
"""
READ_ACTED_SINCE = """
    SELECT acted_at FROM linkedin_actions WHERE undone_at IS NULL AND action = 'done' AND acted_at > :since
    UNION ALL
    SELECT timestamp FROM rate_limit_tracking WHERE service = 'linkedin' AND timestamp > :since
    ORDER BY 1 DESC
"""
READ_INVITED_SINCE = """
    SELECT acted_at FROM linkedin_actions
    WHERE undone_at IS NULL AND is_invitation = 1 AND acted_at > :since
    ORDER BY acted_at DESC
"""
READ_NOTED_SINCE = """
    SELECT acted_at FROM linkedin_actions
    WHERE undone_at IS NULL AND has_note = 1 AND acted_at > :since
    ORDER BY acted_at DESC
"""
COUNT_BY_CAMPAIGN = """
    SELECT l.campaign_id, count(DISTINCT l.id) AS people
    FROM linkedin_actions a
    JOIN outreach_log l ON l.id = a.outreach_log_id
    WHERE a.undone_at IS NULL AND a.action = 'done' AND a.acted_at >= :day
    GROUP BY l.campaign_id
"""
LIST_ENTRY = """
    INSERT INTO outreach_log (
        campaign_id, contact_id, step, outreach_type, status, planned_on, message, message_sha256, campaign_version, created_at,
        token, variant, language
    )
    VALUES (
        :campaign_id, :contact_id, :step, :outreach_type, 'queued', :planned_on, :message, :message_sha256, :version, :now,
        :token, :variant, :language
    )
    ON CONFLICT (campaign_id, contact_id, step) DO UPDATE SET
        status = 'queued', error_message = NULL,
        planned_on = CASE outreach_log.status WHEN 'queued' THEN outreach_log.planned_on ELSE excluded.planned_on END,
        message = excluded.message, message_sha256 = excluded.message_sha256, campaign_version = excluded.campaign_version,
        token = excluded.token, variant = excluded.variant, language = excluded.language
    WHERE outreach_log.status IN ('cancelled', 'queued')
"""
WITHDRAW = "UPDATE outreach_log SET status = 'cancelled', error_message = :reason WHERE id = :id AND status = 'queued'"
CLEAR_EXCLUSIONS = "DELETE FROM outreach_exclusions WHERE campaign_id = :campaign_id"
ADD_EXCLUSION = "INSERT INTO outreach_exclusions (campaign_id, contact_id, reason) VALUES (:campaign_id, :contact_id, :reason)"
# What stands on a day's list, and what was done of it. Suppressed or stopped since the list was made: not shown.
READ_DAY = (
    _TIES
    + """
    , last_actions AS (
        SELECT a.*, row_number() OVER (PARTITION BY a.outreach_log_id ORDER BY a.id DESC) AS place
        FROM linkedin_actions a
        WHERE a.undone_at IS NULL
    )
    SELECT
        l.id, l.contact_id, coalesce(c.merged_into, c.id) AS person_id, l.campaign_id, p.name AS campaign, l.outreach_type, l.step,
        l.status, l.planned_on, l.message,
        e.full_name, e.title, e.company_name AS company, e.linkedin_url, t.icp_score, t.priority, t.targeting_reason,
        tie.mutual_connection AS colleague, tie.strength, tie.evidence, tie.owner_id,
        a.action, a.acted_by, a.acted_at, a.until, a.is_invitation, a.has_note
    FROM outreach_log l
    JOIN outreach_campaigns p ON p.id = l.campaign_id
    JOIN contacts c ON c.id = l.contact_id
    LEFT JOIN enriched_contacts e ON e.contact_id = coalesce(c.merged_into, c.id)
    LEFT JOIN icp_targets t ON t.contact_id = coalesce(c.merged_into, c.id)
    LEFT JOIN ties tie ON tie.contact_id = coalesce(c.merged_into, c.id) AND tie.place = 1
    LEFT JOIN last_actions a ON a.outreach_log_id = l.id AND a.place = 1
    WHERE l.outreach_type <> 'email'
        AND (
            (a.acted_at >= :day AND a.acted_at < :next_day)
            OR (l.status = 'queued' AND l.planned_on <= :day AND coalesce(c.merged_into, c.id) NOT IN (
                SELECT contact_id FROM suppressed_contacts
            ))
        )
    ORDER BY l.planned_on, t.priority, tie.strength IS NULL, tie.strength DESC, t.icp_score DESC, l.id
"""
)
READ_COLLEAGUES = """
    SELECT k.contact_id, o.full_name
    FROM linkedin_connections k
    JOIN contacts o ON o.id = k.connected_to_id
    WHERE k.is_current = 1 AND k.connection_degree = 1 AND k.contact_id IN (SELECT value FROM json_each(:ids))
    ORDER BY k.contact_id, k.strength DESC, k.connection_date, k.id
"""
# When a colleague and a contact wrote to each other last, whoever of the two it was.
READ_LAST_EXCHANGES = """
    SELECT
        s.contact_id, o.contact_id AS owner_id, max(max(coalesce(a.last_sent_on, ''), coalesce(a.last_received_on, ''))) AS last_on
    FROM contact_sources s
    JOIN linkedin_rows r ON r.id = s.row_id
    JOIN linkedin_activity a ON a.file_id = r.file_id AND a.row_number = r.row_number
    JOIN contact_sources o ON o.source = 'owner' AND o.row_id = r.file_id
    WHERE s.source = 'linkedin' AND s.contact_id IN (SELECT value FROM json_each(:ids))
    GROUP BY s.contact_id, o.contact_id
"""


@dataclass(frozen=True, slots=True)
class NewEntry:
    """A row of outreach_log to add, to write anew, or to put back on the list."""

    campaign_id: int
    contact_id: int
    step: int
    outreach_type: str
    message: str
    message_sha256: str
    version: str
    token: str | None
    variant: str | None
    language: str | None


def read_candidates(db: Database) -> pd.DataFrame:
    """Targets with what a message needs and the strongest tie, in the order in which they are served."""
    return read_frame(db, READ_CANDIDATES)


def read_entries(db: Database) -> pd.DataFrame:
    """Every entry for writing by hand: `id`, `campaign_id`, `campaign`, `contact_id` (by now), `own_id`, `step`, `status`, …."""
    return read_frame(db, READ_ENTRIES)


def read_open(db: Database) -> pd.DataFrame:
    """What waits to be written by hand: `id`, `campaign_id`, `contact_id` (by now), `step`, `message_sha256`."""
    return read_frame(db, READ_OPEN)


def count_exclusions(db: Database) -> pd.DataFrame:
    """`campaign`, `reason`, `contacts`: who is not listed and why."""
    return read_frame(db, COUNT_EXCLUSIONS)


def read_contacted(db: Database, week_ago: str) -> pd.DataFrame:
    """`contact_id`, `last_sent_at`, `sent_this_week`, `is_on_the_way`, `has_answered` of everybody who was written to."""
    return read_frame(db, READ_CONTACTED, {"week_ago": week_ago})


def read_in_sequence(db: Database) -> set[int]:
    """Contacts for whom an e-mail campaign that has written already holds a follow-up."""
    return {row["contact_id"] for row in db.conn.execute(READ_IN_SEQUENCE)}


def read_stopped(db: Database) -> set[int]:
    """Contacts who were stopped, themselves or with their company."""
    return {row["contact_id"] for row in db.conn.execute(READ_STOPPED_CONTACTS)}


def read_cool_downs(db: Database, now: str) -> dict[int, str]:
    """Contact id → until when a colleague left that person alone."""
    return {row["contact_id"]: row["until"] for row in db.conn.execute(READ_COOL_DOWNS, {"now": now})}


def count_acted(connection: Connection, since: str) -> dict[str, int]:
    """`people` who were written to by hand after a moment, `invitations` and `notes` among them."""
    return dict(connection.execute(COUNT_ACTED, {"since": since}).fetchone())


def read_acted_since(connection: Connection, since: str) -> list[str]:
    """When people were written to by hand, and when LinkedIn's API was called, the last one first."""
    return [row["acted_at"] for row in connection.execute(READ_ACTED_SINCE, {"since": since})]


def read_weekly(connection: Connection, kind: str, since: str) -> list[str]:
    """When invitations, or notes, were sent after a moment, the last one first."""
    sql = READ_INVITED_SINCE if kind == "invitations" else READ_NOTED_SINCE
    return [row["acted_at"] for row in connection.execute(sql, {"since": since})]


def count_by_campaign(db: Database, day: str) -> dict[int, int]:
    """Campaign id → people written to by hand since the beginning of a day."""
    return {row["campaign_id"]: row["people"] for row in db.conn.execute(COUNT_BY_CAMPAIGN, {"day": day})}


def update_list(
    db: Database,
    entries: Iterable[NewEntry],
    withdrawn: Mapping[int, str],
    exclusions: Mapping[int, Mapping[int, str]],
    planned_on: str,
    now: str,
) -> None:
    """Adds entries, withdraws others and replaces the campaigns' exclusions, in one transaction.

    Args:
        withdrawn: id of outreach_log → reason. exclusions: campaign id → contact id → reason.
    """
    with transaction(db) as connection:
        connection.executemany(WITHDRAW, [{"id": id_, "reason": reason} for id_, reason in withdrawn.items()])
        connection.executemany(LIST_ENTRY, [{**asdict(entry), "planned_on": planned_on, "now": now} for entry in entries])
        for campaign_id, reasons in exclusions.items():
            connection.execute(CLEAR_EXCLUSIONS, {"campaign_id": campaign_id})
            rows = [{"campaign_id": campaign_id, "contact_id": contact_id, "reason": reason} for contact_id, reason in reasons.items()]
            connection.executemany(ADD_EXCLUSION, rows)


def read_day(db: Database, day: str, next_day: str) -> pd.DataFrame:
    """What stands on the list of a day, and what was done on it."""
    return read_frame(db, READ_DAY, {"day": day, "next_day": next_day})


def read_colleagues(db: Database, ids: Collection[int]) -> dict[int, list[str]]:
    """Contact id → the colleagues who know them, the one with the strongest tie first."""
    found: dict[int, list[str]] = {}
    for row in db.conn.execute(READ_COLLEAGUES, {"ids": json.dumps(sorted(ids))}):
        found.setdefault(row["contact_id"], []).append(row["full_name"])
    return found


def read_last_exchanges(db: Database, ids: Collection[int]) -> dict[tuple[int, int], str]:
    """(contact id, colleague's id) → the day of their last message, where an export tells one."""
    rows = db.conn.execute(READ_LAST_EXCHANGES, {"ids": json.dumps(sorted(ids))})
    return {(row["contact_id"], row["owner_id"]): row["last_on"] for row in rows if row["last_on"]}
