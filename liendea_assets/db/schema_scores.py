"""The schema of scores that explain themselves: each distinct part once, rows that name their parts, versions of the config, what is due.

Never edited after its release. Foreign keys are off while migrations run, and checked before the result is accepted.
"""

_VERSIONS = (
    # every version of icp_scoring.yaml that was used; {} where it was used before versions were kept
    """
    CREATE TABLE icp_scoring_configs (
        version TEXT PRIMARY KEY,
        content TEXT NOT NULL,
        first_used_at TEXT NOT NULL
    ) STRICT
    """,
    """
    INSERT INTO icp_scoring_configs (version, content, first_used_at)
    SELECT config_version, '{}', min(at)
    FROM (SELECT config_version, scored_at AS at FROM icp_scores UNION ALL SELECT config_version, changed_at FROM icp_score_changes)
    GROUP BY config_version
    """,
    # a run that wrote something; the last one tells which version all scores are of. Rules are what the package brings.
    """
    CREATE TABLE icp_scoring_runs (
        id INTEGER PRIMARY KEY,
        config_version TEXT NOT NULL REFERENCES icp_scoring_configs (version),
        rules_version TEXT NOT NULL,
        scored_at TEXT NOT NULL,
        first INTEGER NOT NULL CHECK (first >= 0),
        written INTEGER NOT NULL CHECK (written >= 0)
    ) STRICT
    """,
    """
    INSERT INTO icp_scoring_runs (config_version, rules_version, scored_at, first, written)
    SELECT config_version, '', scored_at, 0, count(*) FROM icp_scores GROUP BY scored_at, config_version ORDER BY scored_at
    """,
)

_SCORES = (
    # each distinct part once: a million contacts share a few thousand of them
    """
    CREATE TABLE icp_score_parts (
        id INTEGER PRIMARY KEY,
        content TEXT NOT NULL UNIQUE,
        points INTEGER NOT NULL,
        reason TEXT NOT NULL,
        source_key TEXT
    ) STRICT
    """,
    # the distinct sources of contacts' values: field → [source, date]. A part with a source_key has its source from here.
    """
    CREATE TABLE icp_score_sources (
        id INTEGER PRIMARY KEY,
        content TEXT NOT NULL UNIQUE
    ) STRICT
    """,
    "INSERT INTO icp_score_sources (content) VALUES ('{}')",
    """
    INSERT INTO icp_score_parts (content, points, reason)
    SELECT DISTINCT
        j.value, json_extract(j.value, '$.points'),
        json_extract(j.value, '$.name') || ' ' || coalesce(json_extract(j.value, '$.value') || ': ', '')
            || json_extract(j.value, '$.rule') || printf(' (%+d)', json_extract(j.value, '$.points'))
    FROM icp_scores s, json_each(s.parts) j
    """,
    """
    CREATE TABLE icp_score_rows (
        contact_id INTEGER PRIMARY KEY REFERENCES contacts (id),
        icp_score INTEGER NOT NULL CHECK (icp_score BETWEEN 0 AND 100),
        fit_score INTEGER NOT NULL,
        relationship_score INTEGER NOT NULL,
        part_ids TEXT NOT NULL,
        coverage REAL NOT NULL CHECK (coverage BETWEEN 0 AND 1),
        score_min INTEGER NOT NULL CHECK (score_min BETWEEN 0 AND 100),
        score_max INTEGER NOT NULL CHECK (score_max BETWEEN 0 AND 100),
        priority INTEGER NOT NULL CHECK (priority BETWEEN 1 AND 5),
        priority_best INTEGER NOT NULL CHECK (priority_best BETWEEN 1 AND 5),
        priority_worst INTEGER NOT NULL CHECK (priority_worst BETWEEN 1 AND 5),
        disqualified_by TEXT,
        source_id INTEGER NOT NULL REFERENCES icp_score_sources (id),
        run_id INTEGER NOT NULL REFERENCES icp_scoring_runs (id),
        CHECK (icp_score BETWEEN score_min AND score_max)
    ) STRICT
    """,
    """
    INSERT INTO icp_score_rows (
        contact_id, icp_score, fit_score, relationship_score, part_ids, coverage, score_min, score_max, priority, priority_best,
        priority_worst, source_id, run_id
    )
    SELECT
        s.contact_id, s.icp_score,
        s.icp_score - coalesce(t.points, 0), coalesce(t.points, 0),
        (
            SELECT '[' || group_concat(p.id) || ']'
            FROM json_each(s.parts) j
            CROSS JOIN icp_score_parts p ON p.content = j.value
        ),
        s.coverage, s.score_min, s.score_max, s.priority, s.priority, s.priority,
        1, (SELECT u.id FROM icp_scoring_runs u WHERE u.scored_at = s.scored_at AND u.config_version = s.config_version)
    FROM icp_scores s
    LEFT JOIN (
        SELECT o.contact_id, sum(json_extract(j.value, '$.points')) AS points
        FROM icp_scores o, json_each(o.parts) j
        WHERE json_extract(j.value, '$.name') = 'connection_strength'
        GROUP BY o.contact_id
    ) t ON t.contact_id = s.contact_id
    """,
    "DROP TABLE icp_scores",
    # A row names its parts by number; here they are written out. The config's version is that of the last run, since each run brings
    # all rows up to it and writes only those that differ.
    """
    CREATE VIEW icp_scores AS
    SELECT
        r.contact_id, r.icp_score, r.fit_score, r.relationship_score,
        (
            SELECT '[' || group_concat(
                CASE WHEN p.source_key IS NULL THEN p.content ELSE
                    substr(p.content, 1, length(p.content) - 1)
                    || ', "source": '
                    || coalesce((SELECT v.value FROM json_each(s.content) v WHERE v.key = p.source_key), 'null') || '}'
                END, ', '
            ) || ']'
            FROM json_each(r.part_ids) j
            CROSS JOIN icp_score_parts p ON p.id = j.value
            LEFT JOIN icp_score_sources s ON s.id = r.source_id
        ) AS parts,
        (
            SELECT group_concat(p.reason, '; ')
            FROM json_each(r.part_ids) j
            CROSS JOIN icp_score_parts p ON p.id = j.value
        ) AS reasons,
        r.coverage, r.score_min, r.score_max, r.priority, r.priority_best, r.priority_worst, r.disqualified_by,
        (SELECT u.config_version FROM icp_scoring_runs u ORDER BY u.id DESC LIMIT 1) AS config_version,
        (SELECT u.scored_at FROM icp_scoring_runs u WHERE u.id = r.run_id) AS scored_at
    FROM icp_score_rows r
    """,
)

