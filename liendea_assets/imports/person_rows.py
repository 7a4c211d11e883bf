"""All rows that are about people, with what is known of them so far: their keys, companies and contacts."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from liendea_assets.db.connection import Database
from liendea_assets.imports import company_store, key_store, store
from liendea_assets.imports.grouping import Ints
from liendea_assets.imports.row_keys import hash_words, make_keys
from liendea_assets.imports.row_positions import rows_of, values_of
from liendea_assets.imports.settings import ImportSettings

# What survivorship reads of an owner.
OWNER_FACTS = ["source", "row_id", "full_name", "first_name", "last_name", "linkedin_id"]


@dataclass(frozen=True, slots=True)
class PersonRows:
    """Landed rows, and the owners of exports as rows of a source of their own.

    Attributes:
        rows: as `key_store.read_keys` gives them, and `company` (0 where unknown, -1 for owners).
        owners: those of `rows` that are owners, with `OWNER_FACTS`.
        contact: the contact of each row, 0 for one that is new.
        anchor_of: the contact that each row gave its id to, 0 for most.
    """

    rows: pd.DataFrame
    owners: pd.DataFrame
    contact: Ints
    anchor_of: Ints


def read_people(db: Database, settings: ImportSettings) -> PersonRows:
    """Every row that is not rejected, and every owner."""
    rows = key_store.read_keys(db, settings)
    owners = _owner_rows(db, rows, settings)
    rows = pd.concat([rows, owners[rows.columns]], ignore_index=True) if len(owners) else rows
    [rows["company"]] = values_of(rows, company_store.read_sources(db), "company_id")
    # owners of exports are colleagues, whatever their exports say of employers
    rows.loc[(rows["source"] == "owner").to_numpy(), "company"] = -1
    contact, anchor_of = values_of(rows, store.read_sources(db), "contact_id", "anchor_of")
    _add_learned_ids(db, rows, anchor_of)
    return PersonRows(rows, owners, contact, anchor_of)


def _add_learned_ids(db: Database, rows: pd.DataFrame, anchor_of: Ints) -> None:
    """A Reach id that a provider told of a contact counts as if the row that the contact came from had it."""
    learned = store.read_reach_ids(db)
    if learned:
        hashes = pd.Series(hash_words(list(learned.values())), index=list(learned), dtype="int64")
        told = hashes.reindex(anchor_of, fill_value=0).to_numpy(dtype=np.int64)
        rows["reach_id"] = np.where(rows["reach_id"] == 0, told, rows["reach_id"])


def _owner_rows(db: Database, rows: pd.DataFrame, settings: ImportSettings) -> pd.DataFrame:
    """The owners as rows of a source of their own; a Connections.csv outside a ZIP has the owner that imports.yaml names.

    An export that does not tell its owner's profile leaves the one person of that name in the other exports: rather a namesake who is
    never written to than a colleague who is.
    """
    owners = store.read_owners(db)
    owners["full_name"] = owners["owner"].where(owners["owner"].notna(), owners["name"].map(settings.owners))
    owners = owners[owners["full_name"].notna()].reset_index(drop=True)
    words = owners["full_name"].str.rsplit(" ", n=1)
    owners = owners.rename(columns={"owner_linkedin_id": "linkedin_id"}).assign(
        source=rows_of("owner", len(owners)),
        row_id=owners["file_id"],
        is_current=1,
        first_name=words.str[0].astype("str"),
        last_name=words.str[-1].astype("str"),
    )
    keys = make_keys(owners, settings)
    connected = rows[(rows["source"] == "linkedin") & (rows["slug"] != 0)].drop_duplicates(["name", "slug"])
    only = connected.drop_duplicates("name", keep=False).set_index("name")
    found = only["slug"].reindex(keys["name"], fill_value=0).to_numpy(dtype=np.int64)
    keys["slug"] = np.where(keys["slug"] == 0, found, keys["slug"])
    return pd.concat([owners.drop(columns=["name"]), keys], axis=1)
