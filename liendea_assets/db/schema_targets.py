"""The schema of targets: who is suppressed among the contacts, lists that can be compared, outcomes entered by hand, the back-test.

Never edited after its release.
"""

_SUPPRESSED = (
    # Contacts found among the suppressions, which are keyed hashes that SQL cannot compare. They are neither scored nor targeted.
    """
    CREATE TABLE suppressed_contacts (
        contact_id INTEGER PRIMARY KEY REFERENCES contacts (id),
        reason TEXT NOT NULL
    ) STRICT
    """,
    # which entries the contacts were compared with, and how often somebody came or went since
    """
    CREATE TABLE suppression_state (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        entries TEXT NOT NULL,
        changes INTEGER NOT NULL CHECK (changes >= 0)
    ) STRICT
    """,
    "INSERT INTO suppression_state (id, entries, changes) VALUES (1, '0 0', 0)",
    # Of whom another address or profile became known since; nobody while nothing is suppressed, since the first entry looks at all.
    """
    CREATE TABLE suppression_due (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        contact_id INTEGER NOT NULL
    ) STRICT
    """,
    """
    CREATE TRIGGER source_of_contact_is_new AFTER INSERT ON contact_sources
    WHEN EXISTS (SELECT 1 FROM suppressions)
    BEGIN
        INSERT INTO suppression_due (contact_id) VALUES (new.contact_id);
    END
    """,
    """
    CREATE TRIGGER source_of_contact_is_anothers AFTER UPDATE OF contact_id ON contact_sources
    WHEN old.contact_id <> new.contact_id AND EXISTS (SELECT 1 FROM suppressions)
    BEGIN
        INSERT INTO suppression_due (contact_id) VALUES (new.contact_id), (old.contact_id);
    END
    """,
    """
    CREATE TRIGGER answer_about_contact_is_new AFTER INSERT ON contact_enrichment
    WHEN (new.work_email IS NOT NULL OR new.linkedin_url IS NOT NULL) AND EXISTS (SELECT 1 FROM suppressions)
    BEGIN
        INSERT INTO suppression_due (contact_id) VALUES (new.contact_id);
    END
    """,
    """
    CREATE TRIGGER answer_about_contact_is_another AFTER UPDATE ON contact_enrichment
    WHEN (old.work_email IS NOT new.work_email OR old.linkedin_url IS NOT new.linkedin_url) AND EXISTS (SELECT 1 FROM suppressions)
    BEGIN
        INSERT INTO suppression_due (contact_id) VALUES (new.contact_id);
    END
    """,
    """
    CREATE TRIGGER enriched_contact_is_new_to_suppressions AFTER INSERT ON enriched_contacts
    WHEN EXISTS (SELECT 1 FROM suppressions)
    BEGIN
        INSERT INTO suppression_due (contact_id) VALUES (new.contact_id);
    END
    """,
    """
    CREATE TRIGGER enriched_contact_has_another_address AFTER UPDATE ON enriched_contacts
    WHEN (old.work_email IS NOT new.work_email OR old.linkedin_url IS NOT new.linkedin_url) AND EXISTS (SELECT 1 FROM suppressions)
    BEGIN
        INSERT INTO suppression_due (contact_id) VALUES (new.contact_id);
    END
    """,
    # at once, whatever else is running: who is suppressed stands nowhere any more, and those of the same company are due
    """
    CREATE TRIGGER contact_is_suppressed AFTER INSERT ON suppressed_contacts
    BEGIN
        DELETE FROM icp_targets WHERE contact_id = new.contact_id;
        DELETE FROM icp_score_rows WHERE contact_id = new.contact_id;
        INSERT INTO icp_score_due (contact_id, company_id)
        SELECT new.contact_id, (SELECT company_id FROM enriched_contacts WHERE contact_id = new.contact_id);
    END
    """,
    """
    CREATE TRIGGER contact_is_suppressed_no_more AFTER DELETE ON suppressed_contacts
    BEGIN
        INSERT INTO icp_score_due (contact_id, company_id)
        SELECT old.contact_id, (SELECT company_id FROM enriched_contacts WHERE contact_id = old.contact_id);
    END
    """,
)

