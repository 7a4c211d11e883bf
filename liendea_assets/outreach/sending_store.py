"""The SQL of sending: the states that an e-mail goes through in outreach_log, each change on the state that it follows."""

import json
from collections.abc import Iterable, Mapping, Sequence
from sqlite3 import Connection, Row

# Follow-ups and what was tried before come first: who was begun with is done before anybody new is written to. By their moments alone
# a mailbox of a few messages a day never came back to those whose server had asked for it.
READ_DUE = """
    SELECT l.id, l.mailbox
    FROM outreach_log l
    JOIN outreach_campaigns c ON c.id = l.campaign_id
    WHERE l.status = 'queued' AND l.outreach_type = 'email' AND l.send_after <= :now AND (:campaign IS NULL OR c.name = :campaign)
    ORDER BY
        (l.attempts > 0 OR EXISTS (
            SELECT 1 FROM outreach_log p
            WHERE p.campaign_id = l.campaign_id AND p.contact_id = l.contact_id AND p.status IN ('sent', 'responded')
        )) DESC,
        l.send_after, l.id
"""
COUNT_QUEUED = """
    SELECT count(*) AS queued
    FROM outreach_log l
    JOIN outreach_campaigns c ON c.id = l.campaign_id
    WHERE l.status = 'queued' AND l.outreach_type = 'email' AND (:campaign IS NULL OR c.name = :campaign)
"""
READ_MESSAGE = """
    SELECT l.*, c.name AS campaign FROM outreach_log l JOIN outreach_campaigns c ON c.id = l.campaign_id WHERE l.id = :id
"""
READ_WHOM = """
    SELECT id, campaign_id, contact_id, recipient FROM outreach_log WHERE id IN (SELECT value FROM json_each(:ids)) ORDER BY id
"""
# What may change at any moment until the last one.
READ_STANDING = """
    SELECT
        l.status,
        c.status = 'active' AND coalesce(c.start_date <= :today, 1) AND coalesce(c.end_date >= :today, 1) AS is_running,
        EXISTS (
            SELECT 1 FROM outreach_approvals a
            WHERE a.campaign_id = l.campaign_id AND a.version = l.campaign_version AND a.revoked_at IS NULL
        ) AS is_approved
    FROM outreach_log l
    JOIN outreach_campaigns c ON c.id = l.campaign_id
    WHERE l.id = :id
"""
CLAIM = """
    UPDATE outreach_log SET
        status = 'claimed', claimed_at = :now, attempts = attempts + 1, gate = :gate, message = :message, message_sha256 = :message_sha256,
        smtp_code = NULL, error_message = NULL, settled_by = NULL, settled_at = NULL
    WHERE id = :id AND status = 'queued'
"""
BLOCK = """
    UPDATE outreach_log SET error_message = :reason WHERE id = :id AND status = 'queued' AND error_message IS NOT :reason
"""
KEEP_EVIDENCE = "UPDATE outreach_log SET gate = :gate WHERE id = :id AND status = 'queued' AND gate IS NOT :gate"
BEGIN_SENDING = "UPDATE outreach_log SET status = 'sending' WHERE id = :id AND status = 'claimed'"
MARK_SENT = """
    UPDATE outreach_log SET status = 'sent', sent_at = :now, smtp_code = :code, error_message = NULL WHERE id = :id AND status = 'sending'
"""
TRY_AGAIN = """
    UPDATE outreach_log SET
        status = 'queued', send_after = :send_after, schedule_reason = :reason, smtp_code = :code, error_message = :reason
    WHERE id = :id AND status IN ('claimed', 'sending')
"""
GIVE_BACK = """
    UPDATE outreach_log SET status = 'queued', attempts = max(0, attempts - 1), error_message = :reason
    WHERE id = :id AND status = 'claimed'
"""
CANCEL = "UPDATE outreach_log SET status = 'cancelled', error_message = :reason WHERE id = :id AND status IN ('queued', 'claimed')"
FAIL = """
    UPDATE outreach_log SET
        status = 'failed', smtp_code = :code, error_message = :reason,
        bounce = CASE WHEN :is_hard THEN 'hard' ELSE bounce END, bounced_at = CASE WHEN :is_hard THEN :now ELSE bounced_at END
    WHERE id = :id AND status IN ('claimed', 'sending')
"""
MARK_UNCERTAIN = "UPDATE outreach_log SET status = 'uncertain', error_message = :reason WHERE id = :id AND status = 'sending'"
RELEASE_CLAIMED = """
    UPDATE outreach_log SET status = 'queued', attempts = max(0, attempts - 1) WHERE status = 'claimed' AND outreach_type = 'email'
"""
RELEASE_SENDING = """
    UPDATE outreach_log SET status = 'uncertain', error_message = :reason WHERE status = 'sending' AND outreach_type = 'email'
"""
# When the oldest of the newest so many messages went out, or may have.
READ_NTH_LAST = """
    SELECT coalesce(sent_at, claimed_at) AS moment
    FROM outreach_log
    WHERE outreach_type = 'email' AND status IN ('sending', 'uncertain', 'sent', 'responded') AND coalesce(sent_at, claimed_at) > :since
    ORDER BY moment DESC
    LIMIT 1 OFFSET :others
"""
READ_UNCERTAIN = """
    SELECT l.id, c.name AS campaign, l.contact_id, l.step, l.mailbox, l.recipient, l.message_id, l.claimed_at, l.error_message
    FROM outreach_log l
    JOIN outreach_campaigns c ON c.id = l.campaign_id
    WHERE l.status = 'uncertain'
    ORDER BY l.id
"""
SETTLE_SENT = """
    UPDATE outreach_log SET
        status = 'sent', sent_at = coalesce(claimed_at, :now), settled_by = :by, settled_at = :now, error_message = :because
    WHERE id = :id AND status = 'uncertain'
"""
SETTLE_NOT_SENT = """
    UPDATE outreach_log SET
        status = 'queued', settled_by = :by, settled_at = :now, error_message = :because,
        send_after = :now, schedule_reason = 'it was not sent'
    WHERE id = :id AND status = 'uncertain'
"""


