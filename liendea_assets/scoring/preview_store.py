"""The SQL of previews: what stands, and who the people in a preview are. Nothing here writes."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from liendea_assets.db.connection import Database, read_frame, read_integers
from liendea_assets.scoring import store, target_store

READ_ALL_PARTS = "SELECT id, content FROM icp_score_parts ORDER BY id"
READ_TARGET_IDS = "SELECT contact_id FROM icp_targets"
# Whoever was never scored is not in target_store.read_people.
READ_UNSCORED = """
    SELECT
        e.contact_id, e.is_owner,
        EXISTS (
            SELECT 1 FROM contact_enrichment a WHERE a.contact_id = e.contact_id AND a.outcome = 'hit' AND a.cost > 0
        ) AS has_answer
    FROM enriched_contacts e
    WHERE NOT EXISTS (SELECT 1 FROM icp_score_rows r WHERE r.contact_id = e.contact_id)
    ORDER BY e.contact_id
"""
READ_NAMES = """
    SELECT c.id AS contact_id, coalesce(e.full_name, c.full_name) AS full_name, e.title, e.company_name
    FROM contacts c
    LEFT JOIN enriched_contacts e ON e.contact_id = c.id
    WHERE c.id IN (SELECT value FROM json_each(:ids))
    ORDER BY c.id
"""
READ_COMPANY_PEOPLE = """
    SELECT company_id, contact_id FROM enriched_contacts WHERE company_id IS NOT NULL AND is_owner = 0 ORDER BY company_id, contact_id
"""
READ_STANDING_ACCOUNTS = "SELECT company_id, icp_score, gtm_segment, is_target FROM icp_accounts ORDER BY company_id"
READ_COMPANY_NAMES = """
    SELECT id AS company_id, name AS company_name FROM companies WHERE id IN (SELECT value FROM json_each(:ids)) ORDER BY id
"""
# What was withdrawn or refused before it was sent began no sequence.
READ_MESSAGES = """
    SELECT l.contact_id, c.name AS campaign, l.step, l.outreach_type, l.status, l.planned_on, l.sent_at
    FROM outreach_log l
    JOIN outreach_campaigns c ON c.id = l.campaign_id
    WHERE l.status NOT IN ('cancelled', 'failed') AND l.contact_id IN (SELECT value FROM json_each(:ids))
    ORDER BY l.contact_id, c.name, l.step
"""
# {} is a version whose content was not kept
READ_VERSIONS = """
    SELECT c.version, c.first_used_at, max(u.scored_at) AS last_scored_at, c.content <> '{}' AS is_known
    FROM icp_scoring_configs c
    LEFT JOIN icp_scoring_runs u ON u.config_version = c.version
    GROUP BY c.version
    ORDER BY c.version
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a preview compares with.

    Attributes:
        last: the run that the scores are of; None where nobody was ever scored.
        rows: the scores, as `store.read_rows`.
        parts: number → content as JSON.
        targets: ids of contacts in icp_targets.
        people: everybody, as `targets.select_targets` wants them.
    """

    last: store.LastRun | None
    rows: pd.DataFrame
    parts: dict[int, str]
    targets: frozenset[int]
    people: pd.DataFrame


def read_standing(db: Database) -> Standing:
    """The scores and targets that stand."""
    parts = {row["id"]: row["content"] for row in db.conn.execute(READ_ALL_PARTS)}
    targets = frozenset(read_integers(db, READ_TARGET_IDS, ("contact_id",))["contact_id"].tolist())
    # of an empty table the types are not known
    people = pd.concat([target_store.read_people(db, 0).astype("int64"), read_frame(db, READ_UNSCORED).astype("int64")], ignore_index=True)
    return Standing(store.read_last_run(db), store.read_rows(db), parts, targets, people)


def read_names(db: Database, ids: Sequence[int]) -> pd.DataFrame:
    """`contact_id`, `full_name`, `title`, `company_name`; personal data, for the user's own files and terminal."""
    return read_frame(db, READ_NAMES, {"ids": json.dumps(list(ids))}).astype({"contact_id": "int64"})


def read_company_people(db: Database) -> pd.DataFrame:
    """`company_id`, `contact_id` of whoever counts for an account, scored or not."""
    return read_integers(db, READ_COMPANY_PEOPLE, ("company_id", "contact_id"))


def read_standing_accounts(db: Database) -> pd.DataFrame:
    """`company_id`, `icp_score`, `gtm_segment`, `is_target` (0 or 1) of icp_accounts."""
    numbers = dict.fromkeys(("company_id", "icp_score", "is_target"), "int64")
    return read_frame(db, READ_STANDING_ACCOUNTS).astype({**numbers, "gtm_segment": object})


def read_company_names(db: Database, ids: Sequence[int]) -> pd.DataFrame:
    """`company_id`, `company_name`."""
    return read_frame(db, READ_COMPANY_NAMES, {"ids": json.dumps(list(ids))}).astype({"company_id": "int64"})


def read_messages(db: Database, ids: Sequence[int]) -> pd.DataFrame:
    """Queued, on the way, sent or answered: `contact_id`, `campaign`, `step`, `outreach_type`, `status`, `planned_on`, `sent_at`."""
    return read_frame(db, READ_MESSAGES, {"ids": json.dumps(list(ids))}).astype({"contact_id": "int64"})


def read_versions(db: Database) -> pd.DataFrame:
    """`version`, `first_used_at`, `last_scored_at`, `is_known` (0 or 1) of every config that scores were ever computed by."""
    return read_frame(db, READ_VERSIONS)
