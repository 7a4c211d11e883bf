"""The first schema. Never edited after its release: a change is a new migration in migrations.py.

Times are UTC text (`core.clock.to_text`), dates `YYYY-MM-DD`, shares and growth fractions (0.2 is 20 %), money nowhere.
"""

_IMPORTS = (
    """
    CREATE TABLE import_files (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('gtm_workbook', 'linkedin_export', 'unknown')),
        sha256 TEXT NOT NULL UNIQUE,
        size_bytes INTEGER NOT NULL,
        owner TEXT,
        owner_linkedin_id TEXT,
        rows INTEGER NOT NULL DEFAULT 0,
        imported INTEGER NOT NULL DEFAULT 0,
        merged INTEGER NOT NULL DEFAULT 0,
        rejected INTEGER NOT NULL DEFAULT 0,
        blank INTEGER NOT NULL DEFAULT 0,
        pending INTEGER NOT NULL DEFAULT 0,
        error TEXT,
        note TEXT,
        is_present INTEGER NOT NULL DEFAULT 1 CHECK (is_present IN (0, 1)),
        read_at TEXT NOT NULL,
        CHECK (rows = imported + merged + rejected + blank + pending)
    ) STRICT
    """,
    """
    CREATE TABLE companies (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL,
        domain TEXT UNIQUE,
        industry TEXT,
        employee_count INTEGER CHECK (employee_count >= 0),
        revenue_range TEXT,
        growth_rate REAL,
        icp_score INTEGER CHECK (icp_score BETWEEN 0 AND 100),
        gtm_segment TEXT,
        created_at TEXT NOT NULL,
        updated_at TEXT NOT NULL,
        merged_into INTEGER REFERENCES companies (id)
    ) STRICT
    """,
    "CREATE INDEX idx_companies_domain ON companies (domain)",
    """
    CREATE TABLE contacts (
        id INTEGER PRIMARY KEY,
        linkedin_id TEXT UNIQUE,
        reach_id TEXT UNIQUE,
        full_name TEXT NOT NULL,
        first_name TEXT,
        last_name TEXT,
        title TEXT,
        company_id INTEGER REFERENCES companies (id),
        industry TEXT,
        country TEXT,
        is_owner INTEGER NOT NULL DEFAULT 0 CHECK (is_owner IN (0, 1)),
        created_at TEXT NOT NULL,
        updated_at TEXT NOT NULL,
        merged_into INTEGER REFERENCES contacts (id)
    ) STRICT
    """,
    "CREATE INDEX idx_contacts_company ON contacts (company_id)",
    "CREATE INDEX idx_contacts_linkedin ON contacts (linkedin_id)",
    "CREATE INDEX idx_contacts_reach ON contacts (reach_id)",
    "CREATE INDEX idx_contacts_merged ON contacts (merged_into)",
    """
    CREATE TABLE gtm_rows (
        id INTEGER PRIMARY KEY,
        file_id INTEGER NOT NULL REFERENCES import_files (id),
        part TEXT NOT NULL,
        row_number INTEGER NOT NULL,
        verdict TEXT NOT NULL CHECK (verdict IN ('pending', 'imported', 'merged', 'rejected')),
        first_name TEXT,
        last_name TEXT,
        full_name TEXT,
        title TEXT,
        company_name TEXT,
        company_domain TEXT,
        industry TEXT,
        employee_count INTEGER,
        revenue_range TEXT,
        growth_rate REAL,
        gtm_segment TEXT,
        work_email TEXT,
        work_phone TEXT,
        mobile_phone TEXT,
        linkedin_id TEXT,
        reach_id TEXT,
        country TEXT,
        account_owner TEXT,
        notes TEXT,
        company_id INTEGER REFERENCES companies (id),
        UNIQUE (file_id, part, row_number)
    ) STRICT
    """,
    """
    CREATE TABLE linkedin_rows (
        id INTEGER PRIMARY KEY,
        file_id INTEGER NOT NULL REFERENCES import_files (id),
        part TEXT NOT NULL,
        row_number INTEGER NOT NULL,
        verdict TEXT NOT NULL CHECK (verdict IN ('pending', 'imported', 'merged', 'rejected')),
        first_name TEXT,
        last_name TEXT,
        full_name TEXT,
        title TEXT,
        company_name TEXT,
        work_email TEXT,
        linkedin_id TEXT,
        connected_on TEXT,
        company_id INTEGER REFERENCES companies (id),
        UNIQUE (file_id, part, row_number)
    ) STRICT
    """,
    """
    CREATE TABLE linkedin_activity (
        id INTEGER PRIMARY KEY,
        file_id INTEGER NOT NULL REFERENCES import_files (id),
        linkedin_id TEXT NOT NULL,
        sent INTEGER NOT NULL,
        received INTEGER NOT NULL,
        last_received_on TEXT,
        UNIQUE (file_id, linkedin_id)
    ) STRICT
    """,
    """
    CREATE TABLE import_rejections (
        id INTEGER PRIMARY KEY,
        file_id INTEGER NOT NULL REFERENCES import_files (id),
        part TEXT NOT NULL,
        row_number INTEGER NOT NULL,
        column_name TEXT,
        reason TEXT NOT NULL
    ) STRICT
    """,
    "CREATE INDEX idx_import_rejections_file ON import_rejections (file_id)",
    """
    CREATE TABLE contact_sources (
        source TEXT NOT NULL CHECK (source IN ('gtm', 'linkedin', 'owner')),
        row_id INTEGER NOT NULL,
        contact_id INTEGER NOT NULL REFERENCES contacts (id),
        evidence TEXT NOT NULL,
        PRIMARY KEY (source, row_id)
    ) STRICT
    """,
    "CREATE INDEX idx_contact_sources_contact ON contact_sources (contact_id)",
    """
    CREATE TABLE linkedin_connections (
        id INTEGER PRIMARY KEY,
        contact_id INTEGER NOT NULL REFERENCES contacts (id),
        connected_to_id INTEGER NOT NULL REFERENCES contacts (id),
        connection_degree INTEGER NOT NULL CHECK (connection_degree BETWEEN 1 AND 3),
        connection_date TEXT,
        mutual_connections INTEGER CHECK (mutual_connections >= 0),
        strength REAL CHECK (strength BETWEEN 0 AND 10),
        evidence TEXT,
        UNIQUE (contact_id, connected_to_id)
    ) STRICT
    """,
    "CREATE INDEX idx_connections_contact ON linkedin_connections (contact_id)",
)

