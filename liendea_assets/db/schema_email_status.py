"""The schema of e-mail verification: what providers say of an address.

Never edited after its release.
"""

_STATUS = """
    email_status TEXT CHECK (
        email_status = 'verified' OR email_status = 'risky' OR email_status = 'invalid' OR email_status = 'unknown'
    )
"""

STATEMENTS = (
    "ALTER TABLE contact_enrichment ADD COLUMN " + _STATUS,
    "ALTER TABLE enriched_contacts ADD COLUMN " + _STATUS,
)
