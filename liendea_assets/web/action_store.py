"""The SQL of desk_actions: who did what at the desk, noted before it is done."""

from liendea_assets.db.connection import Database, transaction

BEGIN = "INSERT INTO desk_actions (action, acted_by, acted_at) VALUES (:action, :by, :now) RETURNING id"
END = "UPDATE desk_actions SET outcome = :outcome, subject = :subject WHERE id = :id"


def begin(db: Database, action: str, by: str, now: str) -> int:
    """Notes that somebody wants something done. Returns the entry's id."""
    with transaction(db) as connection:
        return int(connection.execute(BEGIN, {"action": action, "by": by, "now": now}).fetchone()["id"])


def end(db: Database, id_: int, outcome: str, subject: str) -> None:
    """Notes what became of it.

    Args:
        outcome: done or refused.
        subject: ids of rows; nobody's data.
    """
    with transaction(db) as connection:
        connection.execute(END, {"id": id_, "outcome": outcome, "subject": subject})
