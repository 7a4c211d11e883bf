"""The SQL of contact_outcomes: what became of contacts, as entered by hand."""

import pandas as pd

from liendea_assets.db.connection import Database, read_frame, transaction

FIND_CONTACT = "SELECT coalesce(merged_into, id) AS id FROM contacts WHERE id = :contact_id"
FIRST_MESSAGE = """
    SELECT min(l.sent_at) AS sent_at
    FROM outreach_log l
    JOIN contacts c ON c.id = l.contact_id
    WHERE coalesce(c.merged_into, c.id) = :contact_id AND l.sent_at <= :until
"""
ADD_OUTCOME = """
    INSERT INTO contact_outcomes (contact_id, kind, happened_on, icp_score, points, scored_as_of, noted_by, noted_at)
    VALUES (:contact_id, :kind, :happened_on, :icp_score, :points, :scored_as_of, :noted_by, :now)
    ON CONFLICT (contact_id, kind, happened_on) WHERE undone_at IS NULL DO NOTHING
    RETURNING id
"""
UNDO_OUTCOME = "UPDATE contact_outcomes SET undone_at = :now WHERE id = :id AND undone_at IS NULL"
FIND_OUTCOME = """
    SELECT coalesce(c.merged_into, c.id) AS contact_id
    FROM contact_outcomes o
    JOIN contacts c ON c.id = o.contact_id
    WHERE o.id = :id
"""
LIST_OUTCOMES = """
    SELECT o.id, coalesce(c.merged_into, c.id) AS contact_id, o.kind, o.happened_on, o.icp_score, o.noted_by, o.noted_at, o.undone_at
    FROM contact_outcomes o
    JOIN contacts c ON c.id = o.contact_id
    ORDER BY o.id
"""


def find_contact(db: Database, contact_id: int) -> int | None:
    """The id that a contact goes by now; None where there is no such contact."""
    row = db.conn.execute(FIND_CONTACT, {"contact_id": contact_id}).fetchone()
    return int(row["id"]) if row else None


def first_message(db: Database, contact_id: int, until: str) -> str | None:
    """When the first message went out to a contact, up to a time."""
    sent_at = db.conn.execute(FIRST_MESSAGE, {"contact_id": contact_id, "until": until}).fetchone()["sent_at"]
    return None if sent_at is None else str(sent_at)


def add_outcome(db: Database, outcome: dict[str, object]) -> int | None:
    """Adds a row; None where the same stands already."""
    with transaction(db) as connection:
        row = connection.execute(ADD_OUTCOME, outcome).fetchone()
    return int(row["id"]) if row else None


def undo_outcome(db: Database, outcome_id: int, now: str) -> bool:
    """Takes one back; False where it was undone already."""
    with transaction(db) as connection:
        return connection.execute(UNDO_OUTCOME, {"id": outcome_id, "now": now}).rowcount > 0


def contact_of(db: Database, outcome_id: int) -> int | None:
    """Whose outcome it is; None where there is no such outcome."""
    row = db.conn.execute(FIND_OUTCOME, {"id": outcome_id}).fetchone()
    return int(row["contact_id"]) if row else None


def list_outcomes(db: Database) -> pd.DataFrame:
    """All outcomes, the undone ones too."""
    return read_frame(db, LIST_OUTCOMES)