_TARGETS = (
    # what advanced the status; 1 is whom to ask about first, nobody's where everything is known
    "ALTER TABLE icp_targets ADD COLUMN status_reason TEXT",
    "ALTER TABLE icp_targets ADD COLUMN enrichment_priority INTEGER CHECK (enrichment_priority >= 1)",
    # {"priorities": [1, 2]}: whom the campaign's file names
    "ALTER TABLE outreach_campaigns ADD COLUMN audience TEXT NOT NULL DEFAULT '{}'",
    # a list differs from the one before it; the last two are kept
    """
    CREATE TABLE icp_target_lists (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        made_at TEXT NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE icp_target_list_rows (
        list_id INTEGER NOT NULL REFERENCES icp_target_lists (id) ON DELETE CASCADE,
        contact_id INTEGER NOT NULL,
        icp_score INTEGER NOT NULL CHECK (icp_score BETWEEN 0 AND 100),
        priority INTEGER NOT NULL CHECK (priority BETWEEN 1 AND 5),
        PRIMARY KEY (list_id, contact_id)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE icp_target_analysis (
        dimension TEXT NOT NULL
            CHECK (dimension = 'all' OR dimension = 'segment' OR dimension = 'industry' OR dimension = 'level' OR dimension = 'function'),
        value TEXT NOT NULL,
        contacts INTEGER NOT NULL CHECK (contacts >= 0),
        targets INTEGER NOT NULL CHECK (targets BETWEEN 0 AND contacts),
        mean_score REAL CHECK (mean_score BETWEEN 0 AND 100),
        came INTEGER NOT NULL CHECK (came BETWEEN 0 AND targets),
        gone INTEGER NOT NULL CHECK (gone >= 0),
        moved_up INTEGER NOT NULL CHECK (moved_up >= 0),
        moved_down INTEGER NOT NULL CHECK (moved_down >= 0),
        PRIMARY KEY (dimension, value)
    ) STRICT
    """,
)

_OUTCOMES = (
    # What became of a contact, and the score that they had when somebody decided by it: of the first message, else of the outcome.
    # points is JSON, part → points.
    """
    CREATE TABLE contact_outcomes (
        id INTEGER PRIMARY KEY,
        contact_id INTEGER NOT NULL REFERENCES contacts (id),
        kind TEXT NOT NULL CHECK (kind IN ('meeting', 'positive_reply', 'negative_reply')),
        happened_on TEXT NOT NULL CHECK (happened_on GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
        icp_score INTEGER CHECK (icp_score BETWEEN 0 AND 100),
        points TEXT,
        scored_as_of TEXT NOT NULL,
        noted_by TEXT NOT NULL,
        noted_at TEXT NOT NULL,
        undone_at TEXT
    ) STRICT
    """,
    "CREATE UNIQUE INDEX idx_contact_outcomes_once ON contact_outcomes (contact_id, kind, happened_on) WHERE undone_at IS NULL",
    """
    CREATE TABLE scoring_backtest (
        kind TEXT NOT NULL CHECK (kind IN ('all', 'band', 'part')),
        name TEXT NOT NULL,
        points INTEGER NOT NULL,
        outcomes INTEGER NOT NULL CHECK (outcomes >= 1),
        positive INTEGER NOT NULL CHECK (positive BETWEEN 0 AND outcomes),
        rate REAL NOT NULL CHECK (rate BETWEEN 0 AND 1),
        rate_low REAL NOT NULL CHECK (rate_low BETWEEN 0 AND 1),
        rate_high REAL NOT NULL CHECK (rate_high BETWEEN rate_low AND 1),
        lift REAL CHECK (lift >= 0),
        PRIMARY KEY (kind, name, points)
    ) STRICT
    """,
)

STATEMENTS = (*_SUPPRESSED, *_TARGETS, *_OUTCOMES)
