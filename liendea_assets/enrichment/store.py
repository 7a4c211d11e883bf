"""The SQL of the enrichment stage: contact_enrichment and enriched_contacts."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import pandas as pd

from liendea_assets.core.clock import to_text
from liendea_assets.db.connection import Database, brief_transaction, read_frame, to_records, to_rows, transaction
from liendea_assets.enrichment.provider import ANSWER_FIELDS, FIELDS, PersonQuery, ProviderAnswer

# Whoever has no answer that is still good, the most valuable first: those whose unknown values decide on their priority, then by priority
# and score, and of equals those of whom least is known. An answer to a contact that was merged counts for the one it became part of.
# The plus keeps SQLite from the index by expiry, which would be gone through for each contact.
DUE = """
    SELECT
        c.id AS contact_id, c.reach_id, c.linkedin_id, c.first_name, c.last_name,
        k.name AS company, k.domain, g.work_email AS gtm_email, l.work_email AS linkedin_email
    FROM contacts c
    LEFT JOIN companies k ON k.id = c.company_id
    LEFT JOIN contact_enrichment g ON g.contact_id = c.id AND g.source = 'gtm'
    LEFT JOIN contact_enrichment l ON l.contact_id = c.id AND l.source = 'linkedin'
    LEFT JOIN icp_score_rows s ON s.contact_id = c.id
    WHERE c.merged_into IS NULL
        AND c.is_owner = 0
        AND NOT EXISTS (
            SELECT 1
            FROM contact_enrichment a
            JOIN contacts former ON former.id = a.contact_id
            WHERE a.source = :source
                AND (former.id = c.id OR former.merged_into = c.id)
                AND +a.expires_at > :now
        )
        AND NOT EXISTS (
            SELECT 1
            FROM provider_jobs j
            JOIN provider_job_contacts p ON p.job_id = j.id
            JOIN contacts former ON former.id = p.contact_id
            WHERE j.source = :source AND j.state <> 'closed' AND (former.id = c.id OR former.merged_into = c.id)
        )
"""
READ_DUE = (
    DUE
    + """
    ORDER BY s.priority_best < s.priority_worst DESC NULLS LAST, s.priority NULLS LAST, s.icp_score DESC, s.coverage, c.id
"""
)
UPSERT_ANSWER = """
    INSERT INTO contact_enrichment (
        contact_id, source, work_email, work_phone, mobile_phone, linkedin_url, reach_id, title, country, time_zone, company_name,
        company_domain, industry, employee_count, revenue_range, growth_rate, profile_completeness, last_enriched, outcome,
        confidence, cost, reason, answer_hash, answered_at, expires_at, email_status
    )
    VALUES (
        :contact_id, :source, :work_email, :work_phone, :mobile_phone, :linkedin_url, :reach_id, :title, :country, :time_zone,
        :company_name, :company_domain, :industry, :employee_count, :revenue_range, :growth_rate, :profile_completeness, :answered_at,
        :outcome, :confidence, :cost, :reason, :answer_hash, :answered_at, :expires_at, :email_status
    )
    ON CONFLICT (contact_id, source) DO UPDATE SET
        work_email = excluded.work_email, work_phone = excluded.work_phone, mobile_phone = excluded.mobile_phone,
        linkedin_url = excluded.linkedin_url, reach_id = excluded.reach_id, title = excluded.title, country = excluded.country,
        time_zone = excluded.time_zone, company_name = excluded.company_name, company_domain = excluded.company_domain,
        industry = excluded.industry, employee_count = excluded.employee_count, revenue_range = excluded.revenue_range,
        growth_rate = excluded.growth_rate, profile_completeness = excluded.profile_completeness,
        last_enriched = excluded.last_enriched, outcome = excluded.outcome, confidence = excluded.confidence, cost = excluded.cost,
        reason = excluded.reason, answer_hash = excluded.answer_hash, answered_at = excluded.answered_at,
        expires_at = excluded.expires_at, email_status = excluded.email_status
    WHERE excluded.answered_at IS DISTINCT FROM contact_enrichment.answered_at
        OR excluded.work_email IS DISTINCT FROM contact_enrichment.work_email
        OR excluded.work_phone IS DISTINCT FROM contact_enrichment.work_phone
        OR excluded.mobile_phone IS DISTINCT FROM contact_enrichment.mobile_phone
        OR excluded.linkedin_url IS DISTINCT FROM contact_enrichment.linkedin_url
        OR excluded.reach_id IS DISTINCT FROM contact_enrichment.reach_id
        OR excluded.title IS DISTINCT FROM contact_enrichment.title
        OR excluded.country IS DISTINCT FROM contact_enrichment.country