_ENRICHMENT = (
    """
    CREATE TABLE contact_enrichment (
        id INTEGER PRIMARY KEY,
        contact_id INTEGER NOT NULL REFERENCES contacts (id),
        source TEXT NOT NULL CHECK (source <> ''),
        work_email TEXT,
        work_phone TEXT,
        mobile_phone TEXT,
        linkedin_url TEXT,
        profile_completeness INTEGER NOT NULL DEFAULT 0 CHECK (profile_completeness BETWEEN 0 AND 100),
        last_enriched TEXT NOT NULL,
        outcome TEXT NOT NULL CHECK (outcome IN ('hit', 'miss', 'rejected')),
        confidence REAL CHECK (confidence BETWEEN 0 AND 1),
        cost REAL NOT NULL DEFAULT 0,
        reason TEXT,
        answered_at TEXT NOT NULL,
        expires_at TEXT,
        reach_id TEXT,
        title TEXT,
        country TEXT,
        time_zone TEXT,
        company_name TEXT,
        company_domain TEXT,
        industry TEXT,
        employee_count INTEGER,
        revenue_range TEXT,
        growth_rate REAL,
        UNIQUE (contact_id, source)
    ) STRICT
    """,
    "CREATE INDEX idx_enrichment_contact ON contact_enrichment (contact_id)",
    """
    CREATE TABLE rate_limit_tracking (
        id INTEGER PRIMARY KEY,
        service TEXT NOT NULL,
        action_type TEXT NOT NULL,
        timestamp TEXT NOT NULL,
        success INTEGER CHECK (success IN (0, 1)),
        outcome TEXT NOT NULL
    ) STRICT
    """,
    "CREATE INDEX idx_rate_limit_service ON rate_limit_tracking (service, timestamp)",
    """
    CREATE TABLE service_blocks (
        service TEXT PRIMARY KEY,
        blocked_until TEXT NOT NULL,
        reason TEXT NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE enriched_contacts (
        contact_id INTEGER PRIMARY KEY REFERENCES contacts (id),
        full_name TEXT NOT NULL,
        first_name TEXT,
        last_name TEXT,
        title TEXT,
        company_id INTEGER REFERENCES companies (id),
        company_name TEXT,
        company_domain TEXT,
        industry TEXT,
        employee_count INTEGER,
        revenue_range TEXT,
        growth_rate REAL,
        gtm_segment TEXT,
        country TEXT,
        time_zone TEXT,
        work_email TEXT,
        work_phone TEXT,
        mobile_phone TEXT,
        linkedin_url TEXT,
        reach_id TEXT,
        is_owner INTEGER NOT NULL CHECK (is_owner IN (0, 1)),
        profile_completeness INTEGER NOT NULL CHECK (profile_completeness BETWEEN 0 AND 100),
        sources TEXT NOT NULL
    ) STRICT
    """,
)

