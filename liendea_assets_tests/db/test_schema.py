import sqlite3

import pytest

from liendea_assets.db.connection import Database, transaction

# Tables and columns as the plan names them; further ones may stand beside them.
PLAN = {
    "contacts": "id linkedin_id reach_id full_name first_name last_name title company_id industry created_at updated_at",
    "companies": "id name domain industry employee_count revenue_range growth_rate icp_score gtm_segment created_at",
    "contact_enrichment": "id contact_id source work_email work_phone mobile_phone linkedin_url profile_completeness last_enriched",
    "linkedin_connections": "id contact_id connected_to_id connection_degree connection_date mutual_connections",
    "icp_targets": "id contact_id icp_score targeting_reason status priority assigned_campaign created_at",
    "outreach_campaigns": "id name type status start_date end_date daily_limit created_at",
    "outreach_log": "id campaign_id contact_id outreach_type status sent_at response_at error_message",
    "rate_limit_tracking": "id service action_type timestamp success",
}


@pytest.mark.parametrize(("table", "columns"), PLAN.items())
def test_the_plans_tables_have_the_plans_columns(db: Database, table: str, columns: str) -> None:
    assert set(columns.split()) <= {column.name for column in db.table(table).columns}


@pytest.mark.parametrize(
    ("index", "table", "columns"),
    [
        ("idx_contacts_company", "contacts", [("company_id", 0)]),
        ("idx_contacts_linkedin", "contacts", [("linkedin_id", 0)]),
        ("idx_contacts_reach", "contacts", [("reach_id", 0)]),
        ("idx_companies_domain", "companies", [("domain", 0)]),
        ("idx_enrichment_contact", "contact_enrichment", [("contact_id", 0)]),
        ("idx_connections_contact", "linkedin_connections", [("contact_id", 0)]),
        ("idx_icp_targets_score", "icp_targets", [("icp_score", 1)]),
        ("idx_outreach_log_status", "outreach_log", [("status", 0)]),
        ("idx_rate_limit_service", "rate_limit_tracking", [("service", 0), ("timestamp", 0)]),
    ],
)
def test_the_plans_indexes_exist(db: Database, index: str, table: str, columns: list[tuple[str, int]]) -> None:
    """The second part of a column is 1 where the index descends."""
    rows = db.conn.execute(f"PRAGMA index_xinfo({index})").fetchall()
    assert [(row["name"], row["desc"]) for row in rows if row["key"]] == columns
    assert index in {found.name for found in db.table(table).indexes}


def test_every_table_is_strict(db: Database) -> None:
    tables = db.conn.execute(
        "SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE '%sqlite%'"
    ).fetchall()
    assert [row["name"] for row in tables if not row["strict"]] == []
    assert len(tables) > 15


