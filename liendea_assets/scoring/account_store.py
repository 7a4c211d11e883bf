"""The SQL of icp_accounts, and of the columns of companies that scoring fills: icp_score, and gtm_segment where no workbook says it."""

import pandas as pd

from liendea_assets.db.connection import Database, read_frame, read_integers, to_rows, transaction

# Companies' facts as the imports left them; where these know nothing, what enrichment told of one of their people, the least contact id.
READ_COMPANIES = """
    SELECT
        k.id AS company_id,
        coalesce(k.domain, min(e.company_domain)) AS company_domain,
        coalesce(k.industry, min(e.industry)) AS industry,
        coalesce(k.employee_count, min(e.employee_count)) AS employee_count,
        coalesce(k.revenue_range, min(e.revenue_range)) AS revenue_range,
        coalesce(k.growth_rate, min(e.growth_rate)) AS growth_rate,
        CASE WHEN k.is_segment_by_rule = 0 THEN k.gtm_segment END AS gtm_segment
    FROM companies k
    LEFT JOIN enriched_contacts e ON e.company_id = k.id
    WHERE k.merged_into IS NULL
    GROUP BY k.id
    ORDER BY k.id
"""
READ_PEOPLE = """
    SELECT e.company_id, e.contact_id, r.icp_score
    FROM enriched_contacts e
    JOIN icp_score_rows r ON r.contact_id = e.contact_id
    WHERE e.company_id IS NOT NULL AND e.is_owner = 0 AND r.disqualified_by IS NULL
    ORDER BY e.company_id, e.contact_id
"""
ACCOUNT_COLUMNS = (
    "company_id", "icp_score", "own_fit", "coverage", "best_score", "best_contact_id", "breadth", "contacts", "gtm_segment",
    "segment_source", "disqualified_by", "is_target", "reasons",
)  # fmt: skip
UPSERT_ACCOUNT = """
    INSERT INTO icp_accounts (
        company_id, icp_score, own_fit, coverage, best_score, best_contact_id, breadth, contacts, gtm_segment, segment_source,
        disqualified_by, is_target, reasons
    )
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (company_id) DO UPDATE SET
        icp_score = excluded.icp_score, own_fit = excluded.own_fit, coverage = excluded.coverage, best_score = excluded.best_score,
        best_contact_id = excluded.best_contact_id, breadth = excluded.breadth, contacts = excluded.contacts,
        gtm_segment = excluded.gtm_segment, segment_source = excluded.segment_source, disqualified_by = excluded.disqualified_by,
        is_target = excluded.is_target, reasons = excluded.reasons
    WHERE icp_score IS NOT excluded.icp_score OR own_fit IS NOT excluded.own_fit OR coverage IS NOT excluded.coverage
        OR best_score IS NOT excluded.best_score OR best_contact_id IS NOT excluded.best_contact_id
        OR breadth IS NOT excluded.breadth OR contacts IS NOT excluded.contacts OR gtm_segment IS NOT excluded.gtm_segment
        OR segment_source IS NOT excluded.segment_source OR disqualified_by IS NOT excluded.disqualified_by
        OR is_target IS NOT excluded.is_target OR reasons IS NOT excluded.reasons
"""
STAGE_KEPT = "CREATE TEMP TABLE kept_accounts (company_id INTEGER PRIMARY KEY)"
KEEP_ACCOUNT = "INSERT INTO kept_accounts (company_id) VALUES (?)"
DROP_ACCOUNTS = "DELETE FROM icp_accounts WHERE company_id NOT IN (SELECT company_id FROM kept_accounts)"
DROP_KEPT = "DROP TABLE kept_accounts"
# No updated_at: for the imports the company is the same.
FILL_COMPANIES = """
    UPDATE companies SET
        icp_score = a.icp_score,
        gtm_segment = CASE WHEN a.segment_source = 'workbook' THEN companies.gtm_segment ELSE a.gtm_segment END,
        is_segment_by_rule = a.segment_source IS 'rule'
    FROM icp_accounts a
    WHERE a.company_id = companies.id
        AND (
            companies.icp_score IS NOT a.icp_score
            OR companies.is_segment_by_rule IS NOT (a.segment_source IS 'rule')
            OR (a.segment_source IS NOT 'workbook' AND companies.gtm_segment IS NOT a.gtm_segment)
        )
"""
READ_ACCOUNTS = """
    SELECT
        a.company_id, k.name, k.domain, a.icp_score, a.own_fit, a.coverage, a.best_score, a.best_contact_id, a.breadth, a.contacts,
        a.gtm_segment, a.segment_source, a.disqualified_by, a.is_target, a.reasons
    FROM icp_accounts a
    JOIN companies k ON k.id = a.company_id
    ORDER BY a.icp_score DESC, a.company_id
"""


def read_companies(db: Database) -> pd.DataFrame:
    """Companies as fields that rules look at; `gtm_segment` only where a workbook says it."""
    # of an empty table the types are not known
    return read_frame(db, READ_COMPANIES).astype({"company_id": "int64"})


def read_people(db: Database) -> pd.DataFrame:
    """`company_id`, `contact_id`, `icp_score` of contacts who can be targets."""
    return read_integers(db, READ_PEOPLE, ("company_id", "contact_id", "icp_score"))


def store_accounts(db: Database, accounts: pd.DataFrame) -> None:
    """Makes icp_accounts hold exactly these (`ACCOUNT_COLUMNS`), and fills the companies; what is the same is not written."""
    with transaction(db) as connection:
        connection.execute(STAGE_KEPT)
        connection.executemany(KEEP_ACCOUNT, to_rows(accounts, ("company_id",)))
        connection.execute(DROP_ACCOUNTS)
        connection.execute(DROP_KEPT)
        connection.executemany(UPSERT_ACCOUNT, to_rows(accounts, ACCOUNT_COLUMNS))
        connection.execute(FILL_COMPANIES)


def read_accounts(db: Database) -> pd.DataFrame:
    """icp_accounts with the companies' names, the best first; those with `is_target` are the account-level target list."""
    return read_frame(db, READ_ACCOUNTS)
