"""The SQL of jobs that providers work on: provider_jobs and provider_job_contacts."""

import sqlite3
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from liendea_assets.core.clock import from_text, to_text
from liendea_assets.db.connection import Database, is_locked, transaction

ADD_JOB = """
    INSERT INTO provider_jobs (source, operation, state, submitted_at, next_poll_at, deadline_at, spending_id)
    VALUES (:source, :operation, 'submitting', :now, :deadline, :deadline, :spending_id)
    RETURNING id
"""
ADD_CONTACT = "INSERT INTO provider_job_contacts (job_id, contact_id, position) VALUES (?, ?, ?)"
OPEN_JOB = "UPDATE provider_jobs SET state = 'open', reference = :reference, next_poll_at = :next_poll_at WHERE id = :id"
POSTPONE_JOB = "UPDATE provider_jobs SET next_poll_at = :next_poll_at WHERE id = :id"
CLOSE_JOB = "UPDATE provider_jobs SET state = 'closed', outcome = :outcome WHERE id = :id"
READ_JOBS = """
    SELECT id, operation, reference, state, next_poll_at, deadline_at, spending_id
    FROM provider_jobs
    WHERE source = :source AND state <> 'closed'
    ORDER BY id
"""
READ_CONTACTS = "SELECT contact_id FROM provider_job_contacts WHERE job_id = :id ORDER BY position"

# Each waits for ten seconds. A job that was taken is paid for: its reference must not be lost to an import that writes for a minute.
MOST_TRIES = 12


@dataclass(frozen=True, slots=True)
class StoredJob:
    """A job that is not closed.

    Attributes:
        reference: the provider's id; None where the submission broke off.
        spending_id: what was set aside for it; None for a job of a former version.
    """

    id: int
    operation: str
    reference: str | None
    contact_ids: tuple[int, ...]
    next_poll_at: datetime
    deadline_at: datetime
    spending_id: int | None


class JobStore:
    """The jobs of one source. Threads may share one.

    Args:
        db: opened durable, since money follows each commit; nobody else's while a thread may use the store.
    """

    def __init__(self, db: Database, source: str) -> None:
        self._db = db
        self._source = source
        self._connection = threading.Lock()

    def add(self, operation: str, contact_ids: Sequence[int], now: datetime, deadline_at: datetime, spending_id: int) -> int:
        """Notes that a job is about to be submitted. Returns its id."""
        with self._connection, transaction(self._db) as connection:
            values = {
                "source": self._source,
                "operation": operation,
                "now": to_text(now),
                "deadline": to_text(deadline_at),
                "spending_id": spending_id,
            }
            job_id = int(connection.execute(ADD_JOB, values).fetchone()["id"])
            connection.executemany(ADD_CONTACT, [(job_id, contact_id, position) for position, contact_id in enumerate(contact_ids)])
        return job_id

    def open(self, job_id: int, reference: str, next_poll_at: datetime) -> None:
        """Notes that the provider has taken a job."""
        self._write(OPEN_JOB, id=job_id, reference=reference, next_poll_at=to_text(next_poll_at))

    def postpone(self, job_id: int, next_poll_at: datetime) -> None:
        """Notes when a job is asked for next."""
        self._write(POSTPONE_JOB, id=job_id, next_poll_at=to_text(next_poll_at))

    def close(self, job_id: int, outcome: str) -> None:
        """Notes that nothing more will come of a job."""
        self._write(CLOSE_JOB, id=job_id, outcome=outcome)

    def read(self) -> list[StoredJob]:
        """Jobs that are not closed, the oldest first."""
        with self._connection:
            rows = self._db.conn.execute(READ_JOBS, {"source": self._source}).fetchall()
            return [
                StoredJob(
                    row["id"],
                    row["operation"],
                    row["reference"] if row["state"] == "open" else None,
                    tuple(contact["contact_id"] for contact in self._db.conn.execute(READ_CONTACTS, {"id": row["id"]})),
                    from_text(row["next_poll_at"]),
                    from_text(row["deadline_at"]),
                    row["spending_id"],
                )
                for row in rows
            ]

    def _write(self, statement: str, **values: object) -> None:
        for tries_left in reversed(range(MOST_TRIES)):
            try:
                with self._connection, transaction(self._db) as connection:
                    connection.execute(statement, values)
                return
            except sqlite3.OperationalError as problem:
                if not tries_left or not is_locked(problem):
                    raise
