"""The schema of the desk: who did what there, and which messages were looked at. Never edited after its release."""

STATEMENTS = (
    # Written before the action, so that one that was cut off is seen; subject holds ids of rows, nobody's data.
    """
    CREATE TABLE desk_actions (
        id INTEGER PRIMARY KEY,
        action TEXT NOT NULL,
        subject TEXT NOT NULL DEFAULT '',
        acted_by TEXT NOT NULL,
        acted_at TEXT NOT NULL,
        outcome TEXT CHECK (outcome = 'done' OR outcome = 'refused')
    ) STRICT
    """,
    # which of the messages that came back somebody has looked at
    """
    CREATE TABLE desk_seen_messages (
        inbox_message_id INTEGER PRIMARY KEY REFERENCES inbox_messages (id),
        seen_by TEXT NOT NULL,
        seen_at TEXT NOT NULL
    ) STRICT
    """,
    "CREATE INDEX idx_desk_actions_time ON desk_actions (acted_at)",
)