_SCORING = (
    """
    CREATE TABLE icp_scores (
        contact_id INTEGER PRIMARY KEY REFERENCES contacts (id),
        icp_score INTEGER NOT NULL CHECK (icp_score BETWEEN 0 AND 100),
        parts TEXT NOT NULL,
        reasons TEXT NOT NULL,
        coverage REAL NOT NULL CHECK (coverage BETWEEN 0 AND 1),
        score_min INTEGER NOT NULL CHECK (score_min BETWEEN 0 AND 100),
        score_max INTEGER NOT NULL CHECK (score_max BETWEEN 0 AND 100),
        priority INTEGER NOT NULL CHECK (priority BETWEEN 1 AND 5),
        config_version TEXT NOT NULL,
        scored_at TEXT NOT NULL,
        CHECK (icp_score BETWEEN score_min AND score_max)
    ) STRICT
    """,
    """
    CREATE TABLE icp_score_changes (
        id INTEGER PRIMARY KEY,
        contact_id INTEGER NOT NULL REFERENCES contacts (id),
        old INTEGER,
        new INTEGER NOT NULL,
        cause TEXT NOT NULL CHECK (cause IN ('first', 'config', 'data')),
        detail TEXT NOT NULL,
        config_version TEXT NOT NULL,
        changed_at TEXT NOT NULL
    ) STRICT
    """,
    "CREATE INDEX idx_icp_score_changes_contact ON icp_score_changes (contact_id)",
    """
    CREATE TABLE icp_targets (
        id INTEGER PRIMARY KEY,
        contact_id INTEGER NOT NULL UNIQUE REFERENCES contacts (id),
        icp_score INTEGER NOT NULL CHECK (icp_score BETWEEN 0 AND 100),
        targeting_reason TEXT NOT NULL,
        status TEXT NOT NULL CHECK (status IN ('identified', 'enriched', 'engaged', 'responded')),
        priority INTEGER NOT NULL CHECK (priority BETWEEN 1 AND 5),
        assigned_campaign TEXT,
        created_at TEXT NOT NULL
    ) STRICT
    """,
    "CREATE INDEX idx_icp_targets_score ON icp_targets (icp_score DESC)",
)

_OUTREACH = (
    """
    CREATE TABLE outreach_campaigns (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        type TEXT NOT NULL CHECK (type IN ('email', 'linkedin_message', 'inmail')),
        status TEXT NOT NULL CHECK (status IN ('draft', 'active', 'paused', 'completed')),
        start_date TEXT,
        end_date TEXT,
        daily_limit INTEGER NOT NULL CHECK (daily_limit >= 0),
        created_at TEXT NOT NULL,
        version TEXT NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE outreach_log (
        id INTEGER PRIMARY KEY,
        campaign_id INTEGER NOT NULL REFERENCES outreach_campaigns (id),
        contact_id INTEGER NOT NULL REFERENCES contacts (id),
        step INTEGER NOT NULL CHECK (step >= 1),
        outreach_type TEXT NOT NULL CHECK (outreach_type IN ('email', 'linkedin_message', 'inmail')),
        status TEXT NOT NULL
            CHECK (status IN ('queued', 'claimed', 'sending', 'sent', 'failed', 'uncertain', 'held', 'cancelled', 'responded')),
        sent_at TEXT,
        response_at TEXT,
        error_message TEXT,
        planned_on TEXT NOT NULL,
        message_id TEXT UNIQUE,
        message TEXT NOT NULL,
        message_sha256 TEXT NOT NULL,
        campaign_version TEXT NOT NULL,
        created_at TEXT NOT NULL,
        UNIQUE (campaign_id, contact_id, step)
    ) STRICT
    """,
    "CREATE INDEX idx_outreach_log_status ON outreach_log (status)",
    "CREATE INDEX idx_outreach_log_contact ON outreach_log (contact_id)",
    """
    CREATE TABLE outreach_exclusions (
        campaign_id INTEGER NOT NULL REFERENCES outreach_campaigns (id),
        contact_id INTEGER NOT NULL REFERENCES contacts (id),
        reason TEXT NOT NULL,
        PRIMARY KEY (campaign_id, contact_id)
    ) STRICT
    """,
    """
    CREATE TABLE suppressions (
        id INTEGER PRIMARY KEY,
        kind TEXT NOT NULL CHECK (kind IN ('address', 'domain', 'profile')),
        key_hash TEXT NOT NULL,
        reason TEXT NOT NULL,
        created_at TEXT NOT NULL,
        UNIQUE (kind, key_hash)
    ) STRICT
    """,
)

_REPORTS = (
    """
    CREATE TABLE pipeline_metrics (
        metric TEXT NOT NULL,
        dimension TEXT NOT NULL,
        day TEXT NOT NULL,
        value REAL NOT NULL,
        PRIMARY KEY (metric, dimension, day)
    ) STRICT
    """,
)

TABLES = (*_IMPORTS, *_ENRICHMENT, *_SCORING, *_OUTREACH, *_REPORTS)
