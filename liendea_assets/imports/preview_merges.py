"""Whom a file's rows would be merged with, without writing anything."""

from collections.abc import Sequence

import pandas as pd

from liendea_assets.db.connection import Database
from liendea_assets.imports.identity import NameKeys, company_keys, person_labels
from liendea_assets.imports.model import Landed
from liendea_assets.imports.settings import ImportSettings
from liendea_assets.imports.store import read_people

MERGE_COLUMNS = ("part", "row_number", "contact_id", "evidence")
_NEEDED = ("full_name", "company_name", "company_domain", "work_email", "linkedin_id", "reach_id", "contact_id", "place", "known_reach_id")


def would_merge(landed: Sequence[Landed], db: Database | None, settings: ImportSettings) -> pd.DataFrame:
    """The rows that belong to somebody: to a contact of the database, or to another row of the file.

    Args:
        landed: the file's tables.
        db: missing where there is none yet.

    Returns:
        Columns `MERGE_COLUMNS`; `contact_id` (Int64) is missing where the row only meets another row of the file.
    """
    new = pd.concat([table.rows[table.rows["verdict"] == "pending"] for table in landed], ignore_index=True)
    known = read_people(db) if db is not None else pd.DataFrame()
    rows = pd.concat([known.reindex(columns=[*_NEEDED]), new.reindex(columns=[*_NEEDED])], ignore_index=True).astype(object)
    rows["reach_id"] = rows["reach_id"].where(rows["reach_id"].notna(), rows["known_reach_id"])
    keys = NameKeys(settings)
    rows["company_key"] = company_keys(rows, keys, settings.free_mail_domains)
    identified = person_labels(rows, keys, settings.role_accounts)
    contact_of = pd.Series(rows["contact_id"].array, index=identified["label"]).dropna()
    contact_of = contact_of[~contact_of.index.duplicated()]
    ours = identified.iloc[len(known) :].reset_index(drop=True)
    contacts = ours["label"].map(contact_of)
    is_shared = ours["label"].map(identified["label"].value_counts()) > 1
    found = pd.DataFrame(
        {
            "part": new["part"],
            "row_number": new["row_number"],
            "contact_id": contacts.astype("Float64").astype("Int64"),
            "evidence": ours["evidence"],
        }
    )
    return found[is_shared.to_numpy()].reset_index(drop=True)
