"""The schema of metrics: what is counted of each contact, which days of messages are to be counted again, and the figures.

Never edited after its release.
"""

_FIGURES = (
    """
    CREATE TABLE new_pipeline_metrics (
        metric TEXT NOT NULL,
        dimension TEXT NOT NULL,
        day TEXT NOT NULL,
        value REAL NOT NULL,
        version TEXT NOT NULL DEFAULT '',
        PRIMARY KEY (metric, dimension, day)
    ) STRICT, WITHOUT ROWID
    """,
    "INSERT INTO new_pipeline_metrics (metric, dimension, day, value) SELECT metric, dimension, day, value FROM pipeline_metrics",
    "DROP TABLE pipeline_metrics",
    "ALTER TABLE new_pipeline_metrics RENAME TO pipeline_metrics",
    "CREATE INDEX idx_pipeline_metrics_day ON pipeline_metrics (day)",
    # Versions are those of the definitions that the counts were made by. Without a row nobody counts, and the triggers note nothing.
    """
    CREATE TABLE metric_state (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        classes_version TEXT NOT NULL DEFAULT '',
        messages_version TEXT NOT NULL DEFAULT '',
        counted_at TEXT NOT NULL DEFAULT ''
    ) STRICT
    """,
)

_CONTACTS = (
    "CREATE TABLE metric_segments (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT",
    # All that is counted of a contact, packed into a number: a million of them are written in half a second. contact_classes unpacks it.
    "CREATE TABLE metric_contacts (contact_id INTEGER PRIMARY KEY, class INTEGER NOT NULL) STRICT",
    "CREATE TABLE metric_class_counts (class INTEGER PRIMARY KEY, contacts INTEGER NOT NULL CHECK (contacts >= 0)) STRICT",
    # score_band: 0 for 0–9 to 9 for 90–100. answered_month: months since the year 2000 of the newest answer, of any source.
    """
    CREATE VIEW contact_classes AS
    SELECT
        k.contacts,
        nullif(k.class & 15, 15) AS score_band,
        nullif((k.class >> 4) & 7, 0) AS priority,
        CASE (k.class >> 7) & 7 WHEN 1 THEN 'verified' WHEN 2 THEN 'risky' WHEN 3 THEN 'invalid' WHEN 4 THEN 'unknown' END AS email,
        CASE (k.class >> 10) & 7
            WHEN 1 THEN 'identified' WHEN 2 THEN 'enriched' WHEN 3 THEN 'engaged' WHEN 4 THEN 'responded'
        END AS target,
        (k.class >> 13) & 1 AS is_enriched,
        (k.class >> 14) & 1 AS is_asked,
        (k.class >> 15) & 1 AS has_title,
        (k.class >> 16) & 1 AS has_company,
        (k.class >> 17) & 1 AS has_domain,
        (k.class >> 18) & 1 AS has_industry,
        (k.class >> 19) & 1 AS has_employees,
        (k.class >> 20) & 1 AS has_revenue,
        (k.class >> 21) & 1 AS has_country,
        (k.class >> 22) & 1 AS has_phone,
        (k.class >> 23) & 1 AS has_linkedin,
        nullif((k.class >> 25) & 1023, 0) AS answered_month,
        coalesce(g.name, 'unknown') AS segment
    FROM metric_class_counts k
    LEFT JOIN metric_segments g ON g.id = k.class >> 35
    """,
    # Whose figures may have changed; numbers are never used again, so that what comes in while others are counted is left for later.
    "CREATE TABLE metric_contacts_due (id INTEGER PRIMARY KEY AUTOINCREMENT, contact_id INTEGER NOT NULL) STRICT",
    "CREATE INDEX idx_enrichment_outcome ON contact_enrichment (source, outcome)",
)

