"""Whom a file's rows would be merged with, without writing anything."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from liendea_assets.db.connection import Database
from liendea_assets.imports import decision_store, key_store, store
from liendea_assets.imports.company_identity import company_labels
from liendea_assets.imports.identity import Pairs, person_labels
from liendea_assets.imports.model import Landed
from liendea_assets.imports.row_keys import KEY_COLUMNS, make_keys
from liendea_assets.imports.row_positions import values_of
from liendea_assets.imports.settings import ImportSettings

MERGE_COLUMNS = ("part", "row_number", "contact_id", "evidence")


def would_merge(landed: Sequence[Landed], db: Database | None, settings: ImportSettings) -> pd.DataFrame:
    """The rows that belong to somebody: to a contact of the database, or to another row of the file.

    Args:
        landed: the file's tables.
        db: missing where there is none yet.

    Returns:
        Columns `MERGE_COLUMNS`; `contact_id` (Int64) is missing where the row only meets another row of the file.
    """
    new = pd.concat([table.rows[table.rows["verdict"] == "accepted"] for table in landed], ignore_index=True)
    keys = make_keys(new, settings)[list(KEY_COLUMNS)]
    contact = np.zeros(len(new), dtype=np.int64)
    people: tuple[Pairs, Pairs] = ((), ())
    companies: tuple[Pairs, Pairs] = ((), ())
    if db is not None:
        known = key_store.read_keys(db, settings, keep=False)
        contact = np.concatenate([*values_of(known, store.read_sources(db), "contact_id"), contact])
        people, companies = (decision_store.read_decisions(db, entity).within(known) for entity in ("contact", "company"))
        keys = pd.concat([known[list(KEY_COLUMNS)], keys], ignore_index=True)
    keys["company"] = company_labels(keys, settings.free_mail_domains, *companies)["label"]
    labels = person_labels(keys, *people)
    members = labels.assign(contact=contact).groupby("label")["contact"]
    is_new = np.arange(len(labels)) >= len(labels) - len(new)
    contacts = members.transform("max").to_numpy(dtype=np.int64)[is_new]
    found = new[["part", "row_number"]].copy()
    found["contact_id"] = pd.arrays.IntegerArray(contacts, contacts == 0)
    found["evidence"] = labels["evidence"].astype("str").to_numpy()[is_new]
    is_shared = members.transform("size").to_numpy()[is_new] > 1
    return found[is_shared].reset_index(drop=True)
