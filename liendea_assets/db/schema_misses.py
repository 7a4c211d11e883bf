"""The schema of what one of a provider's operations did not find.

Never edited after its release.
"""

STATEMENTS = (
    # kept while a later operation waits for its own limits: the earlier one is paid for and need not be asked again
    """
    CREATE TABLE provider_misses (
        source TEXT NOT NULL CHECK (source <> ''),
        operation TEXT NOT NULL CHECK (operation <> ''),
        contact_id INTEGER NOT NULL REFERENCES contacts (id),
        cost REAL NOT NULL CHECK (cost >= 0),
        expires_at TEXT NOT NULL,
        PRIMARY KEY (source, operation, contact_id)
    ) STRICT
    """,
    "CREATE INDEX idx_provider_misses_contact ON provider_misses (contact_id)",
)
