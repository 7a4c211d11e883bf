"""The SQL of contact classes: what is counted of each contact, brought up to date for those of whom something changed.

Triggers note whose values, answers, score or place among the targets changed; an answer that expires is found by its index.
"""

import hashlib

from liendea_assets.db.connection import Database, transaction

_CLASSES = """
    SELECT
        c.id AS contact_id,
        coalesce(min(r.icp_score / 10, 9), 15)
        | (coalesce(r.priority, 0) << 4)
        | (CASE
            WHEN e.work_email IS NULL THEN 0 WHEN e.email_status = 'verified' THEN 1 WHEN e.email_status = 'risky' THEN 2
            WHEN e.email_status = 'invalid' THEN 3 ELSE 4
        END << 7)
        | (CASE t.status WHEN 'identified' THEN 1 WHEN 'enriched' THEN 2 WHEN 'engaged' THEN 3 WHEN 'responded' THEN 4 ELSE 0 END << 10)
        | ((e.title IS NOT NULL) << 15)
        | ((e.company_name IS NOT NULL) << 16)
        | ((e.company_domain IS NOT NULL) << 17)
        | ((e.industry IS NOT NULL) << 18)
        | ((e.employee_count IS NOT NULL) << 19)
        | ((e.revenue_range IS NOT NULL) << 20)
        | ((e.country IS NOT NULL) << 21)
        | ((e.work_phone IS NOT NULL OR e.mobile_phone IS NOT NULL) << 22)
        | ((e.linkedin_url IS NOT NULL) << 23)
        | (coalesce(g.id, 0) << 35)
        | coalesce((
            SELECT
                (max(a.outcome = 'hit' AND a.expires_at IS NOT NULL) << 13)
                | (max(coalesce(a.expires_at > :now, 0)) << 14)
                | (max(CASE a.outcome WHEN 'hit' THEN
                    (CAST(substr(a.answered_at, 1, 4) AS INTEGER) - 2000) * 12 + CAST(substr(a.answered_at, 6, 2) AS INTEGER) ELSE 0
                END) << 25)
            FROM contact_enrichment a
            WHERE a.contact_id = c.id
        ), 0) AS class
    FROM contacts c
    LEFT JOIN enriched_contacts e ON e.contact_id = c.id
    LEFT JOIN icp_score_rows r ON r.contact_id = c.id
    LEFT JOIN icp_targets t ON t.contact_id = c.id
    LEFT JOIN metric_segments g ON g.name = e.gtm_segment
    WHERE c.merged_into IS NULL AND c.is_owner = 0
"""
_VERSION = hashlib.sha256(_CLASSES.encode()).hexdigest()[:12]
# More of them are sooner counted all anew.
_MOST_DUE_SHARE = 0.3

START = "INSERT INTO metric_state (id) VALUES (1) ON CONFLICT (id) DO NOTHING"
READ_STATE = "SELECT classes_version, counted_at FROM metric_state"
ADD_SEGMENTS = """
    INSERT INTO metric_segments (name)
    SELECT DISTINCT gtm_segment FROM enriched_contacts WHERE gtm_segment IS NOT NULL
    ON CONFLICT (name) DO NOTHING
"""
ADD_DUE_SEGMENTS = """
    INSERT INTO metric_segments (name)
    SELECT DISTINCT e.gtm_segment
    FROM temp.due_contacts d
    JOIN enriched_contacts e ON e.contact_id = d.contact_id
    WHERE e.gtm_segment IS NOT NULL
    ON CONFLICT (name) DO NOTHING
"""
LAST_DUE = "SELECT coalesce(max(id), 0) FROM metric_contacts_due"
TAKE_DUE = """
    CREATE TEMP TABLE due_contacts AS
    SELECT contact_id FROM metric_contacts_due WHERE id <= :last
    UNION
    SELECT contact_id FROM contact_enrichment WHERE expires_at > :since AND expires_at <= :now
"""
TAKE_ALL_CLASSES = f"CREATE TEMP TABLE due_classes AS {_CLASSES} ORDER BY c.id"
TAKE_DUE_CLASSES = f"CREATE TEMP TABLE due_classes AS {_CLASSES} AND c.id IN (SELECT contact_id FROM temp.due_contacts) ORDER BY c.id"
COUNT_OUT = """
    INSERT INTO metric_class_counts (class, contacts)
    SELECT k.class, 0 FROM metric_contacts k WHERE k.contact_id IN (SELECT contact_id FROM temp.due_contacts)
    ON CONFLICT (class) DO UPDATE SET contacts = contacts - 1
"""
COUNT_IN = """
    INSERT INTO metric_class_counts (class, contacts)
    SELECT class, count(*) FROM temp.due_classes WHERE true GROUP BY class
    ON CONFLICT (class) DO UPDATE SET contacts = contacts + excluded.contacts
"""
DROP_DUE = "DELETE FROM metric_contacts WHERE contact_id IN (SELECT contact_id FROM temp.due_contacts)"
INSERT_CLASSES = "INSERT INTO metric_contacts (contact_id, class) SELECT contact_id, class FROM temp.due_classes"
SET_STATE = "UPDATE metric_state SET classes_version = :version, counted_at = :now"


def refresh_classes(db: Database, now: str) -> int:
    """Brings contact_classes up to date. Returns how many contacts were looked at. Killed at any moment it leaves what was.

    What is read long is read outside of the transaction that writes, so that other writers wait for moments only; whoever changes
    meanwhile stays due.
    """
    connection = db.conn
    connection.execute("DROP TABLE IF EXISTS temp.due_contacts")
    connection.execute("DROP TABLE IF EXISTS temp.due_classes")
    # from here on the triggers note what changes
    with transaction(db):
        connection.execute(START)
    state = connection.execute(READ_STATE).fetchone()
    last = connection.execute(LAST_DUE).fetchone()[0]
    is_all = state["classes_version"] != _VERSION or state["counted_at"] > now
    if not is_all:
        connection.execute(TAKE_DUE, {"last": last, "since": state["counted_at"], "now": now})
        due = connection.execute("SELECT count(*) FROM temp.due_contacts").fetchone()[0]
        is_all = due > _MOST_DUE_SHARE * connection.execute("SELECT count(*) FROM metric_contacts").fetchone()[0]
    with transaction(db):
        connection.execute(ADD_SEGMENTS if is_all else ADD_DUE_SEGMENTS)
    looked_at = connection.execute(TAKE_ALL_CLASSES if is_all else TAKE_DUE_CLASSES, {"now": now})
    del looked_at
    with transaction(db):
        if is_all:
            connection.execute("DELETE FROM metric_contacts")
            connection.execute("DELETE FROM metric_class_counts")
        else:
            connection.execute(COUNT_OUT)
            connection.execute(DROP_DUE)
        connection.execute(INSERT_CLASSES)
        connection.execute(COUNT_IN)
        connection.execute("DELETE FROM metric_class_counts WHERE contacts = 0")
        connection.execute("DELETE FROM metric_contacts_due WHERE id <= :last", {"last": last})
        connection.execute(SET_STATE, {"version": _VERSION, "now": now})
    return int(connection.execute("SELECT count(*) FROM temp.due_classes").fetchone()[0])