def read_due(connection: Connection, now: str, campaign: str | None) -> list[tuple[int, str | None]]:
    """(id, mailbox) of the queued e-mails whose moment has come, in the order in which they go out."""
    return [(row["id"], row["mailbox"]) for row in connection.execute(READ_DUE, {"now": now, "campaign": campaign})]


def count_queued(connection: Connection, campaign: str | None) -> int:
    """Queued e-mails, due or not."""
    return int(connection.execute(COUNT_QUEUED, {"campaign": campaign}).fetchone()["queued"])


def read_message(connection: Connection, id_: int) -> dict[str, object]:
    """A row of outreach_log with `campaign`, the name."""
    return dict(connection.execute(READ_MESSAGE, {"id": id_}).fetchone())


def read_whom(connection: Connection, ids: Iterable[int]) -> list[dict[str, object]]:
    """`id`, `campaign_id`, `contact_id`, `recipient` of some rows of outreach_log."""
    return [dict(row) for row in connection.execute(READ_WHOM, {"ids": json.dumps(list(ids))})]


def read_version(connection: Connection) -> int:
    """A number that another connection's commit changes, and no commit of this one."""
    return int(connection.execute("PRAGMA data_version").fetchone()[0])


def read_standing(connection: Connection, id_: int, today: str) -> Row:
    """`status`, `is_running` (its campaign) and `is_approved` (its version of it) of a message, as they are now."""
    found = connection.execute(READ_STANDING, {"id": id_, "today": today}).fetchone()
    assert isinstance(found, Row)
    return found


def execute(connection: Connection, statement: str, parameters: Mapping[str, object]) -> bool:
    """Runs one of the statements above. Returns whether the row was in the state that the statement follows."""
    return connection.execute(statement, parameters).rowcount == 1


def release(connection: Connection, reason: str) -> tuple[int, int]:
    """What a sender that ended left behind: what it had claimed is queued again, what may be out is uncertain. Returns how many of each."""
    claimed = connection.execute(RELEASE_CLAIMED).rowcount
    return claimed, connection.execute(RELEASE_SENDING, {"reason": reason}).rowcount


def read_nth_last(connection: Connection, most: int, since: str) -> str | None:
    """When the message went out after which `most` - 1 more did since; None where there were fewer."""
    row = connection.execute(READ_NTH_LAST, {"others": most - 1, "since": since}).fetchone()
    return str(row["moment"]) if row else None


def read_uncertain(connection: Connection) -> Sequence[Row]:
    """`id`, `campaign`, `contact_id`, `step`, `mailbox`, `recipient`, `message_id`, `claimed_at`, `error_message` of what may be out."""
    return connection.execute(READ_UNCERTAIN).fetchall()


def settle(connection: Connection, ids: Iterable[int], *, is_sent: bool, by: str, because: str, now: str) -> int:
    """Says of uncertain messages what became of them. Returns how many were uncertain."""
    statement = SETTLE_SENT if is_sent else SETTLE_NOT_SENT
    rows = [{"id": id_, "by": by, "because": because, "now": now} for id_ in ids]
    return sum(connection.execute(statement, row).rowcount for row in rows)
