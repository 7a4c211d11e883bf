"""The SQL of linkedin_actions: what colleagues did on LinkedIn by hand, and what that makes of outreach_log."""

from dataclasses import asdict, dataclass
from sqlite3 import Connection

FIND_ENTRY = """
    SELECT l.id, l.contact_id, coalesce(c.merged_into, c.id) AS person_id, l.status, l.outreach_type, l.message, l.sent_at, e.company_id,
        EXISTS (
            SELECT 1 FROM linkedin_connections k
            WHERE k.contact_id = coalesce(c.merged_into, c.id) AND k.is_current = 1 AND k.connection_degree = 1
        ) AS has_tie
    FROM outreach_log l
    JOIN contacts c ON c.id = l.contact_id
    LEFT JOIN enriched_contacts e ON e.contact_id = coalesce(c.merged_into, c.id)
    WHERE l.id = :id AND l.outreach_type <> 'email'
"""
READ_ACTIONS = """
    SELECT id, action, is_invitation, has_note, until, acted_by, acted_at
    FROM linkedin_actions
    WHERE outreach_log_id = :id AND undone_at IS NULL
    ORDER BY id
"""
ADD_ACTION = """
    INSERT INTO linkedin_actions (outreach_log_id, contact_id, action, is_invitation, has_note, until, acted_by, acted_at)
    VALUES (:outreach_log_id, :contact_id, :action, :is_invitation, :has_note, :until, :acted_by, :acted_at)
    RETURNING id
"""
UNDO_ACTION = "UPDATE linkedin_actions SET undone_at = :now WHERE id = :id"
REOPEN = "UPDATE outreach_log SET status = 'queued', error_message = NULL WHERE id = :id AND status <> 'queued'"
SET_STATE = """
    UPDATE outreach_log SET status = :status, sent_at = :sent_at, response_at = :response_at, error_message = :error_message WHERE id = :id
"""
ADD_STOP = """
    INSERT INTO outreach_stops (contact_id, company_id, reason, stopped_at) VALUES (:contact_id, :company_id, :reason, :now)
"""
LIFT_STOP = "UPDATE outreach_stops SET lifted_at = :now WHERE reason = :reason AND lifted_at IS NULL"


@dataclass(frozen=True, slots=True)
class NewAction:
    """A row of linkedin_actions."""

    outreach_log_id: int
    contact_id: int
    action: str
    is_invitation: bool
    has_note: bool
    until: str | None
    acted_by: str
    acted_at: str


def find_entry(connection: Connection, outreach_log_id: int) -> dict[str, object] | None:
    """An entry for writing by hand with what an action on it needs; None where there is none."""
    row = connection.execute(FIND_ENTRY, {"id": outreach_log_id}).fetchone()
    return None if row is None else dict(row)


def read_actions(connection: Connection, outreach_log_id: int) -> list[dict[str, object]]:
    """What was done about an entry and not taken back, in its order."""
    return [dict(row) for row in connection.execute(READ_ACTIONS, {"id": outreach_log_id})]


def add_action(connection: Connection, action: NewAction) -> int:
    """Notes an action. Returns its id."""
    return int(connection.execute(ADD_ACTION, asdict(action)).fetchone()["id"])


def mark_undone(connection: Connection, action_id: int, now: str) -> None:
    """Takes an action back."""
    connection.execute(UNDO_ACTION, {"id": action_id, "now": now})


def settle(connection: Connection, outreach_log_id: int) -> None:
    """Makes an entry say what the actions that stand say; every state is reached from the queued one."""
    standing = {str(row["action"]): row for row in read_actions(connection, outreach_log_id)}
    done, replied = standing.get("done"), standing.get("replied")
    put_off = standing.get("not_now") or standing.get("skip")
    state: dict[str, object] = {"status": "queued", "sent_at": None, "response_at": None, "error_message": None}
    if replied is not None or done is not None:
        state["status"] = "sent" if replied is None else "responded"
        state["sent_at"] = None if done is None else done["acted_at"]
        state["response_at"] = None if replied is None else replied["acted_at"]
    elif put_off is not None:
        state["status"] = "cancelled"
        state["error_message"] = f"left alone by a colleague until {str(put_off['until'])[:10]}"
    connection.execute(REOPEN, {"id": outreach_log_id})
    connection.execute(SET_STATE, {"id": outreach_log_id, **state})


def add_stop(connection: Connection, contact_id: int, company_id: int | None, reason: str, now: str) -> None:
    """Ends what is under way for a person and their company."""
    connection.execute(ADD_STOP, {"contact_id": contact_id, "company_id": company_id, "reason": reason, "now": now})


def lift_stop(connection: Connection, reason: str, now: str) -> None:
    """Takes a stop back."""
    connection.execute(LIFT_STOP, {"reason": reason, "now": now})
