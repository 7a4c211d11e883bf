"""The SQL of one person's page. What was done to contacts that are part of this one now counts for this one."""

from typing import Any

from liendea_assets.db.connection import Database

READ_PERSON = """
    SELECT c.id AS contact_id, c.full_name, c.title AS imported_title, e.*, s.reason AS suppressed, t.status, t.status_reason,
        t.targeting_reason, t.assigned_campaign, k.name AS account, a.icp_score AS account_score, a.reasons AS account_reasons
    FROM contacts c
    LEFT JOIN enriched_contacts e ON e.contact_id = c.id
    LEFT JOIN suppressed_contacts s ON s.contact_id = c.id
    LEFT JOIN icp_targets t ON t.contact_id = c.id
    LEFT JOIN companies k ON k.id = coalesce(e.company_id, c.company_id)
    LEFT JOIN icp_accounts a ON a.company_id = k.id
    WHERE c.id = :id
"""
READ_TIES = """
    SELECT n.connected_to_id, o.full_name, n.connection_degree, n.connection_date, n.strength, n.evidence, n.is_current
    FROM linkedin_connections n
    JOIN contacts o ON o.id = n.connected_to_id
    WHERE n.contact_id = :id
    ORDER BY n.is_current DESC, n.strength DESC, n.id
    LIMIT 20
"""
READ_MESSAGES = """
    SELECT l.id, c.name AS campaign, l.step, st.name AS step_name, l.outreach_type, l.status, l.planned_on, l.send_after,
        l.schedule_reason, l.sent_at, l.response_at, l.error_message, l.variant, l.language, l.campaign_version, l.message, l.gate,
        l.bounce, l.bounced_at, l.unsubscribed_at, l.complained_at
    FROM outreach_log l
    JOIN outreach_campaigns c ON c.id = l.campaign_id
    LEFT JOIN outreach_steps st ON st.campaign_id = l.campaign_id AND st.step = l.step
    WHERE l.contact_id IN (SELECT id FROM contacts WHERE id = :id UNION ALL SELECT id FROM contacts WHERE merged_into = :id)
    ORDER BY coalesce(l.sent_at, l.created_at) DESC, l.id DESC
    LIMIT 100
"""
READ_ANSWERS = """
    SELECT i.id, i.received_at, i.kind, i.sentiment, i.subject, i.text, i.why, i.corrected_by
    FROM inbox_messages i
    WHERE i.contact_id IN (SELECT id FROM contacts WHERE id = :id UNION ALL SELECT id FROM contacts WHERE merged_into = :id)
    ORDER BY i.received_at DESC, i.id DESC
    LIMIT 100
"""
READ_ACTIONS = """
    SELECT a.action, a.until, a.acted_by, a.acted_at, a.undone_at
    FROM linkedin_actions a
    WHERE a.contact_id IN (SELECT id FROM contacts WHERE id = :id UNION ALL SELECT id FROM contacts WHERE merged_into = :id)
    ORDER BY a.id DESC
    LIMIT 100
"""
READ_STOPS = """
    SELECT reason, stopped_at, lifted_at, company_id IS NOT NULL AND contact_id IS NULL AS is_of_company
    FROM outreach_stops
    WHERE contact_id IN (SELECT id FROM contacts WHERE id = :id UNION ALL SELECT id FROM contacts WHERE merged_into = :id)
        OR company_id = (SELECT company_id FROM enriched_contacts WHERE contact_id = :id)
    ORDER BY id DESC
    LIMIT 50
"""
READ_CONSENTS = """
    SELECT evidence, given_at, recorded_by, withdrawn_at
    FROM contact_consents
    WHERE contact_id IN (SELECT id FROM contacts WHERE id = :id UNION ALL SELECT id FROM contacts WHERE merged_into = :id)
    ORDER BY id DESC
"""
READ_NOTICE = """
    SELECT min(given_at) AS given_at
    FROM contact_notices
    WHERE contact_id IN (SELECT id FROM contacts WHERE id = :id UNION ALL SELECT id FROM contacts WHERE merged_into = :id)
"""
READ_OUTCOMES = """
    SELECT id, kind, happened_on, icp_score, noted_by, undone_at
    FROM contact_outcomes
    WHERE contact_id IN (SELECT id FROM contacts WHERE id = :id UNION ALL SELECT id FROM contacts WHERE merged_into = :id)
    ORDER BY id DESC
"""


def read_person(db: Database, contact_id: int) -> dict[str, Any] | None:
    """The best known values, the account, the target's status, and why they are suppressed; None for an id that there is not."""
    row = db.conn.execute(READ_PERSON, {"id": contact_id}).fetchone()
    if row is None:
        return None
    # enriched_contacts has columns of the same names, which are missing until it was materialised
    found = dict(row)
    return found | {"contact_id": contact_id, "full_name": found["full_name"] or row["full_name"]}


def read_history(db: Database, contact_id: int) -> dict[str, list[dict[str, Any]]]:
    """All that was written, answered, noted and stopped, the newest first."""
    queries = {
        "ties": READ_TIES, "messages": READ_MESSAGES, "answers": READ_ANSWERS, "linkedin": READ_ACTIONS, "stops": READ_STOPS,
        "consents": READ_CONSENTS, "notices": READ_NOTICE, "outcomes": READ_OUTCOMES,
    }  # fmt: skip
    return {name: [dict(row) for row in db.conn.execute(sql, {"id": contact_id})] for name, sql in queries.items()}