"""
# What was known stays when the answer that should renew it does not fit: an outage would else take the values of whoever is due.
REJECT_RENEWAL = """
    UPDATE contact_enrichment
    SET reason = :reason, answer_hash = :answer_hash, expires_at = :expires_at
    WHERE contact_id = :contact_id AND source = :source AND outcome = 'hit'
"""
FILE_ANSWERS = "SELECT contact_id, source FROM contact_enrichment WHERE source IN ('gtm', 'linkedin') ORDER BY id"
DELETE_ANSWER = "DELETE FROM contact_enrichment WHERE contact_id = ? AND source = ?"
COUNT_ANSWERS = """
    SELECT source, outcome, count(*) AS contacts
    FROM contact_enrichment
    GROUP BY source, outcome
    ORDER BY source, outcome
"""
# Of the contact that was asked about, which may be part of another now and parted from it again. The surest first, since one id
# belongs to one contact.
READ_REACH_IDS = """
    SELECT a.contact_id, a.reach_id
    FROM contact_enrichment a
    WHERE a.reach_id IS NOT NULL AND a.outcome = 'hit' AND (a.confidence IS NULL OR a.confidence >= coalesce(
        (SELECT t.value FROM json_each(:by_source) t WHERE t.key = a.source), :accept_confidence
    ))
    ORDER BY a.confidence DESC NULLS FIRST, contact_id
"""
READ_CONTACTS = """
    SELECT
        c.id AS contact_id, c.full_name, c.first_name, c.last_name, c.title, c.linkedin_id, c.country, c.company_id, c.is_owner,
        k.name AS company_name, k.domain AS company_domain, coalesce(k.industry, c.industry) AS industry, k.employee_count,
        k.revenue_range, k.growth_rate, CASE WHEN k.is_segment_by_rule = 0 THEN k.gtm_segment END AS gtm_segment,
        k.updated_at AS company_as_of, c.updated_at AS contact_as_of
    FROM contacts c
    LEFT JOIN companies k ON k.id = c.company_id
    WHERE c.merged_into IS NULL
    ORDER BY c.id
"""
# Answers by the contact they belong to now, the newest of a source first.
READ_ANSWERS = """
    SELECT
        coalesce(c.merged_into, c.id) AS contact_id, a.source, a.answered_at, a.work_email, a.work_phone, a.mobile_phone,
        a.linkedin_url, a.reach_id, a.title, a.country, a.time_zone, a.company_name, a.company_domain, a.industry,
        a.employee_count, a.revenue_range, a.growth_rate, a.confidence
    FROM contact_enrichment a
    JOIN contacts c ON c.id = a.contact_id
    WHERE a.outcome = 'hit' AND (a.confidence IS NULL OR a.confidence >= coalesce(
        (SELECT t.value FROM json_each(:by_source) t WHERE t.key = a.source), :accept_confidence
    ))
    ORDER BY contact_id, a.source, a.answered_at DESC
"""
# Of all answers, also of those that are not sure enough to be used: how sure one is tells little of whether mail arrives; and what answers
# to our own mail said. The newest first.
READ_EMAIL_VERDICTS = """
    SELECT coalesce(c.merged_into, c.id) AS contact_id, a.source, a.answered_at, a.work_email, a.email_status
    FROM contact_enrichment a
    JOIN contacts c ON c.id = a.contact_id
    WHERE a.outcome = 'hit' AND a.work_email IS NOT NULL AND a.email_status IS NOT NULL
    UNION ALL
    SELECT coalesce(c.merged_into, c.id), 'inbox', s.noted_at, s.work_email, 'invalid'
    FROM stale_addresses s
    JOIN contacts c ON c.id = s.contact_id
    ORDER BY contact_id, answered_at DESC
"""
READ_CONTACTS_IN_JOBS = """
    SELECT coalesce(c.merged_into, c.id) AS contact_id
    FROM provider_jobs j
    JOIN provider_job_contacts p ON p.job_id = j.id
    JOIN contacts c ON c.id = p.contact_id
    WHERE j.source = :source AND j.state <> 'closed'
