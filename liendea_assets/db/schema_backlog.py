"""Indexes by which it is told quickly who became due: a look every half minute.

Never edited after its release.
"""

STATEMENTS = (
    "CREATE INDEX idx_enrichment_expires ON contact_enrichment (source, expires_at) WHERE expires_at IS NOT NULL",
    "CREATE INDEX idx_provider_jobs_open ON provider_jobs (source) WHERE state <> 'closed'",
)