_CHANGES = (
    """
    CREATE TABLE new_icp_score_changes (
        id INTEGER PRIMARY KEY,
        contact_id INTEGER NOT NULL REFERENCES contacts (id),
        old INTEGER,
        new INTEGER NOT NULL,
        cause TEXT NOT NULL CHECK (cause = 'first' OR cause = 'config' OR cause = 'data' OR cause = 'both'),
        detail TEXT NOT NULL,
        old_config_version TEXT,
        config_version TEXT NOT NULL,
        changed_at TEXT NOT NULL
    ) STRICT
    """,
    """
    INSERT INTO new_icp_score_changes (id, contact_id, old, new, cause, detail, config_version, changed_at)
    SELECT id, contact_id, old, new, cause, '[]', config_version, changed_at FROM icp_score_changes
    """,
    "DROP TABLE icp_score_changes",
    "ALTER TABLE new_icp_score_changes RENAME TO icp_score_changes",
    "CREATE INDEX idx_icp_score_changes_contact ON icp_score_changes (contact_id)",
    "CREATE INDEX idx_icp_score_changes_time ON icp_score_changes (changed_at)",
)

_DUE = (
    # Whose inputs changed since they were scored, and the companies concerned; whatever writes the inputs, these triggers see it.
    # Numbers are never used again, so that what comes in while scores are computed is left for the next time.
    """
    CREATE TABLE icp_score_due (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        contact_id INTEGER NOT NULL,
        company_id INTEGER
    ) STRICT
    """,
    "CREATE INDEX idx_enriched_contacts_company ON enriched_contacts (company_id)",
    """
    CREATE TRIGGER enriched_contact_is_new AFTER INSERT ON enriched_contacts
    BEGIN
        INSERT INTO icp_score_due (contact_id, company_id) VALUES (new.contact_id, new.company_id);
    END
    """,
    """
    CREATE TRIGGER enriched_contact_is_gone AFTER DELETE ON enriched_contacts
    BEGIN
        INSERT INTO icp_score_due (contact_id, company_id) VALUES (old.contact_id, old.company_id);
    END
    """,
    """
    CREATE TRIGGER enriched_contact_is_another AFTER UPDATE ON enriched_contacts
    WHEN old.company_id IS NOT new.company_id OR old.title IS NOT new.title OR old.company_domain IS NOT new.company_domain
        OR old.industry IS NOT new.industry OR old.employee_count IS NOT new.employee_count
        OR old.revenue_range IS NOT new.revenue_range OR old.growth_rate IS NOT new.growth_rate
        OR old.gtm_segment IS NOT new.gtm_segment OR old.country IS NOT new.country OR old.sources IS NOT new.sources
    BEGIN
        INSERT INTO icp_score_due (contact_id, company_id) VALUES (new.contact_id, new.company_id);
        INSERT INTO icp_score_due (contact_id, company_id) SELECT old.contact_id, old.company_id WHERE old.company_id IS NOT new.company_id;
    END
    """,
    """
    CREATE TRIGGER tie_is_new AFTER INSERT ON linkedin_connections
    BEGIN
        INSERT INTO icp_score_due (contact_id, company_id)
        SELECT new.contact_id, (SELECT company_id FROM enriched_contacts WHERE contact_id = new.contact_id);
    END
    """,
    """
    CREATE TRIGGER tie_is_gone AFTER DELETE ON linkedin_connections
    BEGIN
        INSERT INTO icp_score_due (contact_id, company_id)
        SELECT old.contact_id, (SELECT company_id FROM enriched_contacts WHERE contact_id = old.contact_id);
    END
    """,
    """
    CREATE TRIGGER tie_is_another AFTER UPDATE ON linkedin_connections
    WHEN old.strength IS NOT new.strength OR old.is_current IS NOT new.is_current OR old.contact_id IS NOT new.contact_id
        OR old.connection_degree IS NOT new.connection_degree
    BEGIN
        INSERT INTO icp_score_due (contact_id, company_id)
        SELECT new.contact_id, (SELECT company_id FROM enriched_contacts WHERE contact_id = new.contact_id);
        INSERT INTO icp_score_due (contact_id, company_id)
        SELECT old.contact_id, (SELECT company_id FROM enriched_contacts WHERE contact_id = old.contact_id)
        WHERE old.contact_id IS NOT new.contact_id;
    END
    """,
)

