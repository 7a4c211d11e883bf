"""The schema of campaigns that are sent: versions, steps, approvals, the states of a message, what came back, and what it stopped.

Never edited after its release.
"""

_CAMPAIGNS = (
    # What a message was written from stays readable when the files have long changed. content is JSON: settings and template texts.
    """
    CREATE TABLE outreach_campaign_versions (
        campaign_id INTEGER NOT NULL REFERENCES outreach_campaigns (id),
        version TEXT NOT NULL,
        content TEXT NOT NULL,
        created_at TEXT NOT NULL,
        PRIMARY KEY (campaign_id, version)
    ) STRICT
    """,
    # A step keeps its number for ever, wherever it stands in the sequence now: outreach_log.step is this number.
    """
    CREATE TABLE outreach_steps (
        campaign_id INTEGER NOT NULL REFERENCES outreach_campaigns (id),
        step INTEGER NOT NULL CHECK (step >= 1),
        name TEXT NOT NULL,
        PRIMARY KEY (campaign_id, step),
        UNIQUE (campaign_id, name)
    ) STRICT
    """,
    # Who said that exactly this version may be sent.
    """
    CREATE TABLE outreach_approvals (
        id INTEGER PRIMARY KEY,
        campaign_id INTEGER NOT NULL REFERENCES outreach_campaigns (id),
        version TEXT NOT NULL,
        approved_by TEXT NOT NULL,
        approved_at TEXT NOT NULL,
        revoked_at TEXT
    ) STRICT
    """,
    "CREATE UNIQUE INDEX idx_outreach_approvals_once ON outreach_approvals (campaign_id, version) WHERE revoked_at IS NULL",
)

_LOG = (
    "ALTER TABLE outreach_log ADD COLUMN variant TEXT",
    "ALTER TABLE outreach_log ADD COLUMN language TEXT",
    "ALTER TABLE outreach_log ADD COLUMN mailbox TEXT",
    # whom the message names, in the normal spelling; the person may have another address by now
    "ALTER TABLE outreach_log ADD COLUMN recipient TEXT",
    # 34 characters that stand for this message in links and opt-outs and tell nothing
    "ALTER TABLE outreach_log ADD COLUMN token TEXT",
    # not before; why this moment stands beside it
    "ALTER TABLE outreach_log ADD COLUMN send_after TEXT",
    "ALTER TABLE outreach_log ADD COLUMN schedule_reason TEXT",
    "ALTER TABLE outreach_log ADD COLUMN claimed_at TEXT",
    "ALTER TABLE outreach_log ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0)",
    "ALTER TABLE outreach_log ADD COLUMN smtp_code INTEGER",
    # JSON: every rule of the gate with its verdict, as it was when the message went out
    "ALTER TABLE outreach_log ADD COLUMN gate TEXT",
    "ALTER TABLE outreach_log ADD COLUMN bounce TEXT CHECK (bounce = 'hard' OR bounce = 'soft')",
    "ALTER TABLE outreach_log ADD COLUMN bounced_at TEXT",
    "ALTER TABLE outreach_log ADD COLUMN complained_at TEXT",
    "ALTER TABLE outreach_log ADD COLUMN unsubscribed_at TEXT",
    "ALTER TABLE outreach_log ADD COLUMN settled_by TEXT",
    "ALTER TABLE outreach_log ADD COLUMN settled_at TEXT",
    "CREATE UNIQUE INDEX idx_outreach_log_token ON outreach_log (token) WHERE token IS NOT NULL",
    # What caps and limits count, within the transaction that claims a message.
    "CREATE INDEX idx_outreach_log_sent ON outreach_log (outreach_type, sent_at) WHERE sent_at IS NOT NULL",
    "CREATE INDEX idx_outreach_log_campaign ON outreach_log (campaign_id, sent_at) WHERE sent_at IS NOT NULL",
    "CREATE INDEX idx_outreach_log_person ON outreach_log (contact_id, sent_at) WHERE sent_at IS NOT NULL",
    "CREATE INDEX idx_outreach_log_mailbox ON outreach_log (mailbox, sent_at, bounce, complained_at) WHERE sent_at IS NOT NULL",
    """
    CREATE INDEX idx_outreach_log_bounced ON outreach_log (mailbox, coalesce(bounced_at, sent_at), sent_at) WHERE bounce = 'hard'
    """,
    "CREATE INDEX idx_outreach_log_complained ON outreach_log (mailbox, complained_at) WHERE complained_at IS NOT NULL",
    "CREATE INDEX idx_outreach_log_due ON outreach_log (send_after) WHERE status = 'queued'",
    # Sent is for ever; what may have been sent is never queued again by itself.
    """
    CREATE TRIGGER outreach_log_state_is_legal BEFORE UPDATE OF status ON outreach_log
    WHEN old.status <> new.status AND NOT (
        (old.status = 'queued' AND (new.status = 'claimed' OR new.status = 'cancelled' OR new.status = 'held'
            OR (new.outreach_type <> 'email' AND (new.status = 'sent' OR new.status = 'responded'))))
        OR (old.status = 'claimed' AND (new.status = 'queued' OR new.status = 'sending' OR new.status = 'failed'
            OR new.status = 'cancelled' OR new.status = 'held'))
        OR (old.status = 'sending' AND (new.status = 'sent' OR new.status = 'queued' OR new.status = 'failed' OR new.status = 'uncertain'))
        OR (old.status = 'uncertain' AND (new.status = 'sent' OR new.status = 'responded' OR (new.settled_by IS NOT NULL
            AND (new.status = 'queued' OR new.status = 'failed' OR new.status = 'cancelled'))))
        OR (old.status = 'sent' AND (new.status = 'responded' OR (new.outreach_type <> 'email' AND new.status = 'queued')))
        OR (old.status = 'responded' AND (new.status = 'sent' OR (new.outreach_type <> 'email' AND new.status = 'queued')))
        OR (old.status = 'cancelled' AND new.status = 'queued')
        OR (old.status = 'held' AND (new.status = 'queued' OR new.status = 'cancelled'))
    )
    BEGIN
        SELECT raise(ABORT, 'outreach_log: this change of status is not legal');
    END
    """,
    """
    CREATE TRIGGER outreach_log_sent_message_stands BEFORE UPDATE OF message, message_id, message_sha256, campaign_version ON outreach_log
    WHEN (old.status = 'sending' OR old.status = 'sent' OR old.status = 'uncertain' OR old.status = 'responded')
        AND old.outreach_type = 'email' AND new.message <> '' AND (old.message <> new.message OR old.message_id IS NOT new.message_id
            OR old.message_sha256 <> new.message_sha256 OR old.campaign_version <> new.campaign_version)
    BEGIN
        SELECT raise(ABORT, 'outreach_log: what was sent is not rewritten');
    END
    """,
)