# One good row per table; a test changes one value of it.
GOOD: dict[str, dict[str, object]] = {
    "import_files": {"id": 1, "name": "a.xlsx", "kind": "gtm_workbook", "sha256": "x", "size_bytes": 1, "read_at": "t", "dated_at": "t"},
    "companies": {"id": 1, "name": "Acme", "created_at": "t", "updated_at": "t"},
    "contacts": {"id": 1, "full_name": "Robin Weaver", "created_at": "t", "updated_at": "t"},
    "gtm_rows": {"file_id": 1, "part": "Data", "row_number": 2, "verdict": "accepted"},
    "linkedin_rows": {"file_id": 1, "part": "Data", "row_number": 2, "verdict": "accepted"},
    "contact_sources": {"source": "gtm", "row_id": 1, "contact_id": 1, "evidence": "only row"},
    "company_sources": {"source": "gtm", "row_id": 1, "company_id": 1, "evidence": "own web address"},
    "row_keys": {"source": "gtm", "first_row_id": 1, "file_id": 1, "part": "Data", "version": "v", "keys": b""},
    "row_changes": {"source": "gtm", "row_ids": b""},
    "learned_reach_ids": {"contact_id": 1, "reach_id": "r1"},
    "manual_values": {"contact_id": 1, "field": "title", "value": "VP", "set_at": "t"},
    "identity_state": {"entity": "contact", "version": "v"},
    "merge_decisions": {
        "entity": "contact", "decision": "same", "left_source": "gtm", "left_row_id": 1, "right_source": "gtm", "right_row_id": 2,
        "left_id": 1, "right_id": 2, "origin": "file", "decided_by": "user", "decided_at": "t",
    },
    "decision_rows": {
        "file_id": 1, "part": "Decisions", "row_number": 2, "verdict": "imported", "entity": "contact", "left_id": 1, "right_id": 2,
        "decision": "same", "decision_id": 1,
    },
    "merge_reviews": {"entity": "contact", "left_id": 1, "right_id": 2, "probability": 0.7, "evidence": "[]"},
    "linkedin_connections": {"contact_id": 1, "connected_to_id": 1, "connection_degree": 1},
    "contact_enrichment": {"contact_id": 1, "source": "reach", "last_enriched": "t", "outcome": "hit", "answered_at": "t"},
    "provider_jobs": {
        "id": 1, "source": "fifth", "operation": "find", "state": "open", "reference": "j1", "submitted_at": "t", "next_poll_at": "t",
        "deadline_at": "t",
    },
    "provider_job_contacts": {"job_id": 1, "contact_id": 1, "position": 0},
    "rate_limit_tracking": {"service": "reach", "action_type": "search", "timestamp": "t", "outcome": "ok"},
    "service_blocks": {"service": "reach", "blocked_until": "t", "reason": "status 429"},
    "service_states": {"service": "reach", "retry_credit": 100},
    "learned_limits": {"service": "reach", "seconds": 60, "requests": 10, "learned_us": 1},
    "ledger_clock": {"id": 1, "boot": "b", "uptime_us": 1, "wall_us": 1, "ledger_us": 1},
    "rate_limit_usage": {
        "service": "reach", "action_type": "", "seconds": 60, "requests": 10, "is_learned": 0, "used": 3, "left_now": 7, "free_at": "t",
        "violations": 0, "circuit": "closed", "since_us": 0, "read_at": "t",
    },
    "icp_scoring_configs": {"version": "v", "content": "{}", "first_used_at": "t"},
    "icp_scoring_runs": {"id": 1, "config_version": "v", "rules_version": "r", "scored_at": "t", "first": 1, "written": 1},
    "icp_score_parts": {"content": "{}", "points": 50, "reason": ""},
    "icp_score_rows": {
        "contact_id": 1, "icp_score": 50, "fit_score": 50, "relationship_score": 0, "part_ids": "[1]", "coverage": 1.0, "score_min": 40,
        "score_max": 60, "priority": 3, "priority_best": 2, "priority_worst": 4, "source_id": 1, "run_id": 1,
    },
    "icp_accounts": {
        "company_id": 1, "icp_score": 50, "own_fit": 40, "coverage": 1.0, "best_score": 60, "breadth": 1, "contacts": 2, "is_target": 1,
        "reasons": "",
    },
    "icp_score_changes": {"contact_id": 1, "new": 50, "cause": "first", "detail": "", "config_version": "v", "changed_at": "t"},
    "icp_targets": {"contact_id": 1, "icp_score": 50, "targeting_reason": "r", "status": "identified", "priority": 3, "created_at": "t"},
    "outreach_campaigns": {"id": 1, "name": "intro", "type": "email", "status": "draft", "daily_limit": 5, "created_at": "t", "version": "v"},
    "outreach_log": {
        "campaign_id": 1, "contact_id": 1, "step": 1, "outreach_type": "email", "status": "queued", "planned_on": "d", "message": "m",
        "message_sha256": "h", "campaign_version": "v", "created_at": "t",
    },
    "suppressions": {"kind": "address", "key_hash": "h", "reason": "opt-out", "created_at": "t"},
    "contact_outcomes": {
        "id": 1, "contact_id": 1, "kind": "meeting", "happened_on": "2026-10-05", "icp_score": 50, "scored_as_of": "t", "noted_by": "user",
        "noted_at": "t",
    },
    "icp_target_lists": {"id": 1, "made_at": "t"},
    "icp_target_list_rows": {"list_id": 1, "contact_id": 1, "icp_score": 50, "priority": 3},
    "icp_target_analysis": {
        "dimension": "level", "value": "decision_maker", "contacts": 3, "targets": 2, "mean_score": 60.0, "came": 1, "gone": 0,
        "moved_up": 0, "moved_down": 0,
    },
    "scoring_backtest": {
        "kind": "band", "name": "80–89", "points": 80, "outcomes": 4, "positive": 2, "rate": 0.5, "rate_low": 0.2, "rate_high": 0.8,
        "lift": 1.0,
    },
}  # fmt: skip


