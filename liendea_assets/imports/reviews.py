"""The review list: which contacts, and which companies, are likely one and not surely, for a human to decide."""

import hashlib

import numpy as np
import pandas as pd

from liendea_assets.db.connection import Database, transaction
from liendea_assets.imports import company_store, decision_store, key_store, review, store
from liendea_assets.imports.company_review import likely_companies
from liendea_assets.imports.decisions import Decisions
from liendea_assets.imports.grouping import Ints
from liendea_assets.imports.person_rows import PersonRows, read_people
from liendea_assets.imports.row_keys import keys_version
from liendea_assets.imports.settings import ImportSettings

# Counted up when the code of review, company_review or linkage changes the list.
_CODE_VERSION = 1


def update_reviews(db: Database, settings: ImportSettings) -> bool:
    """Makes the list anew where contacts, companies, decisions or settings have changed since the last time.

    Returns:
        Whether it was made anew.
    """
    version = _version(db, settings)
    if key_store.read_state(db, "review") == version:
        return False
    people = read_people(db, settings)
    contacts = _likely_contacts(db, people, decision_store.read_decisions(db, "contact"))
    companies = _likely_companies(db, people.rows, decision_store.read_decisions(db, "company"), settings)
    with transaction(db) as connection:
        decision_store.store_reviews(connection, "contact", contacts)
        decision_store.store_reviews(connection, "company", companies)
        key_store.store_state(connection, "review", version)
    return True


def _version(db: Database, settings: ImportSettings) -> str:
    parts = (
        _CODE_VERSION, keys_version(settings), sorted(settings.country_names.items()), store.content_version(db),
        company_store.content_version(db), decision_store.content_version(db),
    )  # fmt: skip
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def _likely_contacts(db: Database, people: PersonRows, decisions: Decisions) -> pd.DataFrame:
    pairs = review.candidates(people.rows, people.contact)
    parted = _parted(people.rows, people.contact, decisions)
    is_parted = [pair in parted for pair in zip(pairs["left_id"].tolist(), pairs["right_id"].tolist(), strict=True)]
    pairs["contradicts"] |= np.array(is_parted, dtype=bool)
    records = decision_store.read_records(db, np.unique(pairs[["left_id", "right_id"]].to_numpy()))
    return review.likely_pairs(records, pairs)


def _likely_companies(db: Database, rows: pd.DataFrame, decisions: Decisions, settings: ImportSettings) -> pd.DataFrame:
    company = rows["company"].to_numpy(dtype=np.int64)
    known = pd.DataFrame({"company": company, "slug": rows["slug"].to_numpy(dtype=np.int64)})[company > 0]
    return likely_companies(company_store.read_names(db), known, _parted(rows, company, decisions), settings)


def _parted(rows: pd.DataFrame, ids: Ints, decisions: Decisions) -> set[tuple[int, ...]]:
    """Pairs of ids, the smaller first, that a human says are two."""
    return {tuple(sorted((int(ids[left]), int(ids[right])))) for left, right in decisions.within(rows)[1]}