_COMING_BACK = (
    # text is what the person wrote, without what they quote; everything of it is personal data
    """
    CREATE TABLE inbox_messages (
        id INTEGER PRIMARY KEY,
        source TEXT NOT NULL,
        fingerprint TEXT NOT NULL UNIQUE,
        message_id TEXT,
        received_at TEXT NOT NULL,
        read_at TEXT NOT NULL,
        from_address TEXT,
        subject TEXT,
        text TEXT,
        kind TEXT NOT NULL CHECK (kind IN
            ('human_reply', 'auto_reply', 'auto_permanent', 'unsubscribe', 'bounce_hard', 'bounce_soft', 'complaint', 'other')),
        sentiment TEXT CHECK (sentiment = 'positive' OR sentiment = 'negative'),
        recipient TEXT,
        status_code TEXT,
        outreach_log_id INTEGER REFERENCES outreach_log (id),
        contact_id INTEGER REFERENCES contacts (id),
        matched_by TEXT NOT NULL CHECK (matched_by IN ('message_id', 'token', 'address', 'person', 'nothing')),
        confidence REAL NOT NULL CHECK (confidence BETWEEN 0 AND 1),
        why TEXT NOT NULL,
        handled_at TEXT,
        corrected_by TEXT,
        corrected_from TEXT
    ) STRICT
    """,
    "CREATE INDEX idx_inbox_messages_log ON inbox_messages (outreach_log_id)",
    "CREATE INDEX idx_inbox_messages_contact ON inbox_messages (contact_id)",
    # up to where a mailbox was read; another uid_validity means reading all of it again
    """
    CREATE TABLE mailbox_positions (
        mailbox TEXT PRIMARY KEY,
        uid_validity TEXT NOT NULL,
        last_uid INTEGER NOT NULL CHECK (last_uid >= 0),
        read_at TEXT NOT NULL
    ) STRICT
    """,
    # A sequence that stopped: for one person, or for everybody at a company.
    """
    CREATE TABLE outreach_stops (
        id INTEGER PRIMARY KEY,
        contact_id INTEGER REFERENCES contacts (id),
        company_id INTEGER REFERENCES companies (id),
        reason TEXT NOT NULL,
        inbox_message_id INTEGER REFERENCES inbox_messages (id),
        stopped_at TEXT NOT NULL,
        lifted_at TEXT,
        CHECK (contact_id IS NOT NULL OR company_id IS NOT NULL)
    ) STRICT
    """,
    "CREATE INDEX idx_outreach_stops_contact ON outreach_stops (contact_id)",
    "CREATE INDEX idx_outreach_stops_company ON outreach_stops (company_id)",
    # Addresses that a machine said are nobody's any more. Not suppressed: whoever left may be written to elsewhere, once somebody says so.
    """
    CREATE TABLE stale_addresses (
        contact_id INTEGER NOT NULL REFERENCES contacts (id),
        work_email TEXT NOT NULL,
        inbox_message_id INTEGER REFERENCES inbox_messages (id),
        noted_at TEXT NOT NULL,
        PRIMARY KEY (contact_id, work_email)
    ) STRICT
    """,
    # Redirect targets are stored, never taken from the URL.
    """
    CREATE TABLE outreach_links (
        token TEXT PRIMARY KEY,
        outreach_log_id INTEGER NOT NULL REFERENCES outreach_log (id),
        url TEXT NOT NULL
    ) STRICT
    """,
    "CREATE INDEX idx_outreach_links_log ON outreach_links (outreach_log_id)",
    # what happened to a message on the public pages; is_robot: within seconds of delivery, or every link at once
    """
    CREATE TABLE outreach_visits (
        id INTEGER PRIMARY KEY,
        outreach_log_id INTEGER NOT NULL REFERENCES outreach_log (id),
        kind TEXT NOT NULL CHECK (kind = 'click' OR kind = 'open'),
        link_token TEXT,
        visited_at TEXT NOT NULL,
        is_robot INTEGER NOT NULL DEFAULT 0 CHECK (is_robot IN (0, 1))
    ) STRICT
    """,
    "CREATE INDEX idx_outreach_visits_log ON outreach_visits (outreach_log_id)",
)

