"""The schema of files of decisions: what each row of each version says, so that a version is compared with the one before it.

Never edited after its release.
"""

STATEMENTS = (
    # The newest row about a pair is what its file says now; decision_id is the decision that the file made of it, missing where it
    # stood already. A row without a decision is blank, and without ids where they could not be read.
    """
    CREATE TABLE decision_rows (
        id INTEGER PRIMARY KEY,
        file_id INTEGER NOT NULL REFERENCES import_files (id),
        part TEXT NOT NULL,
        row_number INTEGER NOT NULL,
        verdict TEXT NOT NULL CHECK (verdict IN ('imported', 'merged', 'rejected', 'blank')),
        entity TEXT CHECK (entity IN ('contact', 'company')),
        left_id INTEGER,
        right_id INTEGER,
        decision TEXT CHECK (decision IN ('same', 'different')),
        decision_id INTEGER REFERENCES merge_decisions (id),
        UNIQUE (file_id, part, row_number),
        CHECK (left_id < right_id)
    ) STRICT
    """,
)
