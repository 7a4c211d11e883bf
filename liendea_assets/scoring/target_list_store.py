"""The SQL of target lists for people: contacts and accounts with their names."""

import pandas as pd

from liendea_assets.db.connection import Database, read_frame

READ_TARGET_LIST = """
    SELECT
        t.contact_id, e.full_name, e.title, e.company_name, e.industry, coalesce(e.gtm_segment, k.gtm_segment) AS gtm_segment, e.country,
        e.work_email, e.linkedin_url, t.icp_score, t.priority, r.score_min, r.score_max, r.coverage, t.status, t.status_reason,
        t.assigned_campaign, t.enrichment_priority, t.targeting_reason, substr(t.created_at, 1, 10) AS target_since
    FROM icp_targets t
    JOIN enriched_contacts e ON e.contact_id = t.contact_id
    JOIN icp_score_rows r ON r.contact_id = t.contact_id
    LEFT JOIN companies k ON k.id = e.company_id
    ORDER BY t.priority, t.icp_score DESC, t.contact_id
"""
READ_ACCOUNT_LIST = """
    SELECT
        a.company_id, k.name, k.domain, k.industry, a.gtm_segment, k.employee_count, a.icp_score, a.own_fit, a.coverage, a.contacts,
        a.breadth, e.full_name AS best_contact, e.title AS best_title, a.best_score, a.best_contact_id,
        (
            SELECT count(*) FROM icp_targets t JOIN enriched_contacts p ON p.contact_id = t.contact_id WHERE p.company_id = a.company_id
        ) AS targets,
        a.reasons
    FROM icp_accounts a
    JOIN companies k ON k.id = a.company_id
    LEFT JOIN enriched_contacts e ON e.contact_id = a.best_contact_id
    WHERE a.is_target = 1
    ORDER BY a.icp_score DESC, a.company_id
"""


def read_target_list(db: Database) -> pd.DataFrame:
    """icp_targets with who they are, the best priority and score first."""
    return read_frame(db, READ_TARGET_LIST)


def read_account_list(db: Database) -> pd.DataFrame:
    """Accounts that are targets, with their best contact, the best first."""
    return read_frame(db, READ_ACCOUNT_LIST)
