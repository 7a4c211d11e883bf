"""How things stand, stage by stage: imports, enrichment, scores, targets, limits, data quality.

What is counted of contacts reads the view contact_classes: one row for all contacts that are alike, with their number. Colleagues and
contacts that were merged into others are no contacts here.
"""

from liendea_assets.reports.metric import Kind, Metric

_SOURCE_ROWS = """
    SELECT 'imported' AS dimension, coalesce(sum(imported), 0) AS value FROM import_files
    UNION ALL SELECT 'merged', coalesce(sum(merged), 0) FROM import_files
    UNION ALL SELECT 'rejected', coalesce(sum(rejected), 0) FROM import_files
    UNION ALL SELECT 'blank', coalesce(sum(blank), 0) FROM import_files
    UNION ALL SELECT 'pending', coalesce(sum(pending), 0) FROM import_files
"""
_FUNNEL = """
    SELECT '1 contacts' AS dimension, coalesce(sum(contacts), 0) AS value FROM contact_classes
    UNION ALL SELECT '2 enriched', coalesce(sum(contacts), 0) FROM contact_classes WHERE is_enriched
    UNION ALL SELECT '3 with e-mail', coalesce(sum(contacts), 0) FROM contact_classes WHERE email IS NOT NULL
    UNION ALL SELECT '4 targets', coalesce(sum(contacts), 0) FROM contact_classes WHERE target IS NOT NULL
    UNION ALL SELECT '5 e-mails queued', count(*) FROM outreach_log WHERE status = 'queued' AND outreach_type = 'email'
    UNION ALL SELECT '6 LinkedIn listed', count(*) FROM outreach_log WHERE status = 'queued' AND outreach_type = 'linkedin_message'
    UNION ALL SELECT '7 reached', coalesce(sum(value), 0) FROM pipeline_metrics WHERE metric = 'people_reached' AND dimension = 'all'
    UNION ALL SELECT '8 answered', coalesce(sum(value), 0) FROM pipeline_metrics WHERE metric = 'people_answered' AND dimension = 'all'
"""
_ENRICHMENT = """
    SELECT source || ' ' || outcome AS dimension, count(*) AS value FROM contact_enrichment GROUP BY source, outcome
    UNION ALL SELECT 'not asked yet', coalesce(sum(contacts), 0) FROM contact_classes WHERE NOT is_asked
"""
_ENRICHED_SHARE = """
    SELECT 'all' AS dimension, 1.0 * sum(contacts * is_enriched) / sum(contacts) AS value
    FROM contact_classes
    HAVING sum(contacts) > 0
    UNION ALL
    SELECT 'segment: ' || segment, 1.0 * sum(contacts * is_enriched) / sum(contacts) FROM contact_classes GROUP BY segment
    UNION ALL
    SELECT 'targets', 1.0 * sum(contacts * is_enriched) / sum(contacts)
    FROM contact_classes
    WHERE target IS NOT NULL
    HAVING sum(contacts) > 0
"""
_SCORE_DISTRIBUTION = """
    WITH RECURSIVE bands (low) AS (SELECT 0 UNION ALL SELECT low + 10 FROM bands WHERE low < 90),
    counts AS (SELECT score_band * 10 AS low, sum(contacts) AS contacts FROM contact_classes WHERE score_band IS NOT NULL GROUP BY 1)
    SELECT printf('%02d–%d', low, CASE low WHEN 90 THEN 100 ELSE low + 9 END) AS dimension, coalesce(contacts, 0) AS value
    FROM bands
    LEFT JOIN counts USING (low)
"""
_SCORES_BY_SEGMENT = """
    SELECT 'segment: ' || segment || ' / ' || printf('%02d–%d', score_band * 10,
        CASE score_band WHEN 9 THEN 100 ELSE score_band * 10 + 9 END) AS dimension, sum(contacts) AS value
    FROM contact_classes
    WHERE score_band IS NOT NULL
    GROUP BY segment, score_band
"""
_PRIORITIES = """
    SELECT CAST(priority AS TEXT) AS dimension, sum(contacts) AS value FROM contact_classes WHERE priority IS NOT NULL GROUP BY priority
"""
_TARGETS = "SELECT target AS dimension, sum(contacts) AS value FROM contact_classes WHERE target IS NOT NULL GROUP BY target"
_CALLS = """
    WITH windows (seconds) AS (VALUES (60), (3600), (86400))
    SELECT r.service || '/' || w.seconds AS dimension, count(*) AS value
    FROM windows w
    JOIN rate_limit_tracking r ON r.timestamp > strftime('%Y-%m-%d %H:%M:%f', :now, '-' || w.seconds || ' seconds')
    GROUP BY r.service, w.seconds
"""
_CALLS_BY_DAY = "SELECT payer AS dimension, day, calls AS value FROM call_days WHERE day >= :since"
_LIMIT_USED = """
    SELECT service || CASE action_type WHEN '' THEN '' ELSE '/' || action_type END || '/' || seconds AS dimension, used AS value
    FROM rate_limit_usage
"""
_LIMIT_ALLOWED = """
    SELECT service || CASE action_type WHEN '' THEN '' ELSE '/' || action_type END || '/' || seconds AS dimension, requests AS value
    FROM rate_limit_usage
"""
_LIMIT_VIOLATIONS = """
    SELECT service || CASE action_type WHEN '' THEN '' ELSE '/' || action_type END || '/' || seconds AS dimension, violations AS value
    FROM rate_limit_usage
"""
_NOT_QUEUED = """
    SELECT c.name || ': ' || x.reason AS dimension, count(*) AS value
    FROM outreach_exclusions x
    JOIN outreach_campaigns c ON c.id = x.campaign_id
    GROUP BY c.name, x.reason
"""
_COMPLETENESS = """
    WITH sums AS (
        SELECT
            sum(contacts) AS contacts, sum(contacts * (email IS NOT NULL)) AS work_email, sum(contacts * has_title) AS title,
            sum(contacts * has_company) AS company_name, sum(contacts * has_domain) AS company_domain,
            sum(contacts * has_industry) AS industry, sum(contacts * has_employees) AS employee_count,
            sum(contacts * has_revenue) AS revenue_range, sum(contacts * has_country) AS country, sum(contacts * has_phone) AS phone,
            sum(contacts * has_linkedin) AS linkedin_url, sum(contacts * (segment <> 'unknown')) AS gtm_segment
        FROM contact_classes
    ), fields AS (
        SELECT 'work_email' AS dimension, work_email AS known, contacts FROM sums
        UNION ALL SELECT 'title', title, contacts FROM sums
        UNION ALL SELECT 'company_name', company_name, contacts FROM sums
        UNION ALL SELECT 'company_domain', company_domain, contacts FROM sums
        UNION ALL SELECT 'industry', industry, contacts FROM sums
        UNION ALL SELECT 'employee_count', employee_count, contacts FROM sums
        UNION ALL SELECT 'revenue_range', revenue_range, contacts FROM sums
        UNION ALL SELECT 'country', country, contacts FROM sums
        UNION ALL SELECT 'phone', phone, contacts FROM sums
        UNION ALL SELECT 'linkedin_url', linkedin_url, contacts FROM sums
        UNION ALL SELECT 'gtm_segment', gtm_segment, contacts FROM sums
    )
    SELECT dimension, 1.0 * known / contacts AS value FROM fields WHERE contacts > 0
"""
_EMAIL_VALIDITY = """
    SELECT email AS dimension, sum(contacts) AS value FROM contact_classes WHERE email IS NOT NULL GROUP BY email
"""
_DUPLICATES = """
    SELECT 'contact' AS dimension, count(*) AS value FROM merge_reviews WHERE entity = 'contact'
    UNION ALL SELECT 'company', count(*) FROM merge_reviews WHERE entity = 'company'
"""
_AGE_OF_VALUES = """
    WITH months AS (
        SELECT (CAST(substr(:now, 1, 4) AS INTEGER) - 2000) * 12 + CAST(substr(:now, 6, 2) AS INTEGER) - answered_month AS age, contacts
        FROM contact_classes
    )
    SELECT
        CASE
            WHEN age IS NULL THEN 'never answered' WHEN age <= 0 THEN 'this month' WHEN age <= 3 THEN '1–3 months'
            WHEN age <= 6 THEN '4–6 months' WHEN age <= 12 THEN '7–12 months' ELSE 'over 12 months'
        END AS dimension,
        sum(contacts) AS value
    FROM months
    GROUP BY 1
"""

