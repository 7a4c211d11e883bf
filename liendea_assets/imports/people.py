"""From landed rows to contacts: the rows concerned, who is who, ids that stay, surviving values; written in one transaction."""

import hashlib
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pandas as pd

from liendea_assets.core.clock import Clock, to_text
from liendea_assets.db.bulk_load import bulk_transaction, without_indexes
from liendea_assets.db.connection import Database
from liendea_assets.imports import decision_store, key_store, new_contact_store, store
from liendea_assets.imports.grouping import Ints, members
from liendea_assets.imports.identity import block_keys, person_labels
from liendea_assets.imports.model import CONTACT_FIELDS
from liendea_assets.imports.person_rows import OWNER_FACTS, read_people
from liendea_assets.imports.row_keys import fills, hash_words, keys_version
from liendea_assets.imports.row_positions import positions_of, source_codes
from liendea_assets.imports.settings import ImportSettings
from liendea_assets.imports.stable_ids import Identified, stable_ids
from liendea_assets.imports.survivorship import best_rows

# Counted up when the code of identity or survivorship changes: everybody is looked at again.
_CODE_VERSION = 1


def update_contacts(db: Database, settings: ImportSettings, clock: Clock) -> int:
    """Takes in the rows whose companies are known, and what they change of other rows' contacts; owners of exports are contacts too.

    Rows that decisions are about are always looked at, and all rows where settings have changed.

    Returns:
        How many rows were looked at.
    """
    decisions = decision_store.read_decisions(db, "contact")
    decided = decision_store.read_decided_rows(db, "contact")
    version = _version(settings)
    change_ids, changed = key_store.read_changes(db, has_companies=True)
    is_full = key_store.read_state(db, "contact") != version
    if changed.empty and decided.empty and not is_full:
        return 0
    people = read_people(db, settings)
    rows, owners, contact, anchor_of = people.rows, people.owners, people.contact, people.anchor_of
    if is_full:
        is_looked_at = np.ones(len(rows), dtype=bool)
    else:
        start = np.concatenate([positions_of(some, rows) for some in (changed, decided, owners) if len(some)])
        is_looked_at = _concerned(rows, contact, start[start >= 0])
    looked_at = rows[is_looked_at].reset_index(drop=True)
    labels = person_labels(looked_at, *decisions.within(looked_at))
    next_id = store.next_id(db)
    # new ids are given in the order in which files came
    order = np.lexsort((looked_at["row_id"], source_codes(looked_at), looked_at["file_id"]))
    identified = _in_order(labels["label"].to_numpy(), anchor_of[is_looked_at], order, next_id)
    best = _survivors(db, looked_at, identified, settings)
    is_plain = (best.index >= next_id) & ~best.index.isin(_with_other_values(db, looked_at, identified))
    of_one_row = is_plain & _of_one_row(best, looked_at)
    of_gtm_rows = is_plain & ~of_one_row & _of_gtm_rows(best, looked_at)
    contacts = _values(db, looked_at, owners, identified, best[~of_one_row & ~of_gtm_rows])
    made = looked_at[["source", "row_id", "file_id"]].assign(
        contact_id=identified.ids,
        evidence=labels["evidence"],
        anchor_of=identified.anchor_of,
        is_new=contact[is_looked_at] == 0,
    )
    held, coming = int((contact != 0).sum()), int(made["is_new"].sum())
    with bulk_transaction(db, "contacts", "contact_sources", held=held, coming=coming) as connection:
        store.release_keys(connection, contacts, identified.merged)
        with without_indexes(connection, "contacts", held=next_id - 1, coming=int(is_plain.sum())):
            new_contact_store.insert_from_one_row(connection, looked_at, best[of_one_row], to_text(clock.now()))
            new_contact_store.insert_from_gtm_rows(connection, looked_at, best[of_gtm_rows], to_text(clock.now()))
        store.store_contacts(connection, contacts, identified.merged, to_text(clock.now()))
        with without_indexes(connection, "contact_sources", held=held, coming=coming):
            store.store_sources(connection, made)
        key_store.drop_changes(connection, change_ids)
        key_store.store_state(connection, "contact", version)
    return len(looked_at)


def _version(settings: ImportSettings) -> str:
    parts = (_CODE_VERSION, keys_version(settings), sorted(settings.owners.items()), settings.orders_of_sources())
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def _concerned(rows: pd.DataFrame, contact: Ints, start: Ints) -> np.ndarray:
    """The rows that may be one person with any of these, over any number of steps, now or before."""
    is_concerned = np.zeros(len(rows), dtype=bool)
    is_concerned[start] = True
    blocks = [contact, *block_keys(rows)]
    # the rows that a block adds are looked up in all others
    new = is_concerned.nonzero()[0]
    while len(new):
        former = is_concerned.copy()
        for block in blocks:
            chosen = np.unique(block[new])
            is_concerned |= members(block, chosen[chosen != 0])
        new = (is_concerned & ~former).nonzero()[0]
    return is_concerned


def _in_order(labels: Ints, anchor_of: Ints, order: Ints, next_id: int) -> Identified:
    """Stable ids for rows that are taken in this order, given back in their own."""
    identified = stable_ids(labels[order], anchor_of[order], next_id)
    ids, anchors = np.empty_like(labels), np.empty_like(labels)
    ids[order], anchors[order] = identified.ids, identified.anchor_of
    return Identified(ids, anchors, identified.merged)


