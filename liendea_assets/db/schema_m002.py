"""The second schema: imports that account for versions of a file, explain each merge, and can be taken back.

A table of millions of rows spells a CHECK out as `x = 'a' OR x = 'b'`: for each row that is inserted, SQLite builds the list of
`x IN ('a', 'b', 'c')` anew, which took two fifths of the whole insert.

Never edited after its release. A CHECK cannot be changed in place, so tables with a new one are made anew and filled from the old.
Foreign keys are off while migrations run, and checked before the result is accepted.
"""

_IMPORT_FILES = (
    """
    CREATE TABLE new_import_files (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('gtm_workbook', 'gtm_csv', 'linkedin_export', 'merge_decisions', 'unknown')),
        mapping TEXT,
        sha256 TEXT NOT NULL,
        size_bytes INTEGER NOT NULL,
        owner TEXT,
        owner_linkedin_id TEXT,
        rows INTEGER NOT NULL DEFAULT 0,
        imported INTEGER NOT NULL DEFAULT 0,
        merged INTEGER NOT NULL DEFAULT 0,
        rejected INTEGER NOT NULL DEFAULT 0,
        blank INTEGER NOT NULL DEFAULT 0,
        pending INTEGER NOT NULL DEFAULT 0,
        unchanged INTEGER NOT NULL DEFAULT 0,
        error TEXT,
        note TEXT,
        is_present INTEGER NOT NULL DEFAULT 1 CHECK (is_present IN (0, 1)),
        read_at TEXT NOT NULL,
        dated_at TEXT NOT NULL,
        archived_as TEXT,
        replaced_by INTEGER REFERENCES import_files (id),
        read_with TEXT NOT NULL DEFAULT '',
        UNIQUE (sha256, read_with),
        CHECK (rows = imported + merged + rejected + blank + pending),
        CHECK (unchanged BETWEEN 0 AND merged + pending)
    ) STRICT
    """,
    """
    INSERT INTO new_import_files (
        id, name, kind, sha256, size_bytes, owner, owner_linkedin_id, rows, imported, merged, rejected, blank, pending, error, note,
        is_present, read_at, dated_at
    )
    SELECT
        id, name, kind, sha256, size_bytes, owner, owner_linkedin_id, rows, imported, merged, rejected, blank, pending, error, note,
        is_present, read_at, read_at
    FROM import_files
    """,
    "DROP TABLE import_files",
    "ALTER TABLE new_import_files RENAME TO import_files",
    "CREATE INDEX idx_import_files_name ON import_files (name)",
)