"""
ENRICHED_COLUMNS = (
    "contact_id", "full_name", "first_name", "last_name", "title", "company_id", "company_name", "company_domain", "industry",
    "employee_count", "revenue_range", "growth_rate", "gtm_segment", "country", "time_zone", "work_email", "work_phone",
    "mobile_phone", "linkedin_url", "reach_id", "is_owner", "profile_completeness", "sources", "email_status",
)  # fmt: skip
STAGE_KEPT = "CREATE TEMP TABLE kept_enriched (contact_id INTEGER PRIMARY KEY)"
KEEP_ENRICHED = "INSERT INTO kept_enriched (contact_id) VALUES (?)"
DROP_ENRICHED = "DELETE FROM enriched_contacts WHERE contact_id NOT IN (SELECT contact_id FROM kept_enriched)"
DROP_KEPT = "DROP TABLE kept_enriched"
UPSERT_ENRICHED = """
    INSERT INTO enriched_contacts (
        contact_id, full_name, first_name, last_name, title, company_id, company_name, company_domain, industry, employee_count,
        revenue_range, growth_rate, gtm_segment, country, time_zone, work_email, work_phone, mobile_phone, linkedin_url, reach_id,
        is_owner, profile_completeness, sources, email_status
    )
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (contact_id) DO UPDATE SET
        full_name = excluded.full_name, first_name = excluded.first_name, last_name = excluded.last_name, title = excluded.title,
        company_id = excluded.company_id, company_name = excluded.company_name, company_domain = excluded.company_domain,
        industry = excluded.industry, employee_count = excluded.employee_count, revenue_range = excluded.revenue_range,
        growth_rate = excluded.growth_rate, gtm_segment = excluded.gtm_segment, country = excluded.country,
        time_zone = excluded.time_zone, work_email = excluded.work_email, work_phone = excluded.work_phone,
        mobile_phone = excluded.mobile_phone, linkedin_url = excluded.linkedin_url, reach_id = excluded.reach_id,
        is_owner = excluded.is_owner, profile_completeness = excluded.profile_completeness, sources = excluded.sources,
        email_status = excluded.email_status
    WHERE full_name IS NOT excluded.full_name OR first_name IS NOT excluded.first_name OR last_name IS NOT excluded.last_name
        OR title IS NOT excluded.title OR company_id IS NOT excluded.company_id OR company_name IS NOT excluded.company_name
        OR company_domain IS NOT excluded.company_domain OR industry IS NOT excluded.industry
        OR employee_count IS NOT excluded.employee_count OR revenue_range IS NOT excluded.revenue_range
        OR growth_rate IS NOT excluded.growth_rate OR gtm_segment IS NOT excluded.gtm_segment OR country IS NOT excluded.country
        OR time_zone IS NOT excluded.time_zone OR work_email IS NOT excluded.work_email OR work_phone IS NOT excluded.work_phone
        OR mobile_phone IS NOT excluded.mobile_phone OR linkedin_url IS NOT excluded.linkedin_url
        OR reach_id IS NOT excluded.reach_id OR is_owner IS NOT excluded.is_owner
        OR profile_completeness IS NOT excluded.profile_completeness OR sources IS NOT excluded.sources
        OR email_status IS NOT excluded.email_status