@pytest.fixture
def filled(db: Database) -> Database:
    """One good row in every table."""
    with transaction(db):
        for table in GOOD:
            insert(db, table)
    return db


def insert(db: Database, table: str, **changed: object) -> None:
    row = GOOD[table] | changed
    db.conn.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join(f':{name}' for name in row)})", row)


@pytest.mark.parametrize(
    ("table", "column", "bad"),
    [
        ("import_files", "kind", "pdf"),
        ("import_files", "is_present", 2),
        ("import_files", "rows", 1),
        ("companies", "employee_count", -1),
        ("companies", "icp_score", 101),
        ("contacts", "is_owner", 2),
        ("contacts", "full_name", None),
        ("contacts", "company_id", 99),
        ("contacts", "merged_into", 99),
        ("gtm_rows", "verdict", "maybe"),
        ("gtm_rows", "employee_count", "many"),
        ("linkedin_rows", "verdict", ""),
        ("import_files", "unchanged", 1),
        ("import_files", "replaced_by", 99),
        ("gtm_rows", "is_current", 2),
        ("gtm_rows", "email_kind", "odd"),
        ("linkedin_rows", "email_kind", "odd"),
        ("company_sources", "source", "owner"),
        ("company_sources", "company_id", 99),
        ("company_sources", "anchor_of", 99),
        ("contact_sources", "anchor_of", 99),
        ("row_keys", "source", "owner"),
        ("row_changes", "has_companies", 2),
        ("learned_reach_ids", "contact_id", 99),
        ("manual_values", "field", "shoe_size"),
        ("identity_state", "entity", "dog"),
        ("merge_decisions", "decision", "perhaps"),
        ("merge_decisions", "entity", "dog"),
        ("merge_decisions", "origin", "rumour"),
        ("merge_decisions", "right_row_id", 1),
        ("decision_rows", "verdict", "pending"),
        ("decision_rows", "entity", "dog"),
        ("decision_rows", "decision", "perhaps"),
        ("decision_rows", "left_id", 2),
        ("decision_rows", "decision_id", 99),
        ("merge_reviews", "probability", 1.1),
        ("merge_reviews", "right_id", 1),
        ("provider_jobs", "state", "lost"),
        ("provider_jobs", "reference", None),
        ("provider_jobs", "source", ""),
        ("provider_job_contacts", "job_id", 99),
        ("provider_job_contacts", "contact_id", 99),
        ("provider_job_contacts", "position", -1),
        ("contact_sources", "source", "rumour"),
        ("contact_sources", "contact_id", 99),
        ("linkedin_connections", "connection_degree", 0),
        ("linkedin_connections", "connection_degree", 4),
        ("linkedin_connections", "mutual_connections", -1),
        ("linkedin_connections", "strength", 10.1),
        ("linkedin_connections", "strength", -0.1),
        ("contact_enrichment", "source", ""),
        ("contact_enrichment", "profile_completeness", 101),
        ("contact_enrichment", "outcome", "perhaps"),
        ("contact_enrichment", "confidence", 1.01),
        ("rate_limit_tracking", "success", 2),
        ("rate_limit_tracking", "is_retry", 2),
        ("rate_limit_tracking", "ends_us", None),
        ("service_states", "retry_credit", -1),
        ("service_states", "allowance", -1),
        ("service_states", "openings", -1),
        ("learned_limits", "requests", 0),
        ("learned_limits", "seconds", 0),
        ("ledger_clock", "id", 2),
        ("rate_limit_usage", "circuit", "ajar"),
        ("rate_limit_usage", "left_now", -1),
        ("icp_score_rows", "icp_score", -1),
        ("icp_score_rows", "icp_score", 61),
        ("icp_score_rows", "coverage", 1.1),
        ("icp_score_rows", "priority", 6),
        ("icp_score_rows", "priority_best", 0),
        ("icp_score_rows", "priority_worst", 6),
        ("icp_score_rows", "run_id", 99),
        ("icp_scoring_runs", "config_version", "unknown"),
        ("icp_accounts", "icp_score", 101),
        ("icp_accounts", "contacts", 0),
        ("icp_accounts", "segment_source", "rumour"),
        ("icp_score_changes", "cause", "whim"),
        ("icp_targets", "icp_score", 101),
        ("icp_targets", "status", "new"),
        ("icp_targets", "priority", 0),
        ("outreach_campaigns", "type", "fax"),
        ("outreach_campaigns", "status", "running"),
        ("outreach_campaigns", "daily_limit", -1),
        ("outreach_log", "outreach_type", "fax"),
        ("outreach_log", "status", "bounced?"),
        ("outreach_log", "step", 0),
        ("outreach_log", "campaign_id", 99),
        ("suppressions", "kind", "name"),
        ("icp_targets", "enrichment_priority", 0),
        ("contact_outcomes", "kind", "handshake"),
        ("contact_outcomes", "happened_on", "5.10.2026"),
        ("contact_outcomes", "contact_id", 99),
        ("icp_target_list_rows", "list_id", 99),
        ("icp_target_analysis", "dimension", "shoe size"),
        ("icp_target_analysis", "targets", 4),
        ("scoring_backtest", "positive", 5),
        ("scoring_backtest", "rate_high", 0.1),
    ],
)
def test_a_value_outside_its_range_is_refused(filled: Database, table: str, column: str, bad: object) -> None:
    with pytest.raises(sqlite3.IntegrityError, match=r"constraint failed|cannot store|is not legal"):
        filled.conn.execute(f"UPDATE {table} SET {column} = ?", (bad,))


