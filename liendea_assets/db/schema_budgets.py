"""The schema of budgets: what each call to a provider may cost and did cost.

Never edited after its release.
"""

STATEMENTS = (
    # spent: NULL while the call is under way, and for ever where nobody knows what it cost; then it counts as the most
    """
    CREATE TABLE provider_spending (
        id INTEGER PRIMARY KEY,
        source TEXT NOT NULL CHECK (source <> ''),
        operation TEXT NOT NULL,
        people INTEGER NOT NULL CHECK (people >= 0),
        most REAL NOT NULL CHECK (most >= 0),
        spent REAL CHECK (spent >= 0),
        reserved_at TEXT NOT NULL,
        settled_at TEXT
    ) STRICT
    """,
    "CREATE INDEX idx_provider_spending_open ON provider_spending (source, reserved_at) WHERE spent IS NULL",
    # kept beside the calls, so that a month of them need not be added up before each call
    """
    CREATE TABLE provider_spending_days (
        source TEXT NOT NULL,
        day TEXT NOT NULL,
        calls INTEGER NOT NULL CHECK (calls >= 0),
        people INTEGER NOT NULL CHECK (people >= 0),
        credits REAL NOT NULL,
        PRIMARY KEY (source, day)
    ) STRICT
    """,
    # of jobs: what was reserved when it was handed in is settled when its answers come
    "ALTER TABLE provider_jobs ADD COLUMN spending_id INTEGER REFERENCES provider_spending (id)",
)