def _survivors(db: Database, rows: pd.DataFrame, identified: Identified, settings: ImportSettings) -> pd.DataFrame:
    """For each contact and field the position of the row whose value counts, -1 for none; `linkedin_id` besides."""
    filled = {field: fills(rows, field) for field in CONTACT_FIELDS if field != "company_id"}
    filled["company_id"] = (rows["company"] > 0).to_numpy()
    best = best_rows(store.with_files(db, rows), identified.ids, filled, settings.orders_of_sources())
    slugs = pd.DataFrame({"id": identified.ids, "slug": rows["slug"].to_numpy(), "place": np.arange(len(rows))})
    slugs = slugs[slugs["slug"] != 0].sort_values(["id", "slug"]).drop_duplicates("id").drop_duplicates("slug")
    best["linkedin_id"] = slugs.set_index("id")["place"].reindex(best.index, fill_value=-1)
    # one Reach id belongs to one contact
    place = best["reach_id"].to_numpy(dtype=np.int64)
    reach_ids = np.where(place >= 0, rows["reach_id"].to_numpy()[place], 0)
    best["reach_id"] = np.where(pd.Series(reach_ids).duplicated().to_numpy() & (reach_ids != 0), -1, place)
    return best


def _with_other_values(db: Database, rows: pd.DataFrame, identified: Identified) -> Ints:
    """Contacts that bear more than their landed rows say: owners, and those that a provider or a user told something of."""
    told = store.read_reach_ids(db)
    now = _current_ids(identified, (*told, *store.read_manual_values(db)["set_for"]))
    # two contacts that contradict each other may bear one Reach id, and only one of them can keep it
    is_other = (rows["source"] == "owner").to_numpy() | np.isin(rows["reach_id"].to_numpy(), hash_words(list(told.values())))
    return np.concatenate([identified.ids[is_other], np.array(list(now.values()), dtype=np.int64)])


def _of_one_row(best: pd.DataFrame, rows: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Contacts whose values all come from one row."""
    places = best.to_numpy(dtype=np.int64)
    row = places.max(axis=1)
    is_one = ((places == row[:, None]) | (places == -1)).all(axis=1)
    # of a key that two contacts bear, the one that does not have it is written without
    for key, column in (("slug", "linkedin_id"), ("reach_id", "reach_id")):
        is_one &= (rows[key].to_numpy()[row] != 0) == (best[column].to_numpy() >= 0)
    return np.asarray(is_one)


def _of_gtm_rows(best: pd.DataFrame, rows: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Contacts whose values all come from GTM rows."""
    # the last one is what -1, none, points to
    is_gtm = np.append((rows["source"] == "gtm").to_numpy(), True)
    return np.asarray(is_gtm[best.to_numpy(dtype=np.int64)].all(axis=1))


def _values(db: Database, rows: pd.DataFrame, owners: pd.DataFrame, identified: Identified, best: pd.DataFrame) -> pd.DataFrame:
    """Contacts with the values that survive; what a user set by hand comes before everything."""
    needed = np.unique(best.to_numpy(dtype=np.int64))
    needed = needed[needed >= 0]
    facts = store.read_values(db, rows.iloc[needed])
    facts = pd.concat([facts, owners[OWNER_FACTS]], ignore_index=True) if len(owners) else facts
    facts = facts.iloc[positions_of(rows.iloc[needed], facts)].set_axis(needed)
    contacts = pd.DataFrame(
        {field: facts[field].reindex(best[field]).array for field in (*CONTACT_FIELDS, "linkedin_id")}, index=best.index
    )
    # what was told of a contact counts for the one that it is part of now
    told, manual = store.read_reach_ids(db), store.read_manual_values(db)
    now = _current_ids(identified, (*told, *manual["set_for"]))
    learned = pd.Series({now[id_]: told[id_] for id_ in sorted(told, reverse=True) if id_ in now}, dtype="str").reindex(contacts.index)
    contacts["reach_id"] = contacts["reach_id"].astype("str").where(contacts["reach_id"].notna(), learned)
    contacts["reach_id"] = contacts["reach_id"].where(~contacts["reach_id"].duplicated())
    contacts["is_owner"] = contacts.index.isin(identified.ids[(rows["source"] == "owner").to_numpy()]).astype(int)
    manual["id"] = manual["set_for"].map(now)
    for field, values in manual.dropna(subset=["id"]).groupby("field"):
        by_hand = values.drop_duplicates("id", keep="last").set_index("id")["value"].reindex(contacts.index)
        contacts[str(field)] = by_hand.where(by_hand.notna(), contacts[str(field)])
    return contacts.rename_axis("id").reset_index()


def _current_ids(identified: Identified, of: Iterable[int]) -> dict[int, int]:
    """Of the ids that are looked at: id → the id of the contact that it is, or is part of, now."""
    is_asked = members(identified.anchor_of, np.array(list(of), dtype=np.int64))
    return dict(zip(identified.anchor_of[is_asked].tolist(), identified.ids[is_asked].tolist(), strict=True))