_ACCOUNTS = (
    """
    CREATE TABLE icp_accounts (
        company_id INTEGER PRIMARY KEY REFERENCES companies (id),
        icp_score INTEGER NOT NULL CHECK (icp_score BETWEEN 0 AND 100),
        own_fit INTEGER NOT NULL CHECK (own_fit BETWEEN 0 AND 100),
        coverage REAL NOT NULL CHECK (coverage BETWEEN 0 AND 1),
        best_score INTEGER NOT NULL CHECK (best_score BETWEEN 0 AND 100),
        best_contact_id INTEGER REFERENCES contacts (id),
        breadth INTEGER NOT NULL CHECK (breadth >= 0),
        contacts INTEGER NOT NULL CHECK (contacts >= breadth),
        gtm_segment TEXT,
        segment_source TEXT CHECK (segment_source IN ('workbook', 'rule')),
        disqualified_by TEXT,
        is_target INTEGER NOT NULL CHECK (is_target IN (0, 1)),
        reasons TEXT NOT NULL
    ) STRICT
    """,
    "CREATE INDEX idx_icp_accounts_score ON icp_accounts (icp_score DESC)",
    # a segment that rules gave is none that a workbook says
    "ALTER TABLE companies ADD COLUMN is_segment_by_rule INTEGER NOT NULL DEFAULT 0 CHECK (is_segment_by_rule IN (0, 1))",
    # scores before this version were kept without what they are computed from
    "INSERT INTO icp_score_due (contact_id, company_id) SELECT contact_id, company_id FROM enriched_contacts",
)

STATEMENTS = (*_VERSIONS, *_SCORES, *_CHANGES, *_DUE, *_ACCOUNTS)