_CONTACT_TRIGGERS = (
    """
    CREATE TRIGGER metrics_see_new_contact AFTER INSERT ON contacts WHEN EXISTS (SELECT 1 FROM metric_state)
    BEGIN
        INSERT INTO metric_contacts_due (contact_id) VALUES (new.id);
    END
    """,
    """
    CREATE TRIGGER metrics_see_other_contact AFTER UPDATE OF merged_into, is_owner ON contacts
    WHEN (old.merged_into IS NOT new.merged_into OR old.is_owner <> new.is_owner) AND EXISTS (SELECT 1 FROM metric_state)
    BEGIN
        INSERT INTO metric_contacts_due (contact_id) VALUES (new.id);
    END
    """,
    """
    CREATE TRIGGER metrics_see_gone_contact AFTER DELETE ON contacts WHEN EXISTS (SELECT 1 FROM metric_state)
    BEGIN
        INSERT INTO metric_contacts_due (contact_id) VALUES (old.id);
    END
    """,
    """
    CREATE TRIGGER metrics_see_new_values AFTER INSERT ON enriched_contacts WHEN EXISTS (SELECT 1 FROM metric_state)
    BEGIN
        INSERT INTO metric_contacts_due (contact_id) VALUES (new.contact_id);
    END
    """,
    """
    CREATE TRIGGER metrics_see_other_values AFTER UPDATE ON enriched_contacts
    WHEN ((old.title IS NULL) <> (new.title IS NULL) OR (old.company_name IS NULL) <> (new.company_name IS NULL)
        OR (old.company_domain IS NULL) <> (new.company_domain IS NULL) OR (old.industry IS NULL) <> (new.industry IS NULL)
        OR (old.employee_count IS NULL) <> (new.employee_count IS NULL) OR (old.revenue_range IS NULL) <> (new.revenue_range IS NULL)
        OR (old.country IS NULL) <> (new.country IS NULL) OR (old.work_phone IS NULL) <> (new.work_phone IS NULL)
        OR (old.mobile_phone IS NULL) <> (new.mobile_phone IS NULL) OR (old.linkedin_url IS NULL) <> (new.linkedin_url IS NULL)
        OR (old.work_email IS NULL) <> (new.work_email IS NULL) OR old.email_status IS NOT new.email_status
        OR old.gtm_segment IS NOT new.gtm_segment) AND EXISTS (SELECT 1 FROM metric_state)
    BEGIN
        INSERT INTO metric_contacts_due (contact_id) VALUES (new.contact_id);
    END
    """,
    """
    CREATE TRIGGER metrics_see_gone_values AFTER DELETE ON enriched_contacts WHEN EXISTS (SELECT 1 FROM metric_state)
    BEGIN
        INSERT INTO metric_contacts_due (contact_id) VALUES (old.contact_id);
    END
    """,
    """
    CREATE TRIGGER metrics_see_new_answer AFTER INSERT ON contact_enrichment WHEN EXISTS (SELECT 1 FROM metric_state)
    BEGIN
        INSERT INTO metric_contacts_due (contact_id) VALUES (new.contact_id);
    END
    """,
    """
    CREATE TRIGGER metrics_see_other_answer AFTER UPDATE OF contact_id, outcome, answered_at, expires_at ON contact_enrichment
    WHEN EXISTS (SELECT 1 FROM metric_state)
    BEGIN
        INSERT INTO metric_contacts_due (contact_id) VALUES (new.contact_id);
        INSERT INTO metric_contacts_due (contact_id) SELECT old.contact_id WHERE old.contact_id <> new.contact_id;
    END
    """,
    """
    CREATE TRIGGER metrics_see_gone_answer AFTER DELETE ON contact_enrichment WHEN EXISTS (SELECT 1 FROM metric_state)
    BEGIN
        INSERT INTO metric_contacts_due (contact_id) VALUES (old.contact_id);
    END
    """,
    """
    CREATE TRIGGER metrics_see_new_score AFTER INSERT ON icp_score_rows WHEN EXISTS (SELECT 1 FROM metric_state)
    BEGIN
        INSERT INTO metric_contacts_due (contact_id) VALUES (new.contact_id);
    END
    """,
    """
    CREATE TRIGGER metrics_see_other_score AFTER UPDATE OF icp_score, priority ON icp_score_rows
    WHEN (old.icp_score / 10 <> new.icp_score / 10 OR old.priority <> new.priority) AND EXISTS (SELECT 1 FROM metric_state)
    BEGIN
        INSERT INTO metric_contacts_due (contact_id) VALUES (new.contact_id);
    END
    """,
    """
    CREATE TRIGGER metrics_see_gone_score AFTER DELETE ON icp_score_rows WHEN EXISTS (SELECT 1 FROM metric_state)
    BEGIN
        INSERT INTO metric_contacts_due (contact_id) VALUES (old.contact_id);
    END
    """,
    """
    CREATE TRIGGER metrics_see_new_target AFTER INSERT ON icp_targets WHEN EXISTS (SELECT 1 FROM metric_state)
    BEGIN
        INSERT INTO metric_contacts_due (contact_id) VALUES (new.contact_id);
    END
    """,
    """
    CREATE TRIGGER metrics_see_other_target AFTER UPDATE OF contact_id, status ON icp_targets
    WHEN (old.status <> new.status OR old.contact_id <> new.contact_id) AND EXISTS (SELECT 1 FROM metric_state)
    BEGIN
        INSERT INTO metric_contacts_due (contact_id) VALUES (new.contact_id);
        INSERT INTO metric_contacts_due (contact_id) SELECT old.contact_id WHERE old.contact_id <> new.contact_id;
    END
    """,
    """
    CREATE TRIGGER metrics_see_gone_target AFTER DELETE ON icp_targets WHEN EXISTS (SELECT 1 FROM metric_state)
    BEGIN
        INSERT INTO metric_contacts_due (contact_id) VALUES (old.contact_id);
    END
    """,
)

