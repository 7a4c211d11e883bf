"""The schema of the team's network: what exports tell of each tie, ties that come and go, differences between exports.

Never edited after its release. Foreign keys are off while migrations run, and checked before the result is accepted.
"""

_ACTIVITY = (
    # a person is known by a profile, or by the row of Connections.csv that bears the name; not known is missing, never 0
    """
    CREATE TABLE new_linkedin_activity (
        id INTEGER PRIMARY KEY,
        file_id INTEGER NOT NULL REFERENCES import_files (id),
        linkedin_id TEXT,
        row_number INTEGER,
        sent REAL CHECK (sent >= 0),
        received REAL CHECK (received >= 0),
        first_sent_on TEXT,
        last_sent_on TEXT,
        last_received_on TEXT,
        invited_by TEXT CHECK (invited_by IN ('owner', 'contact')),
        invited_on TEXT,
        endorsements_given INTEGER NOT NULL DEFAULT 0 CHECK (endorsements_given >= 0),
        endorsements_received INTEGER NOT NULL DEFAULT 0 CHECK (endorsements_received >= 0),
        recommendations_given INTEGER NOT NULL DEFAULT 0 CHECK (recommendations_given >= 0),
        recommendations_received INTEGER NOT NULL DEFAULT 0 CHECK (recommendations_received >= 0),
        UNIQUE (file_id, row_number),
        CHECK (linkedin_id IS NOT NULL OR row_number IS NOT NULL)
    ) STRICT
    """,
    """
    INSERT INTO new_linkedin_activity (id, file_id, linkedin_id, row_number, sent, received, last_received_on)
    SELECT
        a.id, a.file_id, a.linkedin_id,
        (SELECT min(r.row_number) FROM linkedin_rows r WHERE r.file_id = a.file_id AND r.linkedin_id = a.linkedin_id),
        a.sent, a.received, a.last_received_on
    FROM linkedin_activity a
    """,
    # version 0.1 knew of messages only by there being some
    """
    CREATE TABLE linkedin_exports (
        file_id INTEGER PRIMARY KEY REFERENCES import_files (id),
        has_messages INTEGER NOT NULL CHECK (has_messages IN (0, 1))
    ) STRICT
    """,
    """
    INSERT INTO linkedin_exports (file_id, has_messages)
    SELECT id, EXISTS (SELECT 1 FROM linkedin_activity a WHERE a.file_id = import_files.id)
    FROM import_files
    WHERE kind = 'linkedin_export' AND error IS NULL
    """,
    "DROP TABLE linkedin_activity",
    "ALTER TABLE new_linkedin_activity RENAME TO linkedin_activity",
    """
    CREATE TABLE linkedin_positions (
        id INTEGER PRIMARY KEY,
        file_id INTEGER NOT NULL REFERENCES import_files (id),
        company_name TEXT NOT NULL,
        started_year INTEGER,
        finished_year INTEGER
    ) STRICT
    """,
    "CREATE INDEX idx_linkedin_positions_file ON linkedin_positions (file_id)",
)

_TIES = (
    "ALTER TABLE linkedin_connections ADD COLUMN is_current INTEGER NOT NULL DEFAULT 1 CHECK (is_current IN (0, 1))",
    # An id that follows from the pair: a tie that goes with a merge and comes back with its undoing is the same row.
    "UPDATE linkedin_connections SET id = (contact_id << 32) | connected_to_id",
)

_CHANGES = (
    """
    CREATE TABLE network_changes (
        from_file_id INTEGER NOT NULL REFERENCES import_files (id),
        to_file_id INTEGER NOT NULL REFERENCES import_files (id),
        contact_id INTEGER NOT NULL REFERENCES contacts (id),
        kind TEXT NOT NULL CHECK (kind IN ('new_connection', 'lost_connection', 'job_change', 'title_change')),
        owner_id INTEGER NOT NULL REFERENCES contacts (id),
        old_company TEXT,
        new_company TEXT,
        old_title TEXT,
        new_title TEXT,
        seen_on TEXT,
        PRIMARY KEY (from_file_id, to_file_id, contact_id, kind)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX idx_network_changes_contact ON network_changes (contact_id)",
)

STATEMENTS = (*_ACTIVITY, *_TIES, *_CHANGES)