METRICS = (
    Metric("source_rows", "Rows of all imported files by what became of them.", "rows", "outcome", sql=_SOURCE_ROWS),
    Metric("funnel", "How many get how far, from contacts to answers; 5 and 6 are messages, all others people.", "people", "stage",
           sql=_FUNNEL),
    Metric("enrichment", "Answers by source and outcome, and contacts without an answer that is still good.", "answers",
           "source and outcome", sql=_ENRICHMENT),
    Metric("enriched_share", "Share of contacts that a provider found.", "share", "all, segment, targets", sql=_ENRICHED_SHARE),
    Metric("score_distribution", "Contacts by ICP score, in bands of ten points.", "contacts", "band", sql=_SCORE_DISTRIBUTION),
    Metric("scores_by_segment", "Contacts by segment and ICP score, in bands of ten points.", "contacts", "segment and band",
           sql=_SCORES_BY_SEGMENT),
    Metric("priorities", "Contacts by priority; 1 is the best.", "contacts", "priority", sql=_PRIORITIES),
    Metric("targets", "Targets by status.", "contacts", "status", sql=_TARGETS),
    Metric("calls", "Calls in the sliding window up to now.", "calls", "service and seconds of the window", sql=_CALLS),
    Metric("calls_by_day", "Calls that began on the day (UTC), by who pays for them.", "calls", "payer", Kind.DAY, sql=_CALLS_BY_DAY),
    Metric("limit_used", "Calls that now count against a limit.", "calls", "service, action and seconds of the window", sql=_LIMIT_USED),
    Metric("limit_allowed", "Calls that a limit allows in its window.", "calls", "service, action and seconds of the window",
           sql=_LIMIT_ALLOWED),
    Metric("limit_violations", "Windows with more calls than the limit allowed.", "windows", "service, action and seconds of the window",
           sql=_LIMIT_VIOLATIONS),
    Metric("not_queued", "Targets without a message, by campaign and reason.", "contacts", "campaign and reason", sql=_NOT_QUEUED),
    Metric("completeness", "Share of contacts of whom a field is known.", "share", "field", sql=_COMPLETENESS),
    Metric("email_validity", "Contacts with an address, by whether mail to it arrives, as providers say.", "contacts", "verdict",
           sql=_EMAIL_VALIDITY),
    Metric("duplicates_under_review", "Pairs that may be one and wait for a human.", "pairs", "entity", sql=_DUPLICATES),
    Metric("age_of_values", "Contacts by the age of their newest hit of any source, in calendar months.", "contacts", "age",
           sql=_AGE_OF_VALUES),
)  # fmt: skip