@pytest.mark.parametrize(
    ("table", "column", "allowed"),
    [
        ("icp_targets", "status", ["identified", "enriched", "engaged", "responded"]),
        ("outreach_campaigns", "type", ["email", "linkedin_message", "inmail"]),
        ("outreach_campaigns", "status", ["draft", "active", "paused", "completed"]),
        ("linkedin_connections", "connection_degree", [1, 2, 3]),
        ("linkedin_connections", "strength", [None, 0.0, 10.0]),
        ("icp_targets", "priority", [1, 5]),
        ("icp_targets", "icp_score", [0, 100]),
    ],
)
def test_the_values_that_the_plan_names_are_allowed(filled: Database, table: str, column: str, allowed: list[object]) -> None:
    for value in allowed:
        filled.conn.execute(f"UPDATE {table} SET {column} = ?", (value,))


@pytest.mark.parametrize(
    ("table", "changed"),
    [
        ("import_files", {"id": 2}),
        ("gtm_rows", {}),
        ("contact_sources", {}),
        ("company_sources", {}),
        ("merge_decisions", {}),
        ("decision_rows", {}),
        ("merge_reviews", {}),
        ("manual_values", {}),
        ("linkedin_connections", {}),
        ("contact_enrichment", {}),
        ("service_states", {}),
        ("learned_limits", {}),
        ("rate_limit_usage", {}),
        ("icp_targets", {}),
        ("outreach_log", {}),
        ("outreach_campaigns", {"id": 2}),
        ("suppressions", {}),
        ("contact_outcomes", {"id": 2}),
        ("icp_target_list_rows", {}),
        ("icp_target_analysis", {}),
        ("scoring_backtest", {}),
    ],
)
def test_what_may_happen_once_cannot_happen_twice(filled: Database, table: str, changed: dict[str, object]) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="UNIQUE constraint failed"):
        insert(filled, table, **changed)


@pytest.mark.parametrize(("table", "column"), [("contacts", "linkedin_id"), ("contacts", "reach_id"), ("companies", "domain")])
def test_a_key_belongs_to_one_row_and_may_be_missing_in_many(filled: Database, table: str, column: str) -> None:
    insert(filled, table, id=2)
    insert(filled, table, id=3, **{column: "same"})
    with pytest.raises(sqlite3.IntegrityError, match="UNIQUE constraint failed"):
        insert(filled, table, id=4, **{column: "same"})
