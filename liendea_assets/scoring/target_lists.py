"""Target lists as people read them: contacts or accounts, as rows under headers. Whose database it is, is the caller's business."""

from collections.abc import Mapping
from datetime import date

import pandas as pd

from liendea_assets.db.connection import Database, to_rows
from liendea_assets.imports.sheets import DAY, Sheet
from liendea_assets.scoring import target_list_store as store

# header → the column of the store
_TARGETS = {
    "Contact ID": "contact_id", "Name": "full_name", "Title": "title", "Company": "company_name", "Score": "icp_score",
    "Priority": "priority", "Status": "status", "Status because of": "status_reason", "Campaign": "assigned_campaign",
    "E-mail": "work_email", "LinkedIn": "linkedin_url", "Industry": "industry", "Segment": "gtm_segment", "Country": "country",
    "Could be at least": "score_min", "Could be at most": "score_max", "Known": "coverage", "Ask in place": "enrichment_priority",
    "Target since": "target_since", "Reason": "targeting_reason",
}  # fmt: skip
_ACCOUNTS = {
    "Company ID": "company_id", "Company": "name", "Web address": "domain", "Score": "icp_score", "Own fit": "own_fit",
    "Known": "coverage", "Industry": "industry", "Segment": "gtm_segment", "Employees": "employee_count", "Contacts": "contacts",
    "Contacts that fit": "breadth", "Targets": "targets", "Best contact": "best_contact", "Best contact's title": "best_title",
    "Best contact's score": "best_score", "Best contact's ID": "best_contact_id", "Reason": "reasons",
}  # fmt: skip
# in characters; where nothing is said, a usual column
_WIDTHS = {
    "Contact ID": 11, "Company ID": 11, "Score": 7, "Priority": 8, "Status": 11, "Could be at least": 16, "Could be at most": 16,
    "Known": 8, "Ask in place": 12, "Target since": 12, "Reason": 80, "Own fit": 8, "Contacts": 9, "Contacts that fit": 15,
    "Targets": 8, "Employees": 10, "Country": 12, "Best contact's score": 18, "Best contact's ID": 15,
}  # fmt: skip
_FORMATS = {"Known": "0 %", "Target since": DAY}


def list_targets(db: Database) -> Sheet:
    """Who is a target, the best first."""
    frame = store.read_target_list(db)
    frame["target_since"] = [date.fromisoformat(day) for day in frame["target_since"]]
    return _listed("Targets", _TARGETS, frame)


def list_accounts(db: Database) -> Sheet:
    """Which accounts are targets, the best first."""
    return _listed("Accounts", _ACCOUNTS, store.read_account_list(db))


def _listed(title: str, columns: Mapping[str, str], frame: pd.DataFrame) -> Sheet:
    formats = {name: form for name, form in _FORMATS.items() if name in columns}
    return Sheet(title, tuple(columns), list(to_rows(frame, list(columns.values()))), _WIDTHS, formats=formats)
