"""The schema of providers: hashes of rejected answers, and jobs that providers work on.

Never edited after its release. Foreign keys are off while migrations run, and checked before the result is accepted.
"""

STATEMENTS = (
    # of an answer that did not fit nothing is kept but this and the reason
    "ALTER TABLE contact_enrichment ADD COLUMN answer_hash TEXT",
    # submitting: the call is about to be made or was broken off, so that nobody knows whether the provider took it
    """
    CREATE TABLE provider_jobs (
        id INTEGER PRIMARY KEY,
        source TEXT NOT NULL CHECK (source <> ''),
        operation TEXT NOT NULL,
        reference TEXT,
        state TEXT NOT NULL CHECK (state IN ('submitting', 'open', 'closed')),
        submitted_at TEXT NOT NULL,
        next_poll_at TEXT NOT NULL,
        deadline_at TEXT NOT NULL,
        outcome TEXT,
        CHECK (state <> 'open' OR reference IS NOT NULL)
    ) STRICT
    """,
    """
    CREATE TABLE provider_job_contacts (
        job_id INTEGER NOT NULL REFERENCES provider_jobs (id),
        contact_id INTEGER NOT NULL REFERENCES contacts (id),
        position INTEGER NOT NULL CHECK (position >= 0),
        PRIMARY KEY (job_id, contact_id)
    ) STRICT
    """,
    "CREATE INDEX idx_provider_job_contacts ON provider_job_contacts (contact_id)",
)