"""
READ_ENRICHED = "SELECT * FROM enriched_contacts ORDER BY contact_id"


def read_due(db: Database, source: str, now: str) -> pd.DataFrame:
    """Contacts without an answer of this source that is still good, the most valuable first."""
    return read_frame(db, READ_DUE, {"source": source, "now": now})


def to_queries(
    due: pd.DataFrame, *, disclose_linkedin_email: bool, email_statuses: Mapping[tuple[int, str], str] | None = None
) -> list[PersonQuery]:
    """Rows of `read_due` as queries, holding what may be disclosed.

    Args:
        email_statuses: (contact, address in small letters) → what was said of it last.
    """
    said = email_statuses or {}
    return [
        PersonQuery(
            contact_id=row["contact_id"],
            reach_id=row["reach_id"],
            email=row["gtm_email"] or (row["linkedin_email"] if disclose_linkedin_email else ""),
            linkedin_email="" if row["gtm_email"] else row["linkedin_email"],
            linkedin_url=f"https://www.linkedin.com/in/{row['linkedin_id']}" if row["linkedin_id"] else "",
            first_name=row["first_name"],
            last_name=row["last_name"],
            company=row["company"],
            domain=row["domain"],
            email_status=said.get((row["contact_id"], (row["gtm_email"] or row["linkedin_email"]).casefold()), ""),
        )
        for row in to_records(due.astype(object).where(due.notna(), ""))
    ]


def store_answers(db: Database, source: str, answers: Sequence[ProviderAnswer], now: datetime, good_for_days: Mapping[str, int]) -> None:
    """Writes the answers of one call in one transaction; pending ones are none yet.

    A rejected answer leaves a former hit as it was, with the reason beside it.

    Args:
        good_for_days: outcome → for how long an answer is good that does not say so itself.
    """
    blank = dict.fromkeys(ANSWER_FIELDS)
    rows = [
        {
            **blank,
            **answer.values,
            "contact_id": answer.contact_id,
            "source": source,
            "outcome": answer.outcome,
            "confidence": answer.confidence,
            "cost": answer.cost if answer.cost is not None else 1.0 if answer.outcome == "hit" else 0.0,
            "reason": answer.reason,
            "answer_hash": answer.answer_hash,
            "profile_completeness": round(100 * sum(answer.values.get(name) is not None for name in FIELDS) / len(FIELDS)),
            "answered_at": to_text(now),
            "expires_at": to_text(now + timedelta(days=answer.good_for_days or good_for_days[answer.outcome])),
        }
        for answer in answers
        if answer.outcome not in ("pending", "waiting")
    ]
    # the ledger is written between any two answers; waiting for it as SQLite does would hold the answers back for longer
    with brief_transaction(db) as connection:
        for row in rows:
            is_renewal = row["outcome"] == "rejected" and connection.execute(REJECT_RENEWAL, row).rowcount > 0
            if not is_renewal:
                connection.execute(UPSERT_ANSWER, row)


def store_file_values(db: Database, values: pd.DataFrame) -> None:
    """Writes what files say as answers of the sources gtm and linkedin; nothing changes where they say the same as before.

    Whose rows were found to be somebody else's loses their answer, or the other person's address would stay with the contact.

    Args:
        values: `contact_id`, `source`, `read_at` and any of provider.FIELDS.
    """
    frame = values.reindex(columns=["contact_id", "source", "read_at", *FIELDS])
    completeness = (100 * frame[list(FIELDS)].notna().sum(axis=1) / len(FIELDS)).round().astype(int)
    columns = ("contact_id", "source", "answered_at", *FIELDS, "profile_completeness")
    rows = list(to_rows(frame.assign(answered_at=frame["read_at"], profile_completeness=completeness), columns))
    unsaid = dict.fromkeys(("confidence", "reason", "answer_hash", "expires_at", "email_status"))
    fixed = {**unsaid, "outcome": "hit", "cost": 0.0}
    told = {(contact_id, source) for contact_id, source, *_ in rows}
    with transaction(db) as connection:
        former = [tuple(row) for row in connection.execute(FILE_ANSWERS)]
        connection.executemany(DELETE_ANSWER, [answer for answer in former if answer not in told])
        connection.executemany(UPSERT_ANSWER, [{**dict(zip(columns, row, strict=True)), **fixed} for row in rows])


def count_answers(db: Database) -> dict[tuple[str, str], int]:
    """(source, outcome) → contacts."""
    return {(row["source"], row["outcome"]): row["contacts"] for row in db.conn.execute(COUNT_ANSWERS)}


def read_reach_ids(db: Database, accept_confidence: float, by_source: Mapping[str, float] | None = None) -> list[tuple[int, str]]:
    """(contact id, Reach id) where a usable answer gave one, the surest first."""
    rows = db.conn.execute(READ_REACH_IDS, {"accept_confidence": accept_confidence, "by_source": json.dumps(dict(by_source or {}))})
    return [(row["contact_id"], row["reach_id"]) for row in rows]


def read_contacts(db: Database) -> pd.DataFrame:
    """Contacts with their company, as the imports left them."""
    return read_frame(db, READ_CONTACTS)


def read_answers(db: Database, accept_confidence: float, by_source: Mapping[str, float] | None = None) -> pd.DataFrame:
    """Usable answers, the newest of a source first.

    Args:
        by_source: source → the confidence from which on its answers are used, where it has one of its own.
    """
    return read_frame(db, READ_ANSWERS, {"accept_confidence": accept_confidence, "by_source": json.dumps(dict(by_source or {}))})


def read_email_verdicts(db: Database) -> pd.DataFrame:
    """What providers say of addresses: `contact_id`, `source`, `answered_at`, `work_email`, `email_status`; a contact's newest first."""
    return read_frame(db, READ_EMAIL_VERDICTS)


def read_contacts_in_jobs(db: Database, source: str) -> list[int]:
    """Contacts whom a provider is working on."""
    return [row["contact_id"] for row in db.conn.execute(READ_CONTACTS_IN_JOBS, {"source": source})]


def store_enriched(db: Database, enriched: pd.DataFrame) -> None:
    """Makes enriched_contacts hold exactly these; rows that stay the same are not written, and nobody is scored anew for them."""
    with transaction(db) as connection:
        connection.execute(STAGE_KEPT)
        connection.executemany(KEEP_ENRICHED, to_rows(enriched, ("contact_id",)))
        connection.execute(DROP_ENRICHED)
        connection.execute(DROP_KEPT)
        connection.executemany(UPSERT_ENRICHED, to_rows(enriched, ENRICHED_COLUMNS))


def read_enriched(db: Database) -> pd.DataFrame:
    """The table enriched_contacts."""
    return read_frame(db, READ_ENRICHED)