_PEOPLE = (
    # UNIQUE in a column makes an index of its own, beside the named one; here the named one is the unique one
    """
    CREATE TABLE new_companies (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL,
        domain TEXT,
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
    """
    INSERT INTO new_companies (
        id, name, domain, industry, employee_count, revenue_range, growth_rate, icp_score, gtm_segment, created_at, updated_at, merged_into
    )
    SELECT
        id, name, domain, industry, employee_count, revenue_range, growth_rate, icp_score, gtm_segment, created_at, updated_at, merged_into
    FROM companies
    """,
    "DROP TABLE companies",
    "ALTER TABLE new_companies RENAME TO companies",
    "CREATE UNIQUE INDEX idx_companies_domain ON companies (domain)",
    """
    CREATE TABLE new_contacts (
        id INTEGER PRIMARY KEY,
        linkedin_id TEXT,
        reach_id TEXT,
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
    """
    INSERT INTO new_contacts (
        id, linkedin_id, reach_id, full_name, first_name, last_name, title, company_id, industry, country, is_owner, created_at, updated_at,
        merged_into
    )
    SELECT
        id, linkedin_id, reach_id, full_name, first_name, last_name, title, company_id, industry, country, is_owner, created_at, updated_at,
        merged_into
    FROM contacts
    """,
    "DROP TABLE contacts",
    "ALTER TABLE new_contacts RENAME TO contacts",
    "CREATE INDEX idx_contacts_company ON contacts (company_id)",
    "CREATE UNIQUE INDEX idx_contacts_linkedin ON contacts (linkedin_id) WHERE linkedin_id IS NOT NULL",
    "CREATE UNIQUE INDEX idx_contacts_reach ON contacts (reach_id) WHERE reach_id IS NOT NULL",
    "CREATE INDEX idx_contacts_merged ON contacts (merged_into) WHERE merged_into IS NOT NULL",
)

_COMPANY_SOURCES = (
    # As contact_sources: which rows made a company and why; anchor_of is the company that this row gave its id to, for good.
    # No index by company: nobody asks for a company's rows, and it took half of the time of writing them.
    """
    CREATE TABLE company_sources (
        source TEXT NOT NULL CHECK (source IN ('gtm', 'linkedin')),
        row_id INTEGER NOT NULL,
        company_id INTEGER NOT NULL REFERENCES companies (id),
        evidence TEXT NOT NULL,
        anchor_of INTEGER REFERENCES companies (id),
        PRIMARY KEY (source, row_id)
    ) STRICT, WITHOUT ROWID
    """,
    """
    INSERT INTO company_sources (source, row_id, company_id, evidence, anchor_of)
    SELECT
        source, row_id, company_id, 'known before reasons were kept',
        CASE WHEN row_number() OVER (PARTITION BY company_id ORDER BY file_id, source, row_id) = 1 THEN company_id END
    FROM (
        SELECT 'gtm' AS source, id AS row_id, file_id, company_id FROM gtm_rows WHERE company_id IS NOT NULL
        UNION ALL
        SELECT 'linkedin', id, file_id, company_id FROM linkedin_rows WHERE company_id IS NOT NULL
    )
    """,
)

_ROWS = (
    """
    CREATE TABLE new_gtm_rows (
        id INTEGER PRIMARY KEY,
        file_id INTEGER NOT NULL REFERENCES import_files (id),
        part TEXT NOT NULL,
        row_number INTEGER NOT NULL,
        row_hash INTEGER,
        is_current INTEGER NOT NULL DEFAULT 1 CHECK (is_current IN (0, 1)),
        verdict TEXT NOT NULL CHECK (verdict = 'accepted' OR verdict = 'rejected'),
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
        email_kind TEXT CHECK (
            email_kind = 'personal' OR email_kind = 'role' OR email_kind = 'free' OR email_kind = 'disposable'
        ),
        work_phone TEXT,
        mobile_phone TEXT,
        linkedin_id TEXT,
        reach_id TEXT,
        country TEXT,
        account_owner TEXT,
        notes TEXT
    ) STRICT
    """,
    """
    INSERT INTO new_gtm_rows (
        id, file_id, part, row_number, verdict, first_name, last_name, full_name, title, company_name, company_domain, industry,
        employee_count, revenue_range, growth_rate, gtm_segment, work_email, work_phone, mobile_phone, linkedin_id, reach_id, country,
        account_owner, notes
    )
    SELECT
        id, file_id, part, row_number, CASE verdict WHEN 'rejected' THEN 'rejected' ELSE 'accepted' END, first_name, last_name,
        full_name, title, company_name, company_domain, industry, employee_count, revenue_range, growth_rate, gtm_segment, work_email,
        work_phone, mobile_phone, linkedin_id, reach_id, country, account_owner, notes
    FROM gtm_rows
    """,
    "DROP TABLE gtm_rows",
    "ALTER TABLE new_gtm_rows RENAME TO gtm_rows",
    "CREATE INDEX idx_gtm_rows_former ON gtm_rows (id) WHERE is_current = 0",
    "CREATE UNIQUE INDEX idx_gtm_rows_place ON gtm_rows (file_id, part, row_number)",
    """
    CREATE TABLE new_linkedin_rows (
        id INTEGER PRIMARY KEY,
        file_id INTEGER NOT NULL REFERENCES import_files (id),
        part TEXT NOT NULL,
        row_number INTEGER NOT NULL,
        row_hash INTEGER,
        is_current INTEGER NOT NULL DEFAULT 1 CHECK (is_current IN (0, 1)),
        verdict TEXT NOT NULL CHECK (verdict = 'accepted' OR verdict = 'rejected'),
        first_name TEXT,
        last_name TEXT,
        full_name TEXT,
        title TEXT,
        company_name TEXT,
        work_email TEXT,
        email_kind TEXT CHECK (
            email_kind = 'personal' OR email_kind = 'role' OR email_kind = 'free' OR email_kind = 'disposable'
        ),
        linkedin_id TEXT,
        connected_on TEXT
    ) STRICT
    """,
    """
    INSERT INTO new_linkedin_rows (
        id, file_id, part, row_number, verdict, first_name, last_name, full_name, title, company_name, work_email, linkedin_id,
        connected_on
    )
    SELECT
        id, file_id, part, row_number, CASE verdict WHEN 'rejected' THEN 'rejected' ELSE 'accepted' END, first_name, last_name, full_name,
        title, company_name, work_email, linkedin_id, connected_on
    FROM linkedin_rows
    """,
    "DROP TABLE linkedin_rows",
    "ALTER TABLE new_linkedin_rows RENAME TO linkedin_rows",
    "CREATE UNIQUE INDEX idx_linkedin_rows_place ON linkedin_rows (file_id, part, row_number)",
    # What identity compares, as 64-bit hashes, packed per landed table: a million rows are read in 0.05 s instead of 5.
    # `version` says which code and settings made them; older ones are made anew from the rows.
    """
    CREATE TABLE row_keys (
        source TEXT NOT NULL CHECK (source IN ('gtm', 'linkedin')),
        first_row_id INTEGER NOT NULL,
        file_id INTEGER NOT NULL REFERENCES import_files (id),
        part TEXT NOT NULL,
        version TEXT NOT NULL,
        keys BLOB NOT NULL,
        PRIMARY KEY (source, first_row_id)
    ) STRICT
    """,
    # Rows that landed or changed their standing, packed as the keys are, until companies and contacts have taken them in.
    """
    CREATE TABLE row_changes (
        id INTEGER PRIMARY KEY,
        source TEXT NOT NULL CHECK (source IN ('gtm', 'linkedin')),
        row_ids BLOB NOT NULL,
        has_companies INTEGER NOT NULL DEFAULT 0 CHECK (has_companies IN (0, 1))
    ) STRICT
    """,
    "ALTER TABLE import_rejections ADD COLUMN field_name TEXT",
    "ALTER TABLE import_rejections ADD COLUMN value_class TEXT",
)

_CONTACT_SOURCES = (
    """
    CREATE TABLE new_contact_sources (
        source TEXT NOT NULL CHECK (source = 'gtm' OR source = 'linkedin' OR source = 'owner'),
        row_id INTEGER NOT NULL,
        contact_id INTEGER NOT NULL REFERENCES contacts (id),
        evidence TEXT NOT NULL,
        anchor_of INTEGER REFERENCES contacts (id),
        PRIMARY KEY (source, row_id)
    ) STRICT, WITHOUT ROWID
    """,
    """
    INSERT INTO new_contact_sources (source, row_id, contact_id, evidence, anchor_of)
    SELECT
        s.source, s.row_id, s.contact_id, s.evidence,
        CASE WHEN row_number() OVER (
            PARTITION BY s.contact_id
            ORDER BY coalesce(g.verdict, l.verdict, 'imported') <> 'imported', coalesce(g.file_id, l.file_id, s.row_id), s.source, s.row_id
        ) = 1 THEN s.contact_id END
    FROM contact_sources s
    LEFT JOIN gtm_rows g ON s.source = 'gtm' AND g.id = s.row_id
    LEFT JOIN linkedin_rows l ON s.source = 'linkedin' AND l.id = s.row_id
    """,
    "DROP TABLE contact_sources",
    "ALTER TABLE new_contact_sources RENAME TO contact_sources",
    "CREATE INDEX idx_contact_sources_contact ON contact_sources (contact_id)",
    # A Reach id that a provider told stays with the contact that was asked about, also while that one is part of another.
    """
    CREATE TABLE learned_reach_ids (
        contact_id INTEGER PRIMARY KEY REFERENCES contacts (id),
        reach_id TEXT NOT NULL
    ) STRICT
    """,
    """
    INSERT INTO learned_reach_ids (contact_id, reach_id)
    SELECT c.id, c.reach_id
    FROM contacts c
    WHERE c.reach_id IS NOT NULL
        AND NOT EXISTS (
            SELECT 1 FROM contact_sources s JOIN gtm_rows g ON g.id = s.row_id
            WHERE s.source = 'gtm' AND s.contact_id = c.id AND g.reach_id = c.reach_id
        )
    """,
    """
    CREATE TABLE manual_values (
        contact_id INTEGER NOT NULL REFERENCES contacts (id),
        field TEXT NOT NULL CHECK (field IN ('full_name', 'first_name', 'last_name', 'title', 'industry', 'country')),
        value TEXT NOT NULL,
        set_at TEXT NOT NULL,
        PRIMARY KEY (contact_id, field)
    ) STRICT
    """,
    # Who and what made the contacts, companies and reviews in force; where it differs, all of them are looked at again.
    """
    CREATE TABLE identity_state (
        entity TEXT PRIMARY KEY CHECK (entity IN ('contact', 'company', 'review')),
        version TEXT NOT NULL
    ) STRICT
    """,
)

_DECISIONS = (
    # Anchored to source rows, which stay when contacts are merged and parted. One in force has no undone_at; `replaces` is the contrary
    # one that is in force again when this one is undone, and missing in one that is undone itself.
    """
    CREATE TABLE merge_decisions (
        id INTEGER PRIMARY KEY,
        entity TEXT NOT NULL CHECK (entity IN ('contact', 'company')),
        decision TEXT NOT NULL CHECK (decision IN ('same', 'different')),
        left_source TEXT NOT NULL,
        left_row_id INTEGER NOT NULL,
        right_source TEXT NOT NULL,
        right_row_id INTEGER NOT NULL,
        left_id INTEGER NOT NULL,
        right_id INTEGER NOT NULL,
        origin TEXT NOT NULL CHECK (origin IN ('file', 'command', 'desk')),
        decided_by TEXT NOT NULL,
        decided_at TEXT NOT NULL,
        undone_at TEXT,
        replaces INTEGER REFERENCES merge_decisions (id),
        CHECK ((left_source, left_row_id) <> (right_source, right_row_id))
    ) STRICT
    """,
    """
    CREATE UNIQUE INDEX idx_merge_decisions_pair
    ON merge_decisions (entity, left_source, left_row_id, right_source, right_row_id)
    WHERE undone_at IS NULL
    """,
    # What is likely and not sure, for a human to decide.
    """
    CREATE TABLE merge_reviews (
        entity TEXT NOT NULL CHECK (entity IN ('contact', 'company')),
        left_id INTEGER NOT NULL,
        right_id INTEGER NOT NULL,
        probability REAL NOT NULL CHECK (probability BETWEEN 0 AND 1),
        evidence TEXT NOT NULL,
        PRIMARY KEY (entity, left_id, right_id),
        CHECK (left_id < right_id)
    ) STRICT, WITHOUT ROWID
    """,
)

# reasons are taken from the verdicts that the rows have before they are made anew
STATEMENTS = (*_IMPORT_FILES, *_PEOPLE, *_COMPANY_SOURCES, *_CONTACT_SOURCES, *_ROWS, *_DECISIONS)
