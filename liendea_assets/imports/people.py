"""From accepted rows to companies and contacts: identity, stable ids, surviving values, verdicts. Frames in, frames out."""

from dataclasses import dataclass

import pandas as pd

from liendea_assets.imports.identity import NameKeys, company_keys, person_labels
from liendea_assets.imports.settings import ImportSettings
from liendea_assets.imports.stable_ids import stable_ids, successors
from liendea_assets.imports.survivorship import COMPANY_FIELDS, CONTACT_FIELDS, best_values, company_names


@dataclass(frozen=True, slots=True)
class Companies:
    """What `store.store_companies` writes."""

    companies: pd.DataFrame
    rows: pd.DataFrame
    merged: dict[int, int]


@dataclass(frozen=True, slots=True)
class Contacts:
    """What `store.store_contacts` writes."""

    contacts: pd.DataFrame
    sources: pd.DataFrame
    verdicts: pd.DataFrame
    merged: dict[int, int]


def build_companies(people: pd.DataFrame, settings: ImportSettings, next_id: int) -> Companies:
    """One company per domain, else per name without its legal form.

    Args:
        people: as `store.read_people` gives it.
        next_id: first free company id.
    """
    keys = company_keys(people, NameKeys(settings), settings.free_mail_domains)
    # an address alone makes no company: a contact without an employer's name stays without a company
    keys = keys.where(people["company_name"].notna() | people["company_domain"].notna(), None)
    named = people.assign(key=keys).dropna(subset=["key"])
    named = named.assign(id=stable_ids(named["key"], named["company_id"], next_id))
    names = company_names(named, "id")
    companies = best_values(named, "id", COMPANY_FIELDS, settings.source_order)
    key_of = named.drop_duplicates("id").set_index("id")["key"].astype(str)
    companies["domain"] = key_of.str.removeprefix("domain:").where(key_of.str.startswith("domain:"), None)
    companies["name"] = names.reindex(companies.index).fillna(companies["domain"])
    ids = people[["source", "row_id"]].assign(company_id=named["id"].reindex(people.index))
    return Companies(companies.reset_index(), ids, successors(named["id"], named["company_id"]))


def build_contacts(people: pd.DataFrame, owners: pd.DataFrame, settings: ImportSettings, next_id: int) -> Contacts:
    """One contact per person, whatever the order of rows; the owners of exports are contacts too.

    Args:
        people: as `store.read_people` gives it, with companies assigned.
        owners: as `store.read_owners` gives it.
        next_id: first free contact id.
    """
    keys = NameKeys(settings)
    rows = pd.concat([people.astype(object), _owner_rows(owners, people, settings, keys).astype(object)], ignore_index=True)
    rows["reach_id"] = rows["reach_id"].where(rows["reach_id"].notna(), rows["known_reach_id"])
    rows["company_key"] = rows["company_id"].map(str, na_action="ignore").where(rows["source"] != "owner", "owner")
    identified = person_labels(rows, keys, settings.role_accounts)
    rows = rows.assign(evidence=identified["evidence"], id=stable_ids(identified["label"], rows["contact_id"], next_id))
    contacts = best_values(rows, "id", CONTACT_FIELDS, settings.source_order)
    contacts["reach_id"] = contacts["reach_id"].where(~contacts["reach_id"].duplicated(), None)
    contacts["linkedin_id"] = rows.dropna(subset=["linkedin_id"]).groupby("id")["linkedin_id"].first().reindex(contacts.index)
    contacts["is_owner"] = contacts.index.isin(rows.loc[rows["source"] == "owner", "id"]).astype(int)
    sources = rows[["source", "row_id", "evidence"]].assign(contact_id=rows["id"])
    return Contacts(contacts.reset_index(), sources, _verdicts(rows), successors(rows["id"], rows["contact_id"]))


def _verdicts(rows: pd.DataFrame) -> pd.DataFrame:
    """A pending row is imported when it is the first row of its contact, else merged into it."""
    from_files = rows[rows["source"] != "owner"]
    is_first = ~from_files["id"].duplicated()
    has_former = from_files["id"].isin(from_files.loc[from_files["verdict"] != "pending", "id"])
    verdict = (is_first & ~has_former).map({True: "imported", False: "merged"})
    return from_files[["source", "row_id"]].assign(verdict=verdict)[from_files["verdict"] == "pending"]


def _owner_rows(owners: pd.DataFrame, people: pd.DataFrame, settings: ImportSettings, keys: NameKeys) -> pd.DataFrame:
    """The owners as rows of a source of their own; a Connections.csv outside a ZIP has the owner that imports.yaml names.

    An export that does not tell its owner's profile leaves the one person of that name in the other exports: rather a namesake who is
    never written to than a colleague who is.
    """
    name = owners["owner"].astype(object).where(owners["owner"].notna(), owners["name"].astype(object).map(settings.owners))
    parts = name.astype(object).str.rsplit(" ", n=1)
    told = owners["owner_linkedin_id"].astype(object)
    rows = pd.DataFrame(
        {
            "source": "owner",
            "row_id": owners["file_id"],
            "file_id": owners["file_id"],
            "full_name": name,
            "first_name": parts.str[0],
            "last_name": parts.str[-1],
            "linkedin_id": told.where(told.notna(), _only_profile(name, people, keys)),
            "contact_id": owners["contact_id"],
        }
    )
    return rows[name.notna()]


def _only_profile(owner: pd.Series, people: pd.DataFrame, keys: NameKeys) -> pd.Series:
    """The profile of the owner's name, where exactly one profile in the exports bears it."""
    connected = people[people["source"] == "linkedin"].dropna(subset=["linkedin_id"])
    profiles = pd.DataFrame({"key": [keys.person(str(name)) for name in connected["full_name"]], "slug": connected["linkedin_id"].array})
    only = profiles.drop_duplicates().drop_duplicates("key", keep=False).set_index("key")["slug"]
    return owner.map(lambda name: only.get(keys.person(str(name))), na_action="ignore").astype(object)