_LAW = (
    """
    CREATE TABLE contact_consents (
        id INTEGER PRIMARY KEY,
        contact_id INTEGER NOT NULL REFERENCES contacts (id),
        evidence TEXT NOT NULL,
        given_at TEXT NOT NULL,
        recorded_by TEXT NOT NULL,
        recorded_at TEXT NOT NULL,
        withdrawn_at TEXT
    ) STRICT
    """,
    "CREATE INDEX idx_contact_consents_contact ON contact_consents (contact_id)",
    # Art. 14: when somebody was told where their data came from, and by which message
    """
    CREATE TABLE contact_notices (
        contact_id INTEGER PRIMARY KEY REFERENCES contacts (id),
        given_at TEXT NOT NULL,
        outreach_log_id INTEGER REFERENCES outreach_log (id)
    ) STRICT
    """,
    """
    CREATE TABLE dns_checks (
        domain TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('spf', 'dkim', 'dmarc', 'mx')),
        is_ok INTEGER NOT NULL CHECK (is_ok IN (0, 1)),
        detail TEXT NOT NULL,
        checked_at TEXT NOT NULL,
        PRIMARY KEY (domain, kind)
    ) STRICT
    """,
)

_BY_HAND = (
    # What a colleague did on LinkedIn, as they said. is_invitation and has_note count against the weekly budgets.
    """
    CREATE TABLE linkedin_actions (
        id INTEGER PRIMARY KEY,
        outreach_log_id INTEGER NOT NULL REFERENCES outreach_log (id),
        contact_id INTEGER NOT NULL REFERENCES contacts (id),
        action TEXT NOT NULL CHECK (action IN ('done', 'replied', 'skip', 'not_now')),
        is_invitation INTEGER NOT NULL DEFAULT 0 CHECK (is_invitation IN (0, 1)),
        has_note INTEGER NOT NULL DEFAULT 0 CHECK (has_note IN (0, 1)),
        until TEXT,
        acted_by TEXT NOT NULL,
        acted_at TEXT NOT NULL,
        undone_at TEXT
    ) STRICT
    """,
    "CREATE INDEX idx_linkedin_actions_log ON linkedin_actions (outreach_log_id)",
    "CREATE INDEX idx_linkedin_actions_contact ON linkedin_actions (contact_id)",
)

STATEMENTS = (*_CAMPAIGNS, *_LOG, *_COMING_BACK, *_LAW, *_BY_HAND)