_MESSAGES = (
    # Segment, industry and priority as they were when the message was first counted: what a contact becomes later changes no past figure.
    """
    CREATE TABLE metric_messages (
        outreach_log_id INTEGER PRIMARY KEY REFERENCES outreach_log (id) ON DELETE CASCADE,
        segment TEXT NOT NULL,
        industry TEXT NOT NULL,
        priority TEXT NOT NULL
    ) STRICT
    """,
    "CREATE INDEX idx_outreach_log_day ON outreach_log (coalesce(substr(sent_at, 1, 10), planned_on))",
    # A day is that of sending, or the planned one. changes tells what came in while the day was counted.
    "CREATE TABLE metric_days_due (day TEXT PRIMARY KEY, changes INTEGER NOT NULL DEFAULT 1) STRICT, WITHOUT ROWID",
)

# Whether a message is the first that reached a person rests on all messages of the campaign to that person.
_MESSAGE_TRIGGERS = (
    """
    CREATE TRIGGER metrics_see_new_message AFTER INSERT ON outreach_log WHEN EXISTS (SELECT 1 FROM metric_state)
    BEGIN
        INSERT INTO metric_days_due (day)
        SELECT coalesce(substr(l.sent_at, 1, 10), l.planned_on)
        FROM outreach_log l
        WHERE l.campaign_id = new.campaign_id AND l.contact_id = new.contact_id
        ON CONFLICT (day) DO UPDATE SET changes = changes + 1;
    END
    """,
    """
    CREATE TRIGGER metrics_see_other_message
    AFTER UPDATE OF campaign_id, contact_id, step, variant, outreach_type, status, sent_at, planned_on, response_at, bounce,
        unsubscribed_at, complained_at ON outreach_log
    WHEN EXISTS (SELECT 1 FROM metric_state)
    BEGIN
        INSERT INTO metric_days_due (day)
        SELECT coalesce(substr(old.sent_at, 1, 10), old.planned_on) WHERE true
        ON CONFLICT (day) DO UPDATE SET changes = changes + 1;
        INSERT INTO metric_days_due (day)
        SELECT coalesce(substr(l.sent_at, 1, 10), l.planned_on)
        FROM outreach_log l
        WHERE l.campaign_id = new.campaign_id AND l.contact_id = new.contact_id
        ON CONFLICT (day) DO UPDATE SET changes = changes + 1;
        INSERT INTO metric_days_due (day)
        SELECT coalesce(substr(l.sent_at, 1, 10), l.planned_on)
        FROM outreach_log l
        WHERE l.campaign_id = old.campaign_id AND l.contact_id = old.contact_id
            AND (old.campaign_id <> new.campaign_id OR old.contact_id <> new.contact_id)
        ON CONFLICT (day) DO UPDATE SET changes = changes + 1;
    END
    """,
    """
    CREATE TRIGGER metrics_see_gone_message AFTER DELETE ON outreach_log WHEN EXISTS (SELECT 1 FROM metric_state)
    BEGIN
        INSERT INTO metric_days_due (day)
        SELECT coalesce(substr(old.sent_at, 1, 10), old.planned_on) WHERE true
        ON CONFLICT (day) DO UPDATE SET changes = changes + 1;
        INSERT INTO metric_days_due (day)
        SELECT coalesce(substr(l.sent_at, 1, 10), l.planned_on)
        FROM outreach_log l
        WHERE l.campaign_id = old.campaign_id AND l.contact_id = old.contact_id
        ON CONFLICT (day) DO UPDATE SET changes = changes + 1;
    END
    """,
    """
    CREATE TRIGGER metrics_see_new_letter AFTER INSERT ON inbox_messages
    WHEN new.outreach_log_id IS NOT NULL AND EXISTS (SELECT 1 FROM metric_state)
    BEGIN
        INSERT INTO metric_days_due (day)
        SELECT coalesce(substr(l.sent_at, 1, 10), l.planned_on)
        FROM outreach_log w
        JOIN outreach_log l ON l.campaign_id = w.campaign_id AND l.contact_id = w.contact_id
        WHERE w.id = new.outreach_log_id
        ON CONFLICT (day) DO UPDATE SET changes = changes + 1;
    END
    """,
    """
    CREATE TRIGGER metrics_see_other_letter AFTER UPDATE OF kind, sentiment, outreach_log_id ON inbox_messages
    WHEN (old.kind <> new.kind OR old.sentiment IS NOT new.sentiment OR old.outreach_log_id IS NOT new.outreach_log_id)
        AND EXISTS (SELECT 1 FROM metric_state)
    BEGIN
        INSERT INTO metric_days_due (day)
        SELECT coalesce(substr(l.sent_at, 1, 10), l.planned_on)
        FROM outreach_log w
        JOIN outreach_log l ON l.campaign_id = w.campaign_id AND l.contact_id = w.contact_id
        WHERE w.id = new.outreach_log_id OR w.id = old.outreach_log_id
        ON CONFLICT (day) DO UPDATE SET changes = changes + 1;
    END
    """,
    """
    CREATE TRIGGER metrics_see_gone_letter AFTER DELETE ON inbox_messages
    WHEN old.outreach_log_id IS NOT NULL AND EXISTS (SELECT 1 FROM metric_state)
    BEGIN
        INSERT INTO metric_days_due (day)
        SELECT coalesce(substr(l.sent_at, 1, 10), l.planned_on)
        FROM outreach_log w
        JOIN outreach_log l ON l.campaign_id = w.campaign_id AND l.contact_id = w.contact_id
        WHERE w.id = old.outreach_log_id
        ON CONFLICT (day) DO UPDATE SET changes = changes + 1;
    END
    """,
    """
    CREATE TRIGGER metrics_see_new_visit AFTER INSERT ON outreach_visits WHEN EXISTS (SELECT 1 FROM metric_state)
    BEGIN
        INSERT INTO metric_days_due (day)
        SELECT coalesce(substr(l.sent_at, 1, 10), l.planned_on) FROM outreach_log l WHERE l.id = new.outreach_log_id
        ON CONFLICT (day) DO UPDATE SET changes = changes + 1;
    END
    """,
    """
    CREATE TRIGGER metrics_see_other_visit AFTER UPDATE OF kind, is_robot, outreach_log_id ON outreach_visits
    WHEN EXISTS (SELECT 1 FROM metric_state)
    BEGIN
        INSERT INTO metric_days_due (day)
        SELECT coalesce(substr(l.sent_at, 1, 10), l.planned_on)
        FROM outreach_log l
        WHERE l.id = new.outreach_log_id OR l.id = old.outreach_log_id
        ON CONFLICT (day) DO UPDATE SET changes = changes + 1;
    END
    """,
    """
    CREATE TRIGGER metrics_see_gone_visit AFTER DELETE ON outreach_visits WHEN EXISTS (SELECT 1 FROM metric_state)
    BEGIN
        INSERT INTO metric_days_due (day)
        SELECT coalesce(substr(l.sent_at, 1, 10), l.planned_on) FROM outreach_log l WHERE l.id = old.outreach_log_id
        ON CONFLICT (day) DO UPDATE SET changes = changes + 1;
    END
    """,
)

STATEMENTS = (*_FIGURES, *_CONTACTS, *_CONTACT_TRIGGERS, *_MESSAGES, *_MESSAGE_TRIGGERS)
